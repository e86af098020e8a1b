// The stepper: one training step of any net, number by number, forward and back.

import { choice, make, tick } from "./frame/controls.js";
import { number } from "./frame/format.js";
import { FORMULA_STYLE } from "./stepper/formula_panel.js";
import { instrument } from "./frame/instrument.js";
import { Legend } from "./frame/legend.js";
import { RAIL_STYLE, Rail } from "./trace/rail.js";
import { counted, moments } from "./trace/moments.js";
import { Inspector } from "./stepper/inspector.js";
import { Sheet, SHEET_STYLE } from "./stepper/sheet.js";
import { SOURCE_STYLE, SourcePanel } from "./stepper/source.js";
import { Timeline, TIMELINE_STYLE } from "./frame/timeline.js";
import { adopted, firstOdd, labels, leaves } from "./trace/trace.js";

class Stepper {
  constructor(view) {
    this.view = view;
    this.traces = view.content.traces.map(adopted);
    this.beside = (view.content.beside ?? []).map(adopted);
    this.moments = moments(this.traces);
    this.line = new Timeline({ view, moments: this.moments, onMove: (at) => view.choose({ at, cell: null }) });
    this.rail = new Rail({ view, trace: this.traces[0], onPick: (at) => this.goTo(at) });
    this.legend = new Legend(view);
    this.inspector = new Inspector(this);
    this.sheet = new Sheet(this);
    this.source = new SourcePanel(this);
    this.main = make("div", { class: "main" }, this.sheet.element, this.inspector.element, this.source.element);
    view.bar.append(this.line.element, ...this.settings());
    view.stage.append(make("div", { class: "stepper" }, this.rail.element, this.main));
    view.foot.append(this.legend.element);
    const lacking = view.content.proves && view.needsPython("Proving a gradient, or trying another weight,");
    if (lacking) view.foot.append(lacking);
    this.warn();
    view.onChoice((changes) => this.chosen(changes));
    view.redrawWith(() => {
      const looked = this.inspector.formula && this.inspector.where;
      this.sheet.roomy = null;
      this.show();
      if (looked) this.inspector.again(looked);
    });
    view.tableOf(() => this.sheet.table());
    this.show();
  }

  settings() {
    const { view } = this;
    const range = choice({
      label: "Colours", options: [{ value: "array", label: "per array" }, { value: "layer", label: "per layer" }, { value: "net", label: "whole net" }],
      value: view.choices.range, onInput: (value) => view.choose({ range: value }),
    });
    const log = tick({ label: "gradients on a log scale", value: view.choices.log, onInput: (value) => view.choose({ log: value }) });
    const parts = [range.element, log.element];
    if (this.source.any) {
      parts.push(tick({ label: "code", value: view.choices.code, onInput: (code) => view.choose({ code }) }).element);
    }
    if (this.beside.length) {
      const [one, other] = view.content.names;
      this.which = choice({
        label: "Show", options: [one, other, "difference"], value: view.choices.show, onInput: (show) => view.choose({ show }),
      });
      parts.unshift(this.which.element);
    }
    return parts;
  }

  /** The first number that is not finite is named before anybody has to search for it. */
  warn() {
    const odd = firstOdd(this.traces[0]);
    if (!odd) return;
    const name = labels(this.traces[0])[odd.at];
    const how = { inputs: `comes into ${name}`, params: `is a weight of ${name}`, outputs: `is made by ${name}` }[odd.place.split(".")[0]];
    this.view.stage.prepend(make("p", { class: "note bad", "data-odd": name },
      `The first number that is not finite ${how}; what is computed from it is spoilt.`));
  }

  get moment() {
    return this.moments[this.view.choices.at] ?? this.moments.at(-1);
  }

  /** The step of the trace where we are; at the loss, the last layer. */
  get place() {
    return this.moment.at ?? leaves(this.traces[this.moment.pass]).at(-1);
  }

  get trace() {
    return this.traces[this.moment.pass];
  }

  /** The layer was chosen: stay in the phase if it takes part in it. */
  goTo(place) {
    const { phase, pass } = this.moment;
    const fits = (wanted) => this.moments.findIndex((moment) =>
      moment.at === place && moment.pass === pass && moment.phase === wanted);
    const at = fits(phase) >= 0 ? fits(phase) : fits("forward");
    this.view.choose({ at, cell: null });
  }

  chosen(changes) {
    if ("at" in changes) this.line.show(this.view.choices.at);
    this.show();
    if (changes.cell) this.inspector.sayPinned();
  }

  /** Has this step answered yet, and has its gradient come, at the moment where we are? */
  state(place) {
    const { at } = this.view.choices;
    const pass = this.moment.pass;
    const reached = (phase) => this.moments.findIndex((moment) =>
      moment.phase === phase && moment.at === place && moment.pass === pass);
    const back = reached("backward");
    if (back >= 0 && back <= at) return "back";
    return reached("forward") <= at ? "answered" : "waiting";
  }

  show() {
    this.line.show(this.view.choices.at);
    this.rail.show(this.moment.at, this.moment.phase, (place) => this.state(place));
    this.inspector.clear();
    this.sheet.show();
    this.inspector.show(this.view.choices.cell);
    this.source.show();
    this.view.say(this.sentence());
  }

  /** "Backward 3 of 7: fc2, Linear. Largest gradient of W: 0.12 at [1, 3]." */
  sentence() {
    const { at } = this.view.choices;
    const { phase, label } = this.moment;
    const begin = counted(this.moments, at);
    if (phase === "loss") return `Loss: ${number(this.trace.loss, 4)}, from the answer of ${labels(this.trace)[this.place]}.`;
    const step = this.trace.steps[this.place];
    return `${begin}: ${label}, ${step.kind}. ${this.sheet.headline()}`;
  }
}

export default instrument((view) => { new Stepper(view); },
  TIMELINE_STYLE, RAIL_STYLE, FORMULA_STYLE, SHEET_STYLE, SOURCE_STYLE);
