// The plan of every net: boxes apart from each other, inside their frames, and ways that go down.
//   node architecture_law.mjs FOLDER

import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { planned } from "../../dlcourse/viz/viewer/architecture/layout.js";
import { read } from "../../dlcourse/viz/viewer/frame/wire.js";

const folder = process.argv[2];
const wrong = [];
let boxes = 0;

const right = (one) => one.x + one.wide;
const foot = (one) => one.y + one.high;
const meet = (a, b) => a.x < right(b) && b.x < right(a) && a.y < foot(b) && b.y < foot(a);
const holds = (out, one) =>
  one.x >= out.x &&
  right(one) <= right(out) + 0.5 &&
  one.y >= out.y &&
  foot(one) <= foot(out) + 0.5;

for (const file of readdirSync(folder)) {
  const { content } = read(new Uint8Array(readFileSync(join(folder, file))));
  for (const room of [300, 760]) {
    const plan = planned(content, new Set(content.open), room);
    const where = `${file} at ${room}`;
    boxes += plan.units.length;
    plan.units.forEach((a, i) =>
      plan.units.slice(i + 1).forEach((b) => {
        if (meet(a, b)) wrong.push(`${where}: ${a.key} lies on ${b.key}`);
      }),
    );
    for (const one of plan.units) {
      if (!holds({ x: 0, y: 0, wide: room, high: plan.high }, one))
        wrong.push(`${where}: ${one.key} is outside: ${one.x} + ${one.wide}`);
    }
    for (const frame of plan.frames) {
      for (const one of plan.units) {
        const inside = one.members.every((member) => frame.members.includes(member));
        if (inside && !holds(frame, one))
          wrong.push(`${where}: ${one.key} is outside ${frame.name}`);
        if (!inside && meet(frame, one)) wrong.push(`${where}: ${one.key} lies on ${frame.name}`);
      }
    }
    const shown = plan.units.flatMap(({ members }) => members).sort((a, b) => a - b);
    if (shown.join() !== content.nodes.map((_, i) => i).join())
      wrong.push(`${where}: not every layer is shown once`);
    for (const { from, to, start, end, back } of plan.ways) {
      if (start && !back && start[1] >= end[1])
        wrong.push(`${where}: the way ${from} → ${to} does not go down`);
    }
  }
}
console.log(JSON.stringify({ wrong: wrong.slice(0, 20), boxes }));
