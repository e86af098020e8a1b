// One weight: its gradient, what that gradient promises for another value, and what then comes.

import { button, make } from "../frame/controls.js";
import { exact, number } from "../frame/format.js";
import { axes, dragged, hinted, sized, steady } from "./canvas.js";

const [SAMPLES, QUICK] = [49, 21]; // along the curve; fewer while pictures come fast
const [LEFT, RIGHT, TOP, BOTTOM] = [44, 10, 8, 20];

/** The loss that the gradient promises: a straight line. */
export function promised({ loss, value, gradient }, wanted) {
  return loss + gradient * (wanted - value);
}

/** Do two slopes agree, as well as float32 can say? */
export function agree(a, b, scale = 1) {
  return Math.abs(a - b) <= 1e-3 * Math.max(Math.abs(a), Math.abs(b)) + 2e-5 * scale;
}

export class WeightPanel {
  /** `onApply(value)`, `onUndo()`; `live`: can the pupil be asked? */
  constructor({ view, onApply, onUndo }) {
    Object.assign(this, { view, onApply, flat: null, wanted: null });
    this.title = make("h4");
    this.facts = make("p", { class: "facts" });
    this.canvas = make("canvas", { "aria-hidden": "true" });
    this.over = make("canvas", { class: "over", "aria-hidden": "true" });
    this.picture = make("div", { class: "curve tangent" }, this.canvas, this.over);
    this.input = make("input", { type: "number", step: "any", class: "value",
      "aria-label": "New value of this weight" });
    this.apply = button("Apply", () => this.wanted !== null && onApply(this.wanted),
      { kind: "main" });
    this.undo = hinted("Undo", "Take the last change back", () => onUndo());
    this.foretold = make("p", { class: "foretold", "aria-live": "off" });
    this.element = make("section", { class: "panel weight", "aria-label": "One weight" },
      this.title, this.facts,
      this.picture, make("div", { class: "row" }, make("label", { class: "control" },
        make("span", {}, "try the value"), this.input), this.apply, this.undo), this.foretold);
    view.listen(this.input, "input", () => this.typed(this.input.valueAsNumber));
    view.listen(this.input, "keydown", (event) => this.key(event));
    dragged(view, this.picture, (event) => this.grab(event));
  }

  /** The weight at place `flat` of a frame, on these points. */
  show({ net, frame, points, flat, wide, high, canUndo, quick }) {
    const same = this.flat === flat && this.frame === frame && this.points === points;
    Object.assign(this, { net, frame, points, flat, wide, high });
    this.undo.disabled = !this.view.live || !canUndo;
    this.value = frame.weights[flat];
    this.gradient = frame.gradients[flat];
    this.known = { loss: frame.loss, value: this.value, gradient: this.gradient };
    if (!same) this.wanted = null;
    this.apply.disabled = !this.view.live || this.wanted === null;
    this.sample(quick);
    this.tell(quick);
    this.draw();
  }

  sample(quick) {
    const room = 2 ** Math.ceil(Math.log2(Math.max(2, Math.abs(this.value) * 1.5)));
    const middle = Math.round(this.value * 2) / 2;
    const wanted = this.wanted ?? middle;
    [this.low, this.far] = [Math.min(middle - room, wanted), Math.max(middle + room, wanted)];
    const count = quick ? QUICK : SAMPLES;
    const step = (this.far - this.low) / (count - 1);
    this.values = Array.from({ length: count }, (_, i) => this.low + i * step);
    this.losses = this.net.lossesIf(this.frame.weights, this.flat, this.values, this.points);
    this.slope = quick ? null : this.net.slope(this.frame.weights, this.flat, this.points);
  }

  tell(quick) {
    const { full } = this.net.named(this.flat);
    const { layer, to, from } = this.net.spot(this.flat);
    const whence = from < 0 ? `bias of ${this.net.unitName(layer, to)}`
      : `${this.net.unitName(layer - 1, from)} → ${this.net.unitName(layer, to)}`;
    this.title.replaceChildren(full, make("small", {}, whence));
    const finite = Number.isFinite(this.gradient) && Number.isFinite(this.known.loss);
    const fine = quick || !finite || agree(this.gradient, this.slope);
    const verdict = !finite ? "no slope without a finite loss" : quick ? "" : fine ? "✓ agree"
      : "✕ differ";
    this.facts.replaceChildren(
      part("value", number(this.value, 4)), part("gradient", number(this.gradient)),
      part("measured", quick ? "…" : finite ? number(this.slope) : "none", fine ? "" : "bad"),
      make("span", { class: fine && finite ? "good" : "bad" }, verdict));
    Object.assign(this.element.dataset, { weight: full, value: exact(this.value),
      gradient: exact(this.gradient) });
    if (quick) delete this.element.dataset.slope;
    else this.element.dataset.slope = String(this.slope);
    if (this.wanted === null) this.input.value = Number(this.value.toPrecision(4));
    this.foretell();
  }

