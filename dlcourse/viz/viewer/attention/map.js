// One head, large: a row for each token that asks, a column for each that is looked at, with the
// tokens on both sides.

import { make } from "../frame/controls.js";
import { Heat } from "../frame/heat.js";
import { visible } from "../tokens/text.js";
import { weightPainter } from "./weight_colour.js";

const CELL = [10, 34];

export class AttentionMap {
  /** `onPoint([asks, seen] | null)`, `onPick([asks, seen])`. */
  constructor({ view, onPoint, onPick }) {
    Object.assign(this, { view });
    this.heat = new Heat({ view, name: "weights", label: "weights", onPoint, onPick });
    this.left = make("div", { class: "side-tokens", "aria-hidden": "true" });
    this.top = make("div", { class: "top-tokens", "aria-hidden": "true" });
    this.element = make("div", { class: "attention-map", tabindex: "-1" },
      make("span", { class: "corner" }), this.top, this.left, this.heat.element);
  }

  show(look, head, asks, seen, width) {
    Object.assign(this, { look, asks, seen });
    const { T, S, P, hidden } = look;
    const longest = (tokens) => Math.min(9, Math.max(...tokens.map((token) =>
      [...visible(token)].length)));
    const room = 14 + 9 * longest(asks);
    const cell = Math.max(CELL[0], Math.min(CELL[1], Math.floor((width - room) / S)));
    const upright = longest(seen) > 2;
    this.element.style.setProperty("--cell", `${cell}px`);
    this.element.style.setProperty("--room", `${Math.max(room, 30)}px`);
    this.element.style.setProperty("--letter", `${Math.min(14, cell)}px`);
    this.element.classList.toggle("upright", upright);
    const token = (text, place, kind) => make("span", { title: `${place}: ${text}`,
      [`data-${kind}`]: place }, visible(text));
    this.left.replaceChildren(...asks.map((text, t) => token(text, t, "asks")));
    this.top.replaceChildren(...seen.map((text, s) => token(text, s, "seen")));
    this.heat.show({ rows: T, cols: S, wide: cell, high: cell, paint: weightPainter(this.view.dark),
      label: `${look.name}, head ${head}: weights`, value: (t, s) => (hidden[head][t * S + s] ? null
        : P[head][t * S + s]),
      text: (weight) => (weight >= 0.995 ? "1" : weight >= 0.005
        ? weight.toFixed(2).replace(/^0/, "") : "") });
  }

  /** Light up the row of who asks, and the column of what is seen. */
  mark(at, seen = null) {
    const { look: { S } } = this;
    const row = { from: [at, 0], to: [at, S - 1], line: 1.5 };
    this.heat.home = [at, seen ?? Math.min(at, S - 1)];
    this.heat.mark([row]);
    for (const token of this.lit ?? []) token.classList.remove("lit");
    this.lit = [this.left.children[at], this.top.children[seen]].filter(Boolean);
    for (const token of this.lit) token.classList.add("lit");
  }
}

export const MAP_STYLE = `
.attention-map { display: grid; grid-template-columns: var(--room) max-content; overflow-x: auto;
  max-width: 100%; padding: 0 3px 4px 0; position: relative; }
.attention-map .corner { position: sticky; left: 0; background: var(--card); z-index: 2; }
.side-tokens, .top-tokens { font: 600 var(--letter)/1 var(--jp-code-font-family, ui-monospace,
  monospace); color: var(--quiet); }
.side-tokens { position: sticky; left: 0; background: var(--card); z-index: 2; text-align: right; }
.side-tokens span { display: block; height: var(--cell); line-height: var(--cell);
  padding-right: 6px; overflow: hidden; text-overflow: ellipsis; white-space: nowrap; }
.top-tokens { display: flex; align-items: flex-end; padding-bottom: 4px; }
.top-tokens span { width: var(--cell); text-align: center; overflow: hidden; white-space: nowrap;
  line-height: 1.25; }
.upright .top-tokens span { writing-mode: vertical-rl; transform: rotate(180deg); max-height: 84px;
  line-height: var(--cell); text-align: left; text-overflow: ellipsis; }
.attention-map .lit { color: var(--source); }
`;
