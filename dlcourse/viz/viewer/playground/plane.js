// The plane: which class the net finds likely where, the border between them, and the points.

import { CLASSES, painter, palette } from "../frame/colours.js";
import { make } from "../frame/controls.js";
import { exact } from "../frame/format.js";
import { leads, zeroLine } from "../plane/border.js";
import { fontOf, rounded, sized } from "./canvas.js";
import { mixture, onto } from "./paint.js";

const EDGE = 32; // room for the numbers along the axes
const MARGIN = 8;

export class Plane {
  /** `onPlace([x1, x2] | null)`: the cursor; `onDraw([x1, x2], fresh)`: clicked or dragged. */
  constructor({ view, name, onPlace, onDraw }) {
    Object.assign(this, { view, name, onPlace, onDraw, cursor: null, drawing: false });
    this.canvas = make("canvas", { "aria-hidden": "true" });
    this.over = make("canvas", { class: "over", "aria-hidden": "true" });
    this.element = make("div", { class: "plane", role: "application", tabindex: "0",
      "data-plane": name,
      "aria-roledescription": "picture of the plane" }, this.canvas, this.over);
    this.small = document.createElement("canvas");
    view.listen(this.element, "pointerdown", (event) => this.pressed(event));
    view.listen(this.element, "pointermove", (event) => this.pointed(event));
    view.listen(this.element, "pointerup", () => { this.drawing = false; });
    view.listen(this.element, "pointercancel", () => { this.drawing = false; });
    view.listen(this.element, "pointerleave", () => this.left());
    view.listen(this.element, "keydown", (event) => this.key(event));
    view.listen(this.element, "focus", () => this.cursor ?? this.moveTo([...this.window.middle]));
  }

  /**
   * `field`: { p, scores } of each class, or { values, reach } of one unit, on n × n places;
   * `points` with `wrong`; `window`: { middle, reach } of the plane that is seen.
   */
  show({ field, n, classes, points, wrong, window, wide, label }) {
    Object.assign(this, { window, wide, points, classes });
    this.side = wide - EDGE - MARGIN;
    this.element.setAttribute("aria-label", label);
    const pen = sized(this.canvas, wide, this.side + EDGE + MARGIN);
    this.paint(field, n, classes);
    pen.save();
    pen.beginPath();
    pen.roundRect(EDGE, MARGIN, this.side, this.side, 8);
    pen.clip();
    pen.imageSmoothingEnabled = true;
    pen.imageSmoothingQuality = "high";
    pen.drawImage(this.small, EDGE, MARGIN, this.side, this.side);
    const fields = field.p ? leads(field.scores, classes) : [field.values];
    for (const each of fields) this.drawZero(pen, each, n);
    this.drawPoints(pen, wrong);
    pen.restore();
    this.drawAxes(pen);
    this.drawOver();
  }

  paint(field, n, classes) {
    const dark = this.view.dark;
    const paint = field.p ? mixture(field.p, classes, dark) : painter({ reach: field.reach, dark });
    onto(this.small, n, (row, col) => paint(field.p ? row * n + col : field.values[row * n + col]));
  }

  drawZero(pen, field, n) {
    const cell = this.side / n;
    pen.strokeStyle = this.view.tone("ink");
    pen.lineWidth = 1.25;
    pen.globalAlpha = 0.75;
    pen.beginPath();
    for (const [x0, y0, x1, y1] of zeroLine(field, n)) {
      pen.moveTo(EDGE + (x0 + 0.5) * cell, MARGIN + (y0 + 0.5) * cell);
      pen.lineTo(EDGE + (x1 + 0.5) * cell, MARGIN + (y1 + 0.5) * cell);
    }
    pen.stroke();
    pen.globalAlpha = 1;
  }

  drawPoints(pen, wrong) {
    const { x1, x2, y } = this.points;
    const size = Math.max(2.6, Math.min(4.4, this.side / 85)) * (y.length > 500 ? 0.7 : 1);
    pen.lineWidth = 1.1;
    for (let i = 0; i < y.length; i++) {
      const [x, z] = this.pixel([x1[i], x2[i]]);
      shape(pen, y[i], x, z, size);
      pen.fillStyle = CLASSES[y[i] % CLASSES.length];
      pen.strokeStyle = palette(this.view.dark).paper;
      pen.fill();
      pen.stroke();
      if (!wrong[i]) continue;
      pen.strokeStyle = this.view.tone("ink");
      pen.beginPath();
      pen.arc(x, z, size + 2.6, 0, 7);
      pen.stroke();
    }
  }

