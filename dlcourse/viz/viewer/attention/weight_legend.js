// What the colours of weights mean, and what hatching does.

import { make } from "../frame/controls.js";
import { weightStyle } from "./weight_colour.js";

const CELLS = 26;

export function weightLegend(view) {
  const cells = Array.from({ length: CELLS }, () => make("i"));
  const show = () => cells.forEach((cell, i) => {
    cell.style.background = weightStyle(view.dark)((i / (CELLS - 1)) ** 2).background;
  });
  view.redrawWith(show);
  show();
  const absent = make("span", { class: "state absent", "aria-hidden": "true" });
  return make("div", { class: "legend" }, "weight 0",
    make("span", { class: "weights", "aria-hidden": "true" }, ...cells), "1",
    make("span", {}, "middle: 0.25"), make("span", {}, absent, " may not be looked at"));
}

export const WEIGHT_STYLE = `
.weights { display: inline-flex; width: 130px; height: 12px; border: 1px solid var(--line);
  border-radius: 3px; overflow: hidden; }
.weights i { flex: 1; }
`;
