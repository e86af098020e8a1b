/**
 * What formulas are written with: cells, quantities, terms and sums.
 *
 *   cell      one number of the step, {symbol, value, place, index}
 *   quantity  a number found on the way that no array holds, such as a mean: its place is null,
 *             `how` says in words where it comes from, `formula()` gives its own formula or null
 *   term      {value, parts}: parts are texts, cells and quantities; read one after the other,
 *             with their values put in, they give the term's value
 *   piece     {equation, terms, joint, total, scale, marks}, which formulas.js makes a formula of
 */

export const MOST_TERMS = 4096;
export const LEADING = ["n", "t", "s", "r"]; // letters of the axes before the last, in sums
const LOW = { i: "ᵢ", j: "ⱼ", k: "ₖ", n: "ₙ", o: "ₒ", r: "ᵣ", s: "ₛ", t: "ₜ" };
const NORMS = /Norm/;
const NAMES = {
  recurrent: { inputs: ["x", "h₀", "c₀"], outputs: ["y", "h", "c"] },
  attention: { inputs: ["q", "k", "v", "mask"], outputs: ["y"] },
};
const FAMILY = { RNN: "recurrent", LSTM: "recurrent", GRU: "recurrent" };
FAMILY.ScaledDotProductAttention = "attention";

/** The array at a place such as "inputs.0" or "dparams.weight"; null where there is none. */
export function arrayAt(step, place) {
  const dot = place.indexOf(".");
  return step[place.slice(0, dot)]?.[place.slice(dot + 1)] ?? null;
}

/** The learner's letter for an array: x, y, W, b, dx, dW, γ, ... */
export function letter(step, place) {
  const dot = place.indexOf(".");
  const [group, key] = [place.slice(0, dot), place.slice(dot + 1)];
  if (group === "dparams") return "d" + letter(step, "params." + key);
  if (group === "dinputs" || group === "doutputs") {
    return "d" + letter(step, `${group.slice(1)}.${key}`);
  }
  if (group === "params") return paramLetter(step, key);
  const names = NAMES[FAMILY[step.kind]]?.[group];
  if (names?.[key]) return names[key];
  const first = group === "inputs" ? "x" : "y";
  return Number(key) ? first + "₀₁₂₃₄₅₆₇₈₉"[Number(key) + 1] : first;
}

function paramLetter(step, key) {
  if (NORMS.test(step.kind)) return { weight: "γ", bias: "β" }[key] ?? key;
  const short = { weight: "W", bias: "b" }[key];
  return short ?? key.replace(/^weight_/, "W_").replace(/^bias_/, "b_").replace(/_l0$/, "");
}

/** "y[2,1]", or "y" alone for a single number. */
export function named(letterOf, index) {
  return index.length ? `${letterOf}[${index.join(",")}]` : letterOf;
}

/** "Σᵢ", "Σₙₜ": a sum over the axes of these letters. */
export function sumOver(...letters) {
  return "Σ" + letters.map((one) => LOW[one] ?? one).join("");
}

/** A number of the step, as a part of a term. */
export function cell(step, place, offset) {
  const array = arrayAt(step, place);
  const index = array.unflat(offset);
  return { symbol: named(letter(step, place), index), value: array.data[offset], place, index };
}

/** A number that no array holds; `formula`, where given, is called when somebody asks for it. */
export function quantity(symbol, value, how, formula = () => null) {
  return { symbol, value, place: null, index: null, how, formula };
}

/** One summand. Its parts are written when they are first read: most are never shown. */
export class Term {
  #write;
  #parts = null;

  constructor(value, write) {
    this.value = value;
    this.#write = write;
  }

  get parts() {
    this.#parts ??= this.#write();
    return this.#parts;
  }

  toJSON() {
    return { value: this.value, parts: this.parts };
  }
}

/** Terms that are added up. `scale` is the size of all of them: rounding errors grow with it. */
export class Sum {
  terms = [];
  rest = { count: 0, value: 0 }; // of a long sum: the terms that are too small to be written
  total = 0;
  scale = 0;

  add(value, write) {
    this.terms.push(new Term(value, write));
    this.total += value;
    this.scale += Math.abs(value);
  }

