// The way back through a graph of numbers: how much blame each node has collected so far.

/** The operations, oldest first, and then the same from the last to the first. */
export function operations(nodes) {
  const made = nodes.map((_, node) => node).filter((node) => nodes[node].op);
  const forward = made.map((node) => ({ phase: "forward", node }));
  const back = nodes.at(-1)?.grad ? [...made].reverse().map((node) => ({ phase: "backward", node })) : [];
  return [...forward, ...back];
}

/** Is this node's value known at that moment? A given number is known from the beginning. */
export function known(nodes, moments, at, node) {
  if (!nodes[node].op) return true;
  return moments.findIndex((moment) => moment.phase === "forward" && moment.node === node) <= at;
}

/** Sums of what was sent back up to that moment, an array for each node; null: nothing yet. */
export function collected(nodes, edges, moments, at) {
  const sums = nodes.map(() => null);
  if (moments[at]?.phase !== "backward") return sums;
  sums[nodes.length - 1] = Float64Array.from(nodes.at(-1).grad.data, Number);
  const done = new Set(moments.slice(0, at + 1).filter(({ phase }) => phase === "backward").map(({ node }) => node));
  for (const { from, to, sent } of edges) {
    if (!done.has(to) || !sent) continue;
    const sum = sums[from] ??= new Float64Array(sent.size);
    for (let i = 0; i < sum.length; i++) sum[i] += Number(sent.data[i]);
  }
  return sums;
}

/** At the end, is what came the gradient that the node holds? Older blame may be in it. */
export function complete(sum, grad) {
  if (!sum || !grad) return !sum && !grad;
  return sum.every((x, i) => {
    const held = Number(grad.data[i]);
    return x === held || Math.abs(x - held) <= 1e-5 * Math.max(1, Math.abs(held)) || (x !== x && held !== held);
  });
}
