// How a training stands: its buttons, step, speed, time left; and what went wrong, if anything did.

import { make } from "../frame/controls.js";
import { number } from "../frame/format.js";
import { duration } from "./run.js";

const WORDS = {
  ready: ["○", "ready"], running: ["●", "training"], stopped: ["■", "stopped"], finished: ["✓", "finished"],
  diverged: ["×", "diverged"], failed: ["×", "broken off"],
};
const BUTTON = { ready: "▶ Start", running: "■ Stop", stopped: "▶ Go on" };
const LOOP = "A loop in Python drives this training. While it runs, buttons cannot be heard: "
  + "interrupt the kernel to stop it.";

export class MonitorState {
  constructor(view, run, content) {
    Object.assign(this, { view, run, planned: content.planned });
    this.tiles = {};
    this.element = make("div", { class: "standing" });
    this.list = make("dl", { class: "tiles" }, ...["State", "Steps taken", "Loss", "Steps a second", "Time left"].map((name) => this.tile(name)));
    this.bar = make("progress", { max: this.planned ?? 1, "aria-label": "Steps taken" });
    this.note = make("div");
    this.element.append(this.list, this.bar, this.note);
    this.button = make("button", { type: "button", class: "main drive", onclick: () => this.pressed() });
    this.told = 0;
    this.heard(content, false);
  }

  get buttons() {
    return this.state === "finished" && !this.way ? [] : [this.button];
  }

  tile(name) {
    const value = make("dd", { "data-tile": name.toLowerCase() }, "–");
    this.tiles[name] = { label: make("dt", {}, name), value };
    return make("div", {}, this.tiles[name].label, value);
  }

  async pressed() {
    const what = this.state === "running" ? "stop" : "start";
    try {
      await this.view.ask(what, {});
    } catch (error) {
      this.note.replaceChildren(make("p", { class: "note bad", role: "alert" }, error.message));
    }
  }

  /** How things stand now: after a frame, or at the beginning. */
  heard({ state, way, sentence, broke, rate, elapsed }, speak = true) {
    const changed = state !== this.state;
    Object.assign(this, { state, way, sentence, broke, rate, elapsed });
    this.showTiles();
    if (changed) this.showState();
    if (speak) this.speak(changed);
  }

  showTiles() {
    const { steps: { length: count }, loss } = this.run;
    const over = this.state !== "running";
    const left = this.planned && this.rate ? (this.planned - count) / this.rate : NaN;
    const set = (name, text, exact = text, small = "") => {
      this.tiles[name].value.replaceChildren(text, small && make("small", {}, small));
      this.tiles[name].value.dataset.value = exact;
    };
    const [sign, word] = WORDS[this.state];
    set("State", `${sign} ${word}`, this.state);
    set("Steps taken", number(count), count, this.planned ? ` of ${number(this.planned)}` : "");
    set("Loss", count ? number(loss[count - 1], 4) : "–", loss[count - 1] ?? "");
    set("Steps a second", this.rate ? number(this.rate) : "–", this.rate ?? "");
    this.tiles["Time left"].label.textContent = over && count ? "Time taken" : "Time left";
    set("Time left", duration(over && count ? this.elapsed : left));
    this.bar.hidden = !this.planned || this.state === "finished";
    this.bar.value = Math.min(count, this.planned ?? 1);
  }

  showState() {
    const { view, state } = this;
    this.element.dataset.state = state;
    this.button.textContent = BUTTON[state] ?? BUTTON.ready;
    const noPython = !view.live;
    this.button.disabled = noPython || !(state in BUTTON) || (this.way === "loop" && state === "running");
    const notes = [];
    if (this.broke) notes.push(this.trouble());
    if (this.way === "loop" && state === "running" && view.live) notes.push(make("p", { class: "note" }, LOOP));
    if (noPython && state in BUTTON) notes.push(view.needsPython("Training"));
    if (this.run.leftOut) notes.push(make("p", { class: "note" }, "Some numbers were left out to keep this page small."));
    this.note.replaceChildren(...notes);
  }

  /** What broke the training, and where. */
  trouble() {
    const { step, layer } = this.broke;
    const where = [`Step ${number(step)}`, layer ? `layer ${layer}` : ""].filter(Boolean).join(" · ");
    const text = this.sentence[0].toUpperCase() + this.sentence.slice(1);
    return make("p", { class: "note bad", role: "alert", "data-step": step, "data-layer": layer },
      make("b", {}, `× ${where}`), make("br"), text.endsWith(".") ? text : `${text}.`);
  }

  /** Not every frame is worth a sentence: the beginning, each quarter, and the end are. */
  speak(changed) {
    const count = this.run.steps.length;
    const quarter = this.planned ? Math.floor((4 * count) / this.planned) : 0;
    if (!changed && quarter <= this.told) return;
    this.told = quarter;
    const loss = count ? `, loss ${number(this.run.loss[count - 1], 4)}` : "";
    this.view.say(`${WORDS[this.state][1][0].toUpperCase()}${WORDS[this.state][1].slice(1)}: `
      + `${number(count)}${this.planned ? ` of ${number(this.planned)}` : ""} steps${loss}.`);
  }
}

export const STATE_STYLE = `
.tiles { display: flex; flex-wrap: wrap; gap: 1px; margin: 0; overflow: hidden;
  border: 1px solid var(--line); border-radius: 10px; background: var(--line); }
.tiles > div { background: var(--soft); padding: 6px 12px 8px; flex: 1 1 128px; }
.tiles dt { font-size: 12.5px; color: var(--quiet); }
.tiles dd { margin: 0; font-size: 17px; font-weight: 600; line-height: 1.3; white-space: nowrap; }
.tiles small { font-size: 13px; font-weight: 400; color: var(--quiet); }
.standing progress { display: block; width: 100%; height: 6px; margin: 8px 0 0; accent-color: var(--accent); }
.standing progress[hidden] { display: none; }
.standing[data-state="diverged"] [data-tile="state"], .standing[data-state="failed"] [data-tile="state"] { color: var(--bad); }
.standing[data-state="finished"] [data-tile="state"] { color: var(--good); }
.drive { min-width: 6.6em; font-weight: 600; }
`;
