// What is known of the number under the cursor: its formula, where its operands stand, a proof of
// its gradient, what a change of it would do, and the line of source that made it.

import { button, make } from "../frame/controls.js";
import { exact, number, place as indexed } from "../frame/format.js";
import { explain } from "../formulas/explain.js";
import { FormulaPanel } from "./formula_panel.js";
import { arrayAt, letter, split } from "../trace/trace.js";

export class Inspector {
  constructor(stepper) {
    Object.assign(this, { stepper, view: stepper.view });
    this.panel = new FormulaPanel({ view: this.view, onTerm: (operands) => this.markTerm(operands) });
    this.actions = make("div", { class: "actions" });
    this.element = this.panel.element;
  }

  get step() {
    return this.stepper.trace.steps[this.stepper.place];
  }

  /** Is there a net behind the trace, and a Python that can ask it? */
  get asks() {
    return this.view.live && this.view.content.proves;
  }

  get cards() {
    return this.stepper.sheet.cards;
  }

  /** The pinned cell, or nothing. */
  show(cell) {
    this.clear();
    if (!cell) return this.panel.show(null);
    const [place, index] = cell;
    const card = this.cards.get(place);
    if (!card?.grid.numbers?.has(index)) return this.panel.show(null);
    card.grid.point(index);
    this.tell(place, index, true);
  }

  /** The cursor is there now; with null it went, and the pinned cell comes back. */
  pointed(place, index, grid) {
    const { cell } = this.view.choices;
    if (!index) return this.show(cell);
    if (cell && this.pinned && this.panel.light(place, index)) {
      return this.view.say(`${grid.sentence}, a part of ${this.formula.name}.`);
    }
    for (const card of this.cards.values()) if (card.grid !== grid) card.grid.point(null);
    this.stepper.sheet.pointedPlace = place;
    this.tell(place, index, false);
    this.view.say(this.spoken(grid, index));
  }

  /** After a redrawing, the number that was looked at before. */
  again({ place, index, pinned }) {
    const grid = this.cards.get(place)?.grid;
    if (pinned || !grid?.numbers?.has(index)) return;
    grid.point(index);
    this.tell(place, index, false);
  }

  /** A click or Enter kept this number: its sentence stays, its proof is a Tab away. */
  sayPinned() {
    const grid = this.pinned && this.cards.get(this.where.place)?.grid;
    if (grid) this.view.say(`Pinned: ${this.spoken(grid, this.where.index)}.`);
  }

  spoken(grid, index) {
    const { formula } = this;
    const value = `${formula?.name ?? grid.label + indexed(index)} = ${exact(grid.numbers.at(index), grid.numbers.dtype)}`;
    return formula?.equation ? `${value}, which is ${formula.equation}` : value;
  }

  tell(place, index, pinned) {
    this.formula = this.explained(place, index);
    this.pinned = pinned;
    this.panel.all = this.panel.all && pinned;
    this.panel.show(this.formula, pinned ? this.pinnedExtras(place, index) : [this.besides(place, index)].filter(Boolean));
    this.mark(this.formula?.marks ?? [], place);
    this.where = { place, index, pinned };
  }

  explained(place, index) {
    const [group, name] = split(place);
    if (group === "after" || group === "change") return this.updateFormula(group, name, index);
    const { trace, place: at } = this.stepper;
    const shown = this.view.choices.show;
    const beside = this.stepper.beside.length && shown !== this.view.content.names[0];
    const world = beside && shown !== "difference" ? this.stepper.beside[this.stepper.moment.pass] : trace;
    if (!arrayAt(world.steps[at], place)) return null;
    return explain(world.steps[at], place, index, { trace: world, at });
  }

  /** What the optimizer did to one weight. */
  updateFormula(group, name, index) {
    const { traces, moment, place } = this.stepper;
    const [before, after] = [0, 1].map((later) => traces[moment.pass + later].steps[place].params[name].at(index));
    const slope = this.step.dparams[name]?.at(index) ?? null;
    const W = letter(name);
    const rate = slope ? (before - after) / slope : null;
    const origin = rate === null ? "changed by the optimizer"
      : `changed by the optimizer: ${number(after - before, 4)} is −${number(rate, 4)} times the gradient ${number(slope, 4)}`;
    const stored = group === "after" ? after : after - before;
    return { name: `${W}${indexed(index)} ${group}`, equation: null, origin, terms: [], stored, total: null, agrees: true, marks: [
      { place: `params.${name}`, from: index, to: index }, { place: `dparams.${name}`, from: index, to: index }] };
  }

  mark(marks, own) {
    for (const [place, card] of this.cards) {
      const boxes = marks.filter((mark) => mark.place === place && (mark.at ?? this.stepper.place) === this.stepper.place);
      card.grid.mark(place === own && !boxes.length ? [] : boxes);
    }
  }

