// The playground's room: where each picture hangs, and how all are drawn for one moment of time.

import { SIGNS } from "../frame/colours.js";
import { choice, make } from "../frame/controls.js";
import { exact, number, percent } from "../frame/format.js";
import { hinted } from "./canvas.js";
import { Curve } from "./curve.js";
import { ForkRow, WaySign } from "./fork.js";
import { Heads } from "./layers.js";
import { Net, places, windowOf } from "./net.js";
import { Plane } from "./plane.js";
import { answer, formula } from "./readout.js";
import { pointsAt, pointsOf } from "./track.js";
import { NetPicture } from "./units.js";
import { promised, WeightPanel } from "./weight.js";

const [QUICK, FINE] = [48, 96]; // places across the plane: while pictures come fast, and at rest
const POINT = "Point at the plane, a unit or a line";
const TONES = { a: "forward", b: "loss" };

const rightOf = ({ accuracy }) => percent(accuracy, 1).replace(" ", "\u00a0");

export class Room {
  constructor({ view, on }) {
    Object.assign(this, { view, on, picked: null, unit: null, pen: "look", nets: new Map(),
      drawings: new WeakMap() });
    const { sets, known, worlds } = view.content;
    this.net = new NetPicture({ view, onPick: (flat) => this.pick(flat),
      onEnter: () => this.weight.focus(),
      onUnit: (unit) => this.lookAt(unit) });
    this.heads = new Heads({ view, onTurn: (hidden) => on.begin({ hidden }) });
    this.planes = Object.fromEntries(["a", "b"].map((name) => [name, new Plane({ view, name,
      onPlace: (place) => this.pointed(place, name),
      onDraw: (place, fresh) => this.draw(place, fresh, name) })]));
    this.curve = new Curve({ view, onMove: on.move, onLog: on.log });
    this.weight = new WeightPanel({ view, onApply: (value) => on.weigh(this.picked, value),
      onUndo: on.undo });
    this.fork = new ForkRow({ view, known, worlds, on });
    this.score = make("div", { class: "score" });
    this.readout = make("p", { class: "readout" });
    this.again = hinted("Again from the seed",
      "Compute this step once more from the seed, and compare every number", on.again);
    this.again.disabled = !view.live;
    this.signs = Object.fromEntries(["a", "b"].map((name) => [name,
      new WaySign({ view, name, tone: TONES[name],
      dash: name === "b", onKeep: on.keep, onLooks: on.looks })]));
    this.frames = ["a", "b"].map((name) => make("div", {}, this.planes[name].element,
      this.signs[name].element));
    this.pictures = make("div", { class: "planes" }, ...this.frames);
    this.pens = make("div", { class: "pens" });
    this.sets = new Map(sets.map((set) => [set.name, { ...set, points: pointsOf(set.x, set.y) }]));
    this.build();
  }

  build() {
    this.left = make("div", { class: "left" }, this.heads.layers, this.heads.element,
      this.net.element);
    this.right = make("div", { class: "right" }, this.score, this.pictures, this.pens,
      this.readout);
    this.below = make("div", { class: "below" },
      make("div", { class: "caption-row" }, make("h4", {}, "Loss, step by step"),
        this.curve.buttons, this.again), this.curve.element, this.fork.element);
    this.element = make("div", { class: "playroom" }, this.left, this.right, this.below,
      this.weight.element);
  }

  /** The pens: look, one for each class, and a rubber. */
  offerPens(classes) {
    const key = classes.join();
    if (this.penKey === key) return;
    this.penKey = key;
    const options = [{ value: "look", label: "look" },
      ...classes.map((name, c) => ({ value: String(c),
        label: `${SIGNS[c % SIGNS.length]} add ${name}` })),
      { value: "erase", label: "erase" }];
    const pens = choice({ label: "Pen", value: "look", options, disabled: !this.view.live,
      onInput: (pen) => this.take(pen) });
    this.pens.replaceChildren(pens.element);
    this.take("look");
  }

  /** Another pen. Only with one that draws, a finger on the plane does not scroll the page. */
  take(pen) {
    this.pen = pen;
    this.pictures.classList.toggle("drawing", pen !== "look");
  }

