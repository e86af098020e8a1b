/** Mean and spread of the groups that a norm layer works on, and their own formulas. */

import { Sum, cell, inner, mark, quantity, sizeOf } from "./terms.js";
import { samples } from "./window.js";

const EPSILONS = [1e-5, 1e-6, 1e-3, 1e-12, 1e-8, 2 ** -23, 2 ** -52, 0];
export const byBatch = (step) => step.kind.startsWith("BatchNorm");
export const centred = (step) => step.kind !== "RMSNorm";
const facts = new WeakMap();

/** How the numbers are grouped: offset of the k-th of group g, and which γ belongs to it. */
function layoutOf(step) {
  const { shape, size } = step.inputs[0];
  if (byBatch(step)) {
    const [C, inner] = [shape[1], sizeOf(shape.slice(2))];
    const offset = (g, k) => (Math.floor(k / inner) * C + g) * inner + (k % inner);
    const group = (at) => Math.floor(at / inner) % C;
    return { count: size / C, groups: C, offset, group, weight: group };
  }
  const count = step.params.weight?.size ?? shape.at(-1);
  return { count, groups: size / count, offset: (g, k) => g * count + k,
    group: (at) => Math.floor(at / count), weight: (at) => at % count };
}

export function normOf(step) {
  if (!facts.has(step)) facts.set(step, found(step));
  return facts.get(step);
}

/** Layout, ε and, for batch norm in use, the running μ and σ of each channel. */
function found(step) {
  const norm = { ...layoutOf(step), stats: new Map(), running: false };
  const epsilons = [...EPSILONS, ownEpsilon(step, norm)];
  const tries = epsilons.map((eps) => ({ ...norm, eps, stats: new Map() }));
  const misses = tries.map((one) => missOf(step, one));
  const least = Math.min(...misses);
  if (least <= 1) return tries[misses.findIndex((miss) => miss <= 4 * least + 1e-6)];
  if (!byBatch(step)) return null;
  const running = { ...norm, running: true, eps: 0 };
  return missOf(step, running) <= 1 ? running : null;
}

/** ε of a layer that has an unusual one: what the spread of y says is more than that of x. */
function ownEpsilon(step, norm) {
  const [x, y] = [step.inputs[0].data, step.outputs[0].data];
  const at = norm.offset(0, 0);
  const { mean, sigma } = computed(step, { ...norm, eps: 0 }, norm.group(at));
  const [gamma, beta] = [weightOf(step, "weight", norm.weight(at), 1),
    weightOf(step, "bias", norm.weight(at), 0)];
  const epsilon = ((gamma * (x[at] - mean)) / (y[at] - beta)) ** 2 - sigma ** 2;
  return epsilon > 0 && epsilon < 10 ? Number(epsilon.toPrecision(2)) : 0;
}

/** How far the stored outputs are from such a layer's; above 1 it is more than rounding. */
function missOf(step, norm) {
  const y = step.outputs[0];
  const digits = y.dtype === "float64" ? 1e-12 : 2e-6;
  return samples(y, 60).reduce((worst, at) => {
    if (!statsOf(step, norm, norm.group(at))) return worst; // nothing can be said of this channel
    const { value, scale } = output(step, norm, at);
    if (Object.is(value, y.data[at])) return worst;
    const miss = Math.abs(value - y.data[at]) / (digits * scale);
    return miss <= worst ? worst : Number.isNaN(miss) ? Infinity : miss;
  }, 0);
}

/** μ and σ of a group, and how large its numbers are. */
export function statsOf(step, norm, g) {
  if (norm.stats.has(g)) return norm.stats.get(g);
  const stats = norm.running ? readOff(step, norm, g) : computed(step, norm, g);
  norm.stats.set(g, stats);
  return stats;
}

function computed(step, { count, offset, eps }, g) {
  const { data } = step.inputs[0];
  let [mean, variance] = [0, 0];
  if (centred(step)) {
    for (let k = 0; k < count; k++) mean += data[offset(g, k)];
    mean /= count;
  }
  let reach = 0; // roundings of μ are as large as the numbers that it is the mean of
  for (let k = 0; k < count; k++) {
    variance += (data[offset(g, k)] - mean) ** 2;
    reach += Math.abs(data[offset(g, k)]) / count;
  }
  variance /= count;
  return { mean, sigma: Math.sqrt(variance + eps), reach };
}

