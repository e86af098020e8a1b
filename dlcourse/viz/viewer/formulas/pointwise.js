/** The formulas of layers that treat each number by itself: activations, dropout, new shapes. */

import { cell, inner, mark, named, quantity, sameShape, single } from "./terms.js";

const { PI, abs, exp, max, sqrt, tanh } = Math;
const sigmoid = (x) => 0.5 * tanh(0.5 * x) + 0.5;

/** erf by its series near zero and its continued fraction farther out: all digits of a double. */
export function erf(x) {
  const z = abs(x);
  if (z > 6) return Math.sign(x);
  if (z < 2.5) {
    let [term, sum] = [x, x];
    for (let n = 1; abs(term) > abs(sum) * 1e-18 && n < 200; n++) {
      term *= (-x * x) / n;
      sum += term / (2 * n + 1);
    }
    return (2 / sqrt(PI)) * sum;
  }
  let fraction = z;
  for (let n = 120; n >= 1; n--) fraction = z + n / 2 / fraction;
  return Math.sign(x) * (1 - exp(-z * z) / sqrt(PI) / fraction);
}

const BEND = 0.044715;
const geluInner = (x) => sqrt(2 / PI) * (x + BEND * x ** 3);
const geluTanhShare = (x) => 0.5 * (1 + tanh(geluInner(x)));
const geluTanhSlope = (x) => {
  const p = geluTanhShare(x);
  return p + 2 * x * p * (1 - p) * sqrt(2 / PI) * (1 + 3 * BEND * x * x);
};
const geluShare = (x) => 0.5 * (1 + erf(x / sqrt(2)));
const geluSlope = (x) => geluShare(x) + (x * exp(-0.5 * x * x)) / sqrt(2 * PI);

/**
 * One entry for each curve: y = value(x, k), dx = dy·slope(x, y, k), each with the parts it is
 * written with; k is what the layer was set to, and no array holds: `found` reads it off.
 * `slopeIs` is the slope in words where parts cannot say it in one line.
 */
const curves = {
  ReLU: {
    says: ["max(0, x)", "dy·(1 where x > 0, else 0)"],
    value: (x) => (x > 0 || x !== x ? x : 0),
    write: (x) => ["max(0, ", x, ")"],
    slope: (x) => (x > 0 ? 1 : 0),
    writeSlope: (x) => ["[", x, " > 0]"],
  },
  LeakyReLU: {
    says: ["x where x > 0, else slope·x", "dy·(1 where x > 0, else slope)"],
    found: (x, y) => (x < 0 ? y / x : null),
    usual: 0.01,
    constant: (k) => quantity("slope", k, "what the layer was set to, read off from y / x"),
    value: (x, k) => (x > 0 ? x : k * x),
    write: (x, k) => (x.value > 0 ? [x] : [k, "·", x]),
    slope: (x, y, k) => (x > 0 ? 1 : k),
    writeSlope: (x, y, k) => (x.value > 0 ? ["1"] : [k]),
  },
  Tanh: {
    says: ["tanh(x)", "dy·(1 − y²)"],
    value: tanh,
    write: (x) => ["tanh(", x, ")"],
    slope: (x, y) => 1 - y * y,
    writeSlope: (x, y) => ["(1 − ", y, "²)"],
  },
  Sigmoid: {
    says: ["σ(x) = 1 / (1 + e⁻ˣ)", "dy·y·(1 − y)"],
    value: sigmoid,
    write: (x) => ["σ(", x, ")"],
    slope: (x, y) => y * (1 - y),
    writeSlope: (x, y) => [y, "·(1 − ", y, ")"],
  },
  SiLU: {
    says: ["x·σ(x)", "dy·σ(x)·(1 + x·(1 − σ(x)))"],
    value: (x) => x * sigmoid(x),
    write: (x) => [x, "·σ(", x, ")"],
    slope: (x) => sigmoid(x) * (1 + x * (1 - sigmoid(x))),
    writeSlope: (x) => ["σ(", x, ")·(1 + ", x, "·(1 − σ(", x, ")))"],
  },
  Softplus: {
    says: ["ln(1 + eˣ)", "dy·σ(x)"],
    value: (x) => max(x, 0) + Math.log1p(exp(-abs(x))),
    write: (x) => ["ln(1 + e^(", x, "))"],
    slope: sigmoid,
    writeSlope: (x) => ["σ(", x, ")"],
  },
  ELU: {
    says: ["x where x > 0, else α·(eˣ − 1)", "dy·(1 where x > 0, else α·eˣ)"],
    found: (x, y) => (x < 0 ? y / Math.expm1(x) : null),
    usual: 1,
    constant: (k) => quantity("α", k, "what the layer was set to, read off from y and x"),
    value: (x, k) => (x > 0 ? x : k * Math.expm1(x)),
    write: (x, k) => (x.value > 0 ? [x] : [k, "·(e^(", x, ") − 1)"]),
    slope: (x, y, k) => (x > 0 ? 1 : k * exp(x)),
    writeSlope: (x, y, k) => (x.value > 0 ? ["1"] : [k, "·e^(", x, ")"]),
  },
  GELU: {
    says: ["x·p with p = ½·(1 + tanh(√(2/π)·(x + 0.044715·x³)))", "dy·slope of the curve at x"],
    value: (x) => x * geluTanhShare(x),
    write: (x) => [x, "·0.5·(1 + tanh(√(2/π)·(", x, " + 0.044715·", x, "³)))"],
    slope: geluTanhSlope,
    writeSlope: (x) => [quantity("slope", geluTanhSlope(x.value), SLOPE, () => slopeOf(x))],
  },
  "GELU by erf": {
    says: ["x·p with p = ½·(1 + erf(x/√2))", "dy·slope of the curve at x"],
    value: (x) => x * geluShare(x),
    write: (x) => [x, "·0.5·(1 + erf(", x, "/√(2)))"],
    slope: geluSlope,
    writeSlope: (x) => ["(0.5·(1 + erf(", x, "/√(2))) + ", x, "·e^(−0.5·", x, "²)/√(2·π))"],
  },
};

