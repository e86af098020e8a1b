// Numbers in rows: places and indices, what is said of an array at a glance, gaps of two arrays.

import assert from "node:assert/strict";
import { test } from "node:test";
import { gap, Numbers } from "../../dlcourse/viz/viewer/frame/arrays.js";

const numbers = (values, shape = [values.length]) => new Numbers(Float32Array.from(values), shape);

test("an index leads to its place and back, in C order", () => {
  const cube = numbers(Array.from({ length: 24 }, (_, i) => i), [2, 3, 4]);
  for (let place = 0; place < 24; place++) {
    assert.equal(cube.flat(cube.unflat(place)), place);
    assert.equal(cube.at(cube.unflat(place)), place);
  }
  assert.deepEqual(cube.unflat(23), [1, 2, 3]);
  assert.equal(cube.flat([1, 0, 2]), 14);
});

test("a single number has an index without axes", () => {
  const one = numbers([7], []);
  assert.equal(one.size, 1);
  assert.deepEqual(one.unflat(0), []);
  assert.equal(one.at([]), 7);
  assert.ok(one.has([]) && !one.has([0]));
});

test("only whole indices within the shape are there", () => {
  const grid = numbers([1, 2, 3, 4, 5, 6], [2, 3]);
  for (const index of [[0, 0], [1, 2]]) assert.ok(grid.has(index));
  for (const index of [[2, 0], [0, 3], [-1, 0], [0], [0, 0, 0], [0.5, 0]]) assert.ok(!grid.has(index));
});

test("numbers that cannot fill the shape are refused with both", () => {
  assert.throws(() => numbers([1, 2, 3], [2, 2]), /3 numbers cannot fill the shape \(2, 2\)/);
});

test("the facts are those of the finite numbers, and say where the first odd one is", () => {
  const { least, most, reach, peak, zeros, odd, firstOdd } =
    numbers([0, 2, -5, NaN, Infinity, 3, -0]).facts;
  assert.deepEqual({ least, most, reach, peak }, { least: -5, most: 3, reach: 5, peak: 2 });
  assert.deepEqual({ zeros, odd, firstOdd }, { zeros: 2, odd: 2, firstOdd: 3 });
});

test("an array of nothing but odd numbers, and an empty one, have no reach", () => {
  assert.deepEqual([numbers([NaN, -Infinity]).facts.reach, numbers([NaN]).facts.peak], [0, -1]);
  const empty = numbers([], [0, 4]);
  assert.deepEqual([empty.size, empty.facts.reach, empty.facts.odd], [0, 0, 0]);
});

test("zeros have a peak too: the first of them", () => {
  assert.equal(numbers([0, 0]).facts.peak, 0);
});

test("a gap is one minus the other; NaN beside NaN is none, a number beside NaN is", () => {
  const found = gap(numbers([3, NaN, 1, Infinity]), numbers([1, NaN, NaN, Infinity]));
  assert.deepEqual([...found.data], [2, 0, NaN, 0]);
  assert.equal(gap(numbers([1, 2], [2]), numbers([1, 2], [1, 2])), null);
  assert.equal(gap(null, numbers([1])), null);
});
