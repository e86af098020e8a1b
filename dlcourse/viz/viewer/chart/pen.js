// Strokes of a chart: lines, dots, signs, rings, crosses.

/** A line of pixels; NaN lifts the pen. */
export function stroke(pen, path) {
  let down = false;
  pen.beginPath();
  for (let i = 0; i < path.length; i += 2) {
    const seen = path[i + 1] === path[i + 1];
    if (seen && down) pen.lineTo(path[i], path[i + 1]);
    else if (seen) {
      pen.moveTo(path[i], path[i + 1]);
      pen.lineTo(path[i], path[i + 1]); // a lonely point is drawn too
    }
    down = seen;
  }
  pen.stroke();
}

/** A dot on each point, where there are few. */
export function dots(pen, path) {
  for (let i = 0; i < path.length; i += 2) {
    if (path[i + 1] !== path[i + 1]) continue;
    pen.beginPath();
    pen.arc(path[i], path[i + 1], 2.6, 0, 7);
    pen.fill();
  }
}

/** The sign of a series with a halo of paper, so that it is seen on its line. */
export function symbol(pen, sign, x, y, paper, size = 12) {
  pen.save();
  pen.font = `${size}px system-ui, sans-serif`;
  [pen.textAlign, pen.textBaseline, pen.lineJoin] = ["center", "middle", "round"];
  [pen.strokeStyle, pen.lineWidth] = [paper, 3];
  pen.strokeText(sign, x, y + 0.5);
  pen.fillText(sign, x, y + 0.5);
  pen.restore();
}

/** Where the cursor meets a line. */
export function ring(pen, x, y, colour, paper) {
  pen.beginPath();
  pen.arc(x, y, 4.5, 0, 7);
  [pen.fillStyle, pen.strokeStyle, pen.lineWidth] = [colour, paper, 2];
  pen.fill();
  pen.stroke();
}

/** A cross: what stood here was not a finite number. */
export function cross(pen, x, y, colour, size = 4) {
  [pen.strokeStyle, pen.lineWidth] = [colour, 2];
  pen.beginPath();
  pen.moveTo(x - size, y - size); pen.lineTo(x + size, y + size);
  pen.moveTo(x - size, y + size); pen.lineTo(x + size, y - size);
  pen.stroke();
}
