// A fork: what would have come of another choice at some step? Both futures, side by side.

import { button, list, make } from "../frame/controls.js";
import { hinted } from "./canvas.js";
import { NAMES, optionsOf } from "./bar.js";

const plain = (x) => String(Number(x.toPrecision(4))).replace("-", "−");

/** A change in words: "learning rate 0.3 from step 100 on". */
export function told([step, name, value]) {
  if (name === "add" || name === "erase") return `other points from step ${step} on`;
  const what = NAMES[name] ?? (name === "world" ? "" : name);
  return `${what} ${typeof value === "number" ? plain(value) : value} from step ${step} on`.trim();
}

export class ForkRow {
  /** `on.fork(name, value)` at the step that is shown. */
  constructor({ view, known, worlds, on }) {
    Object.assign(this, { view, known, worlds, on });
    this.values = make("span", { class: "values" });
    const options = Object.entries(NAMES).map(([value, label]) => ({ value, label }));
    if (worlds.length > 1) options.push({ value: "world", label: "world" });
    this.what = list({ label: "try", value: "lr", options, onInput: () => this.offer(),
      disabled: !view.live });
    this.where = make("b", { class: "where" });
    this.start = button("Fork here", () => on.fork(this.what.select.value, this.wanted()),
      { kind: "main" });
    this.start.disabled = !view.live;
    this.element = make("div", { class: "row fork" }, make("span", { class: "quiet" },
      "What if, from step ", this.where),
      this.what.element, this.values, this.start);
  }

  wanted() {
    const { value } = this.value.select;
    return ["optimizer", "world"].includes(this.what.select.value) ? value : Number(value);
  }

  /** The values that the chosen thing could have instead. */
  offer() {
    const name = this.what.select.value;
    const own = this.settings[name];
    const all = name === "world" ? this.worlds : optionsOf(name, this.known, own);
    const others = all.filter((value) => value !== own);
    const first = name === "lr" ? others.find((value) => value > 5 * own) ?? others.at(-1)
      : others[0];
    this.value = list({ label: "=", value: String(first), disabled: !this.view.live,
      options: others.map((value) => ({ value, label: String(value) })), onInput: () => {} });
    this.value.select.setAttribute("aria-label",
      `${this.what.select.selectedOptions[0].label}, another value`);
    this.values.replaceChildren(this.value.element);
  }

  /** At this step, of the way with these settings; hidden while there is a fork already. */
  show({ step, settings, forked }) {
    const key = JSON.stringify(settings);
    if (this.key !== key) {
      [this.settings, this.key] = [settings, key];
      this.offer();
    }
    this.where.textContent = String(step);
    this.element.hidden = forked;
  }
}

/** Under the picture of a way: which one it is, how it does, and a button to keep it. */
export class WaySign {
  constructor({ view, name, tone, dash, onKeep, onLooks }) {
    this.title = button(name.toUpperCase(), () => onLooks(name), { pressed: false });
    this.title.setAttribute("aria-label", `Way ${name.toUpperCase()}: show its net`);
    this.what = make("span", { class: "what" });
    this.facts = make("span", { class: "wayfacts" });
    this.keep = hinted(`Keep ${name.toUpperCase()}`, `Go on with way ${name.toUpperCase()} alone`,
      () => onKeep(name));
    this.keep.disabled = !view.live;
    const key = make("span", { class: `key ${dash ? "dash" : ""}`,
      style: `--tone: var(--${tone})` });
    this.element = make("div", { class: "waysign" }, this.title, make("div", {}, key, this.what,
      make("br"), this.facts), this.keep);
  }

  show({ change, facts, chosen }) {
    this.title.setAttribute("aria-pressed", String(chosen));
    this.what.textContent = change ? told(change) : "as it was";
    this.facts.textContent = facts;
  }
}
