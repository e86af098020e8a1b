/** da, dh and dc of a recurrent layer as parts of terms, each with its own formula behind it. */

import { gateOf, memoryOf, stateOf } from "./gates.js";
import { Sum, cell, inner, named, quantity, single } from "./terms.js";
import { wayBack } from "./wayback.js";

/** da of each gate, as it is written; the names are those of quantities, all else is text. */
const WRITTEN = {
  RNN: { h: ["dh", "·", "slope"] },
  LSTM: {
    i: ["dc", "·", "g", "·", "i", "·(1 − ", "i", ")"],
    f: ["dc", "·", "c before", "·", "f", "·(1 − ", "f", ")"],
    g: ["dc", "·", "i", "·(1 − ", "g", "²)"],
    o: ["dh", "·tanh(", "c", ")·", "o", "·(1 − ", "o", ")"],
  },
  GRU: {
    r: ["dh", "·(1 − ", "z", ")·(1 − ", "n", "²)·", "W_hh·h + b_hh", "·", "r", "·(1 − ", "r", ")"],
    z: ["dh", "·(", "h before", " − ", "n", ")·", "z", "·(1 − ", "z", ")"],
    n: ["dh", "·(1 − ", "z", ")·(1 − ", "n", "²)"],
  },
};

/** da as a part of a term; in a GRU's part with h, that of n is seen through the gate r. */
export function push(m, b, t, row, throughState = false) {
  const back = wayBack(m, b);
  const [gate, j] = [Math.floor(row / m.H), row % m.H];
  const name = m.gateNames[gate];
  const gated = throughState && m.kind === "GRU" && name === "n";
  const value = (gated ? back.daH : back.da)[t * m.G * m.H + row];
  const symbol = named(`da_${name}`, m.shown(b, t, j));
  const written = [...WRITTEN[m.kind][name], ...(gated ? ["·", "r"] : [])];
  const how = `${written.join("")}: how the sum inside ${name} should change`;
  return quantity(symbol, value, how, () => {
    const write = () => written.map((word) => spoken(m, b, t, j, word));
    return inner(symbol, single(written.join(""), value, write, []));
  });
}

function spoken(m, b, t, j, word) {
  const gate = m.gateNames.indexOf(word);
  if (gate >= 0) return gateOf(m, gate, b, t, j);
  if (word === "dh") return pushOnState(m, b, t, j);
  if (word === "dc") return pushOnMemory(m, b, t, j);
  if (word === "c") return memoryOf(m, b, t, j);
  if (word === "c before") return memoryOf(m, b, t - 1, j);
  if (word === "h before") return stateOf(m, b, t, j);
  if (word === "slope") return slope(m, b, t, j);
  if (!word.startsWith("W_hh")) return word;
  return quantity(word, m.fromState(2 * m.H + j, b, t), "what the state before says about n");
}

function slope(m, b, t, j) {
  const h = m.gate(b, t, 0, j);
  if (m.bend !== Math.tanh) return quantity("slope", Number(h > 0), "1 where h > 0, else 0");
  return quantity("1 − h²", 1 - h * h, "the slope of tanh, where h is its answer");
}

/** dh of a moment. */
export function pushOnState(m, b, t, j) {
  const symbol = named("dh", m.shown(b, t, j));
  const how = "dy + what the next moment says: how the state should change";
  return quantity(symbol, wayBack(m, b).dh[t * m.H + j], how, () => {
    const sum = new Sum();
    addFuture(sum, m, b, t, j);
    return inner(symbol, sum.piece("dy + Σᵣ da of the next moment·W_hh", []));
  });
}

/** dc of a moment: through h now, and through c of the next moment. */
export function pushOnMemory(m, b, t, j) {
  const symbol = named("dc", m.shown(b, t, j));
  const how = "dc·f of the next moment + dh·o·(1 − tanh(c)²): how c should change";
  return quantity(symbol, wayBack(m, b).dc[t * m.H + j], how, () => {
    const sum = new Sum();
    const [dh, o, c] = [pushOnState(m, b, t, j), gateOf(m, 3, b, t, j), memoryOf(m, b, t, j)];
    const value = dh.value * o.value * (1 - Math.tanh(c.value) ** 2);
    sum.add(value, () => [dh, "·", o, "·(1 − tanh(", c, ")²)"]);
    addMemory(sum, m, b, t, j);
    return inner(symbol, sum.piece("dh·o·(1 − tanh(c)²) + dc·f of the next moment", []));
  });
}

/** What comes to c of moment t from the moment after, or from whoever asked for the last c. */
export function addMemory(sum, m, b, t, j) {
  const last = m.step.doutputs[2];
  if (t === m.T - 1) {
    if (last) sum.cells(m.step, "doutputs.2", () => b * m.H + j, 1);
    return;
  }
  const [dc, f] = [pushOnMemory(m, b, t + 1, j), gateOf(m, 1, b, t + 1, j)];
  sum.add(dc.value * f.value, () => [dc, "·", f]);
}

/** What comes to h of moment t: from its own dy, and from the moment after. -1: the first state. */
export function addFuture(sum, m, b, t, j) {
  const { step, H, T } = m;
  if (t >= 0 && step.doutputs[0]) sum.cells(step, "doutputs.0", () => m.yAt(b, t) + j, 1);
  if (t === T - 1) {
    if (step.doutputs[1]) sum.cells(step, "doutputs.1", () => b * H + j, 1);
    return;
  }
  addPushes(sum, m, b, t + 1, "weight_hh_l0", j);
  if (m.kind !== "GRU") return;
  const [dh, z] = [pushOnState(m, b, t + 1, j), gateOf(m, 1, b, t + 1, j)];
  sum.add(dh.value * z.value, () => [dh, "·", z]);
}

/** Σ da·W down one column of the weights. */
export function addPushes(sum, m, b, t, key, column) {
  const W = m.step.params[key];
  const { da, daH } = wayBack(m, b);
  const throughState = key === "weight_hh_l0";
  for (let row = 0; row < m.G * m.H; row++) {
    const at = row * W.shape[1] + column;
    const value = (throughState ? daH : da)[t * m.G * m.H + row] * W.data[at];
    const write = () => [push(m, b, t, row, throughState), "·", cell(m.step, `params.${key}`, at)];
    sum.add(value, write);
  }
}
