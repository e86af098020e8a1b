// The loss of one place: what the map knows of it, and what Python computes when it is asked.

import { make } from "../frame/controls.js";
import { exact, number } from "../frame/format.js";

export class Reading {
  constructor(view) {
    this.view = view;
    this.element = make("div", { class: "reading" });
  }

  /** Another map: nothing was asked of it yet. */
  begin(surface) {
    Object.assign(this, { surface, pinned: null, exactly: null });
    this.show(null);
  }

  /** What the map knows: computed at places of the lattice, else read between them. */
  lossAt(place) {
    const cell = this.surface.cell(place).map((x) => (Math.abs(x - Math.round(x)) < 1e-6 ? Math.round(x) : x));
    const on = cell.every(Number.isInteger) && this.surface.holds(place);
    const loss = on ? this.surface.at(...cell) : this.surface.loss(place);
    return { loss, text: number(loss, 4), kind: on ? "computed" : "read between computed places" };
  }

  sentence(place) {
    const { text, kind } = this.lossAt(place);
    const where = place.map((x, i) => `${number(x)} along direction ${i + 1}`).join(", ");
    return `Loss ${text}, ${kind}, at ${where}.`;
  }

  /** Look at a place without keeping it; null looks at the one that was kept. */
  point(place) {
    this.show(place);
    if (place) this.view.say(this.sentence(place));
  }

  /** Keep a place, and let Python compute its loss where there is one. */
  async keep(place) {
    Object.assign(this, { pinned: place, exactly: null });
    this.show(place);
    this.view.say(this.sentence(place));
    if (!this.view.live) return;
    const [a, b] = place;
    const loss = await this.view.ask("loss", { a, b });
    if (loss === undefined || this.pinned !== place) return;
    this.exactly = loss;
    this.show(null);
    this.view.say(`Python computed the loss there: ${exact(loss, "float64")}.`);
  }

  show(place) {
    const where = place ?? this.pinned;
    const words = where ? this.words(where) : [make("p", { class: "quiet" },
      "Point at the map to read the loss of a place; click to keep the place.")];
    if (!where) for (const name of ["value", "kind"]) delete this.element.dataset[name];
    this.element.replaceChildren(...words);
  }

  words(where) {
    const { loss, text, kind } = this.lossAt(where);
    const asked = where === this.pinned && this.exactly !== null;
    this.element.dataset.value = exact(asked ? this.exactly : loss, "float64");
    this.element.dataset.kind = asked ? "exact" : kind;
    const source = asked ? `computed by Python just now; the map says ${text}` : kind + this.hint(where, kind);
    return [
      make("p", { class: "big" }, make("span", { class: "quiet" }, "Loss here "),
        make("b", {}, asked ? number(this.exactly, 6) : text)),
      make("p", { class: "quiet" }, source),
      make("p", { class: "quiet" }, `${number(where[0])} along direction 1, ${number(where[1])} along direction 2`),
    ];
  }

  hint(where, kind) {
    if (where !== this.pinned) return "";
    if (this.view.live) return "; Python is computing it";
    return kind === "computed" ? "" : "; with Python, a click computes it exactly";
  }
}

export const READING_STYLE = `
.reading { background: var(--soft); border-radius: 10px; padding: 6px 12px; min-height: 94px; }
.reading p { margin: 4px 0; font-size: 13px; }
.reading p.big { font-size: 15px; } .reading .big b { font-size: 19px; }
`;
