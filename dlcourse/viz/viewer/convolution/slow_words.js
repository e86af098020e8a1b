// What stands above the arrays of one convolution, and whether the trace says the same.

import { number } from "../frame/format.js";
import { MEANING } from "./kernels.js";

const CLOSE = 1e-4; // of the largest number

const sizes = ({ shape }) => (shape[0] === 1 ? shape.slice(1) : shape).join(" × ");

/** A few words for each array. */
export function headings({ x, y, db, point, given }, choices, drawable) {
  const { layer, upstream } = choices;
  const fed = { one: "1 at one cell", ones: "1 everywhere", trace: "1 at one cell" }[upstream];
  return {
    x: `${drawable ? "the picture" : `what ${layer} sees`}, ${sizes(x)}`,
    W: point === null ? byHand(choices) : learned(choices),
    y: `what comes out, ${sizes(y)}`,
    dx: drawable ? "gradient of the picture" : "gradient of x",
    dW: `gradient of W, db = ${number(db)}`,
    dy: `gradient of y: ${given ? "from the trace" : fed}`,
  };
}

const byHand = ({ kernel }) => (Array.isArray(kernel) ? "your own" : MEANING[kernel ?? "sobel x"]);

const learned = ({ map, layer, kernel }) =>
  `map ${map} of ${layer}, ${kernel ? "changed by you" : "as learned"}`;

/** { agrees, text } where the trace holds what is looked at; null where it cannot. */
export function agreement(net, scene, { stride, padding, dilation, map }, { place, index }) {
  const { point, edited, y, given } = scene;
  const changed = edited || [stride, padding, dilation].some((own) => own !== null);
  if (point === null || changed) return null;
  if (place === "y" && !net.isDrawn) {
    const stored = net.values[point].at([map, ...index.slice(1)]);
    const agrees = Math.abs(stored - y.at(index)) <= CLOSE * (y.facts.reach || 1);
    const text = agrees ? "✓ as the net computed it" : `✗ the trace has ${number(stored, 6)}`;
    return { agrees, text };
  }
  const gap = place === "dW" && given ? net.proveWeights(point) : null;
  if (gap === null) return null;
  const verdict = gap <= CLOSE ? "✓ is" : "✗ is not";
  return {
    agrees: gap <= CLOSE,
    text:
      `this picture's share; added over the batch, dW ${verdict} what the trace holds ` +
      `(gap ${number(gap, 1)})`,
  };
}
