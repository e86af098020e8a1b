/** The formulas of Conv2d and its reverse, ConvTranspose2d; also in one dimension and in groups. */

import { Sum, mark, markAlong, named, sumOver } from "./terms.js";
import { bothWays, firstThatFits, reach, waysToSlide, windowsOver } from "./window.js";

/** A convolution seen from its wide side (the picture) and its narrow side (one number a window).
 *  For Conv2d the wide side is x and the narrow one y; for ConvTranspose2d it is the other way. */
function sides(step) {
  const turned = step.kind.startsWith("ConvTranspose");
  const flat = step.kind.endsWith("1d");
  const [wide, narrow] = turned ? ["outputs.0", "inputs.0"] : ["inputs.0", "outputs.0"];
  const W = step.params.weight;
  const shape = (array) => (flat ? array.shape.toSpliced(2, 0, 1) : array.shape);
  const [x, y] = [step.inputs[0], step.outputs[0]];
  return { turned, flat, wide, narrow, W, weightShape: shape(W),
    wideShape: shape(turned ? y : x), narrowShape: shape(turned ? x : y) };
}

const settings = new WeakMap();

/** Stride, padding, dilation down and across, and how many groups of channels there are. */
function settingOf(step) {
  if (!settings.has(step)) settings.set(step, foundSetting(step));
  return settings.get(step);
}

function foundSetting(step) {
  const side = sides(step);
  const { wideShape, narrowShape, weightShape } = side;
  const ways = [2, 3].map((axis) => side.flat && axis === 2
    ? [{ stride: 1, padding: 0, dilation: 1, kernel: 1 }]
    : waysToSlide(wideShape[axis], weightShape[axis], narrowShape[axis]));
  const groups = wideShape[1] / weightShape[1];
  if (!Number.isInteger(groups)) return null;
  const tries = bothWays(...ways).map(([down, across]) => ({ ...side, down, across, groups }));
  const sums = (setting, offset) => answer(step, setting, step.outputs[0].unflat(offset));
  const value = (setting, offset) => sums(setting, offset).total;
  return firstThatFits(tries, step.outputs[0], value, (s, offset) => sums(s, offset).scale + 1e-30);
}

const spread = (index, flat) => (flat ? index.toSpliced(2, 0, 0) : index);

function offsetOf(shape, n, c, r, s) {
  return ((n * shape[1] + c) * shape[2] + r) * shape[3] + s;
}

/** Σ over a window: of the wide side times the weights, as y of Conv2d and dx of its reverse. */
function gather(step, set, place, [n, o, r, s]) {
  const { wideShape, weightShape, groups, down, across } = set;
  const [outs, C, , w] = weightShape;
  const first = Math.floor(o / (outs / groups)) * C;
  const rows = reach(down, r, wideShape[2]);
  const columns = reach(across, s, wideShape[3]);
  const [inWide, inWeight] = [[], []];
  for (let c = 0; c < C; c++) {
    for (let i = rows.first; i <= rows.last; i++) {
      const row = offsetOf(wideShape, n, first + c, rows.start + i * down.dilation, columns.start);
      const weights = ((o * C + c) * weightShape[2] + i) * w;
      for (let j = columns.first; j <= columns.last; j++) {
        inWide.push(row + j * across.dilation);
        inWeight.push(weights + j);
      }
    }
  }
  const sum = new Sum();
  sum.products(step, place, (k) => inWide[k], "params.weight", (k) => inWeight[k], inWide.length);
  const box = boxOf(set, n, [first, first + C - 1], rows, columns);
  return { sum, box: inWide.length ? [mark(place, ...box)] : [] };
}

function boxOf({ flat, down, across }, n, [first, last], rows, columns) {
  const corner = (c, i, j) => {
    const at = [n, c, rows.start + i * down.dilation, columns.start + j * across.dilation];
    return flat ? at.toSpliced(2, 1) : at;
  };
  return [corner(first, rows.first, columns.first), corner(last, rows.last, columns.last)];
}

