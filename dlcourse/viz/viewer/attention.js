// Where each head of a net looks, and what the net expects next. Type a text of your own.

import { looked } from "./attention/heads.js";
import { AttentionMap, MAP_STYLE } from "./attention/map.js";
import { Overview, OVERVIEW_STYLE } from "./attention/overview.js";
import { PAIR_STYLE, PairPanel } from "./attention/pair.js";
import { Reader, READER_STYLE } from "./attention/reader.js";
import { TEXT_STYLE, TokenText } from "./attention/text.js";
import { list, make } from "./frame/controls.js";
import { number } from "./frame/format.js";
import { HEAT_STYLE } from "./frame/heat.js";
import { instrument } from "./frame/instrument.js";
import { tokenLabels } from "./attention/next_token.js";
import { expectWhole } from "./frame/left_out.js";
import { NextToken, NEXT_STYLE } from "./attention/next_token_panel.js";
import { proofs, PROOF_STYLE } from "./tokens/proofs.js";
import { TERM_STYLE } from "./tokens/term_panel.js";
import { spoken, visible } from "./tokens/text.js";
import { WEIGHT_STYLE, weightLegend } from "./attention/weight_legend.js";

const LEFT = [284, 400]; // pixels of the column with all heads and the formula
const TILE = 30; // pixels that a head needs at least, with the gap beside it
const BESIDE = 760; // from here on there is room for it beside the large map
const CHECKED = {
  "softmax · V": "softmax(q·k / √d) · V of all heads",
  projection: "and its projection, what the layers answered",
};

class Attention {
  constructor(view) {
    this.view = view;
    expectWhole(view.content);
    const choose = (at) => view.choose({ at });
    this.over = new Overview({ view, onPick: (layer, head) => view.choose({ layer, head }) });
    this.map = new AttentionMap({ view, onPoint: (cell) => this.pointed(cell),
      onPick: ([at]) => choose(at) });
    this.text = new TokenText({ view, name: "asks", label: "The text: choose the token that asks",
      onPoint: (at) => this.pointed(at === null ? null : [at, null]), onPick: choose });
    this.seen = new TokenText({ view, name: "seen", label: "The text that is looked at",
      onPoint: () => {}, onPick: () => {} });
    this.pair = new PairPanel(view);
    const { reads } = view.content;
    this.reader = reads ? new Reader({ view, onRead: (content) => this.heard(content) }) : null;
    this.next = new NextToken({ view, onAppend: reads && view.live
      ? (token) => this.reader.read(this.tokens.join("") + token) : null });
    this.build();
    view.tableOf(() => this.table());
    view.onChoice((changes) => this.changed(changes));
    view.redrawWith(() => this.showAll());
    this.take(view.content);
    this.showAll();
  }

  build() {
    const { view, reader } = this;
    const part = (title, ...inside) => make("div", { class: "part" }, title, ...inside);
    this.headings = [make("h4", {}), make("h4", {})];
    this.proofs = make("div", { class: "proven" });
    this.source = part(make("h4", {}, "The text that is looked at"), this.seen.element);
    this.examples = make("span");
    const heads = part(make("h4", {}, "Layers (rows) and heads (columns)"), this.over.element);
    const left = make("div", { class: "left" }, heads, this.pair.element, this.proofs);
    this.looking = make("div", { class: "looking" }, left,
      part(this.headings[1], this.map.element), this.next.element);
    view.bar.append(...[reader?.element, this.examples].filter(Boolean));
    view.stage.append(...[reader?.problem, reader && view.needsPython("Typing your own text"),
      part(this.headings[0], this.text.element), this.source, this.looking].filter(Boolean));
    view.foot.append(weightLegend(view));
  }

  // ── what there is ───────────────────────────────────────────────────────────────────────────────

