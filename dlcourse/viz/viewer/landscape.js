// The loss landscape of a real net in a plane through weight space; optimizers race on one clock.

import { Chart, CHART_STYLE } from "./chart/chart.js";
import { button, choice, list, make } from "./frame/controls.js";
import { exact, number, percent } from "./frame/format.js";
import { instrument } from "./frame/instrument.js";
import { Clock, CLOCK_STYLE } from "./landscape/clock.js";
import { hue, tint } from "./landscape/colours.js";
import { LossMap, MAP_STYLE } from "./landscape/map.js";
import { clockSteps, leader, Racer } from "./landscape/race.js";
import { Reading, READING_STYLE } from "./landscape/reading.js";
import { Surface } from "./landscape/surface.js";

function draw(view) {
  const scene = new Landscape(view);
  return () => scene.clock.pause();
}

class Landscape {
  constructor(view) {
    this.view = view;
    this.map = new LossMap({ view, onPoint: (place) => this.point(place), onPick: (place) => this.pick(place) });
    this.reading = new Reading(view);
    this.table = make("div", { class: "scroll" });
    this.clockRow = make("div", { class: "clock" });
    this.side = make("div", { class: "side" });
    view.bar.append(...this.planeControls());
    this.note = make("div");
    view.stage.append(make("div", { class: "scene" }, this.map.element, this.side), this.clockRow, this.note);
    this.lay(view.content);
    view.redrawWith(() => this.show());
    view.tableOf(() => this.numbers());
    if (view.choices.place) this.pick(view.choices.place, false);
  }

  // ── the plane ───────────────────────────────────────────────────────────────────────────────────

  planeControls() {
    const { view } = this;
    const disabled = !view.live;
    const { plane, through, zoom } = view.choices;
    const again = (change) => { view.choose(change); this.ask(); };
    const of = (label, name, value, options) =>
      choice({ label, options, value, disabled, onInput: (wanted) => again({ [name]: wanted }) }).element;
    const nearer = (text, label, by) => {
      const made = button(text, () => again({ zoom: view.choices.zoom * by, place: null }), { label });
      made.disabled = disabled;
      return made;
    };
    const paths = view.content.paths.length || view.content.racers.length;
    return [
      paths ? of("Plane", "plane", plane, [{ value: "paths", label: "along the paths" }, { value: "random", label: "random" }]) : null,
      paths ? of("Through", "through", through, [{ value: "best", label: "best point" }, { value: "start", label: "start" }]) : null,
      make("span", { class: "control" }, make("span", {}, "Map"), nearer("−", "Wider: show more of the plane", 0.5), nearer("+", "Closer: show less of the plane", 2)),
      ...this.raceControls(),
    ].filter(Boolean);
  }

  raceControls() {
    const { racers } = this.view.content;
    if (!racers.length) return [];
    const disabled = !this.view.live;
    const name = list({ label: "Add", options: racers, value: racers[0], onInput: () => {}, disabled });
    const lr = make("input", { type: "number", value: "0.1", step: "any", min: "0", "aria-label": "Learning rate", disabled });
    const go = button("Race", () => this.race(name.select.value, lr.valueAsNumber), { label: "Train this one and let it race" });
    go.disabled = disabled;
    return [make("span", { class: "control race" }, name.element, make("span", {}, "learning rate"), lr, go)];
  }

  async ask() {
    const { plane, through, zoom } = this.view.choices;
    try {
      const laid = await this.view.ask("lay", { plane, through, zoom });
      if (laid) this.lay(laid);
    } catch (error) {
      this.complain(error);
    }
  }

  async race(name, lr) {
    try {
      if (!(lr > 0)) throw new Error("The learning rate must be a number above 0, such as 0.1.");
      const laid = await this.view.ask("race", { name, lr });
      if (!laid) return;
      this.content.paths = [...this.content.paths, laid];
      this.lay(this.content);
      this.go(0);
      this.clock.play();
    } catch (error) {
      this.complain(error);
    }
  }

  complain(error) {
    this.note.replaceChildren(make("p", { class: "note bad", role: "alert" }, error.message));
  }

