// The way from A to B: pictures decoded along the straight line between two codes, and for
// comparison what comes out if only the pixels of the two are mixed.

import { button, make, slider } from "../frame/controls.js";
import { percent } from "../frame/format.js";
import { ink, pictured } from "../frame/ink.js";
import { around, between, blend, tileOf } from "../plane/decoded.js";

export class LatentWay {
  /** `onPart(part)`; `placeOf(row)` as in the plane. */
  constructor({ view, data, onPart, placeOf }) {
    Object.assign(this, { view, data, onPart, placeOf });
    this.count = data.strip.shape[0];
    this.pictures = this.range((i) => this.frame(i));
    this.mixed = this.range(() => make("canvas", { class: "picture", "aria-hidden": "true" }));
    this.part = slider({ label: "From A to B", least: 0, most: 1, step: 1 / (this.count - 1),
      value: 0.5,
      show: percent, onInput: (part) => onPart(Number(part.toFixed(3))) });
    this.title = make("h4");
    this.state = make("span", { class: "quiet" });
    this.mixRow = make("div", { class: "row" }, make("span", { class: "row-name" }, "pixels mixed"),
      make("div", { class: "frames" }, ...this.mixed));
    this.element = make("div", { class: "way panel" },
      make("div", { class: "way-head" }, this.title, this.part.element, this.state),
      make("div", { class: "row" }, make("span", { class: "row-name" }, "code, decoded"),
        make("div", { class: "frames" }, ...this.pictures)), data.pictures ? this.mixRow : "");
    this.exact = { key: `${view.choices.start},${view.choices.end}`, strip: data.strip.data };
  }

  range(made) {
    return Array.from({ length: this.count }, (_, i) => made(i));
  }

  frame(i) {
    const part = i / (this.count - 1);
    const picture = button("", () => this.onPart(Number(part.toFixed(3))),
      { label: `${percent(part)} of the way from A to B` });
    picture.append(make("canvas", { class: "picture" }));
    return picture;
  }

  show(start, end, names) {
    this.title.textContent = `A, ${names[0]} → B, ${names[1]}`;
    const key = [start, end].map((row) => this.data.numbers.data[row]).join(",");
    this.key = key;
    if (this.exact.key === key) this.draw(this.exact.strip, "exact");
    else this.draw(this.blended(start, end), "blended");
    this.drawMixed(start, end);
    if (this.exact.key === key || !this.view.live) return;
    const [first, last] = key.split(",").map(Number);
    this.view.ask("way", { start: first, end: last }).then((strip) => {
      if (!strip) return;
      this.exact = { key, strip: strip.data };
      if (this.key === key) this.draw(strip.data, "exact");
    }, (error) => { this.state.textContent = error.message; });
  }

  /** From the map: in more than two dimensions that is the line's shadow, and said to be. */
  blended(start, end) {
    const { data } = this;
    const [side, size] = [Math.round(Math.sqrt(data.map.shape[0])), data.size[0] * data.size[1]];
    const [a, b] = [start, end].map((row) => this.placeOf(row));
    const strip = new Float32Array(this.count * size);
    this.range((i) => {
      const at = tileOf(data.frame, side, between(a, b, i / (this.count - 1)));
      strip.set(blend(data.map.data, size, around(side, at)), i * size);
    });
    return strip;
  }

  draw(strip, how) {
    this.strip = strip;
    this.element.dataset.how = how;
    this.state.textContent = how === "exact" ? "Decoded exactly."
      : "Blended from the map's pictures.";
    const { size, range } = this.data;
    const paint = ink(range, this.view.dark);
    this.pictures.forEach((picture, i) => {
      pictured(strip, i * size[0] * size[1], size, paint, picture.firstElementChild);
      picture.dataset.mean = String(mean(strip, i, size[0] * size[1]));
    });
  }

  drawMixed(start, end) {
    const { data, view } = this;
    const [a, b] = [start, end].map((row) => data.kept.data.indexOf(row));
    this.mixRow.hidden = a < 0 || b < 0;
    if (this.mixRow.hidden || !data.pictures) return;
    const size = data.size[0] * data.size[1];
    const paint = ink(data.range, view.dark);
    this.mixed.forEach((canvas, i) => {
      const part = i / (this.count - 1);
      const shares = [{ at: a, share: 1 - part }, { at: b, share: part }];
      const both = blend(data.pictures.data, size, shares);
      pictured(both, 0, data.size, paint, canvas);
    });
  }

  redraw(start, end) {
    this.draw(this.strip, this.element.dataset.how);
    this.drawMixed(start, end);
  }

  point(part) {
    this.part.set(part);
    const at = Math.round(part * (this.count - 1));
    this.pictures.forEach((picture, i) => picture.setAttribute("aria-pressed", String(i === at)));
    this.mixed.forEach((canvas, i) => canvas.classList.toggle("here", i === at));
  }
}

function mean(strip, i, size) {
  let sum = 0;
  for (let k = i * size; k < (i + 1) * size; k++) sum += strip[k];
  return Number((sum / size).toPrecision(7));
}

export const WAY_STYLE = `
.way { margin-top: 14px; display: grid; gap: 8px; }
.way-head { display: flex; flex-wrap: wrap; gap: 4px 20px; align-items: center; font-size: 13px; }
.way-head h4 { margin: 0; font-size: 13px; font-weight: 600; }
.way .row { display: grid; grid-template-columns: 104px 1fr; align-items: center; gap: 8px; }
.way .row[hidden] { display: none; }
.row-name { font-size: 13px; color: var(--quiet); }
.frames { display: grid; grid-template-columns: repeat(11, minmax(0, 1fr)); gap: 4px;
  max-width: 940px; }
.frames canvas { width: 100%; aspect-ratio: var(--aspect, 1); outline: 1px solid var(--line); }
.frames button { padding: 0; min-width: 0; border: 0; background: none; border-radius: 3px;
  display: block; }
.frames button[aria-pressed="true"] canvas, .frames canvas.here { outline: 3px solid var(--source);
  outline-offset: 0; }
@container (max-width: 620px) {
  .way .row { grid-template-columns: 1fr; gap: 3px; }
  .frames { gap: 2px; }
}
`;