  // ── one moment ─────────────────────────────────────────────────────────────────────────────────

  /** `state`: the ways, the step that is shown, and whether pictures come fast now. */
  show(state) {
    this.state = state;
    const { ways, at, looks, dataset } = state;
    this.set = this.sets.get(dataset);
    this.classes = this.set.classes;
    this.window = this.set.window ??= windowOf(this.set.points.x1, this.set.points.x2);
    this.offerPens(this.classes);
    this.measure(Boolean(ways.b));
    const n = state.playing || state.quick ? QUICK : FINE;
    const shown = Object.entries(ways).filter(([, track]) => track).map(([name, track]) =>
      this.moment(name, track, at, n));
    this.now = shown.find(({ name }) => name === looks) ?? shown[0];
    this.shown = shown;
    this.picked = this.valid(this.picked) ?? this.steepest();
    this.showNet();
    this.showPlanes();
    this.showCurve();
    this.showWeight();
    this.tell();
  }

  /**
   * How wide the columns are; asked only when that may have changed, for an answer takes a
   * while.
   */
  measure(two) {
    if (this.widths && this.two === two) return;
    this.two = two;
    this.element.classList.toggle("two", two);
    this.widths = { left: this.left.clientWidth || 600, right: this.right.clientWidth || 400 };
  }

  /** All of one way at a step: its net, the frame, the answers of its units. */
  moment(name, track, at, n) {
    const sizes = [2, ...track.settings.hidden, this.classes.length];
    const net = this.netOf(sizes, track.settings.activation);
    const frame = track.at(at);
    const layers = net.forward(frame.weights, this.places(n));
    const scores = layers.at(-1);
    layers[layers.length - 1] = net.shares(scores);
    return { name, n, track, net, frame, layers, scores, points: this.pointsOf(track, frame.step) };
  }

  netOf(sizes, activation) {
    const key = `${sizes} ${activation}`;
    if (!this.nets.has(key)) this.nets.set(key, new Net(sizes, activation));
    return this.nets.get(key);
  }

  places(n) {
    this.set.places ??= {};
    return this.set.places[n] ??= places(this.window, n);
  }

  /** The points as they were at a step; found once for each stretch without a stroke of the pen. */
  pointsOf(track, step) {
    const { changes } = track;
    const count = changes.filter(([at]) => at <= step).length;
    if (!this.drawings.has(changes)) this.drawings.set(changes, new Map());
    const known = this.drawings.get(changes);
    if (!known.has(count)) known.set(count, pointsAt(this.set.points, changes, step));
    return known.get(count);
  }

  valid(flat) {
    return flat !== null && flat < this.now.net.count ? flat : null;
  }

  /** The weight whose gradient is largest: a good one to look at first. */
  steepest() {
    const { net, frame } = this.now;
    let best = 0;
    for (let flat = 0; flat < net.count; flat++) {
      const larger = Math.abs(frame.gradients[flat]) > Math.abs(frame.gradients[best]);
      if (larger && net.spot(flat).from >= 0) best = flat;
    }
    return best;
  }

  showNet() {
    const { net, n, frame, layers, track } = this.now;
    const wide = this.widths.left;
    if (this.net.net !== net || this.net.wide !== wide) this.net.plan(net, wide);
    this.net.classes = this.classes;
    this.net.show({ frame, layers, n, lines: this.view.choices.lines, picked: this.picked });
    this.heads.show({ hidden: track.settings.hidden, xs: this.net.units.map(([first]) => first.x),
      wide,
      activation: track.settings.activation, classes: this.classes });
  }

  showPlanes() {
    const two = this.shown.length > 1;
    this.frames[1].hidden = !two;
    const room = Math.min(this.widths.right, two ? Infinity : 420);
    const wide = Math.floor(two ? (room - 10) / 2 : room);
    for (const moment of this.shown) this.showPlane(moment, wide);
    for (const { name, track, frame } of this.shown) {
      const sign = this.signs[name];
      sign.element.hidden = !two;
      sign.show({ change: name === "b" ? track.changes.at(-1) : null,
        chosen: this.now.name === name,
        facts: `loss ${number(frame.loss)}, ${rightOf(frame)} right` });
    }
  }

