// What a learner changes: the net, the data, a weight, the world; taken back, or tried on a fork.

import { number } from "../frame/format.js";
import { told } from "./fork.js";

const NOW = 2 ** 40; // a step that lies after all others: "at the end"
// of the window: between drawn points, and around what is erased
const [GAP, RUBBER] = [0.05, 0.07];
const FIRST = ["dataset", "world", "hidden", "activation", "optimizer", "lr", "batch",
  "weight_decay", "seed"];

const isStroke = ([, name]) => name === "add" || name === "erase";

export class Changes {
  constructor(game) {
    Object.assign(this, { game, view: game.view, strokes: [] });
  }

  /**
   * Another net, other data, another seed: from step 0, with all else as it is set now, drawn
   * points
   * too. It goes on if it was learning.
   */
  async begin(settings) {
    const { game, view } = this;
    const goesOn = game.state.playing;
    if (goesOn) game.clock.pause();
    const { a } = game.state.ways;
    const now = Object.fromEntries(FIRST.map((name) => [name, a.settings[name]
      ?? view.choices[name]]));
    const all = { ...now, ...settings };
    const strokes = all.dataset === now.dataset ? a.changes.filter(isStroke).map(([, ...rest]) =>
      rest) : [];
    const done = await game.ask("begin", { ...all, strokes }, (answer) => {
      view.choose({ ...all, fork: null });
      game.replace(answer);
      game.state.at = 0;
    });
    if (!done) return;
    game.clock.settle();
    if (goesOn) game.clock.go();
  }

  /** Something becomes another at the step that is shown; what came after it is forgotten. */
  async change(name, value) {
    const { game } = this;
    if (game.state.playing && !game.clock.streaming) game.clock.pause();
    const { at, playing, ways, looks } = game.state;
    const fresh = at === 0 && ways.a.changes.length === 0 && FIRST.includes(name);
    if (fresh) return this.begin({ [name]: value });
    if (looks === "b") await this.keep("b");
    const promise = game.room.promise();
    const done = await game.ask("change", { step: playing ? NOW : at, name, value }, (answer) => {
      game.replace(answer);
      game.state.at = ways.a.last.step;
    });
    if (!done) return;
    this.report([ways.a.last.step, name, value], promise, ways.a.last.loss);
    if (name === "world") await this.compareWorlds();
    if (!playing) game.clock.settle();
  }

  report(change, promise, came) {
    const [, name, value] = change;
    Object.assign(this.game.news.dataset, { promised: promise, came });
    this.game.tell(!name.startsWith("fc") ? `${told(change)}.` : `${name} is now ${number(value)}. `
      + `The gradient promised a loss of ${number(promise)}; ${number(came)} came.`);
  }

  async undo() {
    const { game } = this;
    if (game.state.playing) game.clock.pause();
    if (!await game.ask("undo", {})) return;
    game.state.at = Math.min(game.state.at, game.end);
    game.clock.settle();
  }

  /** The same weights in the other worlds: how far are their numbers apart? */
  async compareWorlds() {
    const { game } = this;
    const answer = await this.view.ask("worlds_apart", {}).catch(() => undefined);
    if (!answer) return;
    const gaps = Object.entries(answer.apart).map(([world, { loss, gradients, answers }]) => {
      game.news.dataset.apart = String(Math.max(loss, gradients, answers));
      return `in ${world} the loss differs by ${number(loss, 2)}, gradients by at most `
        + `${number(gradients, 2)}, answers by at most ${number(answers, 2)}`;
    });
    game.tell(`The same weights go on in ${game.state.ways.a.settings.world}; ${gaps.join("; ")}.`);
  }

  /** From the seed once more: is every number the same? */
  async again() {
    const { game } = this;
    const { step } = game.room.now.frame;
    await game.ask("again", { step }, ({ numbers, differ }) => {
      game.news.dataset.differ = String(differ);
      const found = differ === 0 ? `all ${numbers} numbers are the same, to the last bit`
        : `${differ} of ${numbers} numbers differ`;
      game.tell(`Computed once more from the seed: at step ${step} ${found}.`);
    });
  }

  // ── the pen ────────────────────────────────────────────────────────────────────────────────────

  /** A stroke. While Python still works on the last ones, further ones wait together. */
  draw({ place, pen, reach, fresh }) {
    if (!this.view.live) return;
    const [a, b] = this.before ?? [Infinity, Infinity];
    if (!fresh && Math.hypot(place[0] - a, place[1] - b) <= reach * GAP) return;
    this.before = place;
    const name = pen === "erase" ? "erase" : "add";
    const short = (x) => Math.round(x * 1000) / 1000; // so that the call in Python stays short
    this.strokes.push({ name, stroke: [...place.map(short), name === "erase" ? short(reach * RUBBER)
      : Number(pen)] });
    this.sendStrokes();
  }

  async sendStrokes() {
    if (this.sending || !this.strokes.length) return;
    const [{ name }] = this.strokes;
    const other = this.strokes.findIndex((each) => each.name !== name);
    const next = this.strokes.splice(0, other < 0 ? this.strokes.length : other);
    this.sending = true;
    await this.change(name, next.map(({ stroke }) => stroke));
    this.sending = false;
    this.sendStrokes();
  }

  // ── forks ──────────────────────────────────────────────────────────────────────────────────────

  async fork(name, value) {
    const { game } = this;
    if (game.state.playing) game.clock.pause();
    const { step } = game.room.now.frame;
    if (!await game.ask("fork", { step, name, value })) return;
    this.view.say(`Fork: ${told([step, name, value])}.`);
    game.remember();
    game.clock.go(game.state.ways.a.last.step > step);
  }

  async keep(way) {
    const { game } = this;
    if (game.state.playing) game.clock.pause();
    await game.ask("choose", { way });
    game.clock.settle();
  }
}
