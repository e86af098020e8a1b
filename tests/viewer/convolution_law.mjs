// What the viewer makes of nets with pictures, for tests/test_viz_convolution.py to compare.
//   node convolution_law.mjs FOLDER    reads *.view and *.json, writes one JSON object

import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { Numbers } from "../../dlcourse/viz/viewer/frame/arrays.js";
import { convolve, convolveBack } from "../../dlcourse/viz/viewer/convolution/conv_arithmetic.js";
import { Replay } from "../../dlcourse/viz/viewer/convolution/net_replay.js";
import { fieldOf } from "../../dlcourse/viz/viewer/convolution/receptive.js";
import { slideOf } from "../../dlcourse/viz/viewer/convolution/slides.js";
import { explained } from "../../dlcourse/viz/viewer/convolution/slow_terms.js";
import { adopted } from "../../dlcourse/viz/viewer/trace/trace.js";
import { read } from "../../dlcourse/viz/viewer/frame/wire.js";

const folder = process.argv[2];

function netOf(bytes) {
  const { content } = read(new Uint8Array(bytes));
  const { trace, points, ways, asked } = content;
  const replay = new Replay(adopted(trace), points, ways);
  const fields = asked.cells.map(({ label, cell }) => {
    const i = points.findIndex((point) => point.label === label);
    const { rows, columns } = fieldOf(replay, i, cell);
    return { rows, columns };
  });
  const slides = Object.fromEntries(
    points.flatMap((point, i) => {
      const slide = replay.step(i) && slideOf(replay.step(i));
      return slide ? [[point.label, slide]] : [];
    }),
  );
  const answer = replay.reason ? null : Array.from(replay.run(asked.picture).at(-1).data);
  return { reason: replay.reason, gap: replay.gap ?? null, fields, slides, answer };
}

/** One convolution forward and back, and every number explained: total and value side by side. */
function convOf({ x, W, b, dy, setting }) {
  const [array, weight, up] = [x, W, dy].map(
    ({ data, shape }) => new Numbers(Float64Array.from(data), shape, "float64"),
  );
  const bias = { data: b };
  const y = convolve(array, weight, bias, setting);
  const { dx, dW, db } = convolveBack(array, weight, up, setting);
  const told = { y: y.shape, gaps: 0 };
  if ((setting.groups ?? 1) === 1) {
    const each = weight.size / weight.shape[0];
    const one = (a, n) => new Numbers(a.data.slice(0, n), [1, ...a.shape.slice(1)], "float64");
    const [kernel, own, given] = [
      one(weight, each),
      one(y, y.size / y.shape[0]),
      one(up, up.size / up.shape[0]),
    ];
    const back = convolveBack(array, kernel, given, setting);
    const scene = {
      x: array,
      W: new Numbers(kernel.data, weight.shape.slice(1)),
      b: b[0],
      y: own,
      dy: given,
      dx: back.dx,
      dW: new Numbers(back.dW.data, weight.shape.slice(1)),
      channel: 0,
      ...setting,
    };
    for (const place of ["y", "dx", "dW"]) {
      for (let k = 0; k < scene[place].size; k++) {
        const formula = explained(scene, place, scene[place].unflat(k));
        told.gaps = Math.max(told.gaps, Math.abs(formula.total - formula.value));
        told.count = (told.count ?? 0) + 1;
      }
    }
  }
  return { ...told, values: [y, dx, dW, db].map(({ data }) => Array.from(data)) };
}

const found = {};
for (const file of readdirSync(folder)) {
  const bytes = readFileSync(join(folder, file));
  if (file.endsWith(".view")) found[file.slice(0, -5)] = netOf(bytes);
  if (file.endsWith(".json")) found[file.slice(0, -5)] = JSON.parse(bytes).map(convOf);
}
console.log(JSON.stringify(found));
