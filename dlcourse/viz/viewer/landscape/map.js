// The map of a loss landscape: filled contours with labelled lines, paths and racers over it.

import { symbol } from "../chart/pen.js";
import { ticks } from "../chart/scale.js";
import { make } from "../frame/controls.js";
import { contour } from "./surface.js";
import { hue, shades } from "./colours.js";

const FINE = 4; // times as many places are drawn as were computed
const [LEFT, BOTTOM, TOP, RIGHT] = [46, 40, 6, 6];

export class LossMap {
  /** `onPoint(place | null, exactly)`: looked at; `onPick(place)`: clicked, or Enter. */
  constructor({ view, onPoint, onPick }) {
    Object.assign(this, { view, onPoint, onPick, cursor: null, pinned: null, racers: [], step: 0 });
    this.axes = make("svg", { "aria-hidden": "true" });
    [this.base, this.over] = [make("canvas", { "aria-hidden": "true" }), make("canvas", { "aria-hidden": "true" })];
    this.element = make("div", { class: "map", tabindex: "0", role: "application", "aria-roledescription": "map",
      "aria-label": "Loss in the plane" }, this.axes, this.base, this.over);
    view.listen(this.element, "pointermove", (event) => this.pointed(event));
    view.listen(this.element, "pointerleave", () => this.element.matches(":focus-visible") || this.look(null));
    view.listen(this.element, "click", (event) => this.clicked(event));
    view.listen(this.element, "keydown", (event) => this.key(event));
    view.listen(this.element, "focus", () => this.element.matches(":focus-visible") && this.look(this.start));
    view.listen(this.element, "blur", () => this.look(null));
  }

  /** Where keys begin: at the place that was kept, else in the middle. */
  get start() {
    const { cols, rows } = this.surface;
    return this.cursor ?? this.pinned ?? this.surface.place([Math.round((cols - 1) / 2), Math.round((rows - 1) / 2)]);
  }

  /** Draw this surface into so many pixels; both directions have one scale. */
  show(surface, room, spread) {
    Object.assign(this, { surface, spread });
    const [wide, high] = [surface.a, surface.b].map((axis) => axis.at(-1) - axis[0]);
    const unit = Math.min((room.wide - LEFT - RIGHT) / wide, (room.high - TOP - BOTTOM) / high);
    [this.wide, this.high] = [Math.round(wide * unit), Math.round(high * unit)];
    Object.assign(this.element.style, { width: `${this.wide + LEFT + RIGHT}px`, height: `${this.high + TOP + BOTTOM}px` });
    const [low, top] = surface.reach;
    this.fine = surface.finer(FINE);
    this.levels = surface.levels(11);
    this.shade = shades({ levels: this.levels, low, high: top, dark: this.view.dark });
    this.font = `12px ${getComputedStyle(this.element).fontFamily}`;
    this.drawBase();
    this.drawAxes();
    this.drawOver();
  }

  /** Pixels of a place in the plane. */
  pixel(place) {
    const [column, row] = this.surface.cell(place);
    return [(column / (this.surface.cols - 1)) * this.wide, (1 - row / (this.surface.rows - 1)) * this.high];
  }

  placeAt(x, y) {
    const { cols, rows } = this.surface;
    return this.surface.place([(x / this.wide) * (cols - 1), (1 - y / this.high) * (rows - 1)]);
  }

  // ── the map itself ──────────────────────────────────────────────────────────────────────────────

  pen(canvas) {
    const ratio = window.devicePixelRatio || 1;
    [canvas.width, canvas.height] = [Math.round(this.wide * ratio), Math.round(this.high * ratio)];
    Object.assign(canvas.style, { width: `${this.wide}px`, height: `${this.high}px`, left: `${LEFT}px`, top: `${TOP}px` });
    const pen = canvas.getContext("2d");
    pen.setTransform(ratio, 0, 0, ratio, 0, 0);
    pen.font = this.font;
    return pen;
  }

  drawBase() {
    const pen = this.pen(this.base);
    const { width, height } = this.base;
    const image = pen.createImageData(width, height);
    const pixels = new Uint32Array(image.data.buffer);
    const { heights, cols, rows } = this.fine;
    for (let y = 0; y < height; y++) {
      const r = Math.min((1 - (y + 0.5) / height) * (rows - 1), rows - 1.001);
      const [j, v] = [Math.floor(r), r - Math.floor(r)];
      for (let x = 0; x < width; x++) {
        const c = ((x + 0.5) / width) * (cols - 1);
        const [i, u] = [Math.floor(c), c - Math.floor(c)];
        const at = j * cols + i;
        const line = heights[at] + (heights[at + 1] - heights[at]) * u;
        const next = heights[at + cols] + (heights[at + cols + 1] - heights[at + cols]) * u;
        pixels[y * width + x] = this.shade(line + (next - line) * v, x, y);
      }
    }
    pen.putImageData(image, 0, 0);
    this.drawContours(pen);
  }

