// What a learner can turn: the data, the net's parts, how it learns; and the row that drives time.

import { CLASSES, palette } from "../frame/colours.js";
import { button, choice, list, make } from "../frame/controls.js";
import { pointsOf } from "./track.js";
import { windowOf } from "./net.js";
import { hinted, sized } from "./canvas.js";

const RATES = [0.0001, 0.001, 0.003, 0.01, 0.03, 0.1, 0.3, 1, 3, 10];
const BATCHES = [1, 4, 8, 16, 32, 64, 128];
const DECAYS = [0, 0.0001, 0.001, 0.01, 0.1];
const PACES = [1, 2, 5, 10, 25];
const THUMB = 40;

/** What can be set while a net learns, and how each is called on screen. */
export const NAMES = { lr: "learning rate", optimizer: "optimizer", batch: "batch size",
  weight_decay: "weight decay" };

/** The options of a list, with the value that is set among them. */
export function withValue(options, value) {
  return options.includes(value) ? options : [...options, value].sort((a, b) => a - b);
}

/** A value as its list shows it. */
const short = (value) => (value >= 1e6 ? value.toExponential(1) : String(value));

export function optionsOf(name, known, value) {
  if (name === "optimizer") return known.optimizer;
  return withValue({ lr: RATES, batch: BATCHES, weight_decay: DECAYS }[name], value);
}

/** Train, step, reset, undo; speed; what the lines show; which world. */
export class Transport {
  constructor({ view, worlds, on }) {
    const { choices } = view;
    this.view = view;
    this.play = button("▶ Train", on.play, { kind: "main play" });
    this.step = hinted("Step", "One step of training, or the next recorded one", on.step);
    this.reset = hinted("↺ Reset", "Back to step 0, with the same first weights", on.reset);
    this.undo = hinted("Undo", "Take the last change back", on.undo);
    this.lines = choice({ label: "Lines", value: choices.lines, onInput: on.lines,
      options: ["weights", "gradients"] });
    this.pace = list({ label: "Speed", value: String(choices.pace), disabled: !view.live,
      onInput: (pace) => on.pace(Number(pace)),
      options: withValue(PACES, choices.pace).map((value) =>
        ({ value, label: `${value} step${value === 1 ? "" : "s"} a picture` })) });
    this.world = worlds.length < 2 ? null : choice({ label: "World", value: choices.world,
      options: worlds,
      onInput: on.world, disabled: !view.live });
    this.element = make("div", { class: "transport" },
      make("div", { class: "buttons" }, this.play, this.step, this.reset, this.undo),
        this.pace.element,
      this.lines.element, this.world?.element);
  }

  show({ playing, canUndo, world }) {
    const { live } = this.view;
    this.play.textContent = playing ? "❚❚ Pause" : live ? "▶ Train" : "▶ Play";
    this.undo.disabled = !live || !canUndo;
    this.world?.set(world);
  }
}

/** The recipe of a training: data, activation, optimizer, learning rate, and so on. */
export class Recipe {
  /** `on.begin({ … })` for what needs a new beginning, else `on.change(name, value)`. */
  constructor({ view, sets, known, on }) {
    Object.assign(this, { view, sets, known });
    const disabled = !view.live;
    const { choices } = view;
    const group = `data-${Math.random().toString(36).slice(2)}`;
    this.thumbs = sets.map((set) => this.thumb(set, group, disabled, on));
    const of = (name) => list({ label: NAMES[name], value: String(choices[name]), disabled,
      options: optionsOf(name, known, choices[name]).map((value) =>
        ({ value, label: short(value) })),
      onInput: (value) => on.change(name, name === "optimizer" ? value : Number(value)) });
    this.activation = list({ label: "activation", value: choices.activation, disabled,
      options: known.activation,
      onInput: (activation) => on.begin({ activation }) });
    this.free = Object.fromEntries(Object.keys(NAMES).map((name) => [name, of(name)]));
    this.seed = make("input", { type: "number", min: 0, step: 1, value: choices.seed, disabled,
      class: "seed", "aria-label": "seed",
      onchange: () => this.seed.validity.valid && on.begin({ seed: this.seed.valueAsNumber }) });
    const { lr, optimizer, batch, weight_decay: decay } = this.free;
    this.element = make("div", { class: "recipe" },
      make("div", { class: "thumbs", role: "radiogroup", "aria-label": "Data" },
        ...this.thumbs.map(({ element }) => element)),
      make("div", { class: "lists" }, this.activation.element, optimizer.element, lr.element,
        batch.element, decay.element,
        make("label", { class: "control" }, make("span", {}, "seed"), this.seed)));
  }

  thumb(set, group, disabled, on) {
    const canvas = make("canvas", { "aria-hidden": "true" });
    const input = make("input", { type: "radio", name: group, value: set.name, disabled,
      class: "unseen",
      onchange: () => on.begin({ dataset: set.name }) });
    const element = make("label", { class: "thumb" }, input, make("span", { class: "face" },
      canvas), make("span", { class: "caption" }, set.name));
    return { element, input, canvas, set };
  }

  /** Show what is set now; `points`: those of the chosen set, which may have been drawn over. */
  show({ settings, dataset, seed }) {
    for (const { input, element, set } of this.thumbs) {
      input.checked = set.name === dataset;
      element.classList.toggle("chosen", input.checked);
    }
    this.activation.set(settings.activation);
    for (const [name, control] of Object.entries(this.free)) this.put(control, settings[name]);
    if (document.activeElement !== this.seed) this.seed.value = seed;
  }

  put({ select, set }, value) {
    if (![...select.options].some((option) => option.value === String(value))) {
      select.append(make("option", { value }, short(value)));
    }
    set(String(value));
  }

  /** The small pictures of the data sets. */
  paint() {
    for (const { canvas, set } of this.thumbs) {
      const { x1, x2, y } = pointsOf(set.x, set.y);
      const { middle, reach } = windowOf(x1, x2);
      const pen = sized(canvas, THUMB, THUMB);
      pen.fillStyle = palette(this.view.dark).paper;
      pen.fillRect(0, 0, THUMB, THUMB);
      const skip = Math.max(1, Math.floor(y.length / 160));
      for (let i = 0; i < y.length; i += skip) {
        pen.fillStyle = CLASSES[y[i] % CLASSES.length];
        const [u, v] = [(x1[i] - middle[0]) / reach, (x2[i] - middle[1]) / reach];
        pen.fillRect((u + 1) / 2 * THUMB - 1, (1 - v) / 2 * THUMB - 1, 2.2, 2.2);
      }
    }
  }
}
