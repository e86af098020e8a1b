// What is known of a recurrent net's text: its layers unrolled, the ways back, and the checks. All is
// computed when somebody first looks at it, and kept.

import { backThroughTime, fromLoss, lengths } from "./back.js";
import { expectWhole } from "../frame/left_out.js";
import { checks } from "../tokens/check.js";
import { dataOf, quantities } from "./formula.js";
import { stackHeight, unroll } from "../tokens/unroll.js";

const FAN = 6e7; // multiplications that may be spent on the ways back from single moments
const LINES = 24; // so many of them are drawn at most

export class Story {
  constructor({ layers, dtype, loss }) {
    expectWhole(layers);
    Object.assign(this, { steps: layers, dtype, loss, known: new Map() });
  }

  get names() {
    return this.steps.map(({ name }) => name);
  }

  kept(key, make) {
    if (!this.known.has(key)) this.known.set(key, make());
    return this.known.get(key);
  }

  /** One layer and one example: { step, tokens, T, H, height, layer, hasBack, quantities, … }. */
  page({ layer: name, example, level }) {
    return this.kept(`page ${name} ${example} ${level}`, () => {
      const step = this.steps.find((each) => each.name === name);
      const layers = this.kept(`layers ${name} ${example}`, () => unroll(step, example));
      const layer = layers[level];
      const hasBack = step.doutputs.some(Boolean);
      const [batch, T] = step.outputs[0].shape;
      return { story: this, step, name, example, level, layers, layer, hasBack, batch, T,
        H: layer.H,
        tokens: step.tokens[example], height: stackHeight(step),
          quantities: quantities(step.kind, hasBack) };
    });
  }

  /** The last moment whose own loss goes back; "all", where there is none. */
  lastFelt({ step, example, T, H }) {
    const dy = step.doutputs[0];
    for (let at = T * H - 1; dy && at >= 0; at--) {
      if (dy.data[example * T * H + at]) return Math.floor(at / H);
    }
    return "all";
  }

  /** The way back from a moment, or from "all": of the layer that is looked at; null without loss. */
  back({ step, name, example, level, layers, hasBack }, source) {
    if (!hasBack) return null;
    return this.kept(`back ${name} ${example} ${source}`, () =>
      backThroughTime(layers, fromLoss(step, example, source)))[level];
  }

  /** How long dh and dx are at each moment, on the way back from there. The way itself is not kept. */
  norms({ step, name, example, level, layers, hasBack, T }, source) {
    if (!hasBack) return null;
    return this.kept(`norms ${name} ${example} ${level} ${source}`, () => {
      const { dh, dx } = backThroughTime(layers, fromLoss(step, example, source))[level];
      return { dh: lengths(dh, T), dx: lengths(dx, T) };
    });
  }

  /** The ways back from several moments, where that is quickly done: [{ source, dh }]. */
  fan(page) {
    const { T, H, layers, hasBack, step } = page;
    const every = Math.ceil(T / LINES);
    const work = (T * T / 2 / every) * layers[0].names.length * H * (H + layers[0].I) * layers.length;
    if (!hasBack || work > FAN || !step.doutputs[0]) return [];
    const sources = [...Array(T).keys()].filter((t) => (T - 1 - t) % every === 0);
    return sources.map((source) => ({ source, dh: this.norms(page, source).dh }));
  }

  /** Everything that was computed anew, held against the trace. */
  checks(page) {
    const { step, name, example, layers, hasBack } = page;
    return this.kept(`checks ${name} ${example}`, () => {
      if (hasBack) this.back(page, "all");
      const backs = hasBack ? this.known.get(`back ${name} ${example} all`) : null;
      return checks(step, example, layers, backs, this.dtype);
    });
  }

  /** The numbers (T·N) of a quantity. */
  data(page, quantity, source) {
    return dataOf(quantity, page.layer, this.back(page, source));
  }
}

/** The time line: forward through the text, the loss, and the same way back. */
export function momentsOf({ tokens, hasBack }, seen) {
  const forward = tokens.map((token, t) => ({ phase: "forward", t,
    label: `${t}, ${seen(token)}` }));
  if (!hasBack) return forward;
  const back = forward.map((moment) => ({ ...moment, phase: "backward" })).reverse();
  return [...forward, { phase: "loss", t: tokens.length - 1, label: "loss" }, ...back];
}

/** Is a number of this phase and moment there yet? Forward it grows to the right, then to the left. */
export function isThere(quantityPhase, t, now) {
  if (quantityPhase === "forward") return now.phase !== "forward" || t <= now.t;
  return now.phase === "backward" && t >= now.t;
}
