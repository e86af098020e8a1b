// The unrolled net: lanes one under the other on one common axis of time. What stands in a column
// belongs to one moment: its token, every unit, every gate of the unit that is watched, the gradient.

import { painter } from "../frame/colours.js";
import { make } from "../frame/controls.js";
import { tiny } from "../frame/format.js";
import { Heat } from "../frame/heat.js";
import { judged, Reach } from "./reach.js";
import { isThere } from "./story.js";
import { visible } from "../tokens/text.js";

const NAMES = 64; // pixels left of the first column, for the names of the rows
const COLUMN = [15, 54];
const ROW = 22;

export class Lanes {
  /** `onCell(quantity, t, j | null)`, `onPick(t, j)`: looked at, and chosen. */
  constructor({ view, onCell, onPick }) {
    Object.assign(this, { view, onCell, onPick });
    this.tokens = make("div", { class: "tokens", "aria-hidden": "true" });
    this.map = new Heat({ view, name: "map", label: "map",
      onPoint: (cell) => this.pointedMap(cell), onPick: ([j, t]) => onPick(t, j) });
    this.unit = new Heat({ view, name: "unit", label: "unit",
      onPoint: (cell) => this.pointedUnit(cell), onPick: ([, t]) => onPick(t, this.state.unit) });
    this.reach = new Reach({ onPick: (t) => onPick(t, this.state.unit),
      onPoint: (t) => this.reach.read(t ?? this.state.now.t) });
    this.heads = [0, 1, 2].map(() => make("h4", {}));
    this.axis = make("div", { class: "names axis", "aria-hidden": "true" });
    this.rowNames = make("div", { class: "names" });
    this.verdict = make("p", { class: "verdict" });
    const columns = [this.tokens, make("div", { class: "tall" }, this.map.element),
      this.unit.element, this.reach.svg];
    this.bands = columns.map(() => make("div", { class: "now", "aria-hidden": "true" }));
    const body = (i) => make("div", { class: "column-body" }, columns[i], this.bands[i]);
    this.element = make("div", { class: "lanes", tabindex: "-1" },
      lane(make("div", { class: "names quiet" }, "token"), body(0)),
      this.heads[0], lane(this.axis, body(1)),
      this.heads[1], lane(this.rowNames, body(2)),
      this.heads[2], lane(this.reach.names, body(3)), this.verdict);
  }

  /** `state`: { page, choices, now, source, unit }; `width`: pixels there are. */
  show(state, width) {
    this.state = state;
    const { T } = state.page;
    this.wide = Math.max(COLUMN[0], Math.min(COLUMN[1], Math.floor((width - NAMES) / T)));
    this.element.style.setProperty("--wide", `${this.wide}px`);
    this.element.style.setProperty("--lanes", `${NAMES + T * this.wide}px`);
    this.showTokens();
    this.showMap();
    this.showUnit();
    this.showReach();
    this.showNow();
  }

  quantity(name) {
    return this.state.page.quantities.find((each) => each.name === name);
  }

  // ── tokens, and where we are ────────────────────────────────────────────────────────────────────

  showTokens() {
    const { page: { tokens, T }, now } = this.state;
    const later = (t) => now.phase === "forward" && t > now.t;
    const known = [tokens, this.wide];
    if (known.every((each, i) => each === this.written?.[i])) {
      [...this.tokens.children].forEach((token, t) => token.classList.toggle("later", later(t)));
      return;
    }
    this.written = known;
    const every = Math.ceil(26 / this.wide);
    const longest = Math.max(...tokens.map((token) => [...visible(token)].length));
    this.tokens.classList.toggle("upright", longest * 9.2 > this.wide);
    this.tokens.replaceChildren(...tokens.map((token, t) => make("div", {
      class: `token${later(t) ? " later" : ""}`, "data-moment": t, title: `moment ${t}: ${token}`,
      onclick: () => this.onPick(t, this.state.unit),
    }, make("span", {}, visible(token)), make("small", {}, t % every === 0 || t === T - 1
      && t % every > every / 2 ? t : ""))));
  }

