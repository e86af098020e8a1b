// Is it dark here? JupyterLab says so on its body, else the reader's system does.

export function isDark() {
  const lab = document.body?.dataset.jpThemeLight;
  if (lab) return lab === "false";
  return window.matchMedia("(prefers-color-scheme: dark)").matches;
}

/** Call `changed` whenever that changes; gives what ends it. */
export function watchTheme(changed) {
  const system = window.matchMedia("(prefers-color-scheme: dark)");
  system.addEventListener("change", changed);
  const lab = new MutationObserver(changed);
  lab.observe(document.body, { attributes: true, attributeFilter: ["data-jp-theme-light"] });
  return () => {
    system.removeEventListener("change", changed);
    lab.disconnect();
  };
}
