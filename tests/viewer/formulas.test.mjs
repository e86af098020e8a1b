// The formula behind a number: its words, its cells, what it says where it cannot know.

import assert from "node:assert/strict";
import { test } from "node:test";

import { Numbers } from "../../dlcourse/viz/viewer/frame/arrays.js";
import { ORIGINS, explain, explainable } from "../../dlcourse/viz/viewer/formulas/explain.js";
import { MOST_TERMS } from "../../dlcourse/viz/viewer/formulas/terms.js";
import { badMarks, dice, said, untrue } from "./formulas_law.mjs";

const roll = dice(7);

function numbers(shape, dtype = "float32") {
  const length = shape.reduce((a, b) => a * b, 1);
  const data = Float64Array.from({ length }, () => roll() * 2 - 1);
  return new Numbers(dtype === "float32" ? Float32Array.from(data) : data, shape, dtype);
}

const whole = (data, shape) => new Numbers(Float64Array.from(data), shape, "int64");

/** A step of one layer, of which only what is given is there. */
function step(kind, fields) {
  const empty = { inputs: [], outputs: [], dinputs: [], doutputs: [], params: {}, dparams: {} };
  return { name: "it", kind, ...empty, ...fields };
}

/** A Linear layer that answered, and has come back. */
function linear(rows, ins, outs, dtype = "float64") {
  const [x, W, dy] = [[rows, ins], [outs, ins], [rows, outs]].map((shape) => numbers(shape, dtype));
  const b = numbers([outs], dtype);
  const filled = (shape, value) => {
    const made = numbers(shape, dtype);
    made.data.forEach((_, i) => (made.data[i] = value(...made.unflat(i))));
    return made;
  };
  const sum = (length, value) =>
    Array.from({ length }, (_, k) => value(k)).reduce((total, one) => total + one, 0);
  const y = filled([rows, outs], (r, o) =>
    b.at([o]) + sum(ins, (i) => x.at([r, i]) * W.at([o, i])));
  const dx = filled([rows, ins], (r, i) => sum(outs, (o) => dy.at([r, o]) * W.at([o, i])));
  const dW = filled([outs, ins], (o, i) => sum(rows, (r) => dy.at([r, o]) * x.at([r, i])));
  const db = filled([outs], (o) => sum(rows, (r) => dy.at([r, o])));
  return step("Linear", { inputs: [x], outputs: [y], dinputs: [dx], doutputs: [dy],
    params: { weight: W, bias: b }, dparams: { weight: dW, bias: db } });
}

const written = (term) => term.parts.map((part) => part.symbol ?? part).join("");

test("a Linear layer, word by word", () => {
  const it = linear(3, 2, 4);
  const y = explain(it, "outputs.0", [2, 1]);
  assert.equal(y.name, "y[2,1]");
  assert.equal(y.equation, "Σᵢ x[2,i]·W[1,i] + b[1]");
  assert.deepEqual(y.terms.map(written), ["x[2,0]·W[1,0]", "x[2,1]·W[1,1]", "b[1]"]);
  assert.deepEqual(y.marks, [
    { place: "inputs.0", from: [2, 0], to: [2, 1] },
    { place: "params.weight", from: [1, 0], to: [1, 1] },
    { place: "params.bias", from: [1], to: [1] },
  ]);
  assert.ok(y.agrees && y.origin === null && y.joint === "+");
  const [first] = y.terms[0].parts;
  assert.deepEqual(first, { symbol: "x[2,0]", value: it.inputs[0].at([2, 0]), place: "inputs.0",
    index: [2, 0] });
  const dW = explain(it, "dparams.weight", [3, 1]);
  assert.equal(dW.equation, "Σₙ dy[n,3]·x[n,1]");
  assert.deepEqual(dW.terms.map(written), ["dy[0,3]·x[0,1]", "dy[1,3]·x[1,1]", "dy[2,3]·x[2,1]"]);
  assert.equal(explain(it, "dinputs.0", [0, 1]).equation, "Σₒ dy[0,o]·W[o,1]");
  assert.equal(explain(it, "dparams.bias", [2]).name, "db[2]");
});

test("a stored number that is wrong by more than rounding does not agree", () => {
  for (const [dtype, least] of [["float64", 1e-12], ["float32", 1e-4]]) {
    const it = linear(3, 20, 4, dtype);
    assert.ok(explain(it, "outputs.0", [1, 1]).agrees);
    it.outputs[0].data[5] += least;
    const wrong = explain(it, "outputs.0", [1, 1]);
    assert.ok(!wrong.agrees && wrong.stored !== wrong.total);
  }
});

