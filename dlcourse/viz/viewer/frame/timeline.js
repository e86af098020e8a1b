// Time as one line with named phases. Drag it, step it, in both directions.

import { button, make } from "./controls.js";

export class Timeline {
  /** `moments`: [{ phase: "forward", label: "fc1" }]; `onMove(at)` when the learner goes there. */
  constructor({ view, moments, onMove, label = "Time line" }) {
    Object.assign(this, { view, moments, onMove, at: 0 });
    this.track = make("div", {
      class: "track", role: "slider", tabindex: "0", "aria-label": label,
      "aria-valuemin": 1, "aria-valuemax": moments.length,
    });
    this.knob = make("div", { class: "knob", "aria-hidden": "true" });
    this.track.append(...this.segments(), this.knob);
    const go = (text, label, where) => button(text, () => this.go(where()), { label });
    this.element = make("div", { class: "timeline" },
      go("⇤", "To the beginning", () => 0), go("◀", "One step back", () => this.at - 1), this.track,
      go("▶", "One step on", () => this.at + 1), go("⇥", "Next phase", () => this.nextPhase()));
    view.listen(this.track, "pointerdown", (event) => this.grab(event));
    view.listen(this.track, "keydown", (event) => this.key(event));
  }

  /** A coloured piece for each phase, as wide as it has moments. */
  segments() {
    const pieces = [];
    this.moments.forEach(({ phase }, i) => {
      if (i && this.moments[i - 1].phase === phase) pieces.at(-1).count++;
      else pieces.push({ phase, count: 1 });
    });
    return pieces.map(({ phase, count }) => make("div", {
      class: "segment", "data-phase": phase, title: phase, style: `flex-grow: ${count}; --tone: var(--${phase}, var(--quiet)); --count: ${count}`,
    }, count / this.moments.length > 0.06 ? make("span", {}, phase) : null));
  }

  /** Go there, as the learner asked. */
  go(at) {
    const there = Math.max(0, Math.min(this.moments.length - 1, at));
    if (there === this.at) return;
    this.show(there);
    this.onMove(there);
  }

  /** Stand there without telling anybody. */
  show(at) {
    at = Math.min(at, this.moments.length - 1);
    this.at = at;
    const { phase, label } = this.moments[at];
    this.knob.style.left = `${((at + 0.5) / this.moments.length) * 100}%`;
    this.track.setAttribute("aria-valuenow", at + 1);
    this.track.setAttribute("aria-valuetext", `${phase}: ${label}`);
    this.track.dataset.at = at;
    this.track.dataset.phase = phase;
  }

  nextPhase() {
    const { phase } = this.moments[this.at];
    const next = this.moments.findIndex((moment, i) => i > this.at && moment.phase !== phase);
    return next < 0 ? this.moments.length - 1 : next;
  }

  previousPhase() {
    const { phase } = this.moments[this.at];
    let at = this.at;
    while (at > 0 && this.moments[at].phase === phase) at--;
    return at;
  }

  key(event) {
    const there = {
      ArrowLeft: this.at - 1, ArrowDown: this.at - 1, ArrowRight: this.at + 1, ArrowUp: this.at + 1,
      Home: 0, End: this.moments.length - 1, PageUp: this.previousPhase(), PageDown: this.nextPhase(),
    }[event.key];
    if (there === undefined || event.ctrlKey || event.metaKey) return;
    event.preventDefault();
    event.stopPropagation();
    this.go(there);
  }

  grab(event) {
    const to = ({ clientX }) => {
      const { left, width } = this.track.getBoundingClientRect();
      this.go(Math.floor(((clientX - left) / width) * this.moments.length));
    };
    const drop = () => {
      this.track.removeEventListener("pointermove", to);
      this.track.removeEventListener("pointerup", drop);
      this.track.removeEventListener("pointercancel", drop);
    };
    this.track.setPointerCapture?.(event.pointerId);
    this.track.addEventListener("pointermove", to);
    this.track.addEventListener("pointerup", drop);
    this.track.addEventListener("pointercancel", drop);
    to(event);
  }
}

export const TIMELINE_STYLE = `
.timeline { display: flex; align-items: center; gap: 6px; width: 100%; }
.track { position: relative; flex: 1; display: flex; gap: 2px; height: 30px; cursor: pointer; touch-action: none;
  border-radius: 8px; min-width: 0; }
.segment { background: repeating-linear-gradient(to right, transparent 0 calc(100% / var(--count) - 1px),
  color-mix(in srgb, var(--tone) 45%, transparent) calc(100% / var(--count) - 1px) calc(100% / var(--count))),
  color-mix(in srgb, var(--tone) 16%, transparent); border-bottom: 3px solid var(--tone); flex-basis: 0; min-width: 4px;
  display: flex; align-items: center; justify-content: center; overflow: hidden; }
.segment span { position: relative; z-index: 1; font-size: 12px; color: var(--ink); background: var(--card); border-radius: 6px; line-height: 1.4; white-space: nowrap; pointer-events: none; padding: 0 3px; }
.segment:first-child { border-radius: 8px 0 0 8px; } .segment:nth-last-child(2) { border-radius: 0 8px 8px 0; }
.knob { position: absolute; top: -3px; bottom: -3px; width: 12px; margin-left: -6px; border-radius: 6px; pointer-events: none;
  background: var(--ink); border: 2px solid var(--card); }
@container (max-width: 420px) { .timeline { flex-wrap: wrap; justify-content: space-between; } .track { order: -1; flex: 1 0 100%; } }
`;
