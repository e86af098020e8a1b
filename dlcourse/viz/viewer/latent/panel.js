// What the walker sees: the picture of its place, and the nearest example beside its rebuilt one.

import { Numbers } from "../frame/arrays.js";
import { make } from "../frame/controls.js";
import { number, place as written } from "../frame/format.js";
import { Grid } from "../frame/grid.js";
import { InkGrid } from "../frame/ink.js";
import { around, blend, tileOf } from "../plane/decoded.js";
import { SIGNS } from "../frame/colours.js";
import { colourOf } from "../frame/signs.js";

const STATES = {
  exact: "Decoded exactly, by Python.",
  tile: "Decoded exactly: a picture of the map.",
  blended: "Blended from the four nearest pictures of the map.",
};

export class LatentPanel {
  constructor(view, data) {
    Object.assign(this, { view, data, grids: {} });
    const picture = (name, label, Kind = InkGrid) => {
      const grid = new Kind({ view, name, label, onPoint: (index) => this.pointed(index) });
      this.grids[name] = grid;
      return make("figure", { class: "shot" }, grid.element, make("figcaption", {}, label));
    };
    this.where = make("div", { class: "place" });
    this.state = make("p", { class: "quiet state-line" });
    this.title = make("h4");
    this.error = make("div", { class: "place" });
    this.note = make("p", { class: "quiet state-line" });
    this.pixel = make("p", { class: "pixel-line" });
    const walk = make("div", { class: "panel walk" }, make("h4", {}, "The picture of this place"),
      make("div", { class: "beside" }, picture("decoded", "decoded"),
        make("div", {}, this.where, this.state, this.pixel)));
    this.trio = make("div", { class: "trio" });
    const names = [["example", "example"], ["rebuilt", "rebuilt"]];
    this.trio.append(...names.filter(([name]) => data[name === "example" ? "pictures" : name])
      .map(([name, label]) => picture(name, label)));
    if (data.errors) this.trio.append(picture("difference", "difference", Grid));
    const key = make("p", { class: "quiet state-line" }, data.errors
      ? "Difference = rebuilt − example: blue has too much ink, orange too little." : "");
    const near = make("div", { class: "panel near" }, this.title, this.trio, this.error, key,
      this.note);
    this.element = make("div", { class: "latent-panel" }, data.map ? walk : "", near);
  }

  size(wide) {
    this.grids.decoded.width = Math.min(184, wide * 0.55);
    const shots = this.trio.children.length;
    for (const name of ["example", "rebuilt", "difference"]) {
      const each = (wide - 24 - 10 * (shots - 1)) / shots;
      if (this.grids[name]) this.grids[name].width = Math.floor(Math.min(132, each));
    }
  }

  // ── the picture of the place ───────────────────────────────────────────────────────────────────

  /** At once the blend of the map's pictures; where there is a Python, its picture right after. */
  showPlace(at) {
    const { data, view } = this;
    this.where.replaceChildren(...data.axes.map((name, i) =>
      make("div", {}, make("span", { class: "quiet" }, `${name} `), make("b", {}, number(at[i])))));
    if (!data.map) return;
    const side = Math.round(Math.sqrt(data.map.shape[0]));
    const parts = around(side, tileOf(data.frame, side, at));
    const [rows, cols] = data.size;
    this.draw(new Numbers(blend(data.map.data, rows * cols, parts), data.size),
      parts.some(({ share }) => share > 0.9999) ? "tile" : "blended");
    this.asked = at;
    if (!view.live) return;
    view.ask("picture", { place: at }).then(
      (picture) => picture && this.asked === at && this.draw(picture, "exact"),
      (error) => { this.state.textContent = error.message; });
  }

  draw(numbers, state) {
    this.grids.decoded.show(numbers, { range: this.data.range });
    this.state.textContent = STATES[state];
    this.grids.decoded.element.dataset.how = state;
    this.mark();
  }

  // ── the nearest example ────────────────────────────────────────────────────────────────────────

  nameOf(row) {
    const { data } = this;
    const name = data.classes.length ? data.classes[data.labels.data[row]] : "";
    return `example ${data.numbers.data[row]}${name ? `, class ${name}` : ""}`;
  }