const SLOPE = "how steep the curve is here: p + 2x·p·(1 − p)·du/dx, where p = ½·(1 + tanh u)";

/** The slope of GELU: a formula of its own, for it is long. */
function slopeOf(x) {
  const p = quantity("p", geluTanhShare(x.value), "½·(1 + tanh u), u = √(2/π)·(x + 0.044715·x³)");
  const parts = [p, " + 2·", x, "·", p, "·(1 − ", p, ")·√(2/π)·(1 + 3·0.044715·", x, "²)"];
  const total = geluTanhSlope(x.value);
  const equation = "p + 2x·p·(1 − p)·√(2/π)·(1 + 3·0.044715·x²)";
  const terms = [{ value: total, parts }];
  return inner("slope", { equation, terms, joint: "+", total });
}

const constants = new WeakMap();

/** What the layer was set to: read off where x tells it best, so with the most digits. */
function constantOf(step, curve) {
  if (!curve.found) return null;
  if (!constants.has(step)) {
    const [x, y] = [step.inputs[0].data, step.outputs[0].data];
    let [best, k] = [0, curve.usual];
    for (let i = 0; i < x.length; i++) {
      if (x[i] < best && Number.isFinite(x[i])) [best, k] = [x[i], curve.found(x[i], y[i])];
    }
    const near = Number(k.toPrecision(6)); // 0.2, not 0.20000000298
    constants.set(step, abs(near - k) <= 2e-7 * abs(k) ? near : k);
  }
  return constants.get(step);
}

/** Which of the two GELUs: the one that the stored outputs were made with. */
function curveOf(step) {
  if (step.kind !== "GELU") return curves[step.kind];
  if (!constants.has(step)) {
    const [x, y] = [step.inputs[0].data, step.outputs[0].data];
    const miss = ({ value }) => {
      let worst = 0;
      for (let i = 0; i < Math.min(x.length, 500); i++) worst = max(worst, abs(value(x[i]) - y[i]));
      return worst;
    };
    const byErf = curves["GELU by erf"];
    constants.set(step, miss(byErf) < miss(curves.GELU) ? byErf : curves.GELU);
  }
  return constants.get(step);
}

const at = (says, index) => says.replace(/\b(dy|x|y)(?!\w)/g, (name) => named(name, index));

