// Racers on one clock: where each of them stands at a step, and what is known of it there.

import { placeOf } from "../chart/scale.js";

export class Racer {
  constructor({ name, steps, places, losses, off, share, ended }) {
    Object.assign(this, { name, steps, losses: losses.data, off: off.data, share, ended });
    this.places = Array.from({ length: steps.length }, (_, i) => [places.at([i, 0]), places.at([i, 1])]);
  }

  get last() {
    return this.steps.length - 1;
  }

  /**
   * At a step: { place, loss, off, exact, over }. Between two key-frames the way is drawn straight,
   * and `exact` is false; `over` says that the racer has come to its end before.
   */
  at(step) {
    const i = placeOf(this.steps, step);
    const over = step > this.steps[this.last];
    if (over || this.steps[i] === step || i === 0) {
      const at = over ? this.last : i;
      return { place: this.places[at], loss: this.losses[at], off: this.off[at], exact: true, over, nth: at };
    }
    const part = (step - this.steps[i - 1]) / (this.steps[i] - this.steps[i - 1]);
    const mix = (p, q) => p + (q - p) * part;
    return {
      place: [0, 1].map((axis) => mix(this.places[i - 1][axis], this.places[i][axis])),
      loss: mix(this.losses[i - 1], this.losses[i]), off: mix(this.off[i - 1], this.off[i]),
      exact: false, over: false, nth: i - 1,
    };
  }
}

/** All steps at which some racer has a key-frame. */
export function clockSteps(racers) {
  return [...new Set(racers.flatMap(({ steps }) => steps))].sort((a, b) => a - b);
}

/** Who is ahead at a step: the racer with the lowest loss; nobody where two share it. */
export function leader(racers, step) {
  const losses = racers.map((racer) => racer.at(step).loss);
  const finite = losses.filter(Number.isFinite);
  const least = Math.min(...finite);
  return finite.filter((loss) => loss === least).length === 1 ? racers[losses.indexOf(least)] : null;
}
