// A button that lets Python play on, and stops it; what comes is handed on.

import { button, make } from "../frame/controls.js";

export class PlayingOn {
  /** `came(seen)`: one more round. Python answers "play" and "stop". */
  constructor(view, came) {
    Object.assign(this, { view, playing: false });
    this.button = button("Play on", () => this.set(!this.playing), { kind: "main playing" });
    this.button.disabled = !view.live;
    this.state = make("span", { class: "quiet" });
    this.element = make("span", { class: "playing-on" }, this.button, " ", this.state);
    view.onStream(({ seen, over }) => (over ? this.ended(over) : came(seen)));
  }

  set(playing) {
    this.show(playing, "");
    this.view.ask(playing ? "play" : "stop", {}).catch((error) => this.ended(error.message));
  }

  show(playing, words) {
    this.playing = playing;
    this.button.textContent = playing ? "Stop playing" : "Play on";
    this.state.textContent = words;
  }

  ended(words) {
    this.show(false, words);
    this.view.say(words);
  }
}
