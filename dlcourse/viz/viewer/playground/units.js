// The net itself: each unit shows what it answers over the whole plane, each line is a weight.

import { CLASSES, css, painter, palette, SIGNS } from "../frame/colours.js";
import { make } from "../frame/controls.js";
import { exact, number } from "../frame/format.js";
import { fontOf, sized } from "./canvas.js";
import { onto, shade } from "./paint.js";
import { bow, distance, neighbour, unitPlaces } from "./places.js";

const FINE = 24; // cells across a unit's picture
const NEAR = 7; // pixels from a line that still mean the line

export class NetPicture {
  /** `onEnter()`: to type a value; `onUnit({ layer, unit } | null)`: under the cursor. */
  constructor({ view, onPick, onEnter, onUnit }) {
    Object.assign(this, { view, onPick, onEnter, onUnit, hovered: null });
    this.canvas = make("canvas", { "aria-hidden": "true" });
    this.over = make("canvas", { class: "over", "aria-hidden": "true" });
    this.tag = make("div", { class: "tag", hidden: true, "aria-hidden": "true" });
    this.element = make("div", { class: "netpic", role: "application", tabindex: "0",
      "aria-roledescription": "net of weights" }, this.canvas, this.over, this.tag);
    this.small = document.createElement("canvas");
    view.listen(this.element, "pointermove", (event) => this.pointed(event));
    view.listen(this.element, "pointerleave", () => this.hover(null));
    view.listen(this.element, "click", (event) => this.clicked(event));
    view.listen(this.element, "keydown", (event) => this.key(event));
  }

  /** The places of everything, for a net and a width. */
  plan(net, wide) {
    this.net = net;
    const narrow = wide < 460;
    const room = narrow ? { high: 300, most: 40 } : { high: 440, most: 60 };
    Object.assign(this, unitPlaces(net.sizes, wide, room));
    this.wide = wide;
    this.hovered = null;
    this.bows = Array.from({ length: net.count }, (_, flat) => {
      const { layer, to, from } = net.spot(flat);
      return from < 0 ? null : bow(this.units[layer - 1][from], this.units[layer][to]);
    });
    this.element.setAttribute("aria-label",
      `The net, ${net.sizes.join(" to ")} units, ${net.count} weights: arrow keys lead through them`);
  }

  /** Draw a frame: its weights and gradients, and the answers of all units on an n × n grid. */
  show({ frame, layers, n, lines, picked }) {
    Object.assign(this, { frame, layers, n, lines, picked, reaches: [] });
    this.numbers = lines === "gradients" ? frame.gradients : frame.weights;
    this.reach = 0;
    for (const x of this.numbers) if (Math.abs(x) > this.reach) this.reach = Math.abs(x);
    const pen = sized(this.canvas, this.wide, this.high);
    this.drawLines(pen);
    this.units.forEach((column, layer) =>
      column.forEach((place, unit) => this.drawUnit(pen, layer, unit, place)));
    this.drawOver();
    this.publish();
  }

  drawLines(pen) {
    this.bows.forEach((curve, flat) => curve && this.drawLine(pen, flat, curve));
  }

  /** Thick for a large number, dashed for one below zero. */
  drawLine(pen, flat, curve, strong = false) {
    const { minus, plus, odd } = palette(this.view.dark);
    const x = this.numbers[flat];
    const t = this.reach > 0 ? Math.sqrt(Math.min(Math.abs(x) / this.reach, 1)) : 0;
    pen.strokeStyle = Number.isFinite(x) ? (x < 0 ? minus[3] : plus[3]) : odd;
    pen.globalAlpha = strong ? 1 : 0.12 + 0.78 * t;
    pen.lineWidth = (this.net.count > 700 ? 0.5 : 1) * (0.5 + 4 * t * t) + (strong ? 0.5 : 0);
    pen.setLineDash(x < 0 ? [5, 3.5] : []);
    trace(pen, curve);
    pen.globalAlpha = 1;
    pen.setLineDash([]);
  }

