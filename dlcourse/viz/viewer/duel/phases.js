// The seven phases of a round: their names, which parts of the picture they light up, and what
// happened in them, with numbers.

import { number, percent, plural } from "../frame/format.js";

export const PHASES = [
  { phase: "noise", title: "Draw noise", lit: ["noise"] },
  { phase: "make", title: "The maker makes fakes", lit: ["noise", "maker", "fakes"] },
  { phase: "judge", title: "The judge looks at both", lit: ["real", "fakes", "judge", "verdict"] },
  { phase: "learn", title: "The judge learns", lit: ["judge", "verdict"], back: "judge" },
  { phase: "field", title: "The judge's field changes", lit: ["judge"] },
  { phase: "push", title: "The maker learns", lit: ["maker", "fakes", "judge", "verdict"],
    back: "maker" },
  { phase: "move", title: "The fakes move", lit: ["noise", "maker", "fakes"] },
];

export const placeOfPhase = (name) => PHASES.findIndex(({ phase }) => phase === name);

/** The share of numbers above one half. */
export function yes(beliefs) {
  let count = 0;
  for (const belief of beliefs) if (belief > 0.5) count++;
  return beliefs.length ? count / beliefs.length : 0;
}

export function largestGap(a, b) {
  let most = 0;
  for (let i = 0; i < a.length; i++) most = Math.max(most, Math.abs(a[i] - b[i]));
  return most;
}

/** How far points (x, y in turn) lie from others, on average. */
export function meanWay(from, to) {
  let sum = 0;
  for (let i = 0; i + 1 < from.length; i += 2) {
    sum += Math.hypot(to[i] - from[i], to[i + 1] - from[i + 1]);
  }
  return from.length ? sum / (from.length / 2) : 0;
}

/** One or two plain sentences for a phase of this round. */
export function told(phase, round) {
  switch (phase) {
    case "noise":
      return noiseOf(round.count, round.noise?.shape[1]);
    case "make":
      return `The maker turns each of the ${round.count} places of noise into a fake.`;
    case "judge":
      return `It takes ${percent(yes(round.says_real.data))} of the real points for real, and `
        + `${percent(yes(round.says_fakes.data))} of the fakes. Filled: taken for real.`;
    case "learn":
      return `Its loss is ${number(round.judge_loss)}. Up: it wants to believe more, down: less. `
        + "The longer, the more wrong it was.";
    case "field": {
      const most = percent(largestGap(round.before.data, round.after.data));
      return `Its belief moved by up to ${most}. Dashed: where it was undecided before.`;
    }
    case "push":
      return `Its loss is ${number(round.maker_loss)}. `
        + "Arrows: where a fake must go so that the judge believes it more.";
    default: {
      const way = number(meanWay(round.fakes.data, round.moved.data));
      return `Same noise, new fakes: on average they moved by ${way}.`;
    }
  }
}

function noiseOf(count, width) {
  const each = width ? `, ${plural(width, "number")} each` : "";
  const outside = width && width !== 2 ? " They have no place in this plane." : "";
  return `${plural(count, "place")} of pure chance${each}. Nothing of the data is in them.${outside}`;
}

/** One fake's way through the round: [{ phase, name, text }]. */
export function storyOf(round, i) {
  const pair = (array) => `(${number(array.data[2 * i])}, ${number(array.data[2 * i + 1])})`;
  const wide = round.noise?.shape[1] ?? 0;
  const some = Array.from(round.noise?.data.slice(i * wide, i * wide + Math.min(wide, 3)) ?? []);
  const noise = `(${some.map((x) => number(x)).join(", ")}${wide > 3 ? ", …" : ""})`;
  return [
    ...(wide ? [{ phase: "noise", name: "noise", text: noise }] : []),
    { phase: "make", name: "fake", text: pair(round.fakes) },
    { phase: "judge", name: "judge says real", text: percent(round.says_fakes.data[i], 1) },
    { phase: "push", name: "slope of loss", text: pair(round.dfakes) },
    { phase: "move", name: "moved to", text: pair(round.moved) },
  ];
}

/** A length that nine of ten arrows stay below, over all rounds. */
export function usualLength(rounds) {
  const all = rounds.flatMap(({ dfakes: { data } }) =>
    Array.from({ length: data.length / 2 }, (_, i) => Math.hypot(data[2 * i], data[2 * i + 1])));
  const sorted = all.filter(Number.isFinite).sort((a, b) => a - b);
  return sorted[Math.floor(sorted.length * 0.9)] || 1;
}

/** When there are too many rounds, every other one of the older half is forgotten. */
export function thinned(rounds, most) {
  if (rounds.length <= most) return rounds;
  const half = Math.floor(rounds.length / 2);
  return rounds.filter((_, i) => i >= half || i % 2 === 0);
}
