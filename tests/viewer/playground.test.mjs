// The playground's pure parts: the net's arithmetic, tracks, borders, places, words.

import assert from "node:assert/strict";
import { test } from "node:test";

import { Numbers } from "../../dlcourse/viz/viewer/frame/arrays.js";
import { optionsOf, withValue } from "../../dlcourse/viz/viewer/playground/bar.js";
import { leads, zeroLine } from "../../dlcourse/viz/viewer/plane/border.js";
import { steady } from "../../dlcourse/viz/viewer/playground/canvas.js";
import { told } from "../../dlcourse/viz/viewer/playground/fork.js";
import { turned } from "../../dlcourse/viz/viewer/playground/layers.js";
import { BENDS, Net, places, windowOf } from "../../dlcourse/viz/viewer/playground/net.js";
import { along, bow, distance, neighbour,
  unitPlaces } from "../../dlcourse/viz/viewer/playground/places.js";
import { gapOf } from "../../dlcourse/viz/viewer/playground/proof.js";
import { sumOf } from "../../dlcourse/viz/viewer/playground/readout.js";
import { drawn, KEPT, pointsAt, Track } from "../../dlcourse/viz/viewer/playground/track.js";
import { agree, promised } from "../../dlcourse/viz/viewer/playground/weight.js";

const near = (a, b, room = 1e-9) => assert.ok(Math.abs(a - b) <= room, `${a} is not ${b}`);
const POINTS = { x1: [0.5, -1, 2], x2: [1, 0.25, -0.5], y: [0, 1, 1] };

/** Weights that nobody could mistake for others. */
const weightsOf = (net) => Float64Array.from({ length: net.count }, (_, i) => Math.sin(3 * i + 1));

test("every weight has one place and one name", () => {
  const net = new Net([2, 3, 2], "tanh");
  assert.equal(net.count, 2 * 3 + 3 + 3 * 2 + 2);
  for (let flat = 0; flat < net.count; flat++) assert.equal(net.flat(net.spot(flat)), flat);
  assert.equal(net.named(0).full, "fc1.weight[0, 0]");
  assert.equal(net.named(5).full, "fc1.weight[2, 1]");
  assert.equal(net.named(6).full, "fc1.bias[0]");
  assert.equal(net.named(9).full, "fc2.weight[0, 0]");
  assert.deepEqual(net.named(net.count - 1), { name: "fc2.bias", index: [1], full: "fc2.bias[1]" });
});

test("forward is W·x + b, bent in the hidden layers and not in the last", () => {
  const net = new Net([2, 1, 2], "relu");
  const weights = [2, -1, 0.5, /* fc2 */ 1, -3, 0.25, 4];
  const [, hidden, scores] = net.forward(weights, [[1, 0], [1, 2]], Float64Array);
  assert.deepEqual([...hidden], [2 - 1 + 0.5, 0]);
  assert.deepEqual([...scores], [1.5 + 0.25, 0.25, -4.5 + 4, 4]);
});

test("a net without hidden layers is a straight cut", () => {
  const net = new Net([2, 2], "tanh");
  assert.deepEqual([...net.forward([1, 2, 3, 4, 5, 6], [[1], [1]], Float64Array).at(-1)], [8, 13]);
});

test("activations are those of the course", () => {
  for (const z of [-30, -2, -1e-9, 0, 0.3, 5, 40]) {
    near(BENDS.tanh(z), Math.tanh(z), 1e-15);
    near(BENDS.sigmoid(z), 1 / (1 + Math.exp(-z)), 1e-15);
  }
  assert.equal(BENDS.leaky_relu(-2), -0.02);
  near(BENDS.gelu(1), 0.841191990608, 1e-9);
  for (const bend of Object.values(BENDS)) assert.ok(Number.isNaN(bend(NaN)), "NaN is not hidden");
  assert.throws(() => new Net([2, 2], "swish"), /does not know/);
});

test("shares and loss, also of scores that are far apart", () => {
  const net = new Net([2, 2], "tanh");
  const p = net.shares(Float64Array.of(1000, 0, 1001, 0));
  near(p[0], 1 / (1 + Math.E), 1e-6);
  near(p[1] + p[3], 1, 1e-6);
  near(net.lossOf(Float64Array.of(1000, 1001), [0]), Math.log(1 + Math.E), 1e-9);
  near(net.loss(new Float64Array(6), POINTS), Math.log(2));
});

test("the loss for another value is the loss of a net with that value", () => {
  const net = new Net([2, 3, 2, 2], "tanh");
  const weights = weightsOf(net);
  for (let flat = 0; flat < net.count; flat++) {
    const other = Float64Array.from(weights);
    other[flat] = 1.25;
    const [same, changed] = net.lossesIf(weights, flat, [weights[flat], 1.25], POINTS);
    near(same, net.loss(weights, POINTS), 1e-14);
    near(changed, net.loss(other, POINTS), 1e-14);
  }
});

