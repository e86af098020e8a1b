// Who gives what to whom: noise to the maker, fakes and real points to the judge, and on the way
// back the lesson to the judge or, through it, to the maker. The parts of a phase are lit.

import { make } from "../frame/controls.js";

const BOXES = {
  noise: [2, 18, 48, "noise"], maker: [68, 14, 62, "maker"], fakes: [148, 18, 46, "fakes"],
  real: [148, 66, 46, "real"], judge: [212, 38, 62, "judge"], verdict: [292, 42, 46, "loss"],
};
const HIGH = { maker: 34, judge: 34 };
const EDGES = [["noise", "maker"], ["maker", "fakes"], ["fakes", "judge"], ["real", "judge"],
  ["judge", "verdict"]];
const BACK = {
  judge: ["M 315 70 C 312 96, 268 98, 252 76"],
  maker: ["M 315 40 C 312 10, 262 4, 246 34", "M 232 36 C 220 2, 186 0, 172 14",
    "M 160 16 C 148 0, 116 0, 102 11"],
};

export class DuelFlow {
  constructor() {
    this.parts = {};
    const head = make("marker", { id: "head", viewBox: "0 0 8 8", refX: 6, refY: 4, markerWidth: 6,
      markerHeight: 6, orient: "auto" },
      make("path", { d: "M 0 0 L 8 4 L 0 8 Z", class: "head" }));
    const edges = EDGES.map(([from, to]) => this.edge(from, to));
    this.back = Object.fromEntries(Object.entries(BACK).map(([name, ways]) => [name,
      make("g", { class: "back" },
        ...ways.map((d) => make("path", { d, "marker-end": "url(#head)" })))]));
    this.element = make("svg", { class: "duel-flow", viewBox: "0 0 340 104", role: "img" },
      make("defs", {}, head),
      ...edges, ...Object.values(this.back), ...Object.keys(BOXES).map((name) => this.box(name)));
  }

  box(name) {
    const [x, y, wide, words] = BOXES[name];
    const high = HIGH[name] ?? 26;
    const part = make("g", { class: `part ${HIGH[name] ? "net" : ""}` },
      make("rect", { x, y, width: wide, height: high, rx: HIGH[name] ? 8 : 13 }),
      make("text", { x: x + wide / 2, y: y + high / 2 + 4.5, "text-anchor": "middle" }, words));
    this.parts[name] = part;
    return part;
  }

  edge(from, to) {
    const [a, b] = [BOXES[from], BOXES[to]];
    const middle = (box, name) => box[1] + (HIGH[name] ?? 26) / 2;
    const [x1, x2] = [a[0] + a[2], b[0]];
    const [y1, y2] = [middle(a, from), middle(b, to)];
    const bent = `M ${x1} ${y1} C ${x1 + 9} ${y1}, ${x2 - 9} ${y2}, ${x2 - 1} ${y2}`;
    const edge = make("path", { d: bent, class: "edge" });
    this.parts[`${from}-${to}`] = edge;
    return edge;
  }

  show({ lit, back, title }) {
    for (const [name, part] of Object.entries(this.parts)) {
      part.classList.toggle("lit", name.split("-").every((each) => lit.includes(each))
        && !(back && name.includes("-")));
    }
    for (const [name, way] of Object.entries(this.back)) way.classList.toggle("lit", name === back);
    const names = lit.map((name) => BOXES[name][3]).join(", ");
    const on = back ? `the lesson goes back to the ${back}` : names;
    this.element.setAttribute("aria-label", `${title}: ${on}`);
  }
}

export const FLOW_STYLE = `
.duel-flow { display: block; width: 100%; max-width: 420px; }
.duel-flow .part rect { fill: var(--card); stroke: var(--line); stroke-width: 1.5; }
.duel-flow .part text { fill: var(--quiet); font-size: 13px; }
.duel-flow .part.net text { font-weight: 650; }
.duel-flow .part.lit rect { stroke: var(--accent); stroke-width: 2.5; }
.duel-flow .part.lit text { fill: var(--ink); }
.duel-flow .edge { fill: none; stroke: var(--line); stroke-width: 2; }
.duel-flow .edge.lit { stroke: var(--accent); stroke-width: 3; }
.duel-flow .back { visibility: hidden; } .duel-flow .back.lit { visibility: visible; }
.duel-flow .back path { fill: none; stroke: var(--backward); stroke-width: 2.5;
  stroke-dasharray: 5 3; }
.duel-flow .head { fill: var(--backward); stroke: none; stroke-dasharray: none; }
.duel-flow .back .head { fill: var(--backward); }
`;
