/** Where numbers come from that a step did not compute: from before, inside or behind it. */

import { Sum, arrayAt, cell, letter, mark, named } from "./terms.js";

/** The steps that this one is made of. The whole net is the last step, named after its kind. */
function inside(step, { trace, at }) {
  return trace.steps.slice(0, at).filter((other) => contains(step, other, trace));
}

function contains(outer, other, trace) {
  return other.name.startsWith(outer.name + ".")
    || (outer === trace.steps.at(-1) && outer.name === outer.kind && other !== outer);
}

/** The names of the layers that a step is made of, those of a list as "blocks.0", "blocks.1". */
export function childrenOf(step, context) {
  if (!context) return [];
  const within = inside(step, context).map((other) => other.name);
  const start = within.some((name) => name.startsWith(step.name + ".")) ? step.name.length + 1 : 0;
  const first = within.map((name) => /^[^.]+(\.\d+)*/.exec(name.slice(start))[0]);
  return [...new Set(first)];
}

function equal(a, b) {
  if (!a || !b || a.size !== b.size) return false;
  const same = (one, other) => one === other || (one !== one && other !== other); // NaN too
  return a.data.every((number, i) => same(number, b.data[i]));
}

/** (B, T, D) and, cut into heads, (B, heads, T, d): the same numbers in another order. */
function cutIntoHeads(whole, heads) {
  if (whole?.shape.length !== 3 || heads?.shape.length !== 4) return false;
  const [, n, T, d] = heads.shape;
  if (whole.size !== heads.size || whole.shape[1] !== T || whole.shape[2] !== n * d) return false;
  return heads.data.every((number, at) => {
    const [b, head, t, i] = heads.unflat(at);
    return Object.is(number, whole.data[(b * T + t) * n * d + head * d + i]);
  });
}

const passedOn = (a, b) => equal(a, b) || cutIntoHeads(a, b) || cutIntoHeads(b, a);
const alike = (a, b) => equal(a, b) && a.shape.join() === b.shape.join();

const known = new WeakMap();

function remembered(step, what, find) {
  if (!known.has(step)) known.set(step, {});
  const facts = known.get(step);
  if (!(what in facts)) facts[what] = find();
  return facts[what];
}

/** An input: the output of an earlier step, a sum of two, or the net's own input. */
export function comeIn(step, key, index, context) {
  if (!context) return { origin: "before" };
  const x = step.inputs[key];
  const found = remembered(step, `inputs.${key}`, () => sourceOf(step, x, context));
  return answered(found, x, index, "before");
}

/** The gradient of an output: what one step behind says of its input, or two added up. */
export function comeBack(step, key, index, context) {
  if (!context) return { origin: "behind" };
  const dy = step.doutputs[key];
  const found = remembered(step, `doutputs.${key}`, () => readersOf(step, dy, context));
  return answered(found, dy, index, "behind");
}

/** What a step computed that is made of others: a sum of two, where it is one. */
export function madeInside(step, group, key, index, context) {
  if (!context || (group !== "outputs" && group !== "dinputs")) return null;
  const array = step[group][key];
  const pair = remembered(step, `${group}.${key}`, () => {
    const within = inside(step, context);
    const same = within.some((other) => other[group].some((one) => equal(one, array)));
    return same ? null : pairFor(array, arraysOf(within, context, GROUPS[group], step));
  });
  return pair && sumOfTwo(pair, array, index);
}

const GROUPS = { outputs: ["outputs", "inputs"], dinputs: ["dinputs", "doutputs"] };

function answered(found, array, index, otherwise) {
  if (!found) return { origin: otherwise };
  return found.origin ? found : sumOfTwo(found.pair, array, index);
}

function sourceOf(step, x, context) {
  const { trace, at } = context;
  const root = trace.steps.at(-1);
  const earlier = trace.steps.slice(0, at).filter((other) => !contains(step, other, trace));
  const from = earlier.findLast(({ outputs }) => outputs.some((y) => passedOn(y, x)));
  if (from) return { origin: `came from the layer before: ${from.name}` };
  if (step === root || root.inputs.some((input) => equal(input, x))) return { origin: "outside" };
  const pair = pairFor(x, arraysOf(earlier.toReversed(), context, GROUPS.outputs, root));
  return pair && { pair };
}

function readersOf(step, dy, context) {
  const { trace, at } = context;
  const later = trace.steps.slice(at + 1).filter((other) => !contains(other, step, trace));
  const same = later.find(({ dinputs }) => dinputs.some((dx) => passedOn(dx, dy)));
  if (same) return { origin: `came back from the layer behind: ${same.name}` };
  const pair = pairFor(dy, arraysOf(later, context, GROUPS.dinputs, trace.steps.at(-1)));
  return pair && { pair };
}

/** The arrays of these steps, the nearest first, each once; `more` is looked at last. */
function arraysOf(steps, { trace }, groups, more) {
  const found = [];
  for (const step of [...steps.slice(0, 40), more]) {
    for (const group of groups) {
      step[group].forEach((array, slot) => {
        if (!array || found.some((other) => alike(other.array, array))) return;
        found.push({ step, at: trace.steps.indexOf(step), place: `${group}.${slot}`, array });
      });
    }
  }
  return found;
}

/** Two arrays that add up to this one to the last digit: a short cut was added to a long way. */
function pairFor(x, arrays) {
  const fitting = arrays.filter(({ array }) => array.shape.join() === x.shape.join());
  const round = x.dtype === "float32" ? Math.fround : (sum) => sum;
  for (const [i, a] of fitting.entries()) {
    for (const b of fitting.slice(i)) {
      let k = 0;
      while (k < x.size && round(a.array.data[k] + b.array.data[k]) === x.data[k]) k++;
      if (k === x.size && x.data.some((number) => number !== 0)) return [a, b];
    }
  }
  return null;
}

function sumOfTwo(pair, x, index) {
  const sum = new Sum();
  const offset = x.flat(index);
  for (const { step, at, place, array } of pair) {
    sum.add(array.data[offset], () => [ofStep(cell(step, place, offset), step, at)]);
  }
  const names = pair.map(({ step, place }) =>
    `${named(letter(step, place), index)} of ${step.name}`);
  const lit = pair.map(({ place, at }) => ({ ...mark(place, index), at }));
  return sum.piece(names.join(" + "), lit);
}

/** The same cell, which says of which step of the trace it is. */
export function ofStep(part, step, at) {
  return { ...part, at, of: step.name };
}

/** Other steps that used the same weight: this layer again, or another that shares it. */
export function usesOf(step, key, context) {
  if (!context) return [];
  return remembered(step, `uses.${key}`, () => {
    const [W, dW] = [arrayAt(step, `params.${key}`), arrayAt(step, `dparams.${key}`)];
    const uses = [];
    context.trace.steps.forEach((other, at) => {
      if (other === step) return;
      for (const theirs of Object.keys(other.params)) {
        const again = other.name === step.name ? theirs === key
          : alike(other.params[theirs], W) && alike(other.dparams[theirs], dW) && dW.size > 1
            && dW.data.some((d) => d !== 0);
        if (again) uses.push({ step: other, key: theirs, at });
      }
    });
    return uses;
  });
}