const pointwise = {
  fits: ({ inputs: [x], outputs: [y] }) => sameShape(x, y),

  outputs(step, slot, index) {
    const [curve, offset] = [curveOf(step), step.inputs[0].flat(index)];
    const [x, k] = [step.inputs[0].data[offset], constantOf(step, curve)];
    const write = () => curve.write(cell(step, "inputs.0", offset), curve.constant?.(k));
    const lit = [mark("inputs.0", index)];
    return single(at(curve.says[0], index), curve.value(x, k), write, lit, abs(x) + 1e-30);
  },

  dinputs(step, slot, index) {
    const [curve, offset] = [curveOf(step), step.inputs[0].flat(index)];
    const arrays = [step.inputs[0], step.outputs[0], step.doutputs[0]];
    const [x, y, dy] = arrays.map((array) => array.data[offset]);
    const k = constantOf(step, curve);
    const own = (place) => cell(step, place, offset);
    const slope = () => curve.writeSlope(own("inputs.0"), own("outputs.0"), curve.constant?.(k));
    const write = () => [own("doutputs.0"), "·", ...slope()];
    const value = dy * curve.slope(x, y, k);
    const lit = ["doutputs.0", "inputs.0", "outputs.0"].map((place) => mark(place, index));
    const scale = abs(dy) * (curve.says[0].includes("erf") || curve.says[0].includes("tanh(√")
      ? 1 + abs(x) : 1);
    return single(at(curve.says[1], index), value, write, lit, scale);
  },
};

const masks = new WeakMap();

/** By how much dropout made louder those who stayed: 1 / (1 − p), read off from y / x. */
function louder(step) {
  if (!masks.has(step)) {
    const [x, y] = [step.inputs[0].data, step.outputs[0].data];
    let [best, scale] = [0, 1];
    for (let i = 0; i < x.length; i++) {
      if (y[i] === 0 || !(abs(x[i]) > best) || !Number.isFinite(y[i])) continue;
      [best, scale] = [abs(x[i]), y[i] / x[i]];
    }
    const p = Number((1 - 1 / scale).toPrecision(6));
    masks.set(step, abs(1 / (1 - p) - scale) <= 2e-7 * scale ? 1 / (1 - p) : scale);
  }
  return masks.get(step);
}

/** 0 where the number was dropped. Where x is 0 the output does not tell, but the gradient does. */
function stays(step, offset) {
  const [x, y] = [step.inputs[0].data[offset], step.outputs[0].data[offset]];
  if (x !== 0) return y !== 0;
  const [dx, dy] = [step.dinputs[0]?.data[offset], step.doutputs[0]?.data[offset]];
  return !(dx === 0 && dy !== 0 && dy !== undefined);
}

function masked(step, place, index) {
  const offset = step.inputs[0].flat(index);
  const source = place === "inputs.0" ? step.inputs[0] : step.doutputs[0];
  const m = stays(step, offset) ? louder(step) : 0;
  const how = "0 where it was dropped, else 1 / (1 − p), read off from y / x";
  const write = () => [cell(step, place, offset), "·", quantity(named("m", index), m, how)];
  const lit = [mark(place, index)];
  const equation = `${named(place === "inputs.0" ? "x" : "dy", index)}·${named("m", index)}`;
  return single(equation, source.data[offset] * m, write, lit);
}

const dropout = {
  fits: ({ inputs: [x], outputs: [y] }) => sameShape(x, y),
  outputs: (step, slot, index) => masked(step, "inputs.0", index),
  dinputs: (step, slot, index) => masked(step, "doutputs.0", index),
};

function moved(step, from, to, index) {
  const offset = to.flat(index);
  const array = from.startsWith("inputs") ? step.inputs[0] : step.doutputs[0];
  const before = array.unflat(offset);
  const letterOf = from.startsWith("inputs") ? "x" : "dy";
  const write = () => [cell(step, from, offset)];
  return single(named(letterOf, before), array.data[offset], write, [mark(from, before)]);
}

/** The same numbers in another shape. */
const reshaped = {
  fits: ({ inputs: [x], outputs: [y] }) => Boolean(x && y) && x.size === y.size,
  outputs: (step, slot, index) => moved(step, "inputs.0", step.outputs[0], index),
  dinputs: (step, slot, index) => moved(step, "doutputs.0", step.inputs[0], index),
};

export const kinds = {
  Dropout: dropout, Flatten: reshaped, Unflatten: reshaped, Identity: reshaped,
};
for (const kind of Object.keys(curves)) kinds[kind] = pointwise;
