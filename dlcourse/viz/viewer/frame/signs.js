// The signs of the classes as shapes on a canvas, so that thousands of points stay sharp and quick.

import { CLASSES } from "./colours.js";

const TURN = 2 * Math.PI;

function polygon(pen, x, y, r, corners, start = -TURN / 4) {
  for (let i = 0; i < corners; i++) {
    const a = start + (i * TURN) / corners;
    pen[i ? "lineTo" : "moveTo"](x + r * Math.cos(a), y + r * Math.sin(a));
  }
  pen.closePath();
}

function star(pen, x, y, r) {
  for (let i = 0; i < 10; i++) {
    const [a, far] = [-TURN / 4 + (i * TURN) / 10, i % 2 ? r * 0.45 : r];
    pen[i ? "lineTo" : "moveTo"](x + far * Math.cos(a), y + far * Math.sin(a));
  }
  pen.closePath();
}

/** Two bars that cross, turned by an angle. */
function bars(pen, x, y, r, angle) {
  const [c, s, w] = [Math.cos(angle), Math.sin(angle), r * 0.34];
  const corners = [[w, r], [w, w], [r, w], [r, -w], [w, -w], [w, -r], [-w, -r], [-w, -w], [-r, -w],
    [-r, w], [-w, w], [-w, r]];
  corners.forEach(([u, v], i) => {
    pen[i ? "lineTo" : "moveTo"](x + c * u - s * v, y + s * u + c * v);
  });
  pen.closePath();
}

/** In the order of SIGNS in colours.js; each about as heavy as the disc. */
const SHAPES = [
  (pen, x, y, r) => { pen.moveTo(x + r, y); pen.arc(x, y, r, 0, TURN); },
  (pen, x, y, r) => polygon(pen, x, y + r * 0.2, r * 1.25, 3),
  (pen, x, y, r) => pen.rect(x - r * 0.9, y - r * 0.9, r * 1.8, r * 1.8),
  (pen, x, y, r) => polygon(pen, x, y, r * 1.25, 4),
  (pen, x, y, r) => polygon(pen, x, y - r * 0.2, r * 1.25, 3, TURN / 4),
  (pen, x, y, r) => star(pen, x, y, r * 1.4),
  (pen, x, y, r) => bars(pen, x, y, r * 1.15, 0),
  (pen, x, y, r) => polygon(pen, x, y, r * 1.1, 5),
  (pen, x, y, r) => polygon(pen, x, y, r * 1.1, 6, 0),
  (pen, x, y, r) => bars(pen, x, y, r * 1.2, TURN / 8),
];

/** The outline of a class's sign around a place; fill or stroke it yourself. */
export function trace(pen, kind, x, y, r) {
  pen.beginPath();
  SHAPES[kind % SHAPES.length](pen, x, y, r);
}

/** Ten classes have ten pairs of sign and colour; the next ten pair them anew. */
export const colourOf = (kind) => CLASSES[(kind + 3 * Math.floor(kind / 10)) % CLASSES.length];

/** A class's sign in its colour, on a rim of paper that keeps neighbours apart. */
export function sign(pen, kind, x, y, r, paper) {
  trace(pen, kind, x, y, r);
  pen.strokeStyle = paper;
  pen.lineWidth = 1.6;
  pen.stroke();
  pen.fillStyle = colourOf(kind);
  pen.fill();
}
