// One number and the terms that make it: each with a bar as long as it is large, and on demand the
// products inside. A term under the cursor lights up where its numbers stand.

import { make } from "../frame/controls.js";
import { number } from "../frame/format.js";

const INSIDE = 6; // products shown of a long sum

export class TermPanel {
  /** `onTerm(term | null)`: the learner looks at a term. `hint` stands there until then. */
  constructor({ view, hint, onTerm = () => {} }) {
    Object.assign(this, { view, hint, onTerm, open: false });
    this.element = make("div", { class: "panel term-panel", role: "group",
      "aria-label": "Formula" });
    this.rest();
  }

  rest() {
    this.element.replaceChildren(make("p", { class: "quiet" }, this.hint));
    for (const key of ["name", "total", "agrees"]) delete this.element.dataset[key];
  }

  /**
   * { name, says, equation, terms: [{ label, says, value, products }], joint, bend, sum, total, stored }
   * `stored` is what the trace holds of it, `agrees` whether that is the same; `extra` comes last.
   */
  show(formula, ...extra) {
    const { name, says, equation, terms, total, stored, agrees } = formula;
    this.element.dataset.name = name;
    this.element.dataset.total = total;
    if (stored === undefined) delete this.element.dataset.agrees;
    else this.element.dataset.agrees = agrees;
    this.element.replaceChildren(
      make("div", { class: "head" }, make("b", {}, name),
        make("span", { class: "value" }, ` = ${number(total, 4)}`), verdict(formula)),
      says ? make("div", { class: "quiet says" }, says) : "",
      equation ? make("div", { class: "equation" }, `= ${equation}`) : "",
      terms.length ? this.rows(formula) : "", ...extra);
  }

  rows({ terms, joint = "+", bend, sum, total }) {
    const reach = Math.max(...terms.map(({ value }) => Math.abs(value)), Math.abs(sum ?? 0)) || 1;
    const rows = terms.map((term, i) => this.row(term, reach, i ? joint : ""));
    const sums = terms.length > 1 || bend;
    const end = (text, value) => make("div", { class: "row end" },
      make("span", { class: "label" }, text),
      make("span", { class: "size" }), make("span", { class: "number" }, number(value, 4)));
    return make("div", { class: "rows" }, ...rows,
      sums ? end(joint === "·" ? "product" : "sum", sum ?? total) : "", bend
        ? end(`${bend} of it`, total) : "");
  }

  row(term, reach, joint) {
    const { label, says, value, products } = term;
    const row = make("div", { class: "row term" },
      make("span", { class: "label" }, joint ? `${joint} ` : "", label, says
        ? make("small", {}, says) : ""),
      bar(value, reach), make("span", { class: "number" }, number(value, 4)));
    const look = (on) => () => {
      row.classList.toggle("lit", on);
      this.onTerm(on ? term : null);
    };
    row.addEventListener("pointerenter", look(true));
    row.addEventListener("pointerleave", look(false));
    if (!products) return row;
    return make("div", {}, row, ...(typeof products === "function" ? [this.inside(products)]
      : products.map(product)));
  }

  /** The products of a long sum, when somebody wants to see them; stays open from cell to cell. */
  inside(products) {
    const box = make("details", { class: "inside" }, make("summary", {}, "largest products"));
    const fill = () => {
      if (!box.open || box.children.length > 1) return;
      const all = products();
      const more = all.slice(INSIDE).reduce((sum, { value }) => sum + value, 0);
      box.append(...all.slice(0, INSIDE).map(product), all.length > INSIDE
        ? make("div", { class: "product quiet" },
          `and ${all.length - INSIDE} more: ${number(more)}`) : "");
    };
    box.open = this.open;
    fill();
    box.addEventListener("toggle", () => { this.open = box.open; fill(); });
    return box;
  }
}

function product({ at, left, right, value }) {
  const place = at === undefined ? "" : `[${at}] `;
  return make("div", { class: "product" }, make("span", { class: "quiet" }, place),
    `${bracketed(left)} · ${bracketed(right)} = ${number(value)}`);
}

/** A bar from the middle: to the left below zero, to the right above. */
function bar(value, reach) {
  const part = Math.min(Math.abs(value) / reach, 1) * 50;
  const [side, kind] = value < 0 ? ["right", "minus"] : ["left", "plus"];
  return make("span", { class: "size", "aria-hidden": "true" },
    make("span", { class: kind,
      style: `${side}: 50%; width: ${Number.isFinite(part) ? part : 0}%` }));
}

function verdict({ stored, agrees }) {
  if (stored === undefined) return "";
  return make("span", { class: agrees ? "good" : "bad" }, agrees ? " ✓ as in the trace"
    : ` ✗ the trace has ${number(stored, 6)}`);
}

const bracketed = (value) => (value < 0 ? `(${number(value)})` : number(value));

export const TERM_STYLE = `
.term-panel { min-height: 220px; overflow-wrap: anywhere; }
.term-panel p { margin: 2px 0; }
.term-panel .head { font-size: 15px; } .term-panel .head .good, .term-panel .head .bad {
  font-size: 13px; margin-left: .4em; }
.term-panel .value { font-weight: 650; white-space: nowrap; }
.term-panel .says { font-size: 13px; }
.term-panel .equation { font-size: 13px; color: var(--quiet); margin: 2px 0 6px; }
.rows { display: grid; gap: 1px; margin-top: 6px; }
.row { display: grid; grid-template-columns: minmax(0, 1fr) 56px auto; gap: 8px;
  align-items: center; min-height: 30px;
  padding: 2px 6px; margin: 0 -6px; border-radius: 6px; }
.row.lit { background: var(--card); box-shadow: inset 0 0 0 1.5px var(--source); }
.row .label { font-size: 13px; line-height: 1.25; }
.row .label small { display: block; color: var(--quiet); font-size: 12px; }
.row .number { text-align: right; font-weight: 600; white-space: nowrap; min-width: 58px; }
.row.end { border-top: 1px solid var(--line); border-radius: 0; margin: 0; padding: 2px 0;
  min-height: 26px; }
.row.end .label { color: var(--quiet); }
.size { position: relative; height: 10px; border-left: 0; }
.row .size::before { content: ""; position: absolute; left: 50%; top: -2px; bottom: -2px;
  width: 1px; background: var(--quiet); opacity: .6; }
.row.end .size::before { display: none; }
.size span { position: absolute; top: 0; bottom: 0; min-width: 1px; }
.size .plus { background: var(--plus); border-radius: 0 3px 3px 0; }
.size .minus { background: var(--minus); border-radius: 3px 0 0 3px; }
.root { --plus: #2a6fb0; --minus: #b35c0e; } .root.dark { --plus: #5aa5e0; --minus: #dd8f35; }
.inside { font-size: 12.5px; margin: 0 0 4px; }
.inside summary { cursor: pointer; color: var(--quiet); min-height: 24px; }
.product { padding: 0 0 2px 12px; font-size: 12.5px; color: var(--ink); }
`;
