// The axes of a chart: round numbers beside them, thin rules across; words where there is nothing.

import { ticks } from "./scale.js";
import { make } from "../frame/controls.js";

const line = (x1, y1, x2, y2, kind) => make("line", { x1, y1, x2, y2, class: kind });
const text = (x, y, words, anchor) => make("text", { x, y, "text-anchor": anchor }, words);

/** Into this SVG, for these two scales; `width(text)` measures. */
export function drawAxes(svg, plan) {
  svg.setAttribute("width", plan.wide);
  svg.setAttribute("height", plan.height);
  svg.replaceChildren(...(plan.empty ? nothing(plan) : axes(plan)));
}

function axes({ across, up, left, right, wide, height, name, whole, width }) {
  const floor = up.low;
  const room = Math.max(56, Math.ceil(width(across.most.toLocaleString("en"))) + 26);
  const rules = up.ticks.flatMap(({ value, text: words }) => {
    const y = Math.round(up.pixel(value)) + 0.5;
    return [line(left, y, right, y, "rule"), text(left - 8, y + 4, words, "end")];
  });
  const steps = ticks(across.least, across.most, Math.max(2, (wide - left) / room), whole);
  const marks = steps.flatMap(({ value, text: words }) => {
    const x = Math.round(across.pixel(value)) + 0.5;
    const at = Math.min(x, wide - width(words) / 2 - 1);
    return [line(x, floor, x, floor + 4, "axis"), text(at, floor + 17, words, "middle")];
  });
  const named = name ? [text((left + right) / 2, height - 4, name, "middle")] : [];
  return [...rules, ...marks, line(left, floor + 0.5, right, floor + 0.5, "axis"), ...named];
}

function nothing({ wide, height }) {
  const frame = make("rect", { x: 0.5, y: 4.5, width: wide - 1, height: height - 9, rx: 8, class: "nothing" });
  return [frame, text(wide / 2, height / 2 + 4, "no values yet", "middle")];
}
