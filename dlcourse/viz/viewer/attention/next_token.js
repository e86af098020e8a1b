// What the net expects next: from its numbers to chances, cut by temperature, top-k and top-p; the
// same rules as `choose` in sampling.py, and the same draw.

/** softmax(logits / temperature) in float64; temperature 0 takes the likeliest alone. */
export function chances(logits, temperature = 1) {
  const most = logits.reduce((a, b) => Math.max(a, b), -Infinity);
  if (temperature === 0) {
    const first = logits.indexOf(most);
    return Float64Array.from(logits, (_, i) => Number(i === first));
  }
  const grown = Float64Array.from(logits, (x) => Math.exp(x / temperature - most / temperature));
  const sum = grown.reduce((a, b) => a + b, 0);
  return grown.map((x) => x / sum);
}

/** { p, kept, full }: chances before the cut, those that stay (others 0), and why each was cut. */
export function cut(logits, { temperature, top_k: k, top_p: share }) {
  const p = chances(logits, temperature);
  const kept = Float64Array.from(p);
  const why = new Array(p.length).fill("");
  const drop = (least, reason) => kept.forEach((value, i) => {
    if (!(value < least) || why[i]) return;
    kept[i] = 0;
    why[i] = reason;
  });
  if (temperature === 0) drop(1, "temperature");
  if (temperature !== 0 && k !== null) drop(ranked(kept)[Math.min(k, p.length) - 1], "top-k");
  if (temperature !== 0 && share !== null) drop(leastNeeded(kept, share), "top-p");
  return { p, kept, why };
}

const ranked = (p) => Float64Array.from(p).sort().reverse();

/** The last chance that it takes, likeliest first, to have this share of all. */
function leastNeeded(p, share) {
  const all = ranked(p);
  const whole = all.reduce((a, b) => a + b, 0);
  let [before, least] = [0, Infinity];
  for (const value of all) {
    if (!(before < share * whole)) break;
    least = value;
    before += value;
  }
  return least;
}

/** The token that a dart in [0, 1) hits, where the chances stand side by side in a line. */
export function hit(kept, dart) {
  const ends = [];
  let end = 0;
  for (const value of kept) ends.push(end += value);
  const at = dart * end;
  return ends.findIndex((each) => each > at);
}

/** The call that draws the same in Python. */
export function drawCall([example, at], { temperature, top_k: k, top_p: share, seed }) {
  const how = [`temperature=${temperature}`, k === null ? "" : `top_k=${k}`, share === null ? ""
    : `top_p=${share}`];
  return [`rng = np.random.default_rng(${seed})`,
    `choose(logits[${example}, ${at}], rng, ${how.filter(Boolean).join(", ")})`];
}

/** What each token is called: as Python said, as the text shows it, or by its number. */
export function tokenLabels({ vocabulary: given, logits, ids, tokens }) {
  if (!logits || given) return given ?? [];
  const labels = Array.from({ length: logits.shape[2] }, (_, i) => `#${i}`);
  ids?.data.forEach((id, place) => {
    const length = ids.shape[1];
    labels[id] = tokens[Math.floor(place / length)][place % length];
  });
  return labels;
}