test("what is not finite is told as it is", () => {
  const it = linear(2, 3, 2);
  it.inputs[0].data[0] = NaN;
  it.outputs[0].data[0] = NaN;
  const y = explain(it, "outputs.0", [0, 0]);
  assert.ok(Number.isNaN(y.total) && y.agrees);
  it.outputs[0].data[0] = 0.5;
  assert.ok(!explain(it, "outputs.0", [0, 0]).agrees);
  it.inputs[0].data[0] = it.outputs[0].data[0] = Infinity;
  it.params.weight.data[0] = 1;
  assert.ok(explain(it, "outputs.0", [0, 0]).agrees);
});

test("the largest terms of a long sum are kept in their order, the rest is one term", () => {
  const it = linear(1, 10_000, 1);
  const { terms, total, agrees } = explain(it, "outputs.0", [0, 0]);
  assert.equal(terms.length, MOST_TERMS + 1);
  const kept = terms.slice(0, -1).map(({ value }) => Math.abs(value));
  const all = Array.from(it.inputs[0].data, (x, i) => Math.abs(x * it.params.weight.data[i]));
  all.push(Math.abs(it.params.bias.data[0]));
  all.sort((a, b) => b - a);
  assert.equal(Math.min(...kept), all[MOST_TERMS - 1]);
  assert.deepEqual(terms.at(-1).parts, [`… ${(10_001 - MOST_TERMS).toLocaleString("en")} more`]);
  const sum = terms.reduce((s, { value }) => s + value, 0);
  assert.ok(Math.abs(sum - total) < 1e-9 && agrees);
  const places = terms.slice(0, -2).map(({ parts }) => parts[0].index[1]);
  assert.ok(places.every((place, i) => i === 0 || place > places[i - 1]));
});

test("equal terms are not kept twice over: the limit holds", () => {
  const it = linear(1, 6_000, 1);
  it.inputs[0].data.fill(1);
  it.params.weight.data.fill(1);
  it.outputs[0].data[0] = 6_000 + it.params.bias.data[0];
  const { terms, agrees } = explain(it, "outputs.0", [0, 0]);
  assert.ok(agrees && terms.length === MOST_TERMS + 1);
});

test("numbers from elsewhere say where they come from", () => {
  const it = linear(2, 3, 2);
  const origin = (place, index) => explain(it, place, index).origin;
  assert.equal(origin("params.weight", [0, 0]), ORIGINS.weight);
  assert.equal(origin("inputs.0", [0, 0]), ORIGINS.before);
  assert.equal(origin("doutputs.0", [0, 0]), ORIGINS.behind);
  it.doutputs = it.dinputs = [null];
  assert.equal(origin("dparams.weight", [0, 0]), ORIGINS.shared, "then another use left it");
  it.dparams = { weight: null, bias: null };
  assert.equal(origin("dinputs.0", [0, 0]), ORIGINS.missing);
  assert.equal(origin("doutputs.0", [0, 0]), ORIGINS.missing);
  assert.equal(origin("dparams.weight", [0, 0]), ORIGINS.missing);
  const block = step("Block", { outputs: it.outputs });
  assert.equal(explain(block, "outputs.0", [0, 0]).origin, ORIGINS.inside);
  assert.ok(explainable(it, "outputs.0") && !explainable(block, "outputs.0"));
  assert.ok(!explainable(it, "inputs.0") && !explainable(it, "dinputs.0"));
});

test("with the trace around it, a number is traced to the layer that made it", () => {
  const [one, two] = [linear(2, 3, 3), linear(2, 3, 2)];
  [one.name, two.name] = ["fc1", "fc2"];
  two.inputs = [one.outputs[0]];
  one.doutputs = [two.dinputs[0]];
  const net = step("MLP", { name: "MLP", inputs: one.inputs, outputs: two.outputs });
  const trace = { steps: [one, two, net], loss: null, dtype: "float64", backend: "numpy" };
  const origin = (at, place) => explain(trace.steps[at], place, [0, 0], { trace, at }).origin;
  assert.equal(origin(0, "inputs.0"), ORIGINS.outside);
  assert.equal(origin(1, "inputs.0"), `${ORIGINS.before}: fc1`);
  assert.equal(origin(0, "doutputs.0"), `${ORIGINS.behind}: fc2`);
  assert.equal(origin(1, "doutputs.0"), ORIGINS.loss);
  assert.equal(origin(2, "outputs.0"), `${ORIGINS.inside}: fc1, fc2`);
});

