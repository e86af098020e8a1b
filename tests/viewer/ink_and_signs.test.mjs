// Shades of ink, and the signs of classes as shapes.

import assert from "node:assert/strict";
import { test } from "node:test";
import { palette, SIGNS } from "../../dlcourse/viz/viewer/frame/colours.js";
import { ink } from "../../dlcourse/viz/viewer/frame/ink.js";
import { colourOf, trace } from "../../dlcourse/viz/viewer/frame/signs.js";

const hex = (packed) => `#${[0, 8, 16].map((shift) =>
  ((packed >> shift) & 255).toString(16).padStart(2, "0")).join("")}`;

test("paper below, ink above, evenly in between, and a colour of its own for what is no number", () => {
  for (const dark of [false, true]) {
    const [paint, colours] = [ink([-1, 3], dark), palette(dark)];
    for (const low of [-1, -7, -Infinity].slice(0, 2)) assert.equal(hex(paint(low)), colours.paper);
    for (const high of [3, 99]) assert.equal(hex(paint(high)), colours.ink);
    for (const odd of [NaN, Infinity, -Infinity]) assert.equal(hex(paint(odd)), colours.odd);
    const red = (x) => paint(x) & 255;
    assert.ok(Math.abs(red(1) - (red(-1) + red(3)) / 2) <= 1);
  }
});

test("a range without width is all paper", () => assert.equal(hex(ink([2, 2], false)(2)), palette(false).paper));

/** A pen that remembers where it has been. */
function pen() {
  const been = [];
  const go = (x, y) => been.push([x, y]);
  return { been, beginPath() {}, closePath() {}, moveTo: go, lineTo: go,
    arc(x, y, r) { go(x - r, y); go(x + r, y); go(x, y - r); go(x, y + r); },
    rect(x, y, w, h) { go(x, y); go(x + w, y + h); } };
}

test("each sign is drawn around its place, about as large as the others, and unlike them", () => {
  const outlines = SIGNS.map((_, kind) => {
    const drawn = pen();
    trace(drawn, kind, 50, 70, 10);
    const far = drawn.been.map(([x, y]) => Math.hypot(x - 50, y - 70));
    assert.ok(Math.max(...far) > 8 && Math.max(...far) < 17, SIGNS[kind]);
    const middle = drawn.been.reduce(([a, b], [x, y]) => [a + x, b + y], [0, 0]).map((n) => n / drawn.been.length);
    assert.ok(Math.hypot(middle[0] - 50, middle[1] - 70) < 3, SIGNS[kind]);
    return JSON.stringify(drawn.been.map((place) => place.map(Math.round)));
  });
  assert.equal(new Set(outlines).size, SIGNS.length);
});

test("forty classes have forty pairs of sign and colour", () => {
  const pairs = Array.from({ length: 40 }, (_, kind) => `${kind % SIGNS.length} ${colourOf(kind)}`);
  assert.equal(new Set(pairs).size, 40);
});
