// Denoising: data on their way into noise and out of it again, on one time line.

import { Chart, CHART_STYLE } from "./chart/chart.js";
import { SIGNS } from "./frame/colours.js";
import { make, tick } from "./frame/controls.js";
import { FORMULA_STYLE, stepOf, StepFormula } from "./denoising/formula.js";
import { DenoisingPictures, PICTURES_STYLE } from "./denoising/pictures.js";
import { DenoisingPlane, placeIn } from "./denoising/plane.js";
import { number, percent, place as written, plural } from "./frame/format.js";
import { INK_STYLE, inkLegend } from "./frame/ink.js";
import { instrument } from "./frame/instrument.js";
import { Legend } from "./frame/legend.js";
import { cleaned, momentAt, momentsOf } from "./denoising/noise_steps.js";
import { Player, PLAYER_STYLE } from "./frame/player.js";
import { PLANE_STYLE } from "./plane/points.js";
import { colourOf } from "./frame/signs.js";
import { Timeline, TIMELINE_STYLE } from "./frame/timeline.js";

class Denoising {
  constructor(view) {
    this.view = view;
    const data = this.data = view.content;
    this.flat = data.forward ? data.forward.shape.length === 3 : data.backward.shape.length === 3;
    this.ways = ["forward", "backward"].filter((name) => data[name]);
    this.moments = momentsOf(this.ways, data.when.data, data.steps);
    this.line = new Timeline({ view, moments: this.moments, onMove: (at) => this.go(at),
      label: "Steps of noise" });
    this.player = new Player({ view, count: this.moments.length, where: () => this.at,
      go: (at) => this.go(at) });
    const onFollow = (i) => view.choose({ follow: data.who.data[i] });
    const onStep = (by) => this.go(Math.max(0, Math.min(this.moments.length - 1, this.at + by)));
    this.picture = this.flat ? new DenoisingPlane({ view, data, onFollow, onStep })
      : new DenoisingPictures({ view, data, onFollow, onPixel: (at) => this.pixelChosen(at) });
    this.formula = new StepFormula();
    this.title = make("p", { class: "now-line" });
    if (data.left) this.chart = this.makeChart();
    this.build();
  }

  build() {
    const { view, data } = this;
    view.bar.append(this.line.element, this.player.element);
    const canSee = data.field || (data.asks_field && view.live);
    if (data.field || data.asks_field) {
      this.arrows = tick({ label: "arrows: where the net thinks the data lie",
        value: view.choices.arrows, disabled: !canSee,
        onInput: (arrows) => view.choose({ arrows }) });
      view.bar.append(this.arrows.element);
    }
    const side = make("div", { class: "side" }, this.chart?.element ?? "", this.formula.element);
    view.stage.append(this.title, make("div", { class: `denoising ${this.flat ? "flat" : ""}` },
      this.picture.element, side),
      data.asks_field && !view.live && !data.field ? view.needsPython("The field of arrows") : "");
    if (data.odd) view.stage.prepend(make("p", { class: "note bad" }, data.odd));
    view.foot.append(...(this.flat ? this.keys() : this.legend()));
  }

  keys() {
    const key = (kind, sign, text) => make("span", {},
      make("span", { class: `mark ${kind}`, "aria-hidden": "true" }, sign), ` ${text}`);
    const classes = this.data.classes.map((name, kind) => make("span", {},
      make("span", { "aria-hidden": "true", style: `color: ${colourOf(kind)}` }, SIGNS[kind % 10]),
      ` ${name}`));
    const { forward, backward, guesses, left } = this.data;
    return [...classes, ...this.pointKeys(key), key("ring", "◯", "followed, with its path"),
      forward ? key("shadow", "●", "the data") : "",
      forward && backward ? key("from", "□", "where it came from") : "",
      guesses && left ? key("guess", "◇", "where the net thinks it came from") : ""];
  }

  /** Points without a class have the colour of the way they go. */
  pointKeys(key) {
    if (this.data.classes.length) return [];
    const says = { forward: "points, as noise is added", backward: "points, as the net takes noise out" };
    return this.ways.map((way) => key(way, "●", says[way]));
  }

  legend() {
    const legend = new Legend(this.view);
    const drawn = () => legend.show(3);
    this.view.redrawWith(drawn);
    drawn();
    const [low, high] = this.data.range;
    const shades = inkLegend(`${number(low)} or less`, `${number(high)} or more`);
    return [shades, this.data.guesses ? legend.element : ""];
  }

