// Where the nodes of a graph stand: each behind all that it is made from, with few crossings.

/** { ranks: [rank of each node], rows: [row within its rank], high: most rows }. */
export function ranked(count, edges) {
  const ranks = new Array(count).fill(0);
  for (const { from, to } of edges) ranks[to] = Math.max(ranks[to], ranks[from] + 1);
  pulled(ranks, edges);
  const columns = [];
  ranks.forEach((rank, node) => (columns[rank] ??= []).push(node));
  const rows = new Array(count).fill(0);
  columns.forEach((column) => column.forEach((node, row) => { rows[node] = row; }));
  for (let round = 0; round < 6; round++) {
    const sweep = round % 2 ? [...columns].reverse() : columns;
    for (const column of sweep) settle(column, rows, edges, round % 2 ? "to" : "from");
  }
  return { ranks, rows, high: Math.max(...columns.map((column) => column.length)) };
}

/** A number that nothing is made from moves up to its first reader: short ways are easy to follow. */
function pulled(ranks, edges) {
  const made = new Set(edges.map(({ to }) => to));
  ranks.forEach((_, node) => {
    const readers = edges.filter(({ from }) => from === node).map(({ to }) => ranks[to]);
    if (!made.has(node) && readers.length) ranks[node] = Math.min(...readers) - 1;
  });
}

/** Each node of a column beside the middle of its neighbours on one side. */
function settle(column, rows, edges, side) {
  const other = side === "from" ? "to" : "from";
  const middle = new Map(column.map((node) => {
    const near = edges.filter((edge) => edge[other] === node).map((edge) => rows[edge[side]] + 0.01 * (edge.operand ?? 0));
    return [node, near.length ? near.reduce((sum, row) => sum + row, 0) / near.length : rows[node]];
  }));
  column.sort((a, b) => middle.get(a) - middle.get(b) || a - b);
  column.forEach((node, row) => { rows[node] = row; });
}
