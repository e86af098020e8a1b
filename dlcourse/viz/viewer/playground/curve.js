// The loss over all steps, of one way or two, and the slider through time beneath it.

import { button, make, tick } from "../frame/controls.js";
import { axes, dragged, sized, steady } from "./canvas.js";

const [LEFT, RIGHT, TOP, BOTTOM] = [44, 10, 10, 20];

export class Curve {
  /** `onMove(step)` when the learner goes through time. */
  constructor({ view, onMove, onLog }) {
    Object.assign(this, { view, onMove });
    this.canvas = make("canvas", { "aria-hidden": "true" });
    this.over = make("canvas", { class: "over", "aria-hidden": "true" });
    this.picture = make("div", { class: "curve" }, this.canvas, this.over);
    this.input = make("input", { type: "range", min: 0, step: 1, class: "time",
      "aria-label": "Step of the training" });
    const go = (text, label, by) => button(text, () => this.step(by), { label });
    this.log = tick({ label: "log scale", value: view.choices.log, onInput: (log) => onLog(log) });
    this.buttons = make("span", { class: "buttons" }, this.log.element,
      go("◀", "One recorded step back", -1), go("▶", "One recorded step on", 1));
    this.element = make("div", {}, this.picture, make("div", { class: "timerow" }, this.input));
    view.listen(this.input, "input", () => this.onMove(this.input.valueAsNumber));
    view.listen(this.input, "keydown", (event) => this.key(event));
    dragged(view, this.picture, (event) => this.grab(event));
  }

  /** `tracks`: [{ name, track, tone, dash }]; `at`: the step; `trouble`: where one ended. */
  show({ tracks, at, wide, high, trouble }) {
    Object.assign(this, { tracks, at, wide, high });
    this.most = Math.max(1, ...tracks.map(({ track }) => track.last.step));
    this.input.max = this.most;
    this.input.value = at;
    this.input.setAttribute("aria-valuetext", `step ${at} of ${this.most}`);
    this.drawCurves(trouble);
    this.drawOver();
  }

  /** Only when something is new: to go through time changes nothing here. */
  drawCurves(trouble) {
    const { tracks, wide, high } = this;
    const lengths = tracks.map(({ track }) => [track.id, track.changed]);
    const key = JSON.stringify([lengths, wide, high, this.view.choices.log, this.view.dark,
      trouble?.step]);
    if (key === this.drawn) return;
    this.drawn = key;
    [this.floor, this.top] = this.ends();
    const pen = sized(this.canvas, wide, high);
    this.drawAxes(pen);
    for (const each of tracks) this.drawTrack(pen, each);
    if (trouble) this.drawEnd(pen, trouble);
  }

  /** As high as nearly all losses reach: a single peak must not press the rest flat. */
  ends() {
    const frames = this.tracks.flatMap(({ track }) => track.frames);
    const seen = frames.map(({ loss }) => loss).filter(Number.isFinite);
    const sorted = seen.sort((a, b) => a - b);
    const usual = sorted[Math.floor((sorted.length - 1) * 0.98)] ?? 1;
    if (!this.view.choices.log) return [0, steady(0, Math.max(usual * 1.1, 1e-6))[1]];
    const least = sorted.find((loss) => loss > 0) ?? 1e-6;
    const room = 10 ** Math.floor(Math.log10(least));
    return [Math.floor(least / room) * room, sorted.at(-1) * 1.2];
  }

  x(step) {
    return LEFT + (step / this.most) * (this.wide - LEFT - RIGHT);
  }

  y(loss) {
    const { floor, top } = this;
    const log = this.view.choices.log;
    const t = Math.max(0, Math.min(log ? Math.log(loss / floor) / Math.log(top / floor)
      : loss / top, 1));
    return TOP + (1 - t) * (this.high - TOP - BOTTOM);
  }

  drawAxes(pen) {
    const box = [LEFT, TOP, this.wide - RIGHT, this.high - BOTTOM];
    const across = { least: 0, most: this.most, whole: true, pixel: (step) => this.x(step) };
    const up = { least: this.floor, most: this.top, log: this.view.choices.log,
      pixel: (loss) => this.y(loss) };
    axes(pen, { view: this.view, box, across, up });
  }

  drawTrack(pen, { track, tone, dash }) {
    const colour = this.view.tone(tone);
    const { losses, frames } = track;
    pen.strokeStyle = colour;
    pen.save();
    pen.beginPath();
    pen.rect(LEFT, TOP - 2, this.wide - LEFT - RIGHT + 2, this.high - TOP - BOTTOM + 4);
    pen.clip();
    const skip = Math.max(1, Math.floor(losses.length / 1200));
    pen.globalAlpha = 0.28;
    pen.lineWidth = 1;
    pen.beginPath();
    for (let i = 0; i < losses.length; i += skip) pen.lineTo(this.x(i), this.y(losses[i]));
    pen.stroke();
    pen.globalAlpha = 1;
    pen.lineWidth = 2;
    pen.setLineDash(dash ? [6, 4] : []);
    pen.beginPath();
    for (const { step, loss } of frames) pen.lineTo(this.x(step), this.y(loss));
    pen.stroke();
    pen.restore();
  }

  drawEnd(pen, { step }) {
    pen.fillStyle = this.view.tone("bad");
    pen.font = "bold 15px system-ui, sans-serif";
    pen.textAlign = "center";
    pen.fillText("✕", this.x(Math.min(step, this.most)), TOP + 10);
  }

  drawOver() {
    const pen = sized(this.over, this.wide, this.high);
    const x = this.x(this.at);
    pen.strokeStyle = this.view.tone("ink");
    pen.lineWidth = 1.25;
    pen.beginPath();
    pen.moveTo(x, TOP - 4);
    pen.lineTo(x, this.high - BOTTOM);
    pen.stroke();
    for (const { track, tone } of this.tracks) {
      if (this.at > track.last.step) continue;
      pen.fillStyle = this.view.tone(tone);
      pen.strokeStyle = this.view.tone("card");
      pen.lineWidth = 2;
      pen.beginPath();
      pen.arc(x, this.y(track.at(this.at).loss), 5, 0, 7);
      pen.fill();
      pen.stroke();
    }
  }

  /** To the next frame that was recorded. */
  step(by) {
    const { frames } = this.longest;
    const here = this.longest.near(this.at);
    this.onMove(frames[Math.max(0, Math.min(frames.length - 1, here + by))].step);
  }

  get longest() {
    return this.tracks.reduce((a, b) => (b.track.last.step > a.track.last.step ? b : a)).track;
  }

  key(event) {
    const far = Math.max(1, Math.round(this.longest.frames.length / 10));
    const by = { ArrowLeft: -1, ArrowDown: -1, ArrowRight: 1, ArrowUp: 1, PageDown: -far,
      PageUp: far }[event.key];
    if (!by || event.ctrlKey || event.metaKey) return;
    event.preventDefault();
    event.stopPropagation();
    this.step(by);
  }

  grab({ clientX }) {
    const { left } = this.picture.getBoundingClientRect();
    const t = (clientX - left - LEFT) / (this.wide - LEFT - RIGHT);
    this.onMove(Math.round(Math.max(0, Math.min(1, t)) * this.most));
  }
}
