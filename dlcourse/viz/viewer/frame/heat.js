// A table of numbers as coloured cells, which need not be square: rows of units over columns of time,
// or those who ask over those who are looked at. Cells that are not there yet stay empty.

import { inkOn, palette } from "./colours.js";
import { make } from "./controls.js";
import { exact, tiny } from "./format.js";

const ROOMY = [26, 17]; // pixels: from here on a number fits into its cell

export class Heat {
  /** `onPoint([row, column] | null)`: under the cursor; `onPick([row, column])`: clicked, or Enter. */
  constructor({ view, name, label, onPoint = () => {}, onPick = () => {} }) {
    Object.assign(this, { view, name, label, onPoint, onPick });
    [this.cursor, this.marks] = [null, []];
    const canvas = () => make("canvas", { "aria-hidden": "true" });
    [this.canvas, this.over, this.small] = [canvas(), canvas(), canvas()];
    this.over.className = "over";
    this.element = make("div", { class: "heat", "data-heat": name, role: "application",
      tabindex: "0",
      "aria-label": label, "aria-roledescription": "table of numbers" }, this.canvas, this.over);
    view.listen(this.element, "pointermove", (event) => this.pointed(event));
    view.listen(this.element, "pointerleave", () => this.leave());
    view.listen(this.element, "click", (event) => this.clicked(event));
    view.listen(this.element, "keydown", (event) => this.key(event));
    view.listen(this.element, "focus", () => this.cursor ?? this.moveTo(this.home ?? [0, 0]));
    view.listen(this.element, "blur", () => this.leave());
  }

  /**
   * `value(row, column)`: a number, or null for a cell that is not there; `paint(value, row)`: its
   * packed colour. Cells are `wide` × `high` pixels; `text` writes in them; the keyboard enters at
   * `home`.
   */
  show({ rows, cols, value, paint, wide, high, text = (x) => tiny(x), label = this.label,
    home = null }) {
    Object.assign(this, { rows, cols, value, paint, wide, high, text, label, home });
    this.element.setAttribute("aria-label", `${label}, ${rows} rows, ${cols} columns`);
    if (this.cursor && (this.cursor[0] >= rows || this.cursor[1] >= cols)) this.cursor = null;
    this.draw();
    this.drawOver();
  }

  draw() {
    const { rows, cols, wide, high, small } = this;
    const image = new ImageData(cols, rows);
    const pixels = new Uint32Array(image.data.buffer);
    for (let r = 0; r < rows; r++) {
      for (let c = 0; c < cols; c++) {
        const value = this.value(r, c);
        if (value !== null) pixels[r * cols + c] = this.paint(value, r);
      }
    }
    [small.width, small.height] = [cols, rows];
    small.getContext("2d").putImageData(image, 0, 0);
    const pen = this.sized(this.canvas);
    pen.imageSmoothingEnabled = false;
    pen.drawImage(small, 0, 0, cols * wide, rows * high);
    this.drawLines(pen);
    if (rows * cols <= 4096) this.drawNumbers(pen, pixels);
  }

  sized(canvas) {
    const [wide, high] = [this.cols * this.wide, this.rows * this.high];
    const ratio = wide * high > 1e6 ? 1 : window.devicePixelRatio || 1;
    const [across, down] = [Math.round(wide * ratio), Math.round(high * ratio)];
    const pen = canvas.getContext("2d");
    if (canvas.width !== across || canvas.height !== down) {
      [canvas.width, canvas.height] = [across, down];
      canvas.style.width = this.element.style.width = `${wide}px`;
      canvas.style.height = this.element.style.height = `${high}px`;
    }
    pen.setTransform(ratio, 0, 0, ratio, 0, 0);
    pen.clearRect(0, 0, wide, high);
    return pen;
  }

  drawLines(pen) {
    const { rows, cols, wide, high } = this;
    pen.strokeStyle = palette(this.view.dark).paper;
    pen.lineWidth = 1;
    pen.beginPath();
    const line = (x, y, toX, toY) => { pen.moveTo(x, y); pen.lineTo(toX, toY); };
    for (let c = 1; wide >= 8 && c < cols; c++) line(c * wide, 0, c * wide, rows * high);
    for (let r = 1; high >= 8 && r < rows; r++) line(0, r * high, cols * wide, r * high);
    pen.stroke();
  }

  /** Numbers where they fit, and a cross for what is no finite number. */
  drawNumbers(pen, pixels) {
    const { rows, cols, wide, high } = this;
    const roomy = wide >= ROOMY[0] && high >= ROOMY[1];
    pen.font = `${wide < 30 ? 10 : 10.5}px ${this.font ??= getComputedStyle(this.element).fontFamily}`;
    [pen.textAlign, pen.textBaseline] = ["center", "middle"];
    for (let r = 0; r < rows; r++) {
      for (let c = 0; c < cols; c++) {
        const value = this.value(r, c);
        if (value === null) continue;
        pen.fillStyle = pen.strokeStyle = inkOn(pixels[r * cols + c]);
        const [x, y] = [(c + 0.5) * wide, (r + 0.5) * high];
        if (!Number.isFinite(value)) cross(pen, x, y, Math.min(wide, high) / 4);
        else if (roomy) pen.fillText(value === 0 ? "0" : this.text(value, r), x, y + 0.5);
        else if (value === 0 && Math.min(wide, high) >= 7) dot(pen, x, y, Math.max(1, wide / 12));
      }
    }
  }

