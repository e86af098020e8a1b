// A text of the learner's own: Python reads it as it is typed, and only the latest waits.

import { make } from "../frame/controls.js";
import { literal } from "../frame/python.js";

export class Reader {
  /** `onRead(content)`: what Python found in the text. */
  constructor({ view, onRead }) {
    Object.assign(this, { view, onRead });
    this.field = make("input", {
      type: "text", disabled: !view.live, spellcheck: "false", autocomplete: "off",
      "aria-label": "Type your own text", oninput: () => this.read(this.field.value),
    });
    this.element = make("label", { class: "control typed" }, make("span", {}, "Your text"),
      this.field);
    this.problem = make("p", { class: "note bad", role: "alert", hidden: true });
  }

  /** The field shows this text, unless somebody is typing in it. */
  show(text) {
    if (!this.field.matches(":focus")) this.field.value = text;
  }

  async read(text) {
    this.field.value = text;
    try {
      const content = await this.view.ask("read", { text });
      if (!content || !this.field.isConnected) return;
      this.problem.hidden = true;
      const { code } = this.view.content;
      const others = code.given.filter((each) => /^(read|vocabulary)=/.test(each));
      code.given = [`*read(${literal(text)})`, ...others];
      this.onRead(content);
    } catch (error) {
      this.problem.textContent = error.message;
      this.problem.hidden = false;
    }
  }
}

export const READER_STYLE = `
.typed { flex: 1 1 260px; }
.typed input { flex: 1; min-width: 0; min-height: 32px; border: 1px solid var(--line);
  border-radius: 8px; background: var(--card); padding: 3px 10px;
  font: 15px var(--jp-code-font-family, ui-monospace, monospace); }
`;
