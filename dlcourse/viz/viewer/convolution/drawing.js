// A drawing as text, one sign for each pixel: "." is paper, "1" to "9" are tenths, "#" is full ink.
// So it can stand in the call that rebuilds the view.

import { Numbers } from "../frame/arrays.js";

const SIGNS = ".123456789#";

/** Rows of signs, put apart by "/". */
export function written(shades, columns) {
  const signs = Array.from(
    shades,
    (shade) => SIGNS[Math.round(Math.min(Math.max(shade, 0), 1) * 10)],
  );
  const rows = [];
  for (let k = 0; k < signs.length; k += columns) rows.push(signs.slice(k, k + columns).join(""));
  return rows.join("/");
}

/** Shades from 0 to 1; null if the text is no drawing of this size. */
export function read(text, rows, columns) {
  const lines = String(text).split("/");
  const fits = lines.length === rows && lines.every((line) => line.length === columns);
  const places = fits ? [...lines.join("")].map((sign) => SIGNS.indexOf(sign)) : [-1];
  return places.includes(-1) ? null : Float32Array.from(places, (place) => place / 10);
}

/** How dark pixels are: 0 for the lightest number of all pictures, 1 for the darkest. */
export function shadesOf(picture, [paper, ink]) {
  const each = picture.shape[1] * picture.shape[2];
  const scale = ink > paper ? 1 / (ink - paper) : 0;
  return Float32Array.from({ length: each }, (_, k) => {
    let sum = 0;
    for (let c = 0; c < picture.shape[0]; c++) sum += Number(picture.data[c * each + k]);
    return (sum / picture.shape[0] - paper) * scale;
  });
}

/** The picture that a net gets: the same shades in each of its channels. */
export function pictureOf(shades, shape, [paper, ink]) {
  const each = shape[1] * shape[2];
  const data = Float32Array.from(
    { length: shape[0] * each },
    (_, k) => paper + shades[k % each] * (ink - paper),
  );
  return new Numbers(data, shape);
}

/** A round brush: full in the middle, softer towards its rim. Gives what changed. */
export function brush(shades, [rows, columns], [row, column], { erase = false, width = 0 } = {}) {
  const reach = width || Math.max(0.7, rows / 20);
  const near = Math.ceil(reach);
  for (let r = Math.max(0, row - near); r <= Math.min(rows - 1, row + near); r++) {
    for (let c = Math.max(0, column - near); c <= Math.min(columns - 1, column + near); c++) {
      const far = Math.hypot(r - row, c - column);
      const full = Math.round(Math.min(1, Math.max(0, 1.25 - (far / reach) * 0.75)) * 10) / 10;
      const k = r * columns + c;
      if (far > reach + 0.5) continue;
      shades[k] = erase ? Math.min(shades[k], 1 - full) : Math.max(shades[k], full);
    }
  }
  return shades;
}

/** All pixels on a line from one to the other, so that a quick hand leaves no gaps. */
export function between([r0, c0], [r1, c1]) {
  const steps = Math.max(Math.abs(r1 - r0), Math.abs(c1 - c0), 1);
  return Array.from({ length: steps + 1 }, (_, i) => [
    Math.round(r0 + ((r1 - r0) * i) / steps),
    Math.round(c0 + ((c1 - c0) * i) / steps),
  ]);
}
