// A time line of one round that goes over its ends into the rounds before and after.

import { Timeline } from "../frame/timeline.js";

export class RoundLine extends Timeline {
  /** `onRound(by, phase)`: to another round, there to a phase's place. */
  constructor({ onRound, ...options }) {
    super(options);
    this.onRound = onRound;
  }

  go(at) {
    const last = this.moments.length - 1;
    if (this.held || (at >= 0 && at <= last)) return super.go(at);
    return this.onRound(at < 0 ? -1 : 1, at < 0 ? last : 0);
  }

  key(event) {
    const by = { PageUp: -1, PageDown: 1 }[event.key];
    if (!by) return super.key(event);
    event.preventDefault();
    event.stopPropagation();
    return this.onRound(by, this.at);
  }

  /** The second button goes to the next round: each moment is a phase of its own. */
  nextPhase() {
    return this.moments.length;
  }

  /** A finger that slips over the end stays in this round. */
  grab(event) {
    this.held = true;
    const free = () => {
      this.held = false;
      for (const name of ["pointerup", "pointercancel"]) this.track.removeEventListener(name, free);
    };
    for (const name of ["pointerup", "pointercancel"]) this.track.addEventListener(name, free);
    super.grab(event);
  }
}
