/** The formulas of a recurrent layer's gates, of its memory c, and of the state before a moment. */

import { opens } from "./moments.js";
import { Sum, cell, inner, mark, named, quantity } from "./terms.js";

/** Σ x·W_ih + b_ih, and Σ h·W_hh + b_hh, of one row of the weights at one moment. */
function addInput(sum, m, row, b, t) {
  const start = m.xAt(b, t);
  sum.products(m.step, "inputs.0", (k) => start + k, "params.weight_ih_l0", (k) => row * m.I + k,
    m.I);
  if (m.bi) sum.cells(m.step, "params.bias_ih_l0", () => row, 1);
}

function addState(sum, m, row, b, t) {
  const from = m.before(b, t);
  if (from) {
    const at = (k) => from.offset + k;
    sum.products(m.step, from.place, at, "params.weight_hh_l0", (k) => row * m.H + k, m.H);
  }
  if (m.bh) sum.cells(m.step, "params.bias_hh_l0", () => row, 1);
}

function sumText(m, row, b, t, inTheMiddle = " + ") {
  const x = named("x", m.shown(b, t, "k"));
  const from = m.before(b, t);
  const h = from && (from.place === "outputs.0" ? named("y", m.shown(b, t - 1, "k")) : "h₀[k]");
  const [ofX, ofH] = [[`Σₖ ${x}·W_ih[${row},k]`], h ? [`Σₖ ${h}·W_hh[${row},k]`] : []];
  if (m.bi) ofX.push(`b_ih[${row}]`);
  if (m.bh) ofH.push(`b_hh[${row}]`);
  return ofX.join(" + ") + (ofH.length ? inTheMiddle + ofH.join(" + ") : "");
}

/** The rows that one sum is made of. */
export function sumMarks(m, row, b, t) {
  const start = m.xAt(b, t);
  const index = (place, from, count) => {
    const array = place === "inputs.0" ? m.x : place === "outputs.0" ? m.y : m.step.inputs[1];
    return mark(place, array.unflat(from), array.unflat(from + count - 1));
  };
  const from = m.before(b, t);
  return [
    index("inputs.0", start, m.I),
    mark("params.weight_ih_l0", [row, 0], [row, m.I - 1]),
    ...(from ? [index(from.place, from.offset, m.H)] : []),
    mark("params.weight_hh_l0", [row, 0], [row, m.H - 1]),
    ...(m.bi ? [mark("params.bias_ih_l0", [row])] : []),
    ...(m.bh ? [mark("params.bias_hh_l0", [row])] : []),
  ];
}

/** A gate as a piece: a sum of products, and a curve around it. */
export function gatePiece(m, gate, b, t, j) {
  const row = gate * m.H + j;
  const curve = opens(m, gate);
  const total = m.gate(b, t, gate, j);
  const sum = new Sum();
  addInput(sum, m, row, b, t);
  const isNew = m.kind === "GRU" && gate === 2;
  if (isNew) {
    const part = () => innerState(m, row, b, t);
    const r = quantity(named("r", m.shown(b, t, j)), m.gate(b, t, 0, j),
      "the gate that says how much to look back", () => gateFormula(m, 0, b, t, j));
    const value = m.fromState(row, b, t);
    const from = quantity("W_hh·h + b_hh", value, "what the state before says", part);
    sum.add(r.value * value, () => [r, "·", from]);
  } else addState(sum, m, row, b, t);
  const middle = isNew ? ` + r[${j}]·(` : " + ";
  const text = sumText(m, row, b, t, middle) + (isNew ? ")" : "");
  const lit = sumMarks(m, row, b, t);
  return sum.piece(`${curve}(${text})`, lit, { total, around: [`${curve}(`, ")"] });
}

function innerState(m, row, b, t) {
  const sum = new Sum();
  addState(sum, m, row, b, t);
  return inner("W_hh·h + b_hh", sum.piece("Σₖ h[k]·W_hh[" + row + ",k] + b_hh[" + row + "]", []));
}

/** The formula of a gate, for who asks what is behind it. */
function gateFormula(m, gate, b, t, j) {
  return inner(named(m.gateNames[gate], m.shown(b, t, j)), gatePiece(m, gate, b, t, j));
}

/** A gate as a part of a term. */
export function gateOf(m, gate, b, t, j) {
  const symbol = named(m.gateNames[gate], m.shown(b, t, j));
  const how = `${opens(m, gate)} of a sum over x and the state before`;
  return quantity(symbol, m.gate(b, t, gate, j), how, () => gateFormula(m, gate, b, t, j));
}

/** The memory c of an LSTM after a moment, as a part of a term; before the first it is a cell. */
export function memoryOf(m, b, t, j) {
  if (t < 0) {
    const first = m.step.inputs[2];
    if (first) return cell(m.step, "inputs.2", b * m.H + j);
    return quantity("c₀", 0, "nothing is known yet");
  }
  const how = "f·c before + i·g";
  return quantity(named("c", m.shown(b, t, j)), m.memory(b, t, j), how, () =>
    inner(named("c", m.shown(b, t, j)), memoryPiece(m, b, t, j)));
}

export function memoryPiece(m, b, t, j) {
  const sum = new Sum();
  const [i, f, g] = [0, 1, 2].map((gate) => gateOf(m, gate, b, t, j));
  const before = memoryOf(m, b, t - 1, j);
  sum.add(f.value * before.value, () => [f, "·", before]);
  sum.add(i.value * g.value, () => [i, "·", g]);
  const at = (name, moment) => named(name, m.shown(b, moment, j));
  const old = t ? at("c", t - 1) : "c₀";
  return sum.piece(`${at("f", t)}·${old} + ${at("i", t)}·${at("g", t)}`, sumMarks(m, j, b, t),
    { scale: sum.scale + m.roundings(b, t), count: t + 1 });
}

/** The state before a moment, as a part of a term. */
export function stateOf(m, b, t, j) {
  const from = m.before(b, t);
  if (from) return cell(m.step, from.place, from.offset + j);
  return quantity("h₀", 0, "nothing is known yet");
}
