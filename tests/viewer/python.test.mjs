// The Python call that rebuilds a view.

import assert from "node:assert/strict";
import { test } from "node:test";
import { call, literal } from "../../dlcourse/viz/viewer/frame/python.js";

test("values are written as Python writes them", () => {
  const wanted = [
    [null, "None"], [undefined, "None"], [true, "True"], [false, "False"], [3, "3"], [-0.5, "-0.5"],
    [NaN, 'float("nan")'], [Infinity, 'float("inf")'], [-Infinity, 'float("-inf")'],
    ["a \"b\"\n", '"a \\"b\\"\\n"'], [[], "()"], [[1], "(1,)"], [[1, [2, 3]], "(1, (2, 3))"],
    [{ a: 1, b: null }, '{"a": 1, "b": None}'], [{}, "{}"],
  ];
  for (const [value, text] of wanted) assert.equal(literal(value), text);
});

test("a call names only what differs from the defaults, after what was given", () => {
  const code = { name: "stepper", given: ["trace"] };
  const defaults = { at: 0, cell: null, log: false };
  assert.equal(call(code, { ...defaults }, defaults), "stepper(trace)");
  assert.equal(call(code, { ...defaults, at: "fc1", cell: [1, 3] }, defaults),
    'stepper(trace, at="fc1", cell=(1, 3))');
  assert.equal(call({ name: "playground", given: [] }, { log: true }, defaults), "playground(log=True)");
});

test("equal lists are no change", () => {
  assert.equal(call({ name: "x", given: [] }, { cell: [1, 2] }, { cell: [1, 2] }), "x()");
});
