// What a whole net costs, and what the signs of its drawing mean.

import { make } from "../frame/controls.js";
import { memory, roughly } from "./facts.js";

/** Three numbers: what learns, what is multiplied, what must be kept. */
export function totals({ totals: { count, work, kept }, batch, bytes }) {
  const each = Math.round(kept / batch);
  const fact = (id, value, words, title) =>
    make(
      "div",
      { class: "total", "data-total": id, "data-value": value, title },
      make("b", {}, roughly(value)),
      ` ${words}`,
    );
  return make(
    "div",
    { class: "totals" },
    fact("parameters", count, `parameters (${memory(count * bytes)})`, String(count)),
    fact(
      "multiply-adds",
      work,
      "multiply-adds an example",
      `${work}, in layers with weights and in attention`,
    ),
    fact(
      "numbers",
      each,
      `numbers an example kept for the way back (${memory(each * bytes)})`,
      "what each layer answered",
    ),
  );
}

export function legend() {
  const sign = (kind) =>
    make(
      "svg",
      { width: 18, height: 14, "aria-hidden": "true" },
      make(
        "g",
        { class: `body ${kind}` },
        make("rect", { class: "front", x: 1, y: 1, width: 16, height: 12, rx: 2 }),
      ),
    );
  const line = (kind) =>
    make(
      "svg",
      { width: 26, height: 14, "aria-hidden": "true" },
      make("path", { class: `way ${kind}`, d: "M1 7H25" }),
    );
  return make(
    "div",
    { class: "legend" },
    ...[
      ["learns", "has parameters"],
      ["plain", "has none"],
      ["input", "comes from outside"],
    ].map(([kind, text]) => make("span", { class: "entry" }, sign(kind), text)),
    make("span", { class: "entry" }, line("guess"), "not sure: computed between the layers"),
    make(
      "span",
      { class: "entry" },
      "Bodies show what comes out: a block is channels × rows × columns, ",
      "a strip moments × numbers, a bar numbers.",
    ),
  );
}
