// One array with its name, its shape and, when it is long, a way to turn its pages.

import { button, make } from "./controls.js";
import { shape } from "./format.js";
import { Grid } from "./grid.js";

export class Card {
  /** `onPoint(index | null, card)` and `onPick(index, card)` as in Grid. */
  constructor({ view, name, label, onPoint, onPick, width }) {
    Object.assign(this, { view, name, label, first: 0 });
    this.grid = new Grid({
      view, name, label, width,
      onPoint: (index) => onPoint?.(index, this), onPick: (index) => onPick?.(index, this),
    });
    this.size = make("small");
    this.pager = make("span", { class: "pager", hidden: true });
    this.element = make("div", { class: "array", "data-array": name },
      make("h4", {}, label, this.size, this.pager), make("div", { class: "scroll" }, this.grid.element));
  }

  show(numbers, options = {}) {
    this.options = options;
    this.numbers = numbers;
    this.size.textContent = numbers ? shape(numbers.shape) : "";
    if (this.first >= (numbers?.size ?? 0)) this.first = 0;
    this.grid.show(numbers, { ...options, first: this.first });
    this.showPager();
  }

  showPager() {
    const plan = this.numbers?.size ? this.grid.plan : null;
    this.pager.hidden = !plan || (plan.all <= plan.sheets && this.first === 0);
    if (this.pager.hidden) return;
    const turn = (by) => {
      this.first = Math.max(0, Math.min(this.first + by, plan.all - 1));
      this.show(this.numbers, this.options);
    };
    this.pager.replaceChildren(
      button("‹", () => turn(-plan.sheets), { label: `Earlier part of ${this.label}` }),
      ` ${this.first + 1}–${this.first + plan.sheets} of ${plan.all} `,
      button("›", () => turn(plan.sheets), { label: `Later part of ${this.label}` }));
  }
}