test("without its trace, the gradient of a weight used twice is not explained by one use", () => {
  const it = linear(2, 3, 2);
  it.dparams.weight.data[0] += 0.5;
  assert.equal(explain(it, "dparams.weight", [0, 0]).origin, ORIGINS.shared);
  const other = linear(2, 3, 2);
  it.dparams = other.dparams = {
    weight: new Numbers(it.dparams.weight.data.map((d, i) => d + other.dparams.weight.data[i]
      - (i ? 0 : 0.5)), [2, 3], "float64"), bias: null,
  };
  const trace = { steps: [it, other], loss: null, dtype: "float64", backend: "numpy" };
  const dW = explain(it, "dparams.weight", [0, 0], { trace, at: 0 });
  assert.ok(dW.agrees && dW.equation.endsWith("added up over all uses"));
  assert.deepEqual(dW.terms.map(({ parts }) => parts[0].at), [undefined, undefined, 1, 1]);
  assert.deepEqual(untrue(dW, it, trace), []);
});

test("tokens look up rows, and each row gets the gradients of its tokens", () => {
  const [tokens, W, dy] = [whole([2, 0, 2, 1], [2, 2]), numbers([3, 2]), numbers([2, 2, 2])];
  const rows = [...tokens.data].flatMap((token) => [W.at([token, 0]), W.at([token, 1])]);
  const y = new Numbers(Float32Array.from(rows), [2, 2, 2]);
  const dW = numbers([3, 2]);
  dW.data[5] = dy.at([0, 0, 1]) + dy.at([1, 0, 1]);
  const it = step("Embedding", { inputs: [tokens], outputs: [y], dinputs: [null], doutputs: [dy],
    params: { weight: W }, dparams: { weight: dW } });
  assert.equal(explain(it, "outputs.0", [1, 0, 1]).equation, "W[x[1,0], 1] = W[2,1]");
  const found = explain(it, "dparams.weight", [2, 1]);
  assert.ok(found.agrees);
  assert.deepEqual(found.terms.map(written), ["dy[0,0,1]", "dy[1,0,1]"]);
  assert.deepEqual(badMarks(found, it, null), []);
});

test("what cannot be asked is refused with a sentence", () => {
  const it = linear(2, 3, 2);
  assert.throws(() => explain(it, "outputs.0", [2, 0]), /outputs\.0 of it has the shape \(2,2\)/);
  assert.throws(() => explain(it, "outputs.0", [0]), /no number at \[0\]/);
  assert.equal(explain(it, "outputs.7", [0]).origin, ORIGINS.missing);
});

test("a layer that is made otherwise than its name says breaks nothing", () => {
  const kinds = ["Linear", "Embedding", "ReLU", "GELU", "Dropout", "Flatten", "Softmax", "Conv2d",
    "ConvTranspose2d", "Conv1d", "MaxPool2d", "AvgPool2d", "BatchNorm2d", "LayerNorm", "RMSNorm",
    "LSTM", "RNN", "GRU", "ScaledDotProductAttention", "LearnedPositions", "SinusoidalPositions"];
  const RECURRENT = ["weight_ih_l0", "weight_hh_l0"];
  const shapes = [[], [4], [3, 4], [2, 3, 4], [1, 2, 3, 4], [0, 3]];
  const pick = (some) => some[Math.floor(roll() * some.length)];
  const maybe = () => (roll() < 0.15 ? null : numbers(pick(shapes)));
  const origins = new Set();
  for (let round = 0; round < 4000; round++) {
    const names = pick([["weight"], ["weight", "bias"], ["W"], [...RECURRENT], []]);
    const params = Object.fromEntries(names.map((name) => [name, numbers(pick(shapes))]));
    const it = step(pick(kinds), { inputs: [maybe(), maybe()], outputs: [maybe()], params,
      dparams: params, doutputs: [maybe()], dinputs: [maybe(), maybe()] });
    for (const place of ["outputs.0", "dinputs.0", ...names.map((name) => `dparams.${name}`)]) {
      const [group, key] = place.split(".");
      if (!it[group][key]?.size) continue;
      const found = explain(it, place, it[group][key].shape.map(() => 0));
      for (const term of found.terms) assert.ok(term.parts.length);
      origins.add(found.origin);
    }
  }
  assert.ok(origins.has(ORIGINS.unusual));
  const it = linear(2, 3, 2);
  it.doutputs = [numbers([2, 4])];
  assert.equal(explain(it, "dinputs.0", [0, 0]).origin, ORIGINS.unusual);
});