  /** How badly an example is rebuilt, where that is known. */
  errorOf(row) {
    const { errors } = this.data;
    return errors ? `, rebuilt with a mean squared error of ${number(errors.data[row])}` : "";
  }

  showExample(row) {
    if (row === this.row) return;
    this.row = row;
    const { data } = this;
    const kind = data.labels.data[row];
    const kindMark = make("span", { "aria-hidden": "true", style: `color: ${colourOf(kind)}` },
      SIGNS[kind % 10]);
    this.title.replaceChildren("Nearest: ", data.classes.length ? kindMark : "",
      ` ${this.nameOf(row)}`);
    this.element.dataset.example = data.numbers.data[row];
    const error = make("span", { class: "quiet" }, "mean squared error ");
    this.error.replaceChildren(...(data.errors ? [error,
      make("b", {}, number(data.errors.data[row]))] : []));
    this.element.dataset.error = data.errors ? String(data.errors.data[row]) : "";
    const k = data.kept?.data.indexOf(row) ?? -1;
    if (k >= 0) return this.showTrio(cut(data.pictures, k), cut(data.rebuilt, k), "");
    if (!data.size) return undefined;
    this.showTrio(null, null, "");
    if (!this.view.live) return undefined;
    return this.view.ask("rebuild", { number: data.numbers.data[row] }).then(
      (answer) => answer && this.row === row && this.showTrio(answer.picture, answer.rebuilt, ""),
      (error) => { this.note.textContent = error.message; });
  }

  showTrio(example, rebuilt, note) {
    const { grids, data: { range } } = this;
    grids.example?.show(example, { range, note: "left out" });
    grids.rebuilt?.show(rebuilt, { range, note: "left out" });
    const gap = example && rebuilt && new Numbers(
      Float32Array.from(rebuilt.data, (x, i) => x - example.data[i]), example.shape);
    grids.difference?.show(gap, { reach: range[1] - range[0], note: "left out" });
    this.note.textContent = note;
    this.mark();
  }

  // ── one pixel in all pictures ──────────────────────────────────────────────────────────────────

  pointed(index) {
    this.index = index;
    this.mark();
    const read = Array.from(this.pixel.children, ({ textContent }) => textContent);
    if (read.length) this.view.say(`Pixel ${written(index)}: ${read.join(", ")}.`);
  }

  mark() {
    const { index, grids } = this;
    const found = [];
    for (const [name, grid] of Object.entries(grids)) {
      const shown = index && grid.numbers?.has(index);
      grid.mark(shown ? [{ from: index, to: index }] : []);
      if (!shown) continue;
      found.push(make("span", {}, `${name} `, make("b", {}, number(grid.numbers.at(index)))));
    }
    this.pixel.replaceChildren(found.length ? `Pixel ${written(index)}`
      : "Point at a pixel to read it.", ...found);
  }
}

/** One picture of a stack, without copying its numbers. */
function cut(stack, k) {
  if (!stack) return null;
  const size = stack.size / stack.shape[0];
  return new Numbers(stack.data.subarray(k * size, (k + 1) * size), stack.shape.slice(1),
    stack.dtype);
}

export const PANEL_STYLE = `
.latent-panel { display: grid; gap: 12px; align-content: start; min-width: 0; }
.latent-panel h4 { margin: 0 0 8px; font-size: 13px; font-weight: 600; }
.beside { display: flex; gap: 16px; align-items: flex-start; }
.shot { margin: 0; flex: none; }
.shot figcaption { font-size: 12.5px; color: var(--quiet); margin-top: 3px; }
.shot .grid { box-shadow: 0 0 0 1px var(--line); } .shot .grid.absent { box-shadow: none; }
.trio { display: flex; gap: 10px; flex-wrap: wrap; margin-bottom: 6px; }
.place b { font-variant-numeric: tabular-nums; }
.state-line { margin: 6px 0 0; font-size: 13px; } .state-line:empty { display: none; }
.beside .state-line { min-height: 2.9em; }
.pixel-line { margin: 8px 0 0; font-size: 13px; color: var(--quiet); }
.pixel-line span { display: block; } .pixel-line b { color: var(--ink); }
`;
