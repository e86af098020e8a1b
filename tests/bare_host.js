// The least host that anywidget's contract allows. It counts what an instrument holds on to, who
// listens where, what is observed, what is drawn, so that a test can see it let go.

(() => {
  const held = new Map();
  const numbers = new WeakMap();
  let drawn = 0;
  let count = 0;

  function number(x) {
    if (x === null || x === undefined) return 0;
    if (!numbers.has(x)) numbers.set(x, ++count);
    return numbers.get(x);
  }

  const key = (target, type, heard, options) =>
    [number(target), type, number(heard), Boolean(options?.capture ?? options)].join();

  function countListeners() {
    const { addEventListener: add, removeEventListener: remove } = EventTarget.prototype;
    EventTarget.prototype.addEventListener = function (type, heard, options) {
      const target = this ?? window;
      const mine = key(target, type, heard, options);
      held.set(mine, { what: `${target.constructor?.name} ${type}`, target });
      if (options?.signal) add.call(options.signal, "abort", () => held.delete(mine));
      return add.call(target, type, heard, options);
    };
    EventTarget.prototype.removeEventListener = function (type, heard, options) {
      held.delete(key(this ?? window, type, heard, options));
      return remove.call(this ?? window, type, heard, options);
    };
  }

  function countObservers() {
    for (const what of ["ResizeObserver", "MutationObserver", "IntersectionObserver"]) {
      const { observe, disconnect } = window[what].prototype;
      window[what].prototype.observe = function (...rest) {
        held.set(this, { what });
        return observe.apply(this, rest);
      };
      window[what].prototype.disconnect = function () {
        held.delete(this);
        return disconnect.call(this);
      };
    }
  }

  function countTimers() {
    const { setInterval: begin, clearInterval: end } = window;
    window.setInterval = (...rest) => {
      const timer = begin(...rest);
      held.set(timer, { what: "setInterval" });
      return timer;
    };
    window.clearInterval = (timer) => {
      held.delete(timer);
      end(timer);
    };
  }

  function countStrokes() {
    const pen = CanvasRenderingContext2D.prototype;
    for (const name of ["fillRect", "strokeRect", "drawImage", "putImageData", "stroke", "fill", "fillText"]) {
      const draw = pen[name];
      pen[name] = function (...rest) {
        drawn++;
        return draw.apply(this, rest);
      };
    }
  }

  async function show({ source, data }) {
    for (const start of [countListeners, countObservers, countTimers, countStrokes]) start();
    const bytes = Uint8Array.from(atob(data), (c) => c.charCodeAt(0));
    const state = { data: new DataView(bytes.buffer), live: false, choices: {} };
    const hearing = [];
    const model = {
      get: (name) => state[name],
      set: (name, value) => { state[name] = value; },
      save_changes() {},
      on: (event, heard) => hearing.push({ event, heard }),
      off: (event, heard) => hearing.splice(hearing.findIndex((each) => each.heard === heard), 1),
    };
    const url = URL.createObjectURL(new Blob([source], { type: "text/javascript" }));
    const { default: instrument } = await import(url);
    const el = document.body.appendChild(document.createElement("main"));
    const end = await instrument.render({ model, el });
    await probes.use(el.shadowRoot.querySelector(".root"));
    window.bareHost.release = () => release(el, end, hearing);
  }

  async function release(el, end, hearing) {
    const during = { hears: hearing.length, holds: held.size, drawn };
    const all = [...hearing];
    const inside = new Set(el.shadowRoot.querySelectorAll("*"));
    await end();
    const gone = ({ target }) => target instanceof Node && (inside.has(target) || !target.isConnected);
    const holds = [...held.values()].filter((each) => !gone(each)).map(({ what }) => what);
    const before = drawn;
    for (const { heard } of all.filter((each) => hearing.includes(each))) heard();
    window.dispatchEvent(new Event("resize"));
    document.body.dataset.jpThemeLight = "false";
    el.style.width = "300px";
    await new Promise((done) => setTimeout(done, 400));
    const children = el.shadowRoot.childElementCount + el.childElementCount;
    return { during, after: { hears: hearing.map(({ event }) => event), holds, drawn: drawn - before, children } };
  }

  window.bareHost = { show };
})();