  drawUnit(pen, layer, unit, { x, y, size }) {
    const [left, top, dark] = [x - size / 2, y - size / 2, this.view.dark];
    this.paintUnit(layer, unit);
    pen.save();
    pen.beginPath();
    pen.roundRect(left, top, size, size, Math.min(7, size / 4));
    pen.clip();
    pen.imageSmoothingEnabled = true;
    pen.drawImage(this.small, left, top, size, size);
    pen.restore();
    pen.strokeStyle = this.view.tone("line");
    pen.lineWidth = 1;
    pen.beginPath();
    pen.roundRect(left, top, size, size, Math.min(7, size / 4));
    pen.stroke();
    if (layer > 0 && size >= 16) this.drawBias(pen, layer, unit, left, top + size);
    if (size < 24) return;
    pen.font = fontOf(this.view, 12);
    pen.fillStyle = dark ? "#e9edf3" : "#1d222b";
    pen.textAlign = "center";
    if (layer === 0) pen.fillText(`x${unit + 1}`, x, top + size + 14);
    if (layer === this.net.depth) {
      pen.fillText(`${SIGNS[unit % SIGNS.length]} ${this.classes[unit]}`, x, top + size + 14);
    }
  }

  drawBias(pen, layer, unit, left, bottom) {
    const value = this.numbers[this.net.flat({ layer, to: unit, from: -1 })];
    const box = this.biasBox(left, bottom);
    pen.fillStyle = css(value, { reach: this.reach, dark: this.view.dark });
    pen.strokeStyle = this.view.tone("quiet");
    pen.beginPath();
    pen.rect(...box);
    pen.fill();
    pen.stroke();
  }

  biasBox(left, bottom) {
    return [left - 4, bottom - 6, 9, 9];
  }

  /** One unit's answers, so many of the grid's places, onto the small canvas. */
  paintUnit(layer, unit) {
    const { n, small } = this;
    const values = this.layers[layer].subarray(unit * n * n, (unit + 1) * n * n);
    const paint = this.paintOf(layer, unit);
    onto(small, FINE, (row, col) => paint(values[at(row, n) * n + at(col, n)]));
  }

  /** Signed colours for what units answer; a class's own colour for how likely it is. */
  paintOf(layer, unit) {
    const dark = this.view.dark;
    if (layer === this.net.depth) return shade(CLASSES[unit % CLASSES.length], dark);
    return painter({ reach: this.reachOf(layer), dark });
  }

  reachOf(layer) {
    if (this.reaches[layer] !== undefined) return this.reaches[layer];
    const values = this.layers[layer];
    let reach = 0;
    for (let at = 0; at < values.length; at++) {
      const size = Math.abs(values[at]);
      if (size > reach && size < Infinity) reach = size;
    }
    this.reaches[layer] = reach;
    return reach;
  }

  // ── marks over it ──────────────────────────────────────────────────────────────────────────────

  drawOver() {
    const pen = sized(this.over, this.wide, this.high);
    const here = this.hovered?.flat;
    const other = here !== undefined && here !== this.picked;
    if (other) this.markWeight(pen, here, this.view.tone("also"));
    if (this.picked !== null) this.markWeight(pen, this.picked, this.view.tone("cursor"));
    if (this.place) this.markPlace(pen);
  }

  markWeight(pen, flat, colour) {
    const { layer, to, from } = this.net.spot(flat);
    const { x, y, size } = this.units[layer][to];
    pen.strokeStyle = colour;
    pen.lineWidth = 2.5;
    if (from < 0) {
      const [left, top, w, h] = this.biasBox(x - size / 2, y + size / 2);
      return pen.strokeRect(left - 2, top - 2, w + 4, h + 4);
    }
    const t = this.reach > 0 ? Math.abs(this.numbers[flat]) / this.reach : 0;
    for (const [casing, room] of [[colour, 6], [this.view.tone("card"), 3]]) {
      pen.strokeStyle = casing;
      pen.lineWidth = 0.5 + 4 * Math.min(t, 1) + room;
      trace(pen, this.bows[flat]);
    }
    this.drawLine(pen, flat, this.bows[flat], true);
    pen.strokeStyle = colour;
    pen.lineWidth = 2.5;
    for (const unit of [this.units[layer - 1][from], this.units[layer][to]]) {
      pen.beginPath();
      pen.roundRect(unit.x - size / 2, unit.y - size / 2, size, size, Math.min(7, size / 4));
      pen.stroke();
    }
  }

