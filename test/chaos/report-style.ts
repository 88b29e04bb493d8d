/** How the report looks, in light and in dark, wide and narrow. */

/** One colour for each outcome; others have that of the text. */
export const COLOURS: Readonly<Record<string, string>> = {
  SUCCEEDED: 'succeeded',
  NOOP: 'nothing',
  RESOLVED: 'settled',
  REFUSED: 'refused',
  CANCELLED: 'cancelled',
  FAILED_UNCHANGED: 'failed',
  COMPENSATED: 'compensated',
  UNKNOWN: 'unknown',
};

export const STYLE = `
:root {
  color-scheme: light dark;
  --paper: #ffffff; --panel: #f5f6f8; --line: #d9dde3; --ink: #1b2430; --faint: #596577;
  --succeeded: #2e8b57; --nothing: #4aa3a2; --settled: #5b7bd5; --refused: #8a97a8; --cancelled: #b9c1cc;
  --failed: #d79b2b; --compensated: #8e63c7; --unknown: #d0502f; --other: #1b2430; --fault: #b4674d;
  --good: #1f7a47; --bad: #b3261e;
}
@media (prefers-color-scheme: dark) {
  :root {
    --paper: #12161c; --panel: #1b2129; --line: #323b47; --ink: #e6eaf0; --faint: #9aa7b8;
    --succeeded: #4fb67c; --nothing: #5cbcbb; --settled: #86a0ee; --refused: #7d8a9c; --cancelled: #566170;
    --failed: #e3b04b; --compensated: #b08ae0; --unknown: #f0754f; --other: #e6eaf0; --fault: #d08a70;
    --good: #6bd39b; --bad: #ff8a80;
  }
}
* { box-sizing: border-box; }
body {
  margin: 0 auto; padding: 2rem 1.25rem 4rem; max-width: 68rem; background: var(--paper); color: var(--ink);
  font: 15px/1.5 system-ui, -apple-system, "Segoe UI", Roboto, "DejaVu Sans", sans-serif;
}
h1 { font-size: 1.6rem; line-height: 1.25; margin: 0; }
h2 { font-size: 1.1rem; margin: 2.5rem 0 .75rem; }
p { margin: .35rem 0; max-width: 46rem; }
.faint { color: var(--faint); }
.verdict { font-weight: 600; color: var(--good); }
.verdict.broken { color: var(--bad); }
code { font: 13px/1.5 ui-monospace, "SF Mono", Menlo, Consolas, "DejaVu Sans Mono", monospace; overflow-wrap: anywhere; }
pre { background: var(--panel); padding: .6rem .8rem; border-radius: 6px; margin: .5rem 0; white-space: pre-wrap; }
dl.tiles { display: grid; grid-template-columns: repeat(auto-fill, minmax(8.5rem, 1fr)); gap: .75rem; margin: 1.5rem 0 0; }
dl.tiles div { background: var(--panel); border-radius: 6px; padding: .6rem .8rem; }
dl.tiles dt { color: var(--faint); font-size: 13px; }
dl.tiles dd { margin: 0; font-size: 1.35rem; font-weight: 600; font-variant-numeric: tabular-nums; }
ul.legend { list-style: none; display: flex; flex-wrap: wrap; gap: .25rem 1rem; padding: 0; margin: .5rem 0; font-size: 13px; }
ul.legend i { display: inline-block; width: .7rem; height: .7rem; border-radius: 2px; margin-right: .4rem; }
.lanes { display: grid; grid-template-columns: 10.5rem minmax(0, 1fr); gap: 4px .75rem; align-items: center; font-size: 13px; }
.lanes > span { color: var(--faint); text-align: right; }
.bars { display: flex; align-items: flex-end; gap: 1px; height: 9rem; border-bottom: 1px solid var(--line); }
.bars > div { flex: 1; display: flex; flex-direction: column-reverse; }
.lane { position: relative; height: 14px; background: var(--panel); border-radius: 2px; overflow: hidden; }
.lane i { position: absolute; top: 1px; bottom: 1px; min-width: 3px; border-radius: 2px; background: var(--fault); opacity: .75; }
.axis { display: flex; justify-content: space-between; color: var(--faint); font-size: 12px; }
table { border-collapse: collapse; width: 100%; font-size: 14px; }
th { text-align: left; font-weight: 600; color: var(--faint); font-size: 13px; }
th, td { padding: .35rem .75rem .35rem 0; border-bottom: 1px solid var(--line); vertical-align: top; }
td.count, th.count { text-align: right; font-variant-numeric: tabular-nums; white-space: nowrap; }
.share { display: flex; height: 10px; border-radius: 2px; overflow: hidden; background: var(--panel); min-width: 6rem; }
details summary { cursor: pointer; margin-top: 2rem; font-weight: 600; }
@media (max-width: 40rem) {
  body { padding: 1.25rem .9rem 3rem; font-size: 14px; }
  .lanes { grid-template-columns: minmax(0, 1fr); gap: 2px; }
  .lanes > span { text-align: left; margin-top: 4px; }
  .bars { height: 7rem; }
  table.stack thead { display: none; }
  table.stack tr { display: block; padding: .5rem 0; border-bottom: 1px solid var(--line); }
  table.stack td { display: flex; justify-content: space-between; gap: 1rem; border: 0; padding: .1rem 0; text-align: right; }
  table.stack td::before { content: attr(data-label); color: var(--faint); flex: none; text-align: left; }
  table.stack td.name { display: block; text-align: left; font-weight: 600; }
  table.stack td.name::before { content: none; }
  table.stack td.text { display: block; text-align: left; }
  table.stack td.text::before { display: block; }
  .share { flex: 1; max-width: 60%; align-self: center; }
}
`;