  /** A trace's attention, from the start or read just now. */
  take(content) {
    expectWhole(content);
    this.content = content;
    this.known = new Map();
    this.labels = tokenLabels(content);
    if (content.logits) this.next.build(content.logits.shape[2]);
    this.next.element.hidden = !content.logits;
    const options = content.tokens.map((text, b) =>
      ({ value: b, label: `${b}: ${text.join("").slice(0, 24)}` }));
    this.examples.replaceChildren(options.length > 1 ? list({ label: "Example", options,
      value: this.view.choices.example,
      onInput: (value) => this.view.choose({ example: Number(value) }) }).element : "");
    this.reader?.show(content.tokens[0].join(""));
  }

  /** Python has read what somebody typed: the last token asks. */
  heard(content) {
    const { view } = this;
    this.take(content);
    const at = content.tokens[0].length - 1;
    view.defaults.at = at;
    Object.assign(view.choices, { example: 0, at });
    this.showAll();
    view.publish();
    view.settle();
    view.say(`Read ${at + 1} tokens. ${this.nextSentence}`);
  }

  get looks() {
    const { example } = this.view.choices;
    if (!this.known.has(example)) {
      const { layers, dtype } = this.content;
      this.known.set(example, layers.map((layer) => looked(layer, example, dtype)));
    }
    return this.known.get(example);
  }

  get look() {
    return this.looks[this.view.choices.layer];
  }

  get tokens() {
    return this.content.tokens[this.view.choices.example];
  }

  get seenTokens() {
    return this.content.source[this.view.choices.example];
  }

  get itself() {
    return this.tokens.join("\0") === this.seenTokens.join("\0");
  }

  /** The weights of who asks at this place, null where it may not look. */
  row(at) {
    const { S, P, hidden } = this.look;
    const { head } = this.view.choices;
    return Array.from({ length: S }, (_, s) => (hidden[head][at * S + s] ? null
      : P[head][at * S + s]));
  }

  /** Where this token looks hardest. */
  favourite(at) {
    const row = this.row(at);
    return row.reduce((best, weight, s) => (weight > row[best] ? s : best), 0);
  }

  // ── drawing ─────────────────────────────────────────────────────────────────────────────────────

  get left() {
    const heads = Math.max(...this.content.layers.map(({ query }) => query.shape[1]));
    return Math.max(LEFT[0], Math.min(LEFT[1], 26 + heads * TILE));
  }

  get beside() {
    return this.view.width >= BESIDE;
  }

  showAll() {
    const { view, looks } = this;
    this.looking.classList.toggle("beside", this.beside);
    this.looking.style.setProperty("--left", `${this.left}px`);
    this.over.show(looks, this.beside ? this.left : view.width);
    this.text.write(this.tokens);
    this.seen.write(this.seenTokens);
    this.source.hidden = this.itself;
    const all = (n) => ({ ...looks[0].checks[n],
      gap: Math.max(...looks.map(({ checks }) => checks[n].gap)),
      agrees: looks.every(({ checks }) => checks[n].agrees) });
    this.proofs.replaceChildren(proofs([all(0), all(1)], ({ what }) => CHECKED[what],
      "No trace holds the weights: they are computed anew from queries and keys."));
    this.showHead();
  }

  showHead() {
    const { view, look } = this;
    const { layer, head } = view.choices;
    this.over.choose(layer, head);
    const room = this.beside ? view.width - this.left - 24 : view.width - 6;
    this.headings[1].replaceChildren(`Layer ${layer}, head ${head}`,
      make("small", {}, "rows ask, columns are looked at"));
    this.map.show(look, head, this.tokens, this.seenTokens, room);
    this.showPlace();
  }

  showPlace() {
    const { example, at } = this.view.choices;
    this.text.choose(at);
    this.shaded = null;
    this.shade(at);
    this.tell(at, null);
    if (!this.content.logits) return;
    const { data, shape: [, T, V] } = this.content.logits;
    const from = (example * T + at) * V;
    this.next.show({ logits: data.subarray(from, from + V), at, example, token: this.tokens[at],
      labels: this.labels, last: at === T - 1 && this.itself });
  }

