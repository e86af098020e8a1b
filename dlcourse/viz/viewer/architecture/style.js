// How the drawing of a net looks.

export const ARCHITECTURE_STYLE = `
.plan-columns { display: grid; grid-template-columns: minmax(0, 1fr); gap: 14px 24px; align-items: start; }
@container (min-width: 800px) { .plan-columns { grid-template-columns: minmax(0, 1fr) 300px; } }
.plan { min-width: 0; overflow: auto; max-height: 900px; padding: 3px; margin: -3px; }
.plan svg { display: block; }
.plan-facts { position: sticky; top: 8px; bottom: 8px; }
.plan-facts h4 { margin: 0 0 6px; font-size: 15px; overflow-wrap: anywhere; }
.plan-facts dl { display: grid; grid-template-columns: minmax(84px, max-content) minmax(0, 1fr); gap: 3px 12px; margin: 0; font-size: 13px; }
.plan-facts dt { color: var(--quiet); } .plan-facts dd { margin: 0; overflow-wrap: anywhere; }
.plan-facts.beside { min-height: 250px; }
.plan-facts:not(.beside) { border: 1px solid var(--line); max-height: 148px; overflow: auto; padding: 7px 10px; }
.plan-facts:not(.beside) h4 { font-size: 13px; margin: 0 0 2px; }
.plan-facts:not(.beside) dl { display: block; font-size: 12.5px; }
.plan-facts:not(.beside) dt, .plan-facts:not(.beside) dd { display: inline; }
.plan-facts:not(.beside) dt { margin-right: .4em; }
.plan.long { max-height: none; }
.plan-facts:not(.beside) dd::after { content: " · "; color: var(--quiet); }
.plan-facts:not(.beside) dd:last-child::after { content: ""; }
.totals { display: flex; flex-wrap: wrap; gap: 4px 20px; align-items: baseline; font-size: 13px; flex: 1 1 auto; color: var(--quiet); }
.totals b { font-size: 16px; color: var(--ink); }
.folding { display: flex; gap: 6px; }
.plan .card { fill: var(--card); stroke: var(--line); stroke-width: 1.2; }
.plan .card.under { fill: var(--soft); }
.plan .card.stuck { stroke: var(--bad); stroke-width: 2; stroke-dasharray: 6 4; }
.plan .name { font-weight: 650; font-size: 13px; }
.plan .hit { cursor: pointer; fill: transparent; }
.plan .unit:hover .card, .plan .unit.lit .card { stroke: var(--accent); stroke-width: 1.8; }
.plan .unit.pinned .card { stroke: var(--accent); stroke-width: 3; }
.plan .unit.lit .card.stuck, .plan .unit:hover .card.stuck { stroke: var(--bad); }
.plan .unit.lit .round { stroke: var(--accent); stroke-width: 2.4; }
.plan .head:hover .hit { fill: color-mix(in srgb, var(--accent) 10%, transparent); }
.plan .frame .back { fill: color-mix(in srgb, var(--soft) 75%, transparent); stroke: var(--line); stroke-width: 1.2; }
.plan .round { fill: var(--card); stroke: var(--quiet); stroke-width: 1.6; }
.plan .plus { font-size: 17px; font-weight: 600; }
.plan .trough { fill: var(--soft); stroke: var(--line); stroke-width: .6; }
.plan .share { fill: var(--forward); } .plan .share.shared { fill: var(--quiet); }
.way { fill: none; stroke: var(--quiet); stroke-width: 1.4; }
.way.guess { stroke-dasharray: 4 4; }
.way.stuck { stroke: var(--bad); stroke-width: 2.4; }
.way.lit { stroke: var(--accent); stroke-width: 2.4; }
.way.stuck.lit { stroke: var(--bad); }
.tip { fill: var(--quiet); } .stop { stroke: var(--bad); stroke-width: 1.6; fill: none; }
svg .carried { fill: var(--quiet); font-size: 12px; paint-order: stroke; stroke: var(--card); stroke-width: 4px; stroke-linejoin: round; }
svg .bad { fill: var(--bad); font-weight: 600; }
.body .front { fill: color-mix(in srgb, var(--tint) 34%, var(--card)); stroke: var(--tint); stroke-width: 1.2; }
.body .top { fill: color-mix(in srgb, var(--tint) 18%, var(--card)); stroke: var(--tint); stroke-width: 1; }
.body .side { fill: color-mix(in srgb, var(--tint) 52%, var(--card)); stroke: var(--tint); stroke-width: 1; }
.body .sheet { fill: none; stroke: var(--tint); stroke-width: .7; opacity: .75; }
.body.learns { --tint: var(--forward); } .body.plain { --tint: var(--quiet); } .body.input { --tint: var(--update); }
.body.failed { --tint: var(--bad); } .body .none { fill: none; stroke-dasharray: 4 3; }
.entry { display: inline-flex; align-items: center; gap: 5px; }
`;
