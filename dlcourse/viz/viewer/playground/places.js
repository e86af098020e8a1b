// Where the units of a net stand, and how its lines run between them.

const BENT = 14; // straight pieces of a line, for finding the one under the cursor

/** { units: [[{ x, y, size }]], size, high }: centres, layer by layer, for a room of this width. */
export function unitPlaces(sizes, wide, { most = 60, high = 440, least = 7 } = {}) {
  const tallest = Math.max(...sizes);
  const pitch = Math.max(least + 1, Math.min(most * 1.45, high / tallest));
  const gapped = wide / (sizes.length * 1.7);
  const size = Math.max(least, Math.min(most, pitch - Math.max(1, pitch * 0.14), gapped));
  const tall = Math.max(tallest * pitch, size + 8) + 8;
  const side = Math.max(size / 2 + 6, 28); // the heads above must fit
  const units = sizes.map((count, layer) => {
    const x = side + (layer * (wide - 2 * side)) / (sizes.length - 1);
    // few units stand further apart
    const own = Math.min(tall / count, Math.max(pitch, Math.min(pitch * 1.7, 92)));
    const top = (tall - count * own) / 2;
    return Array.from({ length: count }, (_, j) => ({ x, y: top + (j + 0.5) * own, size }));
  });
  return { units, size, high: tall };
}

/** The bow of a line from unit to unit: four points of a Bézier curve. */
export function bow(from, to) {
  const [x0, x1] = [from.x + from.size / 2, to.x - to.size / 2];
  const reach = (x1 - x0) * 0.45;
  return [x0, from.y, x0 + reach, from.y, x1 - reach, to.y, x1, to.y];
}

export function along([x0, y0, a, b, c, d, x1, y1], t) {
  const s = 1 - t;
  const mix = (p, q, r, u) => s * s * s * p + 3 * s * s * t * q + 3 * s * t * t * r + t * t * t * u;
  return [mix(x0, a, c, x1), mix(y0, b, d, y1)];
}

/** How far a place lies from a bow. */
export function distance(curve, x, y) {
  if (x < curve[0] - 6 || x > curve[6] + 6) return Infinity;
  let best = Infinity;
  let [ax, ay] = along(curve, 0);
  for (let i = 1; i <= BENT; i++) {
    const [bx, by] = along(curve, i / BENT);
    const [dx, dy] = [bx - ax, by - ay];
    const t = Math.max(0, Math.min(1, ((x - ax) * dx + (y - ay) * dy) / (dx * dx + dy * dy || 1)));
    best = Math.min(best, Math.hypot(ax + t * dx - x, ay + t * dy - y));
    [ax, ay] = [bx, by];
  }
  return best;
}

/** The next weight for an arrow key; layers and units end where they end. */
export function neighbour(net, flat, key) {
  const { layer, to, from } = net.spot(flat);
  const [wide, high] = [net.sizes[layer - 1], net.sizes[layer]];
  const turn = (by) => {
    const there = Math.max(1, Math.min(net.depth, layer + by));
    const most = (n, limit) => Math.min(n, limit - 1);
    return { layer: there, to: most(to, net.sizes[there]), from: most(from, net.sizes[there - 1]) };
  };
  const place = (from < 0 ? wide : from) + to * (wide + 1);
  const unplace = (k) => {
    const safe = Math.max(0, Math.min(high * (wide + 1) - 1, k));
    const column = safe % (wide + 1);
    return { layer, to: Math.floor(safe / (wide + 1)), from: column === wide ? -1 : column };
  };
  const spot = {
    ArrowLeft: () => turn(-1), ArrowRight: () => turn(1),
    ArrowUp: () => unplace(place - 1), ArrowDown: () => unplace(place + 1),
    PageUp: () => ({ layer, to: Math.max(0, to - 1), from }),
    PageDown: () => ({ layer, to: Math.min(high - 1, to + 1), from }),
    Home: () => unplace(0), End: () => unplace(Infinity),
  }[key]?.();
  return spot ? net.flat(spot) : null;
}
