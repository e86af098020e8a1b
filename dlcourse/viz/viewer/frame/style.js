// How every instrument looks. Colours come from JupyterLab where it is, else from the fall-backs.

export const STYLE = `
:host { display: block; container-type: inline-size; }
* { box-sizing: border-box; }
.root {
  --paper: var(--jp-layout-color1, #ffffff); --card: var(--jp-layout-color1, #ffffff);
  --soft: #f4f6f9; --line: #d5dae2; --ink: #1d222b; --quiet: #566070;
  --accent: #0b5cad; --on-accent: #ffffff; --forward: #0b5cad; --loss: #a3195b;
  --backward: #b35c0e; --update: #14713d; --good: #14713d; --bad: #b00040; --cursor: #000000;
  --source: #8a2be2; --also: #00838f;
  color: var(--ink); background: var(--card); border: 1px solid var(--line); border-radius: 12px;
  font: 14px/1.45 var(--jp-ui-font-family, system-ui, sans-serif);
  padding: 14px 16px 12px; max-width: 1120px; margin: 4px 0; position: relative;
  text-align: left; font-variant-numeric: tabular-nums;
}
.root.dark {
  --soft: #20252d; --line: #3b434f; --ink: #e9edf3; --quiet: #a8b3c2; --accent: #7ab8f5;
  --on-accent: #10151c; --forward: #7ab8f5; --loss: #ff8fc0; --backward: #f0a55a; --update: #6fd49a;
  --good: #6fd49a; --bad: #ff7d9c; --cursor: #ffffff; --source: #c9a0ff; --also: #5fd3dc;
}
.root.dark { --paper: var(--jp-layout-color1, #14181e); --card: var(--jp-layout-color1, #14181e); }
header { display: flex; flex-wrap: wrap; align-items: center; gap: 4px 12px; margin-bottom: 10px; }
header .title { font-size: 16px; font-weight: 650; letter-spacing: -.005em; flex: 1 1 12em; }
header .title small { font-weight: 400; font-size: 13px; color: var(--quiet); margin-left: .5em; }
.tools { display: flex; gap: 6px; }
button, select, input, summary { font: inherit; color: inherit; }
button {
  min-height: 28px; min-width: 28px; padding: 2px 10px; border: 1px solid var(--line);
  border-radius: 7px; background: var(--soft); cursor: pointer; line-height: 1.3;
}
button:hover:not(:disabled) { border-color: var(--accent); }
button:disabled, input:disabled, select:disabled { opacity: .5; cursor: not-allowed; }
button[aria-pressed="true"], button.main {
  background: var(--accent); color: var(--on-accent); border-color: var(--accent);
}
:focus { outline: none; }
:focus-visible, .grid:focus, input:focus-visible + span {
  outline: 2px solid var(--accent); outline-offset: 2px;
}
.bar { display: flex; flex-wrap: wrap; gap: 8px 18px; align-items: center; margin-bottom: 10px; }
.bar:empty, .foot:empty { display: none; }
.control { display: inline-flex; align-items: center; gap: 7px; min-height: 28px; max-width: 100%; }
.control > span, .control .name { color: var(--quiet); font-size: 13px; }
.control output { min-width: 2.6em; font-weight: 600; }
.control select { min-height: 28px; border: 1px solid var(--line); border-radius: 7px;
  background: var(--card); padding: 2px 6px; max-width: 100%; }
.control.slider input { width: 130px; height: 24px; accent-color: var(--accent); }
.control.tick input { width: 18px; height: 18px; margin: 0 0 0 3px; accent-color: var(--accent); }
.control.tick { min-height: 28px; }
.choice > div { display: inline-flex; flex-wrap: wrap; border: 1px solid var(--line); border-radius: 8px;
  overflow: hidden; background: var(--soft); }
.choice label { position: relative; display: block; }
.choice input { position: absolute; opacity: 0; inset: 0; width: 100%; height: 100%; margin: 0; cursor: pointer; }
.choice label span { display: block; padding: 3px 11px; min-height: 26px; }
.choice input:checked + span { background: var(--accent); color: var(--on-accent); }
.choice input:focus-visible + span { outline-offset: -3px; outline-color: var(--on-accent); }
.choice input:not(:checked):focus-visible + span { outline-color: var(--accent); }
.stage { position: relative; min-width: 0; }
.foot { display: flex; flex-wrap: wrap; gap: 6px 18px; align-items: center; margin-top: 10px;
  color: var(--quiet); font-size: 13px; }
.grid { position: relative; display: inline-block; line-height: 0; border-radius: 2px; cursor: crosshair; }
.grid canvas { display: block; image-rendering: pixelated; }
.grid .over { position: absolute; inset: 0; pointer-events: none; }
.grid.absent { width: max-content; max-width: 100%; min-width: 84px; min-height: 30px; border: 1.5px dashed var(--quiet); border-radius: 6px;
  cursor: default; display: inline-flex; align-items: center; justify-content: center; }
.grid.absent::after { content: attr(data-note); font-size: 12px; line-height: 1.3; color: var(--quiet);
  padding: 4px 10px; }
.scroll { overflow: auto; max-height: 420px; max-width: calc(100% + 8px); padding: 4px; margin: -4px; }
.array { min-width: 0; }
.array h4 { margin: 0 0 5px; font-size: 13px; font-weight: 600; }
.array h4 small { font-weight: 400; color: var(--quiet); margin-left: .4em; }
.columns { display: flex; flex-wrap: wrap; gap: 16px 22px; align-items: flex-start; }
.columns > * { min-width: 0; max-width: 100%; }
.panel { background: var(--soft); border-radius: 10px; padding: 10px 12px; min-width: 0; }
.quiet { color: var(--quiet); }
.good { color: var(--good); } .bad { color: var(--bad); }
.unseen { position: absolute; width: 1px; height: 1px; overflow: hidden; clip-path: inset(50%);
  white-space: nowrap; }
.note { border-left: 3px solid var(--accent); background: var(--soft); padding: 7px 12px; border-radius: 0 8px 8px 0;
  margin: 8px 0; font-size: 13px; }
.note.bad { border-color: var(--bad); color: inherit; }
.note code, .code { font: 12.5px/1.5 var(--jp-code-font-family, ui-monospace, monospace); }
.code { display: block; white-space: pre-wrap; overflow-wrap: anywhere; background: var(--soft); border: 1px solid var(--line);
  border-radius: 8px; padding: 8px 10px; margin: 6px 0; user-select: all; }
.drawer { border: 1px solid var(--line); border-radius: 10px; padding: 8px 12px; margin-bottom: 10px;
  max-height: 340px; overflow: auto; }
.drawer table { border-collapse: collapse; font-size: 13px; }
.drawer caption { text-align: left; font-weight: 600; padding-bottom: 4px; }
.drawer th, .drawer td { text-align: right; padding: 2px 10px; border-bottom: 1px solid var(--line); white-space: nowrap; }
.drawer th:first-child, .drawer td:first-child { text-align: left; }
.drawer dl { display: grid; grid-template-columns: max-content 1fr; gap: 2px 14px; margin: 4px 0; }
.drawer dt { font-weight: 600; } .drawer dd { margin: 0; color: var(--quiet); }
.busy .title::after { content: " · Python is working …"; font-weight: 400; font-size: 13px; color: var(--quiet); }
.legend { display: inline-flex; align-items: center; gap: 7px; flex-wrap: wrap; font-size: 12.5px; color: var(--quiet); }
.legend .ramp { width: 130px; height: 12px; border-radius: 3px; border: 1px solid var(--line); }
.legend .state { display: inline-block; width: 14px; height: 14px; border-radius: 3px; vertical-align: -2px;
  border: 1px solid var(--line); text-align: center; line-height: 12px; font-size: 11px; }
.legend .state.absent { border: 1.5px dashed var(--quiet); }
svg text { font: 12px var(--jp-ui-font-family, system-ui, sans-serif); fill: var(--ink); }
svg .quiet { fill: var(--quiet); }
@container (max-width: 560px) {
  .root { padding: 10px; border-radius: 8px; }
  .control.slider input { width: 100px; }
  .columns { gap: 12px; }
  .columns > * { flex-basis: 100%; }
}
@media (prefers-reduced-motion: no-preference) {
  .moves { transition: transform .18s ease-out, opacity .18s ease-out; }
}
@media print { .tools, .bar { display: none; } }
`;
