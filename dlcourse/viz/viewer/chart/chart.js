// Lines over steps: axes with round numbers, linear or log, several series, a cursor that reads
// exact values with mouse and keys, zoom. For any instrument that shows how numbers go on.
//
//   const chart = new Chart({ view, name: "loss", label: "Loss" });
//   stage.append(chart.element);
//   chart.show([{ name: "SGD", colour, sign: "●", xs, ys }], { log: true });

import { drawAxes } from "./axes.js";
import { ChartCursor } from "./cursor.js";
import { cross, dots, ring, stroke, symbol } from "./pen.js";
import { airy, extent, oddPlaces, pixelPath, placeOf, Scale } from "./scale.js";
import { button, make } from "../frame/controls.js";
import { exact, number } from "../frame/format.js";

const RIGHT = 12; // pixels of air behind the last step

export class Chart {
  /**
   * `onPoint(x | null)`: what is looked at; `onPick(x)`: where the cursor was put, by click or key.
   * Dragging zooms, or with `scrub` moves the cursor. `readout: false` leaves the key without values;
   * `whole: false` for an x that is no count of steps.
   */
  constructor({ view, name, label, x = "step", height = 220, scrub = false, readout = true, whole = true,
    onPoint = () => {}, onPick = () => {}, onZoom = () => {} }) {
    Object.assign(this, { view, name, label, x, height, scrub, readout, whole, onPoint, onPick, onZoom });
    Object.assign(this, { series: [], options: {} });
    this.build();
    this.cursor = new ChartCursor(this, view);
    const sized = new ResizeObserver(() => this.plot.clientWidth !== this.wide && this.draw());
    sized.observe(this.plot);
    view.until(() => sized.disconnect());
    view.redrawWith(() => this.draw());
  }

  build() {
    this.small = make("small");
    this.all = button("Show all", () => this.cursor.zoom(null), { label: `${this.label}: show all steps` });
    this.all.hidden = true;
    this.keys = make("div", { class: "keys" });
    this.axes = make("svg", { "aria-hidden": "true" });
    [this.lines, this.over] = [make("canvas", { "aria-hidden": "true" }), make("canvas", { "aria-hidden": "true" })];
    this.plot = make("div", { class: "plot", role: "slider", tabindex: "0", "aria-label": this.label,
      style: `height: ${this.height}px` }, this.axes, this.lines, this.over);
    this.element = make("div", { class: "chart", "data-chart": this.name },
      make("div", { class: "top" }, make("h4", {}, this.label, this.small), this.keys, this.all), this.plot);
  }

  /**
   * Series: { name, xs, ys, colour, sign, faint, keyed, dash }. `xs` go up; NaN in `ys` is a gap; what
   * is faint has its place in the key only if it is `keyed`.
   * Options: log, marks [{ x, text, tone }], note (small words beside the title), range [least, most],
   * until (an x up to which the axis goes at least).
   */
  show(series, options = {}) {
    this.series = series;
    this.options = options;
    this.makeKeys();
    this.draw();
  }

  get read() {
    return this.series.filter(({ faint, keyed = !faint }) => keyed);
  }

  /** First and last x of all series. */
  get ends() {
    const [firsts, lasts] = [0, -1].map((i) => this.series.map(({ xs }) => xs.at(i)).filter(Number.isFinite));
    return firsts.length ? [Math.min(...firsts), Math.max(...lasts)] : [0, 1];
  }

  /** What the axis shows: all, as long as nobody zoomed. */
  get range() {
    const [first, last] = this.ends;
    return this.cursor.window ?? [first, Math.max(last, this.options.until ?? last)];
  }

  get empty() {
    return !this.series.some(({ xs }) => xs.length);
  }

  // ── drawing ─────────────────────────────────────────────────────────────────────────────────────

  draw() {
    this.wide = this.plot.clientWidth;
    if (!this.wide) return;
    const { log = false, note = "" } = this.options;
    const [from, to] = this.range;
    const found = extent(this.series, [from, to], log);
    const [least, most] = this.options.range ?? airy(found, log);
    const top = this.options.marks?.some(({ text }) => text) ? 20 : 9;
    const up = new Scale(least, most, this.height - (this.x ? 38 : 22), top, log);
    const left = Math.ceil(Math.max(20, ...up.ticks.map(({ text }) => this.textWidth(text)))) + 10;
    const air = to > from ? 0 : 0.5;
    const across = new Scale(from - air, to + air, left, this.wide - RIGHT);
    Object.assign(this, { across, up });
    drawAxes(this.axes, { across, up, left, right: this.wide - RIGHT, wide: this.wide, height: this.height,
      name: this.x, whole: this.whole, width: (text) => this.textWidth(text), empty: this.empty });
    this.drawLines();
    this.drawOver();
    const below = found.below ? `${found.below.toLocaleString("en")} values ≤ 0 have no place here` : "";
    this.small.textContent = [note, log ? "log scale" : "", below].filter(Boolean).join(" · ");
    this.all.hidden = !this.cursor.window;
    this.element.dataset.from = from;
    this.element.dataset.to = to;
    this.element.dataset.log = log;
  }

