// The sequence instrument's pure parts: what a gradient's way back becomes, what is there when.

import assert from "node:assert/strict";
import { test } from "node:test";

import { Numbers } from "../../dlcourse/viz/viewer/frame/arrays.js";
import { expectWhole } from "../../dlcourse/viz/viewer/frame/left_out.js";
import { fate, lengths } from "../../dlcourse/viz/viewer/sequence/back.js";
import { compared, tolerance } from "../../dlcourse/viz/viewer/tokens/check.js";
import { lowered } from "../../dlcourse/viz/viewer/sequence/formula.js";
import { judged } from "../../dlcourse/viz/viewer/sequence/reach.js";
import { isThere, momentsOf } from "../../dlcourse/viz/viewer/sequence/story.js";
import { spoken, visible } from "../../dlcourse/viz/viewer/tokens/text.js";

test("a gradient vanishes, explodes, holds, or is not there", () => {
  const norms = (ratio) => Float64Array.from({ length: 5 }, (_, t) => ratio ** (4 - t));
  assert.equal(fate(norms(0.1), 4).verdict, "vanishes");
  assert.equal(fate(norms(10), 4).verdict, "explodes");
  assert.equal(fate(norms(0.9), 4).verdict, "holds");
  assert.ok(Math.abs(fate(norms(0.9), 4).perMoment - 0.9) < 1e-12);
  assert.equal(fate([0, 0, 0], 2).verdict, "absent");
  assert.equal(fate([1], 0).verdict, "short");
  assert.equal(fate([Infinity, 1], 1).verdict, "odd");
  assert.equal(fate([NaN, 1], 1).verdict, "odd", "a number that is none is no gradient that holds");
});

test("the judgement is a sentence with the numbers", () => {
  const { text, verdict } = judged(Float64Array.of(1e-6, 1e-3, 1), 2);
  assert.equal(verdict, "vanishes");
  assert.match(text, /From moment 2 back to moment 0, dh goes from 1 to 1.0e−6: × 0.00100 a moment. It vanishes./);
  assert.match(judged(Float64Array.of(1, 1), "all").text, /each moment adds its own/);
});

test("forward the columns appear from the left, backward from the right", () => {
  const forward = { phase: "forward", t: 2 };
  assert.deepEqual([0, 2, 3].map((t) => isThere("forward", t, forward)), [true, true, false]);
  assert.equal(isThere("backward", 2, forward), false);
  assert.equal(isThere("forward", 9, { phase: "loss", t: 4 }), true);
  assert.equal(isThere("backward", 4, { phase: "loss", t: 4 }), false);
  const back = { phase: "backward", t: 2 };
  assert.deepEqual([1, 2, 9].map((t) => isThere("backward", t, back)), [false, true, true]);
});

test("the time line goes there and back again, or only there", () => {
  const phases = (page) => momentsOf(page, spoken).map(({ phase, t }) => `${phase[0]}${t}`).join(" ");
  assert.equal(phases({ tokens: ["a", "b"], hasBack: true }), "f0 f1 l1 b1 b0");
  assert.equal(phases({ tokens: ["a", "b"], hasBack: false }), "f0 f1");
});

test("a gap is measured against the largest number, and NaN is no reason to look away", () => {
  assert.ok(compared("h", [1, 2], [1, 2.000001], "float32").agrees);
  assert.ok(!compared("h", [1, 2], [1, 2.0001], "float32").agrees);
  assert.ok(!compared("h", [1, 2], [1, 2.000001], "float64").agrees);
  assert.ok(!compared("h", [1, NaN], [1, 2], "float32").agrees);
  assert.ok(compared("h", [1, NaN], [1, NaN], "float32").agrees);
  assert.ok(compared("h", [0], [0], "float32").agrees);
  assert.equal(tolerance("something"), tolerance("float32"));
});

test("lengths are those of each moment", () => {
  assert.deepEqual([...lengths([3, 4, 0, 5], 2)], [5, 5]);
});

test("what a page left out is named", () => {
  const whole = new Numbers(Float32Array.of(1), [1]);
  assert.doesNotThrow(() => expectWhole({ layers: [{ x: whole, mask: null, name: "rnn" }] }));
  assert.throws(() => expectWhole({ layers: [{ x: { left_out: [2, 9] } }] }),
    (error) => error.plain && /no room for layers.0.x \(2 × 9 numbers\)/.test(error.message));
});

test("what is invisible can be seen and heard", () => {
  assert.deepEqual(["a", " ", "\n", "the"].map(visible), ["a", "␣", "↵", "the"]);
  assert.deepEqual(["a", " ", "\n"].map(spoken), ["“a”", "a blank", "a new line"]);
  assert.equal(lowered(12), "₁₂");
  assert.equal(lowered(-1), "₋₁");
});