  makeChart() {
    const { view, data } = this;
    const levels = [0, ...Array.from(data.left.data, (_, t) => t + 1)];
    const kept = levels.map((level) => (level ? Math.sqrt(data.left.data[level - 1]) : 1));
    const chart = new Chart({ view, name: "schedule", label: "How much of the data is left",
      x: "noise steps", height: 168,
      scrub: true, onPick: (level) => this.toLevel(level) });
    this.series = () => [
      { name: "data, √ᾱ", colour: view.tone("forward"), xs: levels, ys: kept },
      { name: "noise, √(1 − ᾱ)", colour: view.tone("loss"), dash: [6, 4], xs: levels,
        ys: kept.map((k) => Math.sqrt(1 - k * k)) },
    ];
    return chart;
  }

  /** To this much noise, in the phase where one stands. */
  toLevel(level) {
    const { way } = this.view.choices;
    this.go(momentAt(this.moments, way, way === "forward" ? level : this.data.steps - level));
  }

  get at() {
    return momentAt(this.moments, this.view.choices.way, this.view.choices.step);
  }

  get moment() {
    return this.moments[this.at];
  }

  /** Which of those that were sent is followed: the nearest to the wanted one. */
  get follow() {
    const { data: who } = this.data.who;
    const wanted = this.view.choices.follow;
    let best = 0;
    for (let i = 0; i < who.length; i++) {
      if (Math.abs(who[i] - wanted) < Math.abs(who[best] - wanted)) best = i;
    }
    return best;
  }

  go(at) {
    const { phase, step } = this.moments[at];
    this.view.choose({ way: phase, step });
  }

  pixelChosen(index) {
    this.pixel = index;
    this.showFormula();
    if (index) this.view.say(this.formula.sentence);
  }

  // ── what is on screen now ──────────────────────────────────────────────────────────────────────

  show() {
    const { data, view, moment, follow } = this;
    this.line.show(this.at);
    const clean = this.flat ? this.cleanPlace(moment, follow) : null;
    const last = this.flat ? this.lastStep(moment, follow) : null;
    this.picture.show({ moment, follow, clean, last, arrows: this.arrowsNow(moment) });
    this.showTitle(moment);
    this.showFormula();
    if (this.chart) this.chart.cursor.stand(moment.level);
    Object.assign(this.picture.element.dataset, { way: moment.phase, step: moment.step,
      follow: data.who.data[follow] });
    if (this.flat) {
      const [x, y] = placeIn(data[moment.phase], moment.at, follow);
      Object.assign(this.picture.element.dataset, { x, y });
    }
    view.say(this.sentence(moment, follow));
  }

  showTitle(moment) {
    const { data: { steps, left } } = this;
    const forward = moment.phase === "forward";
    const name = forward ? "Forward: noise is added" : "Backward: the net takes noise out";
    const share = left && moment.level ? left.data[moment.level - 1] : 1;
    const rest = !forward ? `, as noisy as step ${moment.level} forward`
      : left ? `, ${percent(share)} of the variance is still the data's` : "";
    const out = this.flat ? this.outside(moment) : 0;
    this.title.replaceChildren(make("b", {}, `${name}.`),
      ` Step ${moment.step} of ${steps}${rest}.`,
      out ? ` ${plural(out, "point")} outside of the picture.` : "");
  }

  outside({ phase, at }) {
    const [left, right, bottom, top] = this.data.frame;
    let out = 0;
    for (let i = 0; i < this.data.who.size; i++) {
      const [x, y] = placeIn(this.data[phase], at, i);
      if (!(x >= left && x <= right && y >= bottom && y <= top)) out++;
    }
    return out;
  }

  /** The followed point's last step in its two parts; null where its numbers are not known. */
  lastStep(moment, follow) {
    const [across, up] = [0, 1].map((axis) => stepOf(this.data, moment, follow * 2 + axis));
    if (!across || !up) return null;
    const middle = (step) => step.mean ?? step.keep * step.before;
    return { from: [across.before, up.before], middle: [middle(across), middle(up)],
      to: [across.after, up.after] };
  }

