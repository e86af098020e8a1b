// One convolution in slow motion: picture, kernel, answer, and the same on the way back.

import { make } from "../frame/controls.js";
import { KernelEditor } from "./kernel_editor.js";
import { PictureGrid } from "./picture_grid.js";
import { PictureTools, stroke } from "./picture_tools.js";
import { SlowControls } from "./slow_controls.js";
import { SlowPanel } from "./slow_panel.js";
import { sceneOf } from "./slow_scene.js";
import { explained } from "./slow_terms.js";
import { agreement, headings } from "./slow_words.js";

const LONGEST = 150; // frames of one slide

export class SlowMotion {
  constructor(view, net, state) {
    Object.assign(this, { view, net, state, channel: 0, at: null });
    const grid = (name, more = {}) =>
      new PictureGrid({
        view,
        name,
        label: name,
        onPoint: (index) => this.pointed(name, index),
        ...more,
      });
    this.grids = {
      x: grid("x", {
        pen: () => state.pen,
        onPaint: (...how) => stroke(net, ...how),
        onDrag: (at) => this.dragged(at),
      }),
      y: grid("y", { start: () => this.now.cell }),
      dx: grid("dx"),
      dy: grid("dy", { start: () => this.now.cell }),
    };
    const kernel = (name, onEdit) =>
      new KernelEditor({
        view,
        name,
        onEdit,
        onPoint: (index) => this.pointed(name, index),
        onChannel: (c) => this.turnTo(c),
      });
    this.kernels = { W: kernel("W", (index, value) => this.edit(index, value)), dW: kernel("dW") };
    this.tools = new PictureTools({ view, net, state, onPen: () => this.refresh() });
    this.controls = new SlowControls(view, net, () => this.play());
    this.panel = new SlowPanel({
      view,
      onTerm: (term) => this.lookAt(term),
      onChannel: (c) => this.turnTo(c),
    });
    this.build();
    view.until(() => this.stop());
  }

  build() {
    this.parts = Object.fromEntries(
      Object.entries({ ...this.grids, ...this.kernels }).map(([name, { element }]) => {
        const head = make("h4", {}, name, make("small"));
        return [
          name,
          {
            head,
            box: make(
              "div",
              { class: "array", "data-array": name },
              head,
              make("div", { class: "scroll" }, element),
            ),
          },
        ];
      }),
    );
    const column = (tools, ...names) =>
      make("div", { class: "slow-column" }, tools, ...names.map((name) => this.parts[name].box));
    this.note = make("p", { class: "note", hidden: true });
    this.element = make(
      "div",
      { class: "slow" },
      make(
        "div",
        { class: "slow-columns" },
        column(this.tools.element, "x", "dx"),
        column(this.controls.kernel, "W", "dW"),
        column(this.controls.sliding, "y", "dy"),
      ),
      this.note,
      this.panel.element,
    );
  }

  // ── what is on screen ──────────────────────────────────────────────────────────────────────────

  compute() {
    this.now = sceneOf(this.net, this.view.choices, this.channel);
    this.channel = this.now.channel ?? this.channel;
  }

  refresh() {
    this.stop();
    this.compute();
    const problem = this.now.problem ?? "";
    this.note.hidden = !problem;
    this.note.textContent = problem;
    this.element.classList.toggle("stuck", Boolean(problem));
    this.controls.sync(this.now);
    if (problem) return this.view.say(problem);
    const { x, W, y, dy, dx, dW, down, across } = this.now;
    this.tools.sync({ drawable: this.drawable });
    const frame = [down.padding, across.padding];
    this.size();
    this.grids.x.show(x, { frame });
    this.grids.y.show(y);
    const back = this.view.choices.way === "backward";
    this.element.classList.toggle("both", back);
    this.kernels.W.show(W, this.channel, W.facts.reach);
    if (back) {
      this.grids.dx.show(dx, { frame });
      this.kernels.dW.show(dW, this.channel, dW.facts.reach);
      this.grids.dy.show(dy);
    }
    this.headings();
    this.look(this.at ?? { place: "y", index: this.now.cell }, false);
  }

  /** The net sees what is drawn, so only its own picture can be drawn on. */
  get drawable() {
    const { point } = this.now;
    return point === null || this.net.replay.feeds[point].some(({ source }) => source === 0);
  }

  size() {
    const narrow = this.view.width < 700;
    const wide = narrow ? this.view.width - 10 : Math.floor((this.view.width - 320) / 2);
    for (const name of ["x", "dx", "y", "dy"]) this.grids[name].width = Math.min(wide, 400);
  }

  headings() {
    const told = headings(this.now, this.view.choices, this.drawable);
    for (const [name, text] of Object.entries(told))
      this.parts[name].head.lastChild.textContent = text;
  }

  // ── looking ────────────────────────────────────────────────────────────────────────────────────

  pointed(name, index) {
    if (this.now.problem) return undefined;
    if (!index) return this.look({ place: "y", index: this.now.cell }, false);
    if (name === "y" || name === "dy") this.moveTo(index.slice(1), name);
    else if (name === "x" || name === "dx") {
      const real = this.grids[name].real(index);
      if (real) this.look({ place: name, index: real });
      else this.onFrame();
    } else this.look({ place: name, index });
  }

