// Looks at traces and draws tokens, for tests/test_viz_attention.py:
//   node attention_law.mjs view.bin      →  JSON: weights, checks and chances of a view's data
//   node attention_law.mjs draws.json    →  JSON: the tokens that { logits, seed, … } draw

import { readFileSync } from "node:fs";

import { looked, pairFormula } from "../../dlcourse/viz/viewer/attention/heads.js";
import { chances, cut, hit } from "../../dlcourse/viz/viewer/attention/next_token.js";
import { defaultRng } from "../../dlcourse/viz/viewer/attention/numpy_random.js";
import { read } from "../../dlcourse/viz/viewer/frame/wire.js";

const [path] = process.argv.slice(2);
console.log(JSON.stringify(path.endsWith(".json") ? draws(JSON.parse(readFileSync(path))) : looks(path)));

function looks(file) {
  const { content } = read(readFileSync(file));
  return content.tokens.map((_, b) => content.layers.map((layer) => {
    const look = looked(layer, b, content.dtype);
    const { name, causal, P, checks, T, S, hidden } = look;
    let worst = 0;
    for (let i = 0; i < T * S; i++) {
      const pair = pairFormula(look, 0, Math.floor(i / S), i % S, ["", ""]);
      if (hidden[0][i]) continue;
      const dot = pair.products.reduce((sum, { value }) => sum + value, 0);
      worst = Math.max(worst, Math.abs(dot / Math.sqrt(look.d) - pair.score), Math.abs(pair.part / pair.whole - P[0][i]));
    }
    return { name, causal, P: P.map((weights) => [...weights]), checks, worst };
  }));
}

function draws(tasks) {
  return tasks.map(({ logits, seed, times, ...how }) => {
    const rng = defaultRng(seed);
    const { kept } = cut(logits, how);
    const p = [...chances(logits, how.temperature)];
    return { p, kept: [...kept], tokens: Array.from({ length: times }, () => hit(kept, how.temperature === 0 ? 0 : rng())) };
  });
}