test("the measured slope is the gradient that the chain rule gives", () => {
  const net = new Net([2, 2], "tanh");
  const weights = weightsOf(net);
  const p = net.shares(net.forward(weights, [POINTS.x1, POINTS.x2], Float64Array).at(-1));
  const dbias = POINTS.y.reduce((sum, label, i) => sum + p[i] - (label === 0), 0) / 3;
  near(net.slope(weights, net.flat({ layer: 1, to: 0, from: -1 }), POINTS), dbias, 1e-6);
});

test("wrong points are those whose class has not the highest score", () => {
  const net = new Net([2, 2], "tanh");
  assert.deepEqual(net.wrong([1, 0, -1, 0, 0, 0], { x1: [1, -1, 1], x2: [0, 0, 0], y: [0, 0, 1] }),
    [false, true, true]);
});

test("places cover the window from the upper left on", () => {
  const [x1, x2] = places({ middle: [1, 0], reach: 2 }, 4);
  assert.deepEqual([x1[0], x2[0]], [-0.5, 1.5]);
  assert.deepEqual([x1[15], x2[15]], [2.5, -1.5]);
  const { middle, reach } = windowOf([0, 4], [1, 1]);
  assert.deepEqual(middle, [2, 1]);
  near(reach, 2 * 1.14);
  assert.ok(windowOf([3], [3]).reach > 1, "one point has room around it");
});

const part = (cut, steps, losses, more = {}) => ({
  cut, losses: new Numbers(Float32Array.from(losses), [losses.length]),
  steps: new Numbers(Int32Array.from(steps), [steps.length], "int32"),
  loss: new Numbers(Float64Array.from(steps, (s) => 10 - s), [steps.length]),
  accuracy: new Numbers(new Float32Array(steps.length), [steps.length]),
  weights: new Numbers(Float32Array.from(steps.flatMap((s) => [s, -s])), [steps.length, 2]),
  gradients: new Numbers(new Float32Array(2 * steps.length), [steps.length, 2]), ...more,
});

test("a track takes what is new, and forgets what was cut off", () => {
  const track = new Track(part(0, [0, 2, 4], [5, 4, 3, 2], { settings: { lr: 1 }, changes: [] }));
  assert.equal(track.last.step, 4);
  track.take(part(5, [6], [1, 1]));
  assert.deepEqual(track.frames.map(({ step }) => step), [0, 2, 4, 6]);
  assert.deepEqual(track.losses, [5, 4, 3, 2, 1, 1]);
  assert.deepEqual([...track.at(6).weights], [6, -6]);
  track.take(part(4, [4], [2.5, 9]));
  assert.deepEqual(track.frames.map(({ step }) => step), [0, 2, 4], "that step was seen anew");
  assert.deepEqual(track.losses, [5, 4, 3, 2.5, 9]);
  assert.deepEqual([track.at(1).step, track.at(99).step, track.at(-3).step], [2, 4, 0]);
  assert.deepEqual(track.settings, { lr: 1 });
});

test("a long track keeps its beginning, its end, and every other old frame", () => {
  const steps = Array.from({ length: KEPT + 1 }, (_, i) => i);
  const track = new Track(part(0, steps, [], { settings: {}, changes: [] }));
  assert.ok(track.frames.length < KEPT);
  assert.deepEqual([track.frames[0].step, track.last.step], [0, KEPT]);
});

test("strokes of the pen add points and take some away", () => {
  const points = { x1: Float32Array.of(0, 1), x2: Float32Array.of(0, 1), y: Int32Array.of(0, 1) };
  const more = drawn(points, "add", [[0.5, 0.5, 1], [2, 2, 0]]);
  assert.deepEqual([[...more.x1], [...more.y]], [[0, 1, 0.5, 2], [0, 1, 1, 0]]);
  const fewer = drawn(more, "erase", [[0, 0, 0.1], [2, 2, 0.1]]);
  assert.deepEqual([[...fewer.x2], [...fewer.y]], [[1, 0.5], [1, 1]]);
  const changes = [[5, "add", [[9, 9, 0]]], [7, "lr", 0.1], [8, "erase", [[9, 9, 1]]]];
  assert.deepEqual([4, 5, 8].map((step) => pointsAt(points, changes, step).y.length), [2, 3, 2]);
});

test("the border lies where the field is zero", () => {
  const n = 5;
  const field = Float32Array.from({ length: n * n }, (_, i) => (i % n) - 1.25);
  const pieces = zeroLine(field, n);
  assert.equal(pieces.length, n - 1);
  for (const [x0, , x1] of pieces) assert.deepEqual([x0, x1], [1.25, 1.25]);
  assert.deepEqual(zeroLine(new Float32Array(25).fill(1), n), []);
});

