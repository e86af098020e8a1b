// How a way between two boxes runs: straight down, or out to the left and down a lane.

export const foot = (one) => [one.x + one.axis, one.y + one.high];
export const head = (one) => [one.x + one.axis, one.y];

export function straight([x0, y0], [x1, y1]) {
  if (Math.abs(x0 - x1) < 0.5) return `M${x0} ${y0}V${y1 - 3}`;
  const bend = Math.min(22, (y1 - y0) / 2);
  return `M${x0} ${y0}C${x0} ${y0 + bend} ${x1} ${y1 - bend - 4} ${x1} ${y1 - 3}`;
}

/** Out to the left, down (or up) the lane, and in again. */
export function detour([x0, y0], [x1, y1], lane, rowEnd, rowStart) {
  const [a, b] = [rowEnd + 9, rowStart - 11];
  const turn = Math.sign(b - a) * Math.min(7, Math.abs(b - a) / 2);
  return (
    `M${x0} ${y0}V${a - 4}Q${x0} ${a} ${x0 - 6} ${a}H${lane + 7}Q${lane} ${a} ${lane} ${a + turn}` +
    `V${b - turn}Q${lane} ${b} ${lane + 7} ${b}H${x1 - 6}Q${x1} ${b} ${x1} ${b + 4}V${y1 - 3}`
  );
}
