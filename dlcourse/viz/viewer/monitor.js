// The training monitor: loss, metrics and gradients while a net learns; one run beside another.

import { Chart, CHART_STYLE } from "./chart/chart.js";
import { CLASSES, SIGNS } from "./frame/colours.js";
import { make, slider, tick } from "./frame/controls.js";
import { number } from "./frame/format.js";
import { instrument } from "./frame/instrument.js";
import { NormPicture, NORM_STYLE } from "./monitor/norms.js";
import { apart, grouped, RunColumns, runningMean } from "./monitor/run.js";
import { MonitorState, STATE_STYLE } from "./monitor/state.js";

const MEANS = [1, 2, 5, 10, 20, 50, 100, 200, 500, 1000, 2000, 5000];
const LINES = 8; // gradients of so many weights are lines; of more, a picture
const HUES = [0, 5];

function draw(view) {
  return new Monitor(view).release;
}

class Monitor {
  constructor(view) {
    this.view = view;
    this.runs = view.content.runs.map((rows) => new RunColumns({ name: rows.name, rows }));
    this.charts = new Map();
    this.state = new MonitorState(view, this.runs[0], view.content);
    view.bar.append(...this.state.buttons, ...this.controls());
    this.places = { loss: make("div"), metrics: make("div", { class: "pair" }), norms: make("div") };
    view.stage.append(this.state.element, ...Object.values(this.places));
    view.tableOf(() => this.table());
    view.onChoice((changes) => Object.keys(changes).some((name) => name !== "at") && this.show());
    view.redrawWith(() => this.show());
    this.show();
    if (view.choices.at !== null) this.pin(view.choices.at, false);
    view.onStream((frame) => this.heard(frame));
    if (view.live && view.content.state !== "finished") this.askAll();
  }

  controls() {
    const { view } = this;
    const { log, mean, raw } = view.choices;
    const widths = [...new Set([...MEANS, mean])].sort((a, b) => a - b);
    return [
      slider({ label: "Mean of", least: 0, most: widths.length - 1, value: widths.indexOf(mean),
        show: (i) => (widths[i] === 1 ? "1 step" : `${widths[i].toLocaleString("en")} steps`),
        onInput: (i) => view.choose({ mean: widths[i] }) }).element,
      tick({ label: "Every step", value: raw, onInput: (yes) => view.choose({ raw: yes }) }).element,
      tick({ label: "Log scale", value: log, onInput: (yes) => view.choose({ log: yes }) }).element,
    ];
  }

  // ── what Python tells ───────────────────────────────────────────────────────────────────────────

  heard(frame) {
    if (!this.runs[0].add(frame.rows)) return this.askAll();
    this.state.heard(frame);
    this.show(frame.rows);
  }

  /** A view that is opened late, or lost a frame, asks for everything once. */
  async askAll() {
    const all = await this.view.ask("record", {});
    if (!all) return;
    this.runs[0].replace(all.rows);
    this.state.heard(all);
    this.show();
  }

  // ── charts ──────────────────────────────────────────────────────────────────────────────────────

  chart(name, place, options) {
    if (!this.charts.has(name)) {
      const chart = new Chart({ view: this.view, name, ...options,
        onPoint: (x) => this.point(x, name), onPick: (x) => this.pin(x), onZoom: (range) => this.zoomAll(range, name) });
      place.append(chart.element);
      this.charts.set(name, chart);
    }
    return this.charts.get(name);
  }

  /** Draw what has changed: everything, or what these new rows bring. */
  show(news = null) {
    const marks = this.marks();
    this.showLoss(marks);
    if (this.runs[1] && this.runs[0].steps.length) this.showGap();
    const names = [...new Set(this.runs.flatMap(({ metrics }) => Object.keys(metrics)))];
    for (const group of grouped(names)) {
      const told = !news || group.members.some((name) => news.metrics[name]?.steps.size);
      if (told) this.showMetric(group, marks);
    }
    if (!news || news.norms) this.showNorms(marks);
    this.view.root.dataset.rows = this.runs[0].steps.length;
  }

