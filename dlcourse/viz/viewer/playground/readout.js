// What stands under the picture: the net's answer at a place, or the formula of a unit.

import { SIGNS } from "../frame/colours.js";
import { make } from "../frame/controls.js";
import { number, percent } from "../frame/format.js";

const MOST = 7; // terms of a sum; the others are counted

/** How likely the net finds each class at a place: { p, words }. */
export function answer({ net, frame }, [x1, x2], classes) {
  const p = [...net.shares(net.forward(frame.weights, [[x1], [x2]], Float64Array).at(-1))];
  const shares = classes.flatMap((name, c) =>
    [c ? ", " : "", make("b", {}, `${SIGNS[c % SIGNS.length]} ${name}`), `: ${percent(p[c], 1)}`]);
  return { p, words: [`At x1 = ${number(x1)}, x2 = ${number(x2)} the net says `, ...shares] };
}

/** "fc1[3] = tanh(0.41·x1 − 0.8·x2 + 0.1)", with the weights of this moment. */
export function formula({ net, frame, track }, { layer, unit }, classes) {
  if (layer === 0) return [make("b", {}, `x${unit + 1}`), ": what comes in, as it is"];
  const sum = sumOf(net, frame.weights, layer, unit);
  if (layer === net.depth) return [make("b", {}, `score of ${classes[unit]}`), ` = ${sum}`];
  return [make("b", {}, `fc${layer}[${unit}]`), ` = ${track.settings.activation}(${sum})`];
}

export function sumOf(net, weights, layer, unit) {
  const weight = (from) => number(weights[net.flat({ layer, to: unit, from })], 2);
  const before = layer === 1 ? (i) => `x${i + 1}` : (i) => `fc${layer - 1}[${i}]`;
  const terms = Array.from({ length: net.sizes[layer - 1] }, (_, i) => `${weight(i)}·${before(i)}`);
  const shown = terms.length > MOST + 1 ? [...terms.slice(0, MOST), `… ${terms.length - MOST} more`]
    : terms;
  return [...shown, weight(-1)].join(" + ").replaceAll("+ −", "− ");
}
