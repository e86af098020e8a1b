// Architecture: a net from input to answer, with shapes, groups that fold, and costs.

import { button, make } from "./frame/controls.js";
import { instrument } from "./frame/instrument.js";
import { largestSizes } from "./architecture/bodies.js";
import { PlanDrawing } from "./architecture/drawing.js";
import { factList, factsOf, factsOfGroup } from "./architecture/facts.js";
import { planned } from "./architecture/layout.js";
import { ARCHITECTURE_STYLE } from "./architecture/style.js";
import { legend, totals } from "./architecture/totals.js";

const FACTS = 300; // pixels beside the drawing

class Architecture {
  constructor(view) {
    this.view = view;
    const { content } = view;
    this.drawing = new PlanDrawing({ content, most: largestSizes(content.nodes) });
    this.canvas = make("div", { class: "plan", "data-plan": "true" });
    this.heading = make("h4");
    this.list = make("div");
    this.facts = make(
      "div",
      { class: "panel plan-facts", role: "group", "aria-label": "Facts" },
      this.heading,
      this.list,
    );
    view.stage.append(
      ...this.problem(),
      make("div", { class: "plan-columns" }, this.canvas, this.facts),
    );
    view.bar.append(totals(view.content), ...this.folding());
    view.foot.append(legend());
    view.listen(this.canvas, "keydown", (event) => this.key(event));
    view.onChoice((changes) => ("open" in changes ? this.draw() : this.tell()));
    view.redrawWith(() => this.draw());
    view.tableOf(() => view.content.table);
    this.draw();
  }

  folding() {
    const { groups } = this.view.content;
    if (!groups.length) return [];
    const all = groups.map(({ name }) => name);
    this.unfold = button("Unfold all", () => this.openAll(all, "All unfolded"));
    this.fold = button("Fold all", () => this.openAll([], "All folded"));
    return [make("div", { class: "folding" }, this.unfold, this.fold)];
  }

  openAll(open, said) {
    this.view.choose({ open });
    this.view.say(`${said}: ${this.plan.units.length} boxes.`);
  }

  problem() {
    const { problem } = this.view.content;
    return problem
      ? [make("p", { class: "note bad", role: "alert" }, make("b", {}, "It stops here. "), problem)]
      : [];
  }

  // ── what is on screen ──────────────────────────────────────────────────────────────────────────

  draw() {
    const { view } = this;
    const beside = view.width > 760;
    this.facts.classList.toggle("beside", beside);
    this.canvas.classList.toggle("long", !beside);
    const room = Math.floor(beside ? view.width - FACTS - 24 : view.width);
    const held = this.canvas.contains(view.host.shadowRoot.activeElement) ? this.focused : null;
    this.plan = planned(view.content, new Set(view.choices.open), Math.min(room, 760));
    this.canvas.replaceChildren(this.drawing.draw(this.plan));
    for (const item of this.drawing.items) this.listenTo(item);
    const chosen = this.kept() ?? this.drawing.items[0];
    (chosen ?? this.drawing.items[0])?.element.setAttribute("tabindex", "0");
    if (held)
      this.focus(this.drawing.items.find(({ key }) => key === held) ?? this.holder(held), false);
    if (this.unfold) {
      this.unfold.disabled = view.choices.open.length === view.content.groups.length;
      this.fold.disabled = view.choices.open.length === 0;
    }
    this.canvas.dataset.boxes = this.plan.units.length;
    this.tell();
  }

  /** A group that was unfolded is a frame now, and the other way round. */
  holder(key) {
    return this.drawing.items.find(({ group }) => group && key === `g:${group}`);
  }

  listenTo(item) {
    const { element } = item;
    element.addEventListener("pointerenter", () => this.look(item));
    element.addEventListener("pointerleave", () => this.look(null));
    element.addEventListener("focus", () => {
      this.focused = item.key;
      this.look(item, true);
    });
    element.addEventListener("click", () => this.pick(item));
  }