  get until() {
    return this.state.broke?.step;
  }

  /** Over how many steps the loss is averaged: at the beginning of a training fewer than wanted. */
  get width() {
    const { mean } = this.view.choices;
    return this.state.state === "running" ? Math.min(mean, Math.ceil(this.runs[0].steps.length / 20) || 1) : mean;
  }

  marks() {
    const { broke } = this.state;
    const marks = broke ? [{ x: broke.step, text: `broke off at ${broke.step.toLocaleString("en")}`, tone: "bad" }] : [];
    const parts = this.runs[1] ? apart(...this.runs).parts : null;
    this.parts = parts;
    return parts === null ? marks : [...marks, { x: parts, text: `they part at ${parts.toLocaleString("en")}` }];
  }

  showLoss(marks) {
    const { log, raw } = this.view.choices;
    const mean = this.width;
    const several = this.runs.length > 1;
    const series = this.runs.flatMap(({ name, steps, loss }, i) => {
      const own = { xs: steps, colour: CLASSES[HUES[i]] };
      const faint = raw && mean > 1 ? [{ ...own, name: several ? name : "each step", ys: loss, faint: true, keyed: true }] : [];
      const thick = mean === 1 ? (several ? name : "loss") : several && !raw ? `${name}, mean` : "mean";
      return [...faint, { ...own, name: thick, sign: SIGNS[i], ys: runningMean(loss, mean) }];
    });
    const note = mean > 1 ? `each step, and the mean of ${mean.toLocaleString("en")}` : "";
    this.chart("loss", this.places.loss, { label: "Loss", height: 250 }).show(series, { log, marks, note, until: this.until });
  }

  showGap() {
    const [one, other] = this.runs;
    const { xs, ys } = apart(one, other);
    const note = `${one.name} − ${other.name}, each step`;
    const range = spread(ys);
    const series = [{ name: "difference", xs, ys, colour: this.view.tone("loss"), sign: SIGNS[3] }];
    this.chart("gap", this.places.loss, { label: "Difference of the losses", height: 150 }).show(series, {
      range, note: this.parts === null ? `${note} · never apart so far` : note,
    });
  }

  showMetric({ title, members }, marks) {
    const several = this.runs.length > 1;
    const series = members.flatMap((name, nth) => this.runs.map((run, i) => {
      const hue = several ? HUES[i] : [2, 4, 6, 8][nth % 4];
      const own = members.length > 1 ? name.slice(0, -title.length).replace(/[_ ./]$/, "") || "plain" : title.replaceAll("_", " ");
      const named = several ? (members.length > 1 ? `${own}, ${run.name}` : run.name) : own;
      return { ...run.metric(name), name: named, colour: CLASSES[hue],
        sign: SIGNS[several ? i : nth + 2], dash: several && nth ? [5, 4] : undefined };
    })).filter(({ xs }) => xs.length);
    const label = title.replaceAll("_", " ");
    const log = this.view.choices.log && /loss|grad|norm|error/.test(title);
    this.chart(`metric ${title}`, this.places.metrics, { label: label[0].toUpperCase() + label.slice(1), height: 170 })
      .show(series, { log, marks: marks.map((mark) => ({ ...mark, text: "" })), until: this.until });
  }

  /** How long the gradient of each weight was, at the key-frames. */
  showNorms(marks) {
    const { norms } = this.runs[0];
    if (!norms) return;
    if (norms.names.length > LINES) return this.showNormPicture(norms);
    const count = norms.steps.length;
    const series = norms.names.map((name, i) => ({
      name, xs: norms.steps, ys: norms.values.data.subarray(i * count, (i + 1) * count), colour: CLASSES[i], sign: SIGNS[i],
    }));
    this.chart("norms", this.places.norms, { label: "Length of the gradients", height: 200 })
      .show(series, { log: true, note: "at the key-frames", marks: marks.map((mark) => ({ ...mark, text: "" })), until: this.until });
  }

