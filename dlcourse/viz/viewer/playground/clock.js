// The playground's time: it plays what was recorded, lets the pupil learn on, stops and goes back.

const FRAME = 50; // ms from one recorded frame to the next while they are played
const REST = 120; // ms without a move, and the finest things are drawn too

export class Clock {
  constructor(game) {
    Object.assign(this, { game, view: game.view, streaming: false, catching: false });
  }

  get state() {
    return this.game.state;
  }

  play() {
    if (this.state.playing) return this.pause();
    this.state.playing = true;
    if (this.state.at >= this.game.end && !this.view.live) this.state.at = 0;
    this.tick();
  }

  /** The recorded frame after the one that is shown. */
  get next() {
    const { longest } = this.game.room.curve;
    return longest.frames[longest.near(this.state.at) + 1];
  }

  /** Show what was recorded, frame by frame; where it ends, the pupil goes on. */
  tick() {
    if (!this.state.playing) return;
    const { next } = this;
    if (!next) return this.view.live ? this.go() : this.pause();
    this.state.at = next.step;
    this.game.draw();
    this.timer = setTimeout(() => this.tick(), FRAME);
  }

  /**
   * The pupil learns, and its frames come; with `catching` only until a fork is as far as its
   * way.
   */
  async go(catching = false) {
    Object.assign(this, { streaming: true, catching });
    this.state.playing = true;
    if (!await this.game.ask("go", { pace: this.view.choices.pace }, () => {})) this.pause(false);
  }

  /** A frame of the training. */
  heard({ a, b, trouble, running }) {
    const { ways } = this.state;
    if (a) ways.a.take(a);
    if (b) ways.b?.take(b);
    const behind = ways.b && ways.b.last.step < ways.a.last.step;
    this.state.at = behind ? ways.b.last.step : ways.a.last.step;
    if (trouble) this.game.stopped(trouble);
    if (running === false || (this.catching && !behind)) this.pause(running !== false);
    this.game.draw();
  }

  pause(tell = true) {
    clearTimeout(this.timer);
    const tells = tell && this.streaming;
    this.state.playing = this.streaming = this.catching = false;
    if (tells) this.view.ask("halt", {}).then((state) => this.game.status(state ?? {}), () => {});
    this.settle();
  }

  /** Time stands still: everything is drawn fully, the call is up to date, and it is said. */
  settle() {
    this.game.remember();
    this.game.draw();
    this.game.sayMoment();
  }

  step() {
    if (this.state.playing) this.pause();
    if (this.next) return this.move(this.next.step);
    if (!this.view.live) return;
    this.game.ask("learn", { steps: 1 }, (frame) => {
      this.heard(frame);
      this.game.status(frame);
      this.settle();
    });
  }

  setPace(pace) {
    this.view.choose({ pace });
    if (this.streaming) this.go(this.catching);
  }

  /** To the recorded frame nearest to a step. */
  move(step) {
    if (this.state.playing) this.pause();
    this.state.at = this.game.room.curve.longest.at(step).step;
    this.game.remember();
    this.state.quick = true;
    this.game.draw();
    this.game.sayMoment();
    clearTimeout(this.calming);
    this.calming = setTimeout(() => this.game.draw(), REST);
  }

  release() {
    clearTimeout(this.timer);
    clearTimeout(this.calming);
  }
}
