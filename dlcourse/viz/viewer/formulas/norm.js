/**
 * The formulas of batch norm, layer norm and RMS norm.
 *
 *   y = γ·(x − μ)/σ + β, and with x̂ = (x − μ)/σ and dx̂ = γ·dy
 *   dx = (dx̂ − mean dx̂ − x̂·mean (x̂·dx̂))/σ,  dγ = Σ dy·x̂,  dβ = Σ dy
 */

import {
  byBatch, centred, groupMarks, normOf, normalised, output, stat, statsOf, weightOf,
} from "./spread.js";
import {
  Sum, cell, inner, mark, markAlong, named, quantity, sameShape, single,
} from "./terms.js";

const norms = {
  fits(step) {
    const { inputs: [x], outputs: [y], params: { weight, bias } } = step;
    if (!x || x.size === 0 || x.shape.length < 2 || !sameShape(x, y)) return false;
    const own = byBatch(step) ? [x.shape[1]] : x.shape.slice(-(weight?.shape.length ?? 1));
    return [weight, bias].every((array) => !array || array.shape.join() === own.join());
  },

  outputs(step, slot, index) {
    const [norm, at] = [normOf(step), step.inputs[0].flat(index)];
    if (!norm || !statsOf(step, norm, norm.group(at))) return { origin: "setting" };
    const { stretched, beta, scale } = output(step, norm, at);
    const [w, sum] = [norm.weight(at), new Sum()];
    const { weight, bias } = step.params;
    const gamma = weight ? [cell(step, "params.weight", w), "·"] : [];
    sum.add(stretched, () => [...gamma, ...normalised(step, norm, at)]);
    if (bias) sum.add(beta, () => [cell(step, "params.bias", w)]);
    const lit = groupMarks(step, "inputs.0", norm, at);
    for (const key of ["weight", "bias"]) {
      if (step.params[key]) lit.push(mark(`params.${key}`, step.params[key].unflat(w)));
    }
    const x = named("x", index);
    const xhat = centred(step) ? `(${x} − μ)/σ` : `${x}/σ`;
    const own = weight ? `[${weight.unflat(w)}]` : "";
    const equation = `${weight ? `γ${own}·` : ""}${xhat}${bias ? ` + β${own}` : ""}`;
    return sum.piece(equation, lit, { scale, count: norm.count });
  },

  dinputs(step, slot, index) {
    const [norm, at] = [normOf(step), step.inputs[0].flat(index)];
    if (!norm || !statsOf(step, norm, norm.group(at))) return { origin: "setting" };
    return norm.running ? scaled(step, norm, at, index) : pulledBack(step, norm, at, index);
  },

  dparams(step, key, index) {
    const norm = normOf(step);
    const missing = byBatch(step) && norm && key === "weight" && !statsOf(step, norm, index[0]);
    if (!norm || missing) return { origin: "setting" };
    return byBatch(step) ? ofChannel(step, norm, key, index[0]) : ofPlace(step, norm, key, index);
  },
};

/** In use μ and σ do not depend on x, so dx = γ·dy/σ. */
function scaled(step, norm, at, index) {
  const g = norm.group(at);
  const { sigma } = statsOf(step, norm, g);
  const value = (step.doutputs[0].data[at] * weightOf(step, "weight", g, 1)) / sigma;
  const gamma = step.params.weight ? [cell(step, "params.weight", g), "·"] : [];
  const write = () => [...gamma, cell(step, "doutputs.0", at), "/", stat(step, norm, g, "sigma")];
  const lit = [mark("doutputs.0", index), ...weightMark(step, norm, at)];
  return single(`γ[${g}]·${named("dy", index)}/σ`, value, write, lit);
}

function weightMark(step, norm, at) {
  const { weight } = step.params;
  return weight ? [mark("params.weight", weight.unflat(norm.weight(at)))] : [];
}

/** x̂ of a cell. */
function hat(step, norm, at) {
  const { mean, sigma } = statsOf(step, norm, norm.group(at));
  return (step.inputs[0].data[at] - mean) / sigma;
}

/** dx̂ = γ·dy of a cell. */
function dhat(step, norm, at) {
  return step.doutputs[0].data[at] * weightOf(step, "weight", norm.weight(at), 1);
}

const groupSums = new WeakMap();

/** mean dx̂ and mean x̂·dx̂ of a group: what its numbers share, and what only stretches them. */
function pushes(step, norm, g) {
  if (!groupSums.has(step)) groupSums.set(step, new Map());
  const known = groupSums.get(step);
  if (!known.has(g)) {
    let [shared, stretch, size] = [0, 0, 0];
    for (let k = 0; k < norm.count; k++) {
      const at = norm.offset(g, k);
      const push = dhat(step, norm, at);
      shared += push / norm.count;
      stretch += (hat(step, norm, at) * push) / norm.count;
      size += Math.abs(push) / norm.count;
    }
    known.set(g, { shared: centred(step) ? shared : 0, stretch, size });
  }
  return known.get(g);
}

