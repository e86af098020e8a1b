// Confusion and examples: a table of what is mistaken for what, and the examples behind each cell.

import { Numbers } from "./frame/arrays.js";
import { css, inkOn, painter } from "./frame/colours.js";
import { behind, rates } from "./examples/confusion.js";
import { list, make } from "./frame/controls.js";
import { number, percent } from "./frame/format.js";
import { Grid } from "./frame/grid.js";
import { instrument } from "./frame/instrument.js";

const SHOWN = 48; // examples of a cell at a time
const THUMB = 52;

class Browser {
  constructor(view) {
    const { x, labels, said, p, counts, names } = view.content;
    Object.assign(this, { view, x, labels, said, p, counts, names, classes: names.length });
    this.rates = rates(this.counts);
    this.order = list({ label: "Order", options: ["surest", "least sure", "as they came"], value: view.choices.order,
      onInput: (order) => view.choose({ order, pick: null }) });
    this.cells = new Map();
    this.heading = make("h4");
    this.thumbs = make("div", { class: "thumbs", role: "listbox", "aria-label": "Examples of this cell" });
    this.look = make("div", { class: "panel look" });
    this.grid = new Grid({ view, name: "example", label: "x", width: 220, onPoint: (index) => index && view.say(this.grid.sentence) });
    view.stage.append(make("div", { class: "columns" }, make("div", { class: "scroll" }, this.confusionTable()),
      make("div", { class: "behind" }, make("div", { class: "row" }, this.heading, this.order.element), this.thumbs, this.look)));
    view.foot.append(make("span", { class: "legend" }, this.key(1, "right"), this.key(-1, "mistaken"),
      make("span", {}, "the deeper, the larger its share of the row"), make("span", {}, "· zero")));
    view.listen(this.thumbs, "keydown", (event) => this.walk(event));
    view.onChoice(() => this.show());
    view.redrawWith(() => { this.paintTable(); this.show(); });
    view.tableOf(() => this.asTable());
    this.paintTable();
    this.show();
  }

  confusionTable() {
    const head = make("tr", {}, make("th", { scope: "col", class: "corner" }, make("span", { class: "quiet" }, "is\u00a0↓ said\u00a0→")),
      ...this.names.map((name) => make("th", { scope: "col" }, name)), make("th", { scope: "col" }, "found"));
    const rows = this.names.map((name, row) => make("tr", {}, make("th", { scope: "row" }, name),
      ...this.names.map((_, column) => make("td", {}, this.cell(row, column))), make("td", { class: "rate" }, share(this.rates[row].found))));
    const foot = make("tr", {}, make("th", { scope: "row", class: "when" }, "right when said"),
      ...this.rates.map(({ meant }) => make("td", { class: "rate" }, share(meant))), make("td"));
    return make("table", { class: "confusion" }, make("thead", {}, head), make("tbody", {}, ...rows, foot));
  }

  cell(row, column) {
    const count = this.counts.at([row, column]);
    const cell = make("button", { type: "button", class: "count", "data-cell": `${row},${column}`, "data-count": count,
      "aria-label": `is ${this.names[row]}, said ${this.names[column]}: ${count}`,
      onclick: () => this.view.choose({ cell: [row, column], pick: null }),
      onkeydown: (event) => this.step(event, row, column) }, count ? String(count) : "·");
    this.cells.set(`${row},${column}`, cell);
    return cell;
  }

  /** A swatch of the legend: repainted with the table, for the theme may change. */
  key(part, text) {
    return make("span", {}, make("span", { class: "swatch", "data-part": part, "aria-hidden": "true" }), ` ${text}`);
  }

  /** Right answers in blue, wrong ones in orange, the deeper the larger their share of the row. */
  paintTable() {
    const paint = { reach: 1, log: true, dark: this.view.dark };
    for (const [key, cell] of this.cells) {
      const [row, column] = key.split(",").map(Number);
      const part = Number(cell.dataset.count) / Math.max(this.rates[row].are, 1) * (row === column ? 1 : -1);
      cell.style.background = css(part, paint);
      cell.style.color = inkOn(painter(paint)(part));
    }
    for (const swatch of this.view.foot.querySelectorAll(".swatch")) swatch.style.background = css(Number(swatch.dataset.part) * 0.5, paint);
  }

