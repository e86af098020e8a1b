// The layers of a net, one under the other, with the ways between them; click one to go there.

import { make } from "../frame/controls.js";
import { shape } from "../frame/format.js";
import { edges, labels, leaves } from "./trace.js";

const ROW = 34;
const HIGHEST = 470; // pixels; longer nets scroll

export class Rail {
  /** `onPick(at)`: a layer was chosen; `at` is its place among the steps of the trace. */
  constructor({ view, trace, onPick }) {
    Object.assign(this, { view, onPick });
    this.places = leaves(trace);
    this.names = labels(trace);
    this.rows = this.places.map((at) => this.row(trace.steps[at], at));
    const list = make("div", { class: "layers", role: "listbox", "aria-label": "Layers of the net" }, ...this.rows);
    this.element = make("div", { class: "rail", tabindex: "-1" }, this.ways(trace), list);
    this.scrolled = 0;
    view.listen(list, "keydown", (event) => this.key(event));
    view.listen(this.element, "scroll", () => { this.scrolled = this.element.scrollTop; });
    view.redrawWith(() => { this.high = null; });
  }

  row(step, at) {
    const size = step.outputs[0] ? shape(step.outputs[0].shape) : "";
    return make("div", {
      class: "layer", role: "option", tabindex: "-1", "aria-selected": "false", "data-step": at,
      style: `height: ${ROW}px`, onclick: () => this.onPick(at), title: `${this.names[at]}: ${step.kind}, ${size}`,
    }, make("b", {}, this.names[at]), make("small", {}, size ? `${step.kind} · ${size}` : step.kind));
  }

  /** Lines in the gutter: straight to the neighbour, in a bow past others. */
  ways(trace) {
    const row = new Map(this.places.map((at, i) => [at, i]));
    const found = edges(trace, this.places);
    const bow = (from, to) => (row.get(to) - row.get(from) > 1 ? 10 + 6 * Math.log2(row.get(to) - row.get(from)) : 0);
    const x = 10 + Math.max(0, ...found.map(({ from, to }) => 0.75 * bow(from, to)));
    const [wide, high] = [x + 12, this.places.length * ROW];
    const svg = make("svg", { class: "ways", width: wide, height: high, viewBox: `0 0 ${wide} ${high}`, "aria-hidden": "true" });
    this.lines = found.map(({ from, to, sure }) => {
      const [y1, y2] = [(row.get(from) + 0.5) * ROW, (row.get(to) + 0.5) * ROW];
      const out = x - bow(from, to);
      const path = out === x ? `M${x} ${y1}V${y2}` : `M${x} ${y1}C${out} ${y1 + 14} ${out} ${y2 - 14} ${x} ${y2}`;
      const line = make("path", { d: path, class: sure ? "way" : "way unsure", "data-from": from, "data-to": to });
      svg.append(line);
      return line;
    });
    this.dots = this.places.map((at, i) => make("circle", { cx: x, cy: (i + 0.5) * ROW, r: 5, class: "dot" }));
    svg.append(...this.dots);
    return svg;
  }

  /** `state(at)`: "waiting" | "answered" | "back" for each step; `now`: where we are. */
  show(now, phase, state) {
    this.rows.forEach((row, i) => {
      const at = this.places[i];
      const here = at === now;
      row.setAttribute("aria-selected", String(here));
      row.tabIndex = here || (now === null && i === 0) ? 0 : -1;
      row.dataset.state = state(at);
      this.dots[i].dataset.state = state(at);
      this.dots[i].dataset.phase = here ? phase : "";
    });
    if (now !== null && this.places.length * ROW > HIGHEST) this.keepInSight(this.places.indexOf(now) * ROW);
  }

  /** Where it is scrolled to is remembered: to ask the browser would make it lay out everything. */
  keepInSight(top) {
    const high = this.high ??= this.element.clientHeight;
    const was = this.scrolled;
    if (top < was) this.scrolled = top - 4;
    else if (top + ROW > was + high) this.scrolled = top + ROW + 4 - high;
    if (this.scrolled !== was) this.element.scrollTop = this.scrolled;
  }

  key(event) {
    const by = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    const i = this.rows.findIndex((row) => row.tabIndex === 0);
    const there = event.key === "Home" ? 0 : event.key === "End" ? this.rows.length - 1 : i + by;
    if (Number.isNaN(there) || !this.rows[there]) return;
    event.preventDefault();
    event.stopPropagation();
    this.onPick(this.places[there]);
    this.rows[there].focus({ preventScroll: true });
  }
}

export const RAIL_STYLE = `
.rail { position: relative; display: flex; max-height: ${HIGHEST}px; overflow-y: auto; overflow-x: hidden; width: 200px; flex: none;
  border-right: 1px solid var(--line); }
.ways { flex: none; } .layers { flex: 1; min-width: 0; padding-right: 8px; }
.layer { display: flex; flex-direction: column; justify-content: center; padding: 0 8px; border-radius: 7px;
  cursor: pointer; line-height: 1.2; white-space: nowrap; }
.layer b { font-weight: 600; overflow: hidden; text-overflow: ellipsis; font-size: 13px; }
.layer small { font-size: 11.5px; color: var(--quiet); overflow: hidden; text-overflow: ellipsis; }
.layer:hover { background: var(--soft); }
.layer[aria-selected="true"] { background: var(--soft); box-shadow: inset 3px 0 var(--accent); }
.layer[data-state="waiting"] b { color: var(--quiet); font-weight: 500; }
.way { fill: none; stroke: var(--quiet); stroke-width: 1.6; } .way.unsure { stroke-dasharray: 3 3; }
.dot { fill: var(--card); stroke: var(--quiet); stroke-width: 1.8; }
.dot[data-state="answered"] { fill: var(--forward); stroke: var(--forward); }
.dot[data-state="back"] { fill: var(--backward); stroke: var(--backward); }
.dot[data-phase="forward"], .dot[data-phase="backward"], .dot[data-phase="update"] { stroke: var(--ink); stroke-width: 3; r: 6.5px; }
@container (max-width: 620px) {
  .rail { width: 100%; max-height: 144px; border-right: 0; border-bottom: 1px solid var(--line); }
}
`;
