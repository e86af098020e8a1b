// The heads of the net's columns: their names, and − and + for units and layers.

import { button, make } from "../frame/controls.js";

const MOST_UNITS = 12;
const MOST_LAYERS = 6;

/** The hidden layers after a turn: one unit more or less in a layer, or a layer more or less. */
export function turned(hidden, { layer, by }) {
  if (layer === undefined) return by > 0 ? [...hidden, hidden.at(-1) ?? 4] : hidden.slice(0, -1);
  return hidden.map((count, i) => (i === layer ? count + by : count));
}

export class Heads {
  /** `onTurn(hidden)`: other hidden layers are wanted. */
  constructor({ view, onTurn }) {
    Object.assign(this, { view, onTurn });
    this.element = make("div", { class: "heads" });
    this.layers = make("div", { class: "layers" });
  }

  /** `xs`: where the columns stand; drawn anew only when something changed. */
  show({ hidden, xs, wide, activation, classes }) {
    const key = JSON.stringify([hidden, xs, wide, activation, classes]);
    if (key === this.key) return;
    this.key = key;
    const focused = this.element.getRootNode().activeElement?.dataset?.turn;
    const narrow = xs.length > 1 && (xs[1] - xs[0]) < 92;
    const head = (x, name, note, ...more) =>
      make("div", { class: "head", style: `left:${x}px` }, make("b", {}, name), note ? make("span",
        { class: "quiet" }, note) : null, ...more);
    const columns = hidden.map((count, i) => head(xs[i + 1], `fc${i + 1}`, narrow ? "" : activation,
      this.stepper(hidden, i, count)));
    this.element.classList.toggle("narrow", narrow);
    this.element.replaceChildren(head(xs[0], "input", ""), ...columns, head(xs.at(-1), "answer",
      narrow ? "" : "softmax"));
    const disabled = !this.view.live;
    const [none, all] = [disabled || !hidden.length, disabled || hidden.length >= MOST_LAYERS];
    const less = this.turn("−", "One hidden layer less", { hidden, by: -1 }, none);
    const more = this.turn("+", "One hidden layer more", { hidden, by: 1 }, all);
    const words = hidden.length === 1 ? "hidden layer" : "hidden layers";
    this.layers.replaceChildren(less, make("output", {}, `${hidden.length} ${words}`), more);
    if (focused) this.refocus(focused);
  }

  stepper(hidden, layer, count) {
    const disabled = !this.view.live;
    return make("span", { class: "stepper" },
      this.turn("−", `One unit less in fc${layer + 1}`, { hidden, layer, by: -1 },
        disabled || count <= 1),
      make("output", {}, String(count)),
      this.turn("+", `One unit more in fc${layer + 1}`, { hidden, layer, by: 1 },
        disabled || count >= MOST_UNITS));
  }

  turn(text, label, { hidden, layer, by }, disabled) {
    const made = button(text, () => this.onTurn(turned(hidden, { layer, by })),
      { label, kind: "turn" });
    made.disabled = disabled;
    made.dataset.turn = label;
    return made;
  }

  refocus(label) {
    for (const part of [this.element, this.layers]) {
      [...part.querySelectorAll("button")].find((each) => each.dataset.turn === label)?.focus();
    }
  }
}
