// The formula of the number under the cursor: every product of the window, and their sum.

import { css, inkOn, painter } from "../frame/colours.js";
import { button, make } from "../frame/controls.js";
import { number, tiny } from "../frame/format.js";

const SHOWN = 24;

export class SlowPanel {
  /** `onTerm(term | null)`: the learner looks at a product; `onChannel(c)`. */
  constructor({ view, onTerm, onChannel }) {
    Object.assign(this, { view, onTerm, onChannel });
    this.element = make("div", {
      class: "panel slow-formula",
      role: "group",
      "aria-label": "Formula",
    });
  }

  show(told, { channel = 0, check = null, reach = {} } = {}) {
    const { name, value, equation, note, total } = told;
    Object.assign(this.element.dataset, { name, value, total: total ?? "" });
    const head = make(
      "p",
      { class: "head" },
      make("b", {}, `${name} = ${number(value, 4)}`),
      equation ? make("span", { class: "quiet" }, `  =  ${equation}`) : null,
      note ? ` ${note}` : null,
    );
    const parts = [head];
    if (told.sums) parts.push(this.channels(told, channel));
    if (told.terms.length)
      parts.push(told.columns ? this.window(told, reach) : this.products(told));
    if (total !== null) parts.push(this.sum(told, check));
    this.element.replaceChildren(...parts);
  }

  /** Window × kernel = products: three small tables, cell for cell. */
  window({ terms, columns, sums }, reach) {
    const most = Math.max(...terms.map(({ value }) => Math.abs(value)), 0);
    const tables = [
      ["under the window", (term) => term.left.value, reach.x],
      ["kernel", (term) => term.right.value, reach.W],
      ["products", (term) => term.value, most],
    ].map(([name, pick, far]) => this.table(name, terms, columns, pick, far));
    const sign = (text) => make("span", { class: "sign", "aria-hidden": "true" }, text);
    const [x, W, products] = tables;
    const element = make("div", { class: "equation-row" }, x, sign("×"), W, sign("="), products);
    if (sums) element.dataset.channel = "one";
    return element;
  }

  table(name, terms, columns, pick, reach) {
    const options = { reach, dark: this.view.dark };
    const paint = painter(options);
    const cells = terms.map((term, k) =>
      make(
        "span",
        {
          class: term.frame ? "frame" : "",
          "data-term": k,
          "data-value": pick(term),
          style: `background: ${css(pick(term), options)}; color: ${inkOn(paint(pick(term)))}`,
          onpointerenter: () => this.over(k, term),
          onpointerleave: () => this.over(-1, null),
        },
        tiny(pick(term), reach),
      ),
    );
    return make(
      "figure",
      {},
      make("figcaption", {}, name),
      make("div", { class: "cells", style: `--columns: ${columns}` }, ...cells),
    );
  }

  over(k, term) {
    for (const cell of this.element.querySelectorAll("[data-term]"))
      cell.classList.toggle("lit", Number(cell.dataset.term) === k);
    this.onTerm(term);
  }

  /** Other sums run on. */
  products({ terms }) {
    const shown = terms.slice(0, SHOWN);
    const rest = terms.slice(SHOWN);
    const chips = shown.map((term) => this.chip(term));
    if (rest.length) {
      const sum = rest.reduce((all, { value }) => all + value, 0);
      chips.push(
        make(
          "span",
          { class: "quiet rest" },
          `+ ${rest.length.toLocaleString("en")} more = ${number(sum)}`,
        ),
      );
    }
    return make("div", { class: "products" }, ...chips);
  }

  chip(term) {
    const { left, right, value, into } = term;
    const chip = make(
      "span",
      { class: "term", "data-value": value },
      make("span", {}, `${signed(left.value)} · ${signed(right.value)}`),
      make("small", {}, into ? `→ ${into}` : `= ${number(value, 2)}`),
    );
    chip.addEventListener("pointerenter", () => {
      chip.classList.add("lit");
      this.onTerm(term);
    });
    chip.addEventListener("pointerleave", () => {
      chip.classList.remove("lit");
      this.onTerm(null);
    });
    return chip;
  }

  /** One sum for each channel of the picture; the chosen one is shown product by product. */
  channels({ sums, b }, channel) {
    const each = sums.map((sum, c) =>
      button(`${c}: ${number(sum, 2)}`, () => this.onChannel(c), {
        pressed: c === channel,
        label: `Channel ${c}: its products add up to ${number(sum, 3)}`,
      }),
    );
    return make(
      "div",
      { class: "channels" },
      make("span", { class: "quiet" }, "Sums of the channels"),
      ...each,
      make("span", { class: "quiet" }, `b: ${number(b, 2)}`),
    );
  }

  sum({ total, sums, b, terms, columns }, check) {
    const over = sums
      ? "all channels"
      : columns
        ? `${terms.length} products`
        : `${terms.length} terms`;
    const line = make(
      "p",
      { class: "sum" },
      `${over}${b ? ` + b (${number(b, 3)})` : ""} = `,
      make("b", {}, number(total, 5)),
    );
    if (check)
      line.append(
        make(
          "span",
          { class: check.agrees ? "good" : "bad", "data-agrees": String(check.agrees) },
          ` ${check.text}`,
        ),
      );
    return line;
  }
}

const signed = (x) => (x < 0 ? `(${number(x, 2)})` : number(x, 2));
