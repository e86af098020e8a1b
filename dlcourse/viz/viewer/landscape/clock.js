// One clock for all racers: a slider over key-frames, and a race that is played once.

import { button, slider } from "../frame/controls.js";

const RACE = 5000; // ms: the whole race

export class Clock {
  /** `onMove(at)`: where the clock stands among `steps`; `onRest()`: it was played and stands still. */
  constructor({ view, steps, at, onMove, onRest }) {
    Object.assign(this, { view, steps, at, onMove, onRest, timer: null });
    const last = steps.length - 1;
    this.parts = [];
    if (last < 1) return;
    this.button = button("▶ Play", () => (this.timer ? this.pause() : this.play()), { kind: "main" });
    this.knob = slider({ label: "Clock", least: 0, most: last, value: at,
      onInput: (to) => { this.pause(); this.go(to); },
      show: (i) => `step ${steps[i].toLocaleString("en")}` });
    this.knob.input.addEventListener("keydown", (event) => {
      if (event.key !== " ") return;
      event.preventDefault();
      this.button.click();
    });
    this.parts = [this.button, this.knob.element];
  }

  get playing() {
    return this.timer !== null;
  }

  go(at) {
    this.at = at;
    this.onMove(at);
  }

  /** Stand there without telling anybody. */
  show(at) {
    this.at = at;
    this.knob?.set(at);
  }

  /** From here to the end, or from the beginning where it has ended; then it stops. */
  play() {
    const last = this.steps.length - 1;
    if (last < 1) return;
    const from = this.at === last ? 0 : this.at;
    if (this.view.calm) return this.go(last);
    const began = performance.now();
    const tick = (now) => {
      const at = Math.min(last, from + Math.max(0, Math.floor(((now - began) / RACE) * last)));
      if (at === last) this.timer = null;
      else this.timer = requestAnimationFrame(tick);
      if (at !== this.at) this.go(at);
      if (at === last) this.button.textContent = "▶ Play";
    };
    this.button.textContent = "❚❚ Pause";
    this.timer = requestAnimationFrame(tick);
  }

  pause() {
    if (!this.timer) return;
    cancelAnimationFrame(this.timer);
    this.timer = null;
    this.button.textContent = "▶ Play";
    this.onRest();
  }
}

export const CLOCK_STYLE = `
.clock { display: flex; gap: 14px; align-items: center; margin-top: 12px; }
.clock[hidden] { display: none; }
.clock .slider { flex: 1; min-width: 0; } .clock .slider input { flex: 1; width: auto; min-width: 60px; }
.clock output { min-width: 5.6em; white-space: nowrap; } .clock button { min-width: 6.4em; }
@container (max-width: 560px) { .clock .slider span { display: none; } }
`;
