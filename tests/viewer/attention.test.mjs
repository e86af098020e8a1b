// The attention instrument's pure parts: weights from queries and keys, chances, cuts and draws.

import assert from "node:assert/strict";
import { test } from "node:test";

import { looked, pairFormula } from "../../dlcourse/viz/viewer/attention/heads.js";
import { Numbers } from "../../dlcourse/viz/viewer/frame/arrays.js";
import { chances, cut, drawCall, hit } from "../../dlcourse/viz/viewer/attention/next_token.js";
import { defaultRng, seedFits } from "../../dlcourse/viz/viewer/attention/numpy_random.js";

const near = (a, b, room = 1e-12) => assert.ok(Math.abs(a - b) <= room, `${a} is not ${b}`);

/** Two places, one head of width 1: weights that can be worked out by hand. */
function layer({ mixed, mask = null }) {
  const numbers = (data, shape) => new Numbers(Float64Array.from(data), shape, "float64");
  return { name: "attn", query: numbers([0, 1], [1, 1, 2, 1]), key: numbers([0, Math.log(3)], [1, 1, 2, 1]),
    value: numbers([1, 2], [1, 1, 2, 1]), mixed: numbers(mixed, [1, 1, 2, 1]), mask,
    answer: numbers(mixed, [1, 2, 1]), proj: { weight: numbers([1], [1, 1]) } };
}

test("the answer tells whether later places are hidden", () => {
  const open = looked(layer({ mixed: [1.5, 1.75] }), 0, "float64");
  assert.equal(open.causal, false);
  assert.deepEqual([...open.P[0]].map((p) => Number(p.toFixed(12))), [0.5, 0.5, 0.25, 0.75]);
  assert.ok(open.checks.every(({ agrees }) => agrees));
  const causal = looked(layer({ mixed: [1, 1.75] }), 0, "float64");
  assert.equal(causal.causal, true);
  assert.deepEqual([...causal.hidden[0]], [0, 1, 0, 0]);
  assert.equal(causal.P[0][0], 1);
});

test("an answer that no weights give is not passed over", () => {
  const { checks } = looked(layer({ mixed: [1.4, 1.75] }), 0, "float64");
  assert.deepEqual(checks.map(({ agrees }) => agrees), [false, false]);
});

test("the mask hides places, and its axes may stand for many", () => {
  const mask = new Numbers(Uint8Array.of(1, 0), [1, 1, 1, 2], "bool");
  const masked = looked(layer({ mixed: [1, 1], mask }), 0, "float64");
  assert.deepEqual([...masked.P[0]], [1, 0, 1, 0]);
});

test("the formula of a weight: products, score, share of its row", () => {
  const look = looked(layer({ mixed: [1.5, 1.75] }), 0, "float64");
  const { products, score, part, whole, total } = pairFormula(look, 0, 1, 0, ["b", "a"]);
  assert.deepEqual(products, [{ at: 0, left: 1, right: 0, value: 0 }]);
  near(score, 0);
  near(part / whole, total);
  near(total, 0.25);
  const causal = looked(layer({ mixed: [1, 1.75] }), 0, "float64");
  assert.match(pairFormula(causal, 0, 0, 1, ["a", "b"]).says, /later/);
});

test("chances: temperature sharpens, and 0 takes the likeliest", () => {
  const p = chances([0, Math.log(3)], 1);
  near(p[1], 0.75);
  near(chances([0, Math.log(3)], 0.5)[1], 0.9);
  assert.deepEqual([...chances([1, 5, 5], 0)], [0, 1, 0]);
  near(chances([1000, 0], 1)[0], 1);
});

test("top-k and top-p cut as choose does, and say why", () => {
  const logits = [0.5, 0.3, 0.15, 0.05].map(Math.log);
  const how = { temperature: 1, top_k: null, top_p: null };
  assert.deepEqual(cut(logits, how).why, ["", "", "", ""]);
  assert.deepEqual(cut(logits, { ...how, top_k: 2 }).why, ["", "", "top-k", "top-k"]);
  assert.deepEqual(cut(logits, { ...how, top_p: 0.7 }).why, ["", "", "top-p", "top-p"]);
  assert.deepEqual(cut(logits, { ...how, top_k: 3, top_p: 0.4 }).why, ["", "top-p", "top-p", "top-k"]);
  assert.deepEqual(cut([Math.log(2), 0, -1], { ...how, top_p: chances([Math.log(2), 0, -1])[0] }).why, ["", "top-p", "top-p"],
    "as few as together have this share");
  assert.deepEqual(cut(logits, { ...how, top_k: 99 }).why, ["", "", "", ""]);
  assert.deepEqual(cut(logits, { ...how, temperature: 0, top_k: 1 }).why.slice(1), ["temperature", "temperature", "temperature"]);
});

test("a dart hits as often as a token is wide", () => {
  assert.equal(hit([0.5, 0, 0.5], 0.49), 0);
  assert.equal(hit([0.5, 0, 0.5], 0.5), 2, "a token that was cut cannot be hit");
  assert.equal(hit([0, 1, 0], 0), 1);
});

test("the generator is NumPy's", () => {
  const next = defaultRng(0);
  assert.deepEqual([next(), next()], [0.6369616873214543, 0.2697867137638703]);
  assert.equal(defaultRng(2 ** 32 - 1)(), 0.2519435680449965);
  assert.deepEqual([0, 1.5, -1, 2 ** 32].map(seedFits), [true, false, false, false]);
});

test("the draw is written as Python would", () => {
  assert.deepEqual(drawCall([0, 3], { temperature: 0.8, top_k: 5, top_p: null, seed: 7 }),
    ["rng = np.random.default_rng(7)", "choose(logits[0, 3], rng, temperature=0.8, top_k=5)"]);
});
