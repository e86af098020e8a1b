// Which line of a net's code calls which layer, and who calls a layer.
import assert from "node:assert/strict";
import test from "node:test";

import { callerOf, callsIn } from "../../dlcourse/viz/viewer/stepper/source.js";

const steps = (...names) => names.map(([name, kind]) => ({ name, kind }));
const trace = {
  steps: steps(["blocks.0.norm", "LayerNorm"], ["blocks.0.fc", "Linear"], ["blocks.0", "Block"],
    ["blocks.1.norm", "LayerNorm"], ["blocks.1.fc", "Linear"], ["blocks.1", "Block"], ["head", "Linear"], ["Net", "Net"]),
};

test("a layer is called by the nearest part around it, and a part by the net", () => {
  assert.equal(callerOf(trace, 1), 2);
  assert.equal(callerOf(trace, 3), 5);
  assert.equal(callerOf(trace, 5), 7);
  assert.equal(callerOf(trace, 6), 7);
  assert.equal(callerOf(trace, 7), -1);
});

test("the second call of a layer is the second line that calls it; comments call nothing", () => {
  const twice = { steps: steps(["fc1", "Linear"], ["act", "ReLU"], ["fc2", "Linear"], ["act", "ReLU"], ["Net", "Net"]) };
  const text = "def forward(self, x):  # self.fc2(x) comes later\n  h = self.fc1(x)\n  h = self.act(h)\n  h = self.fc2(h)\n  return self.act(h)";
  assert.deepEqual([...callsIn(twice, 4, text)], [[1, 0], [2, 1], [3, 2], [4, 3]]);
});

test("a block's code leads to its own layers, not to those of the next block", () => {
  const text = "h = self.norm(x)\nreturn self.fc(h)";
  assert.deepEqual([...callsIn(trace, 5, text)], [[0, 3], [1, 4]]);
});
