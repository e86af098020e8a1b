// What the net expects next: a bar for each likely token, those that are cut away hatched, and a
// draw that Python would draw too.

import { button, make, slider } from "../frame/controls.js";
import { number, percent } from "../frame/format.js";
import { cut, drawCall, hit } from "./next_token.js";
import { defaultRng, seedFits } from "./numpy_random.js";
import { spoken, visible } from "../tokens/text.js";

const SHOWN = 12;
const HINTS = {
  Temperature: "Below 1 the likeliest tokens win more often, above 1 less often; "
    + "at 0 the likeliest is always drawn",
  "Top-k": "Only the k likeliest tokens may be drawn",
  "Top-p": "Only as many of the likeliest tokens as it takes to reach this chance together",
};

export class NextToken {
  /** `onAppend(token)`: write the drawn token on; null where nobody could read it. */
  constructor({ view, onAppend }) {
    Object.assign(this, { view, onAppend, draws: [] });
    this.title = make("h4", {});
    this.bars = make("div", { class: "bars" });
    this.rest = make("p", { class: "quiet rest" });
    this.code = make("code", { class: "code" });
    this.drawn = make("p", { class: "drawn" });
    this.controls = make("div", { class: "bar" });
    this.element = make("div", { class: "next-token" }, this.title, this.controls, this.bars,
      this.rest,
      make("div", { class: "draw" }, button("Draw one", () => this.draw(), { kind: "main" }),
        this.drawn), this.code);
  }

  /** The sliders for so many tokens. */
  build(size) {
    const { view } = this;
    const { choices } = view;
    const kind = { label: "Temperature", least: 0, most: Math.max(2, choices.temperature),
      step: 0.05, value: choices.temperature,
      show: (x) => x.toFixed(2), onInput: (temperature) => view.choose({ temperature }) };
    const k = { label: "Top-k", least: 1, most: size, value: Math.min(choices.top_k ?? size, size),
      show: (x) => (x === size ? "all" : String(x)), onInput: (x) => view.choose({ top_k: x === size
        ? null : x }) };
    const p = { label: "Top-p", least: 0.05, most: 1, step: 0.05, value: choices.top_p ?? 1,
      show: (x) => (x === 1 ? "all" : x.toFixed(2)), onInput: (x) => view.choose({ top_p: x === 1
        ? null : x }) };
    const seed = make("input", { type: "number", min: 0, step: 1, value: choices.seed,
      "aria-label": "Seed",
      onchange: () => this.sow(seed) });
    this.controls.replaceChildren(...[kind, k, p].map((each) => hinted(slider(each).element, each)),
      make("label", { class: "control seed", title: "The same seed draws the same tokens again" },
        make("span", {}, "Seed"), seed));
  }

  /** Another seed; what can be none is taken back. */
  sow(field) {
    if (seedFits(field.valueAsNumber)) this.view.choose({ seed: field.valueAsNumber });
    else field.value = this.view.choices.seed;
  }

  /** `state`: { logits (one row), at, example, token, labels }. */
  show(state) {
    Object.assign(this, { state, draws: [], rng: null });
    const { logits, token, at, labels } = state;
    const finite = Number.isFinite(logits.reduce((a, b) => Math.max(a, b), -Infinity));
    this.element.querySelector(".draw button").disabled = !finite;
    if (!finite) return this.refuse(token, at);
    this.result = cut(logits, this.view.choices);
    const { p, kept } = this.result;
    this.whole = kept.reduce((a, b) => a + b, 0);
    this.heading(token, at);
    const order = [...p.keys()].sort((a, b) => p[b] - p[a]);
    const shown = order.slice(0, SHOWN);
    this.bars.replaceChildren(...shown.map((i) => this.bar(i, p[shown[0]])));
    const longest = Math.max(...shown.map((i) => [...visible(labels[i])].length));
    this.bars.style.setProperty("--label", `${Math.max(2, Math.min(12, longest) * 0.62 + 0.6)}em`);
    const others = order.slice(SHOWN);
    const left = others.reduce((sum, i) => sum + kept[i] / this.whole, 0);
    this.rest.textContent = others.length
      ? `and ${others.length} more tokens, together ${percent(left, 2)}` : "";
    const lines = drawCall([state.example, at], this.view.choices);
    this.code.textContent = lines.join("\n");
    this.drawn.textContent = "";
    this.best = `${spoken(labels[order[0]])} with ${percent(kept[order[0]] / this.whole, 1)}`;
  }

