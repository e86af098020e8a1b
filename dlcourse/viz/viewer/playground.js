// The playground: a small net learns to tell points apart, and every number of it can be seen.

import { make } from "./frame/controls.js";
import { Recipe, Transport } from "./playground/bar.js";
import { number, percent } from "./frame/format.js";
import { instrument } from "./frame/instrument.js";
import { Changes } from "./playground/changes.js";
import { Clock } from "./playground/clock.js";
import { gapOf } from "./playground/proof.js";
import { Room } from "./playground/room.js";
import { PLAYGROUND_STYLE } from "./playground/style.js";
import { Track } from "./playground/track.js";

const CLOSE = 1e-3; // so far may the browser's pictures be from what the pupil itself answers
const HINT = "Press ▶ and watch every unit learn. Click a line to see what its gradient says.";

class Playground {
  constructor(view) {
    this.view = view;
    const { sets, worlds, known, ways, trouble } = view.content;
    [this.clock, this.changes] = [new Clock(this), new Changes(this)];
    const on = this.handlers();
    this.room = new Room({ view, on });
    this.transport = new Transport({ view, worlds, on });
    this.recipe = new Recipe({ view, sets, known, on });
    this.note = make("p", { class: "note bad", role: "alert", hidden: true });
    this.news = make("p", { class: "note news", hidden: !view.live }, HINT);
    view.bar.append(this.transport.element, this.recipe.element);
    view.stage.append(...[view.needsPython("Training"), this.note, this.news,
      this.room.element].filter(Boolean));
    this.state = { ways: { a: null, b: null }, at: 0, looks: "a", playing: false, undo: 0,
      trouble: null };
    this.foot();
    this.replace(ways);
    this.state.at = Math.min(view.choices.at ?? Infinity, this.end);
    if (trouble) this.stopped(trouble);
    this.recipe.paint();
    this.draw();
  }

  /** What the controls and pictures call. */
  handlers() {
    const { clock, changes, view } = this;
    return {
      play: () => clock.play(),
      step: () => clock.step(),
      move: (at) => clock.move(at),
      pace: (pace) => clock.setPace(pace),
      reset: () => (view.live ? changes.begin({}) : clock.move(0)),
      undo: () => changes.undo(),
      again: () => changes.again(),
      begin: (settings) => changes.begin(settings),
      change: (name, value) => changes.change(name, value),
      world: (world) => changes.change("world", world), draw: (stroke) => changes.draw(stroke),
      weigh: (flat, value) => changes.change(this.room.now.net.named(flat).full, value),
      fork: (name, value) => changes.fork(name, value), keep: (way) => changes.keep(way),
      lines: (lines) => this.set({ lines }),
      log: (log) => this.set({ log }),
      looks: (way) => this.looks(way),
    };
  }

  get end() {
    const { a, b } = this.state.ways;
    return b ? Math.max(a.last.step, b.last.step) : a.last.step;
  }

  // ── what Python says ───────────────────────────────────────────────────────────────────────────

  /** All that is known, anew. */
  replace({ a, b, ...rest }) {
    const { ways } = this.state;
    if (a) ways.a = a.cut && ways.a ? (ways.a.take(a), ways.a) : new Track(a);
    ways.b = b ? new Track(b) : null;
    if (!ways.b) this.state.looks = "a";
    this.status(rest);
  }

  status({ undo = this.state.undo, proof = null }) {
    this.state.undo = undo;
    if (proof) this.prove(proof);
  }

  stopped(trouble) {
    this.state.trouble = trouble;
    this.complain(`${trouble.why[0].toUpperCase()}${trouble.why.slice(1)}.`);
    this.note.dataset.step = trouble.step;
  }

  /** Ask, and draw what comes; a refusal is said. */
  async ask(name, args, take = (answer) => this.replace(answer)) {
    this.clear();
    try {
      const answer = await this.view.ask(name, args);
      if (answer === undefined) return false;
      take(answer);
      this.draw();
      return true;
    } catch (error) {
      this.complain(error.message);
      this.draw();
      return false;
    }
  }

  /** Nothing to say; the line stays, so that nothing below it jumps. */
  clear() {
    this.state.trouble = null;
    this.note.hidden = true;
    this.news.hidden = !this.view.live;
    this.news.textContent = HINT;
    this.told = false;
  }

