// A surface that was computed at the places of a lattice: values in between, levels, contour lines.

/** `losses` is (rows of b) × (columns of a); b grows upwards, as the rows do. */
export class Surface {
  constructor({ a, b, losses }) {
    [this.a, this.b, this.losses] = [a.data, b.data, losses.data];
    [this.rows, this.cols] = losses.shape;
    const finite = [...this.losses].filter(Number.isFinite);
    this.least = finite.length ? Math.min(...finite) : NaN;
    this.most = finite.length ? Math.max(...finite) : NaN;
    this.odd = this.losses.length - finite.length;
    this.log = this.least > 0 && this.most / this.least > 20; // losses far apart are read by their size
    this.heights = Float64Array.from(this.losses, (loss) => this.height(loss));
  }

  /** What the map draws: the loss, or its logarithm. */
  height(loss) {
    return this.log ? Math.log10(loss) : loss;
  }

  get reach() {
    return [this.height(this.least), this.height(this.most)];
  }

  /** Column and row, with fractions, of a place in the plane. */
  cell([a, b]) {
    const along = (axis, x) => ((x - axis[0]) / (axis.at(-1) - axis[0])) * (axis.length - 1);
    return [along(this.a, a), along(this.b, b)];
  }

  place([column, row]) {
    const along = (axis, i) => axis[0] + (i / (axis.length - 1)) * (axis.at(-1) - axis[0]);
    return [along(this.a, column), along(this.b, row)];
  }

  holds([a, b]) {
    return a >= this.a[0] && a <= this.a.at(-1) && b >= this.b[0] && b <= this.b.at(-1);
  }

  at(column, row) {
    return this.losses[row * this.cols + column];
  }

  /** The loss at a place, read between the computed ones; NaN outside, and beside what is not finite. */
  loss(place) {
    if (!this.holds(place)) return NaN;
    const [x, y] = this.cell(place);
    if (Number.isInteger(x) && Number.isInteger(y)) return this.at(x, y);
    const height = this.between(x, y);
    return this.log ? 10 ** height : height;
  }

  /** Smoothly through all computed heights where sixteen are there, else straight between four. */
  between(x, y) {
    const c = Math.min(Math.floor(x), this.cols - 2);
    const r = Math.min(Math.floor(y), this.rows - 2);
    const [u, v] = [x - c, y - r];
    const smooth = [-1, 0, 1, 2].map((j) => cubic([-1, 0, 1, 2].map((i) => this.near(c + i, r + j)), u));
    const height = cubic(smooth, v);
    if (Number.isFinite(height)) return height;
    const line = (j) => mix(this.near(c, r + j), this.near(c + 1, r + j), u);
    return mix(line(0), line(1), v);
  }

  /** The height there; beyond the edge it goes on as it came. */
  near(c, r) {
    const [i, j] = [clamp(c, this.cols), clamp(r, this.rows)];
    const height = this.heights[j * this.cols + i];
    if (i === c && j === r) return height;
    const inner = this.heights[clamp(2 * j - r, this.rows) * this.cols + clamp(2 * i - c, this.cols)];
    return 2 * height - inner;
  }

  /** Heights at `times` as many places: { heights, rows, cols }. */
  finer(times) {
    const [cols, rows] = [(this.cols - 1) * times + 1, (this.rows - 1) * times + 1];
    const heights = new Float64Array(cols * rows);
    for (let r = 0; r < rows; r++) {
      for (let c = 0; c < cols; c++) heights[r * cols + c] = this.between(c / times, r / times);
    }
    return { heights, rows, cols };
  }

  /** About so many heights for contour lines, with the loss that each stands for. */
  levels(count) {
    const [low, high] = this.reach;
    if (!(high > low)) return [];
    return (this.log ? logLevels(this.least, this.most, count) : roundLevels(low, high, count))
      .map((loss) => ({ loss, height: this.height(loss) }));
  }
}

const clamp = (i, n) => Math.max(0, Math.min(n - 1, i));
const mix = (p, q, t) => (t === 0 ? p : t === 1 ? q : p + (q - p) * t);

/** Catmull-Rom: through the two middle ones, with the slopes that their neighbours give. */
function cubic([p, q, r, s], t) {
  if (t === 0) return q;
  return q + 0.5 * t * (r - p + t * (2 * p - 5 * q + 4 * r - s + t * (3 * (q - r) + s - p)));
}

