// An array as a grid of cells on a canvas: hover, focus, arrow keys; marks drawn over it.

import { inkOn, painter, palette } from "./colours.js";
import { exact, number, place, shape, tiny } from "./format.js";

const LEAST = 3; // pixels: the smallest cell that can still be pointed at
const MOST = 34;
const ROOMY = 30; // from here on a number fits into its cell
const PLAIN = { willReadFrequently: true }; // small pictures are drawn faster without the GPU
const SHEETS = 64; // so many matrices are shown at a time

/** How an array lies in the plane: its last two axes are a sheet, all others count sheets. */
export function layout(sizes, width, first = 0) {
  let [rows, cols] = sizes.length > 1 ? sizes.slice(-2) : [1, sizes[0] ?? 1];
  const line = sizes.length === 1 ? cols : 0;
  if (line > 48) { // a long row is folded; a flat picture becomes square again
    const side = Math.round(Math.sqrt(line));
    cols = side * side === line ? side : 32;
    rows = Math.ceil(line / cols);
  }
  const all = sizes.slice(0, -2).reduce((product, n) => product * n, 1);
  const sheets = rows * cols === 0 ? 0 : Math.min(all - first, SHEETS);
  const gap = sheets > 1 ? 1 : 0;
  const across = Math.max(1, Math.min(sheets, best(sheets, rows, cols, width)));
  const units = [across * (cols + gap) - gap, Math.ceil(sheets / across) * (rows + gap) - gap];
  const fitting = Math.floor(width / Math.max(units[0], 1));
  const cell = Math.max(LEAST, Math.min(MOST, fitting));
  return { rows, cols, line, sheets, all, first, gap, across, units, cell };
}

/** Sheets side by side so that the whole is not much higher than wide. */
function best(sheets, rows, cols, width) {
  let choice = 1;
  for (let across = 1; across <= sheets; across++) {
    const cell = Math.min(MOST, width / (across * (cols + 1)));
    const high = Math.ceil(sheets / across) * (rows + 1) * cell;
    if (cell < LEAST + 1) break;
    choice = across;
    if (high <= 260) break;
  }
  return choice;
}

/** Where a number stands, in cells from the upper left corner; null where it is not shown. */
export function spot(plan, sizes, index) {
  const [r, c] = index.length > 1 ? index.slice(-2) : [0, index[0] ?? 0];
  if (plan.line) return [c % plan.cols, Math.floor(c / plan.cols)];
  let sheet = 0;
  for (let axis = 0; axis < index.length - 2; axis++) sheet = sheet * sizes[axis] + index[axis];
  sheet -= plan.first;
  if (sheet < 0 || sheet >= plan.sheets) return null;
  return [
    (sheet % plan.across) * (plan.cols + plan.gap) + c,
    Math.floor(sheet / plan.across) * (plan.rows + plan.gap) + r,
  ];
}

/** The flat place of the number that stands there; −1 for a gap. */
export function found(plan, size, [x, y]) {
  const [wide, high] = [plan.cols + plan.gap, plan.rows + plan.gap];
  const [c, r] = [x % wide, y % high];
  const column = Math.floor(x / wide);
  const sheet = Math.floor(y / high) * plan.across + column;
  if (c >= plan.cols || r >= plan.rows || column >= plan.across || sheet >= plan.sheets) return -1;
  const flat = ((sheet + plan.first) * plan.rows + r) * plan.cols + c;
  return flat < size && x >= 0 && y >= 0 ? flat : -1;
}

/** A box over several sheets as one box on each of them; at most 64. */
export function sheetBoxes(from, to) {
  let leads = [[]];
  for (let axis = 0; axis < from.length - 2; axis++) {
    const steps = Array.from({ length: to[axis] - from[axis] + 1 }, (_, i) => from[axis] + i);
    leads = leads.flatMap((lead) => steps.map((i) => [...lead, i])).slice(0, SHEETS);
  }
  return leads.map((lead) => [[...lead, ...from.slice(-2)], [...lead, ...to.slice(-2)]]);
}

