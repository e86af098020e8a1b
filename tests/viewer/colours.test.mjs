// Colours of numbers: zero is paper, the sign is the hue, the size is the depth, and text stays legible.

import assert from "node:assert/strict";
import { test } from "node:test";
import { CLASSES, css, inkOn, pack, painter, palette, position, rgb, SIGNS } from "../../dlcourse/viz/viewer/frame/colours.js";

const channels = (packed) => [packed & 255, (packed >> 8) & 255, (packed >> 16) & 255];
const light = ([r, g, b]) => [r, g, b].map((c) => c / 255)
  .map((c) => (c <= 0.04045 ? c / 12.92 : ((c + 0.055) / 1.055) ** 2.4))
  .reduce((sum, c, i) => sum + c * [0.2126, 0.7152, 0.0722][i], 0);
const contrast = (a, b) => {
  const [dim, bright] = [light(a), light(b)].sort((x, y) => x - y);
  return (bright + 0.05) / (dim + 0.05);
};

test("a colour is packed as ImageData holds it, and is opaque", () => {
  assert.equal(pack(rgb("#123456")), 0xff563412);
  assert.equal(new Uint8Array(Uint32Array.of(pack(rgb("#123456"))).buffer).join(), "18,52,86,255");
});

for (const dark of [false, true]) {
  const paint = painter({ reach: 2, dark });

  test(`orange below zero, blue above, deeper towards the reach (dark: ${dark})`, () => {
    const [red, , blue] = channels(paint(-2));
    assert.ok(red > blue);
    const [r, , b] = channels(paint(2));
    assert.ok(b > r);
    const away = (x) => contrast(channels(paint(x)), channels(paint(0)));
    for (const sign of [-1, 1]) {
      const steps = [0.1, 0.5, 1, 2].map((x) => away(sign * x));
      assert.deepEqual(steps, [...steps].sort((x, y) => x - y));
    }
  });

  test(`beyond the reach is as at the reach, and what is not finite looks like nothing else (dark: ${dark})`, () => {
    assert.equal(paint(5), paint(2));
    assert.equal(paint(-1e30), paint(-2));
    const odd = pack(rgb(palette(dark).odd));
    for (const x of [NaN, Infinity, -Infinity]) assert.equal(paint(x), odd);
    for (let x = -2; x <= 2; x += 0.05) assert.notEqual(paint(x), odd);
  });

  test(`ink can be read on every colour (dark: ${dark})`, () => {
    for (let x = -2; x <= 2; x += 0.02) {
      const paper = paint(x);
      assert.ok(contrast(rgb(inkOn(paper)), channels(paper)) >= 4.5, `${x}`);
    }
    const odd = pack(rgb(palette(dark).odd));
    assert.ok(contrast(rgb(inkOn(odd)), channels(odd)) >= 4.5);
  });
}

test("without a reach everything is at zero; a log scale spreads small numbers and keeps signs", () => {
  assert.deepEqual([position(3, 0), position(3, NaN)], [0, 0]);
  assert.deepEqual([position(1, 1, true), position(-1, 1, true), position(0, 1, true)], [1, -1, 0]);
  assert.ok(position(0.01, 1, true) > 0.3 && position(0.01, 1) === 0.01);
  assert.equal(position(-0.01, 1, true), -position(0.01, 1, true));
});

test("CSS says the same colour as the pixel", () => {
  for (const x of [-1, -0.3, 0, 0.01, 1, NaN]) {
    assert.equal(pack(rgb(css(x, { reach: 1 }))), painter({ reach: 1 })(x));
  }
});

test("each class has a colour and a sign of its own", () => {
  assert.equal(new Set(CLASSES).size, CLASSES.length);
  assert.equal(new Set(SIGNS).size, SIGNS.length);
  assert.equal(SIGNS.length, CLASSES.length);
});
