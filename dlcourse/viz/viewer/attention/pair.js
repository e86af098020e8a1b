// The formula of one weight: how well a key fits a query, and its part of the whole row.

import { pairFormula } from "./heads.js";
import { make } from "../frame/controls.js";
import { exact, number } from "../frame/format.js";
import { TermPanel } from "../tokens/term_panel.js";
import { visible } from "../tokens/text.js";

export class PairPanel {
  constructor(view) {
    this.panel = new TermPanel({ view, hint: "Point at a pair of tokens in the large map." });
    this.element = this.panel.element;
  }

  /** Show the pair; gives it as a sentence. `tokens`: what the two are called. */
  show(look, head, asks, seen, tokens) {
    const names = tokens.map((token) => `“${visible(token)}”`);
    const formula = pairFormula(look, head, asks, seen, names);
    const { name, total, score } = formula;
    const where = make("p", { class: "quiet where" }, `from place ${asks} to place ${seen}`);
    if (!formula.products) {
      this.panel.show(formula, where);
      return `${name}: ${formula.says}`;
    }
    this.panel.show({ name, total, equation: "softmax(q · k / √d)", terms: [product(formula)] },
      steps(formula), where);
    return `${name}: ${exact(total, "float32")}, from a score of ${number(score, 4)}.`;
  }
}

const product = ({ d, score, products }) =>
  ({ label: "q · k", says: `Σ of ${d} products`, value: score * Math.sqrt(d),
    products: () => products });

function steps({ d, score, part, whole, places, total }) {
  const lines = [
    [`score = q · k / √${d}`, score],
    ["e^(score − largest of the row)", part],
    [`÷ the sum of these over all ${places}: ${number(whole)}`, total],
  ];
  return make("div", { class: "rows steps" }, ...lines.map(([label, value]) =>
    make("div", { class: "row end" }, make("span", { class: "label" }, label),
      make("span", { class: "number" }, number(value, 4)))));
}

export const PAIR_STYLE = `
.steps .row { grid-template-columns: minmax(0, 1fr) auto; }
.where { font-size: 12.5px; margin-top: 8px; }
`;
