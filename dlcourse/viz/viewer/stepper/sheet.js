// The arrays of one step: what came in, what it has learned, what went out, and under each of them
// its gradient, which is "not computed yet" until the way back has reached it.

import { gap } from "../frame/arrays.js";
import { Card } from "../frame/card.js";
import { make } from "../frame/controls.js";
import { exact, number, place as indexed, shape } from "../frame/format.js";
import { arrayAt, labels, leaves, letter } from "../trace/trace.js";

const KEPT = 64; // pictures of arrays

export class Sheet {
  constructor(stepper) {
    Object.assign(this, { stepper, view: stepper.view, cards: new Map(), kept: new Map() });
    this.head = make("div", { class: "step-head" });
    this.columns = make("div", { class: "columns flow" });
    this.element = make("div", { class: "sheet" }, this.head, this.columns);
  }

  show() {
    const { stepper } = this;
    const step = stepper.trace.steps[stepper.place];
    this.heading(step);
    const wanted = stepper.moment.phase === "update" ? this.updates(step) : this.arrays(step);
    const reach = this.reach(step);
    const width = Math.min(300, this.room(wanted.length));
    this.cards.clear();
    const pairs = wanted.map((pair) => pair.map((spec) => this.card(spec, width)));
    const shown = pairs.flat();
    if (shown.some((card, i) => card !== this.shown?.[i]) || shown.length !== this.shown?.length) {
      this.columns.replaceChildren(...pairs.map((cards) => make("div", { class: "pair" }, ...cards)));
      this.shown = shown;
    }
    for (const pair of wanted) for (const spec of pair) this.draw(spec, reach);
    stepper.legend.show(reach);
  }

  room(columns) {
    const all = this.roomy ??= this.element.clientWidth || 700;
    return Math.max(116, all < 520 ? all - 8 : (all - 22 * (columns - 1)) / Math.max(columns, 1.6));
  }

  heading(step) {
    const { stepper } = this;
    const { phase, pass } = stepper.moment;
    const name = labels(stepper.trace)[stepper.place];
    const doing = { forward: "answers", backward: "sends the gradient back", update: "is updated", loss: "" }[phase];
    const loss = stepper.trace.loss;
    this.head.dataset.step = step.name;
    this.head.dataset.phase = phase;
    this.head.replaceChildren(...(phase === "loss"
      ? [make("b", { class: "loss" }, `loss ${number(loss, 4)}`), make("span", { class: "quiet" }, ` how wrong the answer is; the way back begins here`)]
      : [make("b", {}, name), make("span", { class: "kind" }, step.kind), make("span", { class: `doing ${phase}` }, doing)]),
    stepper.traces.length > 1 ? make("span", { class: "quiet" }, ` batch ${pass + 1} of ${stepper.traces.length}`) : "");
    this.head.dataset.loss = loss ?? "";
  }

  /** [[value, gradient], …] of the step: inputs, weights, outputs. */
  arrays(step) {
    const back = ["back"].includes(this.stepper.state(this.stepper.place)) || this.stepper.moment.phase === "loss";
    const many = (group) => step[group].length > 1;
    const pair = (place, dplace, label, fresh) => [
      { place, label, fresh: fresh && this.stepper.moment.phase === "forward" },
      { place: dplace, label: `d${label}`, hidden: !back, fresh: this.stepper.moment.phase === "backward" && !fresh },
    ];
    const inputs = step.inputs.map((_, i) => pair(`inputs.${i}`, `dinputs.${i}`, many("inputs") ? `x${i + 1}` : "x"));
    const weights = Object.keys(step.params).map((name) => pair(`params.${name}`, `dparams.${name}`, letter(name)));
    const outputs = step.outputs.map((_, i) =>
      pair(`outputs.${i}`, `doutputs.${i}`, many("outputs") ? `y${i + 1}` : "y", true));
    const loss = this.stepper.moment.phase === "loss";
    return (loss ? outputs : [...inputs, ...weights, ...outputs])
      .filter(([{ place }]) => arrayAt(step, place) || step.leftOut[place]);
  }

  /** [[before, gradient], [change, after]] of each weight. */
  updates(step) {
    return Object.keys(step.params).flatMap((name) => {
      const label = letter(name);
      return [
        [{ place: `params.${name}`, label: `${label} before` }, { place: `dparams.${name}`, label: `d${label}` }],
        [{ place: `after.${name}`, label: `${label} after`, fresh: true }, { place: `change.${name}`, label: `change of ${label}` }],
      ];
    });
  }

  /** The array to draw: of this world, of the other one, or the gap between them. */
  array(spec) {
    const { stepper } = this;
    const { pass } = stepper.moment;
    const mine = this.found(stepper.traces, pass, spec.place);
    if (!stepper.beside.length || this.view.choices.show === this.view.content.names[0]) return mine;
    const theirs = this.found(stepper.beside, pass, spec.place);
    return this.view.choices.show === "difference" ? gap(mine, theirs) : theirs;
  }

  found(traces, pass, place) {
    const [group, name] = [place.split(".")[0], place.split(".").slice(1).join(".")];
    const step = traces[pass].steps[this.stepper.place];
    if (group !== "after" && group !== "change") return arrayAt(step, place);
    const after = traces[pass + 1]?.steps[this.stepper.place]?.params[name];
    return group === "after" ? after : gap(after, step.params[name]);
  }