function pulledBack(step, norm, at, index) {
  const g = norm.group(at);
  const { sigma } = statsOf(step, norm, g);
  const { shared, stretch, size } = pushes(step, norm, g);
  const push = dhat(step, norm, at);
  const divisor = () => stat(step, norm, g, "sigma");
  const sum = new Sum();
  const gamma = step.params.weight ? [cell(step, "params.weight", norm.weight(at)), "·"] : [];
  sum.add(push / sigma, () => [...gamma, cell(step, "doutputs.0", at), "/", divisor()]);
  if (centred(step)) {
    sum.add(-shared / sigma, () => ["−", groupMean(step, norm, g, shared, false), "/", divisor()]);
  }
  sum.add((-hat(step, norm, at) * stretch) / sigma, () => ["−", ...normalised(step, norm, at), "·",
    groupMean(step, norm, g, stretch, true), "/", divisor()]);
  const lit = ["doutputs.0", "inputs.0"].flatMap((place) => groupMarks(step, place, norm, at));
  lit.push(...weightMark(step, norm, at));
  const mean = centred(step) ? " − mean dx̂" : "";
  const equation = `(${named("dx̂", index)}${mean} − ${named("x̂", index)}·mean (x̂·dx̂))/σ, `
    + "with dx̂ = γ·dy and x̂ = " + (centred(step) ? "(x − μ)/σ" : "x/σ");
  const far = 1 + Math.abs(statsOf(step, norm, g).mean) / sigma; // x − μ loses digits far from zero
  const scale = ((Math.abs(push) + size) * (1 + Math.abs(hat(step, norm, at))) * far) / sigma;
  return sum.piece(equation, lit, { scale, count: norm.count });
}

/** mean dx̂, or mean (x̂·dx̂), of a group. */
function groupMean(step, norm, g, value, stretched) {
  const symbol = stretched ? "mean (x̂·dx̂)" : "mean dx̂";
  const how = stretched ? "what would only stretch the lit numbers" : "what the lit numbers share";
  return quantity(symbol, value, how, () => {
    const sum = new Sum();
    const n = norm.count;
    for (let k = 0; k < n; k++) {
      const at = norm.offset(g, k);
      const gamma = () => (step.params.weight
        ? [cell(step, "params.weight", norm.weight(at)), "·"] : []);
      const dy = () => cell(step, "doutputs.0", at);
      const push = dhat(step, norm, at) / n;
      if (!stretched) sum.add(push, () => [...gamma(), dy(), `/${n}`]);
      else {
        const write = () => [...normalised(step, norm, at), "·", ...gamma(), dy(), `/${n}`];
        sum.add(hat(step, norm, at) * push, write);
      }
    }
    return inner(symbol, sum.piece(stretched ? "Σ x̂·dx̂ / n" : "Σ dx̂ / n", []));
  });
}

/** dγ = Σ dy·x̂ and dβ = Σ dy, over these cells. */
function ofCells(step, norm, key, offsets, equation, lit) {
  const sum = new Sum();
  const dy = step.doutputs[0].data;
  const cells = (k) => cell(step, "doutputs.0", offsets[k]);
  if (key === "bias") sum.addAll(offsets.length, (k) => dy[offsets[k]], (k) => [cells(k)]);
  else {
    const value = (k) => dy[offsets[k]] * hat(step, norm, offsets[k]);
    const write = (k) => [cells(k), "·", ...normalised(step, norm, offsets[k])];
    sum.addAll(offsets.length, value, write);
  }
  const scale = key === "bias" ? 0 : offsets.reduce((size, at) => {
    const { mean, sigma, reach } = statsOf(step, norm, norm.group(at));
    return size + (Math.abs(dy[at]) * (Math.abs(mean) + reach)) / sigma;
  }, 0);
  return sum.piece(equation, lit, { scale: sum.scale + scale });
}

function ofChannel(step, norm, key, c) {
  const offsets = Array.from({ length: norm.count }, (_, k) => norm.offset(c, k));
  const lit = [markAlong(step, "doutputs.0", { 1: c })];
  if (key === "weight") lit.push(markAlong(step, "inputs.0", { 1: c }));
  const equation = key === "weight" ? "Σ dy·(x − μ)/σ" : "Σ dy";
  return ofCells(step, norm, key, offsets, `${equation} over channel ${c}`, lit);
}

function ofPlace(step, norm, key, index) {
  const place = step.params[key].flat(index);
  const offsets = Array.from({ length: norm.groups }, (_, g) => norm.offset(g, place));
  const { shape } = step.doutputs[0];
  const first = shape.length - index.length;
  const fixed = Object.fromEntries(index.map((i, axis) => [first + axis, i]));
  const lit = [markAlong(step, "doutputs.0", fixed)];
  if (key === "weight") lit.push(markAlong(step, "inputs.0", fixed));
  const [dy, x] = ["dy", "x"].map((one) => named(one, ["…", ...index]));
  const times = key === "bias" ? "" : centred(step) ? `·(${x} − μ)/σ` : `·${x}/σ`;
  return ofCells(step, norm, key, offsets, `Σ ${dy}${times}`, lit);
}

export const kinds = {
  BatchNorm1d: norms, BatchNorm2d: norms, LayerNorm: norms, RMSNorm: norms,
};
