/** The formulas of softmax and of its logarithm: each number of a row depends on the whole row. */

import { Sum, cell, inner, mark, named, quantity, sameShape, single } from "./terms.js";

/** e^x of a row of cells, shifted by the largest as the layers do it, and their sum. */
function exponentials(data, offsets) {
  let largest = -Infinity;
  for (const offset of offsets) largest = Math.max(largest, data[offset]);
  let total = 0;
  for (const offset of offsets) total += Math.exp(data[offset] - largest);
  return { largest, total };
}

/** softmax at one cell of a row: its value, its size with all roundings, and its parts. */
function softmaxOf(data, offset, offsets, cellAt) {
  const { largest, total } = exponentials(data, offsets);
  const value = Math.exp(data[offset] - largest) / total;
  const write = () => {
    const most = quantity("max", largest, "the largest of the row, so that no e^x overflows");
    const all = quantity("Σ", total, "the sum of e^(x − max) over the row");
    return ["e^(", cellAt(offset), " − ", most, ")/", all];
  };
  return { value, write, scale: value * (2 + largest - data[offset]) };
}

/** softmax at the c-th of `count` cells that lie side by side from `first` on. */
export function softmaxAt(data, first, count, c, cellAt) {
  return softmaxOf(data, first + c, Array.from({ length: count }, (_, i) => first + i), cellAt);
}

const axes = new WeakMap();

/** Along which axis: where the outputs (of log softmax their e^y) add up to 1. */
function axisOf(step) {
  if (!axes.has(step)) {
    const { shape, data } = step.outputs[0];
    const log = step.kind === "LogSoftmax";
    const miss = (axis) => {
      let worst = 0;
      for (let row = 0; row < Math.min(32, data.length / shape[axis]); row++) {
        const first = firstOf(shape, axis, row);
        const parts = line(shape, axis, first).map((k) => (log ? Math.exp(data[k]) : data[k]));
        const sum = parts.reduce((total, part) => total + part, 0);
        worst = Math.max(worst, Math.abs(sum - 1));
      }
      return worst;
    };
    const found = shape.map((_, axis) => axis).filter((axis) => miss(axis) < 1e-4);
    axes.set(step, found.includes(shape.length - 1) ? shape.length - 1 : found[0]);
  }
  return axes.get(step);
}

function stride(shape, axis) {
  return shape.slice(axis + 1).reduce((product, size) => product * size, 1);
}

function firstOf(shape, axis, row) {
  const inner = stride(shape, axis);
  return Math.floor(row / inner) * inner * shape[axis] + (row % inner);
}

/** The offsets of all cells that differ from this one along the axis only. */
function line(shape, axis, offset) {
  const inner = stride(shape, axis);
  const first = offset - (Math.floor(offset / inner) % shape[axis]) * inner;
  return Array.from({ length: shape[axis] }, (_, i) => first + i * inner);
}

function ends(shape, axis, index) {
  return [index.with(axis, 0), index.with(axis, shape[axis] - 1)];
}

function setting(step, index) {
  const { shape } = step.outputs[0];
  const axis = axisOf(step);
  if (axis === undefined) return null;
  const offset = step.outputs[0].flat(index);
  const letters = index.with(axis, "j");
  return { offset, offsets: line(shape, axis, offset), row: ends(shape, axis, index), letters };
}

const noAxis = { origin: "unknown setting" };

const fits = ({ inputs: [x], outputs: [y] }) => sameShape(x, y);

const softmax = {
  fits,

  outputs(step, slot, index) {
    const found = setting(step, index);
    if (!found) return noAxis;
    const { offset, offsets, row, letters } = found;
    const equation = `e^${named("x", index)} / Σⱼ e^${named("x", letters)}`;
    const cellAt = (at) => cell(step, "inputs.0", at);
    const { value, write, scale } = softmaxOf(step.inputs[0].data, offset, offsets, cellAt);
    return single(equation, value, write, [mark("inputs.0", ...row)], scale);
  },

  dinputs(step, slot, index) {
    const found = setting(step, index);
    if (!found) return noAxis;
    const { offset, offsets, row, letters } = found;
    const [y, dy] = [step.outputs[0].data, step.doutputs[0].data];
    const mean = offsets.reduce((sum, k) => sum + dy[k] * y[k], 0);
    const size = offsets.reduce((sum, k) => sum + Math.abs(dy[k] * y[k]), 0);
    const how = "Σⱼ dyⱼ·yⱼ over the row: what the row as a whole is to blame for";
    const write = () => {
      const shared = quantity("mean dy", mean, how, () => blame(step, offsets, letters));
      const own = (place) => cell(step, place, offset);
      return [own("outputs.0"), "·(", own("doutputs.0"), " − ", shared, ")"];
    };
    const equation = `${named("y", index)}·(${named("dy", index)} − `
      + `Σⱼ ${named("dy", letters)}·${named("y", letters)})`;
    const lit = [mark("outputs.0", ...row), mark("doutputs.0", ...row)];
    const scale = y[offset] * (Math.abs(dy[offset]) + size);
    return single(equation, y[offset] * (dy[offset] - mean), write, lit, scale);
  },
};

/** The formula of Σⱼ dyⱼ·yⱼ. */
function blame(step, offsets, letters) {
  const sum = new Sum();
  const at = (k) => offsets[k];
  sum.products(step, "doutputs.0", at, "outputs.0", at, offsets.length);
  const equation = `Σⱼ ${named("dy", letters)}·${named("y", letters)}`;
  return inner("mean dy", sum.piece(equation, []));
}

const logSoftmax = {
  fits,

  outputs(step, slot, index) {
    const found = setting(step, index);
    if (!found) return noAxis;
    const { offset, offsets, row, letters } = found;
    const { data } = step.inputs[0];
    const { largest, total } = exponentials(data, offsets);
    const log = largest + Math.log(total);
    const how = "ln Σⱼ e^xⱼ over the row";
    const write = () => [cell(step, "inputs.0", offset), " − ", quantity("ln Σ", log, how)];
    const equation = `${named("x", index)} − ln Σⱼ e^${named("x", letters)}`;
    const scale = Math.abs(data[offset]) + Math.abs(log);
    return single(equation, data[offset] - log, write, [mark("inputs.0", ...row)], scale);
  },

  dinputs(step, slot, index) {
    const found = setting(step, index);
    if (!found) return noAxis;
    const { offset, offsets, row, letters } = found;
    const [y, dy] = [step.outputs[0].data, step.doutputs[0].data];
    const sum = offsets.reduce((s, k) => s + dy[k], 0);
    const size = offsets.reduce((s, k) => s + Math.abs(dy[k]), 0);
    const write = () => {
      const shared = quantity("Σ dy", sum, "the sum of dy over the row");
      const own = (place) => cell(step, place, offset);
      return [own("doutputs.0"), " − e^(", own("outputs.0"), ")·", shared];
    };
    const equation = `${named("dy", index)} − e^${named("y", index)}·Σⱼ ${named("dy", letters)}`;
    const lit = [mark("doutputs.0", ...row), mark("outputs.0", index)];
    const share = Math.exp(y[offset]);
    const scale = Math.abs(dy[offset]) + share * size * (1 + Math.abs(y[offset]));
    return single(equation, dy[offset] - share * sum, write, lit, scale);
  },
};

export const kinds = { Softmax: softmax, LogSoftmax: logSoftmax };