  /** The box that the learner keeps in sight: a click, or `at=` in Python. */
  kept() {
    const { at } = this.view.choices;
    return at === null
      ? null
      : this.drawing.items.find(
          (item) => item.node !== undefined && labelOf(this.view.content.nodes[item.node]) === at,
        );
  }

  look(item, say = false) {
    this.looked = item;
    this.tell();
    if (item && say) this.view.say(`${item.element.getAttribute("aria-label")}.`);
  }

  tell() {
    const stuck = this.drawing.items.find(
      ({ node }) => node !== undefined && this.view.content.nodes[node].failed,
    );
    const item =
      this.looked ??
      this.kept() ??
      stuck ??
      this.drawing.items.find(({ element }) => Number(element.dataset.count) > 0) ??
      this.drawing.items[0];
    if (!item) return;
    for (const other of this.drawing.items)
      other.element.parentNode.classList.toggle("lit", other === item);
    const pinned = this.kept();
    for (const other of this.drawing.items)
      other.element.parentNode.classList.toggle("pinned", other === pinned);
    for (const { element, from, to } of this.drawing.ways) {
      element.classList.toggle("lit", from === item.key || to === item.key);
    }
    const { content } = this.view;
    const rows = item.group
      ? factsOfGroup(
          this.drawing.group(item.group),
          item.members.map((i) => content.nodes[i]),
          content,
        )
      : factsOf(content.nodes[item.node], content);
    this.heading.textContent = item.group ?? labelOf(content.nodes[item.node]);
    this.facts.dataset.of = this.heading.textContent;
    this.list.replaceChildren(factList(rows));
  }

  // ── what the learner does ──────────────────────────────────────────────────────────────────────

  pick(item) {
    this.focus(item, false);
    if (item.group) return this.toggle(item.group);
    const label = labelOf(this.view.content.nodes[item.node]);
    this.view.choose({ at: this.view.choices.at === label ? null : label });
  }

  toggle(name) {
    const { open } = this.view.choices;
    const now = open.includes(name) ? open.filter((other) => other !== name) : [...open, name];
    this.looked = null;
    this.view.choose({ open: now });
    this.view.say(
      `${name} ${now.includes(name) ? "unfolded" : "folded"}: ${this.plan.units.length} boxes.`,
    );
  }

  focus(item, say = true) {
    if (!item) return;
    for (const other of this.drawing.items)
      other.element.setAttribute("tabindex", other === item ? "0" : "-1");
    this.focused = item.key;
    item.element.focus({ preventScroll: !say });
  }

  key(event) {
    const { items } = this.drawing;
    const here = items.find(({ key }) => key === this.focused);
    if (!here || event.ctrlKey || event.metaKey || event.altKey) return;
    const middle = (item) => item.x + (item.axis ?? 0);
    const nearest = (found) =>
      found.sort(
        (a, b) =>
          Math.abs(a.y - here.y) - Math.abs(b.y - here.y) ||
          Math.abs(middle(a) - middle(here)) - Math.abs(middle(b) - middle(here)),
      )[0];
    const beside = (item) => Math.abs(item.y - here.y) < 24 && item !== here;
    const moves = {
      ArrowDown: () => nearest(items.filter((item) => item.y > here.y + 23)),
      ArrowUp: () => nearest(items.filter((item) => item.y < here.y - 23)),
      ArrowRight: () => nearest(items.filter((item) => beside(item) && item.x > here.x)),
      ArrowLeft: () => nearest(items.filter((item) => beside(item) && item.x < here.x)),
      Home: () => items[0],
      End: () => items.at(-1),
    };
    if (event.key === "Enter" || event.key === " ") this.pick(here);
    else if (event.key in moves) this.focus(moves[event.key]() ?? here);
    else return;
    event.preventDefault();
    event.stopPropagation();
  }
}

/** blocks.0.act (2): found once in the whole net. */
function labelOf({ group, label, role }) {
  return group && role === "layer" ? `${group}.${label}` : label;
}

export default instrument((view) => {
  new Architecture(view);
}, ARCHITECTURE_STYLE);
