// Where a number lies on an axis, which round numbers stand beside the axis, and how they are written.

const SMALL = "⁰¹²³⁴⁵⁶⁷⁸⁹";

/** Numbers from `least` to `most` on pixels from `low` to `high`; outside of a log scale is NaN. */
export class Scale {
  constructor(least, most, low, high, log = false) {
    Object.assign(this, { least, most, low, high, log });
    this.from = log ? Math.log10(least) : least;
    this.span = ((log ? Math.log10(most) : most) - this.from) || 1;
  }

  pixel(value) {
    const t = ((this.log ? Math.log10(value) : value) - this.from) / this.span;
    return Number.isFinite(t) ? this.low + t * (this.high - this.low) : NaN;
  }

  value(pixel) {
    const v = this.from + ((pixel - this.low) / (this.high - this.low)) * this.span;
    return this.log ? 10 ** v : v;
  }

  get ticks() {
    const count = Math.max(2, Math.floor(Math.abs(this.high - this.low) / 30));
    return this.log ? logTicks(this.least, this.most, count) : ticks(this.least, this.most, count);
  }
}

/** Round numbers between least and most, about so many, evenly spaced: [{ value, text }]. */
export function ticks(least, most, count, whole = false) {
  if (!(most > least)) return [{ value: least, text: tickText(least, 0) }];
  const rough = (most - least) / count;
  const power = 10 ** Math.floor(Math.log10(rough));
  const front = rough / power;
  let step = (front < 1.4 ? 1 : front < 3 ? 2 : front < 6.5 ? 5 : 10) * power;
  if (whole) step = Math.max(1, step);
  const found = [];
  for (let n = Math.ceil(least / step - 1e-9); n * step <= most + step * 1e-9; n++) {
    found.push({ value: n === 0 ? 0 : n * step, text: tickText(n * step, step) });
  }
  return found;
}

/** Powers of ten; where there are few, also 2 and 5 times them; within one power, round numbers. */
export function logTicks(least, most, count) {
  const [low, high] = [Math.log10(least), Math.log10(most)];
  if (high - low < 0.7) return ticks(least, most, Math.min(count, 4));
  const stride = Math.max(1, Math.ceil((high - low) / count));
  const within = stride > 1 || high - low > count / 2 ? [1] : high - low > count / 3.2 ? [1, 3] : [1, 2, 5];
  const found = [];
  for (let power = Math.floor(low); power <= Math.ceil(high); power++) {
    if (power % stride) continue;
    for (const n of within) {
      const value = n * 10 ** power;
      if (value >= least * 0.9999 && value <= most * 1.0001) found.push({ value, text: powerText(n, power) });
    }
  }
  return found;
}

/** 0.25, 1,500, −3; very large and very small ones as 2·10⁻⁵. */
export function tickText(value, step) {
  if (Math.abs(value) < step * 1e-6 || value === 0) return "0";
  const power = Math.floor(Math.log10(Math.abs(value)) + 1e-9);
  if (power >= 6 || power <= -4) {
    const front = Number((value / 10 ** power).toPrecision(3));
    const sign = front === 1 ? "" : front === -1 ? "−" : `${front}·`.replace("-", "−");
    return `${sign}10${raised(power)}`;
  }
  const digits = step ? Math.min(Math.max(0, -Math.floor(Math.log10(step) + 1e-9)), 8) : 0;
  const text = Math.abs(value).toLocaleString("en", { minimumFractionDigits: digits, maximumFractionDigits: step ? digits : 4 });
  return value < 0 ? `−${text}` : text;
}

function powerText(n, power) {
  if (power < -3 || power > 4) return n === 1 ? `10${raised(power)}` : `${n}·10${raised(power)}`;
  return (n * 10 ** power).toLocaleString("en", { maximumFractionDigits: 4 });
}

const raised = (power) => (power < 0 ? "⁻" : "") + [...String(Math.abs(power))].map((d) => SMALL[d]).join("");

/** Place of the first x that is not before this one. */
export function placeOf(xs, x) {
  let [low, high] = [0, xs.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    if (xs[middle] < x) low = middle + 1;
    else high = middle;
  }
  return low;
}

/** Place of the nearest x; −1 where there is none. */
export function nearest(xs, x) {
  const after = placeOf(xs, x);
  if (after === 0) return xs.length ? 0 : -1;
  if (after === xs.length) return after - 1;
  return x - xs[after - 1] <= xs[after] - x ? after - 1 : after;
}

/** Least and most of what can be drawn between two x, and what cannot: { least, most, odd, below }. */
export function extent(series, [from, to], log) {
  const found = { least: Infinity, most: -Infinity, odd: 0, below: 0 };
  for (const { xs, ys } of series) {
    const end = placeOf(xs, to + 1e-9);
    for (let i = placeOf(xs, from); i < end; i++) {
      const y = ys[i];
      if (!Number.isFinite(y)) found.odd++;
      else if (log && y <= 0) found.below++;
      else {
        if (y < found.least) found.least = y;
        if (y > found.most) found.most = y;
      }
    }
  }
  return found;
}

/** A range with some air around it; a single number gets a range too. */
export function airy({ least, most }, log) {
  if (!(least <= most)) return log ? [0.1, 10] : [0, 1];
  if (log) {
    const air = most > least ? (most / least) ** 0.06 : 1.1;
    return [least / air, most * air];
  }
  const air = (most - least) * 0.05 || Math.abs(most) * 0.1 || 1;
  return [least >= 0 && least < (most - least) * 0.2 ? 0 : least - air, most + air];
}

/**
 * A line as pixels, x and y in turn; NaN lifts the pen. More than three points in a pixel's column
 * become its first, lowest, highest and last, so that no peak is lost however long the run is.
 */
export function pixelPath(xs, ys, across, up) {
  const begin = Math.max(0, placeOf(xs, across.least) - 1);
  const end = Math.min(xs.length, placeOf(xs, across.most + 1e-9) + 1);
  const path = [];
  if (end - begin <= 3 * Math.abs(across.high - across.low)) {
    for (let i = begin; i < end; i++) path.push(across.pixel(xs[i]), up.pixel(ys[i]));
    return path;
  }
  for (let i = begin; i < end;) i = column(xs, ys, i, end, across, up, path);
  return path;
}

/** One pixel's column of a long line; gives the place where the next one begins. */
function column(xs, ys, begin, end, across, up, path) {
  const at = Math.floor(across.pixel(xs[begin]));
  let [low, high, first, last, lifted] = [NaN, NaN, NaN, NaN, false];
  let i = begin;
  for (; i < end && Math.floor(across.pixel(xs[i])) === at; i++) {
    const y = up.pixel(ys[i]);
    if (y !== y) {
      lifted = true;
      continue;
    }
    if (first !== first) first = low = high = y;
    if (y < low) low = y;
    if (y > high) high = y;
    last = y;
  }
  if (first === first) path.push(at + 0.5, first, at + 0.5, low, at + 0.5, high, at + 0.5, last);
  if (lifted) path.push(at + 0.5, NaN);
  return i;
}

/** Where numbers are missing: the x at which each row of them begins, at most 40. */
export function oddPlaces({ xs, ys }) {
  const found = [];
  for (let i = 0; i < ys.length && found.length < 40; i++) {
    if (!Number.isFinite(ys[i]) && (i === 0 || Number.isFinite(ys[i - 1]))) found.push(xs[i]);
  }
  return found;
}