/** In use μ and σ are constants that no array holds; the straight line from x to y tells them. */
function readOff(step, { count, offset }, g) {
  const [x, y] = [step.inputs[0].data, step.outputs[0].data];
  const [gamma, beta] = [weightOf(step, "weight", g, 1), weightOf(step, "bias", g, 0)];
  let [xMean, yMean, steep, wide, reach] = [0, 0, 0, 0, 0];
  for (let k = 0; k < count; k++) xMean += x[offset(g, k)] / count;
  for (let k = 0; k < count; k++) yMean += y[offset(g, k)] / count;
  for (let k = 0; k < count; k++) {
    const [dx, dy] = [x[offset(g, k)] - xMean, y[offset(g, k)] - yMean];
    steep += dx * dy;
    wide += dx * dx;
    reach = Math.max(reach, Math.abs(x[offset(g, k)]));
  }
  const sigma = (gamma * wide) / steep;
  if (!(sigma > 0) || sigma === Infinity) return null; // γ = 0, or all x are the same
  return { mean: xMean - ((yMean - beta) * sigma) / gamma, sigma, reach };
}

export function weightOf(step, key, at, otherwise) {
  return step.params[key] ? step.params[key].data[at] : otherwise;
}

export function output(step, norm, at) {
  const { mean, sigma, reach } = statsOf(step, norm, norm.group(at));
  const [x, w] = [step.inputs[0].data[at], norm.weight(at)];
  const [gamma, beta] = [weightOf(step, "weight", w, 1), weightOf(step, "bias", w, 0)];
  const stretched = (gamma * (x - mean)) / sigma;
  const size = Math.abs(x) + Math.abs(mean) + reach;
  const scale = (Math.abs(gamma) * size) / sigma + Math.abs(beta) + 1e-30;
  return { value: stretched + beta, stretched, beta, scale };
}

const HOW = {
  mean: ["μ", "the mean of the lit numbers of x"],
  sigma: ["σ", "√(mean (x − μ)² + ε) of the lit numbers of x"],
  root: ["σ", "√(mean x² + ε) of the lit numbers of x"],
};
const RUNNING = "kept from learning; read off from how y of this channel follows x";

/** μ or σ as a part of a term; asked for its formula it shows the sum that it is. */
export function stat(step, norm, g, what) {
  const value = statsOf(step, norm, g)[what];
  const how = norm.running ? RUNNING
    : HOW[what === "sigma" && !centred(step) ? "root" : what][1];
  const formula = () => (norm.running ? null : sumOf(step, norm, g, what));
  return quantity(HOW[what][0], value, how, formula);
}

function sumOf(step, norm, g, what) {
  const { count, offset } = norm;
  const sum = new Sum();
  const add = what === "mean" ? addToMean : addToSpread;
  for (let k = 0; k < count; k++) add(sum, step, norm, g, offset(g, k));
  if (what === "mean") return inner(HOW.mean[0], sum.piece(`Σ x/${count}`, []));
  const apart = centred(step) ? "(x − μ)" : "x";
  const piece = sum.piece(`√(Σ ${apart}²/${count} + ε), ε = ${norm.eps}`, []);
  const total = Math.sqrt(piece.total + norm.eps);
  return inner(HOW.sigma[0], { ...piece, total, around: ["√(", ` + ${norm.eps})`] });
}

function addToMean(sum, step, { count }, g, at) {
  sum.add(step.inputs[0].data[at] / count, () => [cell(step, "inputs.0", at), `/${count}`]);
}

function addToSpread(sum, step, norm, g, at) {
  const { mean } = statsOf(step, norm, g);
  const x = () => cell(step, "inputs.0", at);
  const write = () => (centred(step)
    ? ["(", x(), " − ", stat(step, norm, g, "mean"), `)²/${norm.count}`]
    : [x(), `²/${norm.count}`]);
  sum.add((step.inputs[0].data[at] - mean) ** 2 / norm.count, write);
}

/** "(x − μ)/σ" with the numbers. */
export function normalised(step, norm, at) {
  const g = norm.group(at);
  const [x, sigma] = [cell(step, "inputs.0", at), stat(step, norm, g, "sigma")];
  return centred(step) ? ["(", x, " − ", stat(step, norm, g, "mean"), ")/", sigma]
    : [x, "/", sigma];
}

/** Boxes round a group: a row, or one channel of all pictures. */
export function groupMarks(step, place, norm, at) {
  const { shape } = step.inputs[0];
  const [g, array] = [norm.group(at), step.inputs[0]];
  if (!byBatch(step)) {
    const ends = [norm.offset(g, 0), norm.offset(g, norm.count - 1)];
    return [mark(place, ...ends.map((end) => array.unflat(end)))];
  }
  return [mark(place, shape.map((_, axis) => (axis === 1 ? g : 0)),
    shape.map((size, axis) => (axis === 1 ? g : size - 1)))];
}