  /** The same place of the plane, in the picture of every unit: [0 … 1, 0 … 1]. */
  markPlace(pen) {
    const [u, v] = this.place;
    for (const { x, y, size } of this.units.flat()) {
      const [cx, cy] = [x + (u - 0.5) * size, y + (v - 0.5) * size];
      for (const [tone, wide] of [["card", 3.5], ["cursor", 1.5]]) {
        pen.strokeStyle = this.view.tone(tone);
        pen.lineWidth = wide;
        pen.beginPath();
        pen.arc(cx, cy, Math.max(2, size / 12), 0, 7);
        pen.stroke();
      }
    }
  }

  markAt(place) {
    this.place = place;
    this.drawOver();
  }

  publish() {
    const { element, net, frame, picked } = this;
    element.dataset.step = frame.step;
    element.dataset.reach = exact(this.reach);
    if (picked === null) return;
    element.dataset.weight = net.named(picked).full;
    element.dataset.value = exact(frame.weights[picked]);
    element.dataset.gradient = exact(frame.gradients[picked]);
  }

  // ── pointing ───────────────────────────────────────────────────────────────────────────────────

  /** What is there: { layer, unit }, { flat } or null. */
  under(x, y) {
    for (const [layer, column] of this.units.entries()) {
      for (const [unit, place] of column.entries()) {
        const [left, bottom] = [place.x - place.size / 2, place.y + place.size / 2];
        const [bx, by, w, h] = this.biasBox(left, bottom);
        const onBias = x >= bx - 5 && x <= bx + w + 2 && y >= by - 2 && y <= by + h + 5;
        if (layer > 0 && place.size >= 16 && onBias) {
          return { flat: this.net.flat({ layer, to: unit, from: -1 }) };
        }
        const away = Math.max(Math.abs(x - place.x), Math.abs(y - place.y));
        if (away <= place.size / 2) return { layer, unit };
      }
    }
    let [best, flat] = [NEAR, -1];
    this.bows.forEach((curve, at) => {
      const away = curve ? distance(curve, x, y) : Infinity;
      if (away < best) [best, flat] = [away, at];
    });
    return flat < 0 ? null : { flat };
  }

  pointed(event) {
    const { left, top } = this.element.getBoundingClientRect();
    this.cursor = [event.clientX - left, event.clientY - top];
    this.hover(this.under(...this.cursor));
  }

  hover(found) {
    if (JSON.stringify(found) === JSON.stringify(this.hovered)) return;
    const wasUnit = this.hovered?.unit !== undefined;
    this.hovered = found;
    this.element.style.cursor = found ? "pointer" : "default";
    this.showTag();
    this.drawOver();
    if (found?.unit !== undefined) this.onUnit(found);
    else if (wasUnit) this.onUnit(null);
  }

  /** The number of the line under the cursor, beside the cursor. */
  showTag() {
    const flat = this.hovered?.flat;
    this.tag.hidden = flat === undefined || !this.cursor;
    if (this.tag.hidden) return;
    this.tag.replaceChildren(make("b", {}, this.net.named(flat).full),
      ` = ${number(this.frame.weights[flat])}`,
      make("span", {}, `gradient ${number(this.frame.gradients[flat])}`));
    const [x, y] = this.cursor;
    const aside = x > this.wide / 2 ? `right:${this.wide - x + 14}px` : `left:${x + 14}px`;
    this.tag.style.cssText = `top:${Math.max(0, y - 56)}px;${aside}`;
  }

  clicked(event) {
    this.pointed(event);
    if (this.hovered?.flat !== undefined) this.onPick(this.hovered.flat);
    else if (this.hovered?.layer > 0) {
      this.onPick(this.net.flat({ layer: this.hovered.layer, to: this.hovered.unit, from: -1 }));
    }
  }

  key(event) {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    const enters = event.key === "Enter" || event.key === " ";
    const there = enters ? this.picked : neighbour(this.net, this.picked ?? 0, event.key);
    if (there === null) return;
    event.preventDefault();
    event.stopPropagation();
    if (enters) this.onEnter();
    else this.onPick(there);
  }
}

/** The place of the grid that lies under a cell of the small canvas. */
const at = (cell, n) => Math.floor(((cell + 0.5) * n) / FINE);

function trace(pen, [x0, y0, ...rest]) {
  pen.beginPath();
  pen.moveTo(x0, y0);
  pen.bezierCurveTo(...rest);
  pen.stroke();
}
