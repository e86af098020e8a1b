// Axes and long lines of a chart: round numbers, log scales, and no peak lost.

import assert from "node:assert/strict";
import { test } from "node:test";
import {
  airy, extent, logTicks, nearest, oddPlaces, pixelPath, placeOf, Scale, tickText, ticks,
} from "../../dlcourse/viz/viewer/chart/scale.js";

const texts = (found) => found.map(({ text }) => text);

test("ticks are round, lie inside, and are written alike", () => {
  assert.deepEqual(texts(ticks(0, 1, 2)), ["0", "0.5", "1.0"]);
  assert.deepEqual(texts(ticks(0, 1000, 5)), ["0", "200", "400", "600", "800", "1,000"]);
  assert.deepEqual(texts(ticks(-0.3, 0.3, 6)), ["−0.3", "−0.2", "−0.1", "0", "0.1", "0.2", "0.3"]);
  assert.deepEqual(texts(ticks(0, 3, 12, true)), ["0", "1", "2", "3"]);
  assert.deepEqual(texts(ticks(5, 5, 4)), ["5"]);
  for (const { value } of ticks(0.123, 87.6, 7)) assert.ok(value >= 0.123 && value <= 87.6);
});

test("very small and very large numbers are written with a power of ten", () => {
  assert.equal(tickText(2e-5, 1e-5), "2·10⁻⁵");
  assert.equal(tickText(-1e7, 1e7), "−10⁷");
  assert.equal(tickText(1e25, 1e25), "10²⁵");
});

test("a log axis has powers of ten, fewer where there are many, and no end of them", () => {
  assert.deepEqual(texts(logTicks(0.01, 1, 6)), ["0.01", "0.03", "0.1", "0.3", "1"]);
  assert.deepEqual(texts(logTicks(0.001, 1000, 3)), ["0.01", "1", "100"]);
  assert.ok(logTicks(1e-300, 1e300, 6).length <= 8);
  assert.ok(logTicks(0.5, 0.52, 5).length >= 2, "within one power: round numbers");
});

test("a scale goes there and back; a log scale has no place for 0 and below", () => {
  for (const log of [false, true]) {
    const scale = new Scale(0.1, 50, 300, 10, log);
    for (const value of [0.1, 0.7, 50]) {
      assert.ok(Math.abs(scale.value(scale.pixel(value)) - value) < 1e-9);
    }
    assert.equal(scale.pixel(0.1), 300);
    assert.ok(Number.isNaN(scale.pixel(NaN)) && Number.isNaN(scale.pixel(Infinity)));
  }
  assert.ok(Number.isNaN(new Scale(0.1, 50, 300, 10, true).pixel(0)));
});

test("the place of a step, and the nearest one", () => {
  const xs = [0, 10, 20, 40];
  assert.deepEqual([-5, 0, 1, 40, 41].map((x) => placeOf(xs, x)), [0, 0, 1, 3, 4]);
  assert.deepEqual([-5, 4, 6, 29, 31, 99].map((x) => nearest(xs, x)), [0, 0, 1, 2, 3, 3]);
  assert.equal(nearest([], 3), -1);
});

test("the range counts what cannot be drawn, and only what is between the two ends", () => {
  const series = [{ xs: [0, 1, 2, 3, 4], ys: [-1, NaN, 2, 8, 100] }];
  assert.deepEqual(extent(series, [0, 3], false), { least: -1, most: 8, odd: 1, below: 0 });
  assert.deepEqual(extent(series, [0, 3], true), { least: 2, most: 8, odd: 1, below: 1 });
  assert.deepEqual(airy(extent([], [0, 1], false), false), [0, 1]);
  const [least, most] = airy({ least: 3, most: 3 }, false);
  assert.ok(least < 3 && most > 3);
  assert.equal(airy({ least: 0.1, most: 5 }, false)[0], 0, "zero is shown where it is near");
});

test("a long line keeps its peaks, its gaps and few points", () => {
  const n = 100000;
  const xs = Float64Array.from({ length: n }, (_, i) => i);
  const ys = Float64Array.from({ length: n }, () => 1);
  [ys[51234], ys[70001]] = [9, -9];
  ys.fill(NaN, 20000, 30000);
  const [across, up] = [new Scale(0, n - 1, 40, 640), new Scale(-10, 10, 200, 0)];
  const path = pixelPath(xs, ys, across, up);
  assert.ok(path.length / 2 <= 4 * 602, `${path.length / 2} points for 600 pixels`);
  const heights = path.filter((_, i) => i % 2);
  assert.equal(Math.min(...heights.filter(Number.isFinite)), up.pixel(9));
  assert.equal(Math.max(...heights.filter(Number.isFinite)), up.pixel(-9));
  const gap = [];
  for (let i = 0; i < path.length; i += 2) if (Number.isNaN(path[i + 1])) gap.push(path[i]);
  assert.ok(gap.length && Math.min(...gap) >= across.pixel(20000) - 1 && Math.max(...gap) <= across.pixel(30000) + 1);
});

test("a short line is drawn point by point, with one more on each side of the window", () => {
  const [xs, ys] = [[0, 1, 2, 3, 4, 5], [5, 4, 3, 2, 1, 0]];
  const path = pixelPath(xs, ys, new Scale(2, 3, 0, 100), new Scale(0, 5, 50, 0));
  assert.deepEqual(path, [-100, 10, 0, 20, 100, 30, 200, 40]);
});

test("each row of missing numbers is found once, where it begins", () => {
  assert.deepEqual(oddPlaces({ xs: [0, 1, 2, 3, 4], ys: [NaN, NaN, 1, Infinity, 2] }), [0, 3]);
});
