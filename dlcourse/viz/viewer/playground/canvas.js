// A canvas that is sharp everywhere, its axes, dragging over it; and buttons that say more when
// asked.

import { logTicks, ticks } from "../chart/scale.js";
import { button } from "../frame/controls.js";

/** A canvas as large as this on every screen; gives its pen. */
export function sized(canvas, wide, high) {
  const ratio = window.devicePixelRatio || 1;
  const [w, h] = [Math.round(wide * ratio), Math.round(high * ratio)];
  if (canvas.width !== w || canvas.height !== h) [canvas.width, canvas.height] = [w, h];
  if (canvas.wide !== wide || canvas.high !== high) {
    [canvas.wide, canvas.high] = [wide, high];
    canvas.style.width = `${wide}px`;
    canvas.style.height = `${high}px`;
  }
  const pen = canvas.getContext("2d");
  pen.setTransform(ratio, 0, 0, ratio, 0, 0);
  pen.clearRect(0, 0, wide, high);
  return pen;
}

/** The page's own letters, in so many pixels. */
export function fontOf(view, size) {
  view.letters ??= getComputedStyle(view.root).fontFamily; // asked once: an answer takes a while
  return `${size}px ${view.letters}`;
}

const known = new Map();

/** Ticks once found: to write a number as a person does takes a while. */
export function rounded(least, most, count, { whole = false, log = false } = {}) {
  const key = `${least} ${most} ${count} ${whole} ${log}`;
  if (known.size > 200) known.clear();
  if (!known.has(key)) known.set(key, log ? logTicks(least, most, count) : ticks(least, most, count,
    whole));
  return known.get(key);
}

/** Ends of an axis, moved out to rounder numbers, so that it stands still while numbers change. */
export function steady(least, most) {
  const step = 10 ** Math.floor(Math.log10(most - least)) / 2;
  return [Math.floor(least / step) * step, Math.ceil(most / step) * step];
}

/** Round numbers beside a plot: lines across for `up`, texts below for `across`. */
export function axes(pen, { view, box: [left, top, right, bottom], across, up }) {
  pen.font = fontOf(view, 11);
  pen.fillStyle = view.tone("quiet");
  pen.strokeStyle = view.tone("line");
  pen.lineWidth = 1;
  pen.textAlign = "right";
  for (const { value, text } of rounded(up.least, up.most, (bottom - top) / 34, up)) {
    const y = Math.round(up.pixel(value)) + 0.5;
    pen.beginPath();
    pen.moveTo(left, y);
    pen.lineTo(right, y);
    pen.stroke();
    pen.fillText(text, left - 6, y + 3.5);
  }
  pen.textAlign = "center";
  for (const { value, text } of rounded(across.least, across.most, (right - left) / 80, across)) {
    pen.fillText(text, Math.min(across.pixel(value), right - 4), bottom + 15);
  }
}

/** `to(event)` when the pointer goes down on an element, and on every move until it comes up. */
export function dragged(view, element, to) {
  view.listen(element, "pointerdown", (event) => {
    const drop = () => element.removeEventListener("pointermove", to);
    element.setPointerCapture?.(event.pointerId);
    element.addEventListener("pointermove", to);
    for (const end of ["pointerup", "pointercancel"]) element.addEventListener(end, drop,
      { once: true });
    to(event);
  });
}

/** A button that is called what stands on it, with more to read under the cursor. */
export function hinted(text, hint, onclick, kind) {
  const made = button(text, onclick, { kind });
  made.title = hint;
  return made;
}
