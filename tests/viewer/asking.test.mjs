// Questions to Python: none is lost, and the latest of its kind wins.

import assert from "node:assert/strict";
import { test } from "node:test";
import { Asking } from "../../dlcourse/viz/viewer/frame/asking.js";
import { read, write } from "../../dlcourse/viz/viewer/frame/wire.js";

/** A model whose one place for a question holds only the last; it is read when Python has time. */
function python() {
  const [state, heard] = [{}, new Set()];
  const model = { get: (name) => state[name], set(name, value) { state[name] = value; }, save_changes() {},
    on: (_, hears) => heard.add(hears), off: (_, hears) => heard.delete(hears) };
  const answer = (also = {}) => {
    const { id, name, args } = read(state.question).content;
    state.reply = write("reply", { id, name, error: "", answer: { of: name, ...args }, ...also });
    for (const hears of heard) hears();
  };
  return { model, answer, heard, asked: () => read(state.question).content };
}

const settled = () => new Promise((resolve) => { setTimeout(resolve); });

test("two kinds at once: both are answered, one after the other", async () => {
  const { model, answer } = python();
  const asking = new Asking(model, () => {});
  const [picture, way] = [asking.ask("picture", { at: 1 }), asking.ask("way", { from: 2 })];
  answer();
  answer();
  assert.deepEqual(await Promise.all([picture, way]), [{ of: "picture", at: 1 }, { of: "way", from: 2 }]);
  asking.release();
});

test("the latest of its kind wins, and those between are told so", async () => {
  const { model, answer, asked } = python();
  const asking = new Asking(model, () => {});
  const all = [1, 2, 3].map((at) => asking.ask("picture", { at }));
  const other = asking.ask("way", {});
  answer();
  assert.equal(asked().args.at, 3);
  answer();
  answer();
  assert.deepEqual((await Promise.all(all)).map((found) => found?.at), [1, undefined, 3]);
  assert.equal((await other).of, "way");
  asking.release();
});

test("a mistake comes back as a sentence, and the next question is asked all the same", async () => {
  const { model, answer } = python();
  const asking = new Asking(model, () => {});
  const [bad, good] = [asking.ask("picture", {}), asking.ask("way", {})];
  answer({ error: "no such place" });
  answer();
  await assert.rejects(bad, /no such place/);
  assert.equal((await good).of, "way");
  asking.release();
});

test("an answer to another question is not taken; after the release nobody listens", async () => {
  const { model, answer, heard } = python();
  const asking = new Asking(model, () => {});
  let came = false;
  asking.ask("picture", {}).then(() => { came = true; });
  answer({ id: 99 });
  await settled();
  assert.equal(came, false);
  asking.release();
  assert.equal(heard.size, 0);
});
