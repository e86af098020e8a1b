// A recurrent net reads a text: unrolled in time, gate by gate, and back again with the loss.

import { choice, list, make } from "./frame/controls.js";
import { exact, number } from "./frame/format.js";
import { HEAT_STYLE } from "./frame/heat.js";
import { instrument } from "./frame/instrument.js";
import { Legend } from "./frame/legend.js";
import { explain } from "./sequence/formula.js";
import { Lanes, LANES_STYLE } from "./sequence/lanes.js";
import { proofs, PROOF_STYLE } from "./tokens/proofs.js";
import { REACH_STYLE } from "./sequence/reach.js";
import { isThere, momentsOf, Story } from "./sequence/story.js";
import { stackHeight } from "./tokens/unroll.js";
import { TermPanel, TERM_STYLE } from "./tokens/term_panel.js";
import { Timeline, TIMELINE_STYLE } from "./frame/timeline.js";
import { spoken, visible } from "./tokens/text.js";

const PANEL = 316; // pixels of the panel beside the lanes, where there is room for both

class Sequence {
  constructor(view) {
    this.view = view;
    this.story = new Story(view.content);
    this.lanes = new Lanes({ view, onCell: (cell) => this.pointed(cell),
      onPick: (t, j) => this.picked(t, j) });
    this.panel = new TermPanel({ view, hint: "", onTerm: (term) => this.mark(term ? [term]
      : this.formula.terms) });
    this.legend = new Legend(view);
    this.proofs = make("div");
    this.time = make("div", { class: "time" });
    view.bar.append(this.time);
    this.controls = make("div", { class: "bar controls" });
    view.bar.append(this.controls);
    view.stage.append(make("div", { class: "story" }, this.lanes.element,
      make("div", { class: "side" }, this.panel.element, this.proofs)));
    this.legend.element.append(make("span", {}, "+ − sign of a gradient too small to write"));
    view.foot.append(this.legend.element);
    view.tableOf(() => this.table());
    view.onChoice((changes) => this.changed(changes));
    view.redrawWith(() => this.show());
    this.turnPage();
    this.show();
  }

  // ── what is chosen ──────────────────────────────────────────────────────────────────────────────

  /** Another layer or example: another text, another time line, perhaps other gates. */
  turnPage() {
    const { view: { choices } } = this;
    this.page = this.story.page(choices);
    this.moments = momentsOf(this.page, spoken);
    Object.assign(this.view.defaults, { level: this.page.height - 1, at: this.moments.length - 1,
      source: this.story.lastFelt(this.page) });
    this.line = new Timeline({ view: this.view, moments: this.moments,
      onMove: (at) => this.view.choose({ at }) });
    this.time.replaceChildren(this.line.element);
    this.fillControls();
    this.showProofs();
  }

  fillControls() {
    const { view, page, story } = this;
    const { choices } = view;
    const set = (name, read = String) => (value) => view.choose({ [name]: read(value) });
    const many = (label, name, options, read) =>
      (options.length > 1 ? list({ label, options, value: String(choices[name]),
        onInput: set(name, read) }).element : null);
    const first = (n) => [...Array(n).keys()];
    const source = (value) => (value === "all" ? value : Number(value));
    const from = page.step.doutputs[0]
      ? [{ value: "all", label: "all moments" }, ...page.tokens.map((token,
        t) => ({ value: t, label: `moment ${t}: ${spoken(token)}` }))] : [];
    this.shown = choice({ label: "Show", value: choices.show, onInput: set("show"),
      options: page.quantities.map(({ name }) => name) });
    this.shown.inputs.forEach((input, i) => {
      input.parentElement.title = page.quantities[i].says;
    });
    this.controls.replaceChildren(...[
      many("Layer", "layer", story.names),
      many("Level", "level", first(page.height), Number),
      many("Example", "example", first(page.batch), Number),
      this.shown.element,
      many("Unit", "unit", first(page.H), Number),
      many("Loss at", "source", from, source),
    ].filter(Boolean));
  }

  changed(changes) {
    const pages = ["layer", "level", "example"].filter((name) => name in changes);
    if (pages.length) this.fit(changes);
    if (pages.length) this.turnPage();
    this.show(pages.length ? null : changes);
  }

  /** In another layer the same place may not exist: go to the nearest that does. */
  fit(changes) {
    const { choices } = this.view;
    const step = this.story.steps.find(({ name }) => name === choices.layer);
    const level = "layer" in changes ? stackHeight(step) - 1 : choices.level;
    const page = this.story.page({ ...choices, level, example: Math.min(choices.example,
      step.outputs[0].shape[0] - 1) });
    const last = momentsOf(page, spoken).length - 1;
    const names = page.quantities.map(({ name }) => name);
    Object.assign(choices, {
      level, example: page.example, unit: Math.min(choices.unit, page.H - 1),
      at: choices.at === this.moments.length - 1 ? last : Math.min(choices.at, last),
      show: names.includes(choices.show) ? choices.show : "h",
      source: choices.source === "all" ? "all" : this.story.lastFelt(page),
    });
  }

  get state() {
    const { view: { choices }, page, moments } = this;
    return { page, choices, now: moments[choices.at], source: choices.source, unit: choices.unit };
  }

  // ── drawing ─────────────────────────────────────────────────────────────────────────────────────