/** Σ over all windows that hold a cell, as dx of Conv2d and y of its reverse. */
function scatter(step, set, place, [n, c, row, column]) {
  const { narrowShape, weightShape, groups, down, across } = set;
  const [outs, C, h, w] = weightShape;
  const share = outs / groups;
  const first = Math.floor(c / C) * share;
  const rows = windowsOver(down, row, narrowShape[2]);
  const columns = windowsOver(across, column, narrowShape[3]);
  const [inNarrow, inWeight] = [[], []];
  for (let o = first; o < first + share; o++) {
    for (const [r, i] of rows) {
      for (const [s, j] of columns) {
        inNarrow.push(offsetOf(narrowShape, n, o, r, s));
        inWeight.push(((o * C + (c % C)) * h + i) * w + j);
      }
    }
  }
  const sum = new Sum();
  sum.products(step, place, (k) => inNarrow[k], "params.weight", (k) => inWeight[k],
    inNarrow.length);
  return { sum, box: windowBox(set, place, n, [first, first + share - 1], rows, columns) };
}

function windowBox({ flat }, place, n, [first, last], rows, columns) {
  if (!rows.length || !columns.length) return [];
  const corner = (c, pick) => {
    const at = [n, c, pick(...rows.map(([r]) => r)), pick(...columns.map(([s]) => s))];
    return flat ? at.toSpliced(2, 1) : at;
  };
  return [mark(place, corner(first, Math.min), corner(last, Math.max))];
}

function answer(step, set, index) {
  const find = set.turned ? scatter : gather;
  const { sum, box } = find(step, set, "inputs.0", spread(index, set.flat));
  if (step.params.bias) sum.cells(step, "params.bias", () => index[1], 1);
  return Object.assign(sum, { box });
}

/** "2r+i−1": where on the wide side the window at `place` has its corner `corner`. */
function slid({ stride, padding, dilation }, place, corner) {
  const [at, from] = [place, corner].map((one) => typeof one === "number");
  const fixed = (at ? place * stride : 0) + (from ? corner * dilation : 0) - padding;
  const letters = [];
  if (!at) letters.push((stride > 1 ? stride : "") + place);
  if (!from) letters.push((dilation > 1 ? dilation : "") + corner);
  if (fixed > 0 && at) return [fixed, ...letters].join("+");
  const rest = fixed ? (fixed < 0 ? `−${-fixed}` : `+${fixed}`) : "";
  return letters.join("+") + rest;
}

function gatherText(set, name, W, [n, o, r, s]) {
  const rows = set.flat ? [] : [slid(set.down, r, "i")];
  const at = [n, "k", ...rows, slid(set.across, s, "j")];
  const corners = set.flat ? ["k", "j"] : ["k", "i", "j"];
  return `${sumOver(...corners)} ${named(name, at)}·${named(W, [o, ...corners])}`;
}

function scatterText(set, name, W, [n, c, row, column]) {
  const [places, corners] = set.flat ? [["s"], ["j"]] : [["r", "s"], ["i", "j"]];
  const meets = [`${slid(set.across, "s", "j")} = ${column}`];
  if (!set.flat) meets.unshift(`${slid(set.down, "r", "i")} = ${row}`);
  const weight = named(W, ["o", c % set.weightShape[1], ...corners]);
  const product = `${named(name, [n, "o", ...places])}·${weight}`;
  return `Σ ${product} over all windows with ${meets.join(", ")}`;
}

/** The weights of one channel: of the wide side they lie on axis 1, group by group the same. */
function own({ weightShape }, wide, channel) {
  return wide ? { 1: channel % weightShape[1] } : { 0: channel };
}

