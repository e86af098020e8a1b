// A training in columns: growing, averaging, comparing.

import assert from "node:assert/strict";
import { test } from "node:test";
import { Numbers } from "../../dlcourse/viz/viewer/frame/arrays.js";
import { apart, duration, grouped, RunColumns, runningMean } from "../../dlcourse/viz/viewer/monitor/run.js";

const numbers = (list) => new Numbers(Float64Array.from(list), [list.length], "float64");
const rows = (first, steps, loss, metrics = {}) => ({
  first, steps: numbers(steps), loss: numbers(loss), norms: null,
  metrics: Object.fromEntries(Object.entries(metrics).map(([name, [at, values]]) =>
    [name, { steps: numbers(at), values: numbers(values) }])),
});

test("rows are added at the end, whatever their number", () => {
  const run = new RunColumns({ name: "a", rows: rows(0, [], []) });
  for (let i = 0; i < 3000; i += 3) {
    assert.ok(run.add(rows(i, [i, i + 1, i + 2], [1 / (i + 1), 2, 3], { accuracy: [[i], [i / 10]] })));
  }
  assert.equal(run.steps.length, 3000);
  assert.deepEqual([...run.loss.slice(-3)], [1 / 2998, 2, 3]);
  assert.deepEqual([run.metric("accuracy").xs.at(-1), run.metric("accuracy").ys.at(-1)], [2997, 299.7]);
  assert.equal(run.metric("nothing").xs.length, 0);
});

test("a lost frame is noticed, and everything can be told anew", () => {
  const run = new RunColumns({ name: "a", rows: rows(0, [0, 1], [3, 2]) });
  assert.equal(run.add(rows(4, [4], [0.5])), false);
  assert.deepEqual([...run.steps], [0, 1], "nothing was written into the gap");
  run.replace(rows(0, [0, 1, 2, 3, 4], [3, 2, 1, 0.7, 0.5]));
  assert.equal(run.add(rows(5, [5], [0.4])), true);
  assert.deepEqual([...run.loss], [3, 2, 1, 0.7, 0.5, 0.4]);
});

test("what a page left out is said, not drawn", () => {
  const run = new RunColumns({ name: "a", rows: { ...rows(0, [0], [1]), loss: { left_out: [100000] } } });
  assert.ok(run.leftOut);
  assert.equal(run.steps.length, 0);
});

test("the running mean is the mean of the last numbers; a NaN is a gap and spoils nothing", () => {
  assert.deepEqual([...runningMean([1, 2, 3, 4, 5], 2)], [1, 1.5, 2.5, 3.5, 4.5]);
  assert.deepEqual([...runningMean([1, NaN, 3, 5], 2)], [1, NaN, 3, 4]);
  const fallen = Float64Array.from({ length: 9000 }, (_, i) => (i < 100 ? 1e15 + i / 3 : 0.1));
  assert.ok(Math.abs(runningMean(fallen, 7).at(-1) - 0.1) < 1e-12, "nor is a great number felt for ever");
  const noisy = Float64Array.from({ length: 20000 }, (_, i) => 1e6 + Math.sin(i));
  const [means, width] = [runningMean(noisy, 50), 50];
  const last = noisy.slice(-width).reduce((sum, x) => sum + x, 0) / width;
  assert.ok(Math.abs(means.at(-1) - last) < 1e-8, "no rounding adds up");
});

test("two runs part at the first step whose losses differ; steps of only one are left out", () => {
  const one = { steps: [0, 1, 2, 3, 4], loss: [3, NaN, 1, 0.5, 8] };
  const other = { steps: [1, 2, 3, 4, 5], loss: [NaN, 1, 0.25, 9, 1] };
  assert.deepEqual(apart(one, other), { xs: [1, 2, 3, 4], ys: [0, 0, 0.25, -1], parts: 3 });
  assert.equal(apart(one, one).parts, null);
});

test("metrics of one kind share a chart", () => {
  assert.deepEqual(grouped(["train_accuracy", "val_accuracy", "lr"]), [
    { title: "accuracy", members: ["train_accuracy", "val_accuracy"] }, { title: "lr", members: ["lr"] }]);
});

test("durations as a person says them", () => {
  assert.deepEqual([0.0021, 12.34, 59.99, 245, 7385].map(duration),
    ["0.002 s", "12.3 s", "1 min 00 s", "4 min 05 s", "2 h 03 min"]);
  assert.equal(duration(NaN), "–");
});
