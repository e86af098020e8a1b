// Numbers in rows: a typed array that knows its shape, and what can be said of it at a glance.

export class Numbers {
  /** `data` holds the numbers in C order: the last index runs fastest. */
  constructor(data, shape, dtype = "float32") {
    this.data = data;
    this.shape = shape;
    this.dtype = dtype;
    this.size = shape.reduce((product, n) => product * n, 1);
    if (data.length !== this.size) {
      throw new Error(`${data.length} numbers cannot fill the shape (${shape.join(", ")})`);
    }
  }

  /** The number at an index such as [2, 0, 1]. */
  at(index) {
    return Number(this.data[this.flat(index)]);
  }

  /** Where that number stands in `data`. */
  flat(index) {
    let place = 0;
    for (let axis = 0; axis < this.shape.length; axis++) {
      place = place * this.shape[axis] + index[axis];
    }
    return place;
  }

  /** The index of the number that stands there. */
  unflat(place) {
    const index = new Array(this.shape.length);
    for (let axis = this.shape.length - 1; axis >= 0; axis--) {
      index[axis] = place % this.shape[axis];
      place = Math.floor(place / this.shape[axis]);
    }
    return index;
  }

  has(index) {
    return index.length === this.shape.length
      && index.every((i, axis) => Number.isInteger(i) && i >= 0 && i < this.shape[axis]);
  }

  /** Least, largest and largest by size of the finite numbers, where it is, and what is odd. */
  get facts() {
    this.known ??= survey(this.data);
    return this.known;
  }
}

function survey(data) {
  const facts = { least: Infinity, most: -Infinity, reach: 0, peak: -1, zeros: 0, odd: 0, firstOdd: -1 };
  for (let i = 0; i < data.length; i++) {
    const x = Number(data[i]);
    if (!Number.isFinite(x)) {
      if (facts.odd++ === 0) facts.firstOdd = i;
      continue;
    }
    if (x === 0) facts.zeros++;
    if (x < facts.least) facts.least = x;
    if (x > facts.most) facts.most = x;
    if (Math.abs(x) > facts.reach || facts.peak < 0) {
      facts.reach = Math.abs(x);
      facts.peak = i;
    }
  }
  return facts;
}

/** The gap between two arrays of one shape, cell by cell; null where they cannot be compared. */
export function gap(a, b) {
  if (!a || !b || a.shape.join() !== b.shape.join()) return null;
  const apart = new Float64Array(a.size);
  for (let i = 0; i < apart.length; i++) {
    const [x, y] = [Number(a.data[i]), Number(b.data[i])];
    apart[i] = x === y || (x !== x && y !== y) ? 0 : x - y;
  }
  return new Numbers(apart, a.shape, "float64");
}
