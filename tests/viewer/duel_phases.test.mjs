// What is said of a round of the duel, and the time line that goes over a round's ends.

import assert from "node:assert/strict";
import { test } from "node:test";
import { Numbers } from "../../dlcourse/viz/viewer/frame/arrays.js";
import {
  largestGap, meanWay, PHASES, placeOfPhase, storyOf, thinned, told, usualLength, yes,
} from "../../dlcourse/viz/viewer/duel/phases.js";
import { RoundLine } from "../../dlcourse/viz/viewer/duel/round_line.js";

const array = (values, ...shape) => new Numbers(Float32Array.from(values), shape);
const ROUND = {
  round: 3, count: 2, judge_loss: 1.25, maker_loss: 0.5,
  noise: array([0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8], 2, 4),
  real: array([0, 0, 1, 1, 2, 2], 3, 2), fakes: array([1, 1, 0, 0], 2, 2),
  dfakes: array([3, -4, 0, 0.5], 2, 2), moved: array([1, 2, 0, 3], 2, 2),
  says_real: array([0.9, 0.4, 0.6], 3), says_fakes: array([0.25, 0.75], 2),
  before: array([0.5, 0.5, 0.5, 0.5], 2, 2), after: array([0.5, 0.7, 0.4, 0.5], 2, 2),
};

test("shares, gaps, ways and lengths", () => {
  assert.equal(yes([0.5, 0.51, 0.9, 0.1]), 0.5, "one half is no yes");
  assert.equal(yes([]), 0);
  assert.ok(Math.abs(largestGap([1, 2, 3], [1, 2.5, 2.8]) - 0.5) < 1e-9);
  assert.equal(meanWay([1, 1, 0, 0], [1, 2, 0, 3]), 2);
  assert.equal(usualLength([ROUND, ROUND]), 5);
  assert.equal(usualLength([{ dfakes: array([0, 0], 1, 2) }]), 1);
});

test("each phase says its numbers", () => {
  const said = Object.fromEntries(PHASES.map(({ phase }) => [phase, told(phase, ROUND)]));
  assert.match(said.noise, /^2 places of pure chance, 4 numbers each\./);
  assert.match(said.make, /each of the 2 places/);
  assert.match(said.judge, /67 % of the real points for real, and 50 % of the fakes/);
  assert.match(said.learn, /loss is 1\.25/);
  assert.match(said.field, /by up to 20 %/);
  assert.match(said.push, /loss is 0\.500/);
  assert.match(said.move, /moved by 2\./);
  assert.equal(new Set(Object.values(said)).size, PHASES.length);
  assert.match(told("noise", { ...ROUND, noise: null }), /^2 places of pure chance\. /);
});

test("a fake's story runs through the phases in their order", () => {
  const story = storyOf(ROUND, 1);
  assert.deepEqual(story.map(({ name, text }) => `${name}: ${text}`), [
    "noise: (0.500, 0.600, 0.700, …)", "fake: (0, 0)", "judge says real: 75.0 %",
    "slope of loss: (0, 0.500)", "moved to: (0, 3)"]);
  const places = story.map(({ phase }) => placeOfPhase(phase));
  assert.deepEqual(places, [...places].sort((a, b) => a - b));
  assert.equal(storyOf({ ...ROUND, noise: null }, 0)[0].name, "fake");
});

test("of too many rounds the older half is thinned out, and the last ones stay", () => {
  const many = Array.from({ length: 10 }, (_, i) => i);
  assert.deepEqual(thinned(many, 10), many);
  assert.deepEqual(thinned(many, 9), [0, 2, 4, 5, 6, 7, 8, 9]);
});

/** A line of a round without a page: it only remembers. */
function standing(at) {
  const line = Object.create(RoundLine.prototype);
  const [moves, rounds] = [[], []];
  Object.assign(line, { moments: PHASES, at, moves, rounds, onMove: (there) => moves.push(there),
    onRound: (by, phase) => rounds.push([by, phase]) });
  line.show = (there) => { line.at = there; };
  return line;
}

const press = (line, key) => line.key({ key, preventDefault() {}, stopPropagation() {} });

test("over the ends of a round lie the rounds before and after", () => {
  const last = PHASES.length - 1;
  const line = standing(last - 1);
  press(line, "ArrowRight");
  press(line, "ArrowRight");
  assert.deepEqual([line.moves, line.rounds], [[last], [[1, 0]]]);
  const first = standing(0);
  press(first, "ArrowLeft");
  assert.deepEqual(first.rounds, [[-1, last]]);
});

test("pages are rounds, at the same phase; a dragging finger stays in the round", () => {
  const line = standing(2);
  press(line, "PageDown");
  press(line, "PageUp");
  assert.deepEqual(line.rounds, [[1, 2], [-1, 2]]);
  line.held = true;
  line.go(99);
  assert.deepEqual([line.at, line.rounds.length], [PHASES.length - 1, 2]);
});