  complain(sentence) {
    this.news.hidden = true;
    this.note.hidden = false;
    this.note.textContent = sentence;
    this.view.say(sentence);
  }

  /** What the pupil itself answers must be what is drawn. */
  prove(proof) {
    const { room, state } = this;
    const { settings, at } = { settings: state.ways.a.settings, at: state.ways.a.at(proof.step) };
    if (at.step !== proof.step) return;
    const net = room.netOf([2, ...settings.hidden, proof.p.shape[1]], settings.activation);
    const gap = gapOf(net, at.weights, proof);
    const fine = gap <= CLOSE;
    this.proof.className = fine ? "good" : "bad";
    this.proof.textContent = fine
      ? `✓ drawn from the weights here; the pupil's own answers differ by at most ${number(gap, 1)}`
      : `✕ the pupil's own answers differ from these pictures by ${number(gap)}`;
    this.view.root.dataset.proof = String(gap);
  }

  /** A page that was loaded anew, or a second output: the training may have gone on meanwhile. */
  async catchUp() {
    const known = this.view.content.ways.version;
    const answer = await this.view.ask("now", { known }).catch(() => null);
    if (!answer) return;
    this.view.choose(answer.begun);
    this.replace(answer);
    this.state.at = this.end;
    this.state.playing = this.clock.streaming = answer.running;
    this.draw();
  }

  tell(sentence) {
    this.told = true;
    this.news.textContent = sentence[0].toUpperCase() + sentence.slice(1);
    this.view.say(this.news.textContent);
  }

  // ── on screen ──────────────────────────────────────────────────────────────────────────────────

  /** A choice that only changes how things are drawn. */
  set(choices) {
    this.view.choose(choices);
    this.draw();
  }

  looks(way) {
    this.state.looks = way;
    this.draw();
  }

  /** The choices from which the call in Python is made. */
  remember() {
    const { ways: { a, b }, at } = this.state;
    const fork = b ? b.changes.at(-1) : null;
    this.view.choose({ steps: this.end, at: at === this.end ? null : at, changes: a.changes,
      fork });
  }

  draw() {
    const { view, room, state } = this;
    state.dataset = view.choices.dataset;
    room.show(state);
    const { settings } = room.now.track;
    this.transport.show({ ...state, canUndo: state.undo > 0, world: settings.world });
    this.recipe.show({ settings, dataset: state.dataset, seed: view.choices.seed });
    const { lines } = view.choices;
    const kind = lines === "weights" ? "weight" : "gradient";
    this.key.textContent = `thickest line: a ${kind} of ${number(room.net.reach)}`;
    state.quick = false;
    view.root.dataset.playing = String(Boolean(state.playing));
  }

  table() {
    const { track, name } = this.room.now;
    const every = Math.max(1, Math.floor(track.frames.length / 150));
    const rows = track.frames.filter((_, i) => i % every === 0 || i === track.frames.length - 1);
    return { caption: `The training${this.state.ways.b ? `, way ${name.toUpperCase()}` : ""}`,
      columns: ["step", "loss", "right"],
      rows: rows.map(({ step, loss, accuracy }) => [step, number(loss, 4), percent(accuracy, 1)]) };
  }

  /** Another theme or width. */
  redraw() {
    this.room.widths = null;
    this.recipe.paint();
    this.draw();
  }

  sayMoment() {
    const { step, loss, accuracy } = this.room.now.frame;
    if (this.told || !this.note.hidden) return; // there is news that must be heard first
    this.view.say(`Step ${step}: loss ${number(loss)}, ${percent(accuracy, 1)} of the points right.`);
  }

  foot() {
    this.key = make("span");
    this.proof = make("span");
    const sample = (kind, tone) => make("span", { class: `line-sample ${kind}`,
      style: `color: var(--${tone})` });
    this.view.foot.append(make("span", {}, sample("plus", "forward"), "more than 0"),
      make("span", {}, sample("minus", "backward"), "less than 0"),
      this.key, make("span", {}, "◯ a point in the wrong class"), this.proof);
  }
}

function draw(view) {
  const playground = new Playground(view);
  view.redrawWith(() => playground.redraw());
  view.tableOf(() => playground.table());
  if (view.live) {
    view.onStream((frame) => playground.clock.heard(frame));
    playground.catchUp();
  }
  return () => playground.clock.release();
}

export default instrument(draw, PLAYGROUND_STYLE);
