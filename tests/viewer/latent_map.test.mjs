// Blending between the pictures of a map: shares, corners, and what lies outside of it.

import assert from "node:assert/strict";
import { test } from "node:test";
import { around, between, blend, nearestExample, rounded, tileOf } from "../../dlcourse/viz/viewer/plane/decoded.js";

const FRAME = [-2, 2, 0, 10]; // five tiles to a side: middles at −1.6, −0.8, … and 1, 3, …

test("a tile's middle is that tile; outside of the outermost middles it stays there", () => {
  const near = (got, want) => got.forEach((x, i) => assert.ok(Math.abs(x - want[i]) < 1e-9, `${got}`));
  near(tileOf(FRAME, 5, [-1.6, 1]), [0, 0]);
  near(tileOf(FRAME, 5, [0, 5]), [2, 2]);
  near(tileOf(FRAME, 5, [1.6, 3]), [4, 1]);
  near(tileOf(FRAME, 5, [-2, 10]), [0, 4]);
  near(tileOf(FRAME, 5, [9, -9]), [4, 0]);
});

test("four neighbours with shares that add up to one; on a middle there is only one", () => {
  assert.deepEqual(around(5, [2, 3]), [{ at: 17, share: 1 }]);
  assert.deepEqual(around(5, [4, 4]), [{ at: 24, share: 1 }]);
  assert.deepEqual(around(5, [0.25, 0]), [{ at: 0, share: 0.75 }, { at: 1, share: 0.25 }]);
  const four = around(5, [1.25, 2.5]);
  assert.deepEqual(four.map(({ at }) => at), [11, 12, 16, 17]);
  assert.deepEqual(four.map(({ share }) => share), [0.375, 0.125, 0.375, 0.125]);
});

test("a blend of pictures that grow evenly is the picture in between", () => {
  const pictures = Float32Array.from({ length: 9 * 2 }, (_, i) => {
    const [row, column] = [Math.floor((i >> 1) / 3), (i >> 1) % 3];
    return i % 2 ? 10 * row + column : -column;
  });
  const mixed = blend(pictures, 2, around(3, [1.5, 0.25]));
  assert.ok(Math.abs(mixed[0] + 1.5) < 1e-6);
  assert.ok(Math.abs(mixed[1] - (10 * 0.25 + 1.5)) < 1e-6);
});

test("the nearest example is the nearest on screen, whatever the axes measure", () => {
  const places = Float32Array.of(0, 0, 1, 0, 0, 6);
  assert.equal(nearestExample(places, FRAME, [0.1, 0.2]), 0);
  assert.equal(nearestExample(places, FRAME, [0.9, 3.2]), 1, "3.2 up is less than a third of the height");
  assert.equal(nearestExample(places, FRAME, [0, 4]), 2);
  assert.equal(nearestExample(new Float32Array(0), FRAME, [0, 4]), -1);
  assert.equal(nearestExample(Float32Array.of(NaN, 0, 1, 0), FRAME, [0, 0]), 1);
});

test("between two places", () => {
  assert.deepEqual(between([0, 4], [2, 0], 0.25), [0.5, 3]);
  assert.deepEqual([0.12345, -1.9996, 3].map(rounded), [0.123, -2, 3]);
});
