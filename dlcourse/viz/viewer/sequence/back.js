// Backward through time: how the loss asks every state, gate and input of a recurrent layer to
// change. The way is linear in where it begins, so the loss at one single moment can go it alone.

import { ofExample, stackHeight } from "../tokens/unroll.js";

/**
 * What comes from the loss: "all", or through the output of moment `source` alone.
 * { dy (T·H), dh, dc: for the last state of each layer }; null where the trace has no gradients.
 */
export function fromLoss(step, b, source) {
  const [dy, dhLast, dcLast] = step.doutputs;
  if (![dy, dhLast, dcLast].some(Boolean)) return null;
  const [, T, H] = step.outputs[0].shape;
  const seed = ofExample(dy, b, T * H);
  const height = stackHeight(step);
  const last = (numbers, level) =>
    (numbers && source === "all" ? ofExample(numbers, level * numbers.shape[1] + b, H)
      : new Float64Array(H));
  if (source !== "all") {
    seed.fill(0, 0, source * H);
    seed.fill(0, (source + 1) * H);
  }
  const levels = [...Array(height).keys()];
  return { dy: seed, dh: levels.map((n) => last(dhLast, n)),
    dc: levels.map((n) => last(dcLast, n)) };
}

/** The way back through all layers of `unroll`, for each { dh, dc, da, daH, dx, dh0, dc0 }. */
export function backThroughTime(layers, { dy, dh, dc }) {
  const found = [];
  for (let level = layers.length - 1; level >= 0; level--) {
    found[level] = backThrough(layers[level], dy, dh[level], dc[level]);
    dy = found[level].dx;
  }
  return found;
}

function backThrough(layer, dy, dhLast, dcLast) {
  const { T, H, I, names, kind } = layer;
  const rows = names.length * H;
  const back = {
    dy, dhLast, dcLast, dh: new Float64Array(T * H), dc: kind === "LSTM" ? new Float64Array(T * H)
      : null,
    da: new Float64Array(T * rows), daH: new Float64Array(T * rows), dx: new Float64Array(T * I),
  };
  let [carry, carryC] = [dhLast, dcLast];
  for (let t = T - 1; t >= 0; t--) {
    const before = { h: new Float64Array(H), c: new Float64Array(H) };
    for (let j = 0; j < H; j++) {
      back.dh[t * H + j] = dy[t * H + j] + carry[j];
      SLOPES[kind](layer, back, t, j, before, carryC);
    }
    multiply(layer.hh, back.daH, t * rows, rows, before.h, 0, H);
    multiply(layer.ih, back.da, t * rows, rows, back.dx, t * I, I);
    [carry, carryC] = [before.h, before.c];
  }
  return { ...back, dh0: carry, dc0: carryC };
}

/** out += Wᵀ·da of one moment. */
function multiply(W, da, from, rows, out, to, width) {
  for (let row = 0; row < rows; row++) {
    const push = da[from + row];
    if (push === 0) continue;
    for (let k = 0; k < width; k++) out[to + k] += push * W[row * width + k];
  }
}

/** From dh (and dc) of one unit at one moment to da of its gates; what skips the gates goes ahead. */
const SLOPES = {
  RNN({ H, h, ramp }, { dh, da, daH }, t, j) {
    const [at, y] = [t * H + j, h[(t + 1) * H + j]];
    da[at] = daH[at] = dh[at] * (ramp ? Number(y > 0) : 1 - y * y);
  },

  LSTM({ H, c, parts }, { dh, dc, da, daH }, t, j, before, carryC) {
    const at = t * H + j;
    const [i, f, g, o] = ["i", "f", "g", "o"].map((name) => parts[name][at]);
    const bent = Math.tanh(c[at + H]);
    dc[at] = carryC[j] + dh[at] * o * (1 - bent * bent);
    const row = 4 * t * H + j;
    da[row] = daH[row] = dc[at] * g * i * (1 - i);
    da[row + H] = daH[row + H] = dc[at] * c[at] * f * (1 - f);
    da[row + 2 * H] = daH[row + 2 * H] = dc[at] * i * (1 - g * g);
    da[row + 3 * H] = daH[row + 3 * H] = dh[at] * bent * o * (1 - o);
    before.c[j] = dc[at] * f;
  },

  GRU({ H, h, parts, fromState }, { dh, da, daH }, t, j, before) {
    const at = t * H + j;
    const [r, z, n] = ["r", "z", "n"].map((name) => parts[name][at]);
    const row = 3 * t * H + j;
    const dn = dh[at] * (1 - z) * (1 - n * n);
    da[row] = daH[row] = dn * fromState[at] * r * (1 - r);
    da[row + H] = daH[row + H] = dh[at] * (h[at] - n) * z * (1 - z);
    da[row + 2 * H] = dn;
    daH[row + 2 * H] = dn * r;
    before.h[j] = dh[at] * z;
  },
};

/** How long the gradient is at each moment: √Σ², for (T, N) numbers. */
export function lengths(data, T) {
  const N = data.length / T;
  return Float64Array.from({ length: T }, (_, t) => {
    let sum = 0;
    for (let i = t * N; i < (t + 1) * N; i++) sum += data[i] * data[i];
    return Math.sqrt(sum);
  });
}

/**
 * What becomes of a gradient on its way back from moment `from` to moment 0.
 * { ratio, perMoment, verdict: "vanishes" | "explodes" | "holds" | "absent" | "odd" | "short" }
 */
export function fate(norms, from) {
  const ratio = norms[0] / norms[from];
  if (!norms.every(Number.isFinite)) return { ratio, perMoment: NaN, verdict: "odd" };
  if (!(norms[from] > 0)) return { ratio: NaN, perMoment: NaN, verdict: "absent" };
  if (from === 0) return { ratio: 1, perMoment: NaN, verdict: "short" };
  const verdict = ratio > 100 ? "explodes" : ratio < 0.01 ? "vanishes" : "holds";
  return { ratio, perMoment: ratio ** (1 / from), verdict };
}
