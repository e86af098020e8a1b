// The binary form of dlcourse/wire.py, read and written in a browser. Nothing in it is believed:
// a length, a type or a place that does not add up is refused with a sentence.

import { Numbers } from "./arrays.js";

export const FORM = 1;
const MAGIC = "DLCOURSE";
const KINDS = {
  bool: Uint8Array, int8: Int8Array, uint8: Uint8Array, int16: Int16Array, uint16: Uint16Array,
  int32: Int32Array, uint32: Uint32Array, int64: BigInt64Array, uint64: BigUint64Array,
  float16: Uint16Array, float32: Float32Array, float64: Float64Array,
};

const FLOATS = { nan: NaN, inf: Infinity, "-inf": -Infinity }; // JSON has no words for these

export class Damaged extends Error {}

/** What `pack(kind, content)` wrote in Python: { kind, content }, with a Numbers for each array. */
export function read(bytes) {
  const buffer = aligned(bytes);
  const view = new DataView(buffer);
  if (buffer.byteLength < 16 || text(buffer, 0, 8) !== MAGIC) {
    throw new Damaged("These bytes were not written by dlcourse.");
  }
  const [form, length] = [view.getUint32(8, true), view.getUint32(12, true)];
  if (form !== FORM) {
    throw new Damaged(`Written in form ${form}, this page reads form ${FORM}: make the page anew.`);
  }
  if (length % 8 || 16 + length > buffer.byteLength) {
    throw new Damaged("The data end in the middle of their header.");
  }
  const header = parsed(text(buffer, 16, length));
  const arrays = arraysIn(buffer, 16 + length, header.arrays);
  try {
    return { kind: header.kind, content: filled(header.content, arrays) };
  } catch (error) {
    if (error instanceof RangeError) throw new Damaged("The data are nested too deeply to be read.");
    throw error;
  }
}

/** They must fill the rest of the bytes exactly, so that nothing is read twice. */
function arraysIn(buffer, blob, table) {
  let free = 0;
  const arrays = table.map((entry) => {
    if (entry?.at !== free) throw new Damaged("The table of arrays makes no sense.");
    const numbers = array(buffer, blob, entry);
    free += Math.ceil((numbers.size * KINDS[entry.dtype].BYTES_PER_ELEMENT) / 8) * 8;
    return numbers;
  });
  if (blob + free !== buffer.byteLength) {
    throw new Damaged("The data end in the middle of an array, or go on behind the last one.");
  }
  return arrays;
}

/** One buffer that begins where the data begin, so that numbers lie where they can be read. */
function aligned(bytes) {
  if (bytes instanceof ArrayBuffer) return bytes;
  if (!ArrayBuffer.isView(bytes)) throw new Damaged("There are no data to show.");
  const { buffer, byteOffset, byteLength } = bytes;
  const whole = byteOffset === 0 && byteLength === buffer.byteLength;
  return whole ? buffer : buffer.slice(byteOffset, byteOffset + byteLength);
}

function text(buffer, at, length) {
  return new TextDecoder().decode(new Uint8Array(buffer, at, length));
}

function parsed(json) {
  try {
    const header = JSON.parse(json);
    if (typeof header.kind === "string" && Array.isArray(header.arrays)) return header;
  } catch {
    // said below, for both
  }
  throw new Damaged("The header of the data makes no sense.");
}

function array(buffer, blob, { dtype, shape, at }) {
  const Kind = KINDS[dtype];
  const sizes = Array.isArray(shape) && shape.every((n) => Number.isInteger(n) && n >= 0);
  if (!Object.hasOwn(KINDS, dtype) || !sizes) {
    throw new Damaged("The table of arrays makes no sense.");
  }
  const size = shape.reduce((product, n) => product * n, 1);
  if (blob + at + size * Kind.BYTES_PER_ELEMENT > buffer.byteLength) {
    throw new Damaged("The data end in the middle of an array.");
  }
  const raw = new Kind(buffer, blob + at, size);
  if (dtype === "float16") return new Numbers(Float32Array.from(raw, half), shape, dtype);
  if (Kind === BigInt64Array || Kind === BigUint64Array) {
    return new Numbers(Float64Array.from(raw, Number), shape, dtype);
  }
  return new Numbers(raw, shape, dtype);
}

/** A float16 from its 16 bits: sign, five bits of exponent, ten of fraction. */
function half(bits) {
  const [exponent, fraction] = [(bits >> 10) & 31, bits & 1023];
  const sign = bits >> 15 ? -1 : 1;
  if (exponent === 31) return fraction ? NaN : sign * Infinity;
  const size = exponent ? 2 ** (exponent - 15) * (1 + fraction / 1024) : 2 ** -24 * fraction;
  return sign * size;
}

function filled(node, arrays) {
  if (Array.isArray(node)) return node.map((value) => filled(value, arrays));
  if (node === null || typeof node !== "object") return node;
  if ("$array" in node) {
    const found = Number.isInteger(node.$array) && arrays[node.$array];
    if (!found) throw new Damaged("The data name an array that they do not hold.");
    return found;
  }
  if ("$float" in node) {
    if (!Object.hasOwn(FLOATS, node.$float)) throw new Damaged("The data hold a number that is none.");
    return FLOATS[node.$float];
  }
  return Object.fromEntries(Object.entries(node).map(([key, value]) => [key, filled(value, arrays)]));
}

/** The bytes of a tree of objects, lists, numbers, texts and Numbers (sent as float32). */
export function write(kind, content) {
  const arrays = [];
  const tree = emptied(content, arrays);
  let at = 0;
  const table = arrays.map(({ shape, size }) => {
    const entry = { dtype: "float32", shape, at };
    at += Math.ceil((size * 4) / 8) * 8;
    return entry;
  });
  let header = new TextEncoder().encode(JSON.stringify({ kind, arrays: table, content: tree }));
  const length = Math.ceil(header.length / 8) * 8;
  const bytes = new Uint8Array(16 + length + at).fill(32, 16, 16 + length);
  bytes.set(new TextEncoder().encode(MAGIC));
  bytes.set(header, 16);
  const view = new DataView(bytes.buffer);
  view.setUint32(8, FORM, true);
  view.setUint32(12, length, true);
  arrays.forEach(({ data }, i) => {
    new Float32Array(bytes.buffer, 16 + length + table[i].at, data.length).set(data);
  });
  return view;
}

function emptied(node, arrays) {
  if (node instanceof Numbers) {
    arrays.push(node);
    return { $array: arrays.length - 1 };
  }
  if (Array.isArray(node)) return node.map((value) => emptied(value, arrays));
  if (typeof node === "number" && !Number.isFinite(node)) {
    return { $float: Number.isNaN(node) ? "nan" : node > 0 ? "inf" : "-inf" };
  }
  if (node === null || typeof node !== "object") return node;
  return Object.fromEntries(Object.entries(node).map(([key, value]) => [key, emptied(value, arrays)]));
}
