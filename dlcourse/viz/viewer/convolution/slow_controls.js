// The controls of one convolution: which kernel, how it slides, which way the numbers go.

import { button, choice, list, make } from "../frame/controls.js";
import { PRESETS } from "./kernels.js";

const UPSTREAM = [
  { value: "one", label: "one cell" },
  { value: "ones", label: "all ones" },
  { value: "trace", label: "the trace" },
];
const RESET = { stride: null, padding: null, dilation: null };

export class SlowControls {
  constructor(view, net, onPlay) {
    Object.assign(this, { view, net });
    this.buildKernel();
    this.buildSliding();
    this.slide = button("▶ Slide", onPlay);
    this.slide.title = "Slide the window over the whole picture";
    this.way = choice({
      label: "Way",
      value: view.choices.way,
      onInput: (way) => view.choose({ way }),
      options: [
        { value: "forward", label: "Forward" },
        { value: "backward", label: "Forward and back" },
      ],
    });
    this.upstream = choice({
      label: "dy",
      options: UPSTREAM,
      value: view.choices.upstream,
      onInput: (upstream) => view.choose({ upstream }),
    });
    this.bar = make(
      "div",
      { class: "slow-bar" },
      this.slide,
      this.way.element,
      this.upstream.element,
    );
  }

  buildKernel() {
    const { view, net } = this;
    const learned = net.convs.map((i) => ({
      value: `layer:${net.points[i].name}`,
      label: `learned: ${net.points[i].label}`,
    }));
    const own = PRESETS.map((name) => ({ value: name, label: name }));
    this.which = list({
      label: "Kernel",
      value: "",
      options: [...own, { value: "own", label: "your own numbers" }, ...learned],
      onInput: (value) => this.choose(value),
    });
    this.size = choice({
      label: "Size",
      value: String(view.choices.size),
      options: ["3", "5"].map((n) => ({ value: n, label: `${n} × ${n}` })),
      onInput: (n) => view.choose({ size: Number(n), kernel: this.named, ...RESET }),
    });
    this.map = make("output");
    const turn = (by) => () => view.choose({ map: view.choices.map + by, kernel: null });
    this.before = button("‹", turn(-1), { label: "The map before" });
    this.next = button("›", turn(1), { label: "The next map" });
    this.maps = make(
      "div",
      { class: "control maps" },
      make("span", {}, "Map"),
      this.before,
      this.map,
      this.next,
    );
    this.kernel = make(
      "div",
      { class: "slow-tools" },
      this.which.element,
      this.size.element,
      this.maps,
    );
  }

  buildSliding() {
    const { view } = this;
    const each = (name, least) =>
      list({
        label: name[0].toUpperCase() + name.slice(1),
        value: "",
        options: [0, 1, 2, 3, 4].filter((n) => n >= least).map(String),
        onInput: (n) => view.choose({ [name]: Number(n) }),
      });
    this.stride = each("stride", 1);
    this.padding = each("padding", 0);
    this.dilation = each("dilation", 1);
    this.sliding = make(
      "div",
      { class: "slow-tools" },
      this.stride.element,
      this.padding.element,
      this.dilation.element,
    );
  }

  /** A preset's name, or null: numbers of one's own do not grow with the size. */
  get named() {
    const { kernel } = this.view.choices;
    return typeof kernel === "string" ? kernel : null;
  }

  choose(value) {
    if (value === "own") return this.sync();
    const layer = value.startsWith("layer:") ? value.slice(6) : null;
    this.view.choose({
      layer,
      kernel: layer ? null : value,
      map: 0,
      cell: null,
      ...RESET,
      upstream:
        layer === null && this.view.choices.upstream === "trace"
          ? "one"
          : this.view.choices.upstream,
    });
  }

  sync(scene = this.scene) {
    this.scene = scene;
    const { view } = this;
    const { layer, kernel, map, way, upstream, size } = view.choices;
    this.which.set(
      layer !== null ? `layer:${layer}` : Array.isArray(kernel) ? "own" : (kernel ?? "sobel x"),
    );
    this.size.set(String(size));
    this.size.element.hidden = layer !== null || Array.isArray(kernel);
    this.maps.hidden = layer === null;
    if (scene) {
      for (const name of ["stride", "padding", "dilation"])
        this[name].set(String(view.choices[name] ?? scene.down[name]));
      const point = scene.point === null ? null : this.net.replay.step(scene.point);
      const count = point?.params.weight.shape[0] ?? 1;
      this.map.textContent = `${map} of ${count}`;
      this.before.disabled = map === 0;
      this.next.disabled = map >= count - 1;
      const traced = scene.point !== null && this.net.upstream(scene.point) !== null;
      this.upstream.inputs[2].disabled = !traced;
      this.upstream.element.title = traced
        ? ""
        : "The trace holds a gradient for its own layers and pictures only.";
    }
    this.way.set(way);
    this.upstream.set(upstream);
    this.upstream.element.hidden = way === "forward";
  }

  playing(on) {
    this.slide.textContent = on ? "■ Stop" : "▶ Slide";
    this.slide.setAttribute("aria-pressed", String(on));
  }
}
