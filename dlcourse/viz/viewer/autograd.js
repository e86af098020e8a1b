// The autograd graph: numbers and the operations between them, forward, then blame flowing back.

import { collected, complete, known, operations } from "./autograd/blame.js";
import { Numbers } from "./frame/arrays.js";
import { Card } from "./frame/card.js";
import { make } from "./frame/controls.js";
import { exact, number, shape } from "./frame/format.js";
import { instrument } from "./frame/instrument.js";
import { ranked } from "./autograd/ranks.js";
import { Timeline, TIMELINE_STYLE } from "./frame/timeline.js";

const [WIDE, HIGH, GAP_Y] = [112, 62, 16];
const SIGNS = { "*": "×", "-": "−" };

const sign = (op) => SIGNS[op] ?? op.replace("**", "^");

class Graph {
  constructor(view) {
    const { nodes, edges } = view.content;
    Object.assign(this, { view, nodes, edges });
    this.names = this.nodes.map((node, i) => node.name || (node.op ? `n${i}` : plain(node.value)));
    this.moments = operations(this.nodes).map((moment) =>
      ({ ...moment, label: this.made(moment.node) }));
    this.plan = ranked(this.nodes.length, this.edges);
    const columns = Math.max(...this.plan.ranks) + 1;
    const room = (view.width - 20 - columns * WIDE) / Math.max(columns - 1, 1);
    this.gap = Math.max(26, Math.min(44, Math.floor(room)));
    this.panel = make("div", { class: "panel", role: "group", "aria-label": "The node looked at" });
    if (this.moments.length) {
      this.line = new Timeline({ view, moments: this.moments, onMove: (at) => view.choose({ at, pick: null }) });
      view.bar.append(this.line.element);
    }
    view.stage.append(this.picture(), this.panel);
    this.back = this.moments.some(({ phase }) => phase === "backward");
    this.panel.classList.toggle("steady", this.back);
    view.foot.append(this.legend());
    view.onChoice(() => this.show());
    view.redrawWith(() => this.show());
    view.tableOf(() => this.asTable());
    this.show();
  }

  spot(node) {
    const { ranks, rows, high } = this.plan;
    const column = ranks.filter((rank) => rank === ranks[node]).length;
    return [8 + ranks[node] * (WIDE + this.gap), 8 + (rows[node] + (high - column) / 2) * (HIGH + GAP_Y)];
  }

  picture() {
    const wide = 16 + (Math.max(...this.plan.ranks) + 1) * (WIDE + this.gap) - this.gap;
    const high = 16 + this.plan.high * (HIGH + GAP_Y) - GAP_Y;
    this.lines = this.edges.map((edge) => this.wire(edge));
    this.boxes = this.nodes.map((node, i) => this.box(node, i));
    this.svg = make("svg", { width: wide, height: high, viewBox: `0 0 ${wide} ${high}`, role: "group",
      "aria-label": "Graph of operations" }, ...this.lines, ...this.boxes);
    this.scroll = make("div", { class: "scroll graph" }, this.svg);
    return this.scroll;
  }

  legend() {
    const key = (kind, sign, text) => make("span", {}, make("span", { class: kind }, sign), text);
    return make("span", { class: "legend" }, key("number", "blue", " the value"), this.back ? key("slope", "d", " its gradient so far: the blame that has come to it") : "");
  }

  wire({ from, to, operand }) {
    const [x1, y1] = this.spot(from);
    const [x2, y2] = this.spot(to);
    const operands = this.edges.filter((edge) => edge.to === to).length;
    const enter = y2 + HIGH * ((operand + 1) / (operands + 1));
    const [a, b] = [x1 + WIDE, y1 + HIGH / 2];
    const bend = Math.max(18, (x2 - a) / 2);
    return make("path", { class: "wire", d: `M${a} ${b}C${a + bend} ${b} ${x2 - bend} ${enter} ${x2} ${enter}` });
  }

  box(node, i) {
    const [x, y] = this.spot(i);
    const head = node.op ? `${node.name ? `${node.name} = ` : ""}${sign(node.op)}` : node.name || "number";
    const group = make("g", { class: `node ${node.op ? "made" : "given"}`, role: "button", tabindex: "-1", "data-node": i, "data-name": this.names[i],
      transform: `translate(${x} ${y})`, onclick: () => this.view.choose({ pick: i }) },
    make("rect", { width: WIDE, height: HIGH, rx: 9 }),
    make("text", { x: 10, y: 18, class: "head" }, clipped(head, node.op ? 11 : 15)),
    node.op && !node.name ? make("text", { x: WIDE - 9, y: 18, "text-anchor": "end", class: "quiet" }, this.names[i]) : null,
    make("text", { x: 10, y: 36, class: "value" }), make("text", { x: 10, y: 53, class: "grad" }));
    group.addEventListener("keydown", (event) => this.key(event, i));
    return group;
  }

