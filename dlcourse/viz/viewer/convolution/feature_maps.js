// What every layer of a net makes of the picture, and which part of it each cell has seen.

import { exampleOf } from "./conv_arithmetic.js";
import { button, make } from "../frame/controls.js";
import { seenInWords } from "./field_words.js";
import { number, place, shape } from "../frame/format.js";
import { Grid } from "../frame/grid.js";
import { mapLayout } from "./map_layout.js";
import { NetAnswer } from "./net_answer.js";
import { PictureGrid } from "./picture_grid.js";
import { PictureTools, stroke } from "./picture_tools.js";
import { fieldOf } from "./receptive.js";
import { inWords, slideOf } from "./slides.js";

export class FeatureMaps {
  /** `onSlow(layer, map, cell)`: the learner wants to see this convolution in slow motion. */
  constructor(view, net, state, onSlow) {
    Object.assign(this, { view, net, state, onSlow, hovered: null });
    this.picture = new PictureGrid({
      view,
      name: "picture",
      label: "picture",
      pen: () => state.pen,
      onPoint: (index) => this.onPixel(index),
      onPaint: (...how) => this.paint(how),
    });
    this.tools = new PictureTools({ view, net, state, onPen: () => this.refresh() });
    this.large = new Grid({
      view,
      name: "large",
      label: "map",
      width: 250,
      onPoint: (index) => this.onLarge(index),
    });
    this.rows = net.layers.map((i) => this.row(i));
    this.build();
  }

  build() {
    this.facts = make("p", { class: "facts" });
    this.slow = button("See it in slow motion ›", () => this.toSlow());
    this.largeHead = make("h4");
    this.answer = new NetAnswer(this.net);
    const seen = make(
      "div",
      { class: "seen" },
      make("h4", {}, "The picture"),
      this.tools.element,
      this.picture.element,
      this.facts,
      this.answer.element,
      this.view.content.asks
        ? this.view.needsPython("The answer of your own net to a drawing")
        : null,
    );
    this.zoom = make("div", { class: "zoom" }, this.largeHead, this.large.element, this.slow);
    this.list = make("div", { class: "maps-list" }, ...this.rows.map(({ element }) => element));
    this.element = make(
      "div",
      { class: "whole-net" },
      make("div", { class: "left" }, seen, this.zoom),
      this.list,
    );
  }

  row(i) {
    const point = this.net.points[i];
    const slide = slideOf(this.net.replay.step(i));
    const grid = new Grid({
      view: this.view,
      name: point.label,
      label: point.label,
      lay: mapLayout,
      onPoint: (index) => this.onCell(i, index),
      onPick: (index) => this.pick(i, index),
    });
    const kind = point.kind + (slide ? ` ${inWords(slide)}` : "");
    const element = make(
      "div",
      { class: "array maps-row", "data-array": point.label },
      make(
        "h4",
        {},
        point.label,
        make("small", {}, `${kind} · ${shape(point.shape?.slice(1) ?? [])}`),
      ),
      make("div", { class: "scroll" }, grid.element),
    );
    return { i, grid, element };
  }

  // ── what is on screen ──────────────────────────────────────────────────────────────────────────

  refresh() {
    const { view, net } = this;
    this.tools.sync();
    const narrow = view.width < 700;
    this.picture.width = narrow ? Math.min(view.width - 10, 300) : 250;
    this.picture.show(net.picture);
    const width = narrow ? view.width - 14 : view.width - 300;
    for (const { i, grid } of this.rows) {
      grid.width = width;
      grid.show(net.values[i], {
        note: net.isDrawn ? "not known for a drawing without Python" : "not computed yet",
      });
    }
    this.answer.show();
    this.point();
  }

  // ── looking ────────────────────────────────────────────────────────────────────────────────────

  /** The cell that is looked at: under the cursor, else the one that was kept. */
  get looked() {
    if (this.hovered) return this.hovered;
    const { seen } = this.view.choices;
    const i = seen ? this.net.points.findIndex(({ label }) => label === seen[0]) : -1;
    if (i > 0) return { i, index: seen.slice(1) };
    const first =
      this.net.convs.findLast((at) => slideOf(this.net.replay.step(at)).down.kernel > 1) ??
      this.net.layers[0];
    const size = this.net.points[first].shape?.slice(1) ?? [1, 1, 1];
    return { i: first, index: [0, ...size.slice(1).map((n) => Math.floor(n / 2))] };
  }

  onCell(i, index) {
    this.hovered = index && { i, index };
    this.point(true);
  }

  onLarge(index) {
    const {
      i,
      index: [c],
    } = this.looked;
    if (index) this.onCell(i, [c, ...index]);
  }

  pick(i, index) {
    this.hovered = null;
    this.view.choose({ seen: [this.net.points[i].label, ...index] });
    this.point();
  }

  onPixel(index) {
    if (index) this.view.say(this.picture.sentence);
  }

  paint(how) {
    this.answer.agreed = null;
    stroke(this.net, ...how);
  }

  /** Light up what this cell has seen, in the picture and in all layers on the way. */
  point(say = false) {
    const { i, index } = this.looked;
    const value = this.net.values[i]?.has(index) ? this.net.values[i].at(index) : null;
    const field = fieldOf(this.net.replay, i, index);
    for (const { i: row, grid } of this.rows) {
      const box = row < i ? field?.along.get(row) : null;
      const own = row === i ? [{ from: index, to: index, tone: "source" }] : [];
      grid.mark(
        box && box.rows && grid.numbers?.shape.length === 3
          ? [
              {
                from: [0, box.rows[0], box.columns[0]],
                to: [grid.numbers.shape[0] - 1, box.rows[1], box.columns[1]],
                tone: "also",
              },
            ]
          : own,
      );
    }
    this.picture.spot = field;
    this.picture.mark(
      field
        ? [
            {
              from: [0, field.rows[0], field.columns[0]],
              to: [0, field.rows[1], field.columns[1]],
              tone: "source",
            },
          ]
        : [],
    );
    this.picture.drawOver();
    this.tell(i, index, value, field);
    this.showLarge(i, index);
    if (say) this.view.say(this.facts.textContent);
  }

  tell(i, index, value, field) {
    const { label } = this.net.points[i];
    Object.assign(this.facts.dataset, {
      at: `${label}:${index.join(",")}`,
      value: value ?? "",
      field: field ? [...field.rows, ...field.columns].join(",") : "",
    });
    this.facts.textContent = seenInWords(
      `${label}${place(index)} = ${number(value, 4)}`,
      field,
      this.net.size,
    );
  }

  /** Cell, picture and answer in words, for the live region. */
  get sentence() {
    return this.facts.textContent;
  }

  showLarge(i, index) {
    const value = this.net.values[i];
    const map = value?.shape.length === 3 ? exampleOf(value, index[0]) : null;
    this.zoom.hidden = !map;
    if (!map) return;
    const key = `${i}:${index[0]}`;
    this.largeHead.replaceChildren(
      `${this.net.points[i].label}, map ${index[0]}`,
      make("small", {}, shape(map.shape)),
    );
    this.large.label = `${this.net.points[i].label}, map ${index[0]}`;
    if (this.shownLarge !== key || this.shownOf !== value)
      this.large.show(map, { reach: value.facts.reach });
    [this.shownLarge, this.shownOf] = [key, value];
    this.large.mark([{ from: index.slice(1), to: index.slice(1), tone: "source" }]);
    this.slow.hidden = !this.net.convs.includes(i);
  }

  toSlow() {
    const { i, index } = this.looked;
    this.onSlow(this.net.points[i].name, index[0], index.slice(1));
  }
}