export class Grid {
  /** `onPoint(index | null)`: the cell under the cursor; `onPick(index)`: clicked, or Enter. */
  constructor({ view, name, label, onPoint = () => {}, onPick = () => {}, width = 320, lay = layout }) {
    Object.assign(this, { view, name, label, onPoint, onPick, width, lay });
    this.cursor = null;
    this.marks = [];
    this.element = document.createElement("div");
    this.element.className = "grid";
    this.element.dataset.grid = name;
    this.canvas = this.element.appendChild(document.createElement("canvas"));
    this.over = this.element.appendChild(document.createElement("canvas"));
    this.over.className = "over";
    this.over.width = this.over.height = 0; // until there is a mark; else it sticks out
    this.canvas.setAttribute("aria-hidden", "true");
    this.over.setAttribute("aria-hidden", "true");
    view.listen(this.element, "pointermove", (event) => this.pointed(event));
    view.listen(this.element, "pointerleave", () => this.leave());
    view.listen(this.element, "click", (event) => this.clicked(event));
    view.listen(this.element, "keydown", (event) => this.key(event));
    view.listen(this.element, "focus", () => this.cursor ?? this.moveTo(0));
  }

  /** Draw these numbers; null is "not computed yet", which looks unlike zero. */
  show(numbers, { reach, log = false, first = 0, note = "not computed yet" } = {}) {
    this.numbers = numbers;
    this.element.classList.toggle("absent", !numbers || numbers.size === 0);
    this.element.tabIndex = numbers?.size ? 0 : -1;
    this.element.dataset.state = !numbers ? "absent" : numbers.size === 0 ? "empty" : "shown";
    if (!numbers || numbers.size === 0) {
      this.drawn = null;
      this.describe("img", numbers ? `${this.label}: empty` : `${this.label}: ${note}`);
      this.element.dataset.note = numbers ? "empty: no numbers" : note;
      for (const canvas of [this.canvas, this.over]) {
        canvas.width = canvas.height = 0;
        delete canvas.dataset.size;
      }
      this.element.style.removeProperty("width");
      this.element.style.removeProperty("height");
      return;
    }
    const state = [reach, log, first, this.width, this.view.dark].join();
    if (this.drawn === numbers && this.state === state) return this.drawOver();
    [this.drawn, this.state] = [numbers, state];
    this.describe("application", `${this.label}, ${shape(numbers.shape)} numbers`);
    this.paint = painter({ reach: reach ?? numbers.facts.reach, log, dark: this.view.dark });
    this.plan = this.lay(numbers.shape, this.width, first);
    this.draw();
    this.blank = false;
    if (this.cursor && !numbers.has(this.cursor)) this.cursor = null;
    this.drawOver();
  }

  describe(role, label) {
    this.element.setAttribute("role", role);
    this.element.setAttribute("aria-label", label);
    if (role === "application") this.element.setAttribute("aria-roledescription", "grid of numbers");
    else this.element.removeAttribute("aria-roledescription");
  }

  draw() {
    const { plan: { units: [wide, high], cell } } = this;
    const image = new ImageData(wide, high);
    const pixels = new Uint32Array(image.data.buffer);
    this.fill(pixels, wide);
    if (cell < 7 || wide * high > 4096) this.drawSmall(image);
    else this.drawCells(this.sized(this.canvas), pixels);
  }

  /** Many small cells: a pixel each, which the browser makes larger. */
  drawSmall(image) {
    const { canvas, plan: { units: [wide, high], cell } } = this;
    this.resize(canvas, wide, high, `${wide},${high}`);
    for (const { style } of [canvas, this.element]) {
      [style.width, style.height] = [`${wide * cell}px`, `${high * cell}px`];
    }
    canvas.getContext("2d", PLAIN).putImageData(image, 0, 0);
  }

