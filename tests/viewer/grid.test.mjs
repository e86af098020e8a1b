// How arrays lie in the plane: every number has one place, and the place leads back to it.

import assert from "node:assert/strict";
import { test } from "node:test";
import { Numbers } from "../../dlcourse/viz/viewer/frame/arrays.js";
import { found, layout, sheetBoxes, spot } from "../../dlcourse/viz/viewer/frame/grid.js";

const SHAPES = [[], [1], [7], [48], [49], [100], [784], [3, 4], [1, 1], [200, 3], [5, 1, 8], [6, 3, 5, 5], [2, 2, 2, 2, 2]];

for (const shape of SHAPES) {
  for (const width of [60, 320, 900]) {
    test(`(${shape.join(", ")}) within ${width} pixels: there and back`, () => {
      const size = shape.reduce((product, n) => product * n, 1);
      const all = new Numbers(new Float32Array(size), shape);
      const plan = layout(shape, width);
      const taken = new Set();
      for (let place = 0; place < size; place++) {
        const at = spot(plan, shape, all.unflat(place));
        assert.ok(at[0] >= 0 && at[0] < plan.units[0] && at[1] >= 0 && at[1] < plan.units[1]);
        assert.equal(found(plan, size, at), place);
        taken.add(at.join());
      }
      assert.equal(taken.size, size, "no two numbers in one place");
      let shown = 0;
      for (let y = 0; y < plan.units[1]; y++) {
        for (let x = 0; x < plan.units[0]; x++) shown += found(plan, size, [x, y]) >= 0;
      }
      assert.equal(shown, size, "no number in two places");
    });
  }
}

test("outside of the cells there is no number", () => {
  const plan = layout([3, 4], 320);
  for (const at of [[-1, 0], [0, -1], [4, 0], [0, 3], [99, 99]]) assert.equal(found(plan, 12, at), -1);
});

test("cells are never below 3 or above 34 pixels", () => {
  for (const shape of SHAPES) {
    for (const width of [1, 100, 5000]) {
      const { cell } = layout(shape, width);
      assert.ok(cell >= 3 && cell <= 34);
    }
  }
});

test("a flat picture becomes square again, another long row is folded", () => {
  assert.deepEqual([layout([784], 320).rows, layout([784], 320).cols], [28, 28]);
  assert.deepEqual([layout([100], 320).rows, layout([70], 320).cols], [10, 32]);
  assert.deepEqual([layout([48], 320).rows, layout([48], 320).cols], [1, 48]);
});

test("of very many matrices 64 are shown, from the one that is asked for", () => {
  const shape = [500, 4, 4];
  const plan = layout(shape, 320, 100);
  assert.deepEqual([plan.sheets, plan.all, plan.first], [64, 500, 100]);
  assert.equal(spot(plan, shape, [99, 0, 0]), null);
  assert.equal(spot(plan, shape, [164, 0, 0]), null);
  const at = spot(plan, shape, [101, 2, 3]);
  assert.equal(found(plan, 8000, at), 101 * 16 + 11);
  assert.equal(layout(shape, 320, 490).sheets, 10);
});

test("an empty array has no cells", () => {
  for (const shape of [[0], [0, 4], [3, 0], [0, 2, 2]]) {
    const plan = layout(shape, 320);
    assert.equal(found(plan, 0, [0, 0]), -1);
  }
});

test("a box over several sheets is one box on each", () => {
  assert.deepEqual(sheetBoxes([1, 2], [3, 4]), [[[1, 2], [3, 4]]]);
  assert.deepEqual(sheetBoxes([0, 1, 0, 0], [1, 2, 3, 3]).map(([from]) => from.slice(0, 2).join()),
    ["0,1", "0,2", "1,1", "1,2"]);
  assert.equal(sheetBoxes([0, 0, 0], [999, 1, 1]).length, 64);
});
