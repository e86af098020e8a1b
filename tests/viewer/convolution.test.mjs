// Drawings, kernels, layouts: what is in the way of nothing but a browser.

import assert from "node:assert/strict";
import { test } from "node:test";
import { Numbers } from "../../dlcourse/viz/viewer/frame/arrays.js";
import {
  between,
  brush,
  pictureOf,
  read,
  shadesOf,
  written,
} from "../../dlcourse/viz/viewer/convolution/drawing.js";
import { found, spot } from "../../dlcourse/viz/viewer/frame/grid.js";
import { MEANING, PRESETS, preset } from "../../dlcourse/viz/viewer/convolution/kernels.js";
import { mapLayout } from "../../dlcourse/viz/viewer/convolution/map_layout.js";
import { framed } from "../../dlcourse/viz/viewer/convolution/picture_grid.js";

test("a drawing as text comes back as it was", () => {
  const shades = Float32Array.from({ length: 24 }, (_, k) => (k % 11) / 10);
  const text = written(shades, 6);
  assert.equal(text.split("/").length, 4);
  assert.deepEqual(read(text, 4, 6), shades);
});

test("what is no drawing of this size is refused", () => {
  assert.equal(read("..#/...", 2, 4), null);
  assert.equal(read("..#", 2, 3), null);
  assert.equal(read("..?/...", 2, 3), null);
});

test("shades and pictures lead to each other, in every channel and range", () => {
  const shades = Float32Array.from([0, 0.5, 1, 0.25]);
  const picture = pictureOf(shades, [3, 2, 2], [-1, 3]);
  assert.deepEqual([...picture.data.slice(0, 4)], [-1, 1, 3, 0]);
  assert.deepEqual([...picture.data.slice(8)], [-1, 1, 3, 0]);
  assert.deepEqual(shadesOf(picture, [-1, 3]), shades);
});

test("the brush darkens, the eraser lightens, and both stay inside", () => {
  const shades = new Float32Array(100);
  brush(shades, [10, 10], [0, 0]);
  assert.equal(shades[0], 1);
  assert.ok(shades.every((shade) => shade >= 0 && shade <= 1) && shades[99] === 0);
  const before = shades.reduce((a, b) => a + b);
  brush(shades, [10, 10], [0, 0], { erase: true });
  assert.ok(shades[0] === 0 && shades.reduce((a, b) => a + b) < before);
});

test("a quick stroke leaves no gaps", () => {
  const way = between([2, 3], [9, 5]);
  assert.deepEqual(
    [way[0], way.at(-1)],
    [
      [2, 3],
      [9, 5],
    ],
  );
  way
    .slice(1)
    .forEach(([r, c], i) =>
      assert.ok(Math.max(Math.abs(r - way[i][0]), Math.abs(c - way[i][1])) === 1),
    );
});

test("kernels do what is said of them, in both sizes", () => {
  for (const size of [3, 5]) {
    const sum = (name) =>
      preset(name, size)
        .flat()
        .reduce((a, b) => a + b);
    for (const name of ["edge", "sobel x", "sobel y"]) assert.ok(Math.abs(sum(name)) < 1e-12, name);
    for (const name of ["blur", "sharpen", "copy"])
      assert.ok(Math.abs(sum(name) - 1) < 1e-12, name);
    const turned = preset("sobel y", size).map((_, i) =>
      preset("sobel y", size).map((row) => row[i]),
    );
    assert.deepEqual(preset("sobel x", size), turned);
    for (const name of PRESETS) assert.ok(MEANING[name] && preset(name, size).length === size);
  }
});

test("a frame of zeros lies around each channel", () => {
  const array = framed(new Numbers(Float32Array.from([1, 2, 3, 4, 5, 6, 7, 8]), [2, 2, 2]), [1, 2]);
  assert.deepEqual(array.shape, [2, 4, 6]);
  assert.equal(array.at([0, 1, 2]), 1);
  assert.equal(array.at([1, 2, 3]), 8);
  assert.equal(
    array.data.reduce((a, b) => a + b),
    36,
  );
});

for (const shape of [
  [8, 24, 24],
  [16, 8, 8],
  [64, 4, 4],
  [1, 28, 28],
  [3, 1, 1],
  [100, 7, 7],
  [10],
  [256],
  [7, 32, 32],
]) {
  for (const width of [330, 760]) {
    test(`maps (${shape.join(", ")}) fit into ${width} pixels, every cell is found`, () => {
      const plan = mapLayout(shape, width);
      assert.ok(plan.units[0] * plan.cell <= width, `${plan.units[0]} × ${plan.cell}`);
      const size = shape.reduce((a, b) => a * b, 1);
      const all = new Numbers(new Float32Array(size), shape);
      for (
        let flat = 0;
        flat < Math.min(size, plan.sheets ? plan.sheets * plan.rows * plan.cols : size);
        flat += 7
      ) {
        const at = spot(plan, shape, all.unflat(flat));
        assert.equal(found(plan, size, at), flat);
      }
    });
  }
}
