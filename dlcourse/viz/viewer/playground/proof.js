// Do pictures that are drawn from the weights show what the pupil itself answers?

/** How far apart two numbers are; NaN beside NaN is no gap. */
function apart(a, b) {
  if (a === b || (a !== a && b !== b)) return 0;
  const gap = Math.abs(a - b);
  return gap === gap ? gap : Infinity;
}

/** The largest gap between a net's shares and those of the pupil: `p` (places, classes). */
export function gapOf(net, weights, { places, p }) {
  const [n, classes] = p.shape;
  const column = (c) => Float32Array.from({ length: n }, (_, i) => places.data[2 * i + c]);
  const mine = net.shares(net.forward(weights, [column(0), column(1)]).at(-1));
  let gap = 0;
  for (let i = 0; i < n; i++) {
    for (let c = 0; c < classes; c++) gap = Math.max(gap, apart(mine[c * n + i],
      p.data[i * classes + c]));
  }
  return gap;
}
