// Lengths of many gradients: a row for each weight, a column for each key-frame.

import { Numbers } from "../frame/arrays.js";
import { Card } from "../frame/card.js";
import { make } from "../frame/controls.js";
import { number } from "../frame/format.js";
import { Legend } from "../frame/legend.js";

const [CELL, NAMES] = [18, 190]; // pixels: a cell at most, the names beside the rows

export class NormPicture {
  constructor(view) {
    this.view = view;
    this.card = new Card({ view, name: "norms", label: "Length of the gradients", width: view.width,
      onPoint: (index) => index && this.tell(index) });
    this.names = make("div", { class: "norm-names", "aria-hidden": "true" });
    this.card.grid.element.before(this.names);
    this.words = make("p", { class: "quiet" }, "A row for each weight, a column for each key-frame.");
    this.legend = new Legend(view);
    this.element = make("div", { class: "norms" }, this.card.element, this.words, this.legend.element);
  }

  show({ names, steps, values }) {
    Object.assign(this, { steps, values, list: names });
    const room = Math.max(120, this.view.width - NAMES - 20);
    this.card.grid.width = Math.min(room, CELL * steps.length);
    this.card.show(new Numbers(values.data, values.shape, values.dtype), { log: true });
    const { cell } = this.card.grid.plan;
    this.names.style.fontSize = `${Math.min(12, cell - 2)}px`;
    this.names.replaceChildren(...names.map((name) => make("div", { style: `height: ${cell}px; line-height: ${cell}px` }, name)));
    this.legend.show(this.card.numbers.facts.reach, true);
  }

  tell([row, column]) {
    const step = this.steps[column].toLocaleString("en");
    const sentence = `Gradient of ${this.list[row]} at step ${step}: length ${number(this.values.at([row, column]), 4)}.`;
    this.words.textContent = sentence;
    this.view.say(sentence);
  }
}

export const NORM_STYLE = `
.norms .scroll { display: flex; gap: 8px; }
.norms .grid { flex: none; }
.norm-names { flex: 0 1 190px; min-width: 70px; text-align: right; color: var(--quiet); overflow: hidden; }
.norm-names div { white-space: nowrap; overflow: hidden; text-overflow: ellipsis; }
.norms p { margin: 6px 0; font-size: 13px; }
`;
