// How one number of an unrolled recurrent layer came to be: the terms of its formula, with operands.

import { number } from "../frame/format.js";

/** What can be looked at, by kind of layer, in the order of its making: { name, says, phase }. */
export function quantities(kind, back) {
  const own = {
    RNN: [["a", "the sum that tanh bends"]],
    LSTM: [["i", "input gate: write?"], ["f", "forget gate: keep?"],
      ["g", "candidate: what to write"],
      ["o", "output gate: show?"], ["c", "cell: the long memory"]],
    GRU: [["r", "reset gate: look back?"], ["z", "update gate: keep?"],
      ["n", "candidate: what is new"]],
  }[kind];
  const forward = [["x", "the token as numbers"], ...own,
    ["h", "hidden state: what is remembered"]];
  const gradients = [["dh", "gradient of the hidden state"],
    ...(kind === "LSTM" ? [["dc", "gradient of the cell"]] : []),
      ["dx", "gradient of the token's numbers"]];
  return [
    ...forward.map(([name, says]) => ({ name, says, phase: "forward" })),
    ...(back ? gradients : []).map(([name, says]) => ({ name, says, phase: "backward" })),
  ];
}

/** The numbers (T·N) of a quantity. */
export function dataOf(name, layer, back) {
  if (name === "x") return layer.x;
  if (name === "h" || name === "c") return layer[name].subarray(layer.H);
  return layer.parts[name] ?? back?.[name] ?? null;
}

const DIGITS = "₀₁₂₃₄₅₆₇₈₉";

export const lowered = (n) =>
  String(n).replace(/\d/g, (digit) => DIGITS[digit]).replace("-", "₋");

/** "h₃[2]": the quantity, the moment, the unit. */
export const cellName = (name, t, j) => `${name}${lowered(t)}[${j}]`;

/**
 * { name, equation, terms, joint, bend, sum, total }: the terms make the sum (or the product),
 * `bend` ("tanh", "σ") makes the total of it. A term: { label, says, value, marks, products }.
 * Marks are cells [quantity, moment, unit], the unit null for a whole column.
 */
export function explain({ layer, back }, name, t, j) {
  const made = (MAKERS[layer.kind]?.[name] ?? ANY[name])(layer, t, j, back);
  const { terms, joint = "+", bend = null } = made;
  const sum = terms.reduce((so, { value }) => (joint === "·" ? so * value : so + value),
    joint === "·" ? 1 : 0);
  const total = terms.length ? BENDS[bend](sum) : dataOf(name, layer, back)[t * widthOf(name, layer)
    + j];
  return { name: cellName(name, t, j), ...made, joint, bend, sum, total };
}

const widthOf = (name, { I, H }) => (name === "x" || name === "dx" ? I : H);

const BENDS = { null: (a) => a, tanh: Math.tanh, σ: (a) => 1 / (1 + Math.exp(-a)),
  ReLU: (a) => Math.max(0, a) };

const ANY = {
  x: () => ({ equation: "", terms: [],
    says: "one number of the token's vector: it comes from the layer before" }),
  dx: (layer, t, i, back) => ({
    equation: "Σ over gates and units of da · W_ih",
    terms: layer.names.map((gate, g) => viaGate(layer, back, t, i, gate, g)),
  }),
};

const MAKERS = {
  RNN: {
    a: (layer, t, j) => ({ equation: "W_ih x + W_hh h + b", terms: inside(layer, 0, t, j) }),
    h: (layer, t, j) => ({
      equation: `${layer.ramp ? "ReLU" : "tanh"}(W_ih x + W_hh h + b)`,
      terms: inside(layer, 0, t, j), bend: layer.ramp ? "ReLU" : "tanh",
    }),
    dh: future,
  },
  LSTM: {
    i: gate(0, "σ"), f: gate(1, "σ"), g: gate(2, "tanh"), o: gate(3, "σ"),
    c: ({ H, parts: { i, f, g }, c }, t, j) => ({
      equation: "f · c before + i · g",
      terms: [
        term(`f${lowered(t)} · c${lowered(t - 1)}`, "kept of the old memory",
          f[t * H + j] * c[t * H + j],
          [["f", t, j], ["c", t - 1, j]], pair(f[t * H + j], c[t * H + j])),
        term(`i${lowered(t)} · g${lowered(t)}`, "newly written", i[t * H + j] * g[t * H + j],
          [["i", t, j], ["g", t, j]], pair(i[t * H + j], g[t * H + j])),
      ],
    }),
    h: ({ H, parts: { o }, c }, t, j) => ({
      equation: "o · tanh(c)", joint: "·",
      terms: [
        term(`o${lowered(t)}`, "output gate: how much is shown", o[t * H + j], [["o", t, j]]),
        term(`tanh(c${lowered(t)})`, `of the memory c = ${number(c[(t + 1) * H + j], 4)}`,
          Math.tanh(c[(t + 1) * H + j]), [["c", t, j]]),
      ],
    }),
    dh: future,
    dc: cellFuture,
  },
  GRU: {
    r: gate(0, "σ"), z: gate(1, "σ"), n: candidate,
    h: ({ H, parts: { z, n }, h }, t, j) => ({
      equation: "(1 − z) · n + z · h before",
      terms: [
        term(`(1 − z${lowered(t)}) · n${lowered(t)}`, "taken from what is new",
          (1 - z[t * H + j]) * n[t * H + j],
          [["z", t, j], ["n", t, j]], pair(1 - z[t * H + j], n[t * H + j])),
        term(`z${lowered(t)} · h${lowered(t - 1)}`, "kept of what was known",
          z[t * H + j] * h[t * H + j],
          [["z", t, j], ["h", t - 1, j]], pair(z[t * H + j], h[t * H + j])),
      ],
    }),
    dh: future,
  },
};

