/**
 * Where the windows of a convolution or of pooling stood: no array holds stride and padding, so
 * those are taken that give the stored outputs.
 */

/** Stride, padding and dilation along one axis, with which `size` becomes `places`; usual first. */
export function waysToSlide(size, kernel, places, { rounding = Math.floor, dilations = 3 } = {}) {
  const ways = [];
  for (let dilation = 1; dilation <= (kernel > 1 ? dilations : 1); dilation++) {
    const span = dilation * (kernel - 1) + 1;
    for (let padding = 0; padding <= span; padding++) {
      const free = size + 2 * padding - span;
      if (free < 0) continue;
      for (let stride = 1; stride <= Math.max(free, kernel, 1); stride++) {
        const fits = rounding(free / stride) + 1 === places;
        if (fits) ways.push({ stride, padding, dilation, kernel });
        if (places === 1 && stride >= kernel) break; // one place: all strides are the same
      }
    }
  }
  return ways;
}

/** Offsets of up to `count` cells, spread over an array; the corners are always among them. */
export function samples(array, count) {
  if (array.size <= count) return Array.from({ length: array.size }, (_, i) => i);
  const chosen = new Set([0, array.size - 1]);
  const last = array.shape.at(-1);
  for (const corner of [last - 1, array.size - last]) chosen.add(corner);
  for (let i = 1; i < count; i++) chosen.add(Math.floor((i * 0.6180339887) % 1 * array.size));
  return [...chosen];
}

/** The first setting with which `value(setting, offset)` gives the stored numbers; else null. */
export function firstThatFits(settings, array, value, size) {
  const digits = array.dtype === "float64" ? 1e-10 : 1e-4;
  const offsets = samples(array, 400);
  const fits = (setting) => offsets.every((offset) => {
    const [found, stored] = [value(setting, offset), array.data[offset]];
    return Object.is(found, stored) || Math.abs(found - stored) <= digits * size(setting, offset);
  });
  return settings.find(fits) ?? null;
}

/** All pairs of a way down and a way across, those first that are the same both ways. */
export function bothWays(down, across) {
  const pairs = down.flatMap((d) => across.map((a) => [d, a]));
  const odd = ([d, a]) => Number(d.stride !== a.stride) + Number(d.padding !== a.padding)
    + Number(d.dilation !== a.dilation) + Number(d.kernel !== a.kernel);
  const wide = ([d, a]) => d.padding + a.padding + d.dilation + a.dilation;
  return pairs.sort((p, q) => odd(p) - odd(q) || wide(p) - wide(q));
}

/** From which cell to which a window reaches that stands at `place`: inside the picture only. */
export function reach({ stride, padding, dilation, kernel }, place, size) {
  const start = place * stride - padding;
  const skipped = start < 0 ? Math.ceil(-start / dilation) : 0;
  const end = Math.min(kernel - 1, Math.floor((size - 1 - start) / dilation));
  return { start, first: skipped, last: end };
}

/** The places of windows that hold the cell at `at`, and which of their corners it is. */
export function windowsOver({ stride, padding, dilation, kernel }, at, places) {
  const found = [];
  for (let corner = 0; corner < kernel; corner++) {
    const place = (at + padding - corner * dilation) / stride;
    if (Number.isInteger(place) && place >= 0 && place < places) found.push([place, corner]);
  }
  return found;
}