  showNormPicture(norms) {
    this.picture ??= new NormPicture(this.view);
    if (!this.picture.element.isConnected) this.places.norms.append(this.picture.element);
    this.picture.show(norms);
  }

  // ── one cursor for all charts ───────────────────────────────────────────────────────────────────

  point(x, from) {
    for (const [name, { cursor }] of this.charts) {
      if (name !== from) cursor.look(x === null ? null : cursor.stepAt(x), false);
    }
    if (x !== null) this.view.say(this.sentence(x));
  }

  pin(x, choose = true) {
    for (const { cursor } of this.charts.values()) {
      cursor.hover = null;
      cursor.stand(cursor.stepAt(x));
    }
    if (choose) this.view.choose({ at: x });
    this.view.say(this.sentence(x));
  }

  zoomAll(range, from) {
    for (const [name, { cursor }] of this.charts) if (name !== from) cursor.zoom(range, false);
    const [first, last] = (range ?? []).map((x) => x.toLocaleString("en"));
    this.view.say(range ? `Steps ${first} to ${last} are in sight.` : "All steps are in sight.");
  }

  sentence(x) {
    const each = this.runs.map((run) => {
      const i = run.steps.indexOf(x);
      return i < 0 ? "" : `loss${this.runs[1] ? ` of ${run.name}` : ""} ${number(run.loss[i], 4)}`;
    });
    const others = [...this.charts].filter(([name]) => name.startsWith("metric"))
      .flatMap(([title, chart]) => chart.read.map(({ name }, i) => [spoken(title.slice(7), name), chart.values(x)[i]]))
      .filter(([, value]) => value !== undefined).map(([name, value]) => `${name} ${number(value, 4)}`);
    return `Step ${x.toLocaleString("en")}: ${[...each, ...others].filter(Boolean).join(", ")}.`;
  }

  table() {
    const [run, other] = this.runs;
    const metrics = this.runs.flatMap((each) => Object.keys(each.metrics).map((name) =>
      ({ each, name, head: other ? `${name}, ${each.name}` : name })));
    const last = run.steps.length - 1;
    const places = [...new Set(Array.from({ length: 120 }, (_, i) => Math.round((i * last) / 119)))].filter((i) => i >= 0);
    const rows = places.map((i) => [number(run.steps[i]), number(run.loss[i], 5),
      ...(other ? [number(other.loss[other.steps.indexOf(run.steps[i])], 5)] : []),
      ...metrics.map(({ each, name }) => {
        const { xs, ys } = each.metric(name);
        const at = xs.indexOf(run.steps[i]);
        return at < 0 ? "" : number(ys[at], 5);
      })]);
    const heads = other ? [`loss, ${run.name}`, `loss, ${other.name}`] : ["loss"];
    return { caption: "Steps of the training", columns: ["step", ...heads, ...metrics.map(({ head }) => head)], rows };
  }

  release = () => this.charts.clear();
}

/** A line of a chart of metrics, as it is said: "accuracy of fork". */
function spoken(title, name) {
  const plain = title.replaceAll("_", " ");
  return name === plain || name === "plain" ? plain : `${plain} of ${name}`;
}

/** A range around zero that holds all of them. */
function spread(ys) {
  const finite = ys.filter(Number.isFinite);
  const [least, most] = finite.reduce(([a, b], y) => [Math.min(a, y), Math.max(b, y)], [0, 0]);
  const air = (most - least) * 0.06 || 1;
  return [least - air, most + air];
}

const STYLE = `
.stage > div + div { margin-top: 12px; }
.pair { display: grid; grid-template-columns: repeat(auto-fit, minmax(min(100%, 380px), 1fr)); gap: 10px 24px; align-items: end; }
.pair:empty { display: none; }
`;

export default instrument(draw, CHART_STYLE, NORM_STYLE, STATE_STYLE, STYLE);