  /** Where the token at this place looks, in the text and in the large map. */
  shade(at, seen = null) {
    this.map.mark(at, seen);
    if (this.shaded === at) return;
    this.shaded = at;
    const weights = this.row(at);
    if (this.itself) this.text.shade(weights, at);
    else {
      this.text.shade(this.tokens.map(() => null), at);
      this.seen.shade(weights);
    }
    const most = this.favourite(at);
    this.headings[0].replaceChildren(`Where ${spoken(this.tokens[at])} looks`, make("small", {},
      `place ${at}; most at ${spoken(this.seenTokens[most])}, place ${most}: ${number(weights[most])}`));
    this.view.root.dataset.asks = at;
  }

  pointed(cell) {
    const [asks, seen] = cell ?? [this.view.choices.at, null];
    this.shade(asks, seen);
    const said = this.tell(asks, seen);
    if (cell) this.view.say(said);
  }

  /** The formula of a pair; of the place that is looked at hardest, where none is pointed at. */
  tell(asks, seen) {
    const there = seen ?? this.favourite(asks);
    const pair = [this.tokens[asks], this.seenTokens[there]];
    return this.pair.show(this.look, this.view.choices.head, asks, there, pair);
  }

  changed(changes) {
    const has = (...names) => names.some((name) => name in changes);
    const { choices } = this.view;
    if (has("example")) {
      choices.at = Math.min(choices.at, this.tokens.length - 1);
      this.showAll();
    } else if (has("layer", "head")) this.showHead();
    else this.showPlace();
    const first = has("layer", "head") ? `Layer ${choices.layer}, head ${choices.head}. ` : "";
    const where = has("layer", "head", "at", "example") ? this.whereSentence : "";
    this.view.say(`${first}${where} ${this.nextSentence}`.trim());
  }

  // ── words ───────────────────────────────────────────────────────────────────────────────────────

  get whereSentence() {
    const { at } = this.view.choices;
    const most = this.favourite(at);
    return `${spoken(this.tokens[at])} at place ${at} looks most at ${spoken(this.seenTokens[most])}, `
      + `place ${most}: weight ${number(this.row(at)[most])}.`;
  }

  get nextSentence() {
    return this.content.logits ? `Next is likely ${this.next.best}.` : "";
  }

  table() {
    const { layer, head, at } = this.view.choices;
    const row = this.row(at);
    return {
      caption: `Layer ${layer}, head ${head}: where ${spoken(this.tokens[at])} at place ${at} looks`,
      columns: ["place", "token", "weight"],
      rows: this.seenTokens.map((token, s) => [s, visible(token), row[s] === null ? "hidden"
        : number(row[s], 4)]),
    };
  }
}

const STYLE = `
.part { min-width: 0; } .part[hidden] { display: none; }
.part h4 { margin: 0 0 5px; font-size: 13px; }
.part h4 small { font-weight: 400; color: var(--quiet); margin-left: .5em; font-size: 12.5px; }
.looking { display: grid; gap: 16px 24px; margin-top: 14px; grid-template-columns: minmax(0, 1fr); }
.looking.beside { grid-template-columns: var(--left) minmax(0, 1fr); align-items: start; }
.looking.beside .left { grid-row: 1 / span 2; } .looking.beside .next-token { grid-column: 2; }
.left { display: grid; gap: 14px; min-width: 0; }
.looking:not(.beside) .left { display: contents; } .looking:not(.beside) .term-panel { order: 2; }
.looking:not(.beside) .next-token { order: 3; } .looking:not(.beside) .proven { order: 4; }
.next-token[hidden] { display: none; }
`;

export default instrument((view) => { new Attention(view); }, HEAT_STYLE, MAP_STYLE, OVERVIEW_STYLE,
  TEXT_STYLE, TERM_STYLE, NEXT_STYLE, PROOF_STYLE, WEIGHT_STYLE, PAIR_STYLE, READER_STYLE, STYLE);
