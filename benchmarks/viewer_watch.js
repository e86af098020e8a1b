// In JupyterLab's page, from its first moment on: which messages go to the kernel and come back, and
// how long it takes until what they say is painted.

(() => {
  const Native = window.WebSocket;
  const START = 20000; // bytes of a message that hold all that is asked here
  const heard = []; // { type, path, sent }: messages from the kernel
  const waiting = new Set();

  function beginning(data) {
    if (typeof data === "string") return data.slice(0, START);
    return new TextDecoder("latin1").decode(new Uint8Array(data.buffer ?? data).subarray(0, START));
  }

  const pick = (text, what) => what.exec(text)?.[1] ?? "";

  // An instrument reads an answer some milliseconds after it came: when it looks at the first word.
  const { decode } = TextDecoder.prototype;
  const reading = [];
  TextDecoder.prototype.decode = function (...rest) {
    const text = decode.apply(this, rest);
    if (text === "DLCOURSE") for (const began of reading.splice(0)) began();
    return text;
  };
  const read = () => new Promise((began) => { reading.push(began); });

  function received({ data }) {
    const text = beginning(data);
    const message = {
      type: pick(text, /"msg_type": ?"(\w+)"/), path: pick(text, /"buffer_paths": ?\[\["(\w+)"\]\]/),
      sent: Date.parse(pick(text, /"date": ?"([^"]+)"/)),
    };
    heard.push(message);
    for (const look of waiting) look(message);
  }

  window.WebSocket = class extends Native {
    constructor(...rest) {
      super(...rest);
      this.addEventListener("message", received);
    }
  };

  /** The next message that `fits`. */
  const message = (fits, patience = 9000) => new Promise((resolve, reject) => {
    const late = setTimeout(() => reject(new Error("the kernel said nothing")), patience);
    const look = (one) => {
      if (!fits(one)) return;
      waiting.delete(look);
      clearTimeout(late);
      resolve(one);
    };
    waiting.add(look);
  });

  /** When the next frame is on screen. */
  const painted = () => new Promise((resolve) =>
    requestAnimationFrame(() => setTimeout(() => resolve(performance.now()))));

  const clock = (now) => performance.timeOrigin + now; // as Date.now() counts, and finer

  function pointer(e, i) {
    const { left, top, width, height } = e.getBoundingClientRect();
    const at = [left + width * (0.5 + 0.45 * Math.sin(i / 3)), top + height * (0.5 + 0.45 * Math.sin(i / 5))];
    const place = { clientX: at[0], clientY: at[1], bubbles: true, composed: true, pointerId: 1 };
    e.dispatchEvent(new PointerEvent("pointermove", place));
  }

  function slide(e, i) {
    const [least, most, step] = [e.min || 0, e.max || 100, e.step || 1].map(Number);
    const places = Math.max(1, Math.round((most - least) / (step || 1)));
    e.value = least + (i % (places + 1)) * (step || 1);
    e.dispatchEvent(new Event("input", { bubbles: true }));
  }

  function press(e, key) {
    e.dispatchEvent(new KeyboardEvent("keydown", { key, bubbles: true, composed: true }));
  }

  /** One event of a gesture: the i-th. */
  function act(root, gesture, i) {
    if (gesture.script) return new Function("root", "i", "press", gesture.script)(root, i, press);
    const e = [...root.querySelectorAll(gesture.on)].find((one) => one.checkVisibility());
    if (!e) throw new Error(`nothing here is ${gesture.on}`);
    if (gesture.keys) return press(e, gesture.keys[i % gesture.keys.length]);
    return gesture.slide ? slide(e, i) : pointer(e, i);
  }

  const prepare = (root, script) => void new Function("root", "press", script)(root, press);

  /** Milliseconds from each event to all that it draws, layout included. */
  async function inBrowser(root, gesture) {
    const times = [];
    for (let i = 0; i < gesture.times; i++) {
      const from = performance.now();
      act(root, gesture, i);
      void root.offsetHeight;
      times.push(performance.now() - from);
      await painted();
    }
    return times;
  }

  /** Milliseconds from each event through the kernel until its answer is on screen. */
  async function throughKernel(root, gesture) {
    const times = [];
    for (let i = 0; i < gesture.times; i++) {
      const answer = message(({ path }) => path === "reply");
      const from = performance.now();
      act(root, gesture, i);
      await answer;
      await read();
      times.push(await painted() - from);
      await new Promise((done) => setTimeout(done, 60)); // as a person, and not as a machine gun
    }
    return times;
  }

  /** Run a cell; milliseconds from a message of the kernel's until `count` new pictures are there. */
  async function cell(number, since, count) {
    const { content: notebook } = jupyterapp.shell.currentWidget;
    const { node } = notebook.widgets[number];
    const hosts = () => [...node.querySelectorAll("[data-lm-suppress-shortcuts]")];
    const old = new Set(hosts());
    notebook.activeCellIndex = number;
    const begun = message(({ type }) => type === since, 60000);
    jupyterapp.commands.execute("notebook:run-cell");
    const { sent } = await begun;
    const ready = (e) => !old.has(e) && e.shadowRoot?.querySelector(".root[data-ready]");
    const patience = performance.now() + 60000;
    let shown = await painted();
    while (hosts().filter(ready).length < count) {
      if (performance.now() > patience) throw new Error("the cell shows no instrument");
      shown = await painted();
    }
    return clock(shown) - sent;
  }

  /** What a stream of frames was like: each frame's time on screen less the time it was sent. */
  async function stream(root, button, seconds) {
    const from = heard.length;
    const lags = [];
    let painting = 0;
    const late = ({ path, sent }) => {
      if (path === "stream") read().then(painted).then((now) => { lags.push(clock(now) - sent); });
    };
    waiting.add(late);
    const tick = () => { painting++; if (painting > 0) requestAnimationFrame(tick); };
    root.querySelector(button).click();
    await message(({ path }) => path === "stream");
    const began = performance.now();
    requestAnimationFrame(tick);
    await new Promise((done) => setTimeout(done, 1000 * seconds));
    const frames = heard.slice(from).filter(({ path }) => path === "stream").length;
    const took = (performance.now() - began) / 1000;
    const screens = painting;
    painting = -Infinity;
    root.querySelector(button).click();
    await new Promise((done) => setTimeout(done, 1500)); // the last ones are still on their way
    waiting.delete(late);
    return { lags, perSecond: frames / took, screensPerSecond: screens / took };
  }

  window.watch = { prepare, inBrowser, throughKernel, cell, stream };
})();
