// What the viewer reads out of a trace: who is made of whom, who feeds whom, where it goes wrong.

import assert from "node:assert/strict";
import { test } from "node:test";
import { Numbers } from "../../dlcourse/viz/viewer/frame/arrays.js";
import {
  adopted, arrayAt, edges, firstOdd, isComposite, labels, leaves, same, split, weightsOf,
} from "../../dlcourse/viz/viewer/trace/trace.js";

const numbers = (values, shape = [values.length]) => new Numbers(Float32Array.from(values), shape);
const step = (name, kind, inputs, outputs, more = {}) => ({
  name, kind, inputs, outputs, dinputs: [], doutputs: [], params: {}, dparams: {}, ...more,
});
const [a, b, c, d, e] = [[1, 2], [3, 5], [0.5, -1], [3.5, 4], [9, 9]].map((values) => numbers(values));
const traceOf = (...steps) => ({ steps, loss: null });

test("a place has a group and a name, and the name may have dots", () => {
  assert.deepEqual(split("params.q.weight"), ["params", "q.weight"]);
  const one = step("fc", "Linear", [a], [b], { params: { weight: c } });
  assert.equal(arrayAt(one, "params.weight"), c);
  assert.equal(arrayAt(one, "inputs.0"), a);
  assert.equal(arrayAt(one, "dparams.weight"), null);
  assert.equal(arrayAt(one, "nothing.0"), null);
});

test("the net, and a block with steps of its own, are made of others", () => {
  const trace = traceOf(step("block.fc", "Linear", [a], [b]), step("block", "Block", [a], [b]),
    step("blocks", "Linear", [b], [c]), step("Net", "Net", [a], [c]));
  assert.deepEqual(trace.steps.map((_, at) => isComposite(trace, at)), [false, true, false, true]);
  assert.deepEqual(leaves(trace), [0, 2]);
});

test("a name that begins like another one is no part of it", () => {
  const trace = traceOf(step("fc", "Linear", [a], [b]), step("fc2", "Linear", [b], [c]), step("Net", "Net", [a], [c]));
  assert.deepEqual(leaves(trace), [0, 1]);
});

test("a net of a single layer is its own leaf", () => {
  assert.deepEqual(leaves(traceOf(step("Linear", "Linear", [a], [b]))), [0]);
});

test("a layer that answers again is counted", () => {
  const trace = traceOf(...["act", "fc", "act", "act"].map((name) => step(name, "X", [a], [b])));
  assert.deepEqual(labels(trace), ["act", "fc", "act (2)", "act (3)"]);
});

test("a layer is fed by the latest one that answered the same numbers", () => {
  const trace = traceOf(step("one", "X", [a], [b]), step("two", "X", [b], [c]), step("three", "X", [numbers([0.5, -1])], [d]));
  assert.deepEqual(edges(trace), [{ from: 0, to: 1, sure: true }, { from: 1, to: 2, sure: true }]);
  const passedOn = traceOf(step("one", "X", [a], [b]), step("flat", "Flatten", [b], [numbers([3, 5], [2, 1])]),
    step("three", "X", [numbers([3, 5], [2, 1])], [d]));
  assert.deepEqual(edges(passedOn).at(-1), { from: 1, to: 2, sure: true });
});

test("numbers in another shape are the same numbers", () => {
  assert.ok(same(numbers([1, NaN], [2]), numbers([1, NaN], [1, 2])));
  assert.ok(!same(numbers([1, 2]), numbers([1, 3])));
  assert.ok(!same(numbers([1, 2]), numbers([1])));
});

test("a sum of two answers is fed by both", () => {
  const trace = traceOf(step("one", "X", [a], [b]), step("two", "X", [b], [c]), step("three", "X", [d], [e]));
  assert.deepEqual(edges(trace).slice(1), [{ from: 0, to: 2, sure: true }, { from: 1, to: 2, sure: true }]);
});

test("where no numbers fit, the order is a guess and says so; readers of the net's input have no giver", () => {
  const trace = traceOf(step("one", "X", [a], [b]), step("two", "X", [e], [c]), step("three", "X", [a], [d]));
  assert.deepEqual(edges(trace), [{ from: 0, to: 1, sure: false }]);
});

test("arrays that a page left out are remembered by their shape", () => {
  const raw = traceOf(step("fc", "Linear", [{ left_out: [4, 9] }, null], [b], { params: { weight: { left_out: [9, 9] }, bias: c } }));
  const [fc] = adopted(raw).steps;
  assert.deepEqual([fc.inputs, fc.params.weight, fc.params.bias], [[null, null], null, c]);
  assert.deepEqual(fc.leftOut["inputs.0"], [4, 9]);
  assert.deepEqual(fc.leftOut["params.weight"], [9, 9]);
  assert.ok(!fc.leftOut["inputs.1"], "what was never computed was not left out");
});

test("the first number that is not finite is named with its place", () => {
  const odd = numbers([1, 2, NaN, Infinity], [2, 2]);
  const trace = traceOf(step("one", "X", [a], [b]), step("two", "X", [b], [odd]), step("three", "X", [odd], [odd]));
  assert.deepEqual(firstOdd(trace), { at: 1, place: "outputs.0", flat: 2 });
  assert.equal(firstOdd(traceOf(step("one", "X", [a, null], [b]))), null);
});

test("weights have the letters of the blackboard, and are counted", () => {
  const fc = step("fc", "Linear", [a], [b], { params: { weight: numbers([1, 2, 3, 4], [2, 2]), bias: c, gamma: null } });
  assert.deepEqual(weightsOf(fc).map(({ label }) => label), ["W", "b", "gamma"]);
});
