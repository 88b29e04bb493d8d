/** Looks of a report; never anything of a run. */

/** What a state is to a person who looks for one thing. Shown by colour, sign and words, never by colour alone. */
export type Tone = 'good' | 'caution' | 'bad' | 'alarm' | 'plain';

const COLOURS = `:root {
  color-scheme: light dark;
  --paper: #fff; --panel: #f5f6f8; --line: #d9dde3; --ink: #1b2430; --faint: #566274; --mark: #fffc;
  --good: #2b7d4f; --caution: #8f6400; --bad: #8a3fa8; --alarm: #b3261e; --plain: #5b6f8c;
  --good-fill: #3c9a66; --caution-fill: #d9a63a; --bad-fill: #a768c4; --alarm-fill: #d0502f; --plain-fill: #8a9cb6;
}
@media screen and (prefers-color-scheme: dark) {
  :root {
    --paper: #12161c; --panel: #1b2129; --line: #364150; --ink: #e6eaf0; --faint: #a3b0c0; --mark: #000a;
    --good: #6bd39b; --caution: #e9bd5c; --bad: #cf9be6; --alarm: #ff8a78; --plain: #a9bbd4;
    --good-fill: #4fb67c; --caution-fill: #d7a33c; --bad-fill: #ab74c6; --alarm-fill: #ee7050; --plain-fill: #6d809b;
  }
}
`;

const SHAPES = `text { fill: var(--ink); } text.faint { fill: var(--faint); font-size: 11.5px; }
text.halo { paint-order: stroke; stroke: var(--paper); stroke-width: 4px; }
.grid { stroke: var(--line); } .bound { stroke: var(--ink); stroke-dasharray: 4 3; }
.bar.good { fill: var(--good-fill); } .bar.caution { fill: var(--caution-fill); } .bar.bad { fill: var(--bad-fill); }
.bar.alarm { fill: var(--alarm-fill); } .bar.plain { fill: var(--plain-fill); }
.cell.o { fill: var(--good-fill); } .fill.r { fill: var(--caution-fill); } .fill.t { fill: var(--alarm-fill); }
.fill.x { fill: var(--bad-fill); } .fill.e { fill: var(--ink); } .fill.u { fill: var(--line); }
.phase { fill: var(--panel); stroke: var(--faint); } .lens { fill: var(--faint); fill-opacity: .12; }
.span { fill: none; stroke: var(--ink); }
.mark { fill: var(--mark); stroke: var(--mark); } .dot { fill: var(--ink); stroke: var(--paper); }
`;

/** How a report looks: in light and in dark, wide and narrow, and printed on A4, which is always light. */
export const STYLE = `
${COLOURS}* { box-sizing: border-box; }
body {
  margin: 0; background: var(--paper); color: var(--ink);
  font: 15px/1.5 system-ui, -apple-system, "Segoe UI", Roboto, "DejaVu Sans", sans-serif;
}
main { margin: 0 auto; padding: 2rem 1.25rem 3rem; max-width: 66rem; }
h1 { font-size: 1.55rem; line-height: 1.25; margin: 0; overflow-wrap: anywhere; }
h2 { font-size: 1.05rem; margin: 2rem 0 .5rem; }
p { margin: .35rem 0; max-width: 46rem; overflow-wrap: anywhere; }
.faint, dt, th { color: var(--faint); }
code, pre { font: 12.5px/1.5 ui-monospace, "SF Mono", Menlo, Consolas, "DejaVu Sans Mono", monospace; }
code { overflow-wrap: anywhere; }
pre { background: var(--panel); border: 1px solid var(--line); border-radius: 6px; margin: .4rem 0; padding: .5rem .7rem; white-space: pre-wrap; }
.badge { font-weight: 600; }
td .badge { display: inline-block; text-indent: -1.35em; padding-left: 1.35em; }
.badge b { display: inline-block; text-indent: 0; width: 1.1em; margin-right: .25em; text-align: center; }
.badge.good { color: var(--good); } .badge.caution { color: var(--caution); } .badge.bad { color: var(--bad); }
.badge.alarm { color: var(--alarm); } .badge.plain { color: var(--plain); }
.outcome { font-size: 1.25rem; margin: .5rem 0 1rem; }
.outcome .faint { font-size: .95rem; margin-left: .6rem; }
dl { margin: .5rem 0; }
dl > div { display: grid; grid-template-columns: 9.5rem minmax(0, 1fr); gap: .75rem; padding: .12rem 0; }
dd { margin: 0; overflow-wrap: anywhere; }
.headline { border-left: 5px solid var(--plain-fill); background: var(--panel); border-radius: 0 6px 6px 0; padding: .9rem 1.1rem; margin: 1rem 0; }
.headline.good { border-color: var(--good-fill); } .headline.caution { border-color: var(--caution-fill); }
.headline.bad { border-color: var(--bad-fill); } .headline.alarm { border-color: var(--alarm-fill); }
.headline h2 { margin: .9rem 0 .25rem; } .headline div:first-child h2 { margin-top: 0; }
.headline pre { background: var(--paper); }
ul { margin: .5rem 0; padding-left: 1.2rem; }
li { margin: .3rem 0; overflow-wrap: anywhere; }
li > div { display: inline; } li > div + div::before { content: " "; }
.wide { overflow-x: auto; } .wide + .wide { margin-top: 1.25rem; }
table { border-collapse: collapse; width: 100%; font-size: 14px; }
th { text-align: left; font-size: 13px; font-weight: 600; white-space: nowrap; }
th, td { padding: .35rem .9rem .35rem 0; border-bottom: 1px solid var(--line); vertical-align: top; }
th:last-child, td:last-child { padding-right: 0; }
td, td code { overflow-wrap: break-word; }
td.id { min-width: 12em; }
.whole { white-space: nowrap; }
.count { text-align: right; font-variant-numeric: tabular-nums; white-space: nowrap; }
figure { margin: .75rem 0; }
figcaption { font-size: 13px; margin-top: .25rem; }
svg { display: block; width: 100%; height: auto; font-size: 12.5px; }
${SHAPES}footer { border-top: 1px solid var(--line); font-size: 13px; margin-top: 2.5rem; padding-top: .75rem; }
@media screen and (max-width: 44rem) {
  main { padding: 1.25rem .9rem 2rem; }
  dl > div { grid-template-columns: minmax(0, 1fr); gap: 0; padding: .25rem 0; }
  figure { overflow-x: auto; } svg { min-width: 44rem; }
  table { min-width: 40rem; }
}
@page { size: A4; margin: 14mm 12mm; }
@media print {
  :root { color-scheme: light; }
  body { font-size: 10pt; print-color-adjust: exact; -webkit-print-color-adjust: exact; }
  main { padding: 0; max-width: none; }
  h1 { font-size: 15pt; } h2 { break-after: avoid; margin-top: 1.2rem; }
  code, pre { font-size: 7.5pt; }
  table { font-size: 8.5pt; } th { font-size: 8pt; } th, td { padding-right: .5rem; }
  thead { display: table-header-group; }
  tr, figure, pre, .headline, li { break-inside: avoid; }
  .wide { overflow: visible; } td.id { min-width: 12.2em; } figcaption, footer { font-size: 8pt; } td { padding-top: .2rem; padding-bottom: .2rem; }
}
`;

/** How a picture looks by itself: as in the report. */
export const PICTURE_STYLE = `
${COLOURS}
svg { background: var(--paper); font: 12.5px system-ui, -apple-system, "Segoe UI", Roboto, "DejaVu Sans", sans-serif; }
${SHAPES}`;
