// What was computed anew, held against what the trace holds: a gap beyond rounding is shown.

import { ofExample } from "./unroll.js";

/** Gaps that rounding explains, measured against the largest number. */
const ROUNDING = { float64: 1e-11, float32: 5e-6, float16: 2e-2, bfloat16: 1e-1 };

export const tolerance = (dtype) => ROUNDING[dtype] ?? ROUNDING.float32;

/** { what, count, gap, reach, room, agrees }: NaN beside NaN is no gap. */
export function compared(what, ours, theirs, dtype) {
  let [gap, reach] = [0, 0];
  for (let i = 0; i < ours.length; i++) {
    const [a, b] = [ours[i], theirs[i]];
    if (Number.isFinite(b)) reach = Math.max(reach, Math.abs(b));
    if (a === b || (a !== a && b !== b)) continue;
    const apart = Math.abs(a - b);
    gap = Math.max(gap, apart === apart ? apart : Infinity);
  }
  const room = tolerance(dtype) * reach;
  return { what, count: ours.length, gap, reach, room, agrees: gap <= room };
}

/** Every array of a recurrent step that can be computed anew, for one example. */
export function checks(step, b, layers, backs, dtype) {
  const top = layers.at(-1);
  const { T, I, H } = { ...top, I: layers[0].I };
  const found = [compared("h", top.again, ofExample(step.outputs[0], b, T * H), dtype)];
  const last = (numbers) =>
    ofExample(numbers, numbers.shape[0] * numbers.shape[1] - numbers.shape[1] + b, H);
  if (top.c && step.outputs[2]) {
    found.push(compared("c", top.c.subarray(T * H), last(step.outputs[2]), dtype));
  }
  if (backs && step.dinputs[0]) {
    found.push(compared("dx", backs[0].dx, ofExample(step.dinputs[0], b, T * I), dtype));
  }
  if (backs && step.dinputs[1]) {
    found.push(compared("dh₀", backs.at(-1).dh0, last(step.dinputs[1]), dtype));
  }
  return found;
}