  drawAxes(pen) {
    const { middle, reach } = this.window;
    pen.fillStyle = this.view.tone("quiet");
    pen.font = fontOf(this.view, 11);
    pen.textAlign = "center";
    const bottom = MARGIN + this.side + 15;
    for (const { value, text } of rounded(middle[0] - reach, middle[0] + reach, this.side / 80)) {
      const x = this.pixel([value, 0])[0];
      if (x < EDGE + this.side - 36) pen.fillText(text, x, bottom);
    }
    pen.textAlign = "right";
    pen.textBaseline = "middle";
    for (const { value, text } of rounded(middle[1] - reach, middle[1] + reach, this.side / 80)) {
      const y = this.pixel([0, value])[1];
      if (y > MARGIN + 20) pen.fillText(text, EDGE - 5, y);
    }
    pen.textBaseline = "alphabetic";
    pen.textAlign = "right";
    pen.fillText("x1", EDGE + this.side, bottom);
    pen.fillText("x2", EDGE - 5, MARGIN + 9);
    pen.strokeStyle = this.view.tone("line");
    pen.lineWidth = 1;
    pen.beginPath();
    pen.roundRect(EDGE, MARGIN, this.side, this.side, 8);
    pen.stroke();
  }

  drawOver() {
    if (!this.wide) return;
    const pen = sized(this.over, this.wide, this.side + EDGE + MARGIN);
    if (!this.cursor) return;
    const [x, y] = this.pixel(this.cursor);
    for (const [tone, wide] of [["card", 4], ["cursor", 1.75]]) {
      pen.strokeStyle = this.view.tone(tone);
      pen.lineWidth = wide;
      pen.beginPath();
      pen.arc(x, y, 7, 0, 7);
      pen.moveTo(x - 12, y); pen.lineTo(x - 4, y);
      pen.moveTo(x + 4, y); pen.lineTo(x + 12, y);
      pen.moveTo(x, y - 12); pen.lineTo(x, y - 4);
      pen.moveTo(x, y + 4); pen.lineTo(x, y + 12);
      pen.stroke();
    }
  }

  pixel([a, b]) {
    const { middle, reach } = this.window;
    const across = ((a - middle[0]) / reach + 1) / 2;
    const up = ((b - middle[1]) / reach + 1) / 2;
    return [EDGE + across * this.side, MARGIN + (1 - up) * this.side];
  }

  place(event) {
    const { left, top } = this.element.getBoundingClientRect();
    const { middle, reach } = this.window;
    const across = (event.clientX - left - EDGE) / this.side;
    const down = (event.clientY - top - MARGIN) / this.side;
    if (Math.min(across, down) < 0 || Math.max(across, down) > 1) return null;
    return [middle[0] + (2 * across - 1) * reach, middle[1] + (1 - 2 * down) * reach];
  }

  /** As part of the picture, from the upper left corner: 0 … 1. */
  get share() {
    if (!this.cursor) return null;
    const [x, y] = this.pixel(this.cursor);
    return [(x - EDGE) / this.side, (y - MARGIN) / this.side];
  }

  pointed(event) {
    const place = this.place(event);
    if (!place) return this.left();
    this.moveTo(place);
    if (this.drawing) this.onDraw(place, false);
  }

  pressed(event) {
    const place = this.place(event);
    if (!place) return;
    this.drawing = true;
    this.moveTo(place);
    this.onDraw(place, true);
  }

  left() {
    if (this.element.matches(":focus-visible")) return; // whoever steps with keys keeps the place
    this.mark(null);
    this.onPlace(null);
  }

  moveTo(place) {
    this.mark(place);
    this.onPlace(place);
  }

  /** Put the cursor there, without telling anybody. */
  mark(place) {
    this.cursor = place;
    if (place) this.element.dataset.place = place.map((x) => exact(x)).join(",");
    else delete this.element.dataset.place;
    this.drawOver();
  }

  key(event) {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    const step = this.window.reach / (event.shiftKey ? 5 : 25);
    const by = { ArrowLeft: [-step, 0], ArrowRight: [step, 0], ArrowUp: [0, step],
      ArrowDown: [0, -step] }[event.key];
    const draw = event.key === "Enter" || event.key === " ";
    if (!by && !draw) return;
    event.preventDefault();
    event.stopPropagation();
    const { middle, reach } = this.window;
    const here = this.cursor ?? middle;
    if (draw) this.onDraw(here, true);
    else {
      const within = (x, i) => Math.max(middle[i] - reach, Math.min(middle[i] + reach, x));
      this.moveTo(here.map((x, i) => within(x + by[i], i)));
    }
  }
}

/** A sign for each class: circle, triangle, square, diamond, … */
function shape(pen, label, x, y, r) {
  const kind = label % 5;
  pen.beginPath();
  if (kind === 0) return pen.arc(x, y, r, 0, 7);
  const corners = { 1: 3, 2: 4, 3: 4, 4: 3 }[kind];
  const turn = { 1: -0.5, 2: 0.25, 3: 0, 4: 0.5 }[kind] * Math.PI;
  const far = r * { 1: 1.35, 2: 1.3, 3: 1.35, 4: 1.35 }[kind];
  for (let i = 0; i < corners; i++) {
    const angle = turn + (i * 2 * Math.PI) / corners;
    pen[i ? "lineTo" : "moveTo"](x + far * Math.cos(angle), y + far * Math.sin(angle));
  }
  pen.closePath();
}
