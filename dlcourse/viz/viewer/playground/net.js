// The arithmetic of a small net, in the browser: so every picture can be drawn from the weights
// alone,
// at any step, on a page without Python too. The pupil's own answers prove that both agree.

const ROOT = Math.sqrt(2 / Math.PI);

/** The same as Math.tanh to the 16th digit, and twice as fast. */
function tanh(z) {
  return z > 20 ? 1 : z < -20 ? -1 : 1 - 2 / (Math.exp(2 * z) + 1);
}

/** What a unit makes of its sum z. */
export const BENDS = {
  relu: (z) => (z > 0 ? z : z !== z ? z : 0),
  leaky_relu: (z) => (z > 0 ? z : 0.01 * z),
  tanh,
  sigmoid: (z) => 0.5 * tanh(0.5 * z) + 0.5,
  gelu: (z) => z * (0.5 + 0.5 * tanh(ROOT * (z + 0.044715 * z * z * z))),
};

/** Where each number of a net stands in the row of all its weights. */
export class Net {
  constructor(sizes, activation) {
    this.sizes = sizes;
    this.bend = BENDS[activation];
    if (!this.bend) throw new Error(`The playground does not know the activation ${activation}.`);
    this.starts = [0];
    for (let l = 1; l < sizes.length; l++) {
      this.starts.push(this.starts[l - 1] + sizes[l] * (sizes[l - 1] + 1));
    }
    this.count = this.starts.at(-1);
    this.depth = sizes.length - 1;
  }

  /** The place of a weight; `from` −1 is the bias. Layers are counted from 1. */
  flat({ layer, to, from }) {
    const [wide, high] = [this.sizes[layer - 1], this.sizes[layer]];
    return this.starts[layer - 1] + (from < 0 ? wide * high + to : to * wide + from);
  }

  spot(flat) {
    const layer = this.starts.findIndex((start) => flat < start);
    const [wide, high] = [this.sizes[layer - 1], this.sizes[layer]];
    const rest = flat - this.starts[layer - 1];
    if (rest >= wide * high) return { layer, to: rest - wide * high, from: -1 };
    return { layer, to: Math.floor(rest / wide), from: rest % wide };
  }

  /** As Python names it: { name: "fc1.weight", index: [3, 0], full: "fc1.weight[3, 0]" }. */
  named(flat) {
    const { layer, to, from } = this.spot(flat);
    const name = `fc${layer}.${from < 0 ? "bias" : "weight"}`;
    const index = from < 0 ? [to] : [to, from];
    return { name, index, full: `${name}[${index.join(", ")}]` };
  }

  /** Whose answer it is: "x1", "fc1 unit 3", "class 0". */
  unitName(layer, unit) {
    if (layer === 0) return `x${unit + 1}`;
    return layer === this.depth ? `class ${unit}` : `fc${layer} unit ${unit}`;
  }

  /**
   * The answers of all units at places (x1 and x2 apart): one array for each layer, unit after
   * unit.
   * The last are scores; `softmax` makes them shares.
   */
  forward(weights, [x1, x2], Kind = Float32Array) {
    const n = x1.length;
    let before = new Kind(2 * n);
    before.set(x1);
    before.set(x2, n);
    const layers = [before];
    for (let l = 1; l <= this.depth; l++) {
      before = this.layer(weights, l, before, n, Kind);
      layers.push(before);
    }
    return layers;
  }

  layer(weights, l, before, n, Kind) {
    const after = new Kind(this.sizes[l] * n);
    for (let j = 0; j < this.sizes[l]; j++) this.unit(weights, l, j, before, after.subarray(j * n,
      (j + 1) * n));
    return after;
  }

  /** What one unit answers, into `out`. */
  unit(weights, l, j, before, out) {
    const [wide, high, start, n] = [this.sizes[l - 1], this.sizes[l], this.starts[l - 1],
      out.length];
    out.fill(weights[start + wide * high + j]);
    for (let i = 0; i < wide; i++) {
      const [w, at] = [weights[start + j * wide + i], i * n];
      for (let p = 0; p < n; p++) out[p] += w * before[at + p];
    }
    if (l === this.depth) return;
    const bend = this.bend;
    for (let p = 0; p < n; p++) out[p] = bend(out[p]);
  }

