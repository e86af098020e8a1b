// Points in the plane on their way into noise and out of it: the data they came from as a shadow,
// the net's arrows, and one point with its whole path.

import { arrowScale } from "./noise_steps.js";
import { nearestExample } from "../plane/decoded.js";
import { arrow, path, PointsPlane } from "../plane/points.js";
import { sign } from "../frame/signs.js";

const RECENT = 9; // steps of the path that stand out

export class DenoisingPlane {
  /** `onFollow(i)`; `onStep(by)`, by ±1 or ±Infinity. */
  constructor({ view, data, onFollow, onStep }) {
    Object.assign(this, { view, data, onFollow, onStep, hovered: -1 });
    this.count = data.who.size;
    this.plane = new PointsPlane({
      view, name: "denoising", label: "Points in the plane",
      onPoint: (place) => this.hover(place), onPick: (place) => this.pick(place),
      onKey: (key) => this.key(key),
    });
    this.element = this.plane.element;
    if (data.field) this.scale = arrowScale(data.field.data);
  }

  size(wide) {
    this.plane.fit(this.data.frame, wide);
    const pen = this.plane.pen("still");
    const clean = this.data.forward;
    if (!clean) return;
    pen.fillStyle = this.view.tone("quiet");
    pen.globalAlpha = this.view.dark ? 0.4 : 0.3;
    for (let i = 0; i < this.count; i++) this.disc(pen, this.plane.pixel(placeIn(clean, 0, i)), 2);
    pen.globalAlpha = 1;
  }

  disc(pen, [x, y], radius) {
    pen.beginPath();
    pen.arc(x, y, radius, 0, 7);
    pen.fill();
  }

  /** `arrows`: (G, G, 2) or null; `clean`: the guess for the followed one; `last`: its step. */
  show(now) {
    this.now = now;
    const { moment, follow, arrows, clean, last } = now;
    const pen = this.plane.pen("over");
    const way = this.data[moment.phase];
    if (arrows) this.drawArrows(pen, arrows);
    this.drawPoints(pen, way, moment);
    this.drawPaths(pen, moment, follow);
    if (clean) this.drawGuess(pen, placeIn(way, moment.at, follow), clean);
    if (last) this.drawStep(pen, last, moment.phase);
    this.ring(pen, placeIn(way, moment.at, follow), 8, 2);
    if (this.hovered >= 0) this.ring(pen, placeIn(way, moment.at, this.hovered), 7, 1);
  }

  drawPoints(pen, way, { at, phase }) {
    const { plane, view, data } = this;
    const radius = plane.wide < 420 ? 2.4 : 3;
    pen.fillStyle = view.tone(phase);
    pen.globalAlpha = 0.72;
    for (let i = 0; i < this.count; i++) {
      const spot = plane.pixel(placeIn(way, at, i));
      if (!Number.isFinite(spot[0] + spot[1])) continue;
      if (!data.classes.length) this.disc(pen, spot, radius);
      else sign(pen, data.labels.data[i], ...spot, radius * 1.2, view.tone("card"));
    }
    pen.globalAlpha = 1;
  }

  /** Against the noise that the net sees: the way it thinks leads to the data. */
  drawArrows(pen, field) {
    const { plane, view, data: { frame: [left, right, bottom, top] } } = this;
    const cells = field.shape[0];
    const [dx, dy] = [(right - left) / (cells - 1), (top - bottom) / (cells - 1)];
    const one = (plane.across / (cells - 1)) * 0.85;
    const scale = this.scale ?? arrowScale(field.data);
    pen.strokeStyle = pen.fillStyle = view.tone("also");
    [pen.lineWidth, pen.lineCap, pen.globalAlpha] = [1.3, "round", 0.75];
    for (let row = 0; row < cells; row++) {
      for (let column = 0; column < cells; column++) {
        const at = 2 * (row * cells + column);
        const [u, v] = [-field.data[at], -field.data[at + 1]];
        const long = Math.hypot(u, v);
        if (!Number.isFinite(long)) continue;
        const part = (one * Math.min(long / scale, 1.1)) / (long || 1);
        const foot = plane.pixel([left + column * dx, bottom + row * dy]);
        arrow(pen, ...foot, u * part, -v * part, 4.5);
      }
    }
    pen.globalAlpha = 1;
  }

