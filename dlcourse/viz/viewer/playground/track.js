// A way of learning as the browser keeps it: the loss of every step, and the net at many of them.

export const KEPT = 2000; // frames; beyond that, every other one of the older half is forgotten

export class Track {
  static count = 0;

  constructor(part) {
    [this.frames, this.losses, this.changed] = [[], [], 0];
    this.id = ++Track.count;
    this.take(part);
  }

  /** Python's news: what it cut off is dropped, what it added is added. */
  take(part) {
    this.frames = this.frames.filter(({ step }) => step < part.cut);
    this.losses.length = Math.min(this.losses.length, Math.max(part.cut - 1, 0));
    for (const loss of part.losses.data) this.losses.push(loss);
    const wide = part.weights.shape[1];
    const row = (array, i) => array.data.subarray(i * wide, (i + 1) * wide);
    for (let i = 0; i < part.steps.size; i++) {
      this.frames.push({
        step: part.steps.data[i], loss: part.loss.data[i], accuracy: part.accuracy.data[i],
        weights: row(part.weights, i), gradients: row(part.gradients, i),
      });
    }
    for (const name of ["settings", "changes"]) if (part[name]) this[name] = part[name];
    if (part.x) this.points = pointsOf(part.x, part.y);
    this.thin();
    this.changed++;
  }

  thin() {
    if (this.frames.length <= KEPT) return;
    const half = KEPT / 2;
    this.frames = this.frames.filter((_, i) => i >= half || i % 2 === 0);
  }

  get last() {
    return this.frames.at(-1);
  }

  get sizes() {
    return [2, ...this.settings.hidden];
  }

  /** The place of the frame nearest to a step. */
  near(step) {
    let [low, high] = [0, this.frames.length - 1];
    while (low < high) {
      const middle = (low + high) >> 1;
      if (this.frames[middle].step < step) low = middle + 1;
      else high = middle;
    }
    const closer = low > 0 && step - this.frames[low - 1].step < this.frames[low].step - step;
    return closer ? low - 1 : low;
  }

  at(step) {
    return this.frames[this.near(step)];
  }
}

/** Points with both coordinates apart: { x1, x2, y }. */
export function pointsOf(x, y) {
  const n = y.size;
  const [x1, x2] = [new Float32Array(n), new Float32Array(n)];
  for (let i = 0; i < n; i++) [x1[i], x2[i]] = [x.data[2 * i], x.data[2 * i + 1]];
  return { x1, x2, y: Int32Array.from(y.data, Number) };
}

/** The points after strokes of a pen: "add" [x1, x2, class], or "erase" [x1, x2, radius]. */
export function drawn({ x1, x2, y }, name, strokes) {
  if (name === "add") {
    const column = (i) => strokes.map((stroke) => stroke[i]);
    return { x1: Float32Array.of(...x1, ...column(0)), x2: Float32Array.of(...x2, ...column(1)),
      y: Int32Array.of(...y, ...column(2)) };
  }
  const kept = [...y.keys()].filter((i) => strokes.every(([a, b, radius]) => Math.hypot(x1[i] - a,
    x2[i] - b) > radius));
  const pick = (Kind, values) => Kind.from(kept, (i) => values[i]);
  return { x1: pick(Float32Array, x1), x2: pick(Float32Array, x2), y: pick(Int32Array, y) };
}

/** The points at a step: the data set's own, and what was drawn by then. */
export function pointsAt(points, changes, step) {
  return changes.reduce((now, [at, name, value]) =>
    (at <= step && (name === "add" || name === "erase") ? drawn(now, name, value) : now), points);
}
