// Pictures on their way into noise and out of it: all of them small, and one large beside the noise
// that the net sees in it and what it thinks is behind.

import { Numbers } from "../frame/arrays.js";
import { button, make } from "../frame/controls.js";
import { Grid } from "../frame/grid.js";
import { ink, InkGrid, pictured } from "../frame/ink.js";
import { cleaned } from "./noise_steps.js";

export class DenoisingPictures {
  /** `onFollow(i)`; `onPixel(index | null)`. */
  constructor({ view, data, onFollow, onPixel }) {
    Object.assign(this, { view, data, onPixel });
    this.size = data.who.size;
    this.small = Array.from({ length: this.size }, (_, i) => this.thumb(i, onFollow));
    const onPoint = (index) => this.pointed(index);
    const grid = (name, label, Kind) => new Kind({ view, name, label, onPoint });
    this.grids = { now: grid("now", "now", InkGrid) };
    if (data.guesses && data.left) {
      this.grids.guess = grid("guess", "noise that the net sees", Grid);
      this.grids.clean = grid("clean", "what it thinks is behind", InkGrid);
    }
    const shots = Object.values(this.grids).map((each) =>
      make("figure", { class: "shot" }, each.element, make("figcaption", {}, each.label)));
    this.element = make("div", { class: "denoising-pictures" },
      make("div", { class: "gallery" }, ...this.small),
      make("div", { class: "shots" }, ...shots));
  }

  thumb(i, onFollow) {
    const picture = button("", () => onFollow(i),
      { label: `Follow picture ${this.data.who.data[i]}`, pressed: false });
    picture.append(make("canvas", { class: "picture" }));
    return picture;
  }

  resize(wide) {
    const each = Math.max(80, Math.floor((wide - 32) / Object.keys(this.grids).length));
    for (const grid of Object.values(this.grids)) grid.width = Math.min(184, each);
  }

  /** `moment`, `follow`; the guess stands beside the picture that it was made of. */
  show({ moment, follow }) {
    const { data, view, grids } = this;
    const way = data[moment.phase];
    const [, , rows, cols] = way.shape;
    const paint = ink(data.range, view.dark);
    this.small.forEach((picture, i) => {
      pictured(way.data, (moment.at * this.size + i) * rows * cols, [rows, cols], paint,
        picture.firstElementChild);
      picture.setAttribute("aria-pressed", String(i === follow));
    });
    const now = cut(way, moment.at, follow);
    grids.now.show(now, { range: data.range });
    if (!grids.guess) return;
    const seen = moment.phase === "backward" && moment.level > 0
      && moment.at < data.guesses.shape[0];
    const guess = seen ? cut(data.guesses, moment.at, follow) : null;
    const left = data.left.data[moment.level - 1];
    const behind = guess && Float32Array.from(now.data, (x, i) => cleaned(left, x, guess.data[i]));
    const clean = guess && new Numbers(behind, now.shape);
    const note = moment.phase === "forward" ? "asked on the way back" : "nothing left to take out";
    grids.guess.show(guess, { reach: 3, note });
    grids.clean.show(clean, { range: data.range, note });
    this.mark();
  }

  pointed(index) {
    if (index) this.index = index;
    this.mark();
    this.onPixel(this.index);
  }

  /** The same pixel in all three. */
  mark() {
    for (const grid of Object.values(this.grids)) {
      const shown = this.index && grid.numbers?.has(this.index);
      grid.mark(shown ? [{ from: this.index, to: this.index }] : []);
    }
  }
}

/** One picture (H, W) of a stack (K, N, H, W), without copying its numbers. */
function cut(stack, at, i) {
  const [, count, rows, cols] = stack.shape;
  const from = (at * count + i) * rows * cols;
  return new Numbers(stack.data.subarray(from, from + rows * cols), [rows, cols], stack.dtype);
}

export const PICTURES_STYLE = `
.denoising-pictures { display: grid; gap: 14px; min-width: 0; }
.gallery { display: grid; grid-template-columns: repeat(6, minmax(0, 1fr)); gap: 6px; }
.gallery button { padding: 0; border: 0; background: none; min-width: 0; border-radius: 4px; }
.gallery canvas { width: 100%; outline: 1px solid var(--line); }
.gallery button[aria-pressed="true"] canvas { outline: 3px solid var(--ink); }
.shots { display: flex; flex-wrap: wrap; gap: 16px; min-height: 150px; }
.shot { margin: 0; flex: none; display: grid; grid-template-columns: min-content;
  align-content: start; }
.shot figcaption { font-size: 12.5px; color: var(--quiet); margin-top: 4px; }
.shot .grid { box-shadow: 0 0 0 1px var(--line); } .shot .grid.absent { box-shadow: none; }
`;
