// Convolution: one window in slow motion, and the feature maps of a whole net.

import { CONVOLUTION_STYLE } from "./convolution/style.js";
import { choice, make } from "./frame/controls.js";
import { layerTable } from "./convolution/field_words.js";
import { number } from "./frame/format.js";
import { FeatureMaps } from "./convolution/feature_maps.js";
import { instrument } from "./frame/instrument.js";
import { Legend } from "./frame/legend.js";
import { PictureNet } from "./convolution/picture_net.js";
import { SlowMotion } from "./convolution/slow_motion.js";

const SHOWS = [
  { value: "window", label: "One window" },
  { value: "net", label: "Whole net" },
];

function draw(view) {
  const net = new PictureNet(view);
  const state = { pen: "look" };
  const slow = new SlowMotion(view, net, state);
  const maps = new FeatureMaps(view, net, state, (layer, map, cell) =>
    view.choose({
      show: "window",
      layer,
      map,
      cell,
      kernel: null,
      stride: null,
      padding: null,
      dilation: null,
      upstream: "one",
    }),
  );
  const show = choice({
    label: "Show",
    options: SHOWS,
    value: view.choices.show,
    onInput: (value) => view.choose({ show: value }),
  });
  const legend = new Legend(view);
  view.bar.append(show.element, slow.controls.bar);
  view.stage.append(slow.element, maps.element);
  legend.element.append(
    make(
      "span",
      {},
      make("span", { class: "state padding", "aria-hidden": "true" }),
      " padding: always zero",
    ),
  );
  view.foot.append(legend.element);

  const refresh = () => {
    const whole = view.choices.show === "net";
    show.set(view.choices.show);
    slow.element.hidden = slow.controls.bar.hidden = whole;
    maps.element.hidden = !whole;
    (whole ? maps : slow).refresh();
    legend.show(whole ? (net.values.at(-1)?.facts.reach ?? 1) : (slow.now?.y?.facts.reach ?? 1));
    legend.scale.textContent = "each array to its own largest number";
  };

  view.onChoice((changes) => {
    const names = Object.keys(changes);
    if (names.every((name) => name === "cell" || name === "seen")) return;
    if (names.some((name) => name === "example" || name === "drawing")) {
      net.refresh();
      if (view.content.asks && view.live && changes.drawing) ask(view, net, refresh, maps);
    }
    refresh();
    const seen = view.choices.show === "net" ? maps : slow;
    if (!names.includes("drawing")) view.say(seen.sentence);
  });
  view.redrawWith(refresh);
  view.tableOf(() => (view.choices.show === "net" ? layerTable(net) : slowTable(slow, view)));
  refresh();
  return () => slow.stop();
}

/** Python's own net on the drawing: its feature maps where they are sent, else its answer. */
async function ask(view, net, refresh, maps) {
  const drawn = net.drawing;
  try {
    const said = await view.ask("answer", { picture: net.picture });
    if (!said || net.drawing !== drawn) return;
    if (net.replay.reason && said.outputs) {
      net.take(said.outputs);
      refresh();
    }
    maps.answer.confirm(said.y);
  } catch (error) {
    view.say(error.message);
    maps.answer.complain(error.message);
  }
}

function slowTable({ now }, view) {
  if (!now?.y) return view.content.table;
  const { y } = now;
  const [, R, S] = y.shape;
  const rows = Array.from({ length: R }, (_, r) => [
    `row ${r}`,
    ...Array.from({ length: S }, (_, s) => number(y.at([0, r, s]))),
  ]);
  return {
    caption: "y: what comes out of the convolution",
    columns: ["", ...Array.from({ length: S }, (_, s) => String(s))],
    rows,
  };
}

export default instrument(draw, CONVOLUTION_STYLE);
