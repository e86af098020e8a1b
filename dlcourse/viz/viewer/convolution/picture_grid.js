// A picture as a grid that can be drawn on, with the frame of zeros around it that padding adds.

import { Numbers } from "../frame/arrays.js";
import { palette } from "../frame/colours.js";
import { Grid } from "../frame/grid.js";

const ROOMY = 16; // pixels of a cell that has room for a mark

/** The array [C, H, W] in a frame of zeros, p rows and q columns wide. */
export function framed(array, [p, q]) {
  if (!p && !q) return array;
  const [C, H, W] = array.shape;
  const shape = [C, H + 2 * p, W + 2 * q];
  const data = new Float64Array(shape[0] * shape[1] * shape[2]);
  for (let c = 0; c < C; c++) {
    for (let r = 0; r < H; r++) {
      const from = (c * H + r) * W;
      data.set(array.data.subarray(from, from + W), (c * shape[1] + r + p) * shape[2] + q);
    }
  }
  return new Numbers(data, shape, array.dtype);
}

export class PictureGrid extends Grid {
  /**
   * `pen()`: "look", "draw", "erase"; `onPaint([row, column], before, erase)`; `onDrag(index)`;
   * `start()`: the cell where the keyboard begins.
   */
  constructor({ pen = () => "look", onPaint = null, onDrag = null, start = null, ...rest }) {
    super(rest);
    Object.assign(this, { pen, onPaint, onDrag, frame: [0, 0], spot: null, hatchFrom: null });
    const { view } = this;
    const enter = () => start && !this.cursor && this.moveTo(this.numbers.flat(start()));
    view.listen(this.element, "focus", enter, true); // before the grid goes to its first cell
    view.listen(this.element, "pointerdown", (event) => this.press(event));
    view.listen(this.element, "pointermove", (event) => this.move(event));
    for (const end of ["pointerup", "pointercancel"])
      view.listen(this.element, end, () => {
        this.last = null;
      });
    view.listen(this.element, "keydown", (event) => this.paintKey(event), true);
  }

  show(numbers, { frame = [0, 0], ...options } = {}) {
    this.frame = frame;
    this.element.dataset.pen = this.onPaint ? this.pen() : "look";
    super.show(numbers && framed(numbers, frame), options);
  }

  /** The place in the picture without its frame; null on the frame. */
  real([c, r, s]) {
    const [row, column] = [r - this.frame[0], s - this.frame[1]];
    const [, H, W] = this.numbers.shape;
    const within =
      row >= 0 && column >= 0 && row < H - 2 * this.frame[0] && column < W - 2 * this.frame[1];
    return within ? [c, row, column] : null;
  }

  /** Light up cells that are told without the frame: [{ c, r, s, tone }]. */
  light(cells) {
    this.mark(
      cells.map(({ c, r, s, tone }) => {
        const at = [c, r + this.frame[0], s + this.frame[1]];
        return { from: at, to: at, tone };
      }),
    );
  }

  // ── drawing ────────────────────────────────────────────────────────────────────────────────────

  press(event) {
    if (!this.numbers?.size) return;
    this.last = null;
    if (event.button !== 0) return;
    this.element.setPointerCapture?.(event.pointerId);
    this.pointed(event);
    this.held(event);
  }

  move(event) {
    if (event.buttons === 1 && this.numbers?.size) this.held(event);
  }

  held(event) {
    if (!this.cursor) return;
    if (!this.onPaint || this.pen() === "look") {
      this.onDrag?.(this.cursor);
      return;
    }
    event.preventDefault();
    this.stroke(this.pen() === "erase");
  }

  stroke(erase) {
    const place = this.real(this.cursor)?.slice(1);
    if (!place || this.last?.join() === place.join()) return;
    this.onPaint(place, this.last ?? place, erase);
    this.last = place;
  }

