/**
 * The formula behind every number of a step: forward, backward, and where the others come from.
 *
 *   explain(step, "outputs.0", [2, 1])             step as it stands in a trace
 *   explain(step, "dparams.weight", [0, 3], { trace, at })    at: which step of the trace it is
 *
 * With the trace around it, a number that comes from elsewhere is traced to its step, and a weight
 * that was used several times gets the terms of all its uses. Cells of other steps carry that
 * step's number as `at`; all others belong to the step itself.
 */

import { kinds as attention } from "./attention.js";
import { kinds as conv } from "./conv.js";
import { childrenOf, comeBack, comeIn, madeInside, ofStep, usesOf } from "./flow.js";
import { kinds as linear } from "./linear.js";
import { fromLoss } from "./loss.js";
import { kinds as norm } from "./norm.js";
import { kinds as pointwise } from "./pointwise.js";
import { kinds as pool } from "./pool.js";
import { kinds as recurrent } from "./recurrent.js";
import { kinds as softmax } from "./softmax.js";
import { Term, arrayAt, letter, named, sameShape, shortened } from "./terms.js";

const KINDS = Object.assign(Object.create(null), linear, pointwise, softmax, conv, pool, norm,
  recurrent, attention);

/** Where a number comes from that its step did not compute; every origin begins with one. */
export const ORIGINS = {
  weight: "a weight: learned, not computed",
  missing: "not computed yet",
  before: "came from the layer before",
  outside: "came into the net from outside",
  behind: "came back from the layer behind",
  loss: "from the loss",
  inside: "made by the layers inside",
  tokens: "tokens are only looked up: no gradient goes to them",
  hidden: "PyTorch keeps what is inside this layer to itself",
  unknown: "this kind of layer has no formula here",
  unusual: "this layer is not made as a layer of this name usually is",
  setting: "made with a setting of this layer that its numbers do not tell",
  shared: "the sum over all uses of this weight, and this is only one of them",
};

const SEALED = /Attention|Transformer|LSTM|GRU|RNN/; // torch.nn's, whose layers inside are not seen
const DIGITS = { float64: 2 ** -52, float16: 2 ** -10, bfloat16: 2 ** -7 };

/** Can the numbers of this array be explained by cells of the step? */
export function explainable(step, place) {
  const group = place.split(".")[0];
  return group in (KINDS[step.kind] ?? {}) && arrayAt(step, place) !== null;
}

/** The formula of one number. */
export function explain(step, place, index, context = null) {
  const array = arrayAt(step, place);
  const name = named(letter(step, place), index);
  if (!array) return without(name, null, ORIGINS.missing);
  if (!inside(array.shape, index)) {
    throw new RangeError(`${place} of ${step.name} has the shape (${array.shape}), `
      + `so it has no number at [${index}].`);
  }
  const stored = array.at(index);
  const piece = pieceOf(step, place, index, context);
  if (piece.origin) return { ...without(name, stored, ORIGINS[piece.origin] ?? piece.origin) };
  return finished(name, stored, piece, [array.dtype, context?.trace.dtype, piece.dtype]);
}

function inside(shape, index) {
  return index.length === shape.length && index.every((i, axis) => i >= 0 && i < shape[axis]);
}

function without(name, stored, origin) {
  return { name, equation: null, origin, terms: [], joint: "+", total: stored, stored, agrees: true,
    marks: [] };
}

function finished(name, stored, piece, dtypes) {
  const { equation, joint, total, marks } = piece;
  const agrees = close(total, stored, piece.scale, piece.count ?? lengthOf(piece), dtypes);
  const formula = { name, equation, origin: null, terms: shortened(piece), joint, total,
    stored, agrees, marks };
  return piece.around ? { ...formula, around: piece.around } : formula;
}

const lengthOf = ({ terms, rest }) => terms.length + (rest?.count ?? 0);

