// Buttons, sliders, choices: the browser's own elements, labelled, at least 24 pixels high.

const headings = { top: 3 };

/** The title is a heading of this level; an h4 comes right below it, on a page of its own too. */
export function headingsFrom(level) {
  headings.top = level;
}

/** make("button", { class: "quiet", onclick }, "text", child, …) */
export function make(tag, attributes = {}, ...children) {
  const svg = ["svg", "g", "path", "line", "rect", "circle", "text", "polyline", "title", "defs",
    "marker", "polygon", "tspan", "clipPath", "image", "ellipse"].includes(tag);
  const element = svg
    ? document.createElementNS("http://www.w3.org/2000/svg", tag) : document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (value === null || value === undefined || value === false) continue;
    if (name.startsWith("on")) element.addEventListener(name.slice(2), value);
    else element.setAttribute(name, value === true ? "" : value);
  }
  if (/^h[4-6]$/.test(tag)) element.setAttribute("aria-level", headings.top - 3 + Number(tag[1]));
  element.append(...children.filter((child) => child !== null && child !== undefined));
  return element;
}

export function button(text, onclick, { label, pressed, kind = "" } = {}) {
  return make("button", {
    type: "button", class: kind, onclick, title: label,
    "aria-label": label, "aria-pressed": pressed === undefined ? null : String(pressed),
  }, text);
}

/** A slider with its value beside it; `onInput(value)` on every move. Gives { element, set }. */
export function slider({ label, least, most, step = 1, value, onInput, show = String, disabled }) {
  const output = make("output", {}, show(value));
  const input = make("input", {
    type: "range", min: least, max: most, step, value, disabled, "aria-label": label,
    "aria-valuetext": show(value),
  });
  const shown = (x) => {
    output.textContent = show(x);
    input.setAttribute("aria-valuetext", show(x));
  };
  input.addEventListener("input", () => {
    shown(input.valueAsNumber);
    onInput(input.valueAsNumber);
  });
  const element = make("label", { class: "control slider" }, make("span", {}, label), input, output);
  const set = (x) => { input.value = x; shown(x); };
  return { element, input, set };
}

/** One of several, as a row of radio buttons that look like one switch. Gives { element, set }. */
export function choice({ label, options, value, onInput, disabled }) {
  const name = `choice-${Math.random().toString(36).slice(2)}`;
  const inputs = options.map((option) => make("input", {
    type: "radio", name, value: option.value ?? option, disabled,
    onchange: () => onInput(option.value ?? option),
  }));
  const parts = options.map((option, i) =>
    make("label", {}, inputs[i], make("span", {}, option.label ?? String(option))));
  const element = make("div", { class: "control choice", role: "radiogroup", "aria-label": label },
    make("span", { class: "name", "aria-hidden": "true" }, label), make("div", {}, ...parts));
  const set = (wanted) => inputs.forEach((input) => { input.checked = input.value === String(wanted); });
  set(value);
  return { element, inputs, set };
}

/** One of many, as the browser's own list. Gives { element, set }. */
export function list({ label, options, value, onInput, disabled }) {
  const select = make("select", { disabled, "aria-label": label, onchange: () => onInput(select.value) },
    ...options.map((option) =>
      make("option", { value: option.value ?? option }, option.label ?? String(option))));
  select.value = value;
  const element = make("label", { class: "control list" }, make("span", {}, label), select);
  return { element, select, set: (wanted) => { select.value = wanted; } };
}

/** On or off. Gives { element, set }. */
export function tick({ label, value, onInput, disabled }) {
  const input = make("input", { type: "checkbox", disabled, onchange: () => onInput(input.checked) });
  input.checked = value;
  const element = make("label", { class: "control tick" }, input, make("span", {}, label));
  return { element, input, set: (wanted) => { input.checked = wanted; } };
}