  markTerm(operands) {
    if (!operands) return this.mark(this.formula?.marks ?? [], this.where?.place);
    const marks = operands.filter(({ at, place }) => place && (at === undefined || at === this.stepper.place))
      .map(({ place, index }) => ({ place, from: index, to: index, tone: "also" }));
    this.mark(marks, null);
  }

  clear() {
    for (const card of this.cards.values()) {
      card.grid.point(null);
      card.grid.mark([]);
    }
    this.formula = null;
    this.pinned = false;
  }

  /** The same number in the other world. */
  besides(place, index) {
    if (!this.stepper.beside.length) return null;
    const { names, tolerance } = this.view.content;
    const values = [this.stepper.traces, this.stepper.beside].map((traces) =>
      this.stepper.sheet.found(traces, this.stepper.moment.pass, place)?.at(index) ?? null);
    if (values.includes(null)) return null;
    const apart = Math.abs(values[0] - values[1]);
    const fine = !(apart > tolerance * Math.max(1, Math.abs(values[0])));
    return make("div", { class: "actions", "data-gap": apart },
      `${names[0]}: ${exact(values[0])}`, ` ${names[1]}: ${exact(values[1])}`,
      make("span", { class: fine ? "good" : "bad" }, `${fine ? "✓" : "✗"} they differ by ${number(apart)} (allowed: ${number(tolerance)})`));
  }

  pinnedExtras(place, index) {
    return [this.besides(place, index), this.proof(place, index), this.trial(place, index)].filter(Boolean);
  }

  /** The name under which Python knows this number: "fc1.weight" or "inputs.0"; null if it has none. */
  known(place) {
    const [group, name] = split(place.replace(/^d/, ""));
    if (group === "params") return `${this.step.name}.${name}`;
    return group === "inputs" && this.stepper.place === 0 ? `inputs.${name}` : null;
  }

  /** Finite differences beside the gradient; a failure is shown like a success. */
  proof(place, index) {
    const name = this.known(place);
    const gradient = place.startsWith("d") ? arrayAt(this.step, place)?.at(index) ?? null : null;
    if (gradient === null || !name || this.stepper.moment.pass) return null;
    if (!this.asks) return this.needsExperiment("A proof by finite differences");
    const result = make("span", { class: "proof", role: "status" });
    const ask = async () => {
      const slope = await this.view.ask("slope", { name, index }).catch((error) => error);
      if (slope === undefined) return;
      if (slope instanceof Error) return void (result.textContent = slope.message);
      const apart = Math.abs(slope - gradient);
      const fine = apart <= 1e-3 * Math.max(Math.abs(slope), 1e-2);
      result.className = `proof ${fine ? "good" : "bad"}`;
      result.dataset.slope = slope;
      result.textContent = `${fine ? "✓" : "✗"} wiggling it gives ${number(slope, 6)}, the way back gave ${number(gradient, 6)}: they differ by ${number(apart)}`;
    };
    return make("div", { class: "actions" }, button("Prove this gradient", ask, { kind: "prove" }), result);
  }

  /** Type another value: the loss that the gradient predicts, and the loss that comes. */
  trial(place, index) {
    const name = this.known(place);
    if (!name || !place.startsWith("params") || this.stepper.moment.pass) return null;
    const slope = arrayAt(this.step, `d${place}`)?.at(index) ?? null;
    const { loss } = this.stepper.trace;
    if (slope === null || loss === null) return null;
    const now = arrayAt(this.step, place).at(index);
    const input = make("input", { type: "number", step: "any", value: exact(now), "aria-label": "Try another value" });
    const said = make("span", { role: "status", class: "trial" });
    const tried = async () => {
      const value = input.valueAsNumber;
      if (!Number.isFinite(value)) return void (said.textContent = "Type a number.");
      const predicted = loss + slope * (value - now);
      said.textContent = `The gradient predicts a loss of ${number(predicted, 5)}.`;
      said.dataset.predicted = predicted;
      if (!this.asks) return;
      const actual = await this.view.ask("loss_if", { name, index, value }).catch((error) => error);
      if (actual === undefined || actual instanceof Error) return void (said.textContent = actual?.message ?? "");
      said.dataset.actual = actual;
      said.textContent = `The gradient predicts a loss of ${number(predicted, 5)}, and it really is ${number(actual, 5)} (now ${number(loss, 5)}).`;
      apply.hidden = false;
    };
    const apply = button("Keep this change", () => this.view.ask("change", { name, index, value: input.valueAsNumber }), { kind: "main" });
    apply.hidden = true;
    input.addEventListener("input", tried);
    return make("div", { class: "actions" }, make("label", {}, "What if it were ", input), said, apply,
      this.asks ? null : this.needsExperiment("The loss that really comes"));
  }

  needsExperiment(what) {
    const how = this.view.live ? "the net: stepper(Experiment(net, x, loss=...))" : "Python, see below";
    return make("span", { class: "quiet" }, `${what} needs ${how}.`);
  }
}
