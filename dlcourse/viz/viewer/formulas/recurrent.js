/**
 * The formulas of RNN, LSTM and GRU. What a trace holds of them is the input, all states h and the
 * last c; gates and the c between are found again from these and the weights.
 */

import { gateOf, gatePiece, memoryOf, memoryPiece, stateOf, sumMarks } from "./gates.js";
import { Moments } from "./moments.js";
import { gradients } from "./time.js";
import { Sum, single } from "./terms.js";

const readings = new WeakMap();

/** The step seen moment by moment: batch first or time first, whichever gives the stored states. */
function reading(step) {
  if (!readings.has(step)) readings.set(step, Moments.of(step));
  return readings.get(step);
}

function statePiece(m, b, t, j) {
  if (m.kind === "RNN") return gatePiece(m, 0, b, t, j);
  if (m.kind === "GRU") return mixedPiece(m, b, t, j);
  const [o, c] = [gateOf(m, 3, b, t, j), memoryOf(m, b, t, j)];
  const value = o.value * Math.tanh(c.value);
  const equation = `${o.symbol}·tanh(${c.symbol})`;
  const lit = sumMarks(m, 3 * m.H + j, b, t);
  return single(equation, value, () => [o, "·tanh(", c, ")"], lit, m.roundings(b, t));
}

/** (1 − z)·n + z·h: some of what is new, some of what was known. */
function mixedPiece(m, b, t, j) {
  const [z, n] = [gateOf(m, 1, b, t, j), gateOf(m, 2, b, t, j)];
  const h = stateOf(m, b, t, j);
  const sum = new Sum();
  sum.add((1 - z.value) * n.value, () => ["(1 − ", z, ")·", n]);
  sum.add(z.value * h.value, () => [z, "·", h]);
  const equation = `(1 − ${z.symbol})·${n.symbol} + ${z.symbol}·${h.symbol}`;
  return sum.piece(equation, sumMarks(m, m.H + j, b, t), { scale: m.roundings(b, t) });
}

const recurrent = {
  fits({ inputs: [x], outputs: [y] }) {
    const axes = [2, 3].includes(x?.shape.length) && y?.shape.length === x.shape.length;
    return axes && x.size > 0;
  },

  outputs(step, slot, index) {
    const m = reading(step);
    if (!m) return { origin: "hidden" };
    if (slot === 0) return statePiece(m, ...m.momentOf(step.outputs[0].flat(index)));
    const [b, j] = m.lastOf(step.outputs[slot].flat(index));
    return slot === 1 ? statePiece(m, b, m.T - 1, j) : memoryPiece(m, b, m.T - 1, j);
  },

  dinputs(step, slot, index) {
    const m = reading(step);
    return m ? gradients.ofInput(m, slot, step.inputs[slot].flat(index)) : { origin: "hidden" };
  },

  dparams(step, key, index) {
    const m = reading(step);
    return m ? gradients.ofWeight(m, key, index) : { origin: "hidden" };
  },
};

export const kinds = { RNN: recurrent, LSTM: recurrent, GRU: recurrent };