  textWidth(text) {
    const pen = this.over.getContext("2d");
    pen.font = this.font ??= `12px ${getComputedStyle(this.plot).fontFamily}`;
    return pen.measureText(text).width;
  }

  /** A canvas as large as the plot, sharp on every screen; gives its pen. */
  pen(canvas) {
    const ratio = window.devicePixelRatio || 1;
    const [wide, high] = [Math.round(this.wide * ratio), Math.round(this.height * ratio)];
    const pen = canvas.getContext("2d");
    if (canvas.width !== wide || canvas.height !== high) {
      [canvas.width, canvas.height] = [wide, high];
      canvas.style.width = `${this.wide}px`;
      canvas.style.height = `${this.height}px`;
    }
    pen.setTransform(ratio, 0, 0, ratio, 0, 0);
    pen.clearRect(0, 0, this.wide, this.height);
    pen.font = this.font;
    return pen;
  }

  drawLines() {
    const pen = this.pen(this.lines);
    const { across, up, height } = this;
    pen.save();
    pen.beginPath();
    pen.rect(across.low - 4, 0, across.high - across.low + 16, height);
    pen.clip();
    [pen.lineJoin, pen.lineCap] = ["round", "round"];
    for (const series of [...this.series].sort((a, b) => !!b.faint - !!a.faint)) {
      const path = pixelPath(series.xs, series.ys, across, up);
      pen.globalAlpha = series.faint ? (this.view.dark ? 0.55 : 0.4) : 1;
      pen.strokeStyle = pen.fillStyle = series.colour;
      pen.lineWidth = series.faint ? 1 : 2;
      pen.setLineDash(series.dash ?? []);
      stroke(pen, path);
      pen.setLineDash([]);
      if (!series.faint) this.drawSigns(pen, series, path);
    }
    pen.globalAlpha = 1;
    pen.restore();
    this.drawOdd(pen);
    this.drawMarks(pen);
  }

  /** The sign of a series at its end and here and there on its way: colour alone tells nothing. */
  drawSigns(pen, { sign, xs }, path) {
    if (xs.length <= (this.across.high - this.across.low) / 16) dots(pen, path);
    if (!sign) return;
    const nth = this.read.findIndex((series) => series.sign === sign);
    let next = this.across.low + 40 + 37 * nth;
    for (let i = 0; i < path.length; i += 2) {
      const end = i >= path.length - 2;
      if (path[i] < next && !end) continue;
      if (path[i + 1] === path[i + 1]) symbol(pen, sign, path[i], path[i + 1], this.view.tone("card"));
      while (next <= path[i]) next += 150;
    }
  }

  /** A cross at the upper edge where a number was not finite. */
  drawOdd(pen) {
    for (const series of this.series) {
      for (const x of oddPlaces(series).map((place) => this.across.pixel(place))) {
        const seen = x >= this.across.low && x <= this.across.high;
        if (seen) cross(pen, x, this.up.high, this.view.tone("bad"));
      }
    }
  }

  /** Lines across, with their words at the top: "fork", "stopped here". */
  drawMarks(pen) {
    for (const { x, text, tone = "quiet" } of this.options.marks ?? []) {
      const at = Math.round(this.across.pixel(x)) + 0.5;
      if (!(at >= this.across.low - 1 && at <= this.across.high + 1)) continue;
      pen.strokeStyle = pen.fillStyle = this.view.tone(tone);
      pen.lineWidth = 1.5;
      pen.setLineDash([4, 3]);
      pen.beginPath();
      pen.moveTo(at, this.up.high - 4);
      pen.lineTo(at, this.up.low);
      pen.stroke();
      pen.setLineDash([]);
      const half = this.textWidth(text) / 2;
      pen.textAlign = "center";
      pen.fillText(text, Math.min(Math.max(at, half + 1), this.wide - half - 1), 11);
    }
  }

  // ── what is under the cursor ──────────────────────────────────────────────────────────────────

