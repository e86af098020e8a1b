/**
 * The way back of one sequence through an RNN, LSTM or GRU, in numbers.
 *
 * a is the sum inside a gate, so da says how that sum should change. From the last moment to the
 * first: dh = dy + what the next moment says, then da from dh, then W_hhᵀ·da for the moment before.
 */

/** da of each gate at one moment; `v` holds the gates by name, and dh, dc, c, h before, tanh c. */
const GRADIENTS = {
  RNN: { h: (v) => v.dh * v.slope },
  LSTM: {
    i: (v) => v.dc * v.g * v.i * (1 - v.i),
    f: (v) => v.dc * v.before * v.f * (1 - v.f),
    g: (v) => v.dc * v.i * (1 - v.g * v.g),
    o: (v) => v.dh * v.tanhC * v.o * (1 - v.o),
  },
  GRU: {
    r: (v) => v.dh * (1 - v.z) * (1 - v.n * v.n) * v.fromState * v.r * (1 - v.r),
    z: (v) => v.dh * (v.before - v.n) * v.z * (1 - v.z),
    n: (v) => v.dh * (1 - v.z) * (1 - v.n * v.n),
  },
};

/** All gradients of one example: da and, for the part with h, daH; dh and dc at each moment. */
class WayBack {
  constructor(m, b) {
    Object.assign(this, { m, b });
    const { T, G, H } = m;
    [this.da, this.daH] = [new Float64Array(T * G * H), new Float64Array(T * G * H)];
    [this.dh, this.dc] = [new Float64Array((T + 1) * H), new Float64Array((T + 1) * H)];
    this.size = 0; // how large the terms of dh are, on which rounding depends
    const [, last, lastC] = m.step.doutputs;
    let dh = Float64Array.from({ length: H }, (_, j) => last?.data[b * H + j] ?? 0);
    let dc = Float64Array.from({ length: H }, (_, j) => lastC?.data[b * H + j] ?? 0);
    for (let t = T - 1; t >= 0; t--) [dh, dc] = this.moment(t, dh, dc);
    this.first = { dh, dc };
  }

  moment(t, dhNext, dcNext) {
    const { m, b, dh, dc } = this;
    const { G, H } = m;
    const dy = m.step.doutputs[0]?.data;
    const before = new Float64Array(H);
    const dcBefore = new Float64Array(H);
    for (let j = 0; j < H; j++) {
      dh[t * H + j] = dhNext[j] + (dy ? dy[m.yAt(b, t) + j] : 0);
      this.size = Math.max(this.size, Math.abs(dh[t * H + j]));
      const v = this.valuesAt(t, j, dcNext[j]);
      dc[t * H + j] = v.dc;
      this.write(t, j, v);
      if (m.kind === "LSTM") dcBefore[j] = v.dc * v.f;
      if (m.kind === "GRU") before[j] = v.dh * v.z;
    }
    for (let row = 0; row < G * H; row++) {
      const push = this.daH[t * G * H + row];
      for (let k = 0; k < H; k++) before[k] += push * m.U.data[row * H + k];
    }
    return [before, dcBefore];
  }

  /** What the gradients of a moment are made of. */
  valuesAt(t, j, dcNext) {
    const { m, b } = this;
    const v = { dh: this.dh[t * m.H + j] };
    m.gateNames.forEach((name, gate) => (v[name] = m.gate(b, t, gate, j)));
    const from = m.before(b, t);
    v.before = from ? from.data[from.offset + j] : 0;
    if (m.kind === "RNN") v.slope = m.bend === Math.tanh ? 1 - v.h * v.h : Number(v.h > 0);
    if (m.kind === "GRU") v.fromState = m.fromState(2 * m.H + j, b, t);
    if (m.kind === "LSTM") {
      v.before = m.memory(b, t - 1, j);
      v.tanhC = Math.tanh(m.memory(b, t, j));
      v.dc = dcNext + v.dh * v.o * (1 - v.tanhC * v.tanhC);
    }
    return v;
  }

  write(t, j, v) {
    const { G, H, kind, gateNames } = this.m;
    gateNames.forEach((name, gate) => {
      const at = (t * G + gate) * H + j;
      this.da[at] = GRADIENTS[kind][name](v);
      this.daH[at] = kind === "GRU" && name === "n" ? this.da[at] * v.r : this.da[at];
    });
  }
}

const ways = new WeakMap(); // of each layer, the way back of each example

/** The way back of example b; gone once, when it is first asked for. */
export function wayBack(m, b) {
  if (!ways.has(m)) ways.set(m, new Map());
  if (!ways.get(m).has(b)) ways.get(m).set(b, new WayBack(m, b));
  return ways.get(m).get(b);
}

