// How the windows of a layer slide. A trace holds no stride and no padding: of all settings that
// fit the shapes, the first is taken with which the stored outputs come out again.

import { convolve, exampleOf, largestGap, pool, spread } from "./conv_arithmetic.js";
import { bothWays, waysToSlide } from "../formulas/window.js";

const CLOSE = 1e-4; // of the largest number: rounding in float32, far below any wrong setting

const known = new WeakMap();

/** { down, across, groups, gap } of a convolution or pooling; null where no setting fits. */
export function slideOf(step) {
  if (!known.has(step)) known.set(step, found(step));
  return known.get(step);
}

export const isConv = ({ kind }) => kind === "Conv2d";
export const isReverse = ({ kind }) => kind === "ConvTranspose2d";
export const isPool = ({ kind }) => /^(Adaptive)?(Max|Avg)Pool2d$/.test(kind);

function found(step) {
  const [x, y] = [step.inputs[0], step.outputs[0]];
  if (!x || !y || x.shape.length !== 4 || !x.size) return null;
  const n = busiest(x);
  const [one, stored] = [exampleOf(x, n), exampleOf(y, n)];
  for (const setting of settings(step, one, stored)) {
    const gap = largestGap(slide(step, setting, one, stored.shape), stored);
    if (gap <= CLOSE) return { ...setting, gap };
  }
  return null;
}

/** The example with the most different pixels: on an empty picture every setting fits. */
function busiest(x) {
  const counts = Array.from(
    { length: Math.min(x.shape[0], 8) },
    (_, n) => new Set(exampleOf(x, n).data.subarray(0, 2000)).size,
  );
  return counts.indexOf(Math.max(...counts));
}

/** What comes out of one example with this setting. */
export function slide(step, setting, x, shape) {
  const { weight, bias } = step.params;
  if (isConv(step)) return convolve(x, weight, bias, setting, shape.slice(1));
  if (isReverse(step)) return spread(x, weight, bias, setting, shape.slice(1));
  return pool(x, setting, shape.slice(1), step.kind.includes("Max"));
}

function settings(step, x, y) {
  if (isPool(step)) {
    const ways = bothWays(...[1, 2].map((axis) => poolWays(x.shape[axis], y.shape[axis])));
    return ways.map(([down, across]) => ({ down, across }));
  }
  const weight = step.params.weight;
  if (!weight || weight.shape.length !== 4) return [];
  const [wide, narrow] = isReverse(step) ? [y, x] : [x, y];
  const groups = wide.shape[0] / weight.shape[1];
  if (!Number.isInteger(groups)) return [];
  const ways = [1, 2].map((axis) =>
    waysToSlide(wide.shape[axis], weight.shape[axis + 1], narrow.shape[axis]),
  );
  return bothWays(...ways).map(([down, across]) => ({ down, across, groups }));
}

/** Windows side by side first; a pool's kernel stands nowhere either. */
function poolWays(size, places) {
  const ways = [];
  for (let kernel = 1; kernel <= size; kernel++) {
    for (const rounding of [Math.floor, Math.ceil]) {
      const more = waysToSlide(size, kernel, places, { rounding, dilations: 1 });
      ways.push(...more.filter(({ padding }) => 2 * padding <= kernel));
    }
  }
  const odd = (way) => Number(way.stride !== way.kernel) + way.padding;
  return ways.sort((a, b) => odd(a) - odd(b) || a.kernel - b.kernel).slice(0, 40);
}

/** "5 × 5, stride 2, padding 1" */
export function inWords({ down, across }) {
  const both = (name) =>
    down[name] === across[name] ? `${down[name]}` : `${down[name]} × ${across[name]}`;
  const more = [
    ["stride", 1],
    ["padding", 0],
    ["dilation", 1],
  ]
    .filter(([name, usual]) => down[name] !== usual || across[name] !== usual)
    .map(([name]) => `, ${name} ${both(name)}`);
  return `${down.kernel} × ${across.kernel}${more.join("")}`;
}
