/** A recurrent layer seen moment by moment: its gates and memory, found again from a trace. */

import { samples } from "./window.js";

const sigmoid = (x) => 0.5 * Math.tanh(0.5 * x) + 0.5;
const GATES = { RNN: ["h"], LSTM: ["i", "f", "g", "o"], GRU: ["r", "z", "n"] };
const TANH = { RNN: 0, LSTM: 2, GRU: 2 }; // the gate that is no σ

/** The curve that a gate's sum is sent through. */
export function opens(m, gate) {
  if (gate !== TANH[m.kind]) return "σ";
  return m.bend === Math.tanh ? "tanh" : "max0";
}

const bends = [Math.tanh, (x) => Math.max(0, x)];

export class Moments {
  /** The way to read the step that gives its stored states; null for stacks and both directions. */
  static of(step) {
    const { weight_ih_l0: W, weight_hh_l0: U } = step.params;
    if (!W || !U || U.shape[0] !== W.shape[0]) return null;
    if (W.shape[0] !== GATES[step.kind].length * U.shape[1]) return null;
    const [x, y] = [step.inputs[0], step.outputs[0]];
    if (x.shape.at(-1) !== W.shape[1] || y.shape.at(-1) !== U.shape[1]) return null;
    for (const batchFirst of [true, false]) {
      for (const bend of step.kind === "RNN" ? bends : [Math.tanh]) {
        const moments = new Moments(step, batchFirst, bend);
        if (moments.fits()) return moments;
      }
    }
    return null;
  }

  constructor(step, batchFirst, bend) {
    const { weight_ih_l0: W, weight_hh_l0: U, bias_ih_l0: bi, bias_hh_l0: bh } = step.params;
    Object.assign(this, { step, batchFirst, bend, W, U, bi, bh, kind: step.kind });
    [this.x, this.y] = [step.inputs[0], step.outputs[0]];
    [this.I, this.H] = [W.shape[1], U.shape[1]];
    this.gateNames = GATES[step.kind];
    this.G = this.gateNames.length;
    const axes = this.x.shape.slice(0, -1);
    this.alone = axes.length === 1; // PyTorch takes a single sequence without a batch too
    [this.B, this.T] = this.alone ? [1, axes[0]] : batchFirst ? axes : axes.toReversed();
    this.gates = new Map();
    this.memories = new Map();
  }

  fits() {
    const state = this.step.outputs[1];
    if (state && state.size !== this.B * this.H) return false;
    const digits = this.y.dtype === "float64" ? 1e-11 : 1e-4;
    return samples(this.y, 30).every((at) => {
      const [b, t, j] = this.momentOf(at);
      return !(Math.abs(this.state(b, t, j) - this.y.data[at]) > digits);
    });
  }

  rowAt(b, t) {
    return this.batchFirst ? b * this.T + t : t * this.B + b;
  }

  xAt(b, t) {
    return this.rowAt(b, t) * this.I;
  }

  yAt(b, t) {
    return this.rowAt(b, t) * this.H;
  }

  /** Which moment, of which example, and which number of the state a cell of y is. */
  momentOf(offset) {
    const row = Math.floor(offset / this.H);
    const [b, t] = this.batchFirst ? [Math.floor(row / this.T), row % this.T]
      : [row % this.B, Math.floor(row / this.B)];
    return [b, t, offset % this.H];
  }

  lastOf(offset) {
    return [Math.floor(offset / this.H), offset % this.H];
  }

  /** The index to be shown for a number of a moment, in the order of the trace. */
  shown(b, t, j) {
    return this.alone ? [t, j] : this.batchFirst ? [b, t, j] : [t, b, j];
  }

  /** Where the state before a moment lies; null where it is zero, as nobody gave one. */
  before(b, t) {
    if (t > 0) return { place: "outputs.0", offset: this.yAt(b, t - 1), data: this.y.data };
    const h0 = this.step.inputs[1];
    return h0 ? { place: "inputs.1", offset: b * this.H, data: h0.data } : null;
  }

  fromInput(row, b, t) {
    const [start, weights] = [this.xAt(b, t), row * this.I];
    let sum = this.bi ? this.bi.data[row] : 0;
    for (let k = 0; k < this.I; k++) sum += this.x.data[start + k] * this.W.data[weights + k];
    return sum;
  }

  fromState(row, b, t) {
    const from = this.before(b, t);
    let sum = this.bh ? this.bh.data[row] : 0;
    if (!from) return sum;
    for (let k = 0; k < this.H; k++) {
      sum += from.data[from.offset + k] * this.U.data[row * this.H + k];
    }
    return sum;
  }

  gate(b, t, gate, j) {
    if (!this.gates.has(b)) this.gates.set(b, new Float64Array(this.T * this.G * this.H).fill(NaN));
    const known = this.gates.get(b);
    const at = (t * this.G + gate) * this.H + j;
    if (known[at] !== known[at]) known[at] = this.opened(b, t, gate, j);
    return known[at];
  }

  opened(b, t, gate, j) {
    const row = gate * this.H + j;
    const [fromX, fromH] = [this.fromInput(row, b, t), this.fromState(row, b, t)];
    if (gate !== TANH[this.kind]) return sigmoid(fromX + fromH);
    return this.bend(fromX + (this.kind === "GRU" ? this.gate(b, t, 0, j) : 1) * fromH);
  }

  /** c of an LSTM after moment t; its own past is all it needs, for the states are stored. */
  memory(b, t, j) {
    const key = b * this.H + j;
    if (!this.memories.has(key)) {
      const known = new Float64Array(this.T);
      let c = this.step.inputs[2]?.data[key] ?? 0;
      for (let moment = 0; moment < this.T; moment++) {
        const [i, f, g] = [0, 1, 2].map((gate) => this.gate(b, moment, gate, j));
        c = f * c + i * g;
        known[moment] = c;
      }
      this.memories.set(key, known);
    }
    return t < 0 ? this.step.inputs[2]?.data[key] ?? 0 : this.memories.get(key)[t];
  }

  /** The state after a moment, from the state before. */
  state(b, t, j) {
    if (this.kind === "RNN") return this.gate(b, t, 0, j);
    if (this.kind === "LSTM") return this.gate(b, t, 3, j) * Math.tanh(this.memory(b, t, j));
    const from = this.before(b, t);
    const z = this.gate(b, t, 1, j);
    return (1 - z) * this.gate(b, t, 2, j) + z * (from ? from.data[from.offset + j] : 0);
  }

  /** How large the sums of a moment are, on which the size of rounding errors depends. */
  roundings(b, t) {
    const from = this.before(b, t);
    const start = this.xAt(b, t);
    let size = 1;
    for (let k = 0; k < this.I; k++) size += Math.abs(this.x.data[start + k]);
    for (let k = 0; from && k < this.H; k++) size += Math.abs(from.data[from.offset + k]);
    return size;
  }
}
