// Plays a time line once: to its end and no further. Whoever prefers less motion is taken there.

import { button } from "./controls.js";

const WHOLE = 8000; // ms for a whole line, however many moments it has
const LEAST = 40; // ms between two moments

export class Player {
  /**
   * `where()`: the moment now, of so many; `go(at)`. `pace`: ms for a moment, instead of a length
   * for the whole. `again()`: where to begin anew at the end, if not at the beginning.
   */
  constructor({ view, count, where, go, pace, again = () => go(0), label = "Play" }) {
    Object.assign(this, { view, count, where, go, pace, again, label });
    this.element = button(label, () => this.toggle(), { kind: "player" });
  }

  toggle() {
    if (this.timer) return this.stop();
    if (this.where() >= this.count - 1) this.again();
    if (this.view.calm) return this.go(this.count - 1);
    this.timer = setInterval(() => this.tick(), this.pace ?? Math.max(LEAST, WHOLE / this.count));
    this.element.textContent = "Stop";
    return undefined;
  }

  tick() {
    const at = this.where();
    const taken = at !== this.last && this.last !== undefined; // somebody moved the line
    if (taken) return this.stop();
    this.last = Math.min(this.count - 1, at + 1);
    this.go(this.last);
    if (this.last >= this.count - 1) this.stop();
    return undefined;
  }

  stop() {
    clearInterval(this.timer);
    [this.timer, this.last] = [null, undefined];
    this.element.textContent = this.label;
  }
}

export const PLAYER_STYLE = `.player { min-width: 4.6em; }`;
