// How each number of one convolution came to be, or where it goes: terms with their operands, and
// the cells to light up. A scene is { x, W, b, y, dy, dx, dW, down, across, channel }: x [C, H, W],
// one kernel W [C, h, w], and y with one map [1, R, S].

import { windowsOver } from "../formulas/window.js";
import { number, plural } from "../frame/format.js";

/** { name, equation, terms, columns, sums, total, value, marks } of the number there. */
export function explained(scene, place, index) {
  return {
    y: ofOutput,
    x: ofPixel,
    W: ofWeight,
    dx: ofPixelGradient,
    dW: ofWeightGradient,
    dy: ofGiven,
  }[place](scene, index);
}

const operand = (place, index, value) => ({ place, index, value });
const named = (letter, index, channels = true) =>
  `${letter}[${(channels ? index : index.slice(1)).join(", ")}]`;

/** The letters of a scene with one channel need no channel. */
const letterOf =
  ({ x }) =>
  (letter, index) =>
    named(letter, index, x.shape[0] > 1);

function under({ down, across }, [r, s], i, j) {
  return [
    r * down.stride - down.padding + i * down.dilation,
    s * across.stride - across.padding + j * across.dilation,
  ];
}

const holds = ({ shape: [, H, W] }, [row, column]) =>
  row >= 0 && column >= 0 && row < H && column < W;

/** Boxes of the window at a place, over these channels; cell by cell where it is dilated. */
export function windowAt(scene, at, channels = [0, scene.x.shape[0] - 1], tone = "source") {
  const [, h, w] = scene.W.shape;
  const box = (from, to) => ({ from: [channels[0], ...from], to: [channels[1], ...to], tone });
  if (scene.down.dilation === 1 && scene.across.dilation === 1) {
    return [box(under(scene, at, 0, 0), under(scene, at, h - 1, w - 1))];
  }
  return Array.from({ length: h * w }, (_, k) => {
    const cell = under(scene, at, Math.floor(k / w), k % w);
    return box(cell, cell);
  });
}

function productsAt(scene, [, r, s], c) {
  const [, h, w] = scene.W.shape;
  const terms = [];
  for (let k = 0; k < h * w; k++) {
    const [i, j] = [Math.floor(k / w), k % w];
    const at = under(scene, [r, s], i, j);
    const pixel = holds(scene.x, at) ? scene.x.at([c, ...at]) : 0;
    const weight = scene.W.at([c, i, j]);
    terms.push({
      value: pixel * weight,
      frame: !holds(scene.x, at),
      left: operand("x", [c, ...at], pixel),
      right: operand("W", [c, i, j], weight),
    });
  }
  return terms;
}

function ofOutput(scene, index) {
  const { x, W, b, y, channel } = scene;
  const called = letterOf(scene);
  const sums = Array.from({ length: x.shape[0] }, (_, c) =>
    productsAt(scene, index, c).reduce((sum, { value }) => sum + value, 0),
  );
  const many = x.shape[0] > 1;
  const [row, column] = [slid(index[1], scene.down, "i"), slid(index[2], scene.across, "j")];
  const product = `${called("W", ["c", "i", "j"])} · ${called("x", ["c", row, column])}`;
  const at = index.slice(1);
  const corner = under(scene, at, 0, 0).join(", column ");
  return {
    name: named("y", index, false),
    value: y.at(index),
    total: sums.reduce((a, c) => a + c, b),
    equation: `Σ ${product}${b ? " + b" : ""}, over all ${many ? "c, " : ""}i, j`,
    terms: productsAt(scene, index, channel),
    columns: W.shape[2],
    sums: many ? sums : null,
    b,
    marks: {
      x: windowAt(scene, at),
      W: [{ from: [0, 0, 0], to: W.shape.map((n) => n - 1), tone: "source" }],
      y: [{ from: index, to: index, tone: "source" }],
    },
    said:
      `y at row ${at.join(", column ")} is ${number(y.at(index), 4)}, from the window ` +
      `with its corner at row ${corner}`,
  };
}

function slid(place, { stride, padding, dilation }, letter) {
  const start = place * stride - padding;
  const way = `${dilation > 1 ? dilation : ""}${letter}`;
  return start ? `${start < 0 ? `−${-start}` : start} + ${way}` : way;
}

/** Windows that hold a pixel: [{ r, s, i, j }]. */
function readers({ down, across, y }, [, row, column]) {
  const [, R, S] = y.shape;
  return windowsOver(down, row, R).flatMap(([r, i]) =>
    windowsOver(across, column, S).map(([s, j]) => ({ r, s, i, j })),
  );
}

const placesOf = (found, tone = "also") =>
  found.map(({ r, s }) => ({ from: [0, r, s], to: [0, r, s], tone }));

