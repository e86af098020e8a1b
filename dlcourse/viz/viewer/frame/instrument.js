// The frame around every instrument: title, tools, stage, live region, keyboard, theme, the link to
// Python. An instrument writes one function, `draw(view)`, and says `export default instrument(draw)`.

import { Asking } from "./asking.js";
import { button, headingsFrom, make } from "./controls.js";
import { call } from "./python.js";
import { STYLE } from "./style.js";
import { isDark, watchTheme } from "./theme.js";
import { read } from "./wire.js";

const SETTLED = 300; // ms without a change, and Python learns of the new choices

export class View {
  constructor(model, host, draw, styles) {
    Object.assign(this, { model, host, drawing: draw, styles, endings: [], redraws: [] });
    this.live = model.get("live") === true; // is there a Python that can answer?
    this.asking = new Asking(model, (yes) => this.root.classList.toggle("busy", yes));
    this.build();
    this.endings.push(watchTheme(() => this.themed()), () => this.asking.release());
    this.follow("data", () => this.renew());
    this.follow("choices", () => this.told(model.get("choices")));
    this.observer = new ResizeObserver(() => this.resized());
    this.observer.observe(host);
    this.renew();
  }

  /** Hear of every change that Python makes. */
  follow(name, heard) {
    this.model.on(`change:${name}`, heard);
    this.endings.push(() => this.model.off(`change:${name}`, heard));
  }

  build() {
    this.host.dataset.lmSuppressShortcuts = "true"; // or "d d" deletes the cell that shows this
    const shadow = this.host.shadowRoot ?? this.host.attachShadow({ mode: "open" });
    const part = (name, attributes = {}) => make("div", { class: name, ...attributes });
    const level = this.model.get("level") ?? 3;
    headingsFrom(level);
    this.title = part("title", { role: "heading", "aria-level": String(level) });
    this.tools = part("tools");
    this.bar = part("bar");
    this.drawer = part("drawer", { hidden: true, tabindex: "0", role: "region" });
    this.stage = part("stage");
    this.foot = part("foot");
    this.voice = part("unseen voice", { "aria-live": "polite", role: "status" });
    this.root = make("section", { class: "root", "data-lm-suppress-shortcuts": "true" },
      make("header", {}, this.title, this.tools), this.drawer, this.bar, this.stage, this.foot, this.voice);
    const style = make("style");
    style.textContent = [STYLE, ...this.styles].join("\n");
    shadow.replaceChildren(style, this.root);
    this.root.addEventListener("keydown", (event) => this.key(event));
  }

  /** Read the data and draw all anew. What cannot be drawn is said in a sentence. */
  renew() {
    this.release();
    for (const part of [this.bar, this.stage, this.foot, this.tools]) part.replaceChildren();
    this.drawer.hidden = true;
    try {
      this.content = read(this.model.get("data")).content;
      const { title, subtitle, name } = this.content.words;
      this.root.setAttribute("aria-label", title);
      this.root.dataset.instrument = name;
      this.title.replaceChildren(title, subtitle ? make("small", {}, subtitle) : "");
      this.defaults = this.content.defaults;
      this.choices = { ...this.defaults, ...this.content.choices };
      this.listeners = [];
      this.themed(false);
      this.addTools();
      this.released = this.drawing(this);
      this.publish();
      this.lastWidth = this.width;
      this.root.dataset.ready = "true";
    } catch (error) {
      this.root.dataset.ready = "failed";
      this.stage.replaceChildren(make("p", { class: "note bad", role: "alert" },
        `This picture could not be drawn. ${error.message}`));
      if (error.name !== "Damaged" && !(error instanceof Error && error.plain)) console.warn(error);
    }
  }

  // ── choices: what the learner has set; one object, and a call in Python rebuilds it ─────────────

  /** Change some choices; everybody who listens draws what is new. */
  choose(changes) {
    this.choices = { ...this.choices, ...changes };
    for (const heard of this.listeners) heard(changes);
    this.publish();
    this.settle();
  }