  /** Boxes to light up: [{ from: [row, column], to, tone, line }]. */
  mark(boxes) {
    if (!boxes.length && !this.marks.length) return;
    this.marks = boxes;
    this.drawOver();
  }

  drawOver() {
    if (!this.rows) return;
    const pen = this.sized(this.over);
    for (const { from, to, tone = "source", line = 2 } of this.marks) this.box(pen, from, to,
      this.view.tone(tone), line);
    if (this.cursor) this.box(pen, this.cursor, this.cursor, this.view.tone("cursor"), 2.5);
  }

  box(pen, [top, left], [bottom, right], colour, line) {
    const { wide, high } = this;
    const edge = line < 2 ? 0 : Math.min(1, wide / 5,
      high / 5); // what is beside it stays to be seen
    const box = [left * wide + edge, top * high + edge, (right - left + 1) * wide - 2 * edge,
      (bottom - top + 1) * high - 2 * edge];
    pen.strokeStyle = palette(this.view.dark).paper; // a halo, so that it is seen on every colour
    pen.lineWidth = line < 2 ? line : line + 1;
    pen.strokeRect(...box);
    pen.strokeStyle = colour;
    pen.lineWidth = line;
    pen.strokeRect(...box);
  }

  pointed(event) {
    if (!this.rows) return;
    const { left, top } = this.element.getBoundingClientRect();
    const [r, c] = [Math.floor((event.clientY - top) / this.high),
      Math.floor((event.clientX - left) / this.wide)];
    if (this.holds([r, c]) && (r !== this.cursor?.[0] || c !== this.cursor?.[1])) this.moveTo([r,
      c]);
  }

  holds([r, c]) {
    return r >= 0 && c >= 0 && r < this.rows && c < this.cols;
  }

  clicked(event) {
    this.pointed(event);
    this.element.focus({ preventScroll: true });
    if (this.cursor) this.onPick(this.cursor);
  }

  leave() {
    if (this.element.matches(":focus")) return; // whoever steps with keys keeps the place
    this.point(null);
    this.onPoint(null);
  }

  moveTo(cell) {
    this.point(cell);
    this.onPoint(cell);
  }

  /** Put the cursor there, without telling anybody. */
  point(cell) {
    this.cursor = cell;
    if (cell) {
      const value = this.value(...cell);
      this.element.dataset.index = cell.join(",");
      this.element.dataset.value = value === null ? "absent" : exact(value, "float64");
    } else {
      delete this.element.dataset.index;
      delete this.element.dataset.value;
    }
    this.drawOver();
  }

  key(event) {
    if (!this.rows || event.ctrlKey || event.metaKey || event.altKey) return;
    const [r, c] = this.cursor ?? this.home ?? [0, 0];
    const there = {
      ArrowLeft: [r, c - 1], ArrowRight: [r, c + 1], ArrowUp: [r - 1, c], ArrowDown: [r + 1, c],
      Home: [r, 0], End: [r, this.cols - 1], PageUp: [0, c], PageDown: [this.rows - 1, c],
    }[event.key];
    const picks = event.key === "Enter" || event.key === " ";
    if (!there && !picks) return;
    event.preventDefault();
    event.stopPropagation();
    if (picks) this.onPick([r, c]);
    else if (this.holds(there)) this.moveTo(there);
  }
}

function cross(pen, x, y, r) {
  pen.lineWidth = 1.5;
  pen.beginPath();
  pen.moveTo(x - r, y - r); pen.lineTo(x + r, y + r);
  pen.moveTo(x + r, y - r); pen.lineTo(x - r, y + r);
  pen.stroke();
}

function dot(pen, x, y, r) {
  pen.beginPath();
  pen.arc(x, y, r, 0, 7);
  pen.fill();
}

/** Hatching stands for what is not there: no colour of the ramp can be mistaken for it. */
export const HEAT_STYLE = `
.legend .state.absent { border: 1px solid var(--line);
  background: repeating-linear-gradient(135deg, var(--card) 0 2px, var(--line) 2px 4px); }
.heat { position: relative; display: block; line-height: 0; cursor: crosshair; border-radius: 2px;
  background: repeating-linear-gradient(135deg, var(--card) 0 4px, var(--soft) 4px 8px); }
.heat canvas { display: block; } .heat .over { position: absolute; inset: 0; pointer-events: none; }
.heat:focus-visible { outline: 2px solid var(--accent); outline-offset: 2px; }
`;