  /** Draw a plane that was computed. */
  lay(content) {
    this.clock?.pause();
    this.content = content;
    this.surface = new Surface(content);
    this.racers = content.paths.map((path) => new Racer(path));
    this.steps = clockSteps(this.racers);
    this.view.root.dataset.plane = content.laid.plane;
    this.map.pinned = this.map.cursor = null;
    this.note.replaceChildren(...[this.view.needsPython("Another plane, or the exact loss of any place,")].filter(Boolean));
    this.buildSide();
    this.buildClock();
    this.show();
    this.reading.begin(this.surface);
    if (this.cuts) this.showCuts([0, 0]);
  }

  show() {
    const { view } = this;
    const narrow = view.width < 680;
    const wide = narrow ? view.width : Math.min(560, view.width * 0.55);
    this.map.racers = this.racers;
    this.map.step = this.step;
    this.map.show(this.surface, { wide, high: narrow ? wide * 1.15 : 500 }, this.content.shares);
    this.chart?.show(this.racers.map((racer, i) => ({ name: racer.name, xs: racer.steps, ys: racer.losses, ...hue(i) })),
      { log: this.surface.log });
    this.chart?.cursor.stand(this.step);
    this.showLegend();
    this.go(this.at, false);
  }

  showLegend() {
    const { surface, view } = this;
    const canvas = make("canvas", { class: "ramp", width: 160, height: 1, "aria-hidden": "true" });
    const pen = canvas.getContext("2d");
    for (let x = 0; x < 160; x++) {
      pen.fillStyle = `rgb(${tint(x / 159, view.dark).join(" ")})`;
      pen.fillRect(x, 0, 1, 1);
    }
    const places = surface.rows * surface.cols;
    view.foot.replaceChildren(
      make("span", { class: "legend", "data-least": surface.least, "data-most": surface.most, "data-log": surface.log },
        make("span", {}, `loss ${number(surface.least)}`), canvas, make("span", {}, number(surface.most)),
        surface.log ? make("span", {}, "log scale") : "",
        surface.odd ? make("span", {}, make("span", { class: "stripes", "aria-hidden": "true" }), ` not finite (${surface.odd} places)`) : ""),
      make("span", {}, `Computed at ${surface.cols} × ${surface.rows} = ${places.toLocaleString("en")} places; read between them.`));
  }

  // ── the clock ───────────────────────────────────────────────────────────────────────────────────

  get step() {
    return this.steps[this.at] ?? 0;
  }

  buildSide() {
    const parts = [this.reading.element];
    if (this.racers.length) {
      this.chart = new Chart({ view: this.view, name: "race", label: "Loss of the racers", height: 190, scrub: true,
        readout: false, onPick: (x) => this.go(this.steps.indexOf(x)) });
      parts.unshift(this.chart.element, this.table);
    } else {
      this.cuts = new Chart({ view: this.view, name: "cuts", label: "Two cuts through the map", x: "place along the direction", whole: false });
      parts.push(this.cuts.element);
    }
    this.side.replaceChildren(...parts);
  }

  buildClock() {
    const { step } = this.view.choices;
    const near = this.steps.findLastIndex((each) => each <= (step ?? Infinity));
    this.at = Math.max(0, near);
    this.clock = new Clock({ view: this.view, steps: this.steps, at: this.at, onMove: (at) => this.go(at), onRest: () => this.rest() });
    this.clockRow.replaceChildren(...this.clock.parts);
    this.clockRow.hidden = this.steps.length < 2;
  }

  /** The clock stands still: that is what the learner has set. */
  rest() {
    this.view.choose({ step: this.at === this.steps.length - 1 ? null : this.step });
  }

  /** All racers stand where they were at this place of the clock. */
  go(at, told = true) {
    if (at < 0 || !this.racers.length) return;
    this.at = at;
    this.map.step = this.step;
    this.map.drawOver();
    this.clock.show(at);
    this.chart.cursor.stand(this.step);
    this.showTable();
    this.view.root.dataset.step = this.step;
    if (!told) return;
    if (!this.clock.playing) this.rest();
    this.view.say(this.standing());
  }

  standing() {
    const each = this.racers.map((racer) => `${racer.name} loss ${number(racer.at(this.step).loss, 4)}`);
    const first = this.racers.length > 1 ? leader(this.racers, this.step) : null;
    return `Step ${this.step.toLocaleString("en")}: ${each.join(", ")}.${first ? ` ${first.name} leads.` : ""}`;
  }

