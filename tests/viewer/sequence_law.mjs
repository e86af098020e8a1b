// Takes recurrent layers of traces apart, for tests/test_viz_sequence.py:
//   node sequence_law.mjs trace.bin source   →  JSON, one entry a layer and example

import { readFileSync } from "node:fs";

import { explain, quantities, dataOf } from "../../dlcourse/viz/viewer/sequence/formula.js";
import { backThroughTime, fromLoss, lengths } from "../../dlcourse/viz/viewer/sequence/back.js";
import { checks } from "../../dlcourse/viz/viewer/tokens/check.js";
import { unroll } from "../../dlcourse/viz/viewer/tokens/unroll.js";
import { read } from "../../dlcourse/viz/viewer/frame/wire.js";

const [path, source] = process.argv.slice(2);
const { content: { steps, dtype } } = read(readFileSync(path));
const told = steps.filter((step) => step.params.weight_hh_l0).flatMap((step) =>
  Array.from({ length: step.outputs[0].shape[0] }, (_, b) => apart(step, b)));
console.log(JSON.stringify(told));

function apart(step, b) {
  const layers = unroll(step, b);
  const seeds = fromLoss(step, b, "all");
  const whole = seeds && backThroughTime(layers, seeds);
  const from = source === "all" ? source : Number(source);
  const backs = seeds && (source === "all" ? whole : backThroughTime(layers, fromLoss(step, b, from)));
  return {
    name: step.name, example: b, checks: checks(step, b, layers, whole, dtype),
    layers: layers.map((layer, level) => oneLevel(step.kind, layer, backs?.[level])),
  };
}

function oneLevel(kind, layer, back) {
  const names = quantities(kind, Boolean(back)).map(({ name }) => name);
  const shown = Object.fromEntries(names.map((name) => [name, [...dataOf(name, layer, back)]]));
  return { ...shown, norms: back && [...lengths(back.dh, layer.T)], worst: worst(names, layer, back, shown) };
}

/** The largest gap between a formula's total and the number that is shown. */
function worst(names, layer, back, shown) {
  let gap = 0;
  for (const name of names) {
    const N = shown[name].length / layer.T;
    for (let i = 0; i < shown[name].length; i++) {
      const { total } = explain({ layer, back }, name, Math.floor(i / N), i % N);
      gap = Math.max(gap, Math.abs(total - shown[name][i]));
    }
  }
  return gap;
}
