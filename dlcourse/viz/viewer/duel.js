// The duel of two nets in slow motion: seven phases of a round, and round after round.

import { Chart, CHART_STYLE } from "./chart/chart.js";
import { make, slider } from "./frame/controls.js";
import { DuelFlow, FLOW_STYLE } from "./duel/flow.js";
import { DuelModes, MODES_STYLE } from "./duel/modes.js";
import { PHASES, placeOfPhase, storyOf, thinned, told } from "./duel/phases.js";
import { DuelPlane } from "./duel/plane.js";
import { number, percent } from "./frame/format.js";
import { instrument } from "./frame/instrument.js";
import { Player, PLAYER_STYLE } from "./frame/player.js";
import { PlayingOn } from "./duel/playing_on.js";
import { PLANE_STYLE } from "./plane/points.js";
import { RoundLine } from "./duel/round_line.js";
import { TIMELINE_STYLE } from "./frame/timeline.js";

const KEPT = 400; // rounds
const MOTION = 450; // ms that fakes are on their way

class Duel {
  constructor(view) {
    this.view = view;
    const data = this.data = view.content;
    this.rounds = data.rounds;
    this.line = new RoundLine({
      view, moments: PHASES.map(({ phase, title }) => ({ phase, label: title })),
      label: "Phases of the round", onMove: (at) => this.toPhase(at),
      onRound: (by, phase) => this.toRound(this.place + by, phase),
    });
    this.which = slider({ label: "Round", least: 0, most: this.rounds.length - 1, value: 0,
      show: (place) => String(this.rounds[place]?.round ?? ""),
      onInput: (place) => this.toRound(place) });
    this.player = new Player({
      view, count: PHASES.length, where: () => this.phaseAt, go: (at) => this.toPhase(at),
      again: () => this.toRound(Math.min(this.place + 1, this.rounds.length - 1), 0),
      pace: 1200, label: "Play this round",
    });
    this.plane = new DuelPlane({ view, data, onKey: (key) => this.key(key),
      onFollow: (i) => view.choose({ follow: this.numberOf(i) }) });
    this.flow = new DuelFlow();
    this.modes = data.modes && new DuelModes(data.modes.shape[0]);
    this.build();
  }

  build() {
    const { view, data } = this;
    view.bar.append(this.line.element, this.which.element, this.player.element);
    if (data.plays) view.bar.append(new PlayingOn(view, (seen) => this.came(seen)).element);
    this.title = make("h4");
    this.text = make("p", { class: "phase-text" });
    this.story = make("table", { class: "story" });
    const phase = make("div", { class: "panel phase" }, this.title, this.text, this.flow.element);
    const fake = make("div", { class: "panel" }, this.story);
    const modes = this.modes ? this.modes.element : "";
    view.stage.append(make("div", { class: "duel" }, this.plane.element,
      make("div", { class: "side" }, phase, make("div", { class: "pair" }, fake, modes))));
    this.charts = make("div", { class: "charts" });
    this.losses = this.chart("losses", "Losses");
    const title = `Modes reached, of ${data.modes?.shape[0]}`;
    if (this.modes) this.reached = this.chart("reached", title);
    view.stage.append(this.charts);
    if (data.plays && !view.live) view.stage.append(view.needsPython("Playing on"));
    const key = (kind, sign, words) => make("span", {},
      make("span", { class: `mark ${kind}`, "aria-hidden": "true" }, sign), ` ${words}`);
    const ramp = make("span", { class: "belief" }, "fake",
      make("span", { class: "belief-ramp", "aria-hidden": "true" }), "real");
    view.foot.append(key("", "◆", "noise"), key("real", "●", "real"), key("fake", "▲", "fake"),
      key("", "◯", "followed"),
      make("span", {}, "The judge believes: ", ramp), key("", "─", "undecided, one half"),
      make("span", {}, "Thin lines in the losses: a judge that knows nothing."));
  }

  chart(name, label) {
    const chart = new Chart({ view: this.view, name, label, x: "round", height: 168, scrub: true,
      onPick: (wanted) => this.toRound(this.nearestRound(wanted)) });
    this.charts.append(chart.element);
    return chart;
  }

  // ── where one stands ───────────────────────────────────────────────────────────────────────────

  /** Place of the round that is shown. */
  get place() {
    return this.nearestRound(this.view.choices.round);
  }

