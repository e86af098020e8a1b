// How the playground looks.

export const PLAYGROUND_STYLE = `
.bar { display: block; }
.transport, .recipe, .lists { display: flex; flex-wrap: wrap; align-items: center; gap: 8px 16px; }
.transport { padding-bottom: 10px; }
.buttons { display: flex; gap: 6px; }
.play { min-width: 92px; font-weight: 600; }
.recipe { gap: 10px 22px; background: var(--soft); border-radius: 10px; padding: 8px 12px; }
.lists { flex: 1 1 400px; gap: 6px 14px; }
.lists .control { flex-direction: column; align-items: flex-start; gap: 1px; }
.lists .control span { font-size: 12px; line-height: 1.3; }
.thumbs { display: flex; flex-wrap: wrap; gap: 6px; }
.thumb { display: flex; flex-direction: column; align-items: center; gap: 2px; cursor: pointer;
  min-width: 52px; }
.thumb .face { border: 1px solid var(--line); border-radius: 9px; padding: 3px; line-height: 0;
  background: var(--card); }
.thumb canvas { border-radius: 6px; }
.thumb.chosen .face { border-color: var(--accent); box-shadow: 0 0 0 1.5px var(--accent); }
.thumb input:focus-visible + .face { outline: 2px solid var(--accent); outline-offset: 3px; }
.thumb .caption { font-size: 11.5px; color: var(--quiet); max-width: 80px; overflow: hidden;
  text-overflow: ellipsis; white-space: nowrap; }
.thumb.chosen .caption { color: var(--ink); font-weight: 600; }
.thumb:has(input:disabled) { cursor: not-allowed; }
.thumb:has(input:disabled):not(.chosen) .face { opacity: .5; }
input.seed, input.value { border: 1px solid var(--line); border-radius: 7px;
  background: var(--card); min-height: 28px; padding: 2px 6px; }
input.seed { width: 4.6em; } input.value { width: 6.6em; }
.playroom { display: grid; grid-template-columns: minmax(0, 1.42fr) minmax(0, 1fr); gap: 14px 24px;
  margin-top: 14px; }
.playroom > * { min-width: 0; }
.layers { display: flex; align-items: center; gap: 8px; margin-bottom: 8px; }
.layers output { color: var(--quiet); font-size: 13px; min-width: 8.2em; text-align: center; }
.heads { position: relative; height: 50px; font-size: 12.5px; line-height: 1.25; }
.head { position: absolute; transform: translateX(-50%); display: flex; flex-wrap: wrap;
  justify-content: center; gap: 0 4px; width: 92px; text-align: center; }
.heads .head:first-child, .heads .head:last-child { width: 56px; }
.stepper { display: flex; align-items: center; gap: 3px; width: 100%; justify-content: center;
  margin-top: 3px; }
.stepper output { min-width: 1.5em; font-weight: 600; }
button.turn { min-width: 24px; min-height: 24px; padding: 0; line-height: 1; }
.heads.narrow { height: 92px; } .heads.narrow .head { width: 34px; }
.heads.narrow .stepper { flex-direction: column; } .heads.narrow .stepper output { line-height: 1.1;
  }
.netpic, .plane, .curve { position: relative; line-height: 0; border-radius: 8px; }
.netpic canvas, .plane canvas, .curve canvas { display: block; }
.over { position: absolute; inset: 0; pointer-events: none; }
.plane { cursor: crosshair; } .drawing .plane { touch-action: none; }
.curve { cursor: ew-resize; touch-action: none; }
.netpic:focus, .plane:focus { outline: 2px solid var(--accent); outline-offset: 3px; }
.tag { position: absolute; z-index: 2; pointer-events: none; background: var(--card);
  color: var(--ink); border: 1px solid var(--line);
  border-radius: 8px; padding: 5px 9px; font-size: 12.5px; line-height: 1.35; white-space: nowrap;
    box-shadow: 0 2px 10px #0002; }
.tag span { display: block; color: var(--quiet); }
.planes { display: grid; grid-template-columns: 1fr; gap: 10px; }
.playroom.two { grid-template-columns: minmax(0, 1fr) minmax(0, 1.1fr); }
.two .planes { grid-template-columns: repeat(2, minmax(0, 1fr)); }
.waysign { display: grid; grid-template-columns: auto minmax(0, 1fr); gap: 6px 10px;
  margin: 8px 0 0 22px; font-size: 13px; align-items: start; }
.waysign[hidden] { display: none; }
.waysign > button:last-child { grid-column: 2; justify-self: start; }
.waysign .wayfacts { color: var(--ink); font-weight: 600; } .waysign .what { color: var(--quiet); }
.score { display: flex; flex-wrap: wrap; align-items: baseline; gap: 2px 16px; margin-bottom: 6px;
  font-size: 13px; color: var(--quiet); min-height: 27px; }
.score b { color: var(--ink); font-size: 18px; font-weight: 650; }
.readout { min-height: 57px; font-size: 12.5px; line-height: 1.5; color: var(--quiet);
  margin: 6px 0 0; overflow-wrap: anywhere; }
.readout b { color: var(--ink); font-weight: 600; }
.pens { margin-top: 6px; }
.timerow { padding: 0 3px 0 37px; line-height: 0; }
.time { width: 100%; height: 26px; margin: 0; accent-color: var(--accent); }
.caption-row .buttons { margin-left: auto; }
.row { display: flex; flex-wrap: wrap; align-items: center; gap: 6px 10px; }
.row[hidden] { display: none; }
.caption-row { display: flex; flex-wrap: wrap; align-items: center; justify-content: space-between;
  gap: 4px 12px; margin-bottom: 4px; min-height: 30px; }
.caption-row h4, .weight h4 { margin: 0; font-size: 13px; font-weight: 600; }
.weight h4 small { font-weight: 400; color: var(--quiet); margin-left: .6em; font-size: 12.5px; }
.weight p { margin: 3px 0; font-size: 12.5px; color: var(--quiet); }
.weight p b, .foretold b { color: var(--ink); font-weight: 600; }
.weight b.bad { color: var(--bad); }
.weight .facts { display: flex; flex-wrap: wrap; gap: 0 9px; font-size: 12px; min-height: 36px; align-content: flex-start; }
.facts span.good, .facts span.bad { min-width: 4em; }
.foretold { min-height: 20px; }
.line-key, .curve-key { display: inline-block; width: 20px; border-top: 2px solid var(--forward);
  margin-right: 6px; vertical-align: 4px; }
.line-key { border-top: 2px dashed var(--backward); }
.foretold .curve-key { margin-left: 14px; }
.weight .row { margin-top: 4px; }
.fork { margin-top: 6px; }
.key { display: inline-block; width: 22px; border-top: 3px solid var(--tone); margin-right: 6px;
  vertical-align: 4px; }
.key.dash { border-top-style: dashed; }
.foot .line-sample { display: inline-block; width: 30px; border-top: 3px solid; vertical-align: 4px;
  margin-right: 6px; }
.foot .line-sample.minus { border-top-style: dashed; }
.note:empty { display: none; }
@container (max-width: 760px) {
  .playroom, .playroom.two { grid-template-columns: minmax(0, 1fr); }
  .right { order: -1; }
}
@container (max-width: 560px) {
  .recipe { padding: 8px; } .lists { gap: 6px 10px; flex-basis: 100%; }
  .thumb { min-width: 46px; }
  .waysign { margin-left: 4px; grid-template-columns: 1fr; }
  .waysign > button:last-child { grid-column: 1; }
}
`;
