// The plane of the duel: the judge's belief as a field, real points and fakes on it, and arrows.

import { painter } from "../frame/colours.js";
import { usualLength } from "./phases.js";
import { nearestExample } from "../plane/decoded.js";
import { zeroLine } from "../plane/border.js";
import { arrow, PointsPlane } from "../plane/points.js";
import { trace } from "../frame/signs.js";

const [LONGEST, USUAL, HEIGHT] = [48, 30, 38]; // pixels of arrows

export class DuelPlane {
  /** `onFollow(i)`; `onPhase(by)`, `onRound(by)`, `onEnd(first)`. */
  constructor({ view, data, onFollow, onKey }) {
    Object.assign(this, { view, data, onFollow, onKey });
    this.plane = new PointsPlane({
      view, name: "duel", label: "Real points, fakes, and the judge's belief",
      onPick: (place) => this.pick(place), onKey: (key) => this.key(key),
    });
    this.element = this.plane.element;
    this.usual = usualLength(data.rounds);
  }

  size(wide) {
    this.plane.fit(this.data.frame, wide);
  }

  /** `round`, `phase`, `follow`; `t` from 0 to 1 while fakes are on their way. */
  show(now) {
    this.now = now;
    this.drawField();
    this.drawOver(now.t);
  }

  // ── the judge's belief ─────────────────────────────────────────────────────────────────────────

  drawField() {
    const { round, phase } = this.now;
    const pen = this.plane.pen("still");
    const learned = ["field", "push", "move"].includes(phase);
    const field = learned ? round.after : round.before;
    pen.globalAlpha = phase === "noise" || phase === "make" ? 0.3 : 0.8;
    this.heat(pen, field);
    pen.globalAlpha = 1;
    if (phase === "field") this.border(pen, round.before, [5, 5]);
    this.border(pen, field, []);
  }

  /** Each number is the belief in one place; between them the browser blends. */
  heat(pen, field) {
    const { plane, view } = this;
    const cells = field.shape[0];
    const paint = painter({ reach: 0.5, dark: view.dark });
    const image = new ImageData(cells, cells);
    const pixels = new Uint32Array(image.data.buffer);
    for (let row = 0; row < cells; row++) {
      for (let column = 0; column < cells; column++) {
        pixels[(cells - 1 - row) * cells + column] = paint(field.data[row * cells + column] - 0.5);
      }
    }
    const small = this.small ??= document.createElement("canvas");
    [small.width, small.height] = [cells, cells];
    small.getContext("2d").putImageData(image, 0, 0);
    const [dx, dy] = [plane.across / (cells - 1), plane.up / (cells - 1)];
    pen.imageSmoothingEnabled = true;
    pen.drawImage(small, plane.room.left - dx / 2, plane.room.top - dy / 2, dx * cells, dy * cells);
  }

  /** Where the judge is undecided. */
  border(pen, field, dash) {
    const { plane, view } = this;
    const cells = field.shape[0];
    const [dx, dy] = [plane.across / (cells - 1), plane.up / (cells - 1)];
    const x = (column) => plane.room.left + column * dx;
    const y = (row) => plane.room.top + plane.up - row * dy;
    pen.beginPath();
    const lead = Array.from(field.data, (belief) => belief - 0.5);
    for (const [x1, y1, x2, y2] of zeroLine(lead, cells)) {
      pen.moveTo(x(x1), y(y1));
      pen.lineTo(x(x2), y(y2));
    }
    pen.setLineDash(dash);
    [pen.strokeStyle, pen.lineWidth] = [view.tone("ink"), dash.length ? 1.3 : 1.8];
    pen.stroke();
    pen.setLineDash([]);
  }

  /** Each mode has the number that its bar bears; it stands outside of the ring of modes. */
  numbers(pen) {
    const { plane, view, data: { modes } } = this;
    const count = modes.shape[0];
    const all = Array.from({ length: count }, (_, k) => plane.pixel(at(modes.data, k)));
    const middle = [0, 1].map((axis) => all.reduce((sum, place) => sum + place[axis], 0) / count);
    pen.font = "600 12px system-ui, sans-serif";
    [pen.textAlign, pen.textBaseline, pen.lineJoin] = ["center", "middle", "round"];
    all.forEach(([x, y], k) => {
      const [dx, dy] = [x - middle[0], y - middle[1]];
      const far = 28 / (Math.hypot(dx, dy) || 1);
      const spot = far > 1 ? [x, y - 28] : [x + dx * far, y + dy * far];
      [pen.strokeStyle, pen.lineWidth, pen.fillStyle] = [view.tone("card"), 4, view.tone("ink")];
      pen.strokeText(k + 1, ...spot);
      pen.fillText(k + 1, ...spot);
    });
  }

  // ── points and arrows ──────────────────────────────────────────────────────────────────────────

  drawOver(t = 1) {
    const { round, phase, follow } = this.now;
    const pen = this.plane.pen("over");
    const fakes = this.fakesNow(t);
    if (phase === "learn") this.drawLessons(pen, round);
    if (phase === "push") this.drawPush(pen, round);
    this.drawReal(pen, round, phase);
    if (phase === "make" && round.noise?.shape[1] === 2) this.ways(pen, round.noise, fakes);
    if (phase === "move") this.ways(pen, round.fakes, fakes);
    if (phase === "noise") this.drawNoise(pen, round);
    else this.drawFakes(pen, fakes, round, phase);
    const places = phase !== "noise" ? fakes : round.noise?.shape[1] === 2 ? round.noise.data : null;
    const spot = places && at(places, follow);
    if (spot) this.ring(pen, this.plane.pixel(spot));
    if (this.data.modes) this.numbers(pen);
  }