  sentence(moment, follow) {
    const { data } = this;
    const phase = moment.phase === "forward" ? "Forward" : "Backward";
    const head = `${phase} ${moment.step} of ${data.steps}`;
    const { left } = data;
    const kept = left && (moment.level ? Math.sqrt(left.data[moment.level - 1]) : 1);
    const parts = left ? ` Amount of data ${number(kept)}, of noise ${number(Math.sqrt(1 - kept * kept))}.` : "";
    const who = data.who.data[follow];
    if (!this.flat) return `${head}: picture ${who}.${parts}`;
    const way = data[moment.phase];
    const at = (k) => `(${placeIn(way, k, follow).map((x) => number(x)).join(", ")})`;
    const from = moment.at > 0 ? `, before at ${at(moment.at - 1)}` : "";
    return `${head}: point ${who} at ${at(moment.at)}${from}.${parts}`;
  }

  showFormula() {
    const { data, moment, follow } = this;
    const way = data[moment.phase];
    const [size, who] = [way.size / way.shape[0] / way.shape[1], data.who.data[follow]];
    if (this.flat) {
      const cells = ["x1", "x2"].map((name, axis) => ({ name, cell: follow * 2 + axis }));
      return this.formula.show(data, moment, `The step of point ${who}`, cells);
    }
    const [, , rows, cols] = way.shape;
    const [r, c] = this.pixel ?? [Math.floor(rows / 2), Math.floor(cols / 2)];
    return this.formula.show(data, moment, `The step of pixel ${written([r, c])}, picture ${who}`,
      [{ name: "", cell: follow * size + r * cols + c }]);
  }

  /** Where the net thinks this point was before all noise. */
  cleanPlace({ phase, at, level }, follow) {
    const { guesses, left, backward } = this.data;
    if (phase !== "backward" || !guesses || !left) return null;
    if (level === 0 || at >= guesses.shape[0]) return null;
    const [x, seen] = [placeIn(backward, at, follow), placeIn(guesses, at, follow)];
    return x.map((value, axis) => cleaned(left.data[level - 1], value, seen[axis]));
  }

  /** The field that Python is asked for, or the recorded one; none where there is no noise. */
  arrowsNow({ level }) {
    const { data, view } = this;
    if (!view.choices.arrows || level === 0) return null;
    if (!data.asks_field || !view.live) {
      const at = data.field ? data.field_at.data.indexOf(level - 1) : -1;
      return at < 0 ? null : slice(data.field, at);
    }
    if (this.asked?.level === level) return this.asked.field;
    view.ask("field", { t: level - 1 }).then((field) => {
      if (!field) return;
      this.asked = { level, field };
      if (this.moment.level === level) this.show();
    }, (error) => view.say(error.message));
    return null;
  }

  size() {
    const wide = this.view.width;
    const two = wide >= 760;
    if (this.flat) this.picture.size(Math.min(560, two ? Math.round(wide * 0.52) : wide));
    else this.picture.resize(two ? wide * 0.54 : wide);
    if (this.chart) this.chart.show(this.series(), { range: [0, 1.04] });
    this.show();
  }
}

function slice(stack, at) {
  const size = stack.size / stack.shape[0];
  return { data: stack.data.subarray(at * size, (at + 1) * size), shape: stack.shape.slice(1) };
}

function draw(view) {
  const denoising = new Denoising(view);
  view.onChoice(() => denoising.show());
  view.redrawWith(() => denoising.size());
  denoising.size();
  return () => denoising.player.stop();
}

const STYLE = `
.denoising { display: grid; grid-template-columns: minmax(0, 54fr) minmax(0, 46fr); gap: 20px;
  align-items: start; }
.denoising.flat { grid-template-columns: auto minmax(0, 1fr); }
.denoising .side { display: grid; gap: 14px; min-width: 0; }
.now-line { margin: 0 0 10px; }
.mark.ring, .mark.from { color: var(--ink); font-weight: 700; }
.mark.guess { color: var(--source); font-weight: 700; }
.mark.from, .mark.forward { color: var(--forward); } .mark.backward { color: var(--backward); }
.mark.shadow { opacity: .5; }
@container (max-width: 790px) {
  .denoising, .denoising.flat { grid-template-columns: minmax(0, 1fr); }
}
`;

export default instrument(draw, TIMELINE_STYLE, CHART_STYLE, PLANE_STYLE, INK_STYLE,
  PICTURES_STYLE, FORMULA_STYLE, PLAYER_STYLE, STYLE);
