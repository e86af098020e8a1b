// All heads of all layers as small maps, one row a layer: choose one to see it large.

import { make } from "../frame/controls.js";
import { weightPainter } from "./weight_colour.js";

const SIDE = [24, 110];
const HIGH = 270; // pixels that all layers share

export class Overview {
  /** `onPick(layer, head)`. */
  constructor({ view, onPick }) {
    Object.assign(this, { view, onPick, tiles: [] });
    this.element = make("div", { class: "overview", role: "radiogroup",
      "aria-label": "Layers and heads" });
    view.listen(this.element, "keydown", (event) => this.key(event));
  }

  /** `looks`: one for each layer, as attention_heads.js gives them. */
  show(looks, width) {
    this.looks = looks;
    const heads = Math.max(...looks.map((look) => look.heads));
    const side = Math.max(SIDE[0], Math.min(SIDE[1], Math.floor((width - 26) / heads) - 6,
      Math.floor(HIGH / looks.length) - 6));
    this.element.style.setProperty("--side", `${side}px`);
    this.tiles = looks.map((look, layer) => look.P.map((_, head) => this.tile(look, layer, head)));
    const heading = make("div", { class: "tiles", "aria-hidden": "true" }, make("small", {}),
      ...Array.from({ length: heads }, (_, head) => make("small", { class: "head-name" }, head)));
    this.element.replaceChildren(heading, ...this.tiles.map((row, layer) =>
      make("div", { class: "tiles" }, make("small", { "aria-hidden": "true" }, layer), ...row)));
    this.paint();
  }

  tile({ T, S, name }, layer, head) {
    return make("div", { class: "tile", role: "radio", tabindex: "-1", "aria-checked": "false",
      "data-layer": layer,
      "data-head": head, "aria-label": `layer ${layer}, head ${head}`,
        title: `${name}, head ${head}`,
      onclick: () => this.onPick(layer, head) }, make("canvas",
        { width: S, height: T, "aria-hidden": "true" }));
  }

  paint() {
    const paint = weightPainter(this.view.dark);
    this.looks.forEach(({ P, hidden, T, S }, layer) => P.forEach((weights, head) => {
      const image = new ImageData(S, T);
      const pixels = new Uint32Array(image.data.buffer);
      for (let i = 0; i < T * S; i++) if (!hidden[head][i]) pixels[i] = paint(weights[i]);
      this.tiles[layer][head].firstChild.getContext("2d").putImageData(image, 0, 0);
    }));
  }

  choose(layer, head) {
    for (const tile of this.tiles.flat()) {
      const chosen = Number(tile.dataset.layer) === layer && Number(tile.dataset.head) === head;
      tile.setAttribute("aria-checked", String(chosen));
      tile.tabIndex = chosen ? 0 : -1;
    }
  }

  key(event) {
    const tile = event.composedPath()[0];
    const [layer, head] = [Number(tile.dataset.layer), Number(tile.dataset.head)];
    const by = { ArrowLeft: [0, -1], ArrowRight: [0, 1], ArrowUp: [-1, 0],
      ArrowDown: [1, 0] }[event.key];
    if (!by || event.ctrlKey || event.metaKey) return;
    event.preventDefault();
    event.stopPropagation();
    const there = this.tiles[layer + by[0]]?.[head + by[1]];
    if (!there) return;
    this.onPick(layer + by[0], head + by[1]);
    there.focus();
  }
}

export const OVERVIEW_STYLE = `
.overview { display: grid; gap: 5px; justify-content: start; overflow-x: auto; padding: 4px;
  margin: -4px; }
.tiles { display: flex; gap: 6px; align-items: center; }
.tiles small { width: 14px; text-align: right; color: var(--quiet); font-size: 12px; flex: none; }
.tiles small.head-name { width: var(--side); text-align: center; }
.tile { width: var(--side); height: var(--side); border: 1px solid var(--line); border-radius: 4px;
  padding: 1px; cursor: pointer; flex: none;
  background: repeating-linear-gradient(135deg, var(--card) 0 3px, var(--soft) 3px 6px); }
.tile canvas { display: block; width: 100%; height: 100%; image-rendering: pixelated;
  border-radius: 2px; }
.tile:hover { border-color: var(--accent); }
.tile[aria-checked="true"] { outline: 3px solid var(--accent); outline-offset: 1px; }
.tile:focus-visible { box-shadow: 0 0 0 6px color-mix(in srgb, var(--accent) 40%, transparent); }
`;