const conv = {
  fits({ kind, inputs: [x], outputs: [y], params: { weight: W } }) {
    const axes = kind.endsWith("1d") ? 3 : 4;
    if ([x, y, W].some((array) => array?.shape.length !== axes)) return false;
    const [wide, narrow] = kind.startsWith("ConvTranspose") ? [y, x] : [x, y];
    return narrow.shape[1] === W.shape[0] && wide.shape[1] % W.shape[1] === 0;
  },

  outputs(step, slot, index) {
    const set = settingOf(step);
    if (!set) return { origin: "setting" };
    const sum = answer(step, set, index);
    const o = index[1];
    const lit = [...sum.box, markAlong(step, "params.weight", own(set, set.turned, o))];
    if (step.params.bias) lit.push(mark("params.bias", [o]));
    const text = set.turned ? scatterText : gatherText;
    const equation = text(set, "x", "W", spread(index, set.flat));
    return sum.piece((step.params.bias ? `b[${o}] + ` : "") + equation, lit);
  },

  dinputs(step, slot, index) {
    const set = settingOf(step);
    if (!set) return { origin: "setting" };
    const [find, text] = set.turned ? [gather, gatherText] : [scatter, scatterText];
    const { sum, box } = find(step, set, "doutputs.0", spread(index, set.flat));
    const lit = [...box, markAlong(step, "params.weight", own(set, !set.turned, index[1]))];
    return sum.piece(text(set, "dy", "W", spread(index, set.flat)), lit);
  },

  dparams(step, key, index) {
    const set = settingOf(step);
    if (!set) return { origin: "setting" };
    return key === "bias" ? ofBias(step, index[0], set.flat) : ofWeight(step, set, index);
  },
};

function ofBias(step, o, flat) {
  const { shape, size } = step.doutputs[0];
  const places = shape.slice(2).reduce((product, n) => product * n, 1);
  const sum = new Sum();
  const at = (k) => (Math.floor(k / places) * shape[1] + o) * places + (k % places);
  sum.cells(step, "doutputs.0", at, size / shape[1]);
  const letters = flat ? ["s"] : ["r", "s"];
  const equation = `${sumOver("n", ...letters)} ${named("dy", ["n", o, ...letters])}`;
  return sum.piece(equation, [markAlong(step, "doutputs.0", { 1: o })]);
}

/** dW = Σ over all places of the window of what lies under this weight, times what came out. */
function ofWeight(step, set, index) {
  const { wideShape, narrowShape, weightShape, turned, flat, down, across } = set;
  const [o, c, i, j] = spread(index, flat);
  const first = Math.floor(o / (weightShape[0] / set.groups)) * weightShape[1];
  const [inWide, inNarrow] = [[], []];
  for (let n = 0; n < narrowShape[0]; n++) {
    for (let r = 0; r < narrowShape[2]; r++) {
      const row = r * down.stride - down.padding + i * down.dilation;
      if (row < 0 || row >= wideShape[2]) continue;
      for (let s = 0; s < narrowShape[3]; s++) {
        const column = s * across.stride - across.padding + j * across.dilation;
        if (column < 0 || column >= wideShape[3]) continue;
        inWide.push(offsetOf(wideShape, n, first + c, row, column));
        inNarrow.push(offsetOf(narrowShape, n, o, r, s));
      }
    }
  }
  const [wide, narrow] = turned ? ["doutputs.0", "inputs.0"] : ["inputs.0", "doutputs.0"];
  const sum = new Sum();
  sum.products(step, narrow, (k) => inNarrow[k], wide, (k) => inWide[k], inWide.length);
  const [wideName, narrowName] = turned ? ["dy", "x"] : ["x", "dy"];
  const places = flat ? ["s"] : ["r", "s"];
  const under = flat ? [slid(across, "s", j)] : [slid(down, "r", i), slid(across, "s", j)];
  const equation = `${sumOver("n", ...places)} ${named(narrowName, ["n", o, ...places])}·`
    + named(wideName, ["n", first + c, ...under]);
  return sum.piece(equation, [
    markAlong(step, narrow, { 1: o }), markAlong(step, wide, { 1: first + c }),
  ]);
}

export const kinds = {
  Conv2d: conv, Conv1d: conv, ConvTranspose2d: conv, ConvTranspose1d: conv,
};