  show() {
    const { cell, order, pick } = this.view.choices;
    this.order.set(order);
    for (const [key, button] of this.cells) {
      const here = key === cell.join();
      button.tabIndex = here ? 0 : -1;
      button.setAttribute("aria-pressed", String(here));
    }
    this.found = behind(this, cell, order);
    const [is, said] = cell.map((k) => this.names[k]);
    const many = this.found.length;
    const what = is === said ? `${is}, and the net said so` : `is ${is}, but the net said ${said}`;
    this.heading.textContent = `${many} ${many === 1 ? "example" : "examples"}: ${what}`;
    this.looked = pick ?? this.found[0] ?? null;
    this.thumbs.replaceChildren(...this.found.slice(0, SHOWN).map((i) => this.thumb(i)),
      many > SHOWN ? make("span", { class: "quiet" }, `… and ${many - SHOWN} more`) : "");
    this.showLook();
    this.view.say(this.sentence());
  }

  /** The example itself, or its number where it is no picture. */
  thumb(i) {
    const here = i === this.looked;
    const thumb = make("div", { class: "thumb", role: "option", tabindex: here ? "0" : "-1", "aria-selected": String(here), "data-example": i,
      "aria-label": `example ${i}, said with ${percent(this.sure(i))}`, onclick: () => this.view.choose({ pick: i }) });
    thumb.append(this.x.shape.length === 3 ? this.drawn(i) : make("b", {}, `#${i}`), make("small", {}, percent(this.sure(i))));
    return thumb;
  }

  drawn(i) {
    const [, high, wide] = this.x.shape;
    const canvas = make("canvas", { width: wide, height: high, "aria-hidden": "true", style: `width: ${THUMB}px; height: ${Math.round((THUMB * high) / wide)}px` });
    const picture = this.example(i);
    const paint = painter({ reach: this.x.facts.reach, dark: this.view.dark });
    const image = new ImageData(wide, high);
    new Uint32Array(image.data.buffer).set(Uint32Array.from(picture.data, (x) => paint(x)));
    canvas.getContext("2d").putImageData(image, 0, 0);
    return canvas;
  }

  example(i) {
    const shape = this.x.shape.slice(1);
    const size = shape.reduce((product, n) => product * n, 1);
    return new Numbers(this.x.data.subarray(i * size, (i + 1) * size), shape, this.x.dtype);
  }

  sure(i) {
    return this.p.at([i, this.said.at([i])]);
  }

  showLook() {
    const i = this.looked;
    this.look.dataset.example = i ?? "";
    if (i === null) return this.look.replaceChildren(make("p", { class: "quiet" }, "No example is in this cell."));
    this.grid.show(this.example(i), { reach: this.x.facts.reach });
    const bars = this.names.map((name, k) => this.bar(name, k, i));
    const right = this.labels.at([i]) === this.said.at([i]);
    const verdict = make("p", {}, make("b", {}, `Example ${i}`), ` is ${this.names[this.labels.at([i])]}; the net said ${this.names[this.said.at([i])]} `,
      make("span", { class: right ? "good" : "bad" }, right ? "✓" : "✗"));
    this.look.replaceChildren(verdict, make("div", { class: "columns" }, this.grid.element, make("div", { class: "bars" }, ...bars)));
  }

  bar(name, k, i) {
    const p = this.p.at([i, k]);
    const kind = k === this.labels.at([i]) ? "is" : k === this.said.at([i]) ? "said" : "";
    return make("div", { class: `bar-row ${kind}`, "data-p": p }, make("span", { class: "label" }, name),
      make("span", { class: "track-bar" }, make("span", { class: "fill", style: `width: ${Math.max(0, Math.min(1, p || 0)) * 100}%` })),
      make("span", { class: "p" }, Number.isFinite(p) ? percent(p, 1) : number(p)), make("span", { class: "mark" }, kind));
  }

  sentence() {
    const { cell } = this.view.choices;
    const many = this.found.length;
    const where = `Is ${this.names[cell[0]]}, said ${this.names[cell[1]]}: ${many} ${many === 1 ? "example" : "examples"}.`;
    return this.looked === null ? where : `${where} Example ${this.looked}, said with ${percent(this.sure(this.looked), 1)}.`;
  }

