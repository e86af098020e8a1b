// Which part of the picture a cell has seen, in words and as a table.

import { number, shape } from "../frame/format.js";
import { fieldOf } from "./receptive.js";
import { inWords, slideOf } from "./slides.js";

const long = ([first, last]) => last - first + 1;

/** "conv1[0, 2, 3] = 0.12. It has seen 5 × 5 pixels: rows 2–6, columns 3–7." */
export function seenInWords(headline, field, [H, W]) {
  if (!field) return `${headline}. Which pixels it has seen is not known.`;
  const [rows, columns] = [long(field.rows), long(field.columns)];
  if (rows === H && columns === W) return `${headline}. It has seen the whole picture.`;
  const { whole } = field;
  const cut =
    whole && (whole[0] > rows || whole[1] > columns)
      ? ` (${whole.join(" × ")}, cut at the edge)`
      : "";
  return (
    `${headline}. It has seen ${rows} × ${columns} pixels${cut}: ` +
    `rows ${field.rows.join("–")}, columns ${field.columns.join("–")}.`
  );
}

/** All layers, and how much of the picture a cell in the middle of each has seen. */
export function layerTable(net) {
  return {
    caption: "Layers, and how much of the picture a cell in the middle has seen",
    columns: ["layer", "kind", "window", "what comes out", "has seen", "largest"],
    rows: net.layers.map((i) => layerRow(net, i)),
  };
}

function layerRow(net, i) {
  const { label, kind, shape: whole } = net.points[i];
  const sizes = (whole ?? []).slice(1);
  const middle = sizes.map((n, axis) => (sizes.length === 3 && axis === 0 ? 0 : Math.floor(n / 2)));
  const field = fieldOf(net.replay, i, middle);
  const slide = slideOf(net.replay.step(i));
  const seen = field ? `${long(field.rows)} × ${long(field.columns)}` : "not known";
  const value = net.values[i];
  const largest = value ? number(value.facts.reach) : "not known";
  return [label, kind, slide ? inWords(slide) : "", shape(sizes), seen, largest];
}