  /** `heard(changes)` after every change. */
  onChoice(heard) {
    this.listeners.push(heard);
  }

  /** Python has set choices, or repeats what it was told. */
  told(choices) {
    const news = Object.entries(choices ?? {})
      .filter(([name, value]) => JSON.stringify(value) !== JSON.stringify(this.choices[name]));
    if (news.length && !this.settling) this.choose(Object.fromEntries(news));
  }

  /** Python learns of the choices in a moment; until then it has nothing to say about them. */
  settle() {
    clearTimeout(this.settling);
    if (this.live) this.settling = setTimeout(() => this.tellPython(), SETTLED);
  }

  tellPython() {
    this.settling = null;
    this.model.set("choices", this.choices);
    this.model.save_changes();
  }

  publish() {
    this.root.dataset.choices = JSON.stringify(this.choices);
    if (this.code?.isConnected) this.code.textContent = this.python;
  }

  get python() {
    return call(this.content.code, this.choices, this.defaults);
  }

  // ── Python ──────────────────────────────────────────────────────────────────────────────────────

  /** Ask Python: `await view.ask("prove", { name, index })`; undefined if a newer question won. */
  async ask(name, args) {
    if (!this.live) throw new Error(`This needs Python: run ${this.python} in a notebook.`);
    return this.asking.ask(name, args);
  }

  /** A note for what needs Python where there is none, with the code that brings it to life. */
  needsPython(what) {
    if (this.live) return null;
    return make("p", { class: "note", "data-needs-python": "true" }, `${what} needs Python. Run this in a notebook: `,
      make("code", {}, this.python));
  }

  /** Frames that Python sends by itself, as in training: `heard(content)`; each is confirmed. */
  onStream(heard) {
    const model = this.model;
    const came = () => {
      const bytes = model.get("stream");
      if (!bytes?.byteLength) return;
      const { content } = read(bytes);
      if (content.error) this.complain(content.error);
      else heard(content);
      model.set("seen", content.id);
      model.save_changes();
    };
    model.on("change:stream", came);
    this.until(() => model.off("change:stream", came));
  }

  /** What went wrong in Python while it sent frames, as a sentence above the picture. */
  complain(sentence) {
    this.stage.prepend(make("p", { class: "note bad", role: "alert" }, `Python stopped: ${sentence}`));
  }

  // ── words ───────────────────────────────────────────────────────────────────────────────────────

  /** One sentence for those who listen instead of looking. */
  say(sentence) {
    this.voice.textContent = sentence;
  }

  /** `makeTable()` gives { caption, columns, rows } of what is on screen now. */
  tableOf(makeTable) {
    this.makeTable = makeTable;
  }

  addTools() {
    const toggles = { Table: () => this.showTable(), "Copy as Python": () => this.showCode(), "?": () => this.showKeys() };
    const labels = { Table: "Show the numbers as a table", "Copy as Python": "Copy the Python call that rebuilds this view", "?": "Keys and help" };
    for (const [text, fill] of Object.entries(toggles)) {
      const toggle = button(text, () => this.toggleDrawer(text, fill), { pressed: false });
      if (text === "?") toggle.setAttribute("aria-label", labels[text]);
      toggle.title = labels[text];
      this.tools.append(toggle);
    }
  }

  toggleDrawer(name, fill) {
    const open = this.drawer.hidden || this.drawer.dataset.shows !== name;
    this.drawer.hidden = !open;
    this.drawer.dataset.shows = name;
    this.drawer.setAttribute("aria-label", name === "?" ? "Keys and help" : name);
    for (const tool of this.tools.children) {
      tool.setAttribute("aria-pressed", String(open && tool.textContent === name));
    }
    if (open) this.drawer.replaceChildren(...fill());
  }