  /** How likely each class is at each place: class after class. */
  shares(scores) {
    const classes = this.sizes.at(-1);
    const n = scores.length / classes;
    const p = new Float32Array(scores.length);
    for (let at = 0; at < n; at++) {
      let [top, sum] = [-Infinity, 0];
      for (let c = 0; c < classes; c++) top = Math.max(top, scores[c * n + at]);
      for (let c = 0; c < classes; c++) sum += p[c * n + at] = Math.exp(scores[c * n + at] - top);
      for (let c = 0; c < classes; c++) p[c * n + at] /= sum;
    }
    return p;
  }

  /** The mean cross-entropy of labelled points { x1, x2, y }, in double precision. */
  loss(weights, { x1, x2, y }) {
    return this.lossOf(this.forward(weights, [x1, x2], Float64Array).at(-1), y);
  }

  lossOf(scores, y) {
    const [classes, n] = [this.sizes.at(-1), y.length];
    let total = 0;
    for (let at = 0; at < n; at++) {
      let [top, sum] = [-Infinity, 0];
      for (let c = 0; c < classes; c++) top = Math.max(top, scores[c * n + at]);
      for (let c = 0; c < classes; c++) sum += Math.exp(scores[c * n + at] - top);
      total += top + Math.log(sum) - scores[y[at] * n + at];
    }
    return total / n;
  }

  /**
   * The loss if one weight had each of these values, and all others stayed. Only what comes after
   * that weight is computed anew: one unit of its layer, and the layers above.
   */
  lossesIf(weights, flat, values, { x1, x2, y }) {
    const { layer, to } = this.spot(flat);
    const n = y.length;
    const tried = Float64Array.from(weights);
    const below = this.forward(weights, [x1, x2], Float64Array).slice(0, layer + 1);
    const [before, after] = [below[layer - 1], below[layer]];
    return values.map((value) => {
      tried[flat] = value;
      this.unit(tried, layer, to, before, after.subarray(to * n, (to + 1) * n));
      let scores = after;
      for (let l = layer + 1; l <= this.depth; l++) scores = this.layer(tried, l, scores, n,
        Float64Array);
      return this.lossOf(scores, y);
    });
  }

  /** How fast the loss grows with a weight: measured from both sides, without any gradient. */
  slope(weights, flat, points) {
    const w = weights[flat];
    const h = 1e-5 * Math.max(1, Math.abs(w));
    const [right, left] = this.lossesIf(weights, flat, [w + h, w - h], points);
    return (right - left) / (2 * h);
  }

  /** Which points get the wrong class. */
  wrong(weights, { x1, x2, y }) {
    const scores = this.forward(weights, [x1, x2], Float64Array).at(-1);
    const n = y.length;
    return Array.from(y, (label, at) => {
      for (let c = 0; c < this.sizes.at(-1); c++) {
        if (c !== label && scores[c * n + at] >= scores[label * n + at]) return true;
      }
      return false;
    });
  }
}

/** n × n places over a square window, row by row from the top: [x1, x2]. */
export function places({ middle, reach }, n) {
  const [x1, x2] = [new Float32Array(n * n), new Float32Array(n * n)];
  for (let row = 0; row < n; row++) {
    for (let col = 0; col < n; col++) {
      x1[row * n + col] = middle[0] + ((col + 0.5) / n * 2 - 1) * reach;
      x2[row * n + col] = middle[1] - ((row + 0.5) / n * 2 - 1) * reach;
    }
  }
  return [x1, x2];
}

/** A square that holds all points and a margin around them. */
export function windowOf(x1, x2) {
  const ends = (values) => [values.reduce((a, b) => Math.min(a, b), Infinity),
    values.reduce((a, b) => Math.max(a, b), -Infinity)];
  const [a, b] = [ends(x1), ends(x2)];
  const reach = (Math.max(a[1] - a[0], b[1] - b[0]) || 2) / 2 * 1.14;
  return { middle: [(a[0] + a[1]) / 2, (b[0] + b[1]) / 2], reach };
}