  makeKeys() {
    this.outputs = [];
    const own = make("output", { class: "here" });
    const items = this.read.map(({ name, colour, sign, dash, faint }) => {
      const output = make("output", { "data-series": name });
      this.outputs.push(output);
      const sample = make("svg", { width: 26, height: 14, "aria-hidden": "true" },
        make("line", { x1: 1, x2: 25, y1: 7, y2: 7, stroke: colour, "stroke-width": faint ? 1 : 2, "stroke-dasharray": dash?.join(" ") }),
        sign ? make("text", { x: 13, y: 11, "text-anchor": "middle", style: `fill: ${colour}` }, sign) : "");
      return make("span", { class: "item" }, sample, make("span", {}, name), this.readout ? output : "");
    });
    this.here = own;
    this.keys.replaceChildren(...(this.readout ? [own] : []), ...items);
  }

  /** The value of each series at a step; undefined where it has none there. */
  values(x) {
    return this.read.map(({ xs, ys }) => {
      const i = placeOf(xs, x);
      return xs[i] === x ? ys[i] : undefined;
    });
  }

  /** "step 120: SGD 0.412, Adam 0.0412" */
  sentence(x = this.cursor.shown) {
    if (x === null) return "No values yet.";
    const values = this.values(x);
    const parts = this.read.map(({ name }, i) => [name, values[i]])
      .filter(([, value]) => value !== undefined).map(([name, value]) => `${name} ${number(value, 4)}`);
    return `${this.x || "step"} ${number(x)}: ${parts.join(", ") || "no value"}`;
  }

  drawOver() {
    if (!this.across) return;
    const pen = this.pen(this.over);
    const { shown: x, hover, at: stands, brush } = this.cursor;
    this.tell(x);
    if (brush) this.drawBrush(pen, brush);
    if (x === null || (hover === null && stands === null)) return;
    const at = this.across.pixel(x);
    if (!(at >= this.across.low - 1 && at <= this.across.high + 1)) return;
    pen.strokeStyle = this.view.tone("ink");
    pen.lineWidth = 1;
    pen.beginPath();
    pen.moveTo(Math.round(at) + 0.5, this.up.high - 4);
    pen.lineTo(Math.round(at) + 0.5, this.up.low);
    pen.stroke();
    this.values(x).forEach((value, i) => {
      const y = this.up.pixel(value);
      if (y === y) ring(pen, at, y, this.read[i].colour, this.view.tone("card"));
    });
  }

  drawBrush(pen, [from, to]) {
    pen.fillStyle = this.view.tone("accent");
    pen.globalAlpha = 0.16;
    pen.fillRect(from, this.up.high - 4, to - from, this.up.low - this.up.high + 4);
    pen.globalAlpha = 1;
  }

  /** The key and the slider say what is under the cursor. */
  tell(x) {
    const values = x === null ? [] : this.values(x);
    if (this.here) this.here.textContent = x === null ? "" : `${this.x || "step"} ${number(x)}`;
    this.outputs?.forEach((output, i) => {
      const value = values[i];
      output.textContent = value === undefined ? "–" : number(value, 4);
      output.dataset.value = value === undefined ? "" : exact(value, "float64");
    });
    this.element.dataset.at = x ?? "";
    const [from, to] = this.ends;
    this.plot.setAttribute("aria-valuemin", from);
    this.plot.setAttribute("aria-valuemax", to);
    this.plot.setAttribute("aria-valuenow", x ?? from);
    this.plot.setAttribute("aria-valuetext", this.sentence(x));
  }
}

export const CHART_STYLE = `
.chart { min-width: 0; }
.chart .top { display: flex; flex-wrap: wrap; align-items: center; gap: 2px 16px; min-height: 28px; }
.chart h4 { margin: 0; font-size: 13px; font-weight: 600; }
.chart h4 small { font-weight: 400; color: var(--quiet); margin-left: .5em; }
.chart .keys { display: flex; flex-wrap: wrap; gap: 0 14px; font-size: 13px; align-items: center; }
.chart .keys svg { vertical-align: -2px; margin-right: 4px; }
.chart .keys .item { white-space: nowrap; }
.chart .keys output { display: inline-block; min-width: 4.2em; margin-left: 5px; font-weight: 600; }
.chart .keys output.here { min-width: 6em; margin: 0; font-weight: 400; color: var(--quiet); }
.plot { position: relative; cursor: crosshair; touch-action: pan-y; border-radius: 4px; user-select: none; }
.plot canvas { position: absolute; inset: 0; pointer-events: none; }
.plot svg { position: absolute; inset: 0; overflow: visible; }
.plot .rule { stroke: var(--line); opacity: .7; } .plot .axis { stroke: var(--quiet); }
.plot svg text { fill: var(--quiet); }
.plot .nothing { fill: none; stroke: var(--quiet); stroke-dasharray: 4 4; opacity: .6; }
.chart .keys output.here:empty { display: none; }
`;