  drawContours(pen) {
    const taken = [];
    this.walked = this.racers.flatMap(({ places }) => places.map((place) => this.pixel(place)));
    const line = this.view.dark ? "rgba(255, 255, 255, .38)" : "rgba(20, 40, 60, .42)";
    for (const { loss, height } of this.levels) {
      const lines = contour(this.fine, height).map((path) => this.inPixels(path));
      pen.strokeStyle = line;
      pen.lineWidth = 1;
      for (const path of lines) {
        pen.beginPath();
        for (let i = 0; i < path.length; i += 2) pen.lineTo(path[i], path[i + 1]);
        pen.stroke();
      }
      const longest = lines.reduce((best, path) => (path.length > best.length ? path : best), []);
      this.label(pen, longest, short(loss), taken);
    }
    this.element.dataset.levels = this.levels.map(({ loss }) => loss).join(" ");
  }

  inPixels(path) {
    const { cols, rows } = this.fine;
    return path.map((n, i) => (i % 2 ? (1 - n / (rows - 1)) * this.high : (n / (cols - 1)) * this.wide));
  }

  /** The loss of a line, written along it where the line is calm and no other label stands. */
  label(pen, path, text, taken) {
    const half = pen.measureText(text).width / 2 + 4;
    if (path.length < 24) return;
    const free = ([x, y]) => x > half + 6 && x < this.wide - half - 6 && y > 14 && y < this.high - 14
      && taken.every(([p, q]) => Math.hypot(p - x, q - y) > half + 30)
      && this.walked.every(([p, q]) => !(Math.hypot(p - x, q - y) < half + 6));
    const count = path.length / 2;
    for (let k = 0; k < 24; k++) {
      const i = Math.floor(count * (0.5 + (k % 2 ? 1 : -1) * Math.ceil(k / 2) * 0.04));
      if (i < 3 || i > count - 4) continue;
      const at = [path[2 * i], path[2 * i + 1]];
      if (!free(at)) continue;
      const [dx, dy] = [path[2 * i + 6] - path[2 * i - 6], path[2 * i + 7] - path[2 * i - 5]];
      taken.push(at);
      return this.write(pen, text, at, Math.atan(dy / (dx || 1e-9)));
    }
  }

  write(pen, text, [x, y], angle) {
    pen.save();
    pen.translate(x, y);
    pen.rotate(angle);
    [pen.textAlign, pen.textBaseline, pen.lineJoin, pen.lineWidth] = ["center", "middle", "round", 3];
    pen.font = this.font.replace("12px", "11px");
    pen.strokeStyle = this.view.dark ? "rgba(10, 18, 28, .9)" : "rgba(255, 255, 255, .9)";
    pen.fillStyle = this.view.dark ? "#e9edf3" : "#16202c";
    pen.strokeText(text, 0, 0);
    pen.fillText(text, 0, 0);
    pen.restore();
  }

  drawAxes() {
    const { wide, high, surface, spread } = this;
    const [width, height] = [wide + LEFT + RIGHT, high + TOP + BOTTOM];
    this.axes.setAttribute("width", width);
    this.axes.setAttribute("height", height);
    const text = (x, y, words, anchor, turn) => make("text", { x, y, "text-anchor": anchor, transform: turn }, words);
    const name = (i) => `direction ${i + 1}${spread ? ` · ${Math.round(100 * spread[i])} % of the spread` : ""}`;
    const across = ticks(surface.a[0], surface.a.at(-1), wide / 90);
    const up = ticks(surface.b[0], surface.b.at(-1), high / 70);
    const middle = TOP + high / 2;
    this.axes.replaceChildren(
      make("rect", { x: LEFT - 0.5, y: TOP - 0.5, width: wide + 1, height: high + 1, class: "edge" }),
      ...across.map(({ value, text: words }) => {
        const x = LEFT + this.pixel([value, 0])[0];
        return text(Math.min(x, width - 4 * words.length), TOP + high + 16, words, "middle");
      }),
      ...up.map(({ value, text: words }) => text(LEFT - 6, TOP + this.pixel([0, value])[1] + 4, words, "end")),
      text(LEFT + wide / 2, TOP + high + 34, name(0), "middle"),
      text(11, middle, name(1), "middle", `rotate(-90 11 ${middle})`));
  }

  // ── what moves over it ──────────────────────────────────────────────────────────────────────────

  drawOver() {
    if (!this.surface) return;
    const pen = this.pen(this.over);
    this.racers.forEach((racer, i) => this.drawPath(pen, racer, i));
    this.racers.forEach((racer, i) => this.drawRacer(pen, racer, i));
    if (this.pinned) this.drawPin(pen, this.pinned);
    if (this.cursor) this.drawCursor(pen, this.cursor);
  }