  showPlane({ name, n, net, frame, layers, scores, points }, wide) {
    const wrong = net.wrong(frame.weights, points);
    const unit = name === this.now.name && this.unit && this.unit.layer < net.depth ? this.unit
      : null;
    const n2 = n * n;
    const values = unit && layers[unit.layer].subarray(unit.unit * n2, (unit.unit + 1) * n2);
    const field = unit ? { values, reach: this.net.reachOf(unit.layer) }
      : { p: layers.at(-1), scores };
    const label = `The plane at step ${frame.step}: ${points.y.length} points, ${rightOf(frame)} right`;
    this.planes[name].show({ field, n, classes: this.classes.length, points, wrong,
      window: this.window, wide, label });
    Object.assign(this.planes[name].element.dataset, { step: frame.step, points: points.y.length,
      wrong: wrong.filter(Boolean).length });
  }

  showCurve() {
    const { at, trouble } = this.state;
    const wide = this.widths.left;
    const tracks = this.shown.map(({ name, track }) => ({ name, track, tone: TONES[name],
      dash: name === "b" }));
    this.curve.show({ tracks, at, wide, high: 150, trouble });
    this.fork.show({ step: this.now.frame.step, settings: this.now.track.settings,
      forked: this.shown.length > 1 });
  }

  showWeight() {
    const { net, frame, points } = this.now;
    const wide = this.widths.right - 24;
    this.weight.show({ net, frame, points, flat: this.picked, wide, high: 138,
      canUndo: this.state.undo > 0, quick: this.state.playing || this.state.quick });
  }

  tell() {
    const { frame, track } = this.now;
    const { step, loss, accuracy } = frame;
    const fact = (name, value) => make("span", {}, `${name} `, make("b", {}, value));
    this.score.replaceChildren(fact("step", String(step)), fact("loss", number(loss)),
      fact("right", percent(accuracy, 1)));
    Object.assign(this.element.dataset, { step, loss: exact(loss, "float64"),
      accuracy: exact(accuracy),
      world: track.settings.world, way: this.now.name, last: track.last.step });
    this.read();
  }

  // ── pointing ───────────────────────────────────────────────────────────────────────────────────

  pick(flat) {
    this.picked = flat;
    const { net, frame } = this.now;
    this.net.picked = flat;
    this.net.drawOver();
    this.net.publish();
    this.showWeight();
    const [value, gradient] = [number(frame.weights[flat], 4), number(frame.gradients[flat])];
    this.view.say(`${net.named(flat).full} = ${value}, gradient ${gradient}.`);
  }

  /** The loss that the gradient promises for the value that was typed. */
  promise() {
    const { wanted, known } = this.weight;
    return wanted === null ? known.loss : promised(known, wanted);
  }

  lookAt(unit) {
    this.unit = unit;
    this.showPlanes();
    this.read();
  }

  pointed(place, name) {
    const plane = this.planes[name];
    this.place = place;
    this.net.markAt(place && plane.share);
    const others = Object.values(this.planes).filter((other) => other !== plane && other.window);
    for (const other of others) other.mark(place);
    this.read();
    if (place && plane.element.matches(":focus-visible")) this.view.say(this.readout.textContent);
  }

  draw(place, fresh, name) {
    if (this.pen === "look") {
      if (fresh && this.shown.length > 1) this.on.looks(name);
      return;
    }
    this.on.draw({ place, pen: this.pen, reach: this.window.reach, fresh });
  }

  /** What stands at the cursor: the net's answer there, or the formula of a unit. */
  read() {
    const { readout } = this;
    if (this.unit) readout.replaceChildren(...formula(this.now, this.unit, this.classes));
    else if (this.place) {
      const { p, words } = answer(this.now, this.place, this.classes);
      readout.replaceChildren(...words);
      readout.dataset.p = p.map((x) => exact(x)).join(",");
    } else readout.textContent = this.view.live
      ? `${POINT}. With a pen you can add points while it learns.`
      : `${POINT} to read its numbers.`;
  }
}
