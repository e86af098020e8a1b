// The drawing of a planned net: frames, ways, boxes, all as SVG with real text.

import { make } from "../frame/controls.js";
import { body } from "./bodies.js";
import { face, fitted } from "./face.js";
import { roughly, sizes, summed } from "./facts.js";

export class PlanDrawing {
  /** `most`: the largest sizes of the net. */
  constructor({ content, most }) {
    Object.assign(this, { content, most, items: [] });
  }

  draw(plan) {
    this.items = [];
    const svg = make("svg", {
      width: plan.wide,
      height: plan.high,
      viewBox: `0 0 ${plan.wide} ${plan.high}`,
      role: "group",
      "aria-label": "Drawing of the net",
    });
    svg.append(marker());
    for (const frame of plan.frames) svg.append(this.frame(frame));
    this.ways = plan.ways.map((way) => this.way(way));
    svg.append(...this.ways.map(({ element }) => element));
    for (const unit of plan.units) svg.append(this.unit(unit));
    for (const { label } of this.ways) if (label) svg.append(label);
    this.items.sort((a, b) => a.y - b.y || a.x - b.x);
    return svg;
  }

  group(name) {
    return this.content.groups.find((group) => group.name === name);
  }

  frame({ name, x, y, wide, high, members }) {
    const { label, kind } = this.group(name);
    const told = summed(members.map((i) => this.content.nodes[i]));
    const hit = make("rect", {
      x,
      y,
      width: wide,
      height: 30,
      rx: 9,
      class: "hit",
      role: "button",
      tabindex: "-1",
      "aria-expanded": "true",
      "data-group": name,
      "aria-label": `${name}, ${kind}, unfolded`,
    });
    const head = make(
      "g",
      { class: "head" },
      make("text", { x: x + 12, y: y + 20, class: "name" }, fitted(`▾ ${label}`, wide - 24, true)),
    );
    const room = wide - 40 - label.length * 8;
    const more = fitted(`${kind} · ${roughly(told.count)} parameters`, room);
    if (room > 60)
      head.append(
        make("text", { x: x + wide - 12, y: y + 20, class: "quiet", "text-anchor": "end" }, more),
      );
    head.append(hit);
    this.items.push({ element: hit, group: name, members, x, y, wide, key: `g:${name}` });
    return make(
      "g",
      { class: "frame" },
      make("rect", { x, y, width: wide, height: high, rx: 10, class: "back" }),
      head,
    );
  }

  way(way) {
    const { path, label, ways } = way;
    const nodes = this.content.nodes;
    const sure = ways.every((one) => one.sure);
    const stuck = ways.some(({ target }) => nodes[target].failed);
    const element = make("path", {
      d: path,
      class: `way${sure ? "" : " guess"}${stuck ? " stuck" : ""}`,
      "data-from": way.from,
      "data-to": way.to,
      "data-shape": sizes(ways[0].shape),
      "marker-end": stuck ? "url(#stop)" : "url(#tip)",
    });
    const text =
      label &&
      ways[0].shape &&
      make(
        "text",
        { x: label[0], y: label[1], class: stuck ? "carried bad" : "carried" },
        `${stuck ? "✗ gives " : ""}${sizes(ways[0].shape)}`,
      );
    return { element, label: text, from: way.from, to: way.to };
  }

  /** A box: what is seen, and above it a button without text, which hears and speaks for it. */
  unit(unit) {
    const hit = make("rect", {
      class: "hit",
      width: unit.wide,
      height: unit.high,
      rx: 9,
      role: "button",
      tabindex: "-1",
      "data-key": unit.key,
    });
    const seen = unit.group
      ? this.folded(hit, unit)
      : unit.round
        ? this.round(hit, unit)
        : this.layer(hit, unit);
    this.items.push({ element: hit, ...unit });
    return make("g", { class: "unit", transform: `translate(${unit.x} ${unit.y})` }, ...seen, hit);
  }

  round(hit, unit) {
    const { shape } = this.content.nodes[unit.node];
    hit.setAttribute("aria-label", `sum, gives ${sizes(shape)}`);
    hit.dataset.shape = sizes(shape);
    return [
      make("circle", { cx: unit.axis, cy: unit.high / 2, r: 13, class: "round" }),
      make(
        "text",
        { x: unit.axis, y: unit.high / 2 + 5, "text-anchor": "middle", class: "plus" },
        "+",
      ),
    ];
  }

  layer(hit, unit) {
    const node = this.content.nodes[unit.node];
    const { count, shared, failed } = node;
    const tone = failed ? "failed" : node.role === "input" ? "input" : count ? "learns" : "plain";
    const lines = [node.kind || { input: "from outside", mean: "of each map" }[node.role] || ""];
    if (failed)
      lines.push(node.needs ? `needs ${node.needs.replace("examples × ", "")}` : "cannot go on");
    Object.assign(hit.dataset, { node: unit.node, shape: failed ? "" : sizes(node.shape), count });
    hit.setAttribute(
      "aria-label",
      `${node.name || node.label}, ${node.kind || node.role}, ${spoken(node)}`,
    );
    const name = node.calls > 1 ? `${node.label} × ${node.calls}` : node.label;
    const draw = (scale) => body(node.shape, this.most, tone, scale);
    return face(unit, name, lines, { count, shared, failed, draw, all: this.content.totals.count });
  }

  folded(hit, unit) {
    const { label, kind } = this.group(unit.group);
    const nodes = unit.members.map((i) => this.content.nodes[i]);
    const { count, layers } = summed(nodes);
    const given = nodes.findLast(({ shape }) => shape)?.shape;
    Object.assign(hit.dataset, { group: unit.group, shape: sizes(given), count });
    hit.setAttribute("aria-expanded", "false");
    const much = count.toLocaleString("en");
    const told = `${layers} layers folded, gives ${sizes(given)}, ${much} parameters`;
    hit.setAttribute("aria-label", `${unit.group}, ${kind}, ${told}`);
    const draw = (scale) => body(given, this.most, count ? "learns" : "plain", scale);
    const all = this.content.totals.count;
    return face(unit, `▸ ${label}`, [kind], { count, stacked: true, draw, all });
  }
}

/** What a layer does, for those who listen. */
function spoken({ shape, count, shared, failed, reads, needs }) {
  if (failed)
    return `cannot go on with ${reads.map(sizes).join(" and ")}, needs ${needs || "another shape"}`;
  const cost = count ? `, ${count.toLocaleString("en")} parameters${shared ? ", shared" : ""}` : "";
  return `gives ${sizes(shape)}${cost}`;
}

function marker() {
  const tip = (id) =>
    make(
      "marker",
      {
        id,
        viewBox: "0 0 8 8",
        refX: 5,
        refY: 4,
        markerWidth: 9,
        markerHeight: 9,
        orient: "auto",
        markerUnits: "userSpaceOnUse",
      },
      id === "tip"
        ? make("path", { d: "M0 0L8 4L0 8z", class: "tip" })
        : make("path", { d: "M1 1L7 7M7 1L1 7", class: "stop" }),
    );
  return make("defs", {}, tip("tip"), tip("stop"));
}
