// Playing goes to the end and stops; whoever takes the line in hand stops it too.

import assert from "node:assert/strict";
import { test } from "node:test";
import { Player } from "../../dlcourse/viz/viewer/frame/player.js";

/** A clock that is turned by hand. */
function clock(context) {
  const [own, running] = [[globalThis.setInterval, globalThis.clearInterval], new Map()];
  context.after(() => { [globalThis.setInterval, globalThis.clearInterval] = own; });
  globalThis.setInterval = (rings) => (running.set(running.size + 1, rings), running.size);
  globalThis.clearInterval = (key) => running.delete(key);
  return (times) => {
    for (let i = 0; i < times; i++) for (const rings of [...running.values()]) rings();
  };
}

function playing(context, { at = 0, count = 4, calm = false, again } = {}) {
  const tick = clock(context);
  const player = Object.create(Player.prototype);
  const been = [];
  const line = { at, been, player, tick };
  const go = (there) => { line.at = there; been.push(there); };
  Object.assign(player, { view: { calm }, count, pace: 10, where: () => line.at, go, label: "Play",
    again: again ?? (() => go(0)), element: { textContent: "Play" } });
  return line;
}

test("to the end, once, and then the button plays again from the beginning", (context) => {
  const line = playing(context);
  line.player.toggle();
  assert.equal(line.player.element.textContent, "Stop");
  line.tick(10);
  assert.deepEqual(line.been, [1, 2, 3]);
  assert.equal(line.player.element.textContent, "Play");
  line.player.toggle();
  line.tick(1);
  assert.deepEqual(line.been, [1, 2, 3, 0, 1]);
});

test("pressed again, or the line moved by somebody: it stops there", (context) => {
  const line = playing(context);
  line.player.toggle();
  line.tick(1);
  line.player.toggle();
  line.tick(5);
  assert.deepEqual(line.been, [1]);
  line.player.toggle();
  line.tick(1);
  line.at = 0;
  line.tick(5);
  assert.deepEqual([line.been, line.at], [[1, 2], 0]);
});

test("without motion it is a cut to the end", (context) => {
  const line = playing(context, { calm: true });
  line.player.toggle();
  line.tick(10);
  assert.deepEqual(line.been, [3]);
});

test("where the next round begins is asked for at the end", (context) => {
  const line = playing(context, { at: 3, again: () => { line.at = 0; line.been.push("next round"); } });
  line.player.toggle();
  line.tick(2);
  assert.deepEqual(line.been, ["next round", 1, 2]);
});