  step(event, row, column) {
    const by = { ArrowLeft: [0, -1], ArrowRight: [0, 1], ArrowUp: [-1, 0], ArrowDown: [1, 0] }[event.key];
    if (!by) return;
    event.preventDefault();
    event.stopPropagation();
    const cell = [row + by[0], column + by[1]];
    if (cell.some((k) => k < 0 || k >= this.classes)) return;
    this.view.choose({ cell, pick: null });
    this.cells.get(cell.join()).focus();
  }

  walk(event) {
    const by = { ArrowLeft: -1, ArrowRight: 1, ArrowUp: -1, ArrowDown: 1 }[event.key];
    const next = this.found[this.found.indexOf(this.looked) + by];
    if (by) event.preventDefault();
    if (by) event.stopPropagation();
    if (next === undefined) return;
    this.view.choose({ pick: next });
    this.thumbs.querySelector(`[data-example="${next}"]`)?.focus();
  }

  asTable() {
    const rows = this.names.map((name, row) => [name, ...this.names.map((_, column) => this.counts.at([row, column])), share(this.rates[row].found)]);
    return { caption: "Rows: what it is. Columns: what the net said.", columns: ["is", ...this.names, "found"], rows };
  }
}

const share = (rate) => (rate === null ? "none" : percent(rate));

const BROWSER_STYLE = `
.confusion { border-collapse: separate; border-spacing: 2px; font-size: 13px; }
.confusion th { font-weight: 600; padding: 2px 5px; text-align: center; white-space: nowrap; }
.confusion .corner { white-space: normal; text-align: right; line-height: 1.2; }
.confusion th[scope="row"] { text-align: right; white-space: normal; max-width: 120px; line-height: 1.2; }
.confusion td { padding: 0; text-align: center; } .confusion .rate { color: var(--quiet); padding: 0 2px; font-size: 12px; white-space: nowrap; }
.confusion th.when { max-width: 76px; }
.count { width: 100%; min-width: 38px; min-height: 32px; padding: 0 4px; border-radius: 5px; border: 1px solid transparent; }
.count[aria-pressed="true"] { border: 2px solid var(--cursor); box-shadow: 0 0 0 2px var(--card) inset; }
.behind { flex: 1 1 340px; } .behind .row { display: flex; flex-wrap: wrap; gap: 4px 16px; align-items: center; justify-content: space-between; margin-bottom: 8px; }
.behind h4 { margin: 0; font-size: 14px; }
.thumbs { display: flex; flex-wrap: wrap; gap: 6px; max-height: 176px; overflow: auto; padding: 3px; margin-bottom: 10px; align-items: center; }
.thumb { display: flex; flex-direction: column; align-items: center; gap: 2px; padding: 3px; border-radius: 6px; border: 1px solid var(--line); cursor: pointer; min-width: 44px; }
.thumb canvas { image-rendering: pixelated; border-radius: 3px; } .thumb small { font-size: 11px; color: var(--quiet); }
.thumb[aria-selected="true"] { border-color: var(--accent); box-shadow: 0 0 0 1px var(--accent); }
@container (max-width: 560px) { .confusion { border-spacing: 1px; font-size: 12px; } .confusion th { padding: 2px 1px; font-size: 11px; }
  .confusion th[scope="row"], .confusion .corner, .confusion th.when { max-width: 38px; line-height: 1.1; } .confusion .rate { font-size: 10px; white-space: normal; padding: 0; }
  .count { min-width: 24px; padding: 0; } }
.swatch { display: inline-block; width: 14px; height: 14px; border-radius: 4px; vertical-align: -2px; }
.look p { margin: 0 0 8px; }
.bars { flex: 1 1 190px; min-width: 0; }
.bar-row { display: grid; grid-template-columns: minmax(20px, auto) 1fr 52px 34px; gap: 8px; align-items: center; font-size: 13px; }
.bar-row .label { text-align: right; } .bar-row .p { text-align: right; } .bar-row .mark { font-size: 12px; font-weight: 600; }
.track-bar { height: 10px; background: var(--card); border-radius: 5px; overflow: hidden; border: 1px solid var(--line); }
.fill { display: block; height: 100%; background: var(--quiet); }
.bar-row.is .fill { background: var(--good); } .bar-row.is .mark { color: var(--good); }
.bar-row.said .fill { background: var(--bad); } .bar-row.said .mark { color: var(--bad); }
`;

export default instrument((view) => { new Browser(view); }, BROWSER_STYLE);
