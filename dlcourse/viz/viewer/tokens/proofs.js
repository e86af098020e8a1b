// A box of proofs: what was computed anew in the browser, held against what the trace holds.

import { make } from "../frame/controls.js";
import { number } from "../frame/format.js";

/** `checks`: [{ what, gap, reach, agrees }]; `words(check)`: what was compared; `how` it was made. */
export function proofs(checks, words, how) {
  return make("div", { class: "proofs" }, make("h4", {}, "Held against the trace"),
    ...checks.map((check) =>
    make("div", { class: check.agrees ? "good" : "bad", "data-check": check.what,
      "data-agrees": String(check.agrees),
      "data-gap": check.gap, title: `The largest of them is ${number(check.reach)}.` },
    `${check.agrees ? "✓" : "✗"} ${words(check)}: `,
    make("span", { class: "quiet" }, check.agrees
      ? `the same but for rounding, at most ${number(check.gap, 2)} apart`
      : `up to ${number(check.gap, 2)} apart, which no rounding explains`))),
  make("p", { class: "quiet" }, how));
}

export const PROOF_STYLE = `
.proofs { border: 1px solid var(--line); border-radius: 10px; padding: 8px 12px; font-size: 12.5px;
  display: grid; gap: 4px; }
.proofs h4 { margin: 0; font-size: 13px; font-weight: 600; } .proofs p { margin: 0; }
`;