  onFrame() {
    this.light({});
    this.panel.show({
      name: "frame",
      value: 0,
      total: null,
      terms: [],
      note: "Padding: always zero, so that windows can stand at the edge.",
    });
    this.view.say("The frame: always zero");
  }

  /** Move the window; with the gradient of one cell, that moves too. */
  moveTo(cell, place = "y") {
    this.at = null;
    this.view.choose({ cell });
    this.now.cell = [0, ...cell];
    if (this.view.choices.way === "backward" && this.view.choices.upstream === "one") {
      this.compute();
      this.grids.dy.show(this.now.dy);
      this.grids.dx.show(this.now.dx, { frame: this.grids.dx.frame });
      this.kernels.dW.show(this.now.dW, this.channel, this.now.dW.facts.reach);
    }
    this.look({ place, index: this.now.cell });
  }

  /** The window follows the pointer with its middle. */
  dragged(index) {
    if (this.now.problem) return;
    const { down, across, y } = this.now;
    const middle = [down, across].map((way, axis) => {
      const start = index[axis + 1] - Math.floor((way.dilation * (way.kernel - 1)) / 2);
      return Math.max(0, Math.min(y.shape[axis + 1] - 1, Math.round(start / way.stride)));
    });
    this.moveTo(middle);
  }

  look(at, say = true) {
    this.at = at.place === "y" || at.place === "dy" ? null : at;
    if (!fits(at.index, this.now[at.place]))
      return this.look({ place: "y", index: this.now.cell }, say);
    const told = explained(this.now, at.place, at.index);
    this.told = told;
    this.light(told.marks);
    this.panel.show(told, {
      channel: this.channel,
      check: agreement(this.net, this.now, this.view.choices, at),
      reach: { x: this.now.x.facts.reach, W: this.now.W.facts.reach },
    });
    this.element.dataset.at = `${at.place}:${at.index.join(",")}`;
    this.element.dataset.value = told.value;
    if (say) this.view.say(this.sentence);
  }

  /** What is looked at, in words, for the live region. */
  get sentence() {
    return this.now.problem || `${this.told.said}.`;
  }

  light(marks) {
    for (const [name, grid] of Object.entries(this.grids)) {
      const boxes = marks[name] ?? [];
      const [p, q] = grid.frame;
      const moved = ([c, r, s]) => [c, r + p, s + q];
      grid.mark(boxes.map((box) => ({ ...box, from: moved(box.from), to: moved(box.to) })));
    }
    for (const [name, kernel] of Object.entries(this.kernels)) kernel.light(marks[name] ?? []);
  }

  /** One product under the cursor: its two numbers, and nothing else. */
  lookAt(term) {
    if (!term) return this.light(this.told.marks);
    const marks = structuredClone(this.told.marks);
    for (const { place, index } of [term.left, term.right])
      marks[place] = [{ from: index, to: index, tone: "cursor" }];
    if (term.target) marks.y = [{ from: term.target, to: term.target, tone: "cursor" }];
    this.light(marks);
  }

  // ── changing ───────────────────────────────────────────────────────────────────────────────────

  edit([c, i, j], value) {
    const { W, point } = this.now;
    const data = Array.from(W.data);
    data[W.flat([c, i, j])] = value;
    const [C, h, w] = W.shape;
    const rows = (k) =>
      Array.from({ length: h }, (_, r) => data.slice((k * h + r) * w, (k * h + r + 1) * w));
    this.at = { place: "W", index: [c, i, j] };
    this.view.choose({
      kernel: point === null ? rows(0) : Array.from({ length: C }, (_, k) => rows(k)),
    });
  }

  turnTo(channel) {
    this.channel = channel;
    this.refresh();
    this.view.say(`Channel ${channel}.`);
  }

  // ── the slide ──────────────────────────────────────────────────────────────────────────────────

  /** Window after window, until the last; pressed again it stops. */
  play() {
    if (this.timer || this.now.problem) return this.stop();
    const { y } = this.now;
    const last = y.size - 1;
    if (this.view.calm) return this.moveTo(y.unflat(last).slice(1));
    const by = Math.max(1, Math.ceil(y.size / LONGEST));
    let k = 0;
    this.controls.playing(true);
    const tick = () => {
      this.grids.y.hatchFrom = k + 1;
      this.view.choices = { ...this.view.choices, cell: y.unflat(k).slice(1) };
      this.view.settle();
      this.now.cell = y.unflat(k);
      this.look({ place: "y", index: this.now.cell }, false);
      this.grids.y.point(this.now.cell);
      if (k >= last) return this.stop();
      k = Math.min(last, k + by);
    };
    this.timer = setInterval(tick, y.size < 100 ? 90 : 45);
    tick();
  }

  stop() {
    if (!this.timer) return;
    clearInterval(this.timer);
    this.timer = null;
    this.grids.y.hatchFrom = null;
    this.grids.y.drawOver();
    if (!this.grids.y.element.matches(":focus")) this.grids.y.point(null);
    this.controls.playing(false);
    this.view.choose({ cell: this.now.cell.slice(1) });
    this.view.say(`The slide stands still: ${this.sentence}`);
  }
}

const fits = (index, array) =>
  array && index.every((at, axis) => at >= 0 && at < array.shape[axis]);
