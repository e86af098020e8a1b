// What stands above a picture: which example, what the pointer does, a clean sheet.

import { button, choice, list, make } from "../frame/controls.js";
import { between, brush } from "./drawing.js";

const PENS = [
  { value: "look", label: "Look" },
  { value: "draw", label: "✎ Draw" },
  { value: "erase", label: "Erase" },
];

export class PictureTools {
  /** `state.pen` is shared by all pictures of the view. */
  constructor({ view, net, state, onPen }) {
    Object.assign(this, { view, net, state });
    this.example = list({
      label: "Picture",
      value: String(view.choices.example),
      options: Array.from({ length: net.count }, (_, n) => ({
        value: String(n),
        label: `example ${n + 1}`,
      })),
      onInput: (n) => view.choose({ example: Number(n), drawing: null }),
    });
    this.pen = choice({
      label: "Pointer",
      options: PENS,
      value: state.pen,
      onInput: (pen) => {
        state.pen = pen;
        onPen();
      },
    });
    this.clear = button("Clear", () => net.draw((shades) => shades.fill(0)));
    this.undo = button("Undo", () => view.choose({ drawing: null }));
    [this.clear.title, this.undo.title] = ["A clean sheet", "Back to the example"];
    this.element = make(
      "div",
      { class: "picture-tools" },
      this.example.element,
      this.clear,
      this.undo,
      this.pen.element,
    );
  }

  /** Controls as the choices say. */
  sync({ drawable = true } = {}) {
    this.example.set(String(this.net.example));
    this.pen.set(this.state.pen);
    for (const input of this.pen.inputs) input.disabled = !drawable;
    this.pen.element.classList.toggle("off", !drawable);
    this.clear.disabled = !drawable;
    this.undo.disabled = !this.net.isDrawn;
  }
}

/** A stroke of the brush from one pixel to the next. */
export function stroke(net, place, before, erase) {
  net.draw((shades) => {
    for (const pixel of between(before, place)) brush(shades, net.size, pixel, { erase });
  });
}
