// Convolution and pooling of one picture [channels, rows, columns], forward and back.
// A setting says how windows slide: { down, across, groups }; each of the two ways is
// { kernel, stride, padding, dilation }.

import { Numbers } from "../frame/arrays.js";

/** At how many places a window can stand along one axis. */
export function placesAlong(size, { kernel, stride, padding, dilation }) {
  return Math.floor((size + 2 * padding - dilation * (kernel - 1) - 1) / stride) + 1;
}

/** The places along one axis at which a corner of the window lies inside the picture. */
function within(size, places, { stride, padding, dilation }, corner) {
  const start = corner * dilation - padding;
  const first = Math.max(0, Math.ceil(-start / stride));
  const last = Math.min(places - 1, Math.floor((size - 1 - start) / stride));
  return { start, first, last };
}

/** Calls `visit(weight's place, x's row start, y's row start, first, last, step)` row by row. */
function rows(xShape, yShape, wShape, { down, across, groups = 1 }, visit) {
  const [, H, W] = xShape;
  const [O, R, S] = yShape;
  const [, C, h, w] = wShape;
  for (let o = 0; o < O; o++) {
    const channel = Math.floor(o / (O / groups)) * C;
    for (let c = 0; c < C; c++) {
      for (let i = 0; i < h; i++) {
        const v = within(H, R, down, i);
        for (let j = 0; j < w; j++) {
          const u = within(W, S, across, j);
          const weight = ((o * C + c) * h + i) * w + j;
          for (let r = v.first; r <= v.last; r++) {
            const x = ((channel + c) * H + v.start + r * down.stride) * W + u.start;
            visit(weight, x, (o * R + r) * S, u.first, u.last);
          }
        }
      }
    }
  }
}

/** y[o,r,s] = b[o] + Σ W[o,c,i,j]·x[c, r·stride + i, s·stride + j] */
export function convolve(x, weight, bias, setting, places = null) {
  const [R, S] = places ?? [
    placesAlong(x.shape[1], setting.down),
    placesAlong(x.shape[2], setting.across),
  ];
  const shape = [weight.shape[0], R, S];
  const y = new Float64Array(shape[0] * R * S);
  const { stride } = setting.across;
  const [from, W] = [x.data, weight.data];
  rows(x.shape, shape, weight.shape, setting, (k, xRow, yRow, first, last) => {
    const factor = W[k];
    for (let s = first; s <= last; s++) y[yRow + s] += factor * from[xRow + s * stride];
  });
  if (bias) for (let k = 0; k < y.length; k++) y[k] += bias.data[Math.floor(k / (R * S))];
  return new Numbers(y, shape, "float64");
}

/** The way back: what each pixel, each weight and each bias had to do with y, given dy. */
export function convolveBack(x, weight, dy, setting) {
  const dx = new Float64Array(x.size);
  const dW = new Float64Array(weight.size);
  const db = new Float64Array(weight.shape[0]);
  const { stride } = setting.across;
  const each = dy.size / db.length;
  rows(x.shape, dy.shape, weight.shape, setting, (k, xRow, yRow, first, last) => {
    const factor = weight.data[k];
    let sum = 0;
    for (let s = first; s <= last; s++) {
      const up = dy.data[yRow + s];
      dx[xRow + s * stride] += factor * up;
      sum += x.data[xRow + s * stride] * up;
    }
    dW[k] += sum;
  });
  for (let k = 0; k < dy.size; k++) db[Math.floor(k / each)] += dy.data[k];
  return {
    dx: new Numbers(dx, x.shape, "float64"),
    dW: new Numbers(dW, weight.shape, "float64"),
    db: new Numbers(db, weight.shape.slice(0, 1), "float64"),
  };
}

/** The reverse of a convolution, which makes pictures larger: the other's way back. */
export function spread(x, weight, bias, setting, size) {
  const channels = weight.shape[1] * (setting.groups ?? 1);
  const large = new Numbers(new Float64Array(channels * size[0] * size[1]), [channels, ...size]);
  const y = convolveBack(large, weight, x, setting).dx;
  if (bias)
    for (let k = 0; k < y.size; k++) y.data[k] += bias.data[Math.floor(k / (size[0] * size[1]))];
  return y;
}

/** The largest number, or the mean, of each window. */
export function pool(x, { down, across }, [R, S], largest) {
  const [C, H, W] = x.shape;
  const y = new Float64Array(C * R * S).fill(largest ? -Infinity : 0);
  const share = largest ? 1 : 1 / (down.kernel * across.kernel);
  for (let c = 0; c < C; c++) {
    for (let i = 0; i < down.kernel; i++) {
      const v = within(H, R, down, i);
      for (let j = 0; j < across.kernel; j++) {
        const u = within(W, S, across, j);
        for (let r = v.first; r <= v.last; r++) {
          const row = (c * H + v.start + r * down.stride) * W + u.start;
          for (let s = u.first; s <= u.last; s++) {
            const at = (c * R + r) * S + s;
            const value = x.data[row + s * across.stride];
            if (largest) y[at] = value > y[at] || value !== value ? value : y[at];
            else y[at] += value * share;
          }
        }
      }
    }
  }
  return new Numbers(y, [C, R, S], "float64");
}

/** The part of a batch that belongs to one example. */
export function exampleOf(array, n) {
  const size = array.size / array.shape[0];
  return new Numbers(
    array.data.subarray(n * size, (n + 1) * size),
    array.shape.slice(1),
    array.dtype,
  );
}

/** The largest gap between two arrays, measured against the largest number of the second. */
export function largestGap(a, b) {
  let gap = 0;
  for (let k = 0; k < b.size; k++) {
    const apart = Math.abs(a.data[k] - Number(b.data[k]));
    if (!(apart <= gap) && !Object.is(a.data[k], Number(b.data[k]))) gap = apart;
  }
  return gap / (b.facts.reach || 1);
}
