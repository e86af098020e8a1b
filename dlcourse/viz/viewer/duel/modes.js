// How much of each heap of the data the fakes reach: a bar for each, and one number for all.

import { make } from "../frame/controls.js";
import { percent } from "../frame/format.js";

export class DuelModes {
  constructor(count) {
    this.count = count;
    this.title = make("h4");
    this.bars = Array.from({ length: count }, (_, k) => {
      const fill = make("span", { class: "fill" });
      const share = make("span", { class: "share" });
      return { fill, share, element: make("div", { class: "mode" }, share,
        make("span", { class: "well" }, fill, make("span", { class: "fair" })),
        make("span", { class: "nth" }, k + 1)) };
    });
    this.rest = make("p", { class: "quiet" });
    const bars = this.bars.map(({ element }) => element);
    this.element = make("div", { class: "panel modes" }, this.title,
      make("div", { class: "bars", "aria-hidden": "true" }, ...bars), this.rest);
  }

  /** The fair share stands at half of a bar's height. */
  show(round) {
    const { count } = this;
    const kind = round.reached < count ? "few" : "all";
    const number = make("b", { class: kind }, `${round.reached} of ${count}`);
    this.title.replaceChildren("Modes reached: ", number);
    this.element.dataset.reached = round.reached;
    this.bars.forEach(({ fill, share, element }, k) => {
      const part = round.shares.data[k];
      fill.style.height = `${Math.min(100, part * count * 50)}%`;
      share.textContent = Math.round(100 * part);
      element.classList.toggle("missed", part < 0.2 / count);
      element.dataset.share = part;
    });
    this.rest.textContent = "Percent of the fakes at each mode; the line is a fair share, "
      + `${percent(1 / count)}. ${percent(round.elsewhere)} lie at none.`;
  }
}

export const MODES_STYLE = `
.modes h4 { margin: 0 0 6px; font-size: 13px; font-weight: 600; }
.modes h4 b { font-size: 15px; } .modes b.few { color: var(--bad); }
.modes b.all { color: var(--good); }
.modes p { margin: 6px 0 0; font-size: 13px; }
.modes .bars { display: flex; gap: 4px; height: 112px; }
.modes .mode { flex: 1 1 0; max-width: 44px; min-width: 0; display: flex; flex-direction: column;
  align-items: stretch; text-align: center;
  font-size: 12px; line-height: 1.5; }
.modes .well { position: relative; flex: 1; background: var(--card); border-radius: 4px;
  overflow: hidden; border: 1px solid var(--line); }
.modes .fill { position: absolute; left: 0; right: 0; bottom: 0; background: var(--source); }
.modes .fair { position: absolute; left: 0; right: 0; bottom: 50%;
  border-top: 2px dashed var(--ink); }
.modes .missed .share { color: var(--bad); font-weight: 650; }
.modes .missed .well { background: repeating-linear-gradient(45deg, var(--card) 0 5px,
  var(--line) 5px 6px); }
.modes .nth { font-weight: 600; }
@container (max-width: 560px) { .modes .bars { gap: 2px; } .modes .mode { font-size: 11.5px; } }
`;
