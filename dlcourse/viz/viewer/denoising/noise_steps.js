// What one step of noise does to a number, with its operands; and the guess of what lies behind.

/** ᾱ after step t, ᾱ before it, and β of step t itself (0 … T − 1). */
export function amounts(left, t) {
  const before = t > 0 ? left[t - 1] : 1;
  return { left: left[t], before, beta: 1 - left[t] / before };
}

/** Step t adds noise: after = keep · before + add · noise. The noise is found from the two. */
export function forwardStep(left, t, before, after) {
  const { beta } = amounts(left, t);
  const [keep, add] = [Math.sqrt(1 - beta), Math.sqrt(beta)];
  return { keep, add, noise: (after - keep * before) / add, before, after };
}

/**
 * Step t takes noise out: mean = (before − much · guess) · grow, after = mean + spread · noise.
 * `clean`: what the net thinks there was before all noise.
 */
export function backwardStep(amount, before, guess, after) {
  const { left, before: earlier, beta } = amount;
  const [much, grow] = [beta / Math.sqrt(1 - left), 1 / Math.sqrt(1 - beta)];
  const spread = Math.sqrt((beta * (1 - earlier)) / (1 - left));
  const mean = (before - much * guess) * grow;
  const noise = spread > 1e-9 ? (after - mean) / spread : 0;
  const clean = cleaned(left, before, guess);
  return { much, grow, guess, mean, spread, noise, before, after, clean };
}

/** x̂₀ = (x − √(1 − ᾱ) ε̂) / √ᾱ */
export const cleaned = (left, x, guess) => (x - Math.sqrt(1 - left) * guess) / Math.sqrt(left);

/** The way of the moments: [{ phase, step, level, at }], `at` among the steps that were kept. */
export function momentsOf(ways, when, steps) {
  return ways.flatMap((phase) => Array.from(when, (step, at) => {
    const level = phase === "forward" ? step : steps - step;
    return { phase, step, level, at, label: `step ${step} of ${steps}` };
  }));
}

/** The moment of a way that is nearest to a step. */
export function momentAt(moments, phase, step) {
  let best = 0;
  moments.forEach((moment, i) => {
    if (moment.phase !== phase) return;
    const better = moments[best].phase !== phase
      || Math.abs(moment.step - step) < Math.abs(moments[best].step - step);
    if (better) best = i;
  });
  return best;
}

/** How far arrows reach: nine of ten stay within the length of one cell. */
export function arrowScale(field) {
  const lengths = [];
  for (let i = 0; i + 1 < field.length; i += 2) {
    const long = Math.hypot(field[i], field[i + 1]);
    if (Number.isFinite(long)) lengths.push(long);
  }
  lengths.sort((a, b) => a - b);
  return lengths[Math.floor(lengths.length * 0.9)] || 1;
}
