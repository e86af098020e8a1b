/**
 * The law of formulas: what is written, with its numbers put in, is the number that is stored.
 *
 *   node formulas_law.mjs FOLDER    reads every trace in it and prints what was found, as JSON
 */

import { readFileSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { pathToFileURL } from "node:url";

import { ORIGINS, explain } from "../../dlcourse/viz/viewer/formulas/explain.js";
import { arrayAt } from "../../dlcourse/viz/viewer/formulas/terms.js";
import { read } from "../../dlcourse/viz/viewer/frame/wire.js";

const GROUPS = ["inputs", "outputs", "dinputs", "doutputs", "params", "dparams"];
const WORDS = [
  ["·", "*"], ["−", "-"], ["²", "**2"], ["³", "**3"], ["π", "Math.PI"], ["e^(", "Math.exp("],
  ["√(", "Math.sqrt("], ["tanh(", "Math.tanh("], ["max0(", "Math.max(0,"], ["ln(", "Math.log("],
  ["max(", "Math.max("], ["σ(", "sigma("], [" > 0]", " > 0)"], ["[", "Number("],
];

/** A dice that falls the same way each time. */
export function dice(seed = 1) {
  return () => (seed = (seed * 16807) % 2147483647) / 2147483647;
}

/** What a term says: its texts as arithmetic, its cells and quantities as their values. */
export function said(parts) {
  const text = parts.map((part) => (typeof part === "string" ? part : `(${part.value})`)).join("");
  const code = WORDS.reduce((one, [word, js]) => one.replaceAll(word, js), text)
    .replaceAll("Math.Math.", "Math.");
  const sigma = (x) => 0.5 * Math.tanh(0.5 * x) + 0.5;
  return new Function("sigma", "erf", `return ${code};`)(sigma, slowErf);
}

/** erf as the integral that it is: another way than the viewer's. */
function slowErf(x) {
  const n = 4000;
  const h = x / n;
  let sum = 1 + Math.exp(-x * x);
  for (let i = 1; i < n; i++) sum += (i % 2 ? 4 : 2) * Math.exp(-((i * h) ** 2));
  return (2 / Math.sqrt(Math.PI)) * (sum * h) / 3;
}

const near = (a, b, size) => Object.is(a, b) || a === b || (a !== a && b !== b)
  || Math.abs(a - b) <= 1e-8 * (size + Math.abs(b)) + 1e-300;

/** The size of the largest number that stands in a term, or 1. */
function reach(parts) {
  const sizes = parts.map((part) => Math.abs(part.value)).filter(Number.isFinite);
  return Math.max(1, ...sizes);
}

/** What is wrong with a formula's terms: empty where all of it is true. */
export function untrue(formula, step, trace, depth = 0) {
  const wrong = [];
  const values = formula.terms.map(({ value }) => value);
  const together = formula.joint === "max" ? Math.max(...values)
    : values.reduce((a, b) => a + b, 0);
  const total = formula.around ? said([formula.around[0], { value: together }, formula.around[1]])
    : together;
  const size = values.reduce((sum, value) => sum + Math.abs(value), 0);
  const same = near(total, formula.total, size);
  if (!same) wrong.push(`its terms make ${total}, not ${formula.total}`);
  for (const { value, parts } of formula.terms.filter((_, i) => i % 97 < 5)) {
    if (parts.some((part) => typeof part === "string" && part.startsWith("…"))) continue;
    if (!near(said(parts), value, reach(parts) ** 2)) {
      const text = parts.map((part) => part.symbol ?? part).join("");
      wrong.push(`the term ${text} makes ${said(parts)}, not ${value}`);
    }
    for (const part of parts.filter((one) => typeof one !== "string")) {
      wrong.push(...partUntrue(part, formula, step, trace, depth));
    }
  }
  return wrong;
}

function partUntrue(part, formula, step, trace, depth) {
  if (part.place === null) {
    const own = depth < 4 && part.formula();
    if (!own) return part.how ? [] : [`${part.symbol} does not say where it comes from`];
    const wrong = untrue(own, step, trace, depth + 1);
    const alike = near(own.total, part.value, 1);
    return alike ? wrong : [...wrong, `${part.symbol} is ${own.total} and ${part.value}`];
  }
  const home = part.at === undefined ? step : trace.steps[part.at];
  const array = arrayAt(home, part.place);
  if (!array || !Object.is(array.at(part.index), part.value)) return [`no cell ${part.symbol}`];
  const holds = (box) => box.place === part.place && box.at === part.at
    && part.index.every((i, axis) => box.from[axis] <= i && i <= box.to[axis]);
  const lit = depth > 0 || formula.marks.some(holds);
  return lit ? [] : [`${part.symbol} at ${part.place} is not lit`];
}

/** What is wrong with the boxes: they must lie inside their arrays. */
export function badMarks(formula, step, trace) {
  return formula.marks.filter(({ place, from, to, at }) => {
    const array = arrayAt(at === undefined ? step : trace.steps[at], place);
    return !array?.has(from) || !array.has(to) || from.some((i, axis) => i > to[axis]);
  }).map(({ place, from, to }) => `a mark of ${place} from [${from}] to [${to}]`);
}

const placesOf = (step) => GROUPS.flatMap((group) =>
  Object.keys(step[group]).map((key) => `${group}.${key}`));

/** Looks at some cells of every array of a trace; counts into `tally`, gives what is wrong. */
export function law(trace, tally, { cells = 4, roll = dice() } = {}) {
  const wrong = [];
  trace.steps.forEach((step, at) => {
    for (const place of placesOf(step)) {
      const array = arrayAt(step, place);
      for (let k = 0; array?.size && k < cells; k++) {
        const index = array.unflat(Math.floor(roll() * array.size));
        const formula = explain(step, place, index, { trace, at });
        const found = check(formula, step, trace, count(tally, step, place));
        wrong.push(...found.map((one) => `${step.name} ${place} [${index}]: ${one}`));
      }
    }
  });
  return wrong;
}

function count(tally, step, place) {
  return (tally[`${step.kind} ${place.split(".")[0]}`] ??= { seen: 0, explained: 0, origins: {} });
}

function check(formula, step, trace, counted) {
  counted.seen++;
  if (formula.origin !== null) {
    const known = Object.values(ORIGINS).find((one) => formula.origin.startsWith(one));
    counted.origins[known] = (counted.origins[known] ?? 0) + 1;
    return known ? [] : [`no known origin: ${formula.origin}`];
  }
  counted.explained++;
  const wrong = [...untrue(formula, step, trace), ...badMarks(formula, step, trace)];
  if (!formula.agrees) wrong.push(`${formula.total} does not agree with ${formula.stored}`);
  if (!formula.equation) wrong.push("it has no equation");
  return wrong;
}

function main(folder) {
  const [tally, wrong, roll] = [{}, [], dice()];
  for (const file of readdirSync(folder).filter((name) => name.endsWith(".trace")).sort()) {
    const trace = read(readFileSync(join(folder, file))).content;
    wrong.push(...law(trace, tally, { roll }).map((one) => `${file}: ${one}`));
  }
  console.log(JSON.stringify({ tally, wrong: wrong.slice(0, 20), count: wrong.length }));
}

if (import.meta.url === pathToFileURL(process.argv[1]).href) main(process.argv[2]);
