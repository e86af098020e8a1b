// The colour of a weight between 0 and 1: by its square root, so that small ones are told apart too.

import { inkOn, painter } from "../frame/colours.js";

/** A function from a weight to its packed colour. */
export function weightPainter(dark) {
  const paint = painter({ reach: 1, dark });
  return (weight) => paint(Math.sqrt(weight));
}

/** The same for CSS: a function from a weight to { background, color }, the ink that is read on it. */
export function weightStyle(dark) {
  const paint = weightPainter(dark);
  return (weight) => {
    const packed = paint(weight);
    const background = `rgb(${packed & 255}, ${(packed >> 8) & 255}, ${(packed >> 16) & 255})`;
    return { background, color: inkOn(packed) };
  };
}
