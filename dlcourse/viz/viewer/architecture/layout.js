// Where the boxes of a net stand: layer under layer, what works side by side in one row, groups as
// frames around their own rows, and long ways in lanes on the left.

import { detour, foot, head, straight } from "./ways.js";

const ROW_GAP = 30;
const SIDE_GAP = 14;
const LANE = 13;
const FULL = { wide: 440, least: 180, high: 58, axis: 56 };
const NARROW = 70; // the least width of a box that shares its row
const COMPACT_HIGH = 104;
const ROUND = { wide: 34, high: 30, axis: 17 };
const HEAD = 30;

/** { units, frames, ways, wide, high } for the groups in `open` unfolded and so much room. */
export function planned({ nodes, ways, groups }, open, room) {
  const plan = { nodes, groups, open, units: [], frames: [], ways: [], links: ways };
  plan.parents = new Map(groups.map(({ name, parent }) => [name, parent]));
  const root = container(plan, "", room);
  place(plan, root, 0, 0);
  answers(plan, root);
  return {
    units: plan.units,
    frames: plan.frames,
    ways: plan.ways,
    wide: Math.max(room, root.wide),
    high: root.high,
  };
}

/** The groups around a node, outermost first: ["blocks", "blocks.0"]. */
export function around(plan, node) {
  const path = [];
  for (let name = plan.nodes[node].group; name; name = plan.parents.get(name)) path.unshift(name);
  return path;
}

/** The child of a container that a node is in: itself or a group; null outside. */
function childOf(plan, name, node) {
  const path = around(plan, node);
  const depth = name ? path.indexOf(name) + 1 : 0;
  if (name && depth === 0) return null;
  return depth < path.length ? `g:${path[depth]}` : `n:${node}`;
}

// ── one container ────────────────────────────────────────────────────────────────────────────────

function container(plan, name, room) {
  const children = new Map();
  plan.nodes.forEach((_, node) => {
    const key = childOf(plan, name, node);
    if (key) children.set(key, [...(children.get(key) ?? []), node]);
  });
  const links = linksOf(plan, name, [...children.keys()]);
  const rows = ranked([...children.keys()], links);
  const lanes = lanesFor(rows, links);
  const inset = name ? 12 : 2;
  const left = inset + lanes.count * LANE + (lanes.count ? 4 : 0);
  const inner = room - left - inset;
  const built = rows.map((row) =>
    row.map((key) =>
      unit(
        plan,
        key,
        children.get(key),
        (inner - SIDE_GAP * (row.length - 1)) / row.length,
        row.length > 1,
      ),
    ),
  );
  return arranged({ name, rows, built, links, lanes, left, inset, inner });
}

/** Ways between the children of a container, and through its own doors: "in" and "out". */
function linksOf(plan, name, keys) {
  const order = new Map(keys.map((key, i) => [key, i]));
  const found = new Map();
  plan.links.forEach((way) => {
    const from = childOf(plan, name, way.source) ?? (name ? "in" : null);
    const to = childOf(plan, name, way.target) ?? (name ? "out" : null);
    if (!from || !to || from === to || (from === "in" && to === "out")) return;
    const back = order.has(from) && order.has(to) && order.get(from) > order.get(to);
    const key = `${from}>${to}`;
    const link = found.get(key) ?? { from, to, back, ways: [] };
    link.ways.push(way);
    found.set(key, link);
  });
  return [...found.values()];
}

/** Children row by row: below all that they read, and not higher than needed. */
function ranked(keys, links) {
  const rank = new Map(keys.map((key) => [key, 0]));
  const forward = links.filter(({ from, to, back }) => !back && rank.has(from) && rank.has(to));
  for (const key of keys) {
    for (const { to } of forward.filter(({ from }) => from === key)) {
      rank.set(to, Math.max(rank.get(to), rank.get(key) + 1));
    }
  }
  for (const key of [...keys].reverse()) {
    const fed = links.some(({ to, back }) => to === key && !back);
    const readers = forward.filter(({ from }) => from === key).map(({ to }) => rank.get(to));
    if (!fed && readers.length) rank.set(key, Math.min(...readers) - 1);
  }
  const rows = [];
  for (const key of keys) (rows[rank.get(key)] ??= []).push(key);
  return rows.filter(Boolean).flatMap((row) => split(row));
}

/** More than four side by side would be too narrow. */
function split(row) {
  const parts = [];
  for (let i = 0; i < row.length; i += 4) parts.push(row.slice(i, i + 4));
  return parts;
}

/** Long ways go down lanes on the left; the shorter, the nearer. */
function lanesFor(rows, links) {
  const at = new Map(rows.flatMap((row, r) => row.map((key) => [key, r])));
  at.set("in", -1);
  at.set("out", rows.length);
  const long = links
    .map((link) => ({ link, first: at.get(link.from), last: at.get(link.to) }))
    .filter(({ first, last, link }) => last - first > 1 || link.back)
    .sort((a, b) => Math.abs(a.last - a.first) - Math.abs(b.last - b.first));
  const lanes = [];
  const of = new Map();
  for (const { link, first, last } of long) {
    const [top, bottom] = [Math.min(first, last), Math.max(first, last)];
    let lane = lanes.findIndex((taken) => taken.every(([a, b]) => bottom <= a || top >= b));
    if (lane < 0) lane = lanes.push([]) - 1;
    lanes[lane].push([top, bottom]);
    of.set(link, lane);
  }
  return { count: lanes.length, of };
}

