// Steps of the time line in both directions; its marks in a page are looked at in tests/browser.

import assert from "node:assert/strict";
import { test } from "node:test";
import { Timeline } from "../../dlcourse/viz/viewer/frame/timeline.js";

const PHASES = ["forward", "forward", "loss", "backward", "backward", "update"];

/** A time line without a page: it only remembers where it stands. */
function standing(at, phases = PHASES) {
  const line = Object.create(Timeline.prototype);
  const moves = [];
  const moments = phases.map((phase) => ({ phase, label: "" }));
  Object.assign(line, { moments, at, moves, onMove: (there) => moves.push(there) });
  line.show = (there) => { line.at = there; };
  return line;
}

function press(line, key, also = {}) {
  const event = { key, prevented: 0, stopped: 0, ...also,
    preventDefault() { this.prevented++; }, stopPropagation() { this.stopped++; } };
  line.key(event);
  return event;
}

test("arrows step, Home and End go to the ends, and nothing lies beyond", () => {
  const line = standing(2);
  for (const [key, there] of [["ArrowRight", 3], ["ArrowUp", 4], ["ArrowLeft", 3], ["ArrowDown", 2],
    ["End", 5], ["ArrowRight", 5], ["Home", 0], ["ArrowLeft", 0]]) {
    press(line, key);
    assert.equal(line.at, there, key);
  }
  assert.deepEqual(line.moves, [3, 4, 3, 2, 5, 0], "who stays where he is tells nobody");
});

test("pages are phases; the last phase ends at its end", () => {
  assert.deepEqual(PHASES.map((_, at) => standing(at).nextPhase()), [2, 2, 3, 5, 5, 5]);
  assert.deepEqual(PHASES.map((_, at) => standing(at).previousPhase()), [0, 0, 1, 2, 2, 4]);
});

test("forward and back through all of it ends where it began", () => {
  const line = standing(0);
  PHASES.forEach(() => press(line, "ArrowRight"));
  PHASES.forEach(() => press(line, "ArrowLeft"));
  assert.equal(line.at, 0);
});

test("keys that it does not know, and the browser's own, are left to others", () => {
  for (const event of [press(standing(0), "d"), press(standing(0), "End", { ctrlKey: true })]) {
    assert.deepEqual([event.prevented, event.stopped], [0, 0]);
  }
  const used = press(standing(0), "End");
  assert.deepEqual([used.prevented, used.stopped], [1, 1]);
});
