// The step that led here, with its operands: for a point its two coordinates, else one pixel.

import { make } from "../frame/controls.js";
import { number } from "../frame/format.js";
import { amounts, backwardStep, forwardStep } from "./noise_steps.js";

const term = (value, kind) => make("b", { class: `term ${kind}` }, number(value));

/** The step of the number at flat place `cell`; null where a step between is missing. */
export function stepOf(data, moment, cell) {
  const way = data[moment.phase];
  const per = way.size / way.shape[0];
  const { at } = moment;
  if (!data.left || at === 0 || data.when.data[at] - data.when.data[at - 1] !== 1) return null;
  const [before, after] = [way.data[(at - 1) * per + cell], way.data[at * per + cell]].map(Number);
  const { level } = moment;
  if (moment.phase === "forward") return forwardStep(data.left.data, level - 1, before, after);
  if (!data.guesses || at - 1 >= data.guesses.shape[0]) return null;
  const guess = Number(data.guesses.data[(at - 1) * per + cell]);
  return backwardStep(amounts(data.left.data, level), before, guess, after);
}

export class StepFormula {
  constructor() {
    this.title = make("h4");
    this.law = make("p", { class: "law" });
    this.lines = make("div", { class: "lines" });
    this.said = make("p", { class: "quiet said" });
    this.element = make("div", { class: "panel step-formula" }, this.title, this.law, this.lines,
      this.said);
  }

  /** `cells`: [{ name, cell }], flat places within one step. */
  show(data, moment, title, cells) {
    this.title.textContent = title;
    const steps = cells.map(({ name, cell }) => ({ name, step: stepOf(data, moment, cell) }));
    const known = steps.every(({ step }) => step);
    this.law.replaceChildren(...(known ? law(moment) : []));
    const shown = known ? steps : [];
    this.lines.replaceChildren(...shown.map(({ name, step }) => line(name, step, moment.phase)));
    this.said.textContent = known ? told(moment) : missing(data, moment);
    this.element.dataset.known = String(known);
    if (known) this.element.dataset.after = steps.map(({ step }) => step.after).join(",");
  }

  /** All of it in words, for the live region. */
  get sentence() {
    const lines = Array.from(this.lines.children, ({ textContent }) => `${textContent.trim()}.`);
    return [`${this.title.textContent}:`, ...lines, this.said.textContent].join(" ");
  }
}

function law({ phase }) {
  return phase === "forward"
    ? ["after = ", kind("√(1\u00a0−\u00a0β)", "kept"), " · before + ", kind("√β · noise", "noise")]
    : ["after = (before − ", kind("β/√(1\u00a0−\u00a0ᾱ) · seen", "taken"),
      ") / √(1\u00a0−\u00a0β) + ", kind("σ · noise", "noise")];
}

const kind = (text, name) => make("span", { class: `term ${name}` }, text);

function line(name, step, phase) {
  const { before, after, noise } = step;
  const start = [make("span", { class: "quiet" }, name), " ", term(after, "after"), " = "];
  const parts = phase === "forward"
    ? [term(step.keep, "kept"), " · ", number(before), " + ", term(step.add, "noise"), " · ",
      term(noise, "noise")]
    : ["(", number(before), " − ", term(step.much, "taken"), " · ", term(step.guess, "taken"),
      ") / ", number(1 / step.grow),
      " + ", term(step.spread, "noise"), " · ", term(noise, "noise")];
  return make("div", { "data-after": String(after) }, ...start, ...parts);
}

function told({ phase, level }) {
  if (phase === "forward") return "A little of what was there goes, and a little noise comes.";
  return level === 0 ? "The last step puts no noise back."
    : "The net takes out the noise it sees; a little noise is put back.";
}

function missing(data, { phase, at }) {
  if (at === 0 && phase === "forward") return "Here there is no noise yet.";
  if (at === 0) return "Pure noise: from here the net leads back.";
  if (!data.left) return "Give left=ᾱ with the steps, and the formula of each step stands here.";
  if (phase === "backward" && !data.guesses) {
    return "Give the net's guesses with the steps, and the formula stands here.";
  }
  return "To stay small, this view keeps only some of the steps: there are others between.";
}

export const FORMULA_STYLE = `
.step-formula h4 { margin: 0 0 6px; font-size: 13px; font-weight: 600; }
.step-formula { min-height: 132px; font-size: 13.5px; background: var(--card);
  border: 1px solid var(--line); }
.step-formula p { margin: 0 0 6px; } .step-formula .said { margin: 6px 0 0; font-size: 13px; }
.step-formula .law { color: var(--quiet); } .step-formula .law:empty { display: none; }
.step-formula .lines { line-height: 1.75; }
.term { font-weight: 600; } .term.noise { color: var(--loss); }
.term.taken { color: var(--backward); }
.term.kept { color: var(--forward); }
`;
