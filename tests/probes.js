// Questions to an instrument's root in a browser: whatever host it is in, whatever it shows.

(() => {
  const shell = (root) => root.getRootNode().host;
  const settle = (time = 60) => new Promise((done) => setTimeout(done, time));

  function name(e) {
    const group = e.type === "radio" && e.closest("[role=radiogroup]")?.getAttribute("aria-label");
    const label = group || (e.getAttribute("aria-label") ?? e.labels?.[0]?.textContent ?? e.textContent);
    return `${e.localName} ${label.trim().slice(0, 40)}`;
  }

  // What the keyboard must be able to reach: everything a mouse can use. Of radio buttons with one
  // name the browser gives the keyboard one; arrow keys lead to the others.
  function controls(root) {
    const wanted = "a[href], button, input, select, textarea, summary, [tabindex]";
    const radios = new Set();
    return [...root.querySelectorAll(wanted)].filter((e) => {
      if (e.disabled || e.tabIndex < 0 || e.closest("[inert]")) return false;
      if (!e.checkVisibility({ visibilityProperty: true })) return false;
      return e.type !== "radio" || (!radios.has(e.name) && radios.add(e.name));
    }).map(name);
  }

  // Two empty buttons around the instrument: the keyboard starts at one and must get to the other.
  function fence(root) {
    for (const [place, post] of [["before", "post-first"], ["after", "post-last"]]) {
      const button = document.createElement("button");
      button.className = post;
      button.dataset.lmSuppressShortcuts = "true";
      shell(root)[place](button);
    }
    document.querySelector(".post-first").focus();
  }

  function unfence() {
    document.querySelectorAll(".post-first, .post-last").forEach((e) => e.remove());
  }

  // Where the focus is: "out", "lost", or the control with what is wrong about it.
  function focused(root) {
    const e = root.getRootNode().activeElement;
    if (!e) return document.activeElement.className === "post-last" ? "out" : "lost";
    const lit = [e, e.nextElementSibling].filter(Boolean).map((part) => getComputedStyle(part))
      .some(({ outlineStyle, outlineWidth, boxShadow }) =>
        (outlineStyle !== "none" && parseFloat(outlineWidth) >= 1.5) || boxShadow !== "none");
    const target = ["radio", "checkbox"].includes(e.type) ? e.closest("label") ?? e : e;
    const { width, height } = target.getBoundingClientRect();
    const cells = e.classList.contains("grid"); // arrow keys lead from cell to cell
    const wrong = [];
    if (!lit) wrong.push(`the focus cannot be seen on ${name(e)}`);
    if (!cells && Math.min(width, height) < 23.5) wrong.push(`${name(e)} is below 24 pixels`);
    return { name: name(e), wrong, controls: controls(root) };
  }

  // What sticks out of the instrument, or makes the page around it scroll sideways.
  function tooWide(root, pageToo) {
    const found = [];
    const page = document.scrollingElement;
    if (pageToo && page.scrollWidth > page.clientWidth) found.push("the page scrolls sideways");
    if (root.scrollWidth > root.clientWidth) found.push("it is wider than its place");
    const { right, left } = root.getBoundingClientRect();
    const within = (e) => {
      for (let up = e.parentElement; up && up !== root; up = up.parentElement) {
        if (getComputedStyle(up).overflowX !== "visible") return true;
      }
      return e.closest(".unseen") || (e.closest("svg") && e.localName !== "svg");
    };
    for (const e of root.querySelectorAll("*")) {
      const box = e.getBoundingClientRect();
      const out = box.width && (box.right > right + 1 || box.left < left - 1);
      if (out && !within(e)) found.push(`${e.localName}.${e.getAttribute("class")} sticks out`);
    }
    return found.slice(0, 5);
  }

  // What axe-core finds in the instrument, or in the whole page that it stands in. JupyterLab's body
  // has no height, and axe takes what lies in such a body for invisible.
  async function barriers(root, whole) {
    const { style } = document.body;
    style.overflow = "visible";
    const options = { resultTypes: ["violations"], iframes: false };
    const { violations, passes, incomplete } = await axe.run(whole ? document : shell(root), options);
    style.removeProperty("overflow");
    const read = [...violations, ...passes, ...incomplete].some(({ id }) => id === "color-contrast");
    return (read ? [] : ["no text could be looked at"]).concat(violations.flatMap(({ id, help, nodes }) =>
      nodes.slice(0, 3).map((node) =>
        `${id}: ${help}: ${node.html.slice(0, 120)} ${node.any[0]?.message ?? ""}`)));
  }

  // How light its paper is, from 0 to 1.
  function light(root) {
    const pen = document.createElement("canvas").getContext("2d", { willReadFrequently: true });
    pen.fillStyle = getComputedStyle(root).backgroundColor;
    pen.fillRect(0, 0, 1, 1);
    const [r, g, b] = pen.getImageData(0, 0, 1, 1).data;
    return (0.3 * r + 0.6 * g + 0.1 * b) / 255;
  }

  // All that can be seen, as a text.
  function picture(root) {
    const pixels = (canvas) => (canvas.width ? canvas.toDataURL() : "");
    const canvases = [...root.querySelectorAll("canvas")].map(pixels);
    const parts = [".drawer", ".stage", ".foot"].map((part) => root.querySelector(part).innerHTML);
    return [...parts, ...canvases].join("\n");
  }

  const far = (e) => (Number(e.value) * 2 < Number(e.min) + Number(e.max) ? e.max : e.min);
  const WAYS = { // how a hand sets each kind of control to something else
    range: (e) => put(e, "input", () => { e.value = far(e); }),
    "select-one": (e) => put(e, "change", () => { e.selectedIndex = (e.selectedIndex + 1) % e.length; }),
    checkbox: (e) => e.click(),
    radio: (e) => e.click(),
  };

  function put(e, event, change) {
    change();
    e.dispatchEvent(new Event(event, { bubbles: true }));
  }

  const usable = (e) => e && !e.disabled && e.checkVisibility();
  const settings = (root) => [...root.querySelectorAll("input, select")].filter((e) => WAYS[e.type] && usable(e)
    && e.length !== 1 && !(e.type === "range" && e.min === e.max) && !(e.type === "radio" && e.checked));
  const known = (e) => name(e) + (e.type === "radio" ? ` = ${e.value}` : "");

  /** The names of those settings that changed nothing that can be seen. */
  async function dead(root, wanted) {
    const found = [];
    for (const each of wanted) {
      const e = settings(root).find((one) => known(one) === each);
      if (!e) continue;
      const before = picture(root);
      WAYS[e.type](e);
      await settle();
      if (picture(root) === before) found.push(each);
    }
    return found;
  }

  // Every setting is set to something else, every button pressed. Gives the settings that changed
  // nothing that can be seen; what does nothing in one phase may do something in the next one.
  async function use(root) {
    let without = await dead(root, settings(root).map(known));
    for (let phase = 0; phase < 5 && without.length; phase++) {
      for (const line of root.querySelectorAll("[role=slider][tabindex]")) {
        line.dispatchEvent(new KeyboardEvent("keydown", { key: "PageDown", bubbles: true, composed: true }));
      }
      await settle();
      without = await dead(root, without);
    }
    for (const e of root.querySelectorAll("button")) {
      if (e.isConnected && usable(e)) e.click();
      await settle(30);
    }
    return without;
  }

  window.probes = {
    controls, fence, unfence, focused, tooWide, barriers, light, picture, use,
  };
})();