  showTable() {
    const { caption, columns, rows } = this.makeTable?.() ?? this.content.table;
    const head = (text) => (text === "" ? make("td") : make("th", { scope: "col" }, String(text)));
    const cells = (row) => row.map((text) => make("td", {}, String(text)));
    return [make("table", {}, make("caption", {}, caption),
      make("thead", {}, make("tr", {}, ...columns.map(head))),
      make("tbody", {}, ...rows.slice(0, 200).map((row) => make("tr", {}, ...cells(row))))),
    rows.length > 200 ? make("p", { class: "quiet" }, `… and ${rows.length - 200} more rows.`) : ""];
  }

  showCode() {
    this.code = make("code", { class: "code" }, this.python);
    const said = make("span", { class: "quiet" }, "");
    navigator.clipboard?.writeText(this.python).then(
      () => { said.textContent = "Copied."; this.say("Copied as Python."); },
      () => { said.textContent = "Select it and copy."; },
    );
    return [make("div", {}, "This call rebuilds what you see. ", said), this.code];
  }

  showKeys() {
    const all = { ...this.content.keys, "Tab": "next control", "Escape": "leave the picture" };
    return [make("p", {}, this.content.words.caption),
      make("dl", {}, ...Object.entries(all).flatMap(([key, does]) => [make("dt", {}, key), make("dd", {}, does)]))];
  }

  // ── the page around it ──────────────────────────────────────────────────────────────────────────

  /** Keys that nobody inside has used go no further than Escape: they are not the page's. */
  key(event) {
    if (event.key === "Escape") event.composedPath()[0].blur?.();
    if (!event.ctrlKey && !event.metaKey) event.stopPropagation();
  }

  /** A colour of the house by its role: view.tone("forward"). */
  tone(name) {
    const tones = this.tones ??= {};
    return tones[name] ||= getComputedStyle(this.root).getPropertyValue(`--${name}`).trim();
  }

  themed(redraw = true) {
    if (redraw && isDark() === this.dark) return;
    this.dark = isDark();
    this.tones = {};
    this.knownFont = "";
    this.root.classList.toggle("dark", this.dark);
    if (redraw) this.redraw();
  }

  /** The letters of the page, for canvases. */
  get font() {
    return this.knownFont ||= getComputedStyle(this.root).fontFamily;
  }

  /** `draw()` is called again when the theme or the width changes. */
  redrawWith(draw) {
    this.redraws.push(draw);
  }

  resized() {
    const width = this.width;
    if (Math.abs(width - this.lastWidth) <= 8) return;
    this.lastWidth = width;
    this.tones = {}; // a host that was outside of the page had no colours
    this.redraw();
  }

  /** All anew, for another theme or width; the focus stays where it was. */
  redraw() {
    const held = this.host.shadowRoot.activeElement;
    for (const draw of this.redraws) draw();
    if (!held || held === this.host.shadowRoot.activeElement) return;
    const same = (e) => ["aria-label", "data-grid"].every((n) => e.getAttribute(n) === held.getAttribute(n));
    const again = held.isConnected ? held : [...this.root.querySelectorAll(held.localName)].find(same);
    again?.focus({ preventScroll: true });
  }

  /** Room inside the stage, in pixels. */
  get width() {
    return this.stage.clientWidth || 640;
  }

  get calm() {
    return window.matchMedia("(prefers-reduced-motion: reduce)").matches;
  }

  /** Listen until this drawing is released. */
  listen(target, event, heard, options) {
    target.addEventListener(event, heard, options);
    this.until(() => target.removeEventListener(event, heard, options));
  }

  /** `end()` when this drawing is released. */
  until(end) {
    (this.ends ??= []).push(end);
  }

  release() {
    clearTimeout(this.settling);
    this.settling = null;
    this.released?.();
    this.released = null;
    for (const end of this.ends ?? []) end();
    [this.ends, this.redraws, this.listeners] = [[], [], []];
  }

  end() {
    this.release();
    this.observer.disconnect();
    for (const end of this.endings) end();
    this.host.shadowRoot.replaceChildren();
  }
}

/** What a host runs: `render({ model, el })` draws once and gives what releases everything. */
export function instrument(draw, ...styles) {
  return {
    render({ model, el }) {
      const view = new View(model, el, draw, styles);
      return () => view.end();
    },
  };
}