  drawPath(pen, racer, i) {
    const now = racer.at(this.step);
    const { colour } = hue(i);
    const all = racer.places.map((place) => this.pixel(place));
    [pen.lineJoin, pen.lineCap] = ["round", "round"];
    strokes(pen, all, "rgba(255, 255, 255, .55)", 2.6, [1, 4]);
    strokes(pen, all, colour, 1.4, [1, 4]);
    const gone = [...all.slice(0, now.nth + 1), this.pixel(now.place)];
    strokes(pen, gone, "#ffffff", 4.5);
    strokes(pen, gone, colour, 2.4);
    pen.beginPath(); // where it began
    pen.arc(...all[0], 4, 0, 7);
    [pen.fillStyle, pen.strokeStyle, pen.lineWidth] = ["#ffffff", colour, 2];
    pen.fill();
    pen.stroke();
  }

  drawRacer(pen, racer, i) {
    const { colour, sign } = hue(i);
    const [x, y] = this.pixel(racer.at(this.step).place);
    pen.fillStyle = colour;
    symbol(pen, sign, x, y, "#ffffff", 19);
  }

  drawPin(pen, place) {
    const [x, y] = this.pixel(place);
    for (const [style, wide] of [["#ffffff", 5], ["#10151c", 2]]) {
      [pen.strokeStyle, pen.lineWidth] = [style, wide];
      pen.beginPath();
      pen.arc(x, y, 7, 0, 7);
      pen.moveTo(x - 11, y); pen.lineTo(x - 4, y); pen.moveTo(x + 4, y); pen.lineTo(x + 11, y);
      pen.moveTo(x, y - 11); pen.lineTo(x, y - 4); pen.moveTo(x, y + 4); pen.lineTo(x, y + 11);
      pen.stroke();
    }
  }

  drawCursor(pen, place) {
    const [x, y] = this.pixel(place).map((n) => Math.round(n) + 0.5);
    for (const [style, wide] of [["rgba(255, 255, 255, .7)", 3], ["#10151c", 1]]) {
      [pen.strokeStyle, pen.lineWidth] = [style, wide];
      pen.beginPath();
      pen.moveTo(x, 0); pen.lineTo(x, this.high);
      pen.moveTo(0, y); pen.lineTo(this.wide, y);
      pen.stroke();
    }
  }

  // ── pointer and keys ────────────────────────────────────────────────────────────────────────────

  look(place) {
    if (place === null && this.cursor === null) return;
    this.cursor = place;
    this.drawOver();
    this.onPoint(place);
  }

  under(event) {
    const { left, top } = this.over.getBoundingClientRect();
    const [x, y] = [event.clientX - left, event.clientY - top];
    return x >= 0 && y >= 0 && x <= this.wide && y <= this.high ? this.placeAt(x, y) : null;
  }

  pointed(event) {
    if (this.surface) this.look(this.under(event));
  }

  clicked(event) {
    const place = this.surface && this.under(event);
    if (!place) return;
    this.element.focus({ preventScroll: true });
    this.pin(place);
  }

  pin(place) {
    this.pinned = place;
    this.drawOver();
    this.onPick(place);
  }

  key(event) {
    const way = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, 1], ArrowDown: [0, -1] }[event.key];
    if (!way && event.key !== "Enter" || event.ctrlKey || event.metaKey) return;
    event.preventDefault();
    event.stopPropagation();
    const { cols, rows } = this.surface;
    if (!way) return this.pin(this.start);
    const [column, row] = this.surface.cell(this.start).map(Math.round);
    const by = event.shiftKey ? 5 : 1;
    const to = [column + by * way[0], row + by * way[1]];
    this.look(this.surface.place([Math.max(0, Math.min(cols - 1, to[0])), Math.max(0, Math.min(rows - 1, to[1]))]));
  }
}

/** 0.0003, and 3e−5: short enough to stand on a line. */
function short(loss) {
  if (Math.abs(loss) >= 1e-4) return loss.toLocaleString("en", { maximumSignificantDigits: 3 }).replace("-", "−");
  return loss.toExponential(0).replaceAll("-", "−");
}

function strokes(pen, places, colour, wide, dash = []) {
  [pen.strokeStyle, pen.lineWidth] = [colour, wide];
  pen.setLineDash(dash);
  pen.beginPath();
  for (const [x, y] of places) if (Number.isFinite(x + y)) pen.lineTo(x, y);
  pen.stroke();
  pen.setLineDash([]);
}

export const MAP_STYLE = `
.map { position: relative; cursor: crosshair; border-radius: 4px; touch-action: manipulation; }
.map canvas { position: absolute; pointer-events: none; }
.map svg { position: absolute; inset: 0; overflow: visible; }
.map svg text { fill: var(--quiet); }
.map .edge { fill: none; stroke: var(--quiet); }
`;
