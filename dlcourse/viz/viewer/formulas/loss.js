/**
 * The gradient of the loss, where the way back begins. A trace holds no targets, but where softmax,
 * σ or plain differences explain the gradient, they can be read off from it.
 */

import { softmaxAt } from "./softmax.js";
import { arrayAt, cell, mark, named, quantity, single } from "./terms.js";

const sigmoid = (x) => 0.5 * Math.tanh(0.5 * x) + 0.5;
const known = new WeakMap();

/** dy of a step whose outputs went into the loss; null for all others. */
export function fromLoss(step, key, index, context) {
  const [y, dy] = [step.outputs[key], step.doutputs[key]];
  if (!y || !dy || !isLast(step, y, context)) return null;
  if (!known.has(dy)) known.set(dy, recognised(y, dy, context.trace.loss));
  const found = known.get(dy);
  return found ? found.piece(step, Number(key), index) : { origin: "loss" };
}

/** The outputs of the whole net are its last step's; the layer that made them has the same. */
function isLast(step, y, context) {
  if (!context) return false;
  const root = context.trace.steps.at(-1);
  return step === root || root.outputs.some((answer) => answer && answer.size === y.size
    && answer.data.every((number, i) => Object.is(number, y.data[i])));
}

function recognised(y, dy, loss) {
  const tries = [crossEntropy, binaryCrossEntropy, meanSquare];
  for (const attempt of tries) {
    const found = attempt(y, dy, loss);
    if (found) return found;
  }
  return null;
}

const near = (a, b, y, size = 1) => Math.abs(a - b) <= (y.dtype === "float64" ? 1e-9 : 3e-5) * size;

/** dy = (softmax(y) − onehot)/n: a row's label is where dy is negative; rows of 0 do not count. */
function crossEntropy(y, dy, loss) {
  const C = y.shape.at(-1);
  const rows = y.size / C;
  if (!y.shape.length || C < 2) return null;
  const labels = Array.from({ length: rows }, (_, row) => labelOf(dy, row, C));
  const counted = labels.filter((label) => label !== null).length;
  if (!counted || labels.includes(undefined)) return null;
  let total = 0;
  for (let row = 0; row < rows; row++) {
    if (labels[row] === null) continue;
    const at = row * C;
    for (let c = 0; c < C; c++) {
      const p = softmaxAt(y.data, at, C, c).value;
      if (!near(dy.data[at + c] * counted, p - Number(c === labels[row]), y)) return null;
      if (c === labels[row]) total -= Math.log(p) / counted;
    }
  }
  if (loss !== null && !near(total, loss, y, 10 + Math.abs(loss))) return null;
  return { piece: (...where) => ofCrossEntropy(labels, counted, C, ...where) };
}

/** Where dy is negative; null for a row of zeros, undefined where it is not one place alone. */
function labelOf(dy, row, C) {
  const numbers = Array.from({ length: C }, (_, c) => dy.data[row * C + c]);
  if (numbers.every((number) => number === 0)) return null;
  const negative = numbers.flatMap((number, c) => (number < 0 ? [c] : []));
  return negative.length === 1 ? negative[0] : undefined;
}

function ofCrossEntropy(labels, counted, C, step, slot, index) {
  const place = `outputs.${slot}`;
  const y = arrayAt(step, place);
  const [offset, c] = [y.flat(index), index.at(-1)];
  const row = Math.floor(offset / C);
  const lit = [mark(place, [...index.slice(0, -1), 0], [...index.slice(0, -1), C - 1])];
  if (labels[row] === null) {
    return single("0: this row does not count", 0, () => ["0"], lit, 1);
  }
  const { value: p, write } = softmaxAt(y.data, row * C, C, c, (at) => cell(step, place, at));
  const isLabel = Number(c === labels[row]);
  const parts = () => ["(", ...write(), ` − ${isLabel})/${counted}`];
  const whole = named("y", [...index.slice(0, -1), "…"]);
  const equation = `(softmax(${whole})[${c}] − ${isLabel})/${counted}`
    + `: cross entropy, the label of this row is ${labels[row]}`;
  const reach = Math.max(...y.data.slice(row * C, row * C + C).map(Math.abs));
  return single(equation, (p - isLabel) / counted, parts, lit, (1 + reach) / counted);
}

/** dy = (σ(y) − t)/n with t either 0 or 1. */
function binaryCrossEntropy(y, dy, loss) {
  let total = 0;
  const targets = new Float64Array(y.size);
  for (let i = 0; i < y.size; i++) {
    const p = sigmoid(y.data[i]);
    const target = p - dy.data[i] * y.size;
    targets[i] = Math.round(target);
    if (!near(target, targets[i], y) || targets[i] < 0 || targets[i] > 1) return null;
    const x = y.data[i];
    total += (Math.max(x, 0) - x * targets[i] + Math.log1p(Math.exp(-Math.abs(x)))) / y.size;
  }
  if (!y.size || (loss !== null && !near(total, loss, y, 10 + Math.abs(loss)))) return null;
  return { piece: (step, slot, index) => {
    const offset = y.flat(index);
    const place = `outputs.${slot}`;
    const value = (sigmoid(y.data[offset]) - targets[offset]) / y.size;
    const parts = () => ["(σ(", cell(step, place, offset), `) − ${targets[offset]})/${y.size}`];
    const equation = `(σ(${named("y", index)}) − ${targets[offset]})/${y.size}: `
      + "binary cross entropy";
    return single(equation, value, parts, [mark(place, index)], 1 / y.size);
  } };
}

/** dy = 2(y − t)/n: recognised by the loss, which is the mean of (y − t)² for these t. */
function meanSquare(y, dy, loss) {
  if (loss === null || !y.size) return null;
  let mean = 0;
  for (let i = 0; i < y.size; i++) mean += ((dy.data[i] * y.size) / 2) ** 2 / y.size;
  if (!near(mean, loss, y, Math.abs(loss))) return null;
  return { piece: (step, slot, index) => {
    const offset = y.flat(index);
    const place = `outputs.${slot}`;
    const target = y.data[offset] - (dy.data[offset] * y.size) / 2;
    const how = "what the answer should have been, read off from dy";
    const t = quantity(named("target", index), target, how);
    const parts = () => ["2·(", cell(step, place, offset), " − ", t, `)/${y.size}`];
    const equation = `2·(${named("y", index)} − ${t.symbol})/${y.size}: mean squared error`;
    const value = (2 * (y.data[offset] - target)) / y.size;
    return single(equation, value, parts, [mark(place, index)], Math.abs(y.data[offset]) / y.size);
  } };
}
