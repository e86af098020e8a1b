/** The formulas of Linear, of Embedding and of positions: rows of weights. */

import {
  LEADING, Sum, arrayAt, cell, mark, markAlong, named, quantity, sameShape, single, sizeOf, sumOver,
} from "./terms.js";

/** y = x Wᵀ + b on the last axis, with any axes before it. */
const linear = {
  fits({ inputs: [x], outputs: [y], params: { weight: W, bias: b } }) {
    if (!x || !y || W?.shape.length !== 2 || !x.shape.length) return false;
    const biased = !b || b.shape.join() === String(W.shape[0]);
    return biased && W.shape[1] === x.shape.at(-1)
      && y.shape.join() === [...x.shape.slice(0, -1), W.shape[0]].join();
  },

  outputs(step, slot, index) {
    const { weight: W, bias: b } = step.params;
    const [width, o] = [W.shape[1], index.at(-1)];
    const row = index.slice(0, -1);
    const start = step.inputs[0].flat([...row, 0]);
    const sum = new Sum();
    const along = (k) => start + k;
    sum.products(step, "inputs.0", along, "params.weight", (k) => o * width + k, width);
    if (b) sum.cells(step, "params.bias", () => o, 1);
    const plusBias = b ? ` + b[${o}]` : "";
    const equation = `${sumOver("i")} ${named("x", [...row, "i"])}·W[${o},i]${plusBias}`;
    return sum.piece(equation, [
      mark("inputs.0", [...row, 0], [...row, width - 1]),
      mark("params.weight", [o, 0], [o, width - 1]),
      ...(b ? [mark("params.bias", [o])] : []),
    ]);
  },

  dinputs(step, slot, index) {
    const [outs, width] = step.params.weight.shape;
    const [row, i] = [index.slice(0, -1), index.at(-1)];
    const start = step.doutputs[0].flat([...row, 0]);
    const sum = new Sum();
    const column = (k) => k * width + i;
    sum.products(step, "doutputs.0", (k) => start + k, "params.weight", column, outs);
    return sum.piece(`${sumOver("o")} ${named("dy", [...row, "o"])}·W[o,${i}]`, [
      mark("doutputs.0", [...row, 0], [...row, outs - 1]),
      mark("params.weight", [0, i], [outs - 1, i]),
    ]);
  },

  dparams(step, key, index) {
    const dy = step.doutputs[0];
    const [o, i] = index;
    const outs = dy.shape.at(-1);
    const rows = dy.size / outs;
    const letters = LEADING.slice(0, dy.shape.length - 1);
    const all = letters.length ? sumOver(...letters) + " " : "";
    const sum = new Sum();
    const lit = [markAlong(step, "doutputs.0", { [dy.shape.length - 1]: o })];
    if (key === "bias") {
      sum.cells(step, "doutputs.0", (k) => k * outs + o, rows);
      return sum.piece(`${all}${named("dy", [...letters, o])}`, lit);
    }
    const width = step.inputs[0].shape.at(-1);
    const column = (k) => k * width + i;
    sum.products(step, "doutputs.0", (k) => k * outs + o, "inputs.0", column, rows);
    lit.push(markAlong(step, "inputs.0", { [dy.shape.length - 1]: i }));
    const equation = `${all}${named("dy", [...letters, o])}·${named("x", [...letters, i])}`;
    return sum.piece(equation, lit);
  },
};

/** y = W[x]: a row of weights, looked up. */
const embedding = {
  fits({ inputs: [x], outputs: [y], params: { weight: W } }) {
    if (!x || W?.shape.length !== 2) return false;
    return y?.shape.join() === [...x.shape, W.shape[1]].join()
      && x.data.every((token) => token >= 0 && token < W.shape[0]);
  },

  outputs(step, slot, index) {
    const [place, d] = [index.slice(0, -1), index.at(-1)];
    const token = step.inputs[0].at(place);
    const offset = step.params.weight.flat([Number(token), d]);
    const value = step.params.weight.data[offset];
    const lit = [mark("inputs.0", place), mark("params.weight", [Number(token), d])];
    const equation = `W[${named("x", place)}, ${d}] = W[${token},${d}]`;
    return single(equation, value, () => [cell(step, "params.weight", offset)], lit);
  },

  dinputs: () => ({ origin: "tokens" }),

  dparams(step, key, [row, d]) {
    const [tokens, width] = [step.inputs[0].data, step.doutputs[0].shape.at(-1)];
    const sum = new Sum();
    const lit = [];
    const dy = step.doutputs[0].data;
    for (let k = 0; k < tokens.length; k++) {
      if (tokens[k] !== row) continue;
      const offset = k * width + d;
      sum.add(dy[offset], () => [cell(step, "doutputs.0", offset)]);
      const place = step.inputs[0].unflat(k);
      if (lit.length < 200) lit.push(mark("doutputs.0", [...place, d]), mark("inputs.0", place));
    }
    const letters = LEADING.slice(0, step.inputs[0].shape.length);
    const where = `where ${named("x", letters)} = ${row}`;
    return sum.piece(`${sumOver(...letters)} ${named("dy", [...letters, d])} ${where}`, lit);
  },
};

