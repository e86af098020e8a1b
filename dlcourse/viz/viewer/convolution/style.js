// How the convolution instrument looks.

export const CONVOLUTION_STYLE = `
[hidden] { display: none !important; }
.slow-columns { display: grid; grid-template-columns: minmax(0, 1fr) 252px minmax(0, 1fr); gap: 10px 20px;
  grid-template-rows: auto auto; }
.slow-column { display: grid; grid-template-rows: subgrid; grid-row: span 3; align-content: start; min-width: 0; align-items: start; }
.picture-tools, .slow-tools { display: flex; flex-wrap: wrap; gap: 6px 12px; align-items: center; align-content: flex-start; min-width: 0; }
.slow .array h4 { display: flex; flex-wrap: wrap; align-items: baseline; gap: 0 .5em; }
.slow .array h4 small { margin: 0; }
.slow [data-array="dx"], .slow [data-array="dW"], .slow [data-array="dy"] { display: none; }
.slow.both [data-array="dx"], .slow.both [data-array="dW"], .slow.both [data-array="dy"] { display: block; }
.slow [data-array="dx"] h4, .slow [data-array="dW"] h4, .slow [data-array="dy"] h4 { color: var(--backward); }
.slow .scroll { max-height: none; }
.slow-bar { display: contents; }
.stuck .array .scroll { opacity: .35; pointer-events: none; }
.maps output { min-width: 4.2em; text-align: center; }
.control.off { opacity: .5; }
.grid[data-pen="draw"], .grid[data-pen="erase"] { cursor: cell; touch-action: none; }
.kernel { display: grid; grid-template-columns: repeat(var(--columns), 1fr); gap: 2px; width: calc(var(--columns) * 47px); max-width: 100%; }
.kernel input { width: 100%; min-width: 0; height: 38px; text-align: center; border: 1px solid var(--line); border-radius: 4px;
  font-size: 13px; font-variant-numeric: tabular-nums; padding: 0; appearance: textfield; -moz-appearance: textfield; }
.kernel input::-webkit-inner-spin-button { appearance: none; margin: 0; }
.kernel input[readonly] { cursor: default; }
.kernel input.lit { outline: 3px solid var(--source); outline-offset: -1px; }
.kernel input:focus { outline: 3px solid var(--accent); outline-offset: 1px; z-index: 1; }
.kernel input[aria-invalid="true"] { border: 2px dashed var(--bad); }
.small { font-size: 12.5px; margin: 6px 0; }
.slow-formula { margin-top: 14px; min-height: 132px; }
.slow-formula p { margin: 0 0 8px; } .slow-formula .sum { margin: 8px 0 0; }
.slow-formula .head b { font-size: 15px; white-space: pre; }
.products { display: flex; flex-wrap: wrap; gap: 3px; align-items: center; }
.equation-row { display: flex; flex-wrap: wrap; gap: 6px 12px; align-items: center; }
.equation-row figure { margin: 0; }
.equation-row figcaption { font-size: 12.5px; color: var(--quiet); margin-bottom: 3px; }
.equation-row .sign { font-size: 18px; padding-top: 18px; color: var(--quiet); }
.cells { display: grid; grid-template-columns: repeat(var(--columns), 44px); gap: 2px; }
.cells span { height: 28px; border-radius: 3px; font-size: 12px; display: flex; align-items: center; justify-content: center;
  border: 1px solid var(--line); cursor: default; }
.cells .frame { border: 1.5px dashed var(--quiet); }
figure:first-child > .cells .frame { background-image: repeating-linear-gradient(135deg, var(--soft) 0 4px,
  color-mix(in srgb, var(--quiet) 30%, var(--soft)) 4px 5px) !important; color: var(--ink) !important; }
.legend .state.padding { border: 1px dashed var(--quiet);
  background: repeating-linear-gradient(135deg, var(--soft) 0 3px, var(--quiet) 3px 4px); }
.legend .state.absent { background: var(--card); border: 1.5px dashed var(--quiet); }
.cells .lit { outline: 3px solid var(--source); outline-offset: -1px; }
.term { display: flex; flex-direction: column; align-items: center; padding: 2px 6px; border: 1px solid var(--line); border-radius: 6px;
  background: var(--card); line-height: 1.25; min-height: 24px; font-size: 13px; min-width: 0; text-align: center; }
.term small { font-size: 12px; color: var(--quiet); }
.term.lit { outline: 2px solid var(--source); }
.channels { display: flex; flex-wrap: wrap; gap: 4px; align-items: center; margin-bottom: 8px; font-size: 13px; }
.channels button { padding: 1px 7px; font-size: 12.5px; }
.whole-net { display: grid; grid-template-columns: 262px minmax(0, 1fr); gap: 20px; align-items: start; }
.whole-net h4 { margin: 0 0 5px; font-size: 13px; font-weight: 600; }
.whole-net h4 small { font-weight: 400; color: var(--quiet); margin-left: .5em; }
.whole-net .picture-tools { margin-bottom: 8px; }
.whole-net .picture-tools .list > span { display: none; }
.left { display: grid; gap: 14px; }
.facts { margin: 8px 0; font-size: 13px; min-height: 4.4em; }
.maps-list { display: grid; gap: 14px; max-height: 960px; overflow: auto; padding: 4px; margin: -4px; }
.maps-row .scroll { max-height: none; }
.zoom button { margin-top: 6px; }
.bars { display: flex; gap: 3px; align-items: flex-end; height: 64px; border-bottom: 0; }
.bars .bar { flex: 1 1 0; display: flex; flex-direction: column; justify-content: flex-end; align-items: center; margin: 0; gap: 1px;
  font-size: 12px; color: var(--quiet); min-width: 0; max-width: 40px; overflow: hidden; }
.bars .bar i { width: 100%; background: var(--quiet); opacity: .55; border-radius: 2px 2px 0 0; }
.bars .best i { background: var(--accent); opacity: 1; } .bars .best { color: var(--ink); font-weight: 700; }
.invite { margin: 0; }
@container (max-width: 720px) {
  .slow-columns, .whole-net { grid-template-columns: minmax(0, 1fr); }
  .slow-column { grid-row: auto; grid-template-rows: auto; gap: 8px; }
  .cells { grid-template-columns: repeat(var(--columns), 37px); }
  .cells span { font-size: 11.5px; }
  .equation-row { gap: 6px 5px; }
  .maps-list { max-height: none; }
  .facts { min-height: 0; }
}
`;
