// A step of noise with its operands, and the moments of both ways.

import assert from "node:assert/strict";
import { test } from "node:test";
import {
  amounts, arrowScale, backwardStep, cleaned, forwardStep, momentAt, momentsOf,
} from "../../dlcourse/viz/viewer/denoising/noise_steps.js";

const BETAS = [0.1, 0.25, 0.5];
const LEFT = BETAS.map((_, t) => BETAS.slice(0, t + 1).reduce((left, beta) => left * (1 - beta), 1));
const close = (a, b) => assert.ok(Math.abs(a - b) < 1e-12, `${a} is not ${b}`);

test("the amounts of a step come from what is left after it and before it", () => {
  BETAS.forEach((beta, t) => close(amounts(LEFT, t).beta, beta));
  assert.equal(amounts(LEFT, 0).before, 1);
  close(amounts(LEFT, 2).before, 0.9 * 0.75);
});

test("a step forward finds the noise that was added", () => {
  const after = Math.sqrt(0.75) * 2 + Math.sqrt(0.25) * -1.3;
  const step = forwardStep(LEFT, 1, 2, after);
  close(step.keep, Math.sqrt(0.75));
  close(step.add, 0.5);
  close(step.noise, -1.3);
});

test("a step backward takes out the guess and finds the noise that was put back", () => {
  const [x, guess, luck] = [1.4, 0.6, 0.8];
  const mean = (x - (0.25 / Math.sqrt(1 - LEFT[1])) * guess) / Math.sqrt(0.75);
  const spread = Math.sqrt((0.25 * (1 - LEFT[0])) / (1 - LEFT[1]));
  const step = backwardStep(amounts(LEFT, 1), x, guess, mean + spread * luck);
  close(step.mean, mean);
  close(step.spread, spread);
  close(step.noise, luck);
  close(step.clean, (x - Math.sqrt(1 - LEFT[1]) * guess) / Math.sqrt(LEFT[1]));
  close((step.before - step.much * step.guess) * step.grow + step.spread * step.noise, step.after);
});

test("the last step puts no noise back", () => {
  const step = backwardStep(amounts(LEFT, 0), 0.5, 0.1, 0.7);
  close(step.spread, 0);
  assert.equal(step.noise, 0);
});

test("the true noise leads back to the clean number", () => {
  const [x0, noise] = [0.7, -1.1];
  close(cleaned(0.3, Math.sqrt(0.3) * x0 + Math.sqrt(0.7) * noise, noise), x0);
});

test("two ways on one line: noise grows, then goes", () => {
  const moments = momentsOf(["forward", "backward"], [0, 2, 4], 4);
  assert.deepEqual(moments.map(({ phase, step, level, at }) => [phase[0], step, level, at]),
    [["f", 0, 0, 0], ["f", 2, 2, 1], ["f", 4, 4, 2], ["b", 0, 4, 0], ["b", 2, 2, 1], ["b", 4, 0, 2]]);
  assert.equal(momentAt(moments, "backward", 2), 4);
  assert.equal(momentAt(moments, "backward", 3.4), 5, "the nearest that was kept");
  assert.equal(momentAt(moments, "forward", 0), 0);
});

test("nine of ten arrows are no longer than the scale; odd ones have no say", () => {
  const field = Float32Array.from({ length: 40 }, (_, i) => (i % 2 ? 0 : i / 2 + 1)); // 1 … 20
  field[0] = NaN;
  assert.equal(arrowScale(field), 19);
  assert.equal(arrowScale(new Float32Array(6)), 1, "no arrow has any length");
});
