// A net and the picture that it looks at now: an example of the trace, or what the learner drew.

import { convolveBack, exampleOf, largestGap } from "./conv_arithmetic.js";
import { pictureOf, read, shadesOf, written } from "./drawing.js";
import { Replay } from "./net_replay.js";
import { slideOf } from "./slides.js";
import { adopted } from "../trace/trace.js";

export class PictureNet {
  constructor(view) {
    const { trace, points, ways, class_names: names } = view.content;
    this.view = view;
    this.trace = adopted(trace);
    this.replay = new Replay(this.trace, points, ways);
    this.points = points;
    this.names = names;
    this.pictures = this.replay.picture;
    if (!this.pictures) {
      throw Object.assign(new Error("The pictures were left out to keep this page small."), {
        plain: true,
      });
    }
    this.count = this.pictures.shape[0];
    const { least, most } = this.pictures.facts;
    this.range = [Math.min(least, most), Math.max(least, most)];
    this.layers = points.flatMap((point, i) => (point.role === "layer" ? [i] : []));
    this.convs = this.layers.filter(
      (i) => slideOf(this.replay.step(i)) && points[i].kind === "Conv2d",
    );
    this.refresh();
  }

  /** Rows and columns of a picture. */
  get size() {
    return this.pictures.shape.slice(2);
  }

  get isDrawn() {
    return this.drawing !== null;
  }

  /** All numbers for the picture that is chosen now. */
  refresh() {
    const { example, drawing } = this.view.choices;
    this.example = Math.min(example, this.count - 1);
    this.drawing = drawing;
    const own = exampleOf(this.pictures, this.example);
    const shades = drawing && read(drawing, ...this.size);
    this.picture = shades ? pictureOf(shades, own.shape, this.range) : own;
    if (!shades) this.values = this.points.map((_, i) => this.replay.stored(i, this.example));
    else if (!this.replay.reason) this.values = this.replay.run(this.picture);
    else this.values = this.points.map((_, i) => (i === 0 ? this.picture : null));
    this.fromPython = false;
  }

  /** Feature maps that Python made of this picture: one array for each step of the trace. */
  take(outputs) {
    this.fromPython = true;
    this.values = this.points.map((point, i) => {
      if (i === 0) return this.picture;
      const array = point.at === null ? null : outputs[point.at];
      return array && exampleOf(array, 0);
    });
  }

  /** What comes into a layer. Where the trace holds no such point, its step does. */
  input(i) {
    const own = this.values[this.replay.feeds[i][0]?.source];
    if (own || this.isDrawn) return own ?? null;
    const stored = this.replay.step(i).inputs[0];
    return stored && exampleOf(stored, this.example);
  }

  /** dy of a layer, as the trace holds it for this example; null for a drawing. */
  upstream(i) {
    const dy = this.replay.step(i).doutputs[0];
    return dy && !this.isDrawn ? exampleOf(dy, this.example) : null;
  }

  /** The gap between dW added over the whole batch and the trace's; null if unknown. */
  proveWeights(i) {
    const {
      inputs: [x],
      doutputs: [dy],
      params: { weight },
      dparams,
    } = this.replay.step(i);
    if (!x || !dy || !dparams.weight || x.shape[0] !== this.view.content.batch) return null;
    const sum = new Float64Array(weight.size);
    for (let n = 0; n < x.shape[0]; n++) {
      const { dW } = convolveBack(
        exampleOf(x, n),
        weight,
        exampleOf(dy, n),
        slideOf(this.replay.step(i)),
      );
      dW.data.forEach((number, k) => {
        sum[k] += number;
      });
    }
    return largestGap({ data: sum }, dparams.weight);
  }

  // ── drawing ────────────────────────────────────────────────────────────────────────────────────

  /** Change the shades of the picture: `change(shades)`. */
  draw(change) {
    const shades = shadesOf(this.picture, this.range);
    change(shades);
    this.view.choose({ drawing: written(shades, this.size[1]) });
  }

  /** The last numbers of the net as shares of one; empty where they are no classes. */
  answer() {
    const y = this.values.at(-1);
    if (!y || y.shape.length !== 1 || y.size < 2 || y.size > 40) return [];
    const top = y.facts.most;
    const powers = Array.from(y.data, (number) => Math.exp(Number(number) - top));
    const total = powers.reduce((a, b) => a + b, 0);
    return powers.map((power, k) => ({
      name: this.names[k] ?? String(k),
      share: power / total,
      value: y.data[k],
    }));
  }
}
