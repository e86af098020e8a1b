// The answer of a net as bars, who computed it, and whether Python says the same.

import { make } from "../frame/controls.js";
import { number, percent } from "../frame/format.js";

const HIGH = 44; // pixels of a whole share

export class NetAnswer {
  constructor(net) {
    Object.assign(this, { net, agreed: null });
    this.bars = make("div", { class: "answer", role: "group", "aria-label": "Answer of the net" });
    this.said = make("p", { class: "quiet small" });
    this.element = make("div", {}, this.bars, this.said);
  }

  show() {
    const parts = this.net.answer();
    const best = parts.reduce(
      (most, part) => (part.share > (most?.share ?? -1) ? part : most),
      null,
    );
    this.bars.hidden = !best;
    this.said.textContent = this.origin();
    if (!best) return;
    Object.assign(this.bars.dataset, { best: best.name, share: best.share });
    const head = make("h4", {}, `It says ${best.name}`, make("small", {}, percent(best.share, 1)));
    this.bars.replaceChildren(
      head,
      make("div", { class: "bars" }, ...parts.map((part) => bar(part, part === best))),
    );
  }

  /** Who computed what is on screen. */
  origin() {
    const { isDrawn, fromPython, replay } = this.net;
    if (!isDrawn) return "From the trace.";
    if (fromPython) return "Computed by your net in Python.";
    if (replay.reason) return replay.reason;
    const confirmed =
      this.agreed === null ? "" : ` Python's net agrees (gap ${number(this.agreed, 1)}).`;
    const proved = `Proved on the trace: gap ${number(replay.gap, 1)}.`;
    return `Computed in this page with the trace's weights. ${proved}${confirmed}`;
  }

  /** Python's own answer to what is on screen now. */
  confirm(y) {
    const mine = this.net.values.at(-1);
    if (!mine || !y || y.size !== mine.size) return;
    const apart = y.data.map((value, k) => Math.abs(value - mine.data[k]));
    this.agreed = Math.max(...apart) / (mine.facts.reach || 1);
    this.said.dataset.agreed = this.agreed;
    this.said.textContent = this.origin();
  }

  complain(sentence) {
    this.said.textContent = sentence;
  }
}

function bar({ name, share }, best) {
  const high = Math.max(1, share * HIGH);
  return make(
    "div",
    {
      class: best ? "bar best" : "bar",
      title: `${name}: ${percent(share, 2)}`,
      "data-share": share,
    },
    make("i", { style: `height: ${high}px` }),
    make("span", {}, name),
  );
}
