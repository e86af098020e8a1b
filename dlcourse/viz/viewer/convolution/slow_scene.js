// All numbers of one convolution, forward and back, as the choices say: what slides over what.

import { Numbers } from "../frame/arrays.js";
import { convolve, convolveBack, placesAlong } from "./conv_arithmetic.js";
import { preset } from "./kernels.js";
import { slideOf } from "./slides.js";

const UNKNOWN =
  "What this layer sees of your drawing is known to Python alone: " +
  "Undo, or look at the first layer.";

/** The scene that slow_terms.js explains, or { problem } with a sentence. */
export function sceneOf(net, choices, channel) {
  const scene = parts(net, choices);
  if (!scene.x) return { ...scene, problem: UNKNOWN };
  const { x, W, down, across } = scene;
  const room = [placesAlong(x.shape[1], down), placesAlong(x.shape[2], across)];
  if (room.some((n) => n < 1)) return { ...scene, problem: tooLarge(down, x.shape) };
  scene.channel = Math.min(channel, x.shape[0] - 1);
  const one = new Numbers(W.data, [1, ...W.shape]);
  scene.y = convolve(x, one, { data: [scene.b] }, scene);
  scene.cell = [0, ...cellIn(scene.y, choices.cell)];
  Object.assign(scene, upstream(net, scene, choices));
  const back = convolveBack(x, one, scene.dy, scene);
  const dW = new Numbers(back.dW.data, W.shape);
  return Object.assign(scene, { dx: back.dx, dW, db: back.db.data[0] });
}

function tooLarge({ dilation, kernel }, [, rows, columns]) {
  const span = dilation * (kernel - 1) + 1;
  return (
    `A window of ${span} × ${span} does not fit into ${rows} × ${columns}: ` +
    "less dilation, or more padding."
  );
}

/** The chosen cell; else that of the largest answer, where there is most to see. */
function cellIn(y, cell) {
  const first = cell ?? y.unflat(Math.max(y.facts.peak, 0)).slice(1);
  return first.map((at, axis) => Math.min(at, y.shape[axis + 1] - 1));
}

function parts(net, choices) {
  const { layer, map, kernel, size } = choices;
  if (layer === null) {
    const W = handmade(kernel, size);
    return {
      point: null,
      x: grey(net.picture),
      W,
      b: 0,
      edited: false,
      ...sliding(choices, null, W),
    };
  }
  const point = net.convs.find((i) => net.points[i].name === layer);
  const step = net.replay.step(point);
  const own = slideOf(step);
  const W = learned(step, map, kernel);
  const b = step.params.bias ? step.params.bias.at([map]) : 0;
  const x = seen(net.input(point), step, map, own.groups);
  return { point, x, W, b, edited: kernel !== null, ...sliding(choices, own, W) };
}

/** What was chosen, else what the layer does, else windows that keep the picture's size. */
function sliding({ stride, padding, dilation }, own, W) {
  const [down, across] = ["down", "across"].map((way, axis) => {
    const kernel = W.shape[axis + 1];
    const usual = own?.[way] ?? { stride: 1, padding: (kernel - 1) / 2, dilation: 1 };
    return {
      kernel,
      stride: stride ?? usual.stride,
      padding: padding ?? usual.padding,
      dilation: dilation ?? usual.dilation,
    };
  });
  return { down, across };
}

function learned({ params: { weight } }, map, kernel) {
  const each = weight.size / weight.shape[0];
  const own = weight.data.subarray(map * each, (map + 1) * each);
  return new Numbers(kernel ? Float64Array.from(kernel.flat(3)) : own, weight.shape.slice(1));
}

/** Of a convolution in groups, a map sees only the channels of its group. */
function seen(x, { params: { weight } }, map, groups) {
  if (!x || groups === 1) return x;
  const [each, C] = [x.shape[1] * x.shape[2], weight.shape[1]];
  const first = Math.floor(map / (weight.shape[0] / groups)) * C;
  const data = x.data.subarray(first * each, (first + C) * each);
  return new Numbers(data, [C, ...x.shape.slice(1)], x.dtype);
}

/** dy, and whether it is the trace's own. */
function upstream(net, { point, y, cell }, { upstream: wanted, map }) {
  const given = wanted === "trace" && point !== null ? net.upstream(point) : null;
  if (given && given.shape.slice(1).join() === y.shape.slice(1).join()) {
    const data = given.data.subarray(map * y.size, (map + 1) * y.size);
    return { dy: new Numbers(data, y.shape), given: true };
  }
  const dy = new Numbers(new Float64Array(y.size).fill(wanted === "ones" ? 1 : 0), y.shape);
  if (wanted !== "ones") dy.data[dy.flat(cell)] = 1;
  return { dy, given: false };
}

function handmade(kernel, size) {
  const rows = Array.isArray(kernel) ? kernel : preset(kernel ?? "sobel x", size);
  return new Numbers(Float64Array.from(rows.flat()), [1, rows.length, rows[0].length], "float64");
}

/** A picture of several channels as one: their mean. */
function grey(picture) {
  const [C, H, W] = picture.shape;
  if (C === 1) return picture;
  const data = Float64Array.from({ length: H * W }, (_, k) => {
    let sum = 0;
    for (let c = 0; c < C; c++) sum += Number(picture.data[c * H * W + k]);
    return sum / C;
  });
  return new Numbers(data, [1, H, W], "float64");
}
