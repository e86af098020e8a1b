// A kernel whose numbers can be typed over.

import { css, inkOn, painter } from "../frame/colours.js";
import { make } from "../frame/controls.js";
import { tiny } from "../frame/format.js";
import { Grid } from "../frame/grid.js";
import { mapLayout } from "./map_layout.js";

export class KernelEditor {
  /**
   * `onEdit(index, value)`, `onPoint(index)`, `onChannel(c)`: index is [channel, row, column].
   * Without `onEdit` the numbers are only looked at.
   */
  constructor({ view, name, onEdit = null, onPoint, onChannel }) {
    Object.assign(this, { view, name, onEdit, onPoint, onChannel, inputs: [], shape: [0, 0] });
    this.table = make("div", {
      class: "kernel",
      role: "group",
      "aria-label": `Numbers of ${name}`,
      "data-grid": name,
    });
    this.slices = new Grid({
      view,
      name: `${name} slices`,
      label: name,
      width: 236,
      lay: mapLayout,
      onPoint: (index) => index && onPoint(index),
      onPick: ([c]) => onChannel(c),
    });
    this.hint = make("p", { class: "quiet small" });
    this.element = make("div", { class: "kernel-box" }, this.table, this.hint, this.slices.element);
  }

  /** `W` [C, h, w]; one channel of it can be typed over. */
  show(W, channel, reach) {
    const [C, h, w] = W.shape;
    Object.assign(this, { shape: [h, w], reach });
    if (this.inputs.length !== h * w) this.build(h, w);
    const options = { reach, dark: this.view.dark };
    const paint = painter(options);
    this.inputs.forEach((input, k) => {
      const value = W.at([channel, Math.floor(k / w), k % w]);
      input.dataset.value = value;
      if (input !== this.view.host.shadowRoot.activeElement) input.value = tiny(value, reach);
      input.style.background = css(value, options);
      input.style.color = inkOn(paint(value));
      input.dataset.channel = channel;
      const at = `row ${Math.floor(k / w)}, column ${k % w}`;
      const where = C > 1 ? `channel ${channel}, ${at}` : at;
      input.setAttribute("aria-label", `${this.name}, ${where}`);
    });
    this.channel = channel;
    this.slices.element.hidden = this.hint.hidden = C === 1;
    this.hint.textContent = `Channel ${channel} of ${C}. Pick another:`;
    if (C > 1) {
      this.slices.show(W, { reach });
      this.slices.mark([{ from: [channel, 0, 0], to: [channel, h - 1, w - 1], tone: "source" }]);
    }
  }

  build(h, w) {
    this.inputs = Array.from({ length: h * w }, (_, k) => {
      const at = () => [this.channel, Math.floor(k / w), k % w];
      return make("input", {
        type: "text",
        inputmode: "decimal",
        readonly: !this.onEdit,
        "data-place": `${Math.floor(k / w)},${k % w}`,
        oninput: ({ target }) => this.typed(target, at()),
        onkeydown: (event) => this.stepped(event, at()),
        onfocus: ({ target }) => {
          target.value = full(target);
          target.select();
          this.onPoint(at());
        },
        onpointerenter: () => this.onPoint(at()),
        onblur: ({ target }) => {
          target.value = tiny(Number(target.dataset.value), this.reach);
          target.removeAttribute("aria-invalid");
        },
      });
    });
    this.table.style.setProperty("--columns", w);
    this.table.replaceChildren(...this.inputs);
  }

  typed(input, at) {
    const value = input.value.trim()
      ? Number(input.value.replace("−", "-").replace(",", "."))
      : NaN;
    input.setAttribute("aria-invalid", String(!Number.isFinite(value)));
    if (Number.isFinite(value)) this.onEdit(at, value);
  }

  /** Up and down: a tenth more or less. */
  stepped(event, at) {
    const by = { ArrowUp: 0.1, ArrowDown: -0.1 }[event.key];
    if (!by || !this.onEdit) return;
    event.preventDefault();
    this.onEdit(at, Number((Number(event.target.dataset.value) + by).toFixed(6)));
    event.target.value = full(event.target);
  }

  /** Light up these weights. */
  light(marks) {
    const [, w] = this.shape;
    const within = ({ from, to }, at) => at.every((n, axis) => from[axis] <= n && n <= to[axis]);
    const hits = this.inputs.map((_, k) =>
      marks.some((mark) => within(mark, [this.channel, Math.floor(k / w), k % w])),
    );
    const all = hits.every(Boolean); // all of them at once need no light
    this.inputs.forEach((input, k) => input.classList.toggle("lit", hits[k] && !all));
  }
}

const full = (input) => String(Number(Number(input.dataset.value).toPrecision(6)));
