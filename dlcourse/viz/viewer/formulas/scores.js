/** P and dz of attention as parts of terms, each with its own formula behind it. */

import { Sum, cell, inner, named, quantity, single } from "./terms.js";

/** P[t, s] as a part of a term. */
export function weight(looks, row, s) {
  const symbol = named("P", [...looks.at(row), s]);
  const value = looks.weights(row)[s];
  const how = looks.sees(row, s) ? "softmax of q·k/√d over all places that this query may see"
    : "0: this query may not look there";
  const formula = () => (looks.sees(row, s) ? weightFormula(looks, row, s) : null);
  return quantity(symbol, value, how, formula);
}

function weightFormula(looks, row, s) {
  const { scores, most, total } = looks.weights(row);
  const z = quantity(named("z", [...looks.at(row), s]), scores[s], "q·k/√d: how well they fit",
    () => scoreFormula(looks, row, s));
  const max = quantity("max", most, "the largest z of the row, so that no e^z overflows");
  const all = quantity("Σ", total, "the sum of e^(z − max) over the row");
  const value = looks.weights(row)[s];
  const write = () => ["e^(", z, " − ", max, ")/", all];
  const symbol = named("P", [...looks.at(row), s]);
  return inner(symbol, single("e^z / Σₛ e^zₛ", value, write, []));
}

function scoreFormula(looks, row, s) {
  const sum = new Sum();
  for (let i = 0; i < looks.d; i++) {
    const [q, k] = [looks.qAt(row, i), looks.kAt(row, s, i)];
    const write = () => [cell(looks.step, "inputs.0", q), "·", cell(looks.step, "inputs.1", k),
      `/√(${looks.d})`];
    sum.add((looks.q.data[q] * looks.k.data[k]) / looks.root, write);
  }
  const symbol = named("z", [...looks.at(row), s]);
  return inner(symbol, sum.piece(`Σᵢ q[${[...looks.at(row), "i"]}]·k[${s},i]/√${looks.d}`, []));
}

/** dz[t, s] as a part of a term. */
export function pull(looks, row, s) {
  const dz = looks.pull(row);
  const symbol = named("dz", [...looks.at(row), s]);
  return quantity(symbol, dz[s], "P·(dP − Σ P·dP): how this score should change", () => {
    const dP = quantity("dP", dz.dP[s], "Σₑ dy·v", () => toWeight(looks, row, s));
    const mean = quantity("Σ P·dP", dz.mean, "the mean of dP over the row, weighed by P");
    const write = () => [weight(looks, row, s), "·(", dP, " − ", mean, ")"];
    return inner(symbol, single("P·(dP − Σ P·dP)", dz[s], write, []));
  });
}

function toWeight(looks, row, s) {
  const sum = new Sum();
  sum.products(looks.step, "doutputs.0", (e) => row * looks.e + e, "inputs.2",
    (e) => looks.vAt(row, s, e), looks.e);
  return inner("dP", sum.piece("Σₑ dy[t,e]·v[s,e]", []));
}
