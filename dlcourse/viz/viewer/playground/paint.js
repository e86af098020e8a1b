// Answers as colours: how likely a class is, and which class is the likeliest where.

import { CLASSES, pack, palette, rgb } from "../frame/colours.js";

/** Paint n × n pixels; `colour(row, col)` is a packed one. */
export function onto(canvas, n, colour) {
  if (canvas.width !== n || canvas.height !== n) canvas.width = canvas.height = n;
  const image = new ImageData(n, n);
  const pixels = new Uint32Array(image.data.buffer);
  for (let row = 0; row < n; row++) for (let col = 0; col < n; col++) pixels[row * n
    + col] = colour(row, col);
  canvas.getContext("2d").putImageData(image, 0, 0);
}

/** From paper to ink, as packed colours, for t from 0 to 1. */
function ramp(dark, hex) {
  const [paper, ink] = [rgb(palette(dark).paper), rgb(hex)];
  return Uint32Array.from({ length: 101 }, (_, i) =>
    pack(paper.map((channel, c) => Math.round(channel + ((ink[c] - channel) * i) / 100))));
}

/** From paper to a class's colour: how likely it is. */
export function shade(hex, dark) {
  const [colours, odd] = [ramp(dark, hex), pack(rgb(palette(dark).odd))];
  return (p) => (Number.isFinite(p) ? colours[Math.round(Math.min(Math.max(p, 0), 1) * 85)] : odd);
}

/** Each place in the colour of its likeliest class, the paler the less sure the net is. */
export function mixture(p, classes, dark) {
  const n = p.length / classes;
  const ramps = CLASSES.map((hex) => ramp(dark, hex));
  const odd = pack(rgb(palette(dark).odd));
  return (at) => {
    let best = 0;
    for (let c = 1; c < classes; c++) if (p[c * n + at] > p[best * n + at]) best = c;
    if (!Number.isFinite(p[at])) return odd;
    const sure = (p[best * n + at] - 1 / classes) / (1 - 1 / classes);
    return ramps[best % ramps.length][Math.round(6 + 40 * Math.max(sure, 0))];
  };
}
