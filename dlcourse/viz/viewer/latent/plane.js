// The plane of codes: the map of decoded pictures and the examples lie still; over them the walker,
// the example nearest to it, and the line from A to B.

import { ink, pictured } from "../frame/ink.js";
import { between, nearestExample, rounded } from "../plane/decoded.js";
import { PointsPlane } from "../plane/points.js";
import { sign, trace } from "../frame/signs.js";

const WAYS = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, 1], ArrowDown: [0, -1] };
const STEP = 1 / 60; // of the frame, for an arrow key; with Shift five times as much

export class LatentPlane {
  /** `data`: the view's content. `onWalk(place)`; `onChoose("start" | "end" | null, row)`. */
  constructor({ view, data, onWalk, onChoose }) {
    Object.assign(this, { view, data, onWalk, onChoose });
    this.plane = new PointsPlane({
      view, name: "latent",
      label: `Plane of codes: ${data.axes[0]} to the right, ${data.axes[1]} upwards`,
      names: data.axes,
      onPoint: (place) => place && onWalk(place), onPick: () => this.choose(null),
      onKey: (key, event) => this.key(key, event.shiftKey),
    });
    this.element = this.plane.element;
    const some = !view.live && data.kept && data.kept.size < data.labels.size;
    if (!some) return;
    const places = Array.from(data.kept.data, (row) => this.placeOf(row));
    this.sent = Float64Array.from(places.flat());
  }

  placeOf(row) {
    return [this.data.places.data[2 * row], this.data.places.data[2 * row + 1]];
  }

  /** Without a Python only those can be shown whose pictures were sent along. */
  nearest(place) {
    const { data } = this;
    if (!this.sent) return nearestExample(data.places.data, data.frame, place);
    const found = nearestExample(this.sent, data.frame, place);
    return found < 0 ? found : data.kept.data[found];
  }

  size(wide) {
    this.plane.fit(this.data.frame, wide, wide);
    this.drawStill();
  }

  drawStill() {
    const { data, plane, view } = this;
    const pen = plane.pen("still");
    const { show } = view.choices;
    const faint = view.dark ? 0.42 : 0.34;
    if (data.map && show !== "points") this.drawMap(pen, show === "both" ? faint : 1);
    if (show === "pictures") return;
    const count = data.labels.size;
    const radius = (count > 1500 ? 2.6 : count > 500 ? 3.4 : 4.6) * (plane.wide < 420 ? 0.85 : 1);
    const paper = view.tone("card");
    for (let i = 0; i < count; i++) {
      sign(pen, data.labels.data[i], ...plane.pixel(this.placeOf(i)), radius, paper);
    }
  }

  /** Behind points only some of the map's pictures, but large enough to be recognised. */
  drawMap(pen, alpha) {
    const { data: { map, size: [rows, cols], range }, plane } = this;
    const side = Math.round(Math.sqrt(map.shape[0]));
    const tile = [plane.across / side, plane.up / side];
    const stride = alpha < 1 ? Math.max(1, Math.ceil(44 / tile[0])) : 1;
    const first = Math.floor(((side - 1) % stride) / 2);
    const paint = ink(range, this.view.dark);
    pen.imageSmoothingEnabled = false;
    pen.globalAlpha = alpha;
    const [wide, high] = tile.map((n) => n * stride * (alpha < 1 ? 0.86 : 0.96));
    for (let row = first; row < side; row += stride) {
      for (let column = first; column < side; column += stride) {
        const from = (row * side + column) * rows * cols;
        const picture = pictured(map.data, from, [rows, cols], paint);
        const x = plane.room.left + (column + 0.5) * tile[0];
        const y = plane.room.top + (side - row - 0.5) * tile[1];
        pen.drawImage(picture, x - wide / 2, y - high / 2, wide, high);
      }
    }
    pen.globalAlpha = 1;
  }