  foretell() {
    const { wanted } = this;
    if (wanted === null) {
      delete this.element.dataset.promised;
      delete this.element.dataset.came;
      this.foretold.textContent = "Type a value, or drag in the picture.";
      return;
    }
    const straight = promised(this.known, wanted);
    const [came] = this.net.lossesIf(this.frame.weights, this.flat, [wanted], this.points);
    Object.assign(this.element.dataset, { promised: String(straight), came: String(came) });
    this.foretold.replaceChildren(
      make("span", { class: "line-key" }), "gradient says ", make("b", {}, number(straight)),
      make("span", { class: "curve-key" }), "loss would be ", make("b", {}, number(came)));
  }

  // ── the picture: the loss as this weight alone moves, and the line that the gradient is ────────

  x(value) {
    return LEFT + ((value - this.low) / (this.far - this.low)) * (this.wide - LEFT - RIGHT);
  }

  y(loss) {
    const t = (loss - this.floor) / (this.ceiling - this.floor);
    return TOP + (1 - Math.max(-0.2, Math.min(1.2, t))) * (this.high - TOP - BOTTOM);
  }

  draw() {
    const finite = this.losses.filter(Number.isFinite);
    if (Number.isFinite(this.known.loss)) finite.push(this.known.loss);
    const [least, most] = finite.length ? [Math.min(...finite), Math.max(...finite)] : [0, 1];
    const room = Math.max((most - least) * 0.06, Math.abs(most) * 0.02, 1e-9);
    [this.floor, this.ceiling] = steady(least - room, most + room);
    this.floor = Math.max(this.floor, -0.05 * this.ceiling); // no loss is below zero
    const pen = sized(this.canvas, this.wide, this.high);
    this.drawAxes(pen);
    pen.save();
    pen.beginPath();
    pen.rect(LEFT, TOP, this.wide - LEFT - RIGHT, this.high - TOP - BOTTOM);
    pen.clip();
    pen.lineWidth = 2;
    pen.strokeStyle = this.view.tone("backward");
    pen.setLineDash([6, 4]);
    pen.beginPath();
    for (const end of [this.low, this.far]) {
      pen.lineTo(this.x(end), this.straight(promised(this.known, end)));
    }
    pen.stroke();
    pen.setLineDash([]);
    pen.strokeStyle = this.view.tone("forward");
    pen.beginPath();
    this.values.forEach((value, i) => pen.lineTo(this.x(value), this.y(this.losses[i])));
    pen.stroke();
    pen.restore();
    this.drawOver();
  }

  /** As `y`, but a line stays straight beyond the picture. */
  straight(loss) {
    return TOP
      + (1 - (loss - this.floor) / (this.ceiling - this.floor)) * (this.high - TOP - BOTTOM);
  }

  drawAxes(pen) {
    const box = [LEFT, TOP, this.wide - RIGHT, this.high - BOTTOM];
    const across = { least: this.low, most: this.far, pixel: (value) => this.x(value) };
    const least = Math.max(this.floor, 0);
    const up = { least, most: this.ceiling, pixel: (loss) => this.y(loss) };
    axes(pen, { view: this.view, box, across, up });
  }

  drawOver() {
    const pen = sized(this.over, this.wide, this.high);
    const dot = (value, loss, tone, hollow) => {
      pen.beginPath();
      pen.arc(this.x(value), this.y(loss), 5, 0, 7);
      pen.fillStyle = this.view.tone(hollow ? "card" : tone);
      pen.strokeStyle = this.view.tone(hollow ? tone : "card");
      pen.lineWidth = 2;
      pen.fill();
      pen.stroke();
    };
    if (this.wanted !== null) {
      const x = this.x(this.wanted);
      pen.strokeStyle = this.view.tone("quiet");
      pen.lineWidth = 1;
      pen.beginPath();
      pen.moveTo(x, TOP);
      pen.lineTo(x, this.high - BOTTOM);
      pen.stroke();
      const [came] = this.net.lossesIf(this.frame.weights, this.flat, [this.wanted], this.points);
      dot(this.wanted, promised(this.known, this.wanted), "backward", true);
      dot(this.wanted, came, "forward", true);
    }
    dot(this.value, this.known.loss, "ink");
  }

  // ── another value ──────────────────────────────────────────────────────────────────────────────

  typed(value) {
    this.wanted = Number.isFinite(value) && value !== this.value ? value : null;
    this.apply.disabled = !this.view.live || this.wanted === null;
    if (value < this.low || value > this.far) this.sample(false);
    this.foretell();
    this.draw();
  }

  key(event) {
    if (event.key !== "Enter") return;
    event.preventDefault();
    event.stopPropagation();
    if (this.wanted !== null && this.view.live) this.onApply(this.wanted);
  }

  focus() {
    this.input.focus();
    this.input.select();
  }

  grab({ clientX }) {
    const { left } = this.picture.getBoundingClientRect();
    const t = (clientX - left - LEFT) / (this.wide - LEFT - RIGHT);
    const value = this.low + Math.max(0, Math.min(1, t)) * (this.far - this.low);
    this.input.value = Number(value.toPrecision(3));
    this.typed(this.input.valueAsNumber);
  }
}

function part(name, value, kind = "") {
  return make("span", {}, `${name} `, make("b", { class: kind }, value));
}
