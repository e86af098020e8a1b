// The latent plane: examples where the encoder put them, what the decoder makes of any place, and
// the way between two of them.

import { SIGNS } from "./frame/colours.js";
import { choice, make } from "./frame/controls.js";
import { number, plural } from "./frame/format.js";
import { INK_STYLE, inkLegend } from "./frame/ink.js";
import { instrument } from "./frame/instrument.js";
import { between, rounded } from "./plane/decoded.js";
import { LatentPanel, PANEL_STYLE } from "./latent/panel.js";
import { LatentPlane } from "./latent/plane.js";
import { LatentWay, WAY_STYLE } from "./latent/way.js";
import { PLANE_STYLE } from "./plane/points.js";
import { colourOf } from "./frame/signs.js";

function draw(view) {
  const data = view.content;
  const rowOf = (wanted) => data.numbers.data.indexOf(wanted);
  const state = { near: -1, next: "start" };
  const panel = new LatentPanel(view, data);
  const plane = new LatentPlane({
    view, data,
    onWalk: (place, row) => {
      state.near = row ?? plane.nearest(place);
      view.choose({ at: place.map(rounded) });
    },
    onChoose: (which, row) => {
      if (!way) return;
      const end = which ?? state.next;
      state.next = end === "start" ? "end" : "start";
      next?.set(state.next);
      view.choose({ [end]: data.numbers.data[row] });
      view.say(`${end === "start" ? "A" : "B"} is ${panel.nameOf(row)}.`);
    },
  });
  const way = data.strip && new LatentWay({
    view, data, placeOf: (row) => plane.placeOf(row),
    onPart: (part) => {
      const { start, end } = view.choices;
      const [a, b] = [start, end].map((number) => plane.placeOf(rowOf(number)));
      const at = data.flat ? between(a, b, part) : null;
      if (at) state.near = plane.nearest(at);
      view.choose(at ? { part, at: at.map(rounded) } : { part });
    },
  });
  const next = way && choice({ label: "A click sets", value: "start",
    options: [{ value: "start", label: "A" }, { value: "end", label: "B" }],
    onInput: (end) => { state.next = end; } });
  build(view, { plane, panel, way, next });

  const over = () => {
    const { at, start, end, part } = view.choices;
    plane.drawOver({ at, start: rowOf(start), end: rowOf(end), near: state.near, part });
  };
  const walked = () => {
    const { at } = view.choices;
    if (state.near < 0) state.near = plane.nearest(at);
    panel.showPlace(at);
    panel.showExample(state.near);
    Object.assign(plane.element.dataset, { x: at[0], y: at[1],
      nearest: data.numbers.data[state.near] });
    const place = data.axes.map((name, i) => `${name} ${number(at[i])}`).join(", ");
    view.say(`At ${place}. Nearest: ${panel.nameOf(state.near)}${panel.errorOf(state.near)}.`);
  };
  const ends = () => {
    const [start, end] = [rowOf(view.choices.start), rowOf(view.choices.end)];
    way?.show(start, end, [start, end].map((row) => panel.nameOf(row)));
  };
  const whole = () => {
    const wide = view.width;
    const side = wide >= 760 ? Math.min(560, Math.round(wide * 0.53)) : Math.min(wide, 560);
    panel.size(wide >= 760 ? wide - side - 24 : wide);
    plane.size(side);
    panel.row = null;
    walked();
    way?.redraw(rowOf(view.choices.start), rowOf(view.choices.end));
    over();
  };
  view.onChoice((changes) => {
    if (changes.show) plane.drawStill();
    if (changes.at) walked();
    if (changes.start !== undefined || changes.end !== undefined) ends();
    if (changes.part !== undefined) way.point(changes.part);
    over();
  });
  ends();
  way?.point(view.choices.part);
  view.redrawWith(whole);
  whole();
}

function build(view, { plane, panel, way, next }) {
  const data = view.content;
  if (data.map) {
    const options = ["points", "pictures", "both"];
    const onInput = (show) => view.choose({ show });
    view.bar.append(choice({ label: "Show", options, value: view.choices.show, onInput }).element);
  }
  if (next) view.bar.append(next.element);
  view.stage.append(make("div", { class: "latent" }, plane.element, panel.element),
    way ? way.element : "",
    data.map && !view.live ? view.needsPython("Decoding any place exactly") : "");
  const signs = data.classes.map((name, kind) => make("span", { class: "key" },
    make("span", { "aria-hidden": "true", style: `color: ${colourOf(kind)}` }, SIGNS[kind % 10]),
    ` ${name}`));
  const some = data.kept && !view.live && data.kept.size < data.labels.size;
  const held = `the pictures of ${plural(data.kept?.size ?? 0, "example")}`;
  const words = [some ? `To stay small this page holds ${held}; nearest is the nearest of them.` : "",
    data.left_out ? `${data.left_out} codes are not finite and are left out.` : "",
    data.flat ? "" : `A code has ${data.width} numbers; `
      + "in the plane the others are held at their mean."];
  const [low, high] = (data.range ?? []).map((x) => number(x));
  view.foot.append(...signs, data.range ? inkLegend(low, high) : "",
    make("span", {}, words.join(" ")));
}

const STYLE = `
.latent { display: grid; grid-template-columns: auto minmax(0, 1fr); gap: 18px;
  align-items: start; }
.points-plane[data-plane="latent"] { touch-action: none; }
@container (max-width: 790px) { .latent { grid-template-columns: minmax(0, 1fr); } }
`;

export default instrument(draw, PLANE_STYLE, INK_STYLE, PANEL_STYLE, WAY_STYLE, STYLE);
