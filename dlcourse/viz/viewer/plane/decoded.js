// Between the pictures of a map: which four are nearest to a place, and their blend.

/** Where a place lies between the middles of the map's tiles: [column, row], kept on the map. */
export function tileOf([left, right, bottom, top], side, [x, y]) {
  const kept = (t) => Math.min(side - 1, Math.max(0, t * side - 0.5));
  return [kept((x - left) / (right - left)), kept((y - bottom) / (top - bottom))];
}

/** The four pictures around it with their shares: [{ at, share }], at = row · side + column. */
export function around(side, [u, v]) {
  const [column, row] = [u, v].map((t) => Math.min(Math.floor(t), Math.max(side - 2, 0)));
  const [right, up] = [u - column, v - row];
  return [[0, 0], [1, 0], [0, 1], [1, 1]]
    .map(([dc, dr]) => ({
      at: (row + dr) * side + column + dc,
      share: (dc ? right : 1 - right) * (dr ? up : 1 - up),
    }))
    .filter(({ share }) => share > 0);
}

/** The blend of these pictures, number by number. */
export function blend(pictures, size, parts) {
  const mixed = new Float32Array(size);
  for (const { at, share } of parts) {
    for (let i = 0; i < size; i++) mixed[i] += share * pictures[at * size + i];
  }
  return mixed;
}

/** The example that lies nearest on screen: both axes count alike. −1 where there is none. */
export function nearestExample(places, [left, right, bottom, top], [x, y]) {
  let [best, near] = [-1, Infinity];
  for (let i = 0; i < places.length / 2; i++) {
    const across = (places[2 * i] - x) / (right - left);
    const up = (places[2 * i + 1] - y) / (top - bottom);
    const far = across * across + up * up;
    if (far < near) [best, near] = [i, far];
  }
  return best;
}

/** The place that is so far along the way from one to the other: 0 … 1. */
export const between = (a, b, part) => a.map((x, i) => x + part * (b[i] - x));

/** A number short enough to be read in a call: three digits behind the point. */
export const rounded = (x) => Number(x.toFixed(3));
