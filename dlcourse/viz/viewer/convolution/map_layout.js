// How the maps of a layer, or the slices of a kernel, lie side by side: as large as there is room.

import { layout } from "../frame/grid.js";

const TALL = 84; // pixels of a map, about
const SMALL = 26;
const LINE = 48; // numbers that lie in one line; more are folded into a square

/** A plan for Grid: maps in even rows. */
export function mapLayout(sizes, width, first = 0) {
  const count = sizes.at(-1) ?? 1;
  if (sizes.length !== 3)
    return layout(sizes, Math.min(width, count > LINE ? 176 : 34 * count), first);
  const [all, rows, cols] = sizes;
  const sheets = Math.max(0, Math.min(all - first, 64));
  const gap = 1;
  const cellFor = (across) => Math.floor((width / across + gap) / (cols + gap));
  const least = Math.max(1, Math.ceil(SMALL / cols));
  const most = Math.max(1, Math.min(sheets, Math.floor((width / least + gap) / (cols + gap))));
  const lines = Math.ceil(sheets / most) || 1;
  const across = Math.max(1, Math.ceil(sheets / lines));
  const cell = Math.max(least, Math.min(cellFor(across), Math.floor(TALL / rows)));
  const units = [across * (cols + gap) - gap, lines * (rows + gap) - gap];
  return { rows, cols, line: 0, sheets, all, first, gap, across, units, cell };
}
