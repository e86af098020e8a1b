// A text whose tokens show where one of them looks: the deeper the colour, the more weight.

import { make } from "../frame/controls.js";
import { spoken, visible } from "../tokens/text.js";
import { weightStyle } from "./weight_colour.js";

export class TokenText {
  /** `onPoint(place | null)`, `onPick(place)`: a token is looked at, or chosen. */
  constructor({ view, name, label, onPoint, onPick }) {
    Object.assign(this, { view, name, onPoint, onPick, chips: [] });
    this.element = make("div", { class: "token-text", role: "listbox", "aria-label": label,
      "data-text": name });
    view.listen(this.element, "keydown", (event) => this.key(event));
    view.listen(this.element, "pointerleave", () => this.element.querySelector(":focus")
      || onPoint(null));
  }

  /** Another text. */
  write(tokens) {
    this.tokens = tokens;
    this.chips = tokens.map((token, place) => make("span", {
      class: "chip", role: "option", tabindex: "-1", "aria-selected": "false", "data-place": place,
        title: `place ${place}: ${spoken(token)}`,
      onpointerenter: () => this.onPoint(place), onclick: () => this.onPick(place),
        onfocus: () => this.onPoint(place),
    }, make("b", {}, visible(token)), make("small", {})));
    this.element.replaceChildren(...this.chips);
  }

  /** `weights`: one for each token, null where nobody may look; `at`: who asks, if it stands here. */
  shade(weights, at = null) {
    const style = weightStyle(this.view.dark);
    this.chips.forEach((chip, place) => {
      const weight = weights[place];
      const { background, color } = weight === null ? NOT_SEEN : style(weight);
      chip.style.background = background;
      chip.style.color = color;
      chip.lastChild.textContent = weight === null || weight < 0.005 ? "" : short(weight);
      if (weight === null) delete chip.dataset.weight;
      else chip.dataset.weight = weight;
    });
    this.chips[this.asks]?.classList.remove("asks");
    this.asks = at;
    this.chips[at]?.classList.add("asks");
  }

  choose(at) {
    this.chips.forEach((chip, place) => {
      chip.setAttribute("aria-selected", String(place === at));
      chip.tabIndex = place === at ? 0 : -1;
    });
  }

  key(event) {
    const here = this.chips.indexOf(event.composedPath()[0]);
    if (here < 0 || event.ctrlKey || event.metaKey) return;
    const last = this.chips.length - 1;
    const there = { ArrowLeft: here - 1, ArrowUp: here - 1, ArrowRight: here + 1, ArrowDown: here
      + 1, Home: 0, End: last }[event.key];
    if (there === undefined) return;
    event.preventDefault();
    event.stopPropagation();
    const place = Math.max(0, Math.min(last, there));
    this.onPick(place);
    this.chips[place].focus();
  }
}

const NOT_SEEN = { background: "", color: "" };

const short = (weight) => (weight > 0.995 ? "1" : weight.toFixed(2).replace(/^0/, ""));

export const TEXT_STYLE = `
.token-text { display: flex; flex-wrap: wrap; gap: 3px; padding: 3px 0; }
.chip { contain: layout style; min-width: 25px; height: 40px; padding: 1px 3px 0; border-radius: 6px;
  border: 1px solid var(--line); text-align: center; cursor: pointer; }
.chip b { display: block; font: 600 15px/21px var(--jp-code-font-family, ui-monospace, monospace);
  white-space: pre; }
.chip small { display: block; font-size: 10.5px; line-height: 14px; height: 14px; }
.chip:not([data-weight]) { border-style: dashed; color: var(--quiet); background: none; }
.chip.asks { outline: 3px solid var(--source); outline-offset: 0; }
.chip:focus-visible { outline: 3px solid var(--accent); outline-offset: 1px; }
`;
