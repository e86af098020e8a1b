// A training as it is told: columns that grow, their running mean, and where two runs part.

/** Numbers of which more come; `values` are those that are there. */
class Column {
  constructor() {
    [this.room, this.count] = [new Float64Array(256), 0];
  }

  add(numbers) {
    const needed = this.count + numbers.length;
    if (needed > this.room.length) {
      const wider = new Float64Array(Math.max(needed, 2 * this.room.length));
      wider.set(this.room.subarray(0, this.count));
      this.room = wider;
    }
    this.room.set(numbers, this.count);
    this.count = needed;
  }

  get values() {
    return this.room.subarray(0, this.count);
  }
}

export class RunColumns {
  constructor({ name = "", rows }) {
    this.name = name;
    this.replace(rows);
  }

  /** All that Python knows. What a page left out to stay small stays empty, and `leftOut` says so. */
  replace(rows) {
    [this.columns, this.metrics, this.norms, this.leftOut] = [{ steps: new Column(), loss: new Column() }, {}, null, false];
    this.add({ ...rows, first: 0 });
  }

  /** New rows; false where some before them were lost, so that all must be asked for again. */
  add({ first, steps, loss, metrics, norms }) {
    if (first !== this.columns.steps.count) return false;
    this.leftOut ||= [steps, loss, ...Object.values(metrics).map(({ values }) => values)].some((array) => !array?.data);
    if (steps.data && loss.data) {
      this.columns.steps.add(steps.data);
      this.columns.loss.add(loss.data);
    }
    for (const [name, { steps: at, values }] of Object.entries(metrics)) {
      const metric = this.metrics[name] ??= { steps: new Column(), values: new Column() };
      if (!at.data || !values.data) continue;
      metric.steps.add(at.data);
      metric.values.add(values.data);
    }
    if (norms) this.norms = norms;
    return true;
  }

  get steps() {
    return this.columns.steps.values;
  }

  get loss() {
    return this.columns.loss.values;
  }

  metric(name) {
    const found = this.metrics[name];
    return found ? { xs: found.steps.values, ys: found.values.values } : { xs: [], ys: [] };
  }
}

/** The mean of each number and those before it, `width` in all; what is not finite is a gap. */
export function runningMean(ys, width) {
  if (width <= 1) return ys;
  const means = new Float64Array(ys.length);
  let [sum, count] = [0, 0];
  for (let i = 0; i < ys.length; i++) {
    if (Number.isFinite(ys[i])) [sum, count] = [sum + ys[i], count + 1];
    const gone = ys[i - width];
    if (i >= width && Number.isFinite(gone)) [sum, count] = [sum - gone, count - 1];
    if (i % 4096 === 4095) [sum, count] = afresh(ys, i, width); // rounding must not add up
    means[i] = Number.isFinite(ys[i]) ? sum / count : NaN;
  }
  return means;
}

function afresh(ys, last, width) {
  let [sum, count] = [0, 0];
  for (let i = Math.max(0, last - width + 1); i <= last; i++) {
    if (Number.isFinite(ys[i])) [sum, count] = [sum + ys[i], count + 1];
  }
  return [sum, count];
}

/** One run's loss less the other's at steps that both have, and the first at which they differ. */
export function apart(one, other) {
  const [xs, ys] = [[], []];
  let [j, parts] = [0, null];
  for (let i = 0; i < one.steps.length; i++) {
    const step = one.steps[i];
    while (j < other.steps.length && other.steps[j] < step) j++;
    if (other.steps[j] !== step) continue;
    const [a, b] = [one.loss[i], other.loss[j]];
    const same = a === b || (a !== a && b !== b);
    if (!same && parts === null) parts = step;
    xs.push(step);
    ys.push(same ? 0 : a - b);
  }
  return { xs, ys, parts };
}

const PART = /^(train|training|val|valid|validation|test)[_ ./]/;

/** Metrics that belong into one chart: train_accuracy and val_accuracy are both the accuracy. */
export function grouped(names) {
  const groups = new Map();
  for (const name of names) {
    const title = name.replace(PART, "");
    groups.set(title, [...(groups.get(title) ?? []), name]);
  }
  return [...groups].map(([title, members]) => ({ title, members }));
}

/** 12.3 s, 4 min 05 s, 2 h 03 min */
export function duration(seconds) {
  if (!Number.isFinite(seconds)) return "–";
  if (seconds < 59.95) return `${seconds < 0.0995 ? seconds.toPrecision(1) : seconds.toFixed(1)} s`;
  const two = (n) => String(n).padStart(2, "0");
  const whole = Math.round(seconds);
  if (whole < 3600) return `${Math.floor(whole / 60)} min ${two(whole % 60)} s`;
  return `${Math.floor(whole / 3600)} h ${two(Math.floor((whole % 3600) / 60))} min`;
}