function unit(plan, key, members, room, shares) {
  const own = { key, members };
  if (key.startsWith("g:")) {
    const name = key.slice(2);
    if (plan.open.has(name)) return { ...own, ...container(plan, name, room), open: true };
    return { ...own, group: name, ...box(room, shares) };
  }
  const node = members[0];
  if (plan.nodes[node].role === "sum") return { ...own, node, ...ROUND, round: true };
  return {
    ...own,
    node,
    ...box(room, shares),
    high: box(room, shares).high + (plan.nodes[node].failed ? 18 : 0),
  };
}

function box(room, shares) {
  if (!shares || room >= 240) {
    const { high, axis, least } = FULL;
    return { wide: Math.min(FULL.wide, Math.max(room, least)), high, axis, compact: false };
  }
  const wide = Math.max(NARROW, Math.min(room, 150));
  return { wide, high: COMPACT_HIGH, axis: wide / 2, compact: true };
}

/** Rows under each other; single boxes stand on one axis. */
function arranged({ name, rows, built, links, lanes, left, inset, inner }) {
  const singles = built.filter((row) => row.length === 1).map(([one]) => one);
  const axis = left + Math.max(FULL.axis, ...singles.map((one) => one.axis), 0);
  let [top, wide] = [name ? HEAD + 18 : 6, 0];
  const tops = [];
  for (const one of singles)
    if (!one.open && !one.round) one.wide = Math.min(one.wide, left + inner - axis + one.axis);
  built.forEach((row) => {
    const total = row.reduce((sum, one) => sum + one.wide, SIDE_GAP * (row.length - 1));
    let x =
      row.length === 1
        ? axis - row[0].axis
        : Math.max(left, Math.min(axis - total / 2, left + inner - total));
    const high = Math.max(...row.map((one) => one.high));
    for (const one of row) {
      Object.assign(one, { x, y: top + (high - one.high) / 2 });
      x += one.wide + SIDE_GAP;
      wide = Math.max(wide, one.x + one.wide);
    }
    tops.push([top, top + high]);
    top += high + ROW_GAP;
  });
  const high = top - ROW_GAP + (name ? 18 : 26);
  return { name, rows, built, links, lanes, left, inset, axis, wide: wide + inset, high, tops };
}

// ── where everything stands on the page ──────────────────────────────────────────────────────────

function place(plan, own, x, y) {
  const units = new Map();
  for (const one of own.built.flat()) {
    const at = { ...one, x: x + one.x, y: y + one.y };
    units.set(one.key, at);
    if (one.open) {
      plan.frames.push({
        name: one.name,
        x: at.x,
        y: at.y,
        wide: one.wide,
        high: one.high,
        members: one.members,
      });
      place(plan, one, at.x, at.y);
    } else plan.units.push(at);
  }
  const doors = { in: [x + own.axis, y + HEAD - 2], out: [x + own.axis, y + own.high] };
  const rowOf = new Map(own.rows.flatMap((row, r) => row.map((key) => [key, r])));
  for (const link of own.links) {
    const start = doors[link.from] ?? foot(units.get(link.from));
    const end = doors[link.to] ?? head(units.get(link.to));
    const lane = own.lanes.of.get(link);
    const from = rowOf.get(link.from) ?? -1;
    const to = rowOf.get(link.to) ?? own.rows.length;
    const rowEnd = from < 0 ? start[1] : y + own.tops[from][1];
    const rowStart = to >= own.rows.length ? end[1] : y + own.tops[to][0];
    const laneX = lane === undefined ? null : x + own.left - 6 - lane * LANE;
    const alone = (own.rows[from]?.length ?? 1) === 1 && (own.rows[to]?.length ?? 1) === 1;
    plan.ways.push({
      ...link,
      start,
      end,
      path: laneX === null ? straight(start, end) : detour(start, end, laneX, rowEnd, rowStart),
      label:
        lane === undefined && link.to !== "out" && link.from !== "in" && alone
          ? [start[0] + 9, (start[1] + end[1]) / 2 + 4]
          : null,
    });
  }
}

/** What nobody reads any more is the net's answer. */
function answers(plan, root) {
  for (const one of root.built.flat()) {
    if (root.links.some(({ from }) => from === one.key)) continue;
    const start = foot(one);
    const { shape, failed } = plan.nodes[one.members.at(-1)];
    if (failed) continue;
    plan.ways.push({
      from: one.key,
      to: "",
      ways: [{ shape, sure: true, target: one.members.at(-1) }],
      path: straight(start, [start[0], start[1] + 20]),
      label: [start[0] + 9, start[1] + 15],
    });
  }
}
