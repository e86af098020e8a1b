// Numbers as a person reads them.

import assert from "node:assert/strict";
import { test } from "node:test";
import { exact, number, percent, place, plural, shape, tiny } from "../../dlcourse/viz/viewer/frame/format.js";

test("numbers of every size are short and keep their sign", () => {
  const wanted = [
    [0, "0"], [-0, "0"], [0.1234, "0.123"], [-0.1234, "−0.123"], [12.345, "12.3"], [12345, "12,345"],
    [-12345.6, "−12,346"], [1e-5, "1.0e−5"], [-2.34e7, "−2.3e7"], [0.001, "0.00100"], [999.7, "1,000"],
  ];
  for (const [x, text] of wanted) assert.equal(number(x), text);
});

test("what is no finite number is called by its name; what is not there is not zero", () => {
  const wanted = [
    [NaN, "NaN"], [Infinity, "∞"], [-Infinity, "−∞"], [null, "not computed yet"],
    [undefined, "not computed yet"],
  ];
  for (const [x, text] of wanted) {
    assert.equal(number(x), text);
    assert.equal(exact(x), text);
  }
  assert.equal(tiny(NaN), "NaN");
});

test("the exact form gives the very number back", () => {
  for (const x of [0.1, -1 / 3, 1e-30, 123456.789, 3.4e38]) {
    const single = Math.fround(x);
    assert.equal(Math.fround(Number(exact(single))), single);
    assert.equal(Number(exact(x, "float64")), x);
  }
  assert.equal(exact(123456789012, "int64"), "123456789012");
});

test("a number in a small cell: at most five signs, and small ones keep their side of zero", () => {
  const wanted = [[0.123, ".12"], [-0.5, "−.50"], [3.14159, "3.14"], [-31.41, "−31.4"], [314.2, "314"]];
  for (const [x, text] of wanted) assert.equal(tiny(x), text);
  assert.deepEqual([tiny(0.001), tiny(-0.001)], ["+0", "−0"]);
  assert.equal(tiny(0.0012, 0.003), "1e−3", "among small numbers small ones are told apart");
  for (const x of [0.99999, -999.99, 9.999, 12345678]) assert.ok(tiny(x).length <= 5, tiny(x));
});

test("places, shapes, shares, and one thing is not several", () => {
  assert.deepEqual([place([2, 0]), place([])], ["[2, 0]", "[]"]);
  assert.deepEqual([shape([5, 8]), shape([3]), shape([])], ["5 × 8", "3", "one number"]);
  assert.deepEqual([percent(0.5), percent(0.1234, 1)], ["50 %", "12.3 %"]);
  assert.deepEqual([plural(1, "step"), plural(0, "step"), plural(1200, "step")],
    ["1 step", "0 steps", "1,200 steps"]);
});