/** Equal but for rounding: a sum of n numbers may be off by some √n last digits of their size. */
function close(total, stored, scale, n, dtypes) {
  if (total === stored || (total !== total && stored !== stored)) return true;
  const digit = Math.max(...dtypes.map((dtype) => (dtype ? DIGITS[dtype] ?? 2 ** -23 : 0)));
  const size = Math.max(scale, Math.abs(total), Math.abs(stored));
  if (!Number.isFinite(size)) return false;
  return Math.abs(total - stored) <= digit * (4 + 2 * Math.sqrt(n)) * size + 1e-37;
}

function pieceOf(step, place, index, context) {
  const dot = place.indexOf(".");
  const [group, key] = [place.slice(0, dot), place.slice(dot + 1)];
  if (group === "params") return { origin: "weight" };
  if (group === "inputs") return comeIn(step, key, index, context);
  if (group === "doutputs") {
    return fromLoss(step, key, index, context) ?? comeBack(step, key, index, context);
  }
  const kind = KINDS[step.kind];
  if (!kind) return composite(step, group, key, index, context);
  if (!kind.fits(step)) return { origin: "unusual" };
  if (!kind[group]) return { origin: "unknown" };
  if (group === "outputs") return kind.outputs(step, Number(key), index);
  if (group === "dinputs") return backward(kind, "dinputs", step, Number(key), index);
  return ofWeight(kind, step, key, index, context);
}

/** A step that is made of others; one of none, such as an empty short cut, changes nothing. */
function composite(step, group, key, index, context) {
  const names = childrenOf(step, context);
  if (names.length) {
    const sum = madeInside(step, group, key, index, context);
    return sum ?? { origin: `${ORIGINS.inside}: ${names.join(", ")}` };
  }
  if (step.kind === "Sequential") {
    return pieceOf({ ...step, kind: "Identity" }, `${group}.${key}`, index);
  }
  if (!context) return { origin: "inside" };
  return { origin: SEALED.test(step.kind) ? "hidden" : "unknown" };
}

function backward(kind, group, step, key, index) {
  if (step.doutputs.every((dy) => !dy)) return { origin: "missing" };
  if (!step.doutputs.every((dy, slot) => !dy || sameShape(dy, step.outputs[slot]))) {
    return { origin: "unusual" };
  }
  return kind[group](step, key, index);
}

/** The gradient of a weight: where it was used several times, the terms of all its uses. */
function ofWeight(kind, step, key, index, context) {
  const own = backward(kind, "dparams", step, key, index);
  if (own.origin && own.origin !== "missing") return own;
  if (!own.origin && agreesAlone(step, key, index, own, context)) return own;
  const others = usesOf(step, key, context).filter(({ step: other }) =>
    KINDS[other.kind]?.dparams && KINDS[other.kind].fits(other));
  if (!others.length) return context ? own : { origin: "shared" };
  const pieces = others.map(({ step: other, key: theirs, at }) =>
    elsewhere(backward(KINDS[other.kind], "dparams", other, theirs, index), other, at));
  const used = [own, ...pieces].filter((piece) => piece.origin !== "missing");
  return used.length ? used.reduce(joined) : { origin: "shared" };
}

function agreesAlone(step, key, index, own, context) {
  const dW = step.dparams[key];
  const dtypes = [dW.dtype, context?.trace.dtype, own.dtype];
  return close(own.total, dW.at(index), own.scale, lengthOf(own), dtypes);
}

/** The same piece, whose cells say of which step of the trace they are. */
function elsewhere(piece, step, at) {
  if (piece.origin) return piece;
  const there = (part) => (typeof part === "string" || !part.place ? part : ofStep(part, step, at));
  const terms = piece.terms.map((term) => new Term(term.value, () => term.parts.map(there)));
  return { ...piece, terms, marks: piece.marks.map((box) => ({ ...box, at })) };
}

const ALL_USES = ", added up over all uses";

function joined(one, other) {
  if (one.origin || other.origin) return one.origin ? one : other;
  return {
    ...one,
    equation: one.equation.endsWith(ALL_USES) ? one.equation : one.equation + ALL_USES,
    terms: [...one.terms, ...other.terms],
    rest: { count: one.rest.count + other.rest.count, value: one.rest.value + other.rest.value },
    total: one.total + other.total,
    scale: one.scale + other.scale,
    marks: [...one.marks, ...other.marks],
  };
}