  /** The last steps stand out, the older ones fade; what is still to come is dotted. */
  drawPaths(pen, { phase, at }, follow) {
    const { view, data } = this;
    [pen.lineJoin, pen.lineCap] = ["round", "round"];
    for (const name of ["forward", "backward"]) {
      if (!data[name]) continue;
      const all = Array.from(data.when.data, (_, k) => placeIn(data[name], k, follow));
      const done = name === phase ? at + 1 : name === "forward" ? all.length : 0;
      this.line(pen, all.slice(0, done), view.tone(name), 1.2, 0.45);
      if (name !== phase) continue;
      this.line(pen, all.slice(Math.max(0, done - RECENT), done), view.tone(name), 2, 1);
      pen.setLineDash([1.5, 4]);
      this.line(pen, all.slice(Math.max(0, done - 1)), view.tone(name), 1.2, 0.6);
      pen.setLineDash([]);
    }
    if (!data.forward || phase === "forward") return;
    this.square(pen, this.plane.pixel(placeIn(data.forward, 0, follow)));
  }

  line(pen, places, colour, wide, alpha) {
    if (places.length < 2) return;
    [pen.strokeStyle, pen.lineWidth, pen.globalAlpha] = [colour, wide, alpha];
    path(pen, this.plane, places);
    pen.globalAlpha = 1;
  }

  /** The last step in its two parts: what was kept or taken out, and the noise that came. */
  drawStep(pen, { from, middle, to }, phase) {
    const [a, b, c] = [from, middle, to].map((place) => this.plane.pixel(place));
    pen.lineWidth = 2.2;
    for (const [[x, y], [u, v], tone] of [[a, b, phase], [b, c, "loss"]]) {
      pen.strokeStyle = pen.fillStyle = this.view.tone(tone);
      arrow(pen, x, y, u - x, v - y, 7);
    }
  }

  /** Where the point came from, long forgotten on its way back. */
  square(pen, [x, y]) {
    const { view } = this;
    [pen.strokeStyle, pen.fillStyle, pen.lineWidth] = [view.tone("forward"), view.tone("card"), 2];
    pen.fillRect(x - 4, y - 4, 8, 8);
    pen.strokeRect(x - 4, y - 4, 8, 8);
  }

  drawGuess(pen, from, to) {
    const { plane, view } = this;
    const [x, y] = plane.pixel(to);
    [pen.strokeStyle, pen.fillStyle, pen.lineWidth] = [view.tone("source"), view.tone("card"), 2];
    pen.setLineDash([5, 4]);
    path(pen, plane, [from, to]);
    pen.setLineDash([]);
    pen.beginPath();
    const corners = [[0, -7], [7, 0], [0, 7], [-7, 0]];
    corners.forEach(([dx, dy], i) => pen[i ? "lineTo" : "moveTo"](x + dx, y + dy));
    pen.closePath();
    pen.fill();
    pen.stroke();
  }

  ring(pen, place, radius, wide) {
    const [x, y] = this.plane.pixel(place);
    for (const [width, tone] of [[wide + 2, "card"], [wide, "ink"]]) {
      pen.beginPath();
      pen.arc(x, y, radius, 0, 7);
      [pen.strokeStyle, pen.lineWidth] = [this.view.tone(tone), width];
      pen.stroke();
    }
  }

  // ── pointer and keys ───────────────────────────────────────────────────────────────────────────

  nearest(place) {
    const way = this.data[this.now.moment.phase];
    const size = this.count * 2;
    const { at } = this.now.moment;
    return nearestExample(way.data.subarray(at * size, (at + 1) * size), this.data.frame, place);
  }

  hover(place) {
    const found = place ? this.nearest(place) : -1;
    if (found === this.hovered) return;
    this.hovered = found;
    this.show(this.now);
  }

  pick(place) {
    const found = this.nearest(place);
    if (found >= 0) this.onFollow(found);
  }

  key(key) {
    const by = { ArrowLeft: -1, ArrowRight: 1, Home: -Infinity, End: Infinity }[key];
    const turn = { ArrowUp: 1, ArrowDown: -1 }[key];
    if (by) this.onStep(by);
    else if (turn) this.onFollow((this.now.follow + turn + this.count) % this.count);
    return Boolean(by || turn);
  }
}

export function placeIn(way, at, i) {
  const k = (at * way.shape[1] + i) * 2;
  return [Number(way.data[k]), Number(way.data[k + 1])];
}