function ofPixel(scene, index) {
  const found = readers(scene, index);
  const value = scene.x.at(index);
  const name = letterOf(scene)("x", index);
  return {
    name,
    value,
    total: null,
    equation: null,
    columns: 0,
    note: found.length
      ? `feeds ${plural(found.length, "number")} of y, each through another weight:`
      : "lies under no window: nothing of it is seen.",
    terms: found.map(({ r, s, i, j }) => ({
      value: value * scene.W.at([index[0], i, j]),
      into: `y[${r}, ${s}]`,
      target: [0, r, s],
      left: operand("x", index, value),
      right: operand("W", [index[0], i, j], scene.W.at([index[0], i, j])),
    })),
    marks: {
      y: placesOf(found),
      W: found.map(({ i, j }) => cellMark([index[0], i, j])),
      x: [cellMark(index)],
    },
    said: `${name} is ${number(value, 4)} and feeds ${found.length} numbers of y`,
  };
}

const cellMark = (index, tone = "source") => ({ from: index, to: index, tone });

/** Everything that one weight meets: from its first window to its last. */
function met(scene, [c, i, j]) {
  const [, R, S] = scene.y.shape;
  const [, H, W] = scene.x.shape;
  const [first, last] = [under(scene, [0, 0], i, j), under(scene, [R - 1, S - 1], i, j)];
  const frame = [scene.down.padding, scene.across.padding];
  const cut = ([r, s]) => [
    Math.min(Math.max(r, -frame[0]), H - 1 + frame[0]),
    Math.min(Math.max(s, -frame[1]), W - 1 + frame[1]),
  ];
  return [{ from: [c, ...cut(first)], to: [c, ...cut(last)], tone: "also" }];
}

function ofWeight(scene, index) {
  const name = letterOf(scene)("W", index);
  const [, R, S] = scene.y.shape;
  return {
    name,
    value: scene.W.at(index),
    total: null,
    equation: null,
    terms: [],
    columns: 0,
    note: `is the same for all ${R * S} windows. Type another number and see.`,
    marks: { x: met(scene, index), W: [cellMark(index)], y: [] },
    said: `${name} is ${number(scene.W.at(index), 4)}, the same in all ${R * S} windows`,
  };
}

function ofPixelGradient(scene, index) {
  const found = readers(scene, index);
  const name = letterOf(scene)("dx", index);
  const terms = found.map(({ r, s, i, j }) => {
    const [up, weight] = [scene.dy.at([0, r, s]), scene.W.at([index[0], i, j])];
    return {
      value: up * weight,
      left: operand("dy", [0, r, s], up),
      right: operand("W", [index[0], i, j], weight),
    };
  });
  return {
    name,
    value: scene.dx.at(index),
    total: terms.reduce((sum, { value }) => sum + value, 0),
    columns: 0,
    terms,
    equation: "Σ dy · W over all windows that hold this pixel",
    marks: {
      dx: [cellMark(index)],
      x: [cellMark(index)],
      dy: placesOf(found),
      y: placesOf(found),
      W: found.map(({ i, j }) => cellMark([index[0], i, j])),
    },
    said: `${name} is ${number(scene.dx.at(index), 4)}, from ${found.length} windows that hold it`,
  };
}

function ofWeightGradient(scene, index) {
  const [c, i, j] = index;
  const [, R, S] = scene.y.shape;
  const name = letterOf(scene)("dW", index);
  const terms = [];
  for (let k = 0; k < R * S; k++) {
    const [r, s] = [Math.floor(k / S), k % S];
    const at = under(scene, [r, s], i, j);
    const up = scene.dy.at([0, r, s]);
    if (!holds(scene.x, at) || up === 0) continue;
    const pixel = scene.x.at([c, ...at]);
    terms.push({
      value: up * pixel,
      left: operand("dy", [0, r, s], up),
      right: operand("x", [c, ...at], pixel),
    });
  }
  return {
    name,
    value: scene.dW.at(index),
    total: terms.reduce((sum, { value }) => sum + value, 0),
    columns: 0,
    terms,
    equation: "Σ dy · x over all windows: what lay under this weight",
    marks: { dW: [cellMark(index)], W: [cellMark(index)], x: met(scene, index), dy: [], y: [] },
    said: `${name} is ${number(scene.dW.at(index), 4)}, a sum over ${R * S} windows`,
  };
}

function ofGiven(scene, index) {
  const value = scene.dy.at(index);
  return {
    name: named("dy", index, false),
    value,
    total: null,
    equation: null,
    terms: [],
    columns: 0,
    note: value
      ? "comes from behind. It goes back to every pixel of its window, through the same weights."
      : "is zero: nothing goes back from here.",
    marks: {
      dy: [cellMark(index)],
      y: [cellMark(index)],
      x: windowAt(scene, index.slice(1)),
      dx: windowAt(scene, index.slice(1)),
      W: [],
    },
    said: `dy at row ${index[1]}, column ${index[2]} is ${number(value, 4)}`,
  };
}