function term(label, says, value, marks, products = null) {
  return { label, says, value, marks, products };
}

const pair = (left, right) => [{ left, right, value: left * right }];

function gate(index, bend) {
  return (layer, t, j) => ({ equation: `${bend}(W_ih x + W_hh h + b)`, bend,
    terms: inside(layer, index, t, j) });
}

/** The three parts of the sum inside a gate: from the token, from memory, from the biases. */
function inside(layer, index, t, j) {
  const row = index * layer.H + j;
  const [fromX, fromH] = layer.sums(row, t);
  const { bih, bhh } = layer;
  return [
    term(`W_ih · x${lowered(t)}`, "from the token", fromX, [["x", t, null]],
      () => sumOf(layer.ih, layer.x, row, t, layer.I)),
    term(`W_hh · h${lowered(t - 1)}`, "from memory", fromH, [["h", t - 1, null]],
      () => sumOf(layer.hh, layer.h, row, t, layer.H)),
    term("b_ih + b_hh", "bias", bih[row] + bhh[row], []),
  ];
}

/** The products of one row of weights with the numbers of one moment, the largest first. */
function sumOf(weights, values, row, t, width) {
  return Array.from({ length: width }, (_, i) => {
    const [left, right] = [weights[row * width + i], values[t * width + i]];
    return { at: i, left, right, value: left * right };
  }).sort((a, b) => Math.abs(b.value) - Math.abs(a.value));
}

function candidate(layer, t, j) {
  const { H, bih, parts: { r }, fromState } = layer;
  const row = 2 * H + j;
  const [fromX] = layer.sums(row, t);
  const at = t * H + j;
  return {
    equation: "tanh(W_ih x + b_ih + r · (W_hh h + b_hh))", bend: "tanh",
    terms: [
      term(`W_ih · x${lowered(t)}`, "from the token", fromX, [["x", t, null]],
        () => sumOf(layer.ih, layer.x, row, t, layer.I)),
      term("b_ih", "bias", bih[row], []),
      term(`r${lowered(t)} · (W_hh · h${lowered(t - 1)} + b_hh)`,
        "from memory, as far as r lets it", r[at] * fromState[at],
        [["r", t, j], ["h", t - 1, null]], pair(r[at], fromState[at])),
    ],
  };
}

/** dh: what this moment's loss says, and what the next moment says. */
function future(layer, t, j, back) {
  const { T, H, kind, parts } = layer;
  const terms = [term(`dy${lowered(t)}`, "from the loss at this moment", back.dy[t * H + j], [])];
  if (t === T - 1) {
    if (back.dhLast[j]) terms.push(term("dh last", "from what the last state was used for",
      back.dhLast[j], []));
    return { equation: "dy, as nothing comes after it", terms };
  }
  const next = (t + 1) * H + j;
  terms.push(term(`W_hhᵀ · da${lowered(t + 1)}`, "from the future, through the gates",
    column(layer, back, t + 1, j),
    [["dh", t + 1, null]]));
  if (kind === "GRU") {
    terms.push(term(`z${lowered(t + 1)} · dh${lowered(t + 1)}`, "from the future, past the gates",
      parts.z[next] * back.dh[next],
      [["z", t + 1, j], ["dh", t + 1, j]], pair(parts.z[next], back.dh[next])));
  }
  return { equation: `dy + W_hhᵀ · da of the next moment${kind === "GRU" ? " + z · dh of it" : ""}`,
    terms };
}

/** Σ of one column of W_hh with da of one moment. */
function column({ H, hh, names }, { daH }, t, k) {
  const rows = names.length * H;
  let sum = 0;
  for (let row = 0; row < rows; row++) sum += daH[t * rows + row] * hh[row * H + k];
  return sum;
}

function cellFuture({ T, H, parts: { f, o }, c }, t, j, { dh, dc, dcLast }) {
  const at = t * H + j;
  const bent = Math.tanh(c[at + H]);
  const here = dh[at] * o[at] * (1 - bent * bent);
  const terms = [term(`dh${lowered(t)} · o${lowered(t)} · (1 − tanh(c)²)`,
    "through the hidden state of this moment", here,
    [["dh", t, j], ["o", t, j], ["c", t, j]])];
  if (t < T - 1) {
    terms.push(term(`f${lowered(t + 1)} · dc${lowered(t + 1)}`,
      "from the future, straight along the cell", f[at + H] * dc[at + H],
      [["f", t + 1, j], ["dc", t + 1, j]], pair(f[at + H], dc[at + H])));
  } else if (dcLast[j]) terms.push(term("dc last", "from what the last cell was used for",
    dcLast[j], []));
  return { equation: "dh · o · (1 − tanh(c)²) + f · dc of the next moment", terms };
}

function viaGate({ I, H, ih, names }, { da }, t, i, name, index) {
  let sum = 0;
  const rows = names.length * H;
  for (let j = 0; j < H; j++) sum += da[t * rows + index * H + j] * ih[(index * H + j) * I + i];
  const label = `W_ihᵀ · da${names.length > 1 ? ` of ${name}` : ""}`;
  return term(label, names.length > 1 ? `through ${name} of all units` : "through all units", sum,
    [["dh", t, null]]);
}
