// Colours of a loss landscape: deep blue is a low loss; warm colours and signs for those who walk there.

import { CLASSES, pack, palette, rgb, SIGNS } from "../frame/colours.js";

const LIGHT = ["#16324f", "#2b5b84", "#5b93b5", "#a5c8d1", "#dfe9e4", "#f6f1e4"];
const DARK = ["#071a2e", "#0f3557", "#1f5a80", "#417f9b", "#6a9ba6", "#8fb0ad"];
const WALKERS = [5, 1, 3, 2, 6, 7, 4, 0]; // those that stand out from blue come first

export function hue(i) {
  const at = WALKERS[i % WALKERS.length];
  return { colour: CLASSES[at], sign: SIGNS[i % SIGNS.length] };
}

/** The colour at a part (0 … 1) of the way from low to high. */
export function tint(part, dark) {
  const stops = (dark ? DARK : LIGHT).map(rgb);
  const at = Math.min(Math.max(part, 0), 1) * (stops.length - 1);
  const low = Math.min(Math.floor(at), stops.length - 2);
  return stops[low].map((channel, i) => Math.round(channel + (stops[low + 1][i] - channel) * (at - low)));
}

/** A function from a height (and a pixel) to a packed colour: one for each band; stripes for none. */
export function shades({ levels, low, high, dark }) {
  const edges = levels.map(({ height }) => height);
  const bounds = [low, ...edges, high];
  const part = (height) => (high > low ? (height - low) / (high - low) : 0.5);
  const bands = bounds.slice(1).map((top, i) => pack(tint(part((bounds[i] + top) / 2), dark)));
  const stripes = [pack(rgb(palette(dark).odd)), pack(rgb(dark ? "#20252d" : "#f4f6f9"))];
  return (height, x, y) => {
    if (!Number.isFinite(height)) return stripes[((x + y) >> 2) % 3 ? 1 : 0];
    let i = 0;
    while (i < edges.length && height > edges[i]) i++;
    return bands[i];
  };
}