  nearestRound(wanted) {
    let best = 0;
    this.rounds.forEach(({ round }, i) => {
      if (Math.abs(round - wanted) < Math.abs(this.rounds[best].round - wanted)) best = i;
    });
    return best;
  }

  get phaseAt() {
    return placeOfPhase(this.view.choices.phase);
  }

  toPhase(at) {
    this.view.choose({ phase: PHASES[at].phase });
  }

  /** To another round; over the last one leads nowhere. */
  toRound(place, phase = this.phaseAt) {
    if (place < 0 || place >= this.rounds.length) return;
    this.view.choose({ round: this.rounds[place].round, phase: PHASES[phase].phase });
  }

  key(key) {
    const by = { ArrowLeft: -1, ArrowRight: 1 }[key];
    const rounds = { PageUp: -1, PageDown: 1 }[key];
    if (by) this.line.go(this.phaseAt + by);
    else if (rounds) this.toRound(this.place + rounds);
    else if (key === "Home" || key === "End") this.toPhase(key === "Home" ? 0 : PHASES.length - 1);
    else return false;
    return true;
  }

  /** The fakes that were sent may be fewer than there were: which number has the i-th, and back. */
  numberOf(i) {
    const { count, fakes } = this.rounds[this.place];
    return fakes.shape[0] > 1 ? Math.round((i * (count - 1)) / (fakes.shape[0] - 1)) : 0;
  }

  follow({ count, fakes }) {
    const last = fakes.shape[0] - 1;
    const place = Math.round((this.view.choices.follow * last) / Math.max(1, count - 1));
    return Math.min(last, place);
  }

  // ── what is on screen now ──────────────────────────────────────────────────────────────────────

  show(moving = false) {
    const { view, place } = this;
    const round = this.rounds[place];
    const phase = PHASES[this.phaseAt];
    const follow = this.follow(round);
    this.line.show(this.phaseAt);
    this.which.set(place);
    this.flow.show(phase);
    this.title.textContent = `${this.phaseAt + 1} of ${PHASES.length}. ${phase.title}`;
    this.text.textContent = told(phase.phase, round);
    this.showStory(round, follow);
    if (this.modes) this.modes.show(round);
    this.losses.cursor.stand(round.round);
    this.reached?.cursor.stand(round.round);
    this.move({ round, phase: phase.phase, follow }, moving);
    Object.assign(this.plane.element.dataset, { round: round.round, phase: phase.phase,
      follow: view.choices.follow });
    view.say(`Round ${round.round}, ${phase.title}. ${told(phase.phase, round)}`);
  }

  /** Fakes that are made or moved are seen on their way, briefly. */
  move(now, moving) {
    cancelAnimationFrame(this.motion);
    const short = moving && !this.view.calm && (now.phase === "make" || now.phase === "move");
    this.plane.show({ ...now, t: short ? 0 : 1 });
    if (!short) return;
    const began = performance.now();
    const step = (time) => {
      const t = Math.min(1, Math.max(0, (time - began) / MOTION));
      this.plane.drawOver(1 - (1 - t) ** 3);
      if (t < 1) this.motion = requestAnimationFrame(step);
    };
    this.motion = requestAnimationFrame(step);
  }

  /** The followed fake's numbers, as far as this round has come. */
  showStory(round, i) {
    const rows = storyOf(round, i).map(({ phase, name, text }) => {
      const come = placeOfPhase(phase) <= this.phaseAt;
      return make("tr", { class: come ? "" : "later", "data-phase": phase },
        make("th", { scope: "row" }, name),
        make("td", {}, come ? text : "not yet"));
    });
    const caption = make("caption", {}, `Fake ${this.view.choices.follow} in this round`);
    this.story.replaceChildren(caption, ...rows);
  }

  /** The followed fake in words, for the live region. */
  get followed() {
    const round = this.rounds[this.place];
    const come = storyOf(round, this.follow(round)).filter(({ phase }) =>
      placeOfPhase(phase) <= this.phaseAt);
    return `Fake ${this.view.choices.follow}: `
      + `${come.map(({ name, text }) => `${name} ${text}`).join(", ")}.`;
  }

