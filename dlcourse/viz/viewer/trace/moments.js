// The time line of a training step: forward through the layers, the loss, back through them, the
// update of the weights, and the next batch.

import { labels, leaves } from "./trace.js";

/** [{ phase, label, at, pass }]: `at` is a step of the trace number `pass`; null for the loss. */
export function moments(traces) {
  return traces.flatMap((trace, pass) => {
    const [places, names] = [leaves(trace), labels(trace)];
    const moment = (phase) => (at) => ({ phase, label: names[at], at, pass });
    const back = places.filter((at) => hasGradient(trace.steps[at])).reverse();
    const learned = places.filter((at) => updated(traces, pass, at));
    const loss = trace.loss === null ? [] : [{ phase: "loss", label: "loss", at: null, pass }];
    return [...places.map(moment("forward")), ...loss, ...back.map(moment("backward")),
      ...learned.map(moment("update"))];
  });
}

/** A step that something came back through. */
export function hasGradient(step) {
  return [...step.doutputs, ...step.dinputs, ...Object.values(step.dparams)].some(Boolean);
}

/** Did its weights change before the next trace? Each weight is shown once. */
function updated(traces, pass, at) {
  const next = traces[pass + 1]?.steps[at];
  const { name, params } = traces[pass].steps[at];
  const first = traces[pass].steps.findIndex((step) => step.name === name) === at;
  return first && next?.name === name && Object.keys(params).some((key) => next.params[key]);
}

/** Where a moment stands in words: "Backward 3 of 7". */
export function counted(all, index) {
  const { phase, pass } = all[index];
  const alike = all.map((moment, i) => ({ ...moment, i }))
    .filter((moment) => moment.phase === phase && moment.pass === pass);
  const nth = alike.findIndex(({ i }) => i === index) + 1;
  const name = phase[0].toUpperCase() + phase.slice(1);
  return alike.length > 1 ? `${name} ${nth} of ${alike.length}` : name;
}
