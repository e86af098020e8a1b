// A net of known layers, computed anew in the browser for another picture. It is offered only where
// it gives, for the trace's own pictures, the numbers that the trace holds.

import { Numbers } from "../frame/arrays.js";
import { exampleOf, largestGap } from "./conv_arithmetic.js";
import { isConv, isPool, isReverse, slide, slideOf } from "./slides.js";

const CLOSE = 2e-4;
const TRIED = 3; // examples

const POINTWISE = {
  ReLU: (x) => (x > 0 ? x : 0),
  Tanh: Math.tanh,
  Sigmoid: (x) => 1 / (1 + Math.exp(-x)),
  SiLU: (x) => x / (1 + Math.exp(-x)),
  Identity: (x) => x,
  Dropout: (x) => x,
  Dropout2d: (x) => x,
  Flatten: (x) => x,
  Sequential: (x) => x,
  Softplus: (x) => Math.log1p(Math.exp(x)),
};

export class Replay {
  /** `trace` as adopted, `points` and `ways` as Python found them. */
  constructor(trace, points, ways) {
    Object.assign(this, { trace, points });
    this.feeds = points.map((_, target) => ways.filter((way) => way.target === target));
    this.works = points.map((_, i) => this.work(i));
    this.reason = this.check();
  }

  step(i) {
    const { at } = this.points[i];
    return at === null ? null : this.trace.steps[at];
  }

  /** What is stored for a point and an example; null for what the trace does not hold. */
  stored(i, n) {
    const step = this.step(i);
    const array = step ? step.outputs[0] : this.points[i].role === "input" ? this.picture : null;
    return array && exampleOf(array, n);
  }

  /** The pictures that came in. */
  get picture() {
    const first = this.feeds.findIndex((ways) => ways.some(({ source }) => source === 0));
    return this.step(first)?.inputs[0] ?? null;
  }

  /** A function of what comes into a point, or null where this page cannot compute it. */
  work(i) {
    const { role } = this.points[i];
    if (role === "input") return i === 0 ? (x) => x : null;
    if (role === "sum") return (...parts) => added(parts);
    if (role === "mean") return (x) => means(x);
    const step = this.step(i);
    if (this.points[i].calls > 1 || this.feeds[i].some(({ sure }) => !sure) || !step.outputs[0])
      return null;
    return layer(step);
  }

  /** The outputs of all points for this picture. */
  run(picture) {
    const values = [];
    this.works.forEach((work, i) => {
      values[i] = i === 0 ? picture : work(...this.feeds[i].map(({ source }) => values[source]));
    });
    return values;
  }

  /** A sentence that says why this net cannot be computed here; empty where it can. */
  check() {
    const lacking = this.works.findIndex((work) => !work);
    if (lacking >= 0) {
      const { label, kind } = this.points[lacking];
      return `${label}${kind ? ` (${kind})` : ""} cannot be computed in this page.`;
    }
    this.gap = 0;
    const count = Math.min(TRIED, this.picture?.shape[0] ?? 0);
    for (let n = 0; n < count; n++) {
      const values = this.run(this.stored(0, n));
      for (const [i, value] of values.entries()) {
        const stored = this.stored(i, n);
        if (!stored) continue;
        this.gap = Math.max(this.gap, largestGap(value, stored));
        if (!(this.gap <= CLOSE))
          return `${this.points[i].label}, computed here, is not what the trace holds.`;
      }
    }
    return count ? "" : "This trace does not hold its pictures.";
  }
}

function layer(step) {
  const shape = step.outputs[0].shape.slice(1);
  if (isConv(step) || isReverse(step) || isPool(step)) {
    const setting = slideOf(step);
    return setting && ((x) => slide(step, setting, x, shape));
  }
  if (step.kind === "Linear") return linear(step.params);
  if (step.kind === "BatchNorm2d") return normalise(step);
  if (step.kind === "LeakyReLU") return leaky(step, shape);
  const f = POINTWISE[step.kind];
  return Object.hasOwn(POINTWISE, step.kind) ? (x) => pointwise(x, f, shape) : null;
}

function pointwise(x, f, shape) {
  return new Numbers(Float64Array.from(x.data, f), shape, "float64");
}

/** How steep it is below zero stands in its numbers. */
function leaky(step, shape) {
  const k = step.inputs[0].data.findIndex((x) => x < 0);
  const slope = k < 0 ? 0.01 : step.outputs[0].data[k] / step.inputs[0].data[k];
  return (x) => pointwise(x, (value) => (value > 0 ? value : slope * value), shape);
}

function linear({ weight, bias }) {
  const [outs, ins] = weight.shape;
  return (x) => {
    if (x.size !== ins) throw new RangeError(`a layer for ${ins} numbers got ${x.size}`);
    const y = new Float64Array(outs);
    for (let o = 0; o < outs; o++) {
      let sum = bias ? bias.data[o] : 0;
      for (let k = 0; k < ins; k++) sum += weight.data[o * ins + k] * x.data[k];
      y[o] = sum;
    }
    return new Numbers(y, [outs], "float64");
  };
}

/** Batch norm as it worked in this trace: channel by channel y = a·x + b, read off its numbers. */
function normalise(step) {
  const [x, y] = [step.inputs[0], step.outputs[0]];
  if (!x || x.shape.length !== 4) return null;
  const [B, C, H, W] = x.shape;
  const lines = Array.from({ length: C }, (_, c) => lineThrough(x.data, y.data, B, C, H * W, c));
  return (value) =>
    new Numbers(
      Float64Array.from(value.data, (number, k) => {
        const [a, b] = lines[Math.floor(k / (value.shape[1] * value.shape[2]))];
        return a * number + b;
      }),
      value.shape,
      "float64",
    );
}

function lineThrough(xs, ys, B, C, each, c) {
  let [least, most] = [-1, -1];
  for (let n = 0; n < B; n++) {
    for (let k = (n * C + c) * each; k < (n * C + c + 1) * each; k++) {
      if (least < 0 || xs[k] < xs[least]) least = k;
      if (most < 0 || xs[k] > xs[most]) most = k;
    }
  }
  const a = xs[most] > xs[least] ? (ys[most] - ys[least]) / (xs[most] - xs[least]) : 0;
  return [a, ys[least] - a * xs[least]];
}

function added(parts) {
  const sum = new Float64Array(parts[0].size);
  for (const { data } of parts) for (let k = 0; k < sum.length; k++) sum[k] += data[k];
  return new Numbers(sum, parts[0].shape, "float64");
}

function means(x) {
  const each = x.shape[1] * x.shape[2];
  const mean = new Float64Array(x.shape[0]);
  for (let k = 0; k < x.size; k++) mean[Math.floor(k / each)] += x.data[k] / each;
  return new Numbers(mean, [x.shape[0]], "float64");
}