  showCharts() {
    const { view, rounds } = this;
    const xs = rounds.map(({ round }) => round);
    const tone = (name) => view.tone(name);
    const ends = [xs[0], xs.at(-1)];
    const flat = (colour, loss) => ({ colour, xs: ends, ys: [loss, loss], faint: true });
    const all = (name) => rounds.map((round) => round[name]);
    this.losses.show([
      flat(tone("forward"), 2 * Math.log(2)), flat(tone("source"), Math.log(2)),
      { name: "judge", colour: tone("forward"), xs, ys: all("judge_loss") },
      { name: "maker", colour: tone("source"), dash: [6, 4], xs, ys: all("maker_loss") },
    ]);
    if (!this.modes) return;
    this.reached.show([{ name: "modes", colour: tone("source"), xs, ys: all("reached") }],
      { range: [0, this.data.modes.shape[0] + 0.5] });
  }

  size() {
    const wide = this.view.width;
    this.plane.size(wide >= 760 ? Math.min(540, Math.round(wide * 0.5)) : Math.min(wide, 540));
    this.showCharts();
    this.show();
  }

  /** One more round; whoever stands at the last one goes along. */
  came(seen) {
    const along = this.place === this.rounds.length - 1;
    this.rounds = thinned([...this.rounds, seen], KEPT);
    this.which.input.max = this.rounds.length - 1;
    this.showCharts();
    if (along) this.view.choose({ round: seen.round });
    else this.which.set(this.place);
  }
}

function draw(view) {
  const duel = new Duel(view);
  view.onChoice((changes) => {
    duel.show(Boolean(changes.phase));
    if ("follow" in changes) view.say(duel.followed);
  });
  view.redrawWith(() => duel.size());
  duel.size();
  view.tableOf(() => {
    const some = (cell) => (duel.modes ? [cell] : []);
    const columns = ["round", "judge's loss", "maker's loss", ...some("modes reached")];
    const rows = duel.rounds.map(({ round, judge_loss: judge, maker_loss: maker, reached }) =>
      [round, number(judge), number(maker), ...some(reached)]);
    return { caption: "All rounds", columns, rows };
  });
  return () => {
    duel.player.stop();
    cancelAnimationFrame(duel.motion);
  };
}

const STYLE = `
.root { --noise: var(--quiet); --make: var(--source); --judge: var(--forward);
  --learn: var(--backward);
  --field: var(--forward); --push: var(--backward); --move: var(--source); }
.duel { display: grid; grid-template-columns: auto minmax(0, 1fr); gap: 20px; align-items: start; }
.duel .side { display: grid; gap: 12px; min-width: 0; }
.pair { display: flex; flex-wrap: wrap; gap: 12px; } .pair > * { flex: 1 1 206px; }
.pair > :first-child { flex: 1.2 1 276px; }
.duel h4 { margin: 0 0 4px; font-size: 14px; font-weight: 650; }
.phase-text { margin: 0 0 10px; min-height: 2.9em; }
.story { border-collapse: collapse; font-size: 13.5px; }
.story caption { text-align: left; font-weight: 600; font-size: 13px; padding-bottom: 3px; }
.story th { text-align: left; font-weight: 400; color: var(--quiet); padding: 1px 12px 1px 0;
  white-space: nowrap; } .story td { font-weight: 600; white-space: nowrap; }
.story .later td { font-weight: 400; color: var(--quiet); }
.charts { display: grid; grid-template-columns: repeat(auto-fit, minmax(min(100%, 380px), 1fr));
  gap: 10px 24px; margin-top: 14px; }
.mark.real { color: var(--ink); } .mark.fake { color: var(--source); }
.belief { display: inline-flex; align-items: center; gap: 6px; }
.belief-ramp { width: 90px; height: 12px; border-radius: 3px; border: 1px solid var(--line);
  background: linear-gradient(90deg, #6e3204, #b35c0e, #e39a4a, #f6cf9a, #ffffff, #b4d2ec, #6aa3d5,
  #2a6fb0, #0b3a70); }
.dark .belief-ramp { background: linear-gradient(90deg, #ffcf8f, #dd8f35, #9a5a14, #5a3610,
  #111111, #133f68, #1f6cab, #5aa5e0, #bfe0ff); }
.playing { min-width: 8em; }
.player { min-width: 9em; }
@container (max-width: 790px) {
  .duel { grid-template-columns: minmax(0, 1fr); }
  .duel .side { display: contents; } .duel .phase { order: -1; }
}
@container (max-width: 480px) { .segment span { font-size: 0; } }
`;

export default instrument(draw, TIMELINE_STYLE, CHART_STYLE, PLANE_STYLE, FLOW_STYLE, MODES_STYLE,
  PLAYER_STYLE, STYLE);
