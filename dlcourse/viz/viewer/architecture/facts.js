// What can be said of a layer or a group of layers: shapes, weights, costs.

import { make } from "../frame/controls.js";
import { number, shape } from "../frame/format.js";

export const sizes = (whole) => (whole ? shape(whole.slice(1)) : "nothing");
const many = (n) => n.toLocaleString("en");

/** 1,234,567 as "1.2 M": where there is little room. */
export function roughly(n) {
  if (n < 10_000) return many(n);
  if (n < 1e6) return `${number(n / 1e3)} k`;
  return n < 1e9 ? `${number(n / 1e6)} M` : `${number(n / 1e9)} G`;
}

/** A group's costs: the sums of its layers. */
export function summed(nodes) {
  const sum = (name) => nodes.reduce((all, node) => all + node[name], 0);
  const count = nodes.reduce((all, node) => all + (node.shared ? 0 : node.count), 0);
  return {
    count,
    work: sum("work"),
    kept: sum("kept"),
    layers: nodes.filter(({ role }) => role === "layer").length,
  };
}

const WHAT = {
  input: "What comes into the net from outside.",
  sum: "Adds up what comes in. On the way back each of the roads gets the whole gradient.",
  mean: "The mean of each map: where in the picture something is no longer matters.",
};

/** Facts of one box: [{ name, text }]. */
export function factsOf(node, { batch, bytes }) {
  const rows = [];
  const add = (name, text) => text && rows.push({ name, text });
  add("kind", node.kind || node.role);
  add("what", WHAT[node.role]);
  if (node.calls > 1) add("used", `${many(node.calls)} times`);
  if (node.role === "layer" || node.failed)
    add("reads", node.reads.map((own) => sizes(own)).join(" and "));
  if (node.failed) add("needs", node.needs.replace("examples × ", ""));
  else add("gives", sizes(node.shape));
  for (const { name, shape: own, size } of node.params)
    add(name, own.length > 1 ? `${shape(own)} = ${many(size)}` : many(size));
  if (node.count)
    add(
      "parameters",
      node.shared ? `${many(node.count)}, shared with ${node.shared}` : many(node.count),
    );
  if (node.work) add("multiply-adds", `${node.work_text} = ${many(node.work)}`);
  if (node.kept)
    add(
      "kept",
      `${many(Math.round(node.kept / batch))} numbers, ${memory((node.kept / batch) * bytes)}`,
    );
  if (node.largest !== null) add("largest output", number(node.largest));
  return rows;
}

export function factsOfGroup(group, nodes, { batch, bytes }) {
  const { count, work, kept, layers } = summed(nodes);
  const last = nodes.findLast(({ shape: own }) => own);
  return [
    { name: "kind", text: group.kind },
    { name: "made of", text: `${layers} layers` },
    { name: "gives", text: sizes(last?.shape) },
    { name: "parameters", text: many(count) },
    { name: "multiply-adds", text: many(work) },
    {
      name: "kept",
      text: `${many(Math.round(kept / batch))} numbers, ${memory((kept / batch) * bytes)}`,
    },
  ];
}

export function memory(n) {
  if (n < 1000) return `${Math.round(n)} bytes`;
  return n < 1e6
    ? `${number(n / 1e3)} KB`
    : n < 1e9
      ? `${number(n / 1e6)} MB`
      : `${number(n / 1e9)} GB`;
}

/** The facts as a list of terms. */
export function factList(rows) {
  return make(
    "dl",
    {},
    ...rows.flatMap(({ name, text }) => [
      make("dt", {}, name),
      make("dd", { "data-fact": name }, text),
    ]),
  );
}