  showNow() {
    const { now } = this.state;
    for (const band of this.bands) {
      band.style.left = `${now.t * this.wide}px`;
      band.style.setProperty("--tone", `var(--${now.phase})`);
    }
    this.element.dataset.moment = now.t;
    this.element.dataset.phase = now.phase;
    const { scrollLeft, clientWidth } = this.element;
    const [from, to] = [now.t * this.wide, NAMES + (now.t + 1) * this.wide];
    if (from < scrollLeft) this.element.scrollLeft = from - this.wide;
    else if (to > scrollLeft + clientWidth) this.element.scrollLeft = to - clientWidth + this.wide;
  }

  // ── all units of one quantity ───────────────────────────────────────────────────────────────────

  showMap() {
    const { page, choices: { show }, now, source, unit } = this.state;
    const { says, phase } = this.quantity(show);
    const { data, N, paint } = this.painted(show);
    const high = Math.max(4, Math.min(ROW, Math.floor(250 / N)));
    this.heads[0].replaceChildren(show, make("small", {}, `${says}; every unit a row`));
    this.map.show({ rows: N, cols: page.T, wide: this.wide, high, paint,
      home: [Math.min(unit, N - 1), now.t],
      label: `${show}, ${says}`, value: (j, t) => (isThere(phase, t, now) ? data[t * N + j]
        : null) });
    this.map.element.dataset.show = show;
    this.map.element.dataset.source = phase === "backward" ? source : "";
    this.showAxis(N, high, Math.min(unit, N - 1));
  }

  painted(name) {
    const { page, source } = this.state;
    const data = page.story.data(page, name, source);
    const gradient = this.quantity(name).phase === "backward";
    const reach = page.story.kept(["reach", name, page.name, page.example, page.level,
      source].join(), () => this.largest(name, data));
    return { data, N: data.length / page.T, reach, paint: painter({ reach, log: gradient,
      dark: this.view.dark }) };
  }

  /** Gates and h lie within −1 … 1; everything else has its own largest number. */
  largest(name, data) {
    if ("ifgorzn".includes(name) || (name === "h" && !this.state.page.layer.ramp)) return 1;
    return data.reduce((most, value) => (Number.isFinite(value) ? Math.max(most, Math.abs(value))
      : most), 0) || 1;
  }

  /** First and last unit, and the one that is watched. */
  showAxis(N, high, unit) {
    const places = [0, N - 1].filter((j) => Math.abs(j - unit) * high >= 16);
    const tick = (j, kind, text) =>
      make("span", { class: kind, style: `top: ${(j + 0.5) * high}px` }, text);
    this.axis.style.height = `${N * high}px`;
    this.axis.replaceChildren(...[...new Set(places)].map((j) => tick(j, "quiet", j)),
      tick(unit, "here", `unit ${unit}`));
  }

  // ── everything about one unit ───────────────────────────────────────────────────────────────────

  get unitRows() {
    return this.state.page.quantities.filter(({ name }) => name !== "x" && name !== "dx");
  }

  showUnit() {
    const { page, now, unit } = this.state;
    const rows = this.unitRows.map((row) => ({ ...row, ...this.painted(row.name) }));
    this.heads[1].replaceChildren(`Unit ${unit}`, make("small", {},
      "its gates, its memory, its gradients"));
    this.rowNames.replaceChildren(...rows.map(({ name, says }) =>
      make("span", { style: `height: ${ROW}px`, title: says }, name)));
    this.unit.show({
      rows: rows.length, cols: page.T, wide: this.wide, high: ROW,
        label: `unit ${unit}: ${rows.map(({ name }) => name).join(", ")}`,
      home: [rows.findIndex(({ name }) => name === "h"), now.t],
      value: (r, t) => (isThere(rows[r].phase, t, now) ? rows[r].data[t * page.H + unit] : null),
      paint: (value, r) => rows[r].paint(value),
      text: (value, r) => (rows[r].phase === "backward" ? gradientText(value) : tiny(value)),
    });
  }

  // ── how far back the loss is felt ───────────────────────────────────────────────────────────────

  showReach() {
    const { page, now, source } = this.state;
    const norms = page.story.norms(page, source);
    const made = norms && now.phase === "backward";
    const { text, verdict, ratio } = made ? judged(norms.dh, source) : { text: "" };
    this.heads[2].replaceChildren("How far back the loss is felt",
      make("small", {}, source === "all" ? "from all moments" : `from moment ${source}`),
        this.reach.keys);
    this.reach.show({ norms, T: page.T, wide: this.wide, fan: made ? page.story.fan(page) : [],
      from: made ? now.t : null, to: source === "all" ? page.T - 1 : source,
      note: made ? text : norms ? "Not computed yet: the way back begins after the loss."
        : "No gradients: make the trace with a loss, trace(net, tokens, loss=…)." });
    this.reach.read(now.t);
    this.verdict.textContent = text;
    Object.assign(this.verdict.dataset, { verdict: verdict ?? "", ratio: ratio ?? "" });
  }