  /** Where the fakes are: on their way while they are made, and while they move. */
  fakesNow(t) {
    const { round, phase } = this.now;
    const flat = round.noise?.shape[1] === 2;
    if (phase === "move") return mixed(round.fakes.data, round.moved.data, t);
    return phase === "make" && flat ? mixed(round.noise.data, round.fakes.data, t)
      : round.fakes.data;
  }

  drawReal(pen, round, phase) {
    const { view } = this;
    pen.globalAlpha = phase === "noise" || phase === "make" ? 0.35 : 1;
    const beliefs = phase === "judge" ? round.says_real.data : null;
    this.marks(pen, round.real.data, 0, 3.4, view.tone("ink"), beliefs);
    pen.globalAlpha = 1;
  }

  drawFakes(pen, fakes, round, phase) {
    const beliefs = phase === "judge" ? round.says_fakes.data : null;
    this.marks(pen, fakes, 1, 4, this.view.tone("source"), beliefs);
  }

  drawNoise(pen, round) {
    if (round.noise?.shape[1] !== 2) return;
    this.marks(pen, round.noise.data, 3, 3.2, this.view.tone("quiet"), null);
  }

  /** Marks of one kind; with beliefs, filled are those that the judge takes for real. */
  marks(pen, places, kind, radius, colour, beliefs) {
    const paper = this.view.tone("card");
    for (let i = 0; i < places.length / 2; i++) {
      const [x, y] = this.plane.pixel(at(places, i));
      if (!Number.isFinite(x + y)) continue;
      const hollow = beliefs && !(beliefs[i] > 0.5);
      trace(pen, kind, x, y, radius);
      [pen.strokeStyle, pen.lineWidth] = [paper, hollow ? 4 : 2.4];
      pen.stroke();
      pen.fillStyle = hollow ? paper : colour;
      pen.fill();
      if (!hollow) continue;
      [pen.strokeStyle, pen.lineWidth] = [colour, 1.6];
      pen.stroke();
    }
  }

  ways(pen, from, to) {
    [pen.strokeStyle, pen.lineWidth, pen.globalAlpha] = [this.view.tone("source"), 1, 0.5];
    pen.beginPath();
    for (let i = 0; i < to.length / 2; i++) {
      pen.moveTo(...this.plane.pixel(at(from.data, i)));
      pen.lineTo(...this.plane.pixel(at(to, i)));
    }
    pen.stroke();
    pen.globalAlpha = 1;
  }

  /** The slope of the judge's loss in its score: belief − 1 for a real point, belief for a fake. */
  drawLessons(pen, round) {
    const lesson = (places, beliefs, wanted) => {
      for (let i = 0; i < beliefs.length; i++) {
        this.arrow(pen, at(places, i), [0, -(wanted - beliefs[i]) * HEIGHT]);
      }
    };
    lesson(round.real.data, round.says_real.data, 1);
    lesson(round.fakes.data, round.says_fakes.data, 0);
  }

  drawPush(pen, round) {
    for (let i = 0; i < round.fakes.data.length / 2; i++) {
      const [dx, dy] = at(round.dfakes.data, i);
      const long = Math.hypot(dx, dy);
      if (!(long > 0)) continue;
      const part = Math.min((long / this.usual) * USUAL, LONGEST) / long;
      this.arrow(pen, at(round.fakes.data, i), [-dx * part, dy * part]);
    }
  }

  /** On a rim of paper, so that it is seen on every belief. */
  arrow(pen, foot, way) {
    const [x, y] = this.plane.pixel(foot);
    if (!Number.isFinite(x + y)) return;
    pen.lineCap = "round";
    for (const [tone, wide, head] of [["card", 3.6, 8], ["ink", 1.6, 6]]) {
      pen.strokeStyle = pen.fillStyle = this.view.tone(tone);
      pen.lineWidth = wide;
      arrow(pen, x, y, ...way, head);
    }
  }

  ring(pen, [x, y]) {
    for (const [wide, tone] of [[4.5, "card"], [2, "ink"]]) {
      pen.beginPath();
      pen.arc(x, y, 9, 0, 7);
      [pen.strokeStyle, pen.lineWidth] = [this.view.tone(tone), wide];
      pen.stroke();
    }
  }

  pick(place) {
    const found = nearestExample(this.fakesNow(1), this.data.frame, place);
    if (found >= 0) this.onFollow(found);
  }

  key(key) {
    const turn = { ArrowUp: 1, ArrowDown: -1 }[key];
    if (!turn) return this.onKey(key);
    const count = this.now.round.fakes.shape[0];
    this.onFollow((this.now.follow + turn + count) % count);
    return true;
  }
}

const at = (places, i) => [places[2 * i], places[2 * i + 1]];

function mixed(from, to, t) {
  return t >= 1 ? to : Float32Array.from(to, (x, i) => from[i] + t * (x - from[i]));
}
