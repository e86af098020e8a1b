// Which colour a number has. Orange for less than nothing, blue for more; the deeper, the larger.
// Both ends stay apart for colour-blind eyes and in grey print, and the sign stands in the number.

const LIGHT = {
  minus: ["#fdf6ec", "#f6cf9a", "#e39a4a", "#b35c0e", "#6e3204"],
  plus: ["#eef4fb", "#b4d2ec", "#6aa3d5", "#2a6fb0", "#0b3a70"],
  absent: "#d8d8d8", odd: "#c2187e", paper: "#ffffff", ink: "#1d222b",
};
const DARK = {
  minus: ["#241c14", "#5a3610", "#9a5a14", "#dd8f35", "#ffcf8f"],
  plus: ["#141c26", "#133f68", "#1f6cab", "#5aa5e0", "#bfe0ff"],
  absent: "#4a4a4a", odd: "#ff5fbb", paper: "#111111", ink: "#eceff4",
};

export const palette = (dark) => (dark ? DARK : LIGHT);

/** Colours for classes, told apart by colour-blind eyes; a sign goes with each. */
export const CLASSES = ["#0072b2", "#e69f00", "#009e73", "#cc79a7", "#56b4e9",
  "#d55e00", "#8a6bbf", "#b8a800", "#7a7a7a", "#a05a2c"];
export const SIGNS = ["●", "▲", "■", "◆", "▼", "★", "✚", "⬟", "⬢", "✖"];

export function rgb(hex) {
  const n = parseInt(hex.slice(1), 16);
  return [n >> 16, (n >> 8) & 255, n & 255];
}

function ramp(stops, t) {
  const at = Math.min(Math.max(t, 0), 1) * (stops.length - 1);
  const low = Math.min(Math.floor(at), stops.length - 2);
  const [a, b] = [rgb(stops[low]), rgb(stops[low + 1])];
  return a.map((channel, i) => Math.round(channel + (b[i] - channel) * (at - low)));
}

const STEPS = 256;
const tables = new Map();

/** 2 × 256 colours as packed RGBA: from the deepest minus over zero to the deepest plus. */
function table(dark) {
  if (!tables.has(dark)) {
    const { minus, plus } = palette(dark);
    const packed = new Uint32Array(2 * STEPS);
    for (let i = 0; i < STEPS; i++) {
      packed[STEPS - 1 - i] = pack(ramp(minus, i / (STEPS - 1)));
      packed[STEPS + i] = pack(ramp(plus, i / (STEPS - 1)));
    }
    tables.set(dark, packed);
  }
  return tables.get(dark);
}

/** Little-endian RGBA, as ImageData holds it. */
export const pack = ([r, g, b]) => (255 << 24 | b << 16 | g << 8 | r) >>> 0;

/** How far out a number lies between 0 and the reach: −1 … 1. Symmetric log spreads small ones. */
export function position(x, reach, log = false) {
  if (!(reach > 0)) return 0;
  const t = Math.min(Math.abs(x) / reach, 1);
  return Math.sign(x) * (log ? Math.log1p(t * 999) / Math.log(1000) : t);
}

/** A function from a number to a packed colour. */
export function painter({ reach, log = false, dark = false }) {
  const colours = table(dark);
  const odd = pack(rgb(palette(dark).odd));
  return (x) => {
    if (!Number.isFinite(x)) return odd;
    const t = position(x, reach, log);
    return t < 0 ? colours[STEPS - 1 + Math.round(t * (STEPS - 1))]
      : colours[STEPS + Math.round(t * (STEPS - 1))];
  };
}

/** The same as a CSS colour, for legends, borders and text. */
export const css = (x, options) => cssOf(painter(options)(x));

const written = new Map();

/** A packed colour as CSS; there are few of them, so each is written once. */
export function cssOf(packed) {
  if (!written.has(packed)) {
    const hex = ((packed & 255) << 16 | (packed & 0xff00) | (packed >> 16) & 255).toString(16);
    written.set(packed, `#${hex.padStart(6, "0")}`);
  }
  return written.get(packed);
}

/** Dark or light ink, whichever can be read on this packed colour: 4.5 to 1 and more on every one. */
export function inkOn(packed) {
  const [r, g, b] = [packed & 255, (packed >> 8) & 255, (packed >> 16) & 255]
    .map((c) => (c / 255) ** 2.2);
  return 0.2126 * r + 0.7152 * g + 0.0722 * b > 0.18 ? "#000000" : "#ffffff";
}