function roundLevels(low, high, count) {
  const rough = (high - low) / count;
  const power = 10 ** Math.floor(Math.log10(rough));
  const step = [1, 2, 2.5, 5, 10].find((n) => n * power >= rough * 0.999) * power;
  const levels = [];
  for (let n = Math.ceil(low / step); n * step < high; n++) levels.push(Number((n * step).toPrecision(12)));
  return levels.filter((level) => level > low);
}

const FRONTS = [[1], [1, 3], [1, 2, 5], [1, 1.5, 2, 3, 5, 7]];

function logLevels(least, most, count) {
  const powers = Math.log10(most / least);
  const fronts = FRONTS.findLast((set) => set.length * powers <= count * 1.3) ?? [1];
  const stride = Math.max(1, Math.ceil(powers / count));
  const levels = [];
  for (let power = Math.floor(Math.log10(least)); power <= Math.log10(most); power++) {
    if (power % stride) continue;
    for (const front of fronts) levels.push(Number((front * 10 ** power).toPrecision(3)));
  }
  return levels.filter((level) => level > least * 1.000001 && level < most * 0.999999);
}

/**
 * Lines of one height through a lattice, as rows of [x, y, x, y, …] in cells (marching squares,
 * pieces joined end to end). Where a corner is not finite, no line is drawn.
 */
export function contour({ heights, rows, cols }, level) {
  const pieces = [];
  for (let r = 0; r < rows - 1; r++) {
    for (let c = 0; c < cols - 1; c++) {
      const at = r * cols + c;
      square(pieces, c, r, heights[at], heights[at + 1], heights[at + cols + 1], heights[at + cols], level, cols);
    }
  }
  return joined(pieces);
}

/** The pieces within one square; its edges are numbered so that neighbours find each other. */
function square(pieces, c, r, p, q, s, t, level, cols) {
  const kind = (p > level) | (q > level) << 1 | (s > level) << 2 | (t > level) << 3;
  if (kind === 0 || kind === 15 || !Number.isFinite(p + q + s + t)) return;
  const part = (from, to) => (level - from) / (to - from);
  const edge = {
    low: () => ({ id: 2 * (r * cols + c), x: c + part(p, q), y: r }),
    high: () => ({ id: 2 * ((r + 1) * cols + c), x: c + part(t, s), y: r + 1 }),
    left: () => ({ id: 2 * (r * cols + c) + 1, x: c, y: r + part(p, t) }),
    right: () => ({ id: 2 * (r * cols + c + 1) + 1, x: c + 1, y: r + part(q, s) }),
  };
  const join = (from, to) => pieces.push([edge[from](), edge[to]()]);
  const middle = (p + q + s + t) / 4 > level;
  switch (kind > 7 ? 15 - kind : kind) {
    case 1: return join("left", "low");
    case 2: return join("low", "right");
    case 3: return join("left", "right");
    case 4: return join("right", "high");
    case 6: return join("low", "high");
    case 7: return join("left", "high");
    default: // a saddle: the middle decides which corners belong together
      if (middle === (kind === 5)) { join("left", "high"); join("low", "right"); }
      else { join("left", "low"); join("right", "high"); }
  }
}

function joined(pieces) {
  const ends = new Map();
  pieces.forEach((piece, i) => piece.forEach(({ id }) => ends.set(id, [...(ends.get(id) ?? []), i])));
  const used = new Uint8Array(pieces.length);
  const lines = [];
  const follow = (i, from) => {
    const line = [];
    let [at, place] = [i, from];
    while (at !== undefined) {
      used[at] = 1;
      const [one, other] = pieces[at];
      const next = one.id === place.id ? other : one;
      line.push(next.x, next.y);
      place = next;
      at = ends.get(next.id).find((other) => !used[other]);
    }
    return line;
  };
  const begin = (i) => {
    const [one, other] = pieces[i];
    const loose = ends.get(one.id).length === 1 ? one : ends.get(other.id).length === 1 ? other : null;
    return loose;
  };
  pieces.forEach((_, i) => {
    const start = used[i] ? null : begin(i);
    if (start) lines.push([start.x, start.y, ...follow(i, start)]);
  });
  pieces.forEach(([start], i) => {
    if (!used[i]) lines.push([start.x, start.y, ...follow(i, start)]);
  });
  return lines;
}
