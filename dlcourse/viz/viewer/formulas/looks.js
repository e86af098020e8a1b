/** Attention found again from a trace: scores, weights and their gradients, row by row. */

import { samples } from "./window.js";

/** One step of attention, and the rows of P and dz that were asked for so far. */
class Looks {
  constructor(step, causal) {
    [this.q, this.k, this.v, this.mask] = step.inputs;
    Object.assign(this, { step, causal, rows: new Map(), pulls: new Map() });
    [this.T, this.d] = this.q.shape.slice(-2);
    [this.S, this.e] = this.v.shape.slice(-2);
    this.root = Math.sqrt(this.d);
  }

  static of(step) {
    const found = [false, true].map((causal) => new Looks(step, causal));
    return found.find((looks) => looks.fits()) ?? null;
  }

  fits() {
    const y = this.step.outputs[0];
    const digits = y.dtype === "float64" ? 1e-11 : 1e-4;
    return samples(y, 40).every((at) => {
      const [row, e] = [Math.floor(at / this.e), at % this.e];
      let [sum, size] = [0, 1e-30];
      this.weights(row).forEach((weight, s) => {
        const part = weight * this.v.data[this.vAt(row, s, e)];
        sum += part;
        size += Math.abs(part);
      });
      return !(Math.abs(sum - y.data[at]) > digits * size);
    });
  }

  /** `row` counts the queries of all heads and examples; row / T says which head and example. */
  qAt(row, i) {
    return row * this.d + i;
  }

  kAt(row, s, i) {
    return (Math.floor(row / this.T) * this.S + s) * this.d + i;
  }

  vAt(row, s, e) {
    return (Math.floor(row / this.T) * this.S + s) * this.e + e;
  }

  /** May this query look at place s? A mask stretches over axes where it has but one. */
  sees(row, s) {
    if (this.causal && s > (row % this.T) + this.S - this.T) return false;
    if (!this.mask) return true;
    const place = [...this.step.outputs[0].unflat(row * this.e).slice(0, -1), s];
    const { shape } = this.mask;
    const last = place.slice(place.length - shape.length);
    const at = last.map((i, axis) => (shape[axis] > 1 ? i : 0));
    return this.mask.at(at) !== 0;
  }

  score(row, s) {
    let sum = 0;
    for (let i = 0; i < this.d; i++) {
      sum += this.q.data[this.qAt(row, i)] * this.k.data[this.kAt(row, s, i)];
    }
    return sum / this.root;
  }

  /** P of one query: how much it takes from each place. */
  weights(row) {
    if (!this.rows.has(row)) {
      const places = Array.from({ length: this.S }, (_, s) => s);
      const scores = places.map((s) => (this.sees(row, s) ? this.score(row, s) : -Infinity));
      const most = Math.max(...scores);
      const powers = scores.map((score) => Math.exp(score - most));
      const total = powers.reduce((sum, power) => sum + power, 0);
      const weights = powers.map((power) => power / total);
      this.rows.set(row, Object.assign(weights, { scores, most, total }));
    }
    return this.rows.get(row);
  }

  /** dz of one query, with dP and the mean Σ P·dP that is taken out. */
  pull(row) {
    if (!this.pulls.has(row)) {
      const [dy, weights] = [this.step.doutputs[0].data, this.weights(row)];
      const dP = weights.map((_, s) => {
        let sum = 0;
        for (let e = 0; e < this.e; e++) {
          sum += dy[row * this.e + e] * this.v.data[this.vAt(row, s, e)];
        }
        return sum;
      });
      const mean = dP.reduce((sum, one, s) => sum + one * weights[s], 0);
      const size = dP.reduce((most, one) => Math.max(most, Math.abs(one)), Math.abs(mean));
      const dz = weights.map((weight, s) => weight * (dP[s] - mean));
      this.pulls.set(row, Object.assign(dz, { dP, mean, size }));
    }
    return this.pulls.get(row);
  }

  at(row) {
    return this.q.unflat(row * this.d).slice(0, -1);
  }
}

const known = new WeakMap();

/** The step as rows of queries; null where neither causal nor plain attention fits. */
export function looksOf(step) {
  if (!known.has(step)) known.set(step, Looks.of(step));
  return known.get(step);
}