  paintKey(event) {
    const erase = { " ": false, Delete: true, Backspace: true }[event.key];
    if (erase === undefined || !this.onPaint || !this.cursor) return;
    event.preventDefault();
    event.stopImmediatePropagation();
    this.last = null;
    this.stroke(erase);
    this.last = null;
  }

  // ── what is drawn over the numbers ─────────────────────────────────────────────────────────────

  /** In small cells dots for zero would hide the picture. */
  drawSign(pen, value, at, colour) {
    if (value !== 0 || this.plan.cell >= ROOMY) super.drawSign(pen, value, at, colour);
  }

  drawOver() {
    if (!this.numbers?.size) return;
    this.blank = false; // there is more to draw here than marks
    super.drawOver();
    const pen = this.over.getContext("2d");
    if (this.hatchFrom !== null) this.hide(pen);
    pen.save();
    pen.globalCompositeOperation = "destination-over"; // below the marks
    if (this.spot) this.dim(pen);
    if (this.frame[0] || this.frame[1]) this.hatchFrames(pen);
    pen.restore();
  }

  /** Slanting lines where there is nothing but padding, round each sheet. */
  hatchFrames(pen) {
    const { cell, rows, cols, gap, sheets, across } = this.plan;
    const [p, q] = this.frame;
    for (let sheet = 0; sheet < sheets; sheet++) {
      const left = (sheet % across) * (cols + gap) * cell;
      const top = Math.floor(sheet / across) * (rows + gap) * cell;
      const inner = [left + q * cell, top + p * cell, (cols - 2 * q) * cell, (rows - 2 * p) * cell];
      hatch(pen, [left, top, cols * cell, rows * cell], inner, this.view);
    }
  }

  /** All but the lit part steps back, so that it is seen what a cell has seen. */
  dim(pen) {
    const {
      cell,
      units: [wide, high],
    } = this.plan;
    const { rows, columns } = this.spot;
    pen.save();
    pen.fillStyle = palette(this.view.dark).paper;
    pen.globalAlpha = 0.62;
    pen.beginPath();
    pen.rect(0, 0, wide * cell, high * cell);
    pen.rect(
      columns[0] * cell,
      rows[0] * cell,
      (columns[1] - columns[0] + 1) * cell,
      (rows[1] - rows[0] + 1) * cell,
    );
    pen.fill("evenodd");
    pen.restore();
  }

  /** Numbers from here on are not computed yet. */
  hide(pen) {
    const { cell, rows, cols } = this.plan;
    const [row, column] = [Math.floor(this.hatchFrom / cols), this.hatchFrom % cols];
    const [wide, low] = [cols * cell, (row + 1) * cell];
    pen.save();
    pen.fillStyle = this.view.tone("card");
    pen.fillRect(column * cell, row * cell, wide - column * cell, cell);
    pen.fillRect(0, low, wide, rows * cell - low);
    pen.strokeStyle = this.view.tone("quiet");
    pen.setLineDash([4, 3]);
    pen.strokeRect(0.5, low + 0.5, wide - 1, Math.max(0, rows * cell - low - 1));
    pen.restore();
  }
}

/** Slanting lines between two boxes. The last to be drawn lies lowest. */
function hatch(pen, [left, top, wide, high], [x, y, w, h], view) {
  pen.save();
  pen.strokeStyle = view.tone("quiet");
  pen.lineWidth = 1;
  pen.setLineDash([3, 2]);
  pen.strokeRect(x - 0.5, y - 0.5, w + 1, h + 1);
  pen.setLineDash([]);
  pen.beginPath();
  pen.rect(left, top, wide, high);
  pen.rect(x, y, w, h);
  pen.clip("evenodd");
  pen.globalAlpha = 0.45;
  pen.beginPath();
  for (let t = -high; t < wide; t += 5) {
    pen.moveTo(left + t, top + high);
    pen.lineTo(left + t + high, top);
  }
  pen.stroke();
  pen.globalAlpha = 1;
  pen.fillStyle = view.tone("soft");
  pen.fillRect(left, top, wide, high);
  pen.restore();
}