  /** `count` terms at once; of very many only the largest are made. */
  addAll(count, valueOf, writeOf) {
    const values = new Float64Array(count);
    for (let k = 0; k < count; k++) values[k] = valueOf(k);
    const keeps = largest(values);
    values.forEach((value, k) => {
      if (keeps(value)) return this.add(value, () => writeOf(k));
      this.total += value;
      this.scale += Math.abs(value);
      this.rest.value += value;
      this.rest.count++;
    });
  }

  /** Σ over `count` products of two cells; `a` and `b` give their offsets. */
  products(step, placeA, a, placeB, b, count) {
    const [left, right] = [arrayAt(step, placeA).data, arrayAt(step, placeB).data];
    this.addAll(count, (k) => left[a(k)] * right[b(k)],
      (k) => [cell(step, placeA, a(k)), "·", cell(step, placeB, b(k))]);
  }

  /** Σ over `count` cells. */
  cells(step, place, at, count) {
    const { data } = arrayAt(step, place);
    this.addAll(count, (k) => data[at(k)], (k) => [cell(step, place, at(k))]);
  }

  /** The piece of a formula that is this sum. */
  piece(equation, marks, more = {}) {
    const { terms, rest, total, scale } = this;
    return { equation, terms, rest, joint: "+", total, scale, marks, ...more };
  }
}

/** A piece of one term alone. `scale`: the largest number on the way to the value. */
export function single(equation, value, write, marks, scale = Math.abs(value)) {
  const terms = [new Term(value, write)];
  return { equation, terms, joint: "+", total: value, scale, marks };
}

/** The formula of a quantity: the array that would hold it is not there, so nothing is compared. */
export function inner(name, piece) {
  const { equation, joint, total, around } = piece;
  const formula = { name, equation, origin: null, terms: shortened(piece), joint, total,
    stored: null, agrees: true, marks: [] };
  return around ? { ...formula, around } : formula;
}

/** Is this one of the `MOST_TERMS` largest? To be asked of each number in turn. */
function largest(numbers) {
  if (numbers.length <= MOST_TERMS) return () => true;
  const sizeOf = (number) => (number !== number ? Infinity : Math.abs(number)); // NaN is shown
  const sizes = numbers.map(sizeOf);
  const limit = nthLargest(sizes, MOST_TERMS);
  let spare = MOST_TERMS - sizes.reduce((count, size) => count + Number(size > limit), 0);
  return (number) => sizeOf(number) > limit || (sizeOf(number) === limit && spare-- > 0);
}

/** The n-th largest number, by halving again and again: much quicker than to sort them all. */
function nthLargest(numbers, n) {
  let [low, high] = [0, numbers.length - 1];
  while (low < high) {
    const pivot = numbers[(low + high) >> 1];
    let [i, j] = [low, high];
    while (i <= j) {
      while (numbers[i] > pivot) i++;
      while (numbers[j] < pivot) j--;
      if (i <= j) {
        [numbers[i], numbers[j]] = [numbers[j], numbers[i]];
        i++;
        j--;
      }
    }
    if (n - 1 <= j) high = j;
    else if (n - 1 >= i) low = i;
    else break;
  }
  return numbers[n - 1];
}

/** The largest terms in their order, and one for all the others. */
export function shortened({ terms, rest = { count: 0, value: 0 } }) {
  const keeps = largest(Float64Array.from(terms, ({ value }) => value));
  let { count, value } = rest;
  const kept = terms.filter((term) => {
    if (keeps(term.value)) return true;
    count++;
    value += term.value;
    return false;
  });
  if (!count) return kept;
  return [...kept, new Term(value, () => [`… ${count.toLocaleString("en")} more`])];
}

/** A lit box around one cell, or from one cell to another (both inside). */
export function mark(place, from, to = from) {
  return { place, from, to };
}

/** All of an array, lit; `fixed` holds the axes that stay: {0: 2} is row 2. */
export function markAlong(step, place, fixed) {
  const { shape } = arrayAt(step, place);
  const from = shape.map((_, axis) => fixed[axis] ?? 0);
  const to = shape.map((size, axis) => fixed[axis] ?? size - 1);
  return mark(place, from, to);
}

/** Are both there, and of one shape? */
export function sameShape(a, b) {
  return Boolean(a && b) && a.shape.join() === b.shape.join();
}

/** How many numbers these axes hold. */
export function sizeOf(shape) {
  return shape.reduce((product, size) => product * size, 1);
}