  show(changes = null) {
    const { view, lanes } = this;
    const beside = view.width >= 840;
    view.stage.firstChild.classList.toggle("beside", beside);
    this.line.show(view.choices.at);
    this.shown.set(view.choices.show);
    lanes.show(this.state, view.width - (beside ? PANEL + 22 : 8));
    const { reach } = lanes.painted(view.choices.show);
    this.legend.show(reach, lanes.quantity(view.choices.show).phase === "backward");
    const unit = this.controls.querySelector("select[aria-label=Unit]");
    if (unit) unit.value = view.choices.unit;
    const told = this.tell(this.here);
    if (changes && !("unit" in changes && !("at" in changes))) view.say(this.sentence(told));
  }

  /** The cell that is shown while nothing is pointed at: the watched unit, now. */
  get here() {
    const { choices: { show }, now, unit, page, source } = this.state;
    const N = page.story.data(page, show, source).length / page.T;
    return { name: show, t: now.t, j: Math.min(unit, N - 1) };
  }

  sentence(told) {
    const { now, page } = this.state;
    const token = spoken(page.tokens[now.t]);
    const phase = { forward: `Forward, moment ${now.t + 1} of ${page.T}: reads ${token}`,
      loss: this.story.loss === null ? "The loss" : `The loss: ${number(this.story.loss, 4)}`,
      backward: `Backward, moment ${now.t + 1} of ${page.T}: ${token}` }[now.phase];
    return `${phase}. ${told}`;
  }

  pointed(cell) {
    const said = this.tell(cell ?? this.here);
    if (cell) this.view.say(said);
  }

  /** The formula of a cell in the panel, its operands lit; gives it as a sentence. */
  tell(cell) {
    const { page, now, source } = this.state;
    const { phase, says } = this.lanes.quantity(cell.name);
    const there = isThere(phase, cell.t, now);
    const back = page.story.back(page, source);
    this.formula = there ? explain({ layer: page.layer, back }, cell.name, cell.t, cell.j)
      : { name: `${cell.name} of unit ${cell.j}`, terms: [], total: null,
        says: "Not computed yet at this moment of the time line." };
    const shown = there ? { ...this.formula, says: this.formula.says ?? says,
      ...this.stored(cell, this.formula) } : this.formula;
    this.panel.show(shown, make("p", { class: "quiet where" },
      `moment ${cell.t}, ${spoken(page.tokens[cell.t])}`));
    this.mark(this.formula.terms);
    const value = there ? exact(this.formula.total, "float32") : "not computed yet";
    return `${this.formula.name} = ${value}, ${says}.`;
  }

  /** What the trace itself holds of this number, if it does. */
  stored({ name, t, j }, { total }) {
    const { page, source } = this.state;
    const top = page.level === page.height - 1;
    const held = name === "h" && top ? page.step.outputs[0] : null;
    const learned = name === "dx" && page.level === 0 && source === "all" ? page.step.dinputs[0]
      : null;
    const array = held ?? learned;
    if (!array) return {};
    const value = array.at([page.example, t, j]);
    const check = this.story.checks(page).find(({ what }) => what === (held ? "h" : "dx"));
    return { stored: value, agrees: Math.abs(value - total) <= check.room
      || (value !== value && total !== total) };
  }

  mark(terms) {
    this.lanes.mark(terms.flatMap(({ marks }) => marks));
  }

  /** Whoever picks a moment stays in the phase; before the loss there is no way back to go to. */
  picked(t, unit) {
    const { now, page } = this.state;
    const phase = now.phase === "loss" ? "backward" : now.phase;
    const at = this.moments.findIndex((moment) => moment.phase === phase && moment.t === t);
    const last = Math.min(unit, page.H - 1);
    this.view.choose({ at: at < 0 ? this.view.choices.at : at, unit: last });
  }

  // ── proofs and words ────────────────────────────────────────────────────────────────────────────

  showProofs() {
    const what = { h: "hidden state", c: "last cell", dx: "gradient of the input",
      "dh₀": "gradient of the first state" };
    const says = ({ what: name, count }) => `${count.toLocaleString("en")} × ${what[name]}`;
    this.proofs.replaceChildren(proofs(this.story.checks(this.page), says,
      "Computed anew here from the weights, inputs and states that the trace holds."));
  }

  table() {
    const { page, now, unit, source } = this.state;
    const rows = this.lanes.unitRows;
    const norms = now.phase === "backward" ? page.story.norms(page, source) : null;
    const cell = ({ name, phase }, t) => (isThere(phase, t, now)
      ? number(page.story.data(page, name, source)[t * page.H + unit], 4) : "–");
    return {
      caption: `Unit ${unit} of ${page.name}, moment by moment`,
      columns: ["moment", "token", ...rows.map(({ name }) => name), "length of dh", "length of dx"],
      rows: page.tokens.map((token, t) => [t, visible(token), ...rows.map((row) => cell(row, t)),
        ...["dh", "dx"].map((name) => (norms && t >= now.t ? number(norms[name][t], 4) : "–"))]),
    };
  }
}

const STYLE = `
.time { width: 100%; } .bar.controls { margin: 0; }
.story.beside { display: grid; grid-template-columns: minmax(0, 1fr) ${PANEL}px; gap: 22px;
  align-items: start; }
.story:not(.beside) .side { margin-top: 12px; }
.side { display: grid; gap: 12px; min-width: 0; position: sticky; top: 8px; }
.where { font-size: 12.5px; margin-top: 8px; }
`;

export default instrument((view) => { new Sequence(view); }, TIMELINE_STYLE, HEAT_STYLE,
  LANES_STYLE, REACH_STYLE, TERM_STYLE, PROOF_STYLE, STYLE);