  /** One pixel for each number, sheet by sheet. */
  fill(pixels, wide) {
    const { rows, cols, gap, sheets, across, first } = this.plan;
    const { data, size } = this.numbers;
    for (let sheet = 0; sheet < sheets; sheet++) {
      const left = (sheet % across) * (cols + gap);
      const top = Math.floor(sheet / across) * (rows + gap);
      let flat = (sheet + first) * rows * cols;
      for (let r = 0; r < rows; r++) {
        const line = (top + r) * wide + left;
        for (let c = 0; c < cols && flat < size; c++) pixels[line + c] = this.paint(Number(data[flat++]));
      }
    }
  }

  /** A canvas as large as the plan, sharp on every screen; gives its pen. */
  sized(canvas) {
    const { plan } = this;
    const [wide, high] = plan.units.map((n) => n * plan.cell);
    const ratio = this.ratio = wide * high > 1e6 ? 1 : window.devicePixelRatio || 1;
    const pen = canvas.getContext("2d", PLAIN);
    if (this.resize(canvas, Math.round(wide * ratio), Math.round(high * ratio), `${wide},${high},${ratio}`)) {
      canvas.style.width = this.element.style.width = `${wide}px`;
      canvas.style.height = this.element.style.height = `${high}px`;
      pen.setTransform(ratio, 0, 0, ratio, 0, 0);
    }
    pen.clearRect(0, 0, wide, high);
    return pen;
  }

  /** Numbers where they fit; a dot for exactly zero; a cross for what is no finite number. */
  drawCells(pen, pixels) {
    const { plan, numbers, view } = this;
    const { cell, units: [wide, high] } = plan;
    pen.putImageData(enlarged(pixels, [wide, high], cell * this.ratio, cell >= 9 ? 1 : 0), 0, 0);
    if (cell >= ROOMY) {
      const letters = numbers.facts.reach < 0.01 ? 4.2 : 3.4;
      pen.font = `${Math.min(10.5, cell / letters)}px ${view.font}`;
      [pen.textAlign, pen.textBaseline] = ["center", "middle"];
    }
    for (let y = 0; y < high; y++) {
      for (let x = 0; x < wide; x++) {
        const flat = found(plan, numbers.size, [x, y]);
        if (flat >= 0) this.drawSign(pen, Number(numbers.data[flat]), [(x + 0.5) * cell, (y + 0.5) * cell], pixels[y * wide + x]);
      }
    }
  }

  drawSign(pen, value, [x, y], colour) {
    const { cell } = this.plan;
    if (value !== 0 && cell < ROOMY && Number.isFinite(value)) return;
    pen.fillStyle = pen.strokeStyle = inkOn(colour);
    if (!Number.isFinite(value)) cross(pen, x, y, cell / 4);
    else if (cell >= ROOMY) pen.fillText(tiny(value, this.numbers.facts.reach), x, y + 0.5);
    else dot(pen, x, y, Math.max(1, cell / 10));
  }

  /** Boxes to light up: [{ from: [2, 0], to: [2, 7], tone: "source" | "result" | "also" }]. */
  mark(boxes) {
    if (boxes.length === 0 && this.marks.length === 0) return;
    this.marks = boxes;
    this.drawOver();
  }

  drawOver() {
    if (!this.numbers?.size) return;
    const blank = this.marks.length === 0 && !this.cursor;
    if (blank && (this.blank || !this.over.dataset.size)) return;
    this.blank = blank;
    const pen = this.sized(this.over);
    for (const { from, to, tone = "source" } of this.marks) {
      for (const [first, last] of sheetBoxes(from, to)) {
        const [a, b] = [first, last].map((index) => spot(this.plan, this.numbers.shape, index));
        if (a && b) this.boxes(pen, a, b, this.view.tone(tone));
      }
    }
    const at = this.cursor && spot(this.plan, this.numbers.shape, this.cursor);
    if (at) this.box(pen, at, at, this.view.tone("cursor"), 3);
  }

