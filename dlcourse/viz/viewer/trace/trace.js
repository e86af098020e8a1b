// A trace as the viewer needs it: which steps are layers and which are made of others, who feeds whom.

import { Numbers } from "../frame/arrays.js";

/** Arrays that a page left out to stay small become null, and their shape is remembered. */
export function adopted(trace) {
  const steps = trace.steps.map((step) => {
    const leftOut = {};
    const kept = (value, place) => {
      if (value instanceof Numbers || value === null) return value;
      leftOut[place] = value.left_out;
      return null;
    };
    const own = { name: step.name, kind: step.kind, leftOut };
    for (const group of ["inputs", "outputs", "dinputs", "doutputs"]) {
      own[group] = step[group].map((value, i) => kept(value, `${group}.${i}`));
    }
    for (const group of ["params", "dparams"]) {
      own[group] = Object.fromEntries(Object.entries(step[group])
        .map(([name, value]) => [name, kept(value, `${group}.${name}`)]));
    }
    return own;
  });
  return { ...trace, steps };
}

/** The array at "params.weight", "inputs.0", …; null when it is not there. */
export function arrayAt(step, place) {
  const [group, name] = split(place);
  return step[group]?.[name] ?? null;
}

export function split(place) {
  const dot = place.indexOf(".");
  return [place.slice(0, dot), place.slice(dot + 1)];
}

/** Is this step made of other steps? The last step is the net itself if it bears its class's name. */
export function isComposite(trace, at) {
  const { name, kind } = trace.steps[at];
  if (at === trace.steps.length - 1 && name === kind && at > 0) return true;
  return trace.steps.some((other) => other.name.startsWith(`${name}.`));
}

/** Places of the steps that compute by themselves, in the order of their answers. */
export function leaves(trace) {
  const all = trace.steps.map((_, at) => at).filter((at) => !isComposite(trace, at));
  return all.length ? all : trace.steps.map((_, at) => at);
}

/** "fc1", and "act (2)" where a layer answers for the second time. */
export function labels(trace) {
  const seen = new Map();
  return trace.steps.map(({ name }) => {
    seen.set(name, (seen.get(name) ?? 0) + 1);
    return seen.get(name) > 1 ? `${name} (${seen.get(name)})` : name;
  });
}

/**
 * Who feeds whom: [{ from, to, sure }], places of steps. A layer reads what another one answered:
 * the same numbers. A sum of two answers is found too; where nothing fits, the order must do.
 */
export function edges(trace, places = leaves(trace)) {
  const found = [];
  places.forEach((to, i) => {
    const before = places.slice(0, i);
    for (const input of trace.steps[to].inputs) {
      if (!input) continue;
      const sources = givers(trace, before, input);
      for (const from of sources) found.push({ from, to, sure: true });
    }
    const none = !found.some((edge) => edge.to === to);
    if (none && i > 0 && !sameAsFirst(trace, places, to)) found.push({ from: places[i - 1], to, sure: false });
  });
  return found;
}

/** A second reader of the net's own input has no giver among the steps. */
function sameAsFirst(trace, places, to) {
  const [mine, first] = [trace.steps[to].inputs[0], trace.steps[places[0]].inputs[0]];
  return mine && first && same(mine, first);
}

function givers(trace, before, input) {
  const outputs = before.flatMap((from) =>
    trace.steps[from].outputs.filter(Boolean).map((output) => ({ from, output })));
  const one = outputs.findLast(({ output }) => same(output, input));
  if (one) return [one.from];
  const alike = outputs.filter(({ output }) => output.size === input.size).slice(-12).reverse();
  for (const [i, a] of alike.entries()) {
    const b = alike.slice(i + 1).find((other) => isSum(a.output, other.output, input));
    if (b) return [b.from, a.from];
  }
  return [];
}

/** The same numbers, perhaps in another shape. A few places are looked at before all of them. */
export function same(a, b) {
  if (a === b || a.data === b.data) return true;
  if (a.size !== b.size) return false;
  for (let i = 0; i < a.size; i++) {
    const [x, y] = [a.data[i], b.data[i]];
    if (x !== y && !(x !== x && y !== y)) return false;
  }
  return true;
}

function isSum(a, b, total) {
  const room = 1e-6 * Math.max(1, total.facts.reach);
  for (let i = 0; i < total.size; i++) {
    if (!(Math.abs(Number(a.data[i]) + Number(b.data[i]) - Number(total.data[i])) <= room)) return false;
  }
  return total.size > 0;
}

/** Weights of a step with what learners call them: [{ name, label, place }]. */
export function weightsOf(step) {
  return Object.keys(step.params).map((name) => ({ name, label: letter(name), place: `params.${name}` }));
}

const LETTERS = { weight: "W", bias: "b" };

export const letter = (name) => LETTERS[name] ?? name;

/** The first number on the way that is not finite: { at, place, flat }, or null. */
export function firstOdd(trace) {
  for (const at of leaves(trace)) {
    const { inputs, params, outputs } = trace.steps[at];
    const groups = { inputs, params, outputs };
    for (const [group, arrays] of Object.entries(groups)) {
      for (const [name, array] of Object.entries(arrays)) {
        if (array?.facts.odd) return { at, place: `${group}.${name}`, flat: array.facts.firstOdd };
      }
    }
  }
  return null;
}
