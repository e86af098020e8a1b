// The face of a box: its body, its name, lines of text, and its share of all parameters.

import { make } from "../frame/controls.js";
import { roughly } from "./facts.js";

const FONT = "12px system-ui, sans-serif";
const COST = 138; // pixels for the parameters at the right end of a box
const WITH_COST = 360;
let ruler = null;

/** As much of a text as fits into so many pixels. */
export function fitted(text, room, bold = false) {
  ruler ??= document.createElement("canvas").getContext("2d");
  ruler.font = bold ? `650 13px ${FONT.slice(5)}` : FONT;
  if (ruler.measureText(text).width <= room) return text;
  let kept = text;
  while (kept.length > 1 && ruler.measureText(`${kept}…`).width > room) kept = kept.slice(0, -1);
  return `${kept}…`;
}

/**
 * What is seen of a box, as SVG elements. `draw(scale)` gives its body, `all` is how many
 * parameters the net has; a `stacked` box holds others.
 */
export function face(
  unit,
  name,
  lines,
  { count, shared, draw, all, failed = false, stacked = false },
) {
  const { wide, high, axis, compact } = unit;
  const size = { width: wide, height: high, rx: 9 };
  const under = stacked ? [make("rect", { x: 4, y: 4, ...size, class: "card under" })] : [];
  const middle = `translate(${axis} ${compact ? 27 : high / 2})`;
  const beside = !compact && wide >= WITH_COST;
  const cost = `${roughly(count)} ${compact ? "param." : "parameters"}`;
  const told = count && !beside ? lines.toSpliced(1, 0, cost) : lines;
  return [
    ...under,
    make("rect", { ...size, class: failed ? "card stuck" : "card" }),
    make("g", { transform: middle }, draw(compact && wide < 104 ? 0.8 : 1)),
    ...texts(unit, name, told, { failed, room: beside ? COST : 0 }),
    ...(beside && count ? share(unit, count, { shared, all }) : []),
  ];
}

function texts({ wide, high, axis, compact }, name, lines, { failed, room: taken }) {
  const [x, room] = compact ? [axis, wide - 8] : [2 * axis, wide - 2 * axis - 10 - taken];
  const anchor = compact ? "middle" : null;
  const top = compact ? 64 : high / 2 - 8 * lines.length + 5;
  const text = (words, y, kind, bold) =>
    make("text", { x, y, class: kind, "text-anchor": anchor }, fitted(words, room, bold));
  const kind = (i) => (failed && i === lines.length - 1 ? "bad" : "quiet");
  return [
    text(name, top, "name", true),
    ...lines.map((line, i) => text(line, top + 16 * (i + 1), kind(i))),
  ];
}

/** How many parameters, and how much of the whole that is. */
function share({ wide, high }, count, { shared, all }) {
  const [x, y, room] = [wide - COST, high / 2 + 7, COST - 14];
  const bar = (width, kind) => make("rect", { x, y, width, height: 5, rx: 2.5, class: kind });
  const words = `${roughly(count)} ${shared ? "shared" : count === 1 ? "parameter" : "parameters"}`;
  return [
    make("text", { x: wide - 14, y: high / 2 - 1, "text-anchor": "end" }, words),
    bar(room, "trough"),
    bar(
      Math.max(2, room * Math.min(1, count / Math.max(all, 1))),
      shared ? "share shared" : "share",
    ),
  ];
}
