// What a layer gives on, as a body: a picture with channels is a block, a sequence a strip, a
// vector a bar. Their sizes tell each other's: the largest of the net fills the room.

import { make } from "../frame/controls.js";

/** The largest sizes of a net, by what they are. */
export function largestSizes(nodes) {
  const most = { side: 1, channels: 1, vector: 1, moments: 1, width: 1 };
  for (const { shape } of nodes) {
    const [kind, ...sizes] = kindOf(shape);
    if (kind === "block") {
      most.channels = Math.max(most.channels, sizes[0]);
      most.side = Math.max(most.side, sizes[1], sizes[2]);
    } else if (kind === "strip") {
      most.moments = Math.max(most.moments, sizes[0]);
      most.width = Math.max(most.width, sizes[1]);
    } else if (kind === "bar") most.vector = Math.max(most.vector, sizes[0]);
  }
  return most;
}

/** ["block", channels, rows, columns], ["strip", moments, numbers], ["bar", numbers], ["none"]. */
export function kindOf(shape) {
  if (!shape) return ["none"];
  const own = shape.slice(1);
  if (own.length >= 3)
    return ["block", own.slice(0, -2).reduce((a, b) => a * b, 1), ...own.slice(-2)];
  if (own.length === 2) return ["strip", ...own];
  return ["bar", own[0] ?? 1];
}

const part = (size, most) => Math.sqrt(size / most);

/** SVG shapes of the body around (0, 0); `tone` is "learns", "plain", "input" or "failed". */
export function body(shape, most, tone, scale = 1) {
  const [kind, ...sizes] = kindOf(shape);
  const group = make("g", { class: `body ${tone}`, "data-body": kind });
  if (kind === "block") block(group, sizes, most, scale);
  else if (kind === "strip") strip(group, sizes, most, scale);
  else if (kind === "bar") bar(group, sizes, most, scale);
  else
    group.append(
      make("rect", { x: -22, y: -15, width: 44, height: 30, rx: 5, class: "front none" }),
    );
  return group;
}

function block(group, [channels, rows, columns], { side, channels: deepest }, scale) {
  const [wide, high] = [columns, rows].map((n) => (6 + 29 * part(n, side) ** 1.4) * scale);
  const deep = (3 + 30 * part(channels, deepest)) * scale;
  const [dx, dy] = [deep * 0.72, deep * 0.38];
  const [x, y] = [-(wide + dx) / 2, -(high - dy) / 2];
  const corner = (...points) => points.map(([a, b]) => `${a.toFixed(1)},${b.toFixed(1)}`).join(" ");
  group.append(
    make("polygon", {
      class: "top",
      points: corner([x, y], [x + dx, y - dy], [x + dx + wide, y - dy], [x + wide, y]),
    }),
    make("polygon", {
      class: "side",
      points: corner(
        [x + wide, y],
        [x + wide + dx, y - dy],
        [x + wide + dx, y - dy + high],
        [x + wide, y + high],
      ),
    }),
    make("rect", { class: "front", x, y, width: wide, height: high }),
  );
  const slices = Math.min(channels - 1, 5);
  for (let i = 1; i <= slices; i++) {
    // some of the channels, as sheets
    const t = i / (slices + 1);
    group.append(
      make("polyline", {
        class: "sheet",
        points: corner(
          [x + dx * t, y - dy * t],
          [x + wide + dx * t, y - dy * t],
          [x + wide + dx * t, y + high - dy * t],
        ),
      }),
    );
  }
}

/** Moments from left to right, the numbers of each from top to bottom. */
function strip(group, [moments, width], { moments: longest, width: widest }, scale) {
  const wide = (18 + 66 * part(moments, longest)) * scale;
  const high = (7 + 31 * part(width, widest)) * scale;
  group.append(
    make("rect", {
      class: "front",
      x: -wide / 2,
      y: -high / 2,
      width: wide,
      height: high,
      rx: 1.5,
    }),
  );
  const lines = Math.min(moments, 12);
  for (let i = 1; i < lines; i++) {
    const x = -wide / 2 + (wide * i) / lines;
    group.append(make("line", { class: "sheet", x1: x, x2: x, y1: -high / 2, y2: high / 2 }));
  }
}

function bar(group, [size], { vector }, scale) {
  const wide = (8 + 82 * part(size, vector)) * scale;
  group.append(
    make("rect", { class: "front", x: -wide / 2, y: -7, width: wide, height: 14, rx: 2 }),
  );
  const cells = Math.min(size, 12);
  for (let i = 1; i < cells; i++) {
    const x = -wide / 2 + (wide * i) / cells;
    group.append(make("line", { class: "sheet", x1: x, x2: x, y1: -7, y2: 7 }));
  }
}
