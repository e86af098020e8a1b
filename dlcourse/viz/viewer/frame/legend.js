// What the colours mean: always there, beside what is coloured.

import { painter } from "./colours.js";
import { make } from "./controls.js";
import { number } from "./format.js";

/** A ramp from −reach to +reach and the three states; `show(reach, log)` changes it. */
export class Legend {
  constructor(view) {
    this.view = view;
    this.canvas = make("canvas", { class: "ramp", width: 130, height: 1, "aria-hidden": "true" });
    [this.left, this.right] = [make("span"), make("span")];
    this.scale = make("span");
    const state = (kind, sign, text) =>
      make("span", {}, make("span", { class: `state ${kind}`, "aria-hidden": "true" }, sign), ` ${text}`);
    this.element = make("div", { class: "legend" }, this.left, this.canvas, this.right, this.scale,
      state("zero", "·", "zero"), state("absent", "", "not computed yet"), state("odd", "×", "not finite"));
  }

  /** `reach` null: each array has its own range. */
  show(reach, log = false) {
    if (reach === null) {
      this.show(1, log);
      [this.left.textContent, this.right.textContent] = ["− the largest", "+ the largest of each array"];
      this.element.dataset.reach = "";
      return;
    }
    const state = `${reach},${log},${this.view.dark}`;
    if (this.state === state) return;
    this.state = state;
    const paint = painter({ reach, log, dark: this.view.dark });
    const pen = this.canvas.getContext("2d");
    const image = pen.createImageData(130, 1);
    const pixels = new Uint32Array(image.data.buffer);
    for (let x = 0; x < 130; x++) pixels[x] = paint(((x - 64.5) / 64.5) * reach);
    pen.putImageData(image, 0, 0);
    [this.left.textContent, this.right.textContent] = [number(-reach), number(reach)];
    this.scale.textContent = log ? "symmetric log" : "";
    this.element.dataset.reach = reach;
  }
}
