// The binary form: there and back, and no bytes that break the viewer.

import assert from "node:assert/strict";
import { test } from "node:test";
import { Numbers } from "../../dlcourse/viz/viewer/frame/arrays.js";
import { Damaged, read, write } from "../../dlcourse/viz/viewer/frame/wire.js";

const numbers = (values, shape = [values.length]) => new Numbers(Float32Array.from(values), shape);
const example = () => ({
  text: "Ünï — \"quoted\"", list: [1, -2.5, NaN, Infinity, -Infinity, null, true],
  array: numbers([1, 2, 3, 4, 5, 6], [2, 3]), empty: numbers([], [0, 3]), one: numbers([7], []),
  odd: numbers([NaN, Infinity, -0]), deep: { er: [{ still: numbers([9]) }] },
});

/** Bytes with any header, right or wrong; `blob` numbers of 8 bytes follow. */
function bytesOf(header, blob = 0) {
  const text = new TextEncoder().encode(typeof header === "string" ? header : JSON.stringify(header));
  const length = Math.ceil(text.length / 8) * 8;
  const bytes = new Uint8Array(16 + length + 8 * blob).fill(32, 16, 16 + length);
  bytes.set(new TextEncoder().encode("DLCOURSE"));
  bytes.set(text, 16);
  new DataView(bytes.buffer).setUint32(8, 1, true);
  new DataView(bytes.buffer).setUint32(12, length, true);
  return bytes;
}

const head = (arrays, content = null) => ({ kind: "x", arrays, content });
const four = { dtype: "float32", shape: [2], at: 0 };

test("what was written is read again", () => {
  const { kind, content } = read(write("view", example()));
  assert.equal(kind, "view");
  assert.deepEqual(content, example());
  assert.ok(Object.is(content.odd.data[2], -0));
});

test("bytes in the middle of a larger buffer are read where they are", () => {
  const bytes = write("x", example());
  for (const shift of [1, 4, 8]) {
    const room = new Uint8Array(bytes.byteLength + 20);
    room.set(new Uint8Array(bytes.buffer), shift);
    const inner = new DataView(room.buffer, shift, bytes.byteLength);
    assert.deepEqual(read(inner).content, example());
  }
});

test("every beginning of the bytes is refused with a sentence", () => {
  const whole = new Uint8Array(write("x", example()).buffer);
  for (let length = 0; length < whole.length; length++) {
    assert.throws(() => read(whole.slice(0, length)), (error) =>
      error instanceof Damaged && /^[A-Z].+\.$/.test(error.message), `${length} bytes`);
  }
  assert.throws(() => read(Uint8Array.from([...whole, ...new Uint8Array(8)])), Damaged);
});

test("no flipped byte gives anything but data or a sentence", () => {
  const whole = new Uint8Array(write("x", example()).buffer);
  let refused = 0;
  for (let place = 0; place < whole.length; place++) {
    for (const mask of [1, 2, 16, 32, 128, 255]) {
      const bytes = whole.slice();
      bytes[place] ^= mask;
      try {
        read(bytes);
      } catch (error) {
        assert.ok(error instanceof Damaged, `byte ${place}: ${error.stack}`);
        refused++;
      }
    }
  }
  assert.ok(refused > 500, `only ${refused} were refused`);
});

test("headers that lie are refused", () => {
  const lies = {
    "no object": "null", "no JSON": "{", "a number as kind": { kind: 1, arrays: [], content: 0 },
    "no arrays": { kind: "x", content: 0 }, "an array that is null": head([null]),
    "a type that does not exist": head([{ ...four, dtype: "constructor" }]),
    "a negative length": head([{ ...four, shape: [-1] }]),
    "half a length": head([{ ...four, shape: [0.5] }]),
    "a length beyond all bounds": head([{ ...four, shape: [2 ** 40, 2 ** 40] }]),
    "a place out of step": head([{ ...four, at: 4 }]), "a place before": head([{ ...four, at: -8 }]),
    "a gap": head([{ ...four, at: 8 }]), "the same place twice": head([four, four]),
    "an array that is not held": head([four], { $array: 1 }),
    "an array by name": head([four], { $array: "length" }),
    "a number that is none": head([four], { $float: "1" }),
  };
  for (const [what, header] of Object.entries(lies)) {
    assert.throws(() => read(bytesOf(header, 1)), Damaged, what);
  }
  assert.throws(() => read(bytesOf(head([], null), 1)), Damaged, "bytes that nobody claims");
  assert.deepEqual(read(bytesOf(head([four], { $array: 0 }), 1)).content, numbers([0, 0]));
});

test("a header nested beyond all bounds is refused", () => {
  const deep = `{"kind": "x", "arrays": [], "content": ${"[".repeat(1e5)}${"]".repeat(1e5)}}`;
  assert.throws(() => read(bytesOf(deep)), Damaged);
});

test("what is no bytes, and what another version wrote, is said to be", () => {
  for (const nothing of [undefined, null, "text", 5, {}]) {
    assert.throws(() => read(nothing), /There are no data to show/);
  }
  const newer = bytesOf(head([]));
  newer[8] = 2;
  assert.throws(() => read(newer), /form 2.*reads form 1/);
});

test("names in the data cannot reach into the program", () => {
  const { content } = read(bytesOf('{"kind": "x", "arrays": [], "content": {"__proto__": {"bad": 1}}}'));
  assert.equal(content.bad, undefined);
  assert.equal({}.bad, undefined);
});
