// The map of a loss: values between the computed ones, contour lines, racers on one clock.

import assert from "node:assert/strict";
import { test } from "node:test";
import { Numbers } from "../../dlcourse/viz/viewer/frame/arrays.js";
import { clockSteps, leader, Racer } from "../../dlcourse/viz/viewer/landscape/race.js";
import { contour, Surface } from "../../dlcourse/viz/viewer/landscape/surface.js";

const axis = (from, to, n) => Array.from({ length: n }, (_, i) => from + ((to - from) * i) / (n - 1));
const line = (list) => new Numbers(Float64Array.from(list), [list.length], "float64");
function surface(f, n = 21, [from, to] = [-2, 2]) {
  const [a, b] = [axis(from, to, n), axis(from, to, n)];
  const losses = new Numbers(Float64Array.from(b.flatMap((y) => a.map((x) => f(x, y)))), [n, n], "float64");
  return new Surface({ a: line(a), b: line(b), losses });
}

test("at computed places the map says what was computed, between them what lies between", () => {
  const bowl = surface((x, y) => 1 + x * x + 2 * y * y);
  assert.equal(bowl.loss([-2, 2]), bowl.at(0, 20));
  assert.equal(bowl.at(0, 20), 13);
  assert.ok(Math.abs(bowl.loss([0.31, -0.77]) - (1 + 0.31 ** 2 + 2 * 0.77 ** 2)) < 1e-2);
  assert.ok(Number.isNaN(bowl.loss([2.01, 0])), "nothing is made up outside");
  const [column, row] = bowl.cell([0.4, -1]);
  bowl.place([column, row]).forEach((x, i) => assert.ok(Math.abs(x - [0.4, -1][i]) < 1e-12));
});

test("losses far apart are read by their size, and levels are round", () => {
  const wide = surface((x, y) => 10 ** (x + y));
  assert.ok(wide.log);
  assert.ok(Math.abs(Math.log10(wide.loss([0.33, 0.5])) - 0.83) < 1e-6);
  assert.deepEqual(wide.levels(8).map(({ loss }) => loss), [0.001, 0.01, 0.1, 1, 10, 100, 1000]);
  const flat = surface(() => 0.5);
  assert.deepEqual(flat.levels(8), []);
  assert.ok(!surface((x) => x).log, "losses below zero have no logarithm");
});

test("what is not finite is counted, and nothing near it is made up", () => {
  const hole = surface((x, y) => (x > 1 && y > 1 ? Infinity : x * x + 0.1));
  assert.equal(hole.odd, 25);
  assert.ok(Number.isNaN(hole.loss([1.55, 1.55])));
  assert.ok(Number.isFinite(hole.loss([-1.55, 1.55])));
  assert.ok(Number.isFinite(hole.most));
});

test("a contour of a bowl is one closed ring at the right distance", () => {
  const bowl = surface((x, y) => x * x + y * y, 41);
  const lines = contour({ heights: bowl.heights, rows: 41, cols: 41 }, 1);
  assert.equal(lines.length, 1);
  const [ring] = lines;
  assert.deepEqual([ring[0], ring[1]], [ring.at(-2), ring.at(-1)]);
  for (let i = 0; i < ring.length; i += 2) {
    const [x, y] = bowl.place([ring[i], ring[i + 1]]);
    assert.ok(Math.abs(Math.hypot(x, y) - 1) < 0.01);
  }
});

test("contours of a saddle do not cross, and open lines end at the edge", () => {
  const saddle = surface((x, y) => x * y, 20);
  const lines = contour({ heights: saddle.heights, rows: 20, cols: 20 }, 0.1);
  assert.equal(lines.length, 2);
  for (const path of lines) {
    for (const end of [path.slice(0, 2), path.slice(-2)]) assert.ok(end.some((n) => n === 0 || n === 19));
  }
  const pair = (level) => contour({ heights: [1, 0, 0, 1], rows: 2, cols: 2 }, level)
    .map((path) => [[path[0], path[1]], [path[2], path[3]]].map(([x, y]) => (y === 0 ? "low" : y === 1 ? "high" : x === 0 ? "left" : "right")).sort().join());
  assert.deepEqual(pair(0.4).sort(), ["high,left", "low,right"], "the two high corners hang together");
  assert.deepEqual(pair(0.6).sort(), ["high,right", "left,low"], "the two low corners do");
  const holed = surface((x) => (x > 0 ? NaN : x), 21);
  for (const path of contour({ heights: holed.heights, rows: 21, cols: 21 }, -1)) {
    assert.ok(path.every(Number.isFinite));
  }
});

const racer = (name, steps, losses, ended = "") => new Racer({
  name, steps, losses: line(losses), off: line(losses.map((x) => x / 2)), share: 0.9, ended,
  places: new Numbers(Float64Array.from(steps.flatMap((s) => [s, -s])), [steps.length, 2], "float64"),
});

test("all racers stand where they were at one step; between key-frames it is said so", () => {
  const [fast, slow] = [racer("fast", [0, 10, 20], [4, 2, 1]), racer("slow", [0, 15], [4, 3])];
  assert.deepEqual(clockSteps([fast, slow]), [0, 10, 15, 20]);
  assert.deepEqual(fast.at(10), { place: [10, -10], loss: 2, off: 1, exact: true, over: false, nth: 1 });
  assert.deepEqual(fast.at(15), { place: [15, -15], loss: 1.5, off: 0.75, exact: false, over: false, nth: 1 });
  assert.equal(slow.at(20).over, true);
  assert.deepEqual(slow.at(20).place, [15, -15]);
  assert.equal(leader([fast, slow], 20).name, "fast");
  assert.equal(leader([racer("lost", [0], [NaN])], 0), null);
  assert.equal(leader([racer("a", [0], [0.7]), racer("b", [0], [0.7])], 0), null, "from one start nobody leads");
});