  /** `start`, `end`, `near`: rows; `at`: the walker's place. */
  drawOver({ at, start, end, near, part }) {
    const { plane } = this;
    const pen = plane.pen("over");
    pen.lineCap = "round";
    const ends = [start, end].map((row) => plane.pixel(this.placeOf(row)));
    if (this.data.strip) this.drawWay(pen, ends, part);
    if (near >= 0) this.ring(pen, near);
    this.crosshair(pen, plane.pixel(at));
  }

  drawWay(pen, [a, b], part) {
    const { view } = this;
    for (const [wide, colour] of [[5, view.tone("card")], [2, view.tone("ink")]]) {
      [pen.lineWidth, pen.strokeStyle] = [wide, colour];
      pen.beginPath();
      pen.moveTo(...a);
      pen.lineTo(...b);
      pen.stroke();
    }
    this.disc(pen, between(a, b, part), 5, view.tone("ink"));
    this.letter(pen, a, "A");
    this.letter(pen, b, "B");
  }

  disc(pen, [x, y], radius, colour) {
    pen.beginPath();
    pen.arc(x, y, radius, 0, 7);
    [pen.fillStyle, pen.strokeStyle, pen.lineWidth] = [colour, this.view.tone("card"), 2];
    pen.fill();
    pen.stroke();
  }

  letter(pen, place, text) {
    this.disc(pen, place, 10, this.view.tone("ink"));
    pen.fillStyle = this.view.tone("card");
    pen.font = "700 12px system-ui, sans-serif";
    [pen.textAlign, pen.textBaseline] = ["center", "middle"];
    pen.fillText(text, place[0], place[1] + 0.5);
  }

  /** The nearest example stands out in its own colour, ringed. */
  ring(pen, row) {
    const [x, y] = this.plane.pixel(this.placeOf(row));
    const kind = this.data.labels.data[row];
    sign(pen, kind, x, y, 6, this.view.tone("card"));
    trace(pen, 0, x, y, 11);
    [pen.strokeStyle, pen.lineWidth] = [this.view.tone("ink"), 1.5];
    pen.stroke();
  }

  crosshair(pen, [x, y]) {
    for (const [wide, colour] of [[5, this.view.tone("card")], [2, this.view.tone("source")]]) {
      [pen.strokeStyle, pen.lineWidth] = [colour, wide];
      pen.beginPath();
      for (const [dx, dy] of [[1, 0], [-1, 0], [0, 1], [0, -1]]) {
        pen.moveTo(x + 5 * dx, y + 5 * dy);
        pen.lineTo(x + 15 * dx, y + 15 * dy);
      }
      pen.stroke();
    }
  }

  choose(which) {
    const row = this.nearest(this.view.choices.at);
    if (row >= 0) this.onChoose(which, row);
  }

  key(key, far) {
    const way = WAYS[key];
    if (way) {
      const [left, right, bottom, top] = this.data.frame;
      const [x, y] = this.view.choices.at;
      const step = STEP * (far ? 5 : 1);
      this.onWalk(this.kept([x + way[0] * step * (right - left),
        y + way[1] * step * (top - bottom)]));
    } else if (key === "Enter" || key === " ") this.choose(null);
    else if (key === "a" || key === "A") this.choose("start");
    else if (key === "b" || key === "B") this.choose("end");
    else if (key === "n" || key === "p") this.visit(key === "n" ? 1 : -1);
    else return false;
    return true;
  }

  kept([x, y]) {
    const [left, right, bottom, top] = this.data.frame;
    return [Math.min(right, Math.max(left, x)), Math.min(top, Math.max(bottom, y))].map(rounded);
  }

  /** Walk to the next example, as they stand in the array. */
  visit(by) {
    const { kept, labels } = this.data;
    const rows = this.sent ? Array.from(kept.data) : Array.from(labels.data, (_, i) => i);
    const here = rows.indexOf(this.nearest(this.view.choices.at));
    const row = rows[(here + by + rows.length) % rows.length];
    this.onWalk(this.placeOf(row).map(Number), row);
  }
}
