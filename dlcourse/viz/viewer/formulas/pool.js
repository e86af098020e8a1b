/** The formulas of pooling: each window of a picture told by its largest number or by its mean. */

import { Sum, Term, cell, mark, named, quantity } from "./terms.js";
import { bothWays, firstThatFits, reach, waysToSlide, windowsOver } from "./window.js";

const settings = new WeakMap();

function settingOf(step) {
  if (!settings.has(step)) {
    const adaptive = step.kind.startsWith("Adaptive");
    const whole = step.outputs[0].shape.slice(2).every((size) => size === 1);
    settings.set(step, adaptive && !whole ? adaptiveSetting(step) : foundSetting(step));
  }
  return settings.get(step);
}

/** Windows that share a picture evenly: possible where its size is a multiple. */
function adaptiveSetting(step) {
  const [x, y] = [step.inputs[0].shape, step.outputs[0].shape];
  const even = [2, 3].map((axis) => x[axis] / y[axis]);
  if (!even.every(Number.isInteger)) return null;
  const [down, across] = even.map((k) => ({ kernel: k, stride: k, padding: 0, dilation: 1 }));
  return { down, across };
}

function foundSetting(step) {
  const [x, y] = [step.inputs[0].shape, step.outputs[0].shape];
  const tries = bothWays(...[2, 3].map((axis) => waysAlong(x[axis], y[axis])));
  const value = ([down, across], offset) => {
    const numbers = windowAt(step, { down, across }, step.outputs[0].unflat(offset));
    return pooled(step, numbers.map((k) => step.inputs[0].data[k]), { down, across });
  };
  const { data } = step.inputs[0];
  const size = data.reduce((most, number) => Math.max(most, Math.abs(number)), 1e-30);
  const found = firstThatFits(tries, step.outputs[0], value, () => size);
  return found && { down: found[0], across: found[1] };
}

/** Windows side by side come first, then any that overlap or leave something out. */
function waysAlong(size, places) {
  const ways = [];
  for (let kernel = 1; kernel <= size; kernel++) {
    for (const rounding of [Math.floor, Math.ceil]) {
      const more = waysToSlide(size, kernel, places, { rounding, dilations: 1 });
      ways.push(...more.filter((way) => 2 * way.padding <= kernel));
    }
  }
  const odd = (way) => Number(way.stride !== way.kernel) + way.padding;
  return ways.sort((a, b) => odd(a) - odd(b) || a.kernel - b.kernel);
}

/** The offsets of x that a window sees. */
function windowAt(step, { down, across }, [n, c, r, s]) {
  const x = step.inputs[0];
  const rows = reach(down, r, x.shape[2]);
  const columns = reach(across, s, x.shape[3]);
  const offsets = [];
  for (let i = rows.first; i <= rows.last; i++) {
    for (let j = columns.first; j <= columns.last; j++) {
      offsets.push(x.flat([n, c, rows.start + i, columns.start + j]));
    }
  }
  return offsets;
}

const isMax = (step) => step.kind.includes("Max");
const countOf = ({ down, across }) => down.kernel * across.kernel;

function pooled(step, numbers, set) {
  if (!isMax(step)) return numbers.reduce((sum, number) => sum + number, 0) / countOf(set);
  return numbers.reduce(larger, -Infinity);
}

const larger = (a, b) => (a >= b || a !== a ? a : b);

/** Which number of a window wins: the first of the largest. */
function winner(step, offsets) {
  const { data } = step.inputs[0];
  return offsets.reduce((best, k) => (data[k] > data[best] || data[k] !== data[k] ? k : best));
}

const pool = {
  fits: ({ inputs: [x], outputs: [y] }) => [x, y].every((array) => array?.shape.length === 4)
    && x.shape[0] === y.shape[0] && x.shape[1] === y.shape[1],

  outputs(step, slot, index) {
    const set = settingOf(step);
    if (!set) return { origin: "setting" };
    const offsets = windowAt(step, set, index);
    const ends = [offsets[0], offsets.at(-1)].map((k) => step.inputs[0].unflat(k));
    const lit = [mark("inputs.0", ...ends)];
    const seen = boxText(...ends);
    return isMax(step) ? largest(step, offsets, seen, lit) : mean(step, set, offsets, seen, lit);
  },

  /** Each window that holds this number hands on its dy: all of it to the largest, or shares. */
  dinputs(step, slot, index) {
    const set = settingOf(step);
    if (!set) return { origin: "setting" };
    const own = step.inputs[0].flat(index);
    const sum = new Sum();
    const lit = [mark("inputs.0", index)];
    const [n, c, row, column] = index;
    const [, , R, S] = step.outputs[0].shape;
    for (const [r] of windowsOver(set.down, row, R)) {
      for (const [s] of windowsOver(set.across, column, S)) {
        lit.push(mark("doutputs.0", [n, c, r, s]));
        addShare(step, set, sum, [n, c, r, s], own);
      }
    }
    const share = isMax(step) ? "·(1 where x was its largest, else 0)" : `/${countOf(set)}`;
    return sum.piece(`Σ dy[${n},${c},r,s]${share} over all windows with ${named("x", index)}`, lit);
  },
};

function addShare(step, set, sum, place, own) {
  const offset = step.doutputs[0].flat(place);
  const dy = step.doutputs[0].data[offset];
  const parts = () => cell(step, "doutputs.0", offset);
  if (!isMax(step)) return sum.add(dy / countOf(set), () => [parts(), `/${countOf(set)}`]);
  const offsets = windowAt(step, set, place);
  const won = winner(step, offsets) === own ? 1 : 0;
  const how = won ? "x was the largest of this window" : "another was the largest of this window";
  return sum.add(dy * won, () => [parts(), "·", quantity("won", won, how)]);
}

/** "x[0,1,4…5,2…3]": all that lies between two cells. */
function boxText(from, to) {
  const range = (first, last) => (first === last ? first : `${first}…${last}`);
  return named("x", from.map((first, axis) => range(first, to[axis])));
}

function largest(step, offsets, seen, marks) {
  const { data } = step.inputs[0];
  const terms = offsets.map((k) => new Term(data[k], () => [cell(step, "inputs.0", k)]));
  const total = offsets.reduce((most, k) => larger(data[k], most), -Infinity);
  const equation = `max of ${seen}`;
  return { equation, terms, joint: "max", total, scale: Math.abs(total), marks };
}

function mean(step, set, offsets, seen, lit) {
  const sum = new Sum();
  const n = countOf(set);
  const { data } = step.inputs[0];
  for (const k of offsets) sum.add(data[k] / n, () => [cell(step, "inputs.0", k), `/${n}`]);
  return sum.piece(`Σ of ${seen}/${n}: their mean`, lit);
}

export const kinds = {
  MaxPool2d: pool, AvgPool2d: pool, AdaptiveAvgPool2d: pool, AdaptiveMaxPool2d: pool,
};
