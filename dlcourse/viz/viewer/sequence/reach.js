// How far back the loss is felt: how long the gradient is at each moment, on a log scale, under the
// same columns of time as everything else. Thin lines: the same for every other moment's loss.

import { Scale } from "../chart/scale.js";
import { make } from "../frame/controls.js";
import { number } from "../frame/format.js";
import { fate } from "./back.js";

const HIGH = 150;

export class Reach {
  /** `onPick(t)`: a moment was clicked. */
  constructor({ onPick, onPoint }) {
    this.names = make("div", { class: "names axis", "aria-hidden": "true",
      style: `height: ${HIGH}px` });
    this.svg = make("svg", { class: "reach", height: HIGH, role: "img" });
    this.keys = make("span", { class: "keys" });
    this.svg.addEventListener("click", (event) => onPick(this.momentAt(event)));
    this.svg.addEventListener("pointermove", (event) => onPoint(this.momentAt(event)));
    this.svg.addEventListener("pointerleave", () => onPoint(null));
  }

  momentAt({ clientX }) {
    const t = Math.floor((clientX - this.svg.getBoundingClientRect().left) / this.wide);
    return Math.max(0, Math.min(this.T - 1, t));
  }

  /** `norms` { dh, dx }; `fan` [{ source, dh }]; drawn from `from` to `to`, as far as it is made. */
  show({ norms, fan, from, to, T, wide, note }) {
    Object.assign(this, { T, wide, norms: from === null ? null : norms, from, to });
    this.svg.setAttribute("width", T * wide);
    this.svg.setAttribute("aria-label", note);
    this.svg.classList.toggle("absent", !this.norms);
    this.names.replaceChildren();
    if (!this.norms) {
      this.svg.replaceChildren(make("text", { x: Math.min(T * wide, 420) / 2, y: HIGH / 2 + 4,
        "text-anchor": "middle", class: "quiet" }, note));
      return this.read(null);
    }
    this.drawn ??= [make("g"), make("g")];
    if (this.svg.firstChild !== this.drawn[0]) this.svg.replaceChildren(...this.drawn);
    const up = this.background(norms, fan);
    const line = (ys, kind) => make("polyline", { class: kind,
      points: points(ys, from, to, up, wide) });
    this.drawn[1].replaceChildren(line(norms.dx, "dx"), line(norms.dh, "dh"),
      ...signs(norms.dx, from, to, up, wide, square), ...signs(norms.dh, from, to, up, wide, dot));
    this.names.replaceChildren(...up.ticks.map(({ value, text }) =>
      make("span", { class: "quiet", style: `top: ${up.pixel(value)}px` }, text)));
  }

  /** Rules and thin lines, drawn when they are other ones; gives the scale. */
  background(norms, fan) {
    const { T, wide } = this;
    if (this.known?.norms === norms && this.known.wide === wide) return this.known.up;
    const up = scale([norms.dh, norms.dx, ...fan.map(({ dh }) => dh)]);
    this.drawn[0].replaceChildren(
      ...up.ticks.map(({ value }) => make("line", { class: "rule", x1: 0, x2: T * wide,
        y1: up.pixel(value), y2: up.pixel(value) })),
      ...fan.map(({ source, dh }) => make("polyline", { class: "fan",
        points: points(dh, 0, source, up, wide) })));
    this.known = { norms, wide, up };
    return up;
  }

  /** The exact values at a moment, in the key. */
  read(t) {
    const { norms } = this;
    const value = (name) => (norms && t !== null && t >= this.from && t <= this.to
      ? number(norms[name][t], 4) : "–");
    const item = (kind, shape, name) => make("span", { class: "item" },
      make("svg", { width: 26, height: 14, "aria-hidden": "true", class: "reach-key" },
        make("polyline", { class: kind, points: "1,7 25,7" }), shape(13, 7)),
      `length of ${name} `, make("output", { "data-norm": name, "data-value": norms && t !== null
        ? norms[name][t] : "" }, value(name)));
    this.keys.replaceChildren(item("dh", dot, "dh"), item("dx", square, "dx"));
  }
}

/** All that is above zero, with some air; a log scale has no place for zero. */
function scale(all) {
  const seen = all.flatMap((ys) => [...ys]).filter((y) => y > 0 && Number.isFinite(y));
  const [least, most] = [Math.min(...seen), Math.max(...seen)];
  return seen.length ? new Scale(least / 1.6, most * 1.6, HIGH - 4, 4, true)
    : new Scale(0.1, 10, HIGH - 4, 4, true);
}

const places = (ys, from, to) =>
  Array.from({ length: Math.max(0, to - from + 1) }, (_, i) => from + i).filter((t) => ys[t] > 0
    && Number.isFinite(ys[t]));

const points = (ys, from, to, up, wide) =>
  places(ys, from, to).map((t) => `${(t + 0.5) * wide},${up.pixel(ys[t]).toFixed(1)}`).join(" ");

const signs = (ys, from, to, up, wide, shape) => places(ys, from,
  to).map((t) => shape((t + 0.5) * wide, up.pixel(ys[t])));

const dot = (cx, cy) => make("circle", { class: "dh", cx, cy, r: 3.4 });

const square = (x, y) => make("rect", { class: "dx", x: x - 2.8, y: y - 2.8, width: 5.6,
  height: 5.6 });

/** One sentence: does the gradient vanish, explode, or hold? { text, verdict, ratio } */
export function judged(dh, source) {
  const from = source === "all" ? dh.length - 1 : source;
  const { ratio, perMoment, verdict } = fate(dh, from);
  const told = { verdict, ratio };
  if (verdict === "absent") return { ...told,
    text: `At moment ${from} there is no gradient at all.` };
  if (verdict === "odd") return { ...told, text: "The gradient is no finite number on its way back." };
  if (verdict === "short") return { ...told, text: "The loss at moment 0 has no way back to go." };
  const grows = { vanishes: "It vanishes.", explodes: "It explodes.",
    holds: "It is still felt." }[verdict];
  const all = source === "all" ? " The loss of each moment adds its own on the way." : "";
  return { ...told, text: `From moment ${from} back to moment 0, dh goes from ${number(dh[from])} to ${number(dh[0])}: `
    + `× ${number(perMoment)} a moment. ${grows}${all}` };
}

export const REACH_STYLE = `
svg.reach { display: block; flex: none; cursor: pointer; } svg.reach.absent { cursor: default; }
svg.reach.absent { border: 1.5px dashed var(--line); border-radius: 8px; }
svg.reach.absent + .now { display: none; }
.reach .rule { stroke: var(--line); }
.reach polyline, .reach-key polyline { fill: none; stroke-width: 2; stroke-linejoin: round; }
polyline.fan { stroke: var(--quiet); stroke-width: 1 !important; opacity: .38; }
polyline.dh { stroke: var(--backward); } polyline.dx { stroke: var(--forward);
  stroke-dasharray: 6 3; }
circle.dh { fill: var(--backward); stroke: var(--card); }
rect.dx { fill: var(--forward); stroke: var(--card); }
.keys { display: inline-flex; flex-wrap: wrap; gap: 0 14px; font-weight: 400; font-size: 12.5px;
  margin-left: 14px; }
.keys .item { white-space: nowrap; } .keys svg { vertical-align: -2px; margin-right: 4px; }
.keys output { font-weight: 600; display: inline-block; min-width: 4.4em; }
`;
