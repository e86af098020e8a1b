/**
 * The formulas of scaled dot product attention, y = P·v with P = softmax(q·kᵀ/√d).
 *
 * With z = q·kᵀ/√d: dv = Pᵀ·dy, dP = dy·vᵀ, dz = P·(dP − Σ P·dP), dq = dz·k/√d, dk = dzᵀ·q/√d.
 * The trace holds no P: each row of it is found again from q and k when somebody asks.
 */

import { looksOf } from "./looks.js";
import { pull, weight } from "./scores.js";
import { Sum, Term, cell, mark } from "./terms.js";

const rowMark = (array, place, first, last) => mark(place, array.unflat(first), array.unflat(last));

/** One query's row of an array (q, dy), or all places that it may look at (k, v). */
function queryMark(looks, array, place, row, width) {
  return rowMark(array, place, row * width, row * width + width - 1);
}

function placesMark(looks, array, place, row, width) {
  const first = Math.floor(row / looks.T) * looks.S * width;
  return rowMark(array, place, first, first + looks.S * width - 1);
}

const attention = {
  fits({ inputs: [q, k, v, mask], outputs: [y] }) {
    if (![q, k, v, y].every((array) => array?.shape.length > 1 && array.size)) return false;
    const before = (array) => array.shape.slice(0, -2).join();
    const [S, d] = k.shape.slice(-2);
    const heads = [k, v, y].every((array) => before(array) === before(q));
    return heads && q.shape.at(-1) === d && v.shape.at(-2) === S && (!mask || mask.dtype === "bool")
      && y.shape.slice(-2).join() === [q.shape.at(-2), v.shape.at(-1)].join();
  },

  outputs(step, slot, index) {
    const looks = looksOf(step);
    if (!looks) return { origin: "setting" };
    const at = step.outputs[0].flat(index);
    const [row, e] = [Math.floor(at / looks.e), at % looks.e];
    const sum = new Sum();
    const weights = looks.weights(row);
    for (let s = 0; s < looks.S; s++) {
      const from = looks.vAt(row, s, e);
      const write = () => [weight(looks, row, s), "·", cell(step, "inputs.2", from)];
      sum.add(weights[s] * looks.v.data[from], write);
    }
    const equation = `Σₛ P[${[...looks.at(row), "s"]}]·v[${[...index.slice(0, -2), "s", e]}]`;
    const lit = [queryMark(looks, looks.q, "inputs.0", row, looks.d),
      placesMark(looks, looks.k, "inputs.1", row, looks.d), column(looks, row, e)];
    return sum.piece(equation, lit, { scale: sum.scale * (1 + sizeOfScores(looks, row)) });
  },

  dinputs(step, slot, index) {
    const looks = looksOf(step);
    if (!looks) return { origin: "setting" };
    if (slot === 0) return ofQuery(looks, index);
    return slot === 1 ? ofKey(looks, index) : ofValue(looks, index);
  },
};

/** Scores have rounding errors of their size, and e^z makes them errors of P. */
function sizeOfScores(looks, row) {
  const seen = looks.weights(row).scores.filter(Number.isFinite).map(Math.abs);
  return Math.max(...seen, 0);
}

function column(looks, row, e) {
  const [first, last] = [looks.vAt(row, 0, e), looks.vAt(row, looks.S - 1, e)];
  return rowMark(looks.v, "inputs.2", first, last);
}

function ofQuery(looks, index) {
  const { step, k } = looks;
  const at = step.inputs[0].flat(index);
  const [row, i] = [Math.floor(at / looks.d), at % looks.d];
  const sum = new Sum();
  const dz = looks.pull(row);
  for (let s = 0; s < looks.S; s++) {
    const from = looks.kAt(row, s, i);
    const write = () => [pull(looks, row, s), "·", cell(step, "inputs.1", from), `/√(${looks.d})`];
    sum.add((dz[s] * k.data[from]) / looks.root, write);
  }
  const lit = [queryMark(looks, step.doutputs[0], "doutputs.0", row, looks.e),
    placesMark(looks, k, "inputs.1", row, looks.d)];
  const place = [...index.slice(0, -2), "s", i];
  const equation = `Σₛ dz[${[...looks.at(row), "s"]}]·k[${place}]/√${looks.d}`;
  return sum.piece(equation, lit, { scale: sum.scale + rounding(looks, [row], k) });
}

/** The queries of the head and example that a key or value at this offset belongs to. */
function queriesOf(looks, at, width) {
  const head = Math.floor(at / (looks.S * width));
  return Array.from({ length: looks.T }, (_, t) => head * looks.T + t);
}

function ofKey(looks, index) {
  const { step, q } = looks;
  const at = step.inputs[1].flat(index);
  const [s, i] = [index.at(-2), index.at(-1)];
  const rows = queriesOf(looks, at, looks.d);
  const terms = rows.map((row) => {
    const from = looks.qAt(row, i);
    const write = () => [pull(looks, row, s), "·", cell(step, "inputs.0", from), `/√(${looks.d})`];
    return new Term((looks.pull(row)[s] * q.data[from]) / looks.root, write);
  });
  const lit = [rowMark(q, "inputs.0", looks.qAt(rows[0], 0), looks.qAt(rows.at(-1), looks.d - 1))];
  const head = index.slice(0, -2);
  return added(terms, `Σₜ dz[${[...head, "t", s]}]·q[${[...head, "t", i]}]/√${looks.d}`, lit,
    rounding(looks, rows, q));
}

function ofValue(looks, index) {
  const { step } = looks;
  const dy = step.doutputs[0].data;
  const at = step.inputs[2].flat(index);
  const [s, e] = [index.at(-2), index.at(-1)];
  const rows = queriesOf(looks, at, looks.e);
  const terms = rows.map((row) => {
    const from = row * looks.e + e;
    const write = () => [weight(looks, row, s), "·", cell(step, "doutputs.0", from)];
    return new Term(looks.weights(row)[s] * dy[from], write);
  });
  const ends = [rows[0] * looks.e + e, rows.at(-1) * looks.e + e];
  const lit = [rowMark(step.doutputs[0], "doutputs.0", ...ends)];
  const head = index.slice(0, -2);
  const size = rows.reduce((most, row) => Math.max(most, sizeOfScores(looks, row)), 0);
  const values = terms.reduce((sum, { value }) => sum + Math.abs(value), 0);
  return added(terms, `Σₜ P[${[...head, "t", s]}]·dy[${[...head, "t", e]}]`, lit, values * size);
}

function added(terms, equation, lit, more) {
  const sum = new Sum();
  for (const term of terms) sum.add(term.value, () => term.parts);
  return sum.piece(equation, lit, { scale: sum.scale + more });
}

/** dP − Σ P·dP may cancel: errors are as large as dP was, times P and what comes after. */
function rounding(looks, rows, other) {
  const reach = other.data.reduce((most, one) => Math.max(most, Math.abs(one)), 0);
  return rows.reduce((sum, row) => sum + (looks.pull(row).size * reach) / looks.root
    * (1 + sizeOfScores(looks, row)), 0);
}

export const kinds = { ScaledDotProductAttention: attention };