  get moment() {
    return this.moments[this.view.choices.at] ?? { phase: "forward", node: this.nodes.length - 1 };
  }

  show() {
    const { at, pick } = this.view.choices;
    this.line?.show(at);
    this.sums = collected(this.nodes, this.edges, this.moments, at);
    const looked = pick ?? this.moment.node;
    this.nodes.forEach((node, i) => this.fill(node, i, looked));
    this.edges.forEach((edge, i) => this.colour(this.lines[i], edge));
    this.tell(looked);
    if (pick === null) this.inSight(this.moment.node);
    this.view.say(this.sentence());
  }

  fill(node, i, looked) {
    const seen = !this.moments.length || known(this.nodes, this.moments, this.view.choices.at, i);
    const sum = this.sums[i];
    const box = this.boxes[i];
    const value = seen ? short(node.value) : "not yet";
    const grad = sum ? `d ${short(new Numbers(sum, node.value.shape, "float64"))}` : "";
    box.querySelector(".value").textContent = value;
    box.querySelector(".grad").textContent = grad;
    box.classList.toggle("waiting", !seen);
    box.classList.toggle("now", this.moments.length > 0 && this.moment.node === i);
    box.classList.toggle("looked", i === looked);
    box.tabIndex = i === looked ? 0 : -1;
    box.dataset.value = seen && node.value.size === 1 ? exact(Number(node.value.data[0]), "float64") : "";
    box.dataset.grad = sum?.length === 1 ? exact(sum[0], "float64") : "";
  }

  colour(line, { from, to }) {
    const { phase, node } = this.moment;
    const active = this.moments.length > 0 && node === to;
    line.setAttribute("class", `wire ${active ? phase : ""} ${this.sums[from] ? "blamed" : ""}`);
  }

  /** The operation of this node with its numbers, and what it hands back to each operand. */
  tell(i) {
    const node = this.nodes[i];
    const parts = [make("div", { class: "head" }, make("b", {}, this.names[i]), this.made(i).slice(this.names[i].length))];
    if (this.sums[i]) parts.push(this.received(i));
    if (this.moment.phase === "backward" && node.op) parts.push(...this.edges.filter((edge) => edge.to === i).map((edge) => this.handed(edge)));
    if (node.value.size > 1) parts.push(this.grids(i));
    this.panel.replaceChildren(...parts);
  }

  /** "n5 = 2 × (−3) = −6" */
  made(i) {
    const { op, value } = this.nodes[i];
    if (!op) return `${this.names[i]}: given, not computed`;
    const operands = this.edges.filter((edge) => edge.to === i).map(({ from }) => this.named(from));
    const how = between(op) ? operands.join(` ${sign(op)} `)
      : op.startsWith("**") ? `${operands[0]}${sign(op)}` : `${sign(op)}(${operands.join(", ")})`;
    return `${this.names[i]} = ${how} = ${short(value)}`;
  }

  named(i) {
    const { value, name } = this.nodes[i];
    return value.size === 1 ? bracketed(Number(value.data[0])) : name || shape(value.shape);
  }

  /** What has come to this node so far, reader by reader. */
  received(i) {
    const sum = this.sums[i];
    const last = this.view.choices.at === this.moments.length - 1;
    const fine = complete(sum, this.nodes[i].grad);
    const verdict = !last ? null : make("span", { class: fine ? "good" : "bad" }, fine ? " ✓ as it stands in .grad"
      : " ✗ .grad holds another number: older blame was not forgotten (zero_grad), or older nodes are left out");
    return make("p", { "data-sum": sum.length === 1 ? sum[0] : "" }, `Blame so far: ${short(new Numbers(sum, this.nodes[i].value.shape, "float64"))}`, verdict);
  }

  handed({ from, to, slope, sent }) {
    const { grad } = this.nodes[to];
    const how = slope === null || slope === undefined
      ? `gets ${short(sent)}` : `gets slope × blame = ${bracketed(slope, 4)} × ${bracketed(Number(grad.data[0]), 4)} = ${number(Number(sent.data[0]), 4)}`;
    return make("p", { class: "handed", "data-to": from, "data-sent": sent.size === 1 ? Number(sent.data[0]) : "" },
      make("b", {}, this.names[from]), ` ${how}`);
  }

