// The moments of a training step, in the order in which they happen.

import assert from "node:assert/strict";
import { test } from "node:test";
import { Numbers } from "../../dlcourse/viz/viewer/frame/arrays.js";
import { counted, hasGradient, moments } from "../../dlcourse/viz/viewer/trace/moments.js";

const some = new Numbers(Float32Array.of(1), [1]);
const step = (name, gradient, weight) => ({
  name, kind: "X", inputs: [some], outputs: [some], dinputs: [null], doutputs: gradient ? [some] : [null],
  params: weight ? { weight: some } : {}, dparams: weight ? { weight: null } : {},
});
const pass = (loss, gradient = true) => ({
  loss, steps: [step("fc", gradient, true), step("act", gradient), step("fc", gradient, true), step("Net", gradient)]
    .map((one, i) => (i === 3 ? { ...one, kind: "Net" } : one)),
});
const told = (all) => all.map(({ phase, label, pass: nth }) => `${nth} ${phase} ${label}`);

test("forward, then the loss, then back in the opposite order", () => {
  assert.deepEqual(told(moments([pass(0.5)])), [
    "0 forward fc", "0 forward act", "0 forward fc (2)", "0 loss loss",
    "0 backward fc (2)", "0 backward act", "0 backward fc",
  ]);
});

test("without a loss and without gradients there is only the way forward", () => {
  assert.deepEqual(told(moments([pass(null, false)])), ["0 forward fc", "0 forward act", "0 forward fc (2)"]);
});

test("between two passes each weight is updated once, after the way back", () => {
  const all = told(moments([pass(0.5), pass(0.4)]));
  assert.deepEqual(all.slice(7, 9), ["0 update fc", "1 forward fc"]);
  assert.equal(all.filter((one) => one.includes("update")).length, 1);
});

test("a loss of zero is a loss", () => {
  assert.ok(moments([pass(0)]).some(({ phase }) => phase === "loss"));
});

test("a gradient of anything is a gradient; nothing is none", () => {
  assert.ok(hasGradient(step("x", true)));
  assert.ok(!hasGradient(step("x", false, true)));
});

test("where a moment stands is counted within its phase and its pass", () => {
  const all = moments([pass(0.5), pass(0.4)]);
  assert.equal(counted(all, 0), "Forward 1 of 3");
  assert.equal(counted(all, 3), "Loss");
  assert.equal(counted(all, 6), "Backward 3 of 3");
  assert.equal(counted(all, 8), "Forward 1 of 3");
});
