/** The gradients of RNN, LSTM and GRU: dx, those of the first state, and those of the weights. */

import { addFuture, addMemory, addPushes, push } from "./pushes.js";
import { Sum, arrayAt, cell, mark, markAlong, named } from "./terms.js";
import { wayBack } from "./wayback.js";

/** Errors of a gradient come from all moments after it. */
function rounding(m, sum, size, moments) {
  return { scale: 4 * sum.scale + size, count: moments * m.G * m.H };
}

/** dx, or dh₀ or dc₀, at an offset of that input. */
function ofInput(m, slot, offset) {
  const sum = new Sum();
  if (slot === 0) return ofX(m, offset, sum);
  const [b, j] = m.lastOf(offset);
  const { size } = wayBack(m, b);
  if (slot === 1) addFuture(sum, m, b, -1, j);
  else addMemory(sum, m, b, -1, j);
  const kept = m.kind === "GRU" ? " + dh·z of it" : "";
  const says = slot === 1 ? `Σᵣ da of the first moment·W_hh[r,${j}]${kept}`
    : "dc·f of the first moment";
  const lit = slot === 1 ? [markAlong(m.step, "params.weight_hh_l0", { 1: j })] : [];
  return sum.piece(says, lit, rounding(m, sum, size, m.T));
}

function ofX(m, offset, sum) {
  const [b, t] = m.momentOf(Math.floor(offset / m.I) * m.H);
  const i = offset % m.I;
  addPushes(sum, m, b, t, "weight_ih_l0", i);
  const dy = m.step.doutputs[0];
  const lit = [markAlong(m.step, "params.weight_ih_l0", { 1: i })];
  if (dy) lit.push(mark("doutputs.0", ...[0, m.H - 1].map((j) => dy.unflat(m.yAt(b, t) + j))));
  const equation = `Σᵣ ${named("da", m.shown(b, t, "r"))}·W_ih[r,${i}]`;
  return sum.piece(equation, lit, rounding(m, sum, wayBack(m, b).size, m.T));
}

/** Σ over all examples and moments of da times what the weight was multiplied with. */
function ofWeight(m, key, [row, column]) {
  const throughState = key.includes("hh");
  const sum = new Sum();
  let size = 0;
  for (let b = 0; b < m.B; b++) {
    const back = wayBack(m, b);
    size = Math.max(size, back.size);
    for (let t = 0; t < m.T; t++) {
      const da = (throughState ? back.daH : back.da)[t * m.G * m.H + row];
      const write = () => push(m, b, t, row, throughState);
      addBlame(sum, m, da, write, key, factor(m, key, b, t, column));
    }
  }
  const lit = m.step.doutputs[0] ? [down(m, "doutputs.0", row % m.H)] : [];
  if (key.includes("weight")) lit.push(...factorMarks(m, throughState, column));
  const equation = `Σₙₜ ${named("da", m.shown("n", "t", row))}${timesText(m, key, column)}`;
  return sum.piece(equation, lit, rounding(m, sum, size, m.B * m.T));
}

/** One number of all moments, of x or of a state. */
function down(m, place, column) {
  return markAlong(m.step, place, { [arrayAt(m.step, place).shape.length - 1]: column });
}

/** All x, or all states but the last, for nothing comes after that. */
function factorMarks(m, throughState, column) {
  if (!throughState) return [down(m, "inputs.0", column)];
  const states = m.T > 1 ? [down(m, "outputs.0", column)] : [];
  for (const { to } of states) to[m.alone || !m.batchFirst ? 0 : 1] -= 1;
  if (m.step.inputs[1]) states.push(down(m, "inputs.1", column));
  return states;
}

function timesText(m, key, column) {
  if (key.startsWith("bias")) return "";
  return key.includes("hh") ? `·h before[${column}]` : `·${named("x", m.shown("n", "t", column))}`;
}

function addBlame(sum, m, da, write, key, other) {
  if (key.startsWith("bias")) sum.add(da, () => [write()]);
  else if (other) {
    const part = () => cell(m.step, other.place, other.offset);
    sum.add(da * other.value, () => [write(), "·", part()]);
  }
}

/** The number of x, or of the state before, that a weight was multiplied with. */
function factor(m, key, b, t, column) {
  if (key.startsWith("bias")) return null;
  const from = key.includes("hh") ? m.before(b, t)
    : { place: "inputs.0", offset: m.xAt(b, t), data: m.x.data };
  if (!from) return null;
  const offset = from.offset + column;
  return { place: from.place, offset, value: from.data[offset] };
}

export const gradients = { ofInput, ofWeight };
