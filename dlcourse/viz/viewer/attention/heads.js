// The weights of every head: a trace holds queries, keys, values and the answer, so the weights are
// computed anew from them, softmax(q·k / √d), and held against what the net answered.

import { compared } from "../tokens/check.js";

/** One layer, one example: { heads, T, S, d, causal, P: [weights (T·S)], scores, hidden, checks }. */
export function looked(layer, b, dtype) {
  const { query, key, value, mixed } = layer;
  const [, heads, T, d] = query.shape;
  const [S, e] = [key.shape[2], value.shape[3]];
  const part = (numbers, h, size) => numbers.data.subarray((b * heads + h) * size,
    (b * heads + h + 1) * size);
  const own = Array.from({ length: heads }, (_, h) => ({
    q: part(query, h, T * d), k: part(key, h, S * d), v: part(value, h, S * e),
      y: part(mixed, h, T * e),
  }));
  const scores = own.map(({ q, k }) => products(q, k, T, S, d));
  const tries = [true, false].map((causal) => {
    const hidden = own.map((_, h) => forbidden(layer.mask, b, h, T, S, causal));
    const P = scores.map((each, h) => softmaxRows(each, hidden[h], T, S));
    const found = own.map(({ v }, h) => mixture(P[h], v, T, S, e));
    const check = compared("softmax · V", found.flatMap((y) => [...y]),
      own.flatMap(({ y }) => [...y]), dtype);
    return { causal, hidden, P, found, check };
  });
  // Whether later places are hidden, no trace says; the answer does.
  const best = tries[0].check.gap < tries[1].check.gap ? tries[0] : tries[1];
  const proj = projected(layer, best.found, b, T, e, dtype);
  return { name: layer.name, heads, T, S, d, own, scores, ...best, checks: [best.check, proj] };
}

/** q·k / √d for every pair (T·S). */
function products(q, k, T, S, d) {
  const scores = new Float64Array(T * S);
  const scale = 1 / Math.sqrt(d);
  for (let t = 0; t < T; t++) {
    for (let s = 0; s < S; s++) {
      let sum = 0;
      for (let i = 0; i < d; i++) sum += q[t * d + i] * k[s * d + i];
      scores[t * S + s] = sum * scale;
    }
  }
  return scores;
}

/** 1 where a place must not be looked at (T·S): later ones, and those that the mask hides. */
function forbidden(mask, b, h, T, S, causal) {
  const hidden = new Uint8Array(T * S);
  const [B, H, rows, cols] = mask?.shape ?? [];
  for (let t = 0; t < T; t++) {
    for (let s = 0; s < S; s++) {
      const later = causal && s > t + S - T;
      const masked = mask && !mask.data[(((b % B) * H + (h % H)) * rows + (t % rows)) * cols
        + (s % cols)];
      hidden[t * S + s] = Number(later || Boolean(masked));
    }
  }
  return hidden;
}

function softmaxRows(scores, hidden, T, S) {
  const P = new Float64Array(T * S);
  for (let t = 0; t < T; t++) {
    let [most, sum] = [-Infinity, 0];
    for (let i = t * S; i < (t + 1) * S; i++) if (!hidden[i]) most = Math.max(most, scores[i]);
    for (let i = t * S; i < (t + 1) * S; i++) sum += P[i] = hidden[i] ? 0
      : Math.exp(scores[i] - most);
    for (let i = t * S; i < (t + 1) * S; i++) P[i] /= sum;
  }
  return P;
}

/** P·V: each place's mean of the values (T·e). */
function mixture(P, v, T, S, e) {
  const y = new Float64Array(T * e);
  for (let t = 0; t < T; t++) {
    for (let s = 0; s < S; s++) {
      const p = P[t * S + s];
      for (let i = 0; p !== 0 && i < e; i++) y[t * e + i] += p * v[s * e + i];
    }
  }
  return y;
}

/** The heads side by side, through the projection: what the whole layer answered. */
function projected({ proj, answer }, found, b, T, e, dtype) {
  const [out, wide] = proj.weight.shape;
  const y = new Float64Array(T * out);
  for (let t = 0; t < T; t++) {
    for (let o = 0; o < out; o++) {
      let sum = Number(proj.bias?.data[o] ?? 0);
      for (let i = 0; i < wide; i++) {
        sum += found[Math.floor(i / e)][t * e + (i % e)] * proj.weight.data[o * wide + i];
      }
      y[t * out + o] = sum;
    }
  }
  return compared("projection", y, answer.data.subarray(b * T * out, (b + 1) * T * out), dtype);
}

/** The formula of one weight: q·k term by term, and its part of the whole row. */
export function pairFormula(look, h, t, s, [asks, seen]) {
  const { own, scores, hidden, P, d, S } = look;
  const name = `weight ${asks} → ${seen}`;
  if (hidden[h][t * S + s]) {
    return { name, total: 0, terms: [], says: look.causal && s > t + S - look.T
      ? "Hidden: it comes later, and nobody may look ahead."
        : "Hidden by the mask: nothing stands there." };
  }
  const { q, k } = own[h];
  const terms = Array.from({ length: d }, (_, i) => {
    const [left, right] = [q[t * d + i], k[s * d + i]];
    return { at: i, left, right, value: left * right };
  }).sort((a, b) => Math.abs(b.value) - Math.abs(a.value));
  const score = scores[h][t * S + s];
  const seenScores = [...scores[h].subarray(t * S, (t + 1) * S)].filter((_, i) => !hidden[h][t * S
    + i]);
  const most = Math.max(...seenScores);
  const whole = seenScores.reduce((sum, each) => sum + Math.exp(each - most), 0);
  return { name, total: P[h][t * S + s], products: terms, score, part: Math.exp(score - most),
    whole,
    places: seenScores.length, d };
}