  /** A folded row is marked line by line. */
  boxes(pen, a, b, colour) {
    if (!this.plan.line || a[1] === b[1]) return this.box(pen, a, b, colour, 2);
    for (let y = a[1]; y <= b[1]; y++) {
      const ends = [y === a[1] ? a[0] : 0, y === b[1] ? b[0] : this.plan.cols - 1];
      this.box(pen, [ends[0], y], [ends[1], y], colour, 2);
    }
  }

  /** A new size throws all pixels away, which takes its time: only where it is really new. */
  resize(canvas, wide, high, size) {
    if (canvas.dataset.size === size) return false;
    canvas.dataset.size = size;
    [canvas.width, canvas.height] = [wide, high];
    return true;
  }

  box(pen, [left, top], [right, bottom], colour, wide) {
    const { cell } = this.plan;
    const [inset, size] = cell > 6 ? [1, 2] : [0, 0];
    const box = [left * cell + inset, top * cell + inset,
      (right - left + 1) * cell - size, (bottom - top + 1) * cell - size];
    pen.strokeStyle = palette(this.view.dark).paper; // a halo, so that it is seen on every colour
    pen.lineWidth = wide + 2;
    pen.strokeRect(...box);
    pen.strokeStyle = colour;
    pen.lineWidth = wide;
    pen.strokeRect(...box);
  }

  pointed(event) {
    if (!this.numbers?.size) return;
    const { left, top } = this.element.getBoundingClientRect();
    const at = [event.clientX - left, event.clientY - top].map((p) => Math.floor(p / this.plan.cell));
    const flat = found(this.plan, this.numbers.size, at);
    if (flat >= 0 && flat !== this.flat) this.moveTo(flat);
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

  moveTo(flat) {
    this.point(this.numbers.unflat(flat));
    this.onPoint(this.cursor);
  }

  /** Put the cursor there, without telling anybody. */
  point(index) {
    if (!index && !this.cursor) return;
    this.cursor = index;
    this.flat = index ? this.numbers.flat(index) : -1;
    if (index) {
      this.element.dataset.index = index.join(",");
      this.element.dataset.value = exact(this.numbers.at(index), this.numbers.dtype);
    } else {
      delete this.element.dataset.index;
      delete this.element.dataset.value;
    }
    this.drawOver();
  }

  /** "y[2, 1] = 0.312", for the live region. */
  get sentence() {
    return `${this.label}${place(this.cursor)} = ${number(this.numbers.at(this.cursor), 4)}`;
  }

  key(event) {
    if (!this.numbers?.size || event.ctrlKey || event.metaKey || event.altKey) return;
    const { cols, rows } = this.plan;
    const steps = {
      ArrowLeft: -1, ArrowRight: 1, ArrowUp: -cols, ArrowDown: cols,
      PageUp: -rows * cols, PageDown: rows * cols,
    };
    const here = this.flat >= 0 ? this.flat : 0;
    let there = here + (steps[event.key] ?? 0);
    if (event.key === "Home") there = here - (here % cols);
    else if (event.key === "End") there = Math.min(here - (here % cols) + cols, this.numbers.size) - 1;
    else if (event.key === "Enter" || event.key === " ") this.onPick(this.numbers.unflat(here));
    else if (!(event.key in steps)) return;
    event.preventDefault();
    event.stopPropagation();
    if (there !== here && there >= 0 && there < this.numbers.size) this.moveTo(there);
  }
}

/** Each pixel as a square of so many, with lines of nothing between: faster than drawing squares. */
function enlarged(pixels, [wide, high], cell, line) {
  const [edge, size] = [(n) => Math.round(n * cell), Math.round(wide * cell)];
  const image = new ImageData(size, edge(high));
  const large = new Uint32Array(image.data.buffer);
  for (let y = 0; y < high; y++) {
    const top = edge(y) * size;
    for (let x = 0; x < wide; x++) {
      large.fill(pixels[y * wide + x], top + edge(x), top + edge(x + 1) - line);
    }
    for (let row = edge(y) + 1; row < edge(y + 1) - line; row++) {
      large.copyWithin(row * size, top, top + size);
    }
  }
  return image;
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