  showTable() {
    const head = ["racer", "loss", "off plane", "seen"].map((text, i) => make("th", { scope: "col", class: i ? "" : "first" }, text));
    const rows = this.racers.map((racer, i) => {
      const { loss, off, exact: whole, over } = racer.at(this.step);
      const { colour, sign } = hue(i);
      const mark = whole ? "" : "≈ ";
      return make("tr", { "data-racer": racer.name, "data-loss": exact(loss, "float64"), "data-off": exact(off, "float64"), "data-exact": whole },
        make("th", { scope: "row" }, make("span", { class: "sign", style: `color: ${colour}`, "aria-hidden": "true" }, sign), ` ${racer.name}`,
          over ? make("small", {}, ` ended at ${racer.steps[racer.last].toLocaleString("en")}`) : ""),
        make("td", {}, mark + number(loss, 4)), make("td", {}, mark + number(off)),
        make("td", {}, racer.share === null ? "–" : percent(racer.share)));
    });
    const between = this.racers.some((racer) => !racer.at(this.step).exact);
    this.table.replaceChildren(make("table", { class: "racers" }, make("thead", {}, make("tr", {}, ...head)), make("tbody", {}, ...rows)),
      make("p", { class: "quiet" }, between ? "≈ between two key-frames, drawn straight. " : "",
        "A racer off the plane has another loss than the map below it. Seen: how much of its path lies along the plane."));
  }

  /** The loss along both directions through a place: for a map that nobody races on. */
  showCuts([a, b]) {
    const { surface } = this;
    const rows = [[surface.a, (x) => [x, b]], [surface.b, (x) => [a, x]]];
    this.cuts.show(rows.map(([axis, place], i) =>
      ({ name: `direction ${i + 1}`, xs: axis, ys: axis.map((x) => surface.loss(place(x))), ...hue(i) })), { log: surface.log });
  }

  // ── a place of the map ──────────────────────────────────────────────────────────────────────────

  point(place) {
    this.reading.point(place);
    if (this.cuts) this.showCuts(place ?? this.map.pinned ?? [0, 0]);
  }

  async pick(place, choose = true) {
    this.map.pinned = place;
    this.map.drawOver();
    if (this.cuts) this.showCuts(place);
    if (choose) this.view.choose({ place });
    try {
      await this.reading.keep(place);
    } catch (error) {
      this.complain(error);
    }
  }

  numbers() {
    const rows = this.racers.flatMap((racer) => racer.steps.map((step, i) =>
      [racer.name, number(step), number(racer.losses[i], 5), number(racer.off[i])]));
    if (rows.length) return { caption: "The racers at their key-frames", columns: ["racer", "step", "loss", "off the plane"], rows };
    const every = Math.max(1, Math.floor(this.surface.rows / 8));
    const kept = (axis) => [...axis].filter((_, i) => i % every === 0);
    return { caption: "Loss at places of the plane", columns: ["direction 2 ↓ 1 →", ...kept(this.surface.a).map((a) => number(a))],
      rows: kept(this.surface.b).reverse().map((b) => [number(b), ...kept(this.surface.a).map((a) => number(this.surface.loss([a, b])))]) };
  }
}

const STYLE = `
.scene { display: flex; flex-wrap: wrap; gap: 14px 22px; align-items: flex-start; }
.side { flex: 1 1 300px; min-width: 0; }
.side > * + * { margin-top: 10px; }
.racers { border-collapse: collapse; font-size: 13px; width: 100%; }
.racers th, .racers td { text-align: right; padding: 3px 6px; border-bottom: 1px solid var(--line); font-weight: 400; white-space: nowrap; }
.racers thead th { color: var(--quiet); } .racers th:first-child { text-align: left; padding-left: 0; }
.racers td { font-weight: 600; } .racers .sign { font-size: 15px; display: inline-block; width: 1.2em; }
.racers small { color: var(--quiet); }
.side .scroll p { margin: 6px 0 0; font-size: 13px; }
.race { flex-wrap: wrap; }
.race input { width: 6.5em; min-height: 28px; border: 1px solid var(--line); border-radius: 7px; background: var(--card); padding: 2px 6px; }
.choice input:disabled + span { opacity: .55; } .choice input:disabled { cursor: not-allowed; }
.stripes { display: inline-block; width: 22px; height: 12px; border-radius: 3px; vertical-align: -1px;
  background: repeating-linear-gradient(135deg, #c2187e 0 3px, var(--soft) 3px 8px); }
`;

export default instrument(draw, CHART_STYLE, CLOCK_STYLE, MAP_STYLE, READING_STYLE, STYLE);