test("a class leads where its score is above all others", () => {
  assert.deepEqual([...leads(Float32Array.of(3, 1, 2, 5), 2)[0]], [1, -4]);
  const three = leads(Float32Array.of(1, 2, 4), 3);
  assert.deepEqual(three.map(([lead]) => lead), [-3, -2, 2]);
});

test("units stand in columns, and lines run between them", () => {
  const { units, size, high } = unitPlaces([2, 8, 2], 600);
  assert.deepEqual(units.map((column) => column.length), [2, 8, 2]);
  const [first, last] = [units[0][0], units.at(-1)[0]];
  assert.ok(first.x - size / 2 >= 0 && last.x + size / 2 <= 600);
  for (const { y } of units[1]) assert.ok(y - size / 2 >= 0 && y + size / 2 <= high);
  for (let j = 1; j < 8; j++) assert.ok(units[1][j].y - units[1][j - 1].y > size,
    "they do not touch");
  const line = bow(first, units[1][3]);
  const [x, y] = along(line, 0.37);
  near(distance(line, x, y), 0, 0.5);
  assert.ok(distance(line, x, y + 30) > 10);
  assert.equal(unitPlaces([2, 64, 2], 600).units[1].length, 64);
});

test("arrow keys lead to every weight, and no further", () => {
  const net = new Net([2, 3, 2], "tanh");
  const seen = new Set();
  for (let layer = 1, flat = 0; layer <= 2; layer++, flat = neighbour(net, flat, "ArrowRight")) {
    flat = neighbour(net, flat, "Home");
    for (let i = 0; i < 40; i++, flat = neighbour(net, flat, "ArrowDown")) seen.add(flat);
  }
  assert.equal(seen.size, net.count);
  assert.equal(neighbour(net, 0, "ArrowUp"), 0);
  assert.equal(neighbour(net, 0, "ArrowLeft"), 0);
  assert.equal(net.named(neighbour(net, 0, "PageDown")).full, "fc1.weight[1, 0]");
  assert.equal(neighbour(net, 0, "q"), null);
});

test("what the gradient promises is a straight line", () => {
  near(promised({ loss: 2, value: 1, gradient: -0.5 }, 3), 1);
  assert.ok(agree(0.5, 0.5004) && agree(0, 1e-6));
  assert.ok(!agree(0.5, 0.51) && !agree(0.1, -0.1));
});

test("the proof sees a gap, and NaN beside NaN is none", () => {
  const net = new Net([2, 2], "tanh");
  const asked = { places: new Numbers(Float32Array.of(0, 0), [1, 2]),
    p: new Numbers(Float32Array.of(0.5, 0.5), [1, 2]) };
  near(gapOf(net, new Float32Array(6), asked), 0);
  near(gapOf(net, Float32Array.of(0, 0, 0, 0, 0, Math.log(3)), asked), 0.25, 1e-6);
  const lost = new Float32Array(6).fill(NaN);
  assert.equal(gapOf(net, lost, asked), Infinity);
  assert.equal(gapOf(net, lost, { ...asked, p: new Numbers(Float32Array.of(NaN, NaN), [1, 2]) }),
    0);
});

test("changes, sums and lists in words", () => {
  assert.equal(told([100, "lr", 0.3]), "learning rate 0.3 from step 100 on");
  assert.equal(told([3, "world", "PyTorch"]), "PyTorch from step 3 on");
  assert.equal(told([3, "add", [[1, 2, 0]]]), "other points from step 3 on");
  const net = new Net([2, 1, 2], "tanh");
  assert.equal(sumOf(net, [2, -1.5, -0.25, 0, 0, 0, 0], 1, 0), "2·x1 − 1.5·x2 − 0.25");
  assert.deepEqual(withValue([1, 10], 3), [1, 3, 10]);
  assert.deepEqual(optionsOf("optimizer", { optimizer: ["SGD"] }, "SGD"), ["SGD"]);
  assert.ok(optionsOf("lr", {}, 0.07).includes(0.07));
});

test("− and + change one layer, or the number of layers", () => {
  assert.deepEqual(turned([8, 4], { layer: 1, by: -1 }), [8, 3]);
  assert.deepEqual(turned([8, 4], { by: 1 }), [8, 4, 4]);
  assert.deepEqual(turned([8, 4], { by: -1 }), [8]);
  assert.deepEqual(turned([], { by: 1 }), [4]);
});

test("an axis stands still while numbers change a little", () => {
  assert.deepEqual(steady(0.02, 1.61), [0, 2]);
  assert.deepEqual(steady(0.03, 1.58), [0, 2]);
});