const starts = new WeakMap();

/** The place of the first token, which no array holds: the one that gives the stored outputs. */
function startOf(step) {
  if (!starts.has(step)) {
    const arrays = [step.inputs[0], step.params.weight, step.outputs[0]];
    const [x, W, y] = arrays.map((array) => array.data);
    const [T, D] = step.inputs[0].shape.slice(-2);
    const span = sizeOf([T, D]);
    const miss = (start) => {
      let worst = 0;
      for (let k = 0; k < span; k++) {
        worst = Math.max(worst, Math.abs(x[k] + W[start * D + k] - y[k]));
      }
      return worst;
    };
    const places = Array.from({ length: step.params.weight.shape[0] - T + 1 }, (_, start) => start);
    starts.set(step, places.reduce((best, start) => (miss(start) < miss(best) ? start : best), 0));
  }
  return starts.get(step);
}

const same = (step, slot, index) => {
  const offset = step.doutputs[0].flat(index);
  const value = step.doutputs[0].data[offset];
  const lit = [mark("doutputs.0", index)];
  return single(named("dy", index), value, () => [cell(step, "doutputs.0", offset)], lit);
};

/** y = x + W[place] */
const learnedPositions = {
  fits({ inputs: [x], outputs: [y], params: { weight: W } }) {
    return sameShape(x, y) && x.shape.length === 3 && W?.shape.length === 2
      && W.shape[1] === x.shape[2] && W.shape[0] >= x.shape[1];
  },

  outputs(step, slot, [n, t, d]) {
    const place = startOf(step) + t;
    const sum = new Sum();
    sum.cells(step, "inputs.0", () => step.inputs[0].flat([n, t, d]), 1);
    sum.cells(step, "params.weight", () => step.params.weight.flat([place, d]), 1);
    const lit = [mark("inputs.0", [n, t, d]), mark("params.weight", [place, d])];
    return sum.piece(`x[${n},${t},${d}] + W[${place},${d}]`, lit);
  },

  dinputs: same,

  dparams(step, key, [place, d]) {
    const dy = step.doutputs[0];
    const [B, T] = dy.shape;
    const t = place - startOf(step);
    const sum = new Sum();
    if (t < 0 || t >= T) return sum.piece("0, for no token stood at this place", []);
    sum.cells(step, "doutputs.0", (n) => dy.flat([n, t, d]), B);
    return sum.piece(`Σₙ dy[n,${t},${d}]`, [markAlong(step, "doutputs.0", { 1: t, 2: d })]);
  },
};

/** y = x + table[place], where the table is made of sines and cosines. */
const sinusoidalPositions = {
  fits: ({ inputs: [x], outputs: [y] }) => sameShape(x, y) && x.shape.length === 3
    && x.shape[2] % 2 === 0,

  outputs(step, slot, [n, t, d]) {
    const offset = step.inputs[0].flat([n, t, d]);
    const width = step.inputs[0].shape[2];
    const wave = d % 2 ? "cos" : "sin";
    const start = sinusoidStart(step);
    const angle = (start + t) * Math.exp((d - (d % 2)) * (-Math.log(10000) / width));
    const value = Math.fround(Math[wave](angle));
    const sum = new Sum();
    sum.cells(step, "inputs.0", () => offset, 1);
    const how = `${wave} of ${angle.toPrecision(4)}, the angle of this hand at place ${start + t}`;
    sum.add(value, () => [quantity(`table[${start + t},${d}]`, value, how)]);
    const equation = `x[${n},${t},${d}] + ${wave}(${start + t} / 10000^(${d - (d % 2)}/${width}))`;
    return { ...sum.piece(equation, [mark("inputs.0", [n, t, d])]), dtype: "float32" };
  },

  dinputs: same,
};

function sinusoidStart(step) {
  if (!starts.has(step)) {
    const [x, y] = [step.inputs[0], step.outputs[0]].map((array) => array.data);
    const found = Math.atan2(y[0] - x[0], y[1] - x[1]); // the fastest hand: sine and cosine of p
    const turn = 2 * Math.PI;
    const near = (p) => Math.abs(((p - found + Math.PI) % turn + turn) % turn - Math.PI) < 1e-3;
    let start = 0;
    while (start < 1000 && !near(start)) start++;
    starts.set(step, start < 1000 ? start : 0);
  }
  return starts.get(step);
}

export const kinds = {
  Linear: linear,
  Embedding: embedding,
  LearnedPositions: learnedPositions,
  SinusoidalPositions: sinusoidalPositions,
};
