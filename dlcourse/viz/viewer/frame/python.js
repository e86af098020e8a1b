// The call in Python that rebuilds what is on screen.

/** A value as Python writes it. */
export function literal(value) {
  if (value === null || value === undefined) return "None";
  if (value === true) return "True";
  if (value === false) return "False";
  if (typeof value === "number") {
    if (Number.isNaN(value)) return 'float("nan")';
    return Number.isFinite(value) ? String(value) : `float("${value > 0 ? "" : "-"}inf")`;
  }
  if (typeof value === "string") return JSON.stringify(value);
  if (Array.isArray(value)) {
    const inner = value.map(literal).join(", ");
    return `(${inner}${value.length === 1 ? "," : ""})`;
  }
  const pairs = Object.entries(value).map(([key, each]) => `${literal(key)}: ${literal(each)}`);
  return `{${pairs.join(", ")}}`;
}

/** stepper(trace, at="fc1", cell=(1, 3)): only choices that differ from the defaults are named. */
export function call({ name, given }, choices, defaults) {
  const changed = Object.keys(choices)
    .filter((key) => JSON.stringify(choices[key]) !== JSON.stringify(defaults[key]))
    .map((key) => `${key}=${literal(choices[key])}`);
  return `${name}(${[...given, ...changed].join(", ")})`;
}
