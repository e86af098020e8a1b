// Questions to Python: one is on its way, and of each kind one waits; a newer one replaces that.
// Two on their way would share one place in the widget's model, and the first would be lost.

import { read, write } from "./wire.js";

const PATIENCE = 100; // ms: after that the view says that it is busy

export class Asking {
  /** `busy(true | false)` is called when an answer takes long, and when it came. */
  constructor(model, busy) {
    Object.assign(this, { model, busy, flying: null, waiting: new Map(), count: 0 });
    this.heard = () => this.answered();
    model.on("change:reply", this.heard);
  }

  /** The answer of Python's `name(**args)`; undefined where a newer question took its place. */
  ask(name, args = {}) {
    return new Promise((resolve, reject) => {
      const question = { name, args, resolve, reject };
      if (!this.flying) return this.send(question);
      this.waiting.get(name)?.resolve(undefined);
      this.waiting.set(name, question);
    });
  }

  send(question) {
    question.id = ++this.count;
    question.timer = setTimeout(() => this.busy(true), PATIENCE);
    this.flying = question;
    const { id, name, args } = question;
    this.model.set("question", write("question", { id, name, args }));
    this.model.save_changes();
  }

  answered() {
    const { content } = read(this.model.get("reply"));
    const question = this.flying;
    if (question?.id !== content.id) return;
    clearTimeout(question.timer);
    this.flying = null;
    const [next] = this.waiting.values();
    this.waiting.delete(next?.name);
    if (next) this.send(next);
    else this.busy(false);
    if (content.error) question.reject(new Error(content.error));
    else question.resolve(content.answer);
  }

  release() {
    this.model.off("change:reply", this.heard);
    clearTimeout(this.flying?.timer);
  }
}
