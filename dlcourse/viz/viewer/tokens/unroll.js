// A recurrent layer, moment by moment: a trace holds it as one step, so its gates are computed anew
// from the weights, the inputs and the states that the trace holds. All in float64, one example.

/** What the gates are called, in the order in which their weights are stacked. */
export const GATES = { RNN: ["a"], LSTM: ["i", "f", "g", "o"], GRU: ["r", "z", "n"] };

const sigmoid = (a) => 1 / (1 + Math.exp(-a));

/** How many recurrent layers stand one on the other in this step; PyTorch can stack them. */
export function stackHeight(step) {
  let height = 0;
  while (step.params[`weight_ih_l${height}`]) height++;
  return height;
}

/** Weights as float64: ih (G·H, I), hh (G·H, H), and one bias for each; no bias is all zeros. */
function weightsOf(step, level) {
  const { shape: [rows, I] } = step.params[`weight_ih_l${level}`];
  const get = (name, size) => {
    const found = step.params[`${name}_l${level}`];
    return found ? Float64Array.from(found.data) : new Float64Array(size);
  };
  const H = rows / GATES[step.kind].length;
  return { I, H, ih: get("weight_ih", rows * I), hh: get("weight_hh", rows * H),
    bih: get("bias_ih", rows), bhh: get("bias_hh", rows) };
}

/** One example (T, N) of a batch (B, T, N); zeros where nobody said anything. */
export function ofExample(numbers, b, length) {
  if (!numbers) return new Float64Array(length);
  return Float64Array.from(numbers.data.subarray(b * length, (b + 1) * length));
}

/** The state (layers, B, H) of one layer and example. */
function stateOf(numbers, level, b, H) {
  return numbers ? ofExample(numbers, level * numbers.shape[1] + b, H) : new Float64Array(H);
}

/** All layers of the step for one example of the batch, the lowest first. */
export function unroll(step, b) {
  const layers = stacked(step, b, false);
  if (step.kind !== "RNN" || layers.at(-1).gap < 1e-3) return layers;
  // PyTorch's RNN may bend with ReLU instead of tanh, which no trace says: what fits tells it.
  const bentOtherwise = stacked(step, b, true);
  return bentOtherwise.at(-1).gap < layers.at(-1).gap ? bentOtherwise : layers;
}

function stacked(step, b, ramp) {
  const [x, h0, c0] = step.inputs;
  const T = x.shape[1];
  const height = stackHeight(step);
  const layers = [];
  for (let level = 0; level < height; level++) {
    const weights = weightsOf(step, level);
    const { I, H } = weights;
    const top = level === height - 1;
    layers.push(new Unrolled({
      kind: step.kind, T, ramp, ...weights,
      x: level ? layers[level - 1].h.subarray(layers[level - 1].H) : ofExample(x, b, T * I),
      h0: stateOf(h0, level, b, H), c0: stateOf(c0, level, b, H),
      stored: top ? ofExample(step.outputs[0], b, T * H) : null,
    }));
  }
  return layers;
}

export class Unrolled {
  /** `stored`: the h of all moments as the trace holds them, (T·H); null where it does not. */
  constructor(given) {
    Object.assign(this, given);
    const { T, H, kind, stored, h0, c0 } = this;
    this.names = GATES[kind];
    this.h = new Float64Array((T + 1) * H); // one more than moments: before the first
    this.again = new Float64Array(T * H); // h computed anew, to hold against the trace
    this.parts = Object.fromEntries(this.names.map((name) => [name, new Float64Array(T * H)]));
    this.fromState = kind === "GRU" ? new Float64Array(T * H) : null; // W_hn·h + b_hn
    this.c = kind === "LSTM" ? new Float64Array((T + 1) * H) : null;
    this.h.set(h0);
    this.c?.set(c0);
    for (let t = 0; t < T; t++) {
      this.moment(t);
      this.h.set((stored ?? this.again).subarray(t * H, (t + 1) * H), (t + 1) * H);
    }
  }

  /** Σ of one row of the weights with the input, and with the state before: two parts of a sum. */
  sums(row, t) {
    const { I, H, ih, hh, x, h } = this;
    let [fromX, fromH] = [0, 0];
    for (let i = 0; i < I; i++) fromX += ih[row * I + i] * x[t * I + i];
    for (let k = 0; k < H; k++) fromH += hh[row * H + k] * h[t * H + k];
    return [fromX, fromH];
  }

  /** How far h computed anew is from the h of the trace. */
  get gap() {
    return this.again.reduce((most, h, at) => Math.max(most, Math.abs(h - this.stored[at])), 0);
  }

  moment(t) {
    for (let j = 0; j < this.H; j++) this[this.kind](t, j);
  }

  /** The sum inside gate number `gate`: input, state and both biases. */
  inside(gate, t, j) {
    const row = gate * this.H + j;
    const [fromX, fromH] = this.sums(row, t);
    return fromX + fromH + this.bih[row] + this.bhh[row];
  }

  RNN(t, j) {
    const at = t * this.H + j;
    const a = this.inside(0, t, j);
    this.parts.a[at] = a;
    this.again[at] = this.ramp ? Math.max(a, 0) : Math.tanh(a);
  }

  LSTM(t, j) {
    const { H, c } = this;
    const at = t * H + j;
    const { i, f, g, o } = this.parts;
    i[at] = sigmoid(this.inside(0, t, j));
    f[at] = sigmoid(this.inside(1, t, j));
    g[at] = Math.tanh(this.inside(2, t, j));
    o[at] = sigmoid(this.inside(3, t, j));
    c[at + H] = f[at] * c[at] + i[at] * g[at];
    this.again[at] = o[at] * Math.tanh(c[at + H]);
  }

  GRU(t, j) {
    const { H, h, bih, bhh } = this;
    const at = t * H + j;
    const { r, z, n } = this.parts;
    r[at] = sigmoid(this.inside(0, t, j));
    z[at] = sigmoid(this.inside(1, t, j));
    const row = 2 * H + j;
    const [fromX, fromH] = this.sums(row, t);
    this.fromState[at] = fromH + bhh[row];
    n[at] = Math.tanh(fromX + bih[row] + r[at] * this.fromState[at]);
    this.again[at] = (1 - z[at]) * n[at] + z[at] * h[at];
  }
}
