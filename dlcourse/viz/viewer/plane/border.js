// The line where two classes are equally likely: marching squares over a grid of answers.

/** Pieces [x, y, x, y] in cells of an n × n grid, where the field crosses zero. */
export function zeroLine(field, n) {
  const pieces = [];
  const between = (a, b) => a / (a - b);
  for (let row = 0; row + 1 < n; row++) {
    for (let col = 0; col + 1 < n; col++) {
      const at = row * n + col;
      const [a, b, c, d] = [field[at], field[at + 1], field[at + n + 1], field[at + n]];
      const ends = [];
      if (a > 0 !== b > 0) ends.push([col + between(a, b), row]);
      if (b > 0 !== c > 0) ends.push([col + 1, row + between(b, c)]);
      if (d > 0 !== c > 0) ends.push([col + between(d, c), row + 1]);
      if (a > 0 !== d > 0) ends.push([col, row + between(a, d)]);
      for (let i = 0; i + 1 < ends.length; i += 2) pieces.push([...ends[i], ...ends[i + 1]]);
    }
  }
  return pieces;
}

/**
 * How far each class leads over the best other one: a field for each class that has a border. Made
 * of
 * scores, not of shares, it is smooth where the net is very sure, and so is the line.
 */
export function leads(p, classes) {
  const n = p.length / classes;
  return Array.from({ length: classes === 2 ? 1 : classes }, (_, c) => {
    const field = new Float32Array(n);
    for (let at = 0; at < n; at++) {
      let other = -Infinity;
      for (let k = 0; k < classes; k++) if (k !== c) other = Math.max(other, p[k * n + at]);
      field[at] = p[c * n + at] - other;
    }
    return field;
  });
}