  refuse(token, at) {
    this.heading(token, at);
    this.bars.replaceChildren(make("p", { class: "note bad" },
      "What the net says here is no finite number: nothing can be drawn from it."));
    for (const part of [this.rest, this.drawn, this.code]) part.textContent = "";
    this.best = "nothing, as its numbers are not finite";
  }

  heading(token, at) {
    this.title.replaceChildren("What comes next",
      make("small", {}, `after ${spoken(token)} at place ${at}`));
  }

  bar(i, most) {
    const { p, kept, why } = this.result;
    const chance = kept[i] / this.whole;
    const gone = Boolean(why[i]);
    const size = Math.min(1, (gone ? p[i] : chance) / Math.max(most, most / this.whole)) * 100;
    const label = this.state.labels[i];
    return make("div", { class: `chance${gone ? " cut" : ""}`, "data-token": i, "data-label": label,
      "data-chance": chance, "data-cut": why[i],
      title: `${label}: ${gone ? p[i] : chance}` },
      make("b", {}, visible(label)), make("span", { class: "length" },
        make("span", { style: `width: ${size}%` })),
      make("span", { class: "number" }, number(gone ? p[i] : chance)),
        make("small", {}, gone ? `cut by ${why[i]}` : ""));
  }

  /** The next number of the generator is the dart; the same call in Python hits the same token. */
  draw() {
    const { choices: { seed } } = this.view;
    this.rng ??= defaultRng(seed);
    const dart = this.view.choices.temperature === 0 ? 0 : this.rng();
    const i = hit(this.result.kept, dart);
    const label = this.state.labels[i];
    this.draws.push(label);
    this.element.dataset.drawn = i;
    for (const bar of this.bars.children) bar.classList.toggle("hit",
      Number(bar.dataset.token) === i);
    const all = this.draws.slice(-12).map(visible).join(" ");
    this.drawn.replaceChildren(make("b", {}, visible(label)),
      ` (${percent(this.result.kept[i] / this.whole, 2)})`,
      make("span", { class: "quiet" }, this.draws.length > 1 ? ` so far: ${all}` : ""));
    if (this.onAppend && this.state.last) this.drawn.append(" ",
      button("Write it on", () => this.onAppend(label)));
    const times = this.draws.length > 1 ? `  # call number ${this.draws.length}` : "";
    this.code.textContent = drawCall([this.state.example, this.state.at],
      this.view.choices).join("\n") + times;
    this.view.say(`Drawn: ${spoken(label)}, which had ${percent(this.result.kept[i] / this.whole, 2)}.`);
  }
}

function hinted(element, { label }) {
  element.title = HINTS[label];
  return element;
}

export const NEXT_STYLE = `
.next-token h4 { margin: 0 0 6px; font-size: 13px; }
.next-token h4 small { font-weight: 400; color: var(--quiet); margin-left: .5em; font-size: 12.5px;
  }
.next-token .bar { gap: 4px 18px; } .seed input { width: 6em; min-height: 28px;
  border: 1px solid var(--line); border-radius: 7px; background: var(--card); padding: 2px 8px; }
.bars { display: grid; gap: 3px; max-width: 640px; }
.chance { display: grid; grid-template-columns: var(--label) minmax(60px, 1fr) 4.4em 8.4em;
  gap: 8px; align-items: center; min-height: 22px; border-radius: 5px; }
.chance b { font: 600 14px/1 var(--jp-code-font-family, ui-monospace, monospace);
  text-align: right; overflow: hidden; text-overflow: ellipsis; white-space: nowrap; }
.chance .length { height: 14px; border-radius: 3px; }
.chance .length span { display: block; height: 100%; min-width: 1px; background: var(--accent);
  border-radius: 3px; }
.chance.cut .length span { background: repeating-linear-gradient(135deg, var(--quiet) 0 2px,
  transparent 2px 6px); border: 1px solid var(--quiet); }
.chance.cut b, .chance.cut .number { color: var(--quiet); }
.chance small { color: var(--quiet); font-size: 12px; }
.chance .number { text-align: right; font-weight: 600; }
.next-token .code:empty { display: none; }
.chance.hit { box-shadow: 0 0 0 2px var(--source); }
.rest { margin: 6px 0; font-size: 12.5px; min-height: 1.4em; }
.draw { display: flex; flex-wrap: wrap; align-items: center; gap: 4px 12px; min-height: 34px; }
.drawn { margin: 0; } .drawn b { font: 600 16px/1 var(--jp-code-font-family, ui-monospace,
  monospace); }
@container (max-width: 560px) { .chance { grid-template-columns: min(5em,
  var(--label)) minmax(40px, 1fr) 4.4em; } .chance small { grid-column: 2 / -1; margin-top: -4px; }
.chance small:empty { display: none; } }
`;
