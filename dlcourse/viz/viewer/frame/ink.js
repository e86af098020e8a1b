// Pictures of one channel in shades of ink on paper: small ones on a canvas, large ones as a grid
// whose pixels can be pointed at.

import { pack, palette, rgb } from "./colours.js";
import { make } from "./controls.js";
import { Grid } from "./grid.js";

const SHADES = 256;

/** A function from a number to a packed colour: paper up to `low`, ink from `high` on. */
export function ink([low, high], dark) {
  const { paper, ink: full, odd } = palette(dark);
  const [from, to] = [rgb(paper), rgb(full)];
  const shades = Uint32Array.from({ length: SHADES }, (_, i) =>
    pack(from.map((channel, c) => Math.round(channel + ((to[c] - channel) * i) / (SHADES - 1)))));
  const strange = pack(rgb(odd));
  const scale = high > low ? (SHADES - 1) / (high - low) : 0;
  return (x) => (Number.isFinite(x)
    ? shades[Math.max(0, Math.min(SHADES - 1, Math.round((x - low) * scale)))] : strange);
}

/** One picture of a stack as a canvas of its own size, one pixel for each number. */
export function pictured(data, offset, [rows, cols], paint,
  canvas = document.createElement("canvas")) {
  [canvas.width, canvas.height] = [cols, rows];
  const image = new ImageData(cols, rows);
  const pixels = new Uint32Array(image.data.buffer);
  for (let i = 0; i < pixels.length; i++) pixels[i] = paint(Number(data[offset + i]));
  canvas.getContext("2d").putImageData(image, 0, 0);
  return canvas;
}

/** A grid in ink instead of the colours of signs. */
export class InkGrid extends Grid {
  show(numbers, { range, ...options } = {}) {
    this.range = range ?? this.range;
    super.show(numbers, options);
    if (!numbers?.size) return;
    let sum = 0;
    for (let i = 0; i < numbers.size; i++) sum += Number(numbers.data[i]);
    this.element.dataset.mean = String(Number((sum / numbers.size).toPrecision(7)));
  }

  /** Without lines between the pixels, except where a sign must say that a number is not finite. */
  draw() {
    if (this.range) this.paint = ink(this.range, this.view.dark);
    if (this.numbers.facts.odd) return super.draw();
    const [wide, high] = this.plan.units;
    const image = new ImageData(wide, high);
    this.fill(new Uint32Array(image.data.buffer), wide);
    return this.drawSmall(image);
  }
}

/** What the shades mean: from paper to ink. */
export function inkLegend(low, high) {
  const ramp = "background: linear-gradient(90deg, var(--ink-low), var(--ink-high))";
  return make("span", { class: "ink-legend" }, low, make("span", { class: "ink-ramp", style: ramp,
    "aria-hidden": "true" }), high);
}

export const INK_STYLE = `
.root { --ink-low: #ffffff; --ink-high: #1d222b; }
.root.dark { --ink-low: #111111; --ink-high: #eceff4; }
.ink-legend { display: inline-flex; align-items: center; gap: 7px; font-size: 12.5px; }
.ink-ramp { width: 64px; height: 12px; border-radius: 3px; border: 1px solid var(--line); }
canvas.picture { image-rendering: pixelated; border-radius: 3px; display: block; }
`;