test("heads of attention are traced to the layer that they were cut from", () => {
  const whole = numbers([2, 3, 4]); // two examples, three places, two heads of two numbers
  const heads = numbers([2, 2, 3, 2]);
  heads.data.forEach((_, at) => {
    const [n, head, t, i] = heads.unflat(at);
    heads.data[at] = whole.at([n, t, head * 2 + i]);
  });
  const query = step("Linear", { name: "query", outputs: [whole] });
  const attend = step("ScaledDotProductAttention", { name: "attend", inputs: [heads] });
  const trace = { steps: [query, attend, step("Net")], loss: null, dtype: "float32" };
  const { origin } = explain(attend, "inputs.0", [0, 0, 0, 0], { trace, at: 1 });
  assert.equal(origin, `${ORIGINS.before}: query`);
});

test("a convolution whose outputs no stride and padding gives says so", () => {
  const [x, W, y] = [numbers([1, 1, 5, 5]), numbers([1, 1, 3, 3]), numbers([1, 1, 3, 3])];
  const it = step("Conv2d", { inputs: [x], outputs: [y], dinputs: [null], doutputs: [null],
    params: { weight: W } });
  assert.equal(explain(it, "outputs.0", [0, 0, 1, 1]).origin, ORIGINS.setting);
});

test("the test's own reading of a term is right", () => {
  const x = { value: 0.5 };
  assert.equal(said(["max(0, ", { value: -2 }, ")"]), 0);
  assert.equal(said(["2·(", x, " − ", { value: -1 }, ")/4"]), 0.75);
  assert.equal(said([x, "·[", { value: -1 }, " > 0]"]), 0);
  assert.equal(said(["√(", { value: 9 }, ")·e^(", { value: 0 }, ")"]), 3);
  assert.ok(Math.abs(said(["erf(", x, ")"]) - 0.5204998778130465) < 1e-14);
});

/** The shortest of several runs, so that a busy machine does not decide. */
function quickest(run) {
  let best = Infinity;
  for (let k = 0; k < 30; k++) {
    const start = performance.now();
    run();
    best = Math.min(best, performance.now() - start);
  }
  return best;
}

test("a formula is there within a millisecond", () => {
  const large = step("Linear", { inputs: [numbers([64, 784])], outputs: [numbers([64, 256])],
    doutputs: [numbers([64, 256])], dinputs: [null],
    params: { weight: numbers([256, 784]), bias: numbers([256]) },
    dparams: { weight: numbers([256, 784]) } });
  const trace = { steps: [large], loss: null, dtype: "float32", backend: "numpy" };
  const read = (formula) => formula.terms.slice(0, 20).forEach(({ parts }) => assert.ok(parts));
  for (const [place, index] of [["outputs.0", [63, 255]], ["dparams.weight", [9, 700]]]) {
    const time = quickest(() => read(explain(large, place, index, { trace, at: 0 })));
    console.log(`Linear(784, 256) ${place}: ${time.toFixed(3)} ms`);
    assert.ok(time <= 1, `${place} took ${time} ms`);
  }
  const { conv } = small5x5();
  const time = quickest(() => read(explain(conv, "outputs.0", [1, 5, 3, 4])));
  console.log(`Conv2d(16, 8, 5) outputs.0: ${time.toFixed(3)} ms`);
  assert.ok(time <= 1, `a convolution took ${time} ms`);
});

/** A convolution of windows 5×5 over 16 channels, in float64, computed plainly. */
function small5x5() {
  const [x, W, b] = [[2, 16, 12, 12], [8, 16, 5, 5], [8]].map((shape) => numbers(shape, "float64"));
  const y = numbers([2, 8, 8, 8], "float64");
  y.data.forEach((_, at) => {
    const [n, o, r, s] = y.unflat(at);
    let sum = b.at([o]);
    for (let k = 0; k < 400; k++) {
      const [c, i, j] = [Math.floor(k / 25), Math.floor(k / 5) % 5, k % 5];
      sum += W.at([o, c, i, j]) * x.at([n, c, r + i, s + j]);
    }
    y.data[at] = sum;
  });
  const conv = step("Conv2d", { inputs: [x], outputs: [y], doutputs: [null], dinputs: [null],
    params: { weight: W, bias: b } });
  assert.ok(explain(conv, "outputs.0", [1, 5, 3, 4]).agrees);
  return { conv };
}