  // ── what is looked at ───────────────────────────────────────────────────────────────────────────

  pointedMap(cell) {
    this.onCell(cell && { name: this.state.choices.show, t: cell[1], j: cell[0] });
  }

  pointedUnit(cell) {
    this.onCell(cell && { name: this.unitRows[cell[0]].name, t: cell[1], j: this.state.unit });
  }

  /** Light up cells [quantity, moment, unit | null]. */
  mark(cells) {
    const { choices: { show }, unit } = this.state;
    const rows = this.unitRows.map(({ name }) => name);
    const onMap = cells.filter(([name, t]) => name === show && t >= 0)
      .map(([, t, j]) => ({ from: [j ?? 0, t], to: [j ?? this.map.rows - 1, t] }));
    const onUnit = cells.filter(([name, t, j]) => rows.includes(name) && t >= 0
      && (j === null || j === unit))
      .map(([name, t]) => ({ from: [rows.indexOf(name), t], to: [rows.indexOf(name), t] }));
    this.map.mark(onMap);
    this.unit.mark(onUnit);
    const read = cells.filter(([name]) => name === "x").map(([, t]) => t);
    for (const [t, token] of [...this.tokens.children].entries()) token.classList.toggle("lit",
      read.includes(t));
  }
}

/** Of a small gradient only the sign finds room; its colour says how large it is. */
function gradientText(value) {
  if (Math.abs(value) >= 0.005 || value === 0) return tiny(value);
  return value < 0 ? "−" : "+";
}

const lane = (names, body) => make("div", { class: "lane" }, names, body);

export const LANES_STYLE = `
.lanes { position: relative; overflow-x: auto; max-width: 100%; padding: 4px 3px 4px 0; }
.lane { display: flex; width: var(--lanes); }
.lanes h4 { margin: 12px 0 4px; font-size: 13px; font-weight: 600; position: sticky; left: 0;
  width: fit-content; }
.lanes h4 small { font-weight: 400; color: var(--quiet); margin-left: .5em; font-size: 12.5px; }
.names { flex: 0 0 ${NAMES}px; position: sticky; left: 0; z-index: 2; background: var(--card);
  font-size: 12.5px;
  padding-right: 8px; text-align: right; }
.names > span { display: flex; align-items: center; justify-content: flex-end; font-weight: 600; }
.names.axis span { position: absolute; right: 8px; transform: translateY(-50%); font-weight: 400;
  font-size: 12px; white-space: nowrap; }
.names.axis .here { font-weight: 650; }
.tall { max-height: 400px; }
.tokens { display: flex; }
.token { width: var(--wide); text-align: center; cursor: pointer; line-height: 1.3;
  border-radius: 5px; }
.token span { display: block; font: 600 15px/22px var(--jp-code-font-family, ui-monospace,
  monospace); overflow: hidden; white-space: nowrap; }
.token small { display: block; height: 15px; font-size: 11px; color: var(--quiet); }
.upright .token { display: flex; flex-direction: column; align-items: center; justify-content: flex-end; }
.upright .token span { writing-mode: vertical-rl; transform: rotate(180deg); max-height: 84px; font-size: 13px;
  line-height: var(--wide); text-overflow: ellipsis; }
.token.later span { color: var(--quiet); font-weight: 400; }
.token.lit span { color: var(--source); text-decoration: underline 2px; text-underline-offset: 3px;
  }
.column-body { position: relative; }
.now { position: absolute; top: -2px; bottom: -2px; width: var(--wide); border-radius: 5px;
  pointer-events: none; z-index: 1;
  box-shadow: 0 0 0 1px var(--card), inset 0 0 0 2px var(--tone); }
.tokens + .now { background: color-mix(in srgb, var(--tone) 16%, transparent); }
.verdict { margin: 6px 0 0; min-height: 1.45em; position: sticky; left: 0; width: fit-content; }
`;
