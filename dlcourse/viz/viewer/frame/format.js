// Numbers and places as a person reads them.

const MINUS = "−";

/** 0.1234 → "0.123", 12345 → "12,345", 0.00001 → "1.0e−5"; NaN and infinity by name. */
export function number(x, digits = 3) {
  if (x === null || x === undefined) return "not computed yet";
  if (Number.isNaN(x)) return "NaN";
  if (!Number.isFinite(x)) return x > 0 ? "∞" : `${MINUS}∞`;
  if (x === 0) return "0";
  const size = Math.abs(x);
  if (size < 1e-3 || size >= 1e6) {
    const [front, exponent] = size.toExponential(1).split("e");
    return signed(x, `${front}e${exponent.replace("+", "").replace("-", MINUS)}`);
  }
  if (Number.isInteger(x)) return signed(x, size.toLocaleString("en"));
  const shown = size.toPrecision(digits);
  const long = size >= 1000 || shown.includes("e"); // 999.7 is 1,000 in three digits
  return signed(x, long ? Math.round(size).toLocaleString("en") : shown);
}

const signed = (x, text) => (x < 0 ? MINUS + text : text);

/** The number with all the digits that a float32 has, for the live region and for copying. */
export function exact(x, dtype = "float32") {
  if (x === null || x === undefined) return "not computed yet";
  if (!Number.isFinite(x)) return number(x);
  const digits = ["float32", "float16"].includes(dtype) ? 9 : 17;
  return String(Number(x.toPrecision(digits)));
}

/** A short form for a number inside a small cell, among numbers up to `reach`. */
export function tiny(x, reach = Infinity) {
  if (x === 0 || !Number.isFinite(x)) return number(x);
  const size = Math.abs(x);
  if (reach < 0.01 || size >= 1e4) {
    return signed(x, size.toExponential(0).replace("+", "").replace("-", MINUS));
  }
  if (size < 0.005) return x < 0 ? `${MINUS}0` : "+0";
  const text = size >= 100 ? size.toFixed(0) : size >= 10 ? size.toFixed(1) : size.toFixed(2);
  return signed(x, text.replace(/^0\./, "."));
}

export const place = (index) => `[${index.join(", ")}]`;

export const shape = (sizes) => (sizes.length ? sizes.join(" × ") : "one number");

export const percent = (x, digits = 0) => `${(100 * x).toFixed(digits)} %`;

export const plural = (n, word) => `${n.toLocaleString("en")} ${word}${n === 1 ? "" : "s"}`;
