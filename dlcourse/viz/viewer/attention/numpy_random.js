// NumPy's own generator, number for number: np.random.default_rng(seed).random(). What is drawn in
// the browser is therefore what the same call draws in Python.

const WORDS = 4;
const mask32 = 0xffffffffn;
const mask64 = (1n << 64n) - 1n;
const mask128 = (1n << 128n) - 1n;
const MULTIPLIER = (2549297995355413924n << 64n) | 4865540595714422341n;

const product = (a, b) => Math.imul(a, b) >>> 0;

/** The seed stirred into four words, as NumPy's SeedSequence does. */
function stirred(seed) {
  let constant = 0x43b0d7e5;
  const hash = (value) => {
    value = (value ^ constant) >>> 0;
    constant = product(constant, 0x931e8875);
    value = product(value, constant);
    return (value ^ (value >>> 16)) >>> 0;
  };
  const mix = (x, y) => {
    const mixed = (product(x, 0xca01f9dd) - product(y, 0x4973f715)) >>> 0;
    return (mixed ^ (mixed >>> 16)) >>> 0;
  };
  const pool = Array.from({ length: WORDS }, (_, i) => hash(i === 0 ? seed >>> 0 : 0));
  for (let from = 0; from < WORDS; from++) {
    for (let to = 0; to < WORDS; to++) if (from !== to) pool[to] = mix(pool[to], hash(pool[from]));
  }
  return pool;
}

/** Four 64-bit numbers out of the pool: the start of the generator, and its step. */
function drawnFrom(pool) {
  let constant = 0x8b51f9dd;
  const words = Array.from({ length: 2 * WORDS }, (_, i) => {
    let value = (pool[i % WORDS] ^ constant) >>> 0;
    constant = product(constant, 0x58f38ded);
    value = product(value, constant);
    return BigInt((value ^ (value >>> 16)) >>> 0);
  });
  return Array.from({ length: WORDS }, (_, i) => words[2 * i] | (words[2 * i + 1] << 32n));
}

/** A function that gives the next number in [0, 1), as np.random.default_rng(seed).random() does. */
export function defaultRng(seed) {
  const [a, b, c, d] = drawnFrom(stirred(seed));
  const step = ((((c << 64n) | d) << 1n) | 1n) & mask128;
  let state = (step + ((a << 64n) | b)) & mask128; // zero, one step on, the start added
  const onwards = () => { state = (state * MULTIPLIER + step) & mask128; };
  onwards();
  return () => {
    onwards();
    const [high, low] = [state >> 64n, state & mask64];
    const turn = high >> 58n;
    const folded = high ^ low;
    const word = ((folded >> turn) | (folded << ((64n - turn) & 63n))) & mask64;
    return Number(word >> 11n) / 2 ** 53;
  };
}

export const seedFits = (seed) => Number.isInteger(seed) && BigInt(seed) <= mask32 && seed >= 0;
