// A number's formula with its real operands. A term under the cursor lights up where it stands.

import { button, make } from "../frame/controls.js";
import { number } from "../frame/format.js";

const SHOWN = 8; // terms; the others on demand

export class FormulaPanel {
  /** `onTerm(operands | null)`: the learner looks at a term, [{ place, index }]. */
  constructor({ view, onTerm }) {
    Object.assign(this, { view, onTerm, all: false, chips: [] });
    this.element = make("div", { class: "panel formula", role: "group", "aria-label": "Formula" });
    this.hint();
  }

  hint() {
    this.element.replaceChildren(make("p", { class: "quiet" },
      "Point at any number, or step onto it with Tab and the arrow keys: here appears how it came to be."));
  }

  /** `formula` as formulas.js gives it; null: nothing is under the cursor. */
  show(formula, extra = []) {
    if (!formula) return this.hint();
    this.chips = [];
    this.formula = formula;
    this.extra = extra;
    const { name, equation, origin, stored } = formula;
    const head = make("div", { class: "head" }, make("b", {}, name),
      ` = ${number(stored, 4)}`, equation ? make("span", { class: "equation" }, `= ${equation}`) : null);
    this.element.dataset.name = name;
    this.element.dataset.stored = stored ?? "";
    this.element.dataset.total = formula.total ?? "";
    this.element.replaceChildren(head, origin ? make("p", { class: "quiet" }, sentence(origin)) : this.terms(), ...extra);
  }

  terms() {
    this.chips = [];
    const { terms, joint, total, agrees } = this.formula;
    const shown = this.all ? terms.slice(0, 400) : terms.slice(0, SHOWN);
    const rest = terms.length - shown.length;
    const sign = joint === "+" ? " + " : ", ";
    const [before, after] = this.formula.around ?? (joint === "+" || terms.length === 1 ? ["", ""] : [`${joint}(`, ")"]);
    const list = make("div", { class: "terms" }, before,
      ...shown.flatMap((term, i) => (i ? [sign, this.chip(term)] : [this.chip(term)])));
    if (rest > 0 || this.all) {
      list.append(sign, button(this.all ? "fewer" : `${rest.toLocaleString("en")} more`, () => {
        this.all = !this.all;
        list.replaceWith(this.terms());
      }, { kind: "more", label: this.all ? "Show fewer terms" : `Show ${rest} more terms` }));
    }
    const check = make("span", { class: agrees ? "good" : "bad", "data-agrees": String(agrees) },
      agrees ? " ✓ as the net computed it" : ` ✗ the net has ${number(this.formula.stored, 6)}`);
    list.append(after, make("span", { class: "total" }, ` = ${number(total, 5)}`), check);
    return list;
  }

  chip(term) {
    const { parts } = term; // written when it is asked for
    const operands = parts.filter((part) => typeof part !== "string");
    const text = parts.map((part) => (typeof part === "string" ? part : this.operand(part)));
    const chip = make("span", { class: "term", tabindex: "-1" }, ...text);
    const look = (on) => () => {
      chip.classList.toggle("lit", on);
      this.onTerm(on ? operands : null);
    };
    chip.addEventListener("pointerenter", look(true));
    chip.addEventListener("pointerleave", look(false));
    this.chips.push({ element: chip, operands });
    return chip;
  }

  /** A number in a term; one that stands in no array, such as a mean, can be opened. */
  operand(part) {
    const from = part.of ? ` of ${part.of}` : "";
    const title = `${part.symbol}${from}${part.how ? `: ${part.how}` : ""}`;
    if (!part.formula) return make("span", { title }, bracketed(part.value));
    const open = button(bracketed(part.value), () => this.open(part.formula()), { kind: "inner" });
    open.title = `${title}; show its formula`;
    return open;
  }

  /** The formula of an operand, with a way back to the one it stands in. */
  open(formula) {
    if (!formula) return;
    const { formula: outer, extra } = this;
    const back = button(`◀ back to ${outer.name}`, () => this.show(outer, extra));
    this.show(formula, [make("div", { class: "actions" }, back)]);
    back.focus();
  }

  /** The other way round: light up the terms with an operand at that cell. Are there any? */
  light(place, index) {
    const there = (part) => part.place === place && part.at === undefined && part.index.join() === index.join();
    const hits = this.chips.filter(({ operands }) => operands.some(there));
    for (const { element } of this.chips) element.classList.remove("lit");
    for (const { element } of hits) element.classList.add("lit");
    return hits.length > 0;
  }
}

const bracketed = (value) => (value < 0 ? `(${number(value)})` : number(value));

const sentence = (text) => `${text[0].toUpperCase()}${text.slice(1)}${/[.!?]$/.test(text) ? "" : "."}`;

export const FORMULA_STYLE = `
.formula { min-height: 92px; margin-top: 14px; overflow-wrap: anywhere; }
.formula p { margin: 4px 0; }
.formula .head { font-size: 15px; margin-bottom: 6px; }
.formula .equation { color: var(--quiet); margin-left: .5em; }
.terms { line-height: 2; }
.term { background: var(--card); border: 1px solid var(--line); border-radius: 6px; padding: 2px 6px; white-space: nowrap; }
.inner { padding: 0 3px; min-height: 24px; min-width: 24px; border: 0; background: none; line-height: 1.1;
  text-decoration: underline dotted; text-underline-offset: 3px; }
.term.lit { border-color: var(--source); box-shadow: 0 0 0 1px var(--source); }
.total { font-weight: 650; }
.more { padding: 0 8px; min-height: 24px; line-height: 1.2; }
.actions { display: flex; flex-wrap: wrap; gap: 8px 14px; align-items: center; margin-top: 8px; border-top: 1px solid var(--line);
  padding-top: 8px; }
.actions input { width: 7.5em; min-height: 28px; border: 1px solid var(--line); border-radius: 7px; background: var(--card); padding: 2px 8px; }
`;