  /** Each step's arrays keep their pictures for a while: who scrubs comes back soon. */
  card(spec, width) {
    const { moment, place } = this.stepper;
    const key = `${moment.pass} ${place} ${spec.place} ${spec.label} ${this.view.choices.show}`;
    const card = this.kept.get(key) ?? this.made(spec);
    this.kept.delete(key);
    this.kept.set(key, card);
    if (this.kept.size > KEPT) this.kept.delete(this.kept.keys().next().value);
    this.cards.set(spec.place, card);
    card.grid.width = width;
    card.element.classList.toggle("fresh", Boolean(spec.fresh));
    return card.element;
  }

  made(spec) {
    return new Card({
      view: this.view, name: spec.place, label: spec.label,
      onPoint: (index, { grid }) => this.stepper.inspector.pointed(spec.place, index, grid),
      onPick: (index) => this.view.choose({ cell: [spec.place, index] }),
    });
  }

  draw(spec, reach) {
    const step = this.stepper.trace.steps[this.stepper.place];
    const left = step.leftOut[spec.place];
    const array = spec.hidden ? null : this.array(spec);
    const gradient = spec.place.startsWith("d") || spec.place.startsWith("change");
    const difference = this.view.choices.show === "difference" && this.stepper.beside.length > 0;
    this.cards.get(spec.place).show(array, {
      reach: gradient || difference ? array?.facts.reach : reach ?? array?.facts.reach,
      log: gradient && this.view.choices.log,
      note: left ? `left out of this page: ${shape(left)} numbers` : "not computed yet",
    });
  }

  /** How far the colours reach: null means that each array has its own range. */
  reach(step) {
    const { range } = this.view.choices;
    if (range === "array") return null;
    const { trace } = this.stepper;
    const steps = range === "layer" ? [step] : leaves(trace).map((at) => trace.steps[at]);
    const arrays = steps.flatMap((each) => [...each.inputs, ...each.outputs, ...Object.values(each.params)]);
    return Math.max(...arrays.filter((array) => array && array.dtype.startsWith("float")).map((array) => array.facts.reach), 1e-12);
  }

  /** The number farthest from 0 in what this moment made, in words. */
  headline() {
    const { moment, trace, place } = this.stepper;
    const step = trace.steps[place];
    const wanted = moment.phase === "backward"
      ? [...Object.keys(step.dparams).map((name) => [`dparams.${name}`, `d${letter(name)}`]), ["dinputs.0", "dx"]]
      : moment.phase === "update" ? [["change.weight", "change of W"]] : [["outputs.0", "y"]];
    for (const [where, label] of wanted) {
      const array = this.found(this.stepper.traces, moment.pass, where);
      if (!array?.size || array.facts.peak < 0) continue;
      const index = array.unflat(array.facts.peak);
      return `${label}, ${shape(array.shape)}: the number farthest from 0 is ${number(array.at(index), 4)} at ${indexed(index)}.`;
    }
    return "";
  }

  /** The array under the cursor, or the answer, as a table. */
  table() {
    const cell = this.view.choices.cell;
    const spec = { place: this.pointedPlace ?? cell?.[0] ?? "outputs.0" };
    const array = this.array(spec);
    const caption = `${labels(this.stepper.trace)[this.stepper.place]}, ${this.cards.get(spec.place)?.grid.label ?? spec.place}`;
    if (!array?.size) return { caption: `${caption}: not computed yet`, columns: ["no numbers"], rows: [] };
    const wide = array.shape.length ? array.shape.at(-1) : 1;
    const columns = ["", ...Array.from({ length: Math.min(wide, 24) }, (_, c) => String(c))];
    const rows = [];
    for (let flat = 0; flat < array.size && rows.length < 201; flat += wide) {
      const index = array.unflat(flat).slice(0, -1);
      rows.push([indexed([...index, "…"]), ...columns.slice(1).map((_, c) => exact(array.at(array.unflat(flat + c)), array.dtype))]);
    }
    return { caption: `${caption}, ${shape(array.shape)}`, columns, rows };
  }
}

export const SHEET_STYLE = `
.stepper { display: flex; gap: 16px; align-items: flex-start; }
.main { flex: 1; min-width: 0; }
.step-head { display: flex; flex-wrap: wrap; align-items: baseline; gap: 4px 10px; margin-bottom: 10px; font-size: 15px; min-height: 26px; }
.step-head b { font-size: 17px; } .step-head b.loss { color: var(--loss); }
.step-head .kind { color: var(--quiet); }
.step-head .doing { font-size: 13px; font-weight: 600; }
.doing.forward { color: var(--forward); } .doing.backward { color: var(--backward); } .doing.update { color: var(--update); }
.pair { display: flex; flex-direction: column; gap: 12px; }
.array.fresh h4::after { content: "new"; font-size: 11px; font-weight: 600; color: var(--on-accent); background: var(--accent);
  border-radius: 5px; padding: 1px 6px; margin-left: 7px; vertical-align: 1px; }
.pager button { min-height: 24px; min-width: 24px; padding: 0 6px; }
.pager { font-weight: 400; font-size: 12px; color: var(--quiet); margin-left: 8px; }
@container (max-width: 620px) { .stepper { flex-direction: column; } .main { width: 100%; } }
`;