  grids(i) {
    const { value } = this.nodes[i];
    const grad = this.sums[i] && new Numbers(this.sums[i], value.shape, "float64");
    const cards = [["value", value, false], ["gradient so far", grad, true]].map(([label, numbers, log]) => {
      const card = new Card({ view: this.view, name: label, label, width: 300, onPoint: (index, { grid }) => index && this.view.say(grid.sentence) });
      card.show(numbers, { log });
      return card.element;
    });
    return make("div", { class: "columns" }, ...cards);
  }

  sentence() {
    const { phase, node } = this.moment;
    if (phase === "forward") return `Forward: ${this.made(node)}.`;
    const shares = this.edges.filter((edge) => edge.to === node).map(({ from, sent }) => `${this.names[from]} gets ${short(sent)}`);
    return `Backward through ${sign(this.nodes[node].op)} at ${this.names[node]}: ${shares.join(", ")}.`;
  }

  asTable() {
    const rows = this.nodes.map((node, i) => [this.names[i], sign(node.op) || "given", short(node.value),
      this.sums[i] ? short(new Numbers(this.sums[i], node.value.shape, "float64")) : "not computed yet"]);
    return { caption: "Every node at this moment, oldest first", columns: ["node", "operation", "value", "gradient so far"], rows };
  }

  /** Arrow keys walk to the nearest node in that direction. */
  key(event, i) {
    const way = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] }[event.key];
    if (event.key === "Enter" || event.key === " ") this.view.choose({ pick: i });
    else if (!way) return;
    event.preventDefault();
    event.stopPropagation();
    if (!way) return;
    const [x, y] = this.spot(i);
    const far = (other) => {
      const [dx, dy] = [this.spot(other)[0] - x, this.spot(other)[1] - y];
      const along = dx * way[0] + dy * way[1];
      return along > 0 ? along + 2 * Math.abs(dx * way[1] + dy * way[0]) : Infinity;
    };
    const next = this.nodes.map((_, node) => node).reduce((best, node) => (far(node) < far(best) ? node : best), i);
    if (far(next) === Infinity) return;
    this.view.choose({ pick: next });
    this.boxes[next].focus({ preventScroll: true });
    this.inSight(next);
  }

  inSight(i) {
    const [x, y] = this.spot(i);
    const { scrollLeft: left, scrollTop: top, clientWidth: wide, clientHeight: high } = this.scroll;
    if (x < left || x + WIDE > left + wide) this.scroll.scrollLeft = x - wide / 2;
    if (y < top || y + HIGH > top + high) this.scroll.scrollTop = y - high / 2;
  }
}

const between = (op) => op !== "" && "+-*/@".includes(op);

const short = (array) => (array.size === 1 ? number(Number(array.data[0]), 4) : shape(array.shape));

const plain = (value) => (value.size === 1 ? number(Number(value.data[0])) : shape(value.shape));

const bracketed = (x, digits) => (x < 0 ? `(${number(x, digits)})` : number(x, digits));

const clipped = (text, most) => (text.length > most ? `${text.slice(0, most - 1)}…` : text);

const GRAPH_STYLE = `
.graph { max-height: 460px; margin-bottom: 12px; }
.graph svg { display: block; }
.node rect { fill: var(--soft); stroke: var(--line); stroke-width: 1.5; }
.node { cursor: pointer; border-radius: 9px; }
.node.given rect { fill: var(--card); }
.node.waiting rect { stroke-dasharray: 4 4; stroke: var(--quiet); }
.node.now rect { stroke: var(--accent); stroke-width: 3; }
.node.looked rect { stroke: var(--ink); stroke-width: 2.5; }
.node .head { font-weight: 650; } .node .value { fill: var(--forward); } .node .grad { fill: var(--backward); }
.node.waiting .value { fill: var(--quiet); }
.wire { fill: none; stroke: var(--line); stroke-width: 2; }
.wire.blamed { stroke: color-mix(in srgb, var(--backward) 55%, var(--card)); }
.wire.forward { stroke: var(--forward); stroke-width: 3; } .wire.backward { stroke: var(--backward); stroke-width: 3; }
.legend .number { color: var(--forward); } .legend .slope { color: var(--backward); font-weight: 650; }
.panel.steady { min-height: 119px; } .panel .head { font-size: 15px; } .panel p { margin: 4px 0; }
`;

export default instrument((view) => { new Graph(view); }, TIMELINE_STYLE, GRAPH_STYLE);
