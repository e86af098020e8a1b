// A piece of the plane with axes: what lies still on one canvas, what moves on another over it.
// It translates between places (x to the right, y upwards) and pixels, and hears pointer and keys.

import { ticks } from "../chart/scale.js";
import { make } from "../frame/controls.js";

const BESIDE = { left: 38, bottom: 24, right: 6, top: 6 }; // pixels for the numbers of the axes
const NAMED = { ...BESIDE, bottom: 40, top: 22 };
const BARE = { left: 1, bottom: 1, right: 1, top: 1 };

export class PointsPlane {
  /**
   * `onPoint(place | null)`, `onPick(place)`; `onKey(key, event)` says whether it used the key.
   * `names`: of the axes, to the right and upwards; `bare` leaves their numbers out too.
   */
  constructor({ view, name, label, names, bare, onPoint = () => {}, onPick = () => {},
    onKey = () => false }) {
    Object.assign(this, { view, name, label, names, bare, onPoint, onPick, onKey });
    this.room = bare ? BARE : names ? NAMED : BESIDE;
    this.axes = make("svg", { "aria-hidden": "true" });
    [this.still, this.over] = [0, 1].map(() => make("canvas", { "aria-hidden": "true" }));
    this.element = make("div", { class: "points-plane", role: "application", tabindex: "0",
      "data-plane": name, "aria-label": label, "aria-roledescription": "plane with points" },
    this.axes, this.still, this.over);
    view.listen(this.element, "pointermove", (event) => this.onPoint(this.under(event)));
    view.listen(this.element, "pointerleave", () => this.onPoint(null));
    view.listen(this.element, "click", (event) => {
      this.element.focus({ preventScroll: true });
      this.onPick(this.under(event));
    });
    view.listen(this.element, "keydown", (event) => this.key(event));
  }

  /** Show the frame [left, right, bottom, top] so wide; the height follows if not given. */
  fit(frame, wide, high) {
    const [left, right, bottom, top] = frame;
    const { room } = this;
    const across = wide - room.left - room.right;
    const up = high ? high - room.bottom - room.top
      : Math.round((across * (top - bottom)) / (right - left));
    Object.assign(this, { frame, wide, high: up + room.bottom + room.top, across, up });
    this.element.style.width = `${wide}px`;
    this.element.style.height = `${this.high}px`;
    if (!this.bare) this.drawAxes();
  }

  pixel([x, y]) {
    const [left, right, bottom, top] = this.frame;
    return [this.room.left + ((x - left) / (right - left)) * this.across,
      this.room.top + ((top - y) / (top - bottom)) * this.up];
  }

  /** The place under a pixel, kept within the frame. */
  place(px, py) {
    const [left, right, bottom, top] = this.frame;
    const part = (p, span) => Math.min(1, Math.max(0, p / span));
    return [left + part(px - this.room.left, this.across) * (right - left),
      top - part(py - this.room.top, this.up) * (top - bottom)];
  }

  under(event) {
    const box = this.element.getBoundingClientRect();
    return this.place(event.clientX - box.left, event.clientY - box.top);
  }

  key(event) {
    if (event.ctrlKey || event.metaKey || event.altKey || !this.onKey(event.key, event)) return;
    event.preventDefault();
    event.stopPropagation();
  }

  /** A cleared pen for "still" or "over", that draws within the frame only. */
  pen(which) {
    const canvas = this[which];
    const ratio = window.devicePixelRatio || 1;
    const [wide, high] = [this.wide, this.high].map((n) => Math.round(n * ratio));
    if (canvas.width !== wide || canvas.height !== high) {
      [canvas.width, canvas.height] = [wide, high];
      canvas.style.width = `${this.wide}px`;
      canvas.style.height = `${this.high}px`;
    }
    const pen = canvas.getContext("2d");
    pen.setTransform(1, 0, 0, 1, 0, 0);
    pen.clearRect(0, 0, wide, high);
    pen.setTransform(ratio, 0, 0, ratio, 0, 0);
    pen.restore();
    pen.save();
    pen.beginPath();
    pen.rect(this.room.left, this.room.top, this.across, this.up);
    pen.clip();
    return pen;
  }

  drawAxes() {
    const [left, right, bottom, top] = this.frame;
    const { room: { left: margin, top: above }, names } = this;
    const floor = above + this.up;
    const line = (x1, y1, x2, y2) => make("line", { x1, y1, x2, y2, class: "axis" });
    const text = (x, y, anchor, words) => make("text", { x, y, "text-anchor": anchor }, words);
    const titles = names ? [text(margin + this.across / 2, floor + 34, "middle", names[0]),
      text(margin - 4, above - 8, "start", names[1])] : [];
    const across = ticks(left, right, Math.max(2, this.across / 90)).map((tick) => {
      const [x] = this.pixel([tick.value, bottom]);
      return [line(x, floor, x, floor + 4), text(x, floor + 17, "middle", tick.text)];
    });
    const up = ticks(bottom, top, Math.max(2, this.up / 70)).map((tick) => {
      const [, y] = this.pixel([left, tick.value]);
      return [line(margin - 4, y, margin, y), text(margin - 7, y + 4, "end", tick.text)];
    });
    const edge = { x: margin - 0.5, y: above - 0.5, width: this.across + 1, height: this.up + 1 };
    this.axes.setAttribute("width", this.wide);
    this.axes.setAttribute("height", this.high);
    this.axes.replaceChildren(make("rect", { ...edge, class: "edge" }), ...across.flat(), ...up.flat(), ...titles);
  }
}

/** An arrow by its foot and its way in pixels; a way too short for a head is a dot. */
export function arrow(pen, x, y, dx, dy, head = 5) {
  const long = Math.hypot(dx, dy);
  pen.beginPath();
  if (long < 1.5) {
    pen.arc(x, y, 1.2, 0, 7);
    pen.fill();
    return;
  }
  const [ux, uy, h] = [dx / long, dy / long, Math.min(head, long * 0.6)];
  const [tx, ty] = [x + dx, y + dy];
  pen.moveTo(x, y);
  pen.lineTo(tx - ux * h * 0.7, ty - uy * h * 0.7);
  pen.stroke();
  pen.beginPath();
  pen.moveTo(tx, ty);
  pen.lineTo(tx - ux * h - uy * h * 0.55, ty - uy * h + ux * h * 0.55);
  pen.lineTo(tx - ux * h + uy * h * 0.55, ty - uy * h - ux * h * 0.55);
  pen.fill();
}

/** A line through places of the plane. */
export function path(pen, plane, places) {
  pen.beginPath();
  places.forEach((place, i) => pen[i ? "lineTo" : "moveTo"](...plane.pixel(place)));
  pen.stroke();
}

export const PLANE_STYLE = `
.points-plane { position: relative; border-radius: 6px; cursor: crosshair;
  touch-action: manipulation; user-select: none;
  max-width: 100%; }
.points-plane > * { position: absolute; inset: 0; pointer-events: none; }
.points-plane svg text { fill: var(--quiet); }
.points-plane .axis { stroke: var(--quiet); }
.points-plane .edge { fill: none; stroke: var(--line); }
`;
