// Which part of the picture a cell of a feature map has seen: backwards through all windows on its
// way. Where roads meet, the parts are joined. Batch norm looks at all pictures of its batch only
// to measure them; here it counts as a layer that looks at one number.

import { isConv, isPool, isReverse, slideOf } from "./slides.js";

const ACTIVATIONS = ["ReLU", "LeakyReLU", "GELU", "SiLU", "ELU", "Tanh", "Sigmoid", "Softplus"];
const PASSING = ["Identity", "Dropout", "Dropout2d", "BatchNorm2d", "Sequential"];
const SAME = new Set([...ACTIVATIONS, ...PASSING]); // these look at one number at a time

/**
 * { rows: [first, last], columns: [first, last] } of the picture, cut at its edges. `whole` is the
 * size that a cell in the middle of an endless picture would see, `along` a Map with the boxes in
 * all points on the way; null where the way is not known.
 */
export function fieldOf(replay, point, cell) {
  const box =
    cell.length === 3 ? { rows: [cell[1], cell[1]], columns: [cell[2], cell[2]] } : { all: true };
  if (cell.length === 1) Object.assign(box, { flat: cell[0] });
  const along = backTo(replay, point, box, true);
  const seen = along?.get(0);
  if (!seen?.rows) return null;
  const endless = backTo(replay, point, box, false)?.get(0);
  const size = (span) => span[1] - span[0] + 1;
  return { ...seen, along, whole: endless && [size(endless.rows), size(endless.columns)] };
}

/** From each point to what it read, the latest first: every point is met after all its readers. */
function backTo(replay, point, box, cut) {
  const boxes = new Map([[point, box]]);
  for (let i = point; i > 0; i--) {
    if (!boxes.has(i)) continue;
    for (const { source } of replay.feeds[i]) {
      const before = oneBack(replay, i, source, boxes.get(i));
      if (!before) return null;
      const shape = replay.points[source].shape;
      const kept = cut || before.all ? inside(before, shape) : before;
      boxes.set(source, joined(boxes.get(source), kept));
    }
  }
  return boxes;
}

function oneBack(replay, i, source, box) {
  const step = replay.step(i);
  const shape = replay.points[source].shape;
  if (shape?.length !== 4) return { all: true };
  if (box.flat !== undefined && step?.kind === "Flatten") {
    const [, , H, W] = shape;
    const [row, column] = [Math.floor(box.flat / W) % H, box.flat % W];
    return { rows: [row, row], columns: [column, column] };
  }
  if (box.all) return { all: true };
  if (!step || SAME.has(step.kind)) return box;
  if (!isConv(step) && !isPool(step) && !isReverse(step)) return null;
  const setting = slideOf(step);
  const along = isReverse(step) ? shrunk : grown;
  return (
    setting && { rows: along(box.rows, setting.down), columns: along(box.columns, setting.across) }
  );
}

const grown = ([first, last], { stride, padding, dilation, kernel }) => [
  first * stride - padding,
  last * stride - padding + dilation * (kernel - 1),
];

const shrunk = ([first, last], { stride, padding, dilation, kernel }) => [
  Math.ceil((first + padding - dilation * (kernel - 1)) / stride),
  Math.floor((last + padding) / stride),
];

function inside(box, shape) {
  if (shape?.length !== 4) return box;
  const [, , H, W] = shape;
  if (box.all) return { rows: [0, H - 1], columns: [0, W - 1] };
  const cut = ([first, last], size) => [Math.max(first, 0), Math.min(last, size - 1)];
  return { rows: cut(box.rows, H), columns: cut(box.columns, W) };
}

function joined(a, b) {
  if (!a) return b;
  if (a.all || b.all) return { all: true };
  const both = (p, q) => [Math.min(p[0], q[0]), Math.max(p[1], q[1])];
  return { rows: both(a.rows, b.rows), columns: both(a.columns, b.columns) };
}
