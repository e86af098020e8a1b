// The cursor of a chart: what is looked at, where it stands, how keys and pointer move it, and zoom.

import { nearest, placeOf } from "./scale.js";

const STILL = 4; // pixels: a pointer that moved less was a click

export class ChartCursor {
  constructor(chart, view) {
    this.chart = chart;
    [this.at, this.hover, this.window, this.brush] = [null, null, null, null];
    const { plot } = chart;
    view.listen(plot, "pointermove", (event) => this.pointed(event));
    view.listen(plot, "pointerleave", () => this.look(null));
    view.listen(plot, "pointerdown", (event) => this.grab(event));
    view.listen(plot, "dblclick", () => this.zoom(null));
    view.listen(plot, "keydown", (event) => this.key(event));
  }

  /** Under the pointer, else where the cursor stands, else the last step; null without any. */
  get shown() {
    return this.hover ?? this.at ?? (this.chart.empty ? null : this.chart.ends[1]);
  }

  /** The nearest x at which some series has a value. */
  stepAt(x) {
    const near = this.chart.read.map(({ xs }) => xs[nearest(xs, x)]).filter((found) => found !== undefined);
    return near.length ? near.reduce((a, b) => (Math.abs(b - x) < Math.abs(a - x) ? b : a)) : null;
  }

  /** The next x to the right (+1) or left (−1) at which some series has a value. */
  neighbour(x, way) {
    const all = this.chart.read.map(({ xs }) => {
      const i = placeOf(xs, x);
      return way > 0 ? xs[xs[i] === x ? i + 1 : i] : xs[i - 1];
    }).filter((found) => found !== undefined);
    return all.length ? (way > 0 ? Math.min(...all) : Math.max(...all)) : x;
  }

  /** Look at x without putting the cursor there; null looks away. */
  look(x, tell = true) {
    if (x === this.hover) return;
    this.hover = x;
    this.chart.drawOver();
    if (tell) this.chart.onPoint(x);
  }

  /** Stand at x without telling anybody. */
  stand(x) {
    this.at = x;
    this.chart.drawOver();
  }

  put(x) {
    if (x === null) return;
    this.hover = null;
    this.stand(x);
    this.chart.onPoint(x);
    this.chart.onPick(x);
  }

  pointed(event) {
    const { across } = this.chart;
    if (across && !this.dragging) this.look(this.stepAt(across.value(this.pixelOf(event))));
  }

  pixelOf({ clientX }) {
    const { plot, across } = this.chart;
    const x = clientX - plot.getBoundingClientRect().left;
    return Math.min(Math.max(x, across.low), across.high);
  }

  grab(event) {
    const { plot, across, scrub } = this.chart;
    if (event.button || !across) return;
    const start = this.pixelOf(event);
    const put = (at) => this.put(this.stepAt(across.value(at)));
    const to = (moved) => {
      const now = this.pixelOf(moved);
      this.dragging ||= Math.abs(now - start) > STILL;
      if (scrub) return put(now);
      if (!this.dragging) return;
      this.brush = [Math.min(start, now), Math.max(start, now)];
      this.chart.drawOver();
    };
    const heard = { pointermove: to, pointerup: (last) => drop(last), pointercancel: () => drop(null) };
    const drop = (last) => {
      for (const [name, hears] of Object.entries(heard)) plot.removeEventListener(name, hears);
      const range = this.brush?.map((pixel) => across.value(pixel));
      [this.dragging, this.brush] = [false, null];
      if (last && range) this.zoom(range);
      else if (last && !scrub) put(this.pixelOf(last));
      else this.chart.drawOver();
    };
    plot.setPointerCapture?.(event.pointerId);
    for (const [name, hears] of Object.entries(heard)) plot.addEventListener(name, hears);
    if (scrub) to(event);
  }

  /** Show only the steps in this range; null shows all. */
  zoom(range, tell = true) {
    const [first, last] = this.chart.ends;
    const [from, to] = range ?? [first, last];
    const least = this.chart.whole ? Math.min(last - first, 4) : (last - first) / 1e4;
    const middle = Math.min(Math.max((from + to) / 2, first + least / 2), last - least / 2);
    const half = Math.max((to - from) / 2, least / 2);
    const round = this.chart.whole ? Math.round : Number;
    const kept = [Math.max(first, round(middle - half)), Math.min(last, round(middle + half))];
    this.window = range && (kept[0] > first || kept[1] < last) ? kept : null;
    this.chart.draw();
    if (tell) this.chart.onZoom(this.window);
  }

  key(event) {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    const at = this.shown;
    const zooming = { "+": 0.5, "=": 0.5, "-": 2, "−": 2 }[event.key];
    const there = at === null ? undefined : this.jump(event.key, at);
    if (there === undefined && !zooming && event.key !== "0") return;
    event.preventDefault();
    event.stopPropagation();
    if (there !== undefined) return this.put(there);
    const [from, to] = this.chart.range;
    const half = (zooming * (to - from)) / 2;
    this.zoom(event.key === "0" || at === null ? null : [at - half, at + half]);
  }

  /** Where a key leads to; undefined for all other keys. */
  jump(key, at) {
    const [from, to] = this.chart.range;
    const page = (to - from) / 10;
    switch (key) {
      case "ArrowLeft": case "ArrowDown": return this.neighbour(at, -1);
      case "ArrowRight": case "ArrowUp": return this.neighbour(at, 1);
      case "PageUp": return this.stepAt(at + page);
      case "PageDown": return this.stepAt(at - page);
      case "Home": return this.stepAt(from);
      case "End": return this.stepAt(to);
      default: return undefined;
    }
  }
}
