// The code that made the numbers: the layer's own, and that of the net which calls it. A line of the
// net's code leads to the layer that it calls, and the layer's line is lit.

import { make } from "../frame/controls.js";
import { isComposite, labels } from "../trace/trace.js";

export class SourcePanel {
  constructor(stepper) {
    Object.assign(this, { stepper, view: stepper.view, sources: stepper.view.content.sources ?? {} });
    this.element = make("div", { class: "columns sources" });
  }

  get any() {
    return Object.keys(this.sources).length > 0;
  }

  show() {
    this.element.hidden = !this.view.choices.code;
    if (this.element.hidden) return;
    const { trace, place } = this.stepper;
    const step = trace.steps[place];
    const caller = callerOf(trace, place);
    this.element.replaceChildren(
      ...(caller >= 0 ? [this.block(trace.steps[caller], (text) => this.lines(text, caller))] : []),
      this.block(step, (text) => [text]));
  }

  block(step, fill) {
    const found = this.sources[step.name];
    if (!found) return make("p", { class: "quiet" }, `No source is known for ${step.kind}.`);
    const where = `${found.file}, line ${found.line}`;
    return make("figure", { "data-source": step.name }, make("figcaption", {}, make("b", {}, `${step.kind}.forward `), make("span", { class: "quiet" }, where)),
      make("div", { class: "code", role: "group", tabindex: "0", "aria-label": `Source of ${step.kind}` }, ...fill(found.text.trimEnd())));
  }

  /** The net's code, line by line; a line that calls a layer is a button. */
  lines(text, caller) {
    const { trace, place } = this.stepper;
    const calls = callsIn(trace, caller, text);
    return text.split("\n").map((line, i) => {
      const at = calls.get(i);
      if (at === undefined) return make("span", { class: "line" }, `${line}\n`);
      return make("button", { type: "button", class: `line ${at === place ? "here" : ""}`, "data-step": at,
        "aria-current": at === place ? "true" : null, onclick: () => this.stepper.goTo(at) }, line);
    });
  }
}

/** The step whose code calls this one: the nearest composite around it; −1 if there is none. */
export function callerOf(trace, place) {
  const { name } = trace.steps[place];
  const around = trace.steps.findIndex((step, at) => at > place && isComposite(trace, at)
    && (name.startsWith(`${step.name}.`) || (at === trace.steps.length - 1 && step.name === step.kind)));
  return around;
}

/** Which line calls which step: a map from the number of the line to the place of the step. */
export function callsIn(trace, caller, text) {
  const prefix = caller === trace.steps.length - 1 && trace.steps[caller].name === trace.steps[caller].kind
    ? "" : `${trace.steps[caller].name}.`;
  const waiting = new Map();
  trace.steps.forEach(({ name }, at) => {
    if (at >= caller || !name.startsWith(prefix)) return;
    const own = name.slice(prefix.length).split(".")[0];
    if (!waiting.has(own)) waiting.set(own, []);
    waiting.get(own).push(at);
  });
  const calls = new Map();
  text.split("\n").forEach((line, i) => {
    const own = /self\.(\w+)(?:\[[^\]]*\])?\(/.exec(line.split("#")[0])?.[1];
    const at = waiting.get(own)?.shift();
    if (at !== undefined) calls.set(i, at);
  });
  return calls;
}

export const SOURCE_STYLE = `
.sources { margin-top: 12px; } .sources figure { margin: 0; flex: 1 1 300px; min-width: 0; }
.sources figcaption { font-size: 13px; margin-bottom: 4px; }
.sources .code { user-select: text; margin: 0; overflow-x: auto; white-space: pre; overflow-wrap: normal; }
.line { display: block; white-space: pre; }
button.line { border: 0; background: none; padding: 0; min-height: 24px; width: 100%; text-align: left; border-radius: 4px; }
button.line:hover { background: color-mix(in srgb, var(--accent) 14%, transparent); }
button.line.here { background: color-mix(in srgb, var(--accent) 22%, transparent); font-weight: 650; }
`;
