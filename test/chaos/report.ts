/** The report of a chaos: one HTML file that loads nothing. */
import { availableParallelism } from 'node:os';

import type { ChaosEnd } from './chaos.js';
import {
  axis,
  escape,
  faultsOverTime,
  formatTime,
  kindsTable,
  legend,
  outcomesOverTime,
  table,
} from './report-parts.js';
import { STYLE } from './report-style.js';
import { countWords, figuresOf, repeatCommand } from './summary.js';
import type { Figures } from './summary.js';

/** A whole document. */
export function renderReport(end: ChaosEnd): string {
  const figures = figuresOf(end);
  const { seed, minutes } = end.options;
  const parts = [
    head(end, figures),
    violations(end, figures),
    '<h2>Load and faults over time</h2>',
    legend(figures.outcomes.keys()),
    `<div class="lanes">${outcomesOverTime(end)}${faultsOverTime(end)}${axis(end)}</div>`,
    '<h2>Faults, and the runs that met them</h2>',
    '<p class="faint">A run meets a fault that lasts while it is open, of its own instance or of everyone. It is survived where they all kept every promise.</p>',
    kindsTable(figures.kinds),
    unknowns(end),
    '<h2>Again</h2>',
    '<p>The same seed makes the same choices: which faults, when and whom; what clients do. What meets what also depends on the machine.</p>',
    `<pre><code>${escape(repeatCommand(end))}</code></pre>`,
    calls(end),
  ];
  return [
    '<!doctype html><html lang="en"><head><meta charset="utf-8">',
    '<meta name="viewport" content="width=device-width, initial-scale=1">',
    `<title>Chaos of ${minutes} min, seed ${seed}</title><style>${STYLE}</style></head><body>`,
    ...parts,
    '</body></html>\n',
  ].join('\n');
}

function head({ options, book }: ChaosEnd, figures: Figures): string {
  const { breaches, runs, runsPerMinute, mostInFlight, faults, kinds, undisturbed } = figures;
  const isBroken = breaches.length > 0;
  const struck = kinds.filter((kind) => kind.struck > 0);
  const words = isBroken
    ? `${breaches.length} violations: promises were broken.`
    : 'No violation: every run kept every promise.';
  const tiles: readonly (readonly [string, string | number])[] = [
    ['runs', runs],
    ['a minute', runsPerMinute.toFixed(1)],
    ['most in flight', mostInFlight],
    ['faults', faults],
    ['kinds of faults', `${struck.length} of ${kinds.length}`],
    ['UNKNOWN', figures.outcomes.get('UNKNOWN') ?? 0],
    ['met no fault', undisturbed],
  ];
  const started = new Date(book.startedAtMs).toISOString().slice(0, 16).replace('T', ' ');
  const machine = `${availableParallelism()} cores, Node ${process.versions.node}`;
  return [
    `<h1>Chaos of ${options.minutes} minutes, seed ${options.seed}</h1>`,
    `<p class="verdict${isBroken ? ' broken' : ''}">${words}</p>`,
    `<p class="faint">${started} UTC; ${machine}; Temporal server with its file, three workers, real Redis, a proxy on every connection.</p>`,
    `<dl class="tiles">${tiles.map(([name, value]) => `<div><dt>${name}</dt><dd>${value}</dd></div>`).join('')}</dl>`,
  ].join('\n');
}

function violations({ book }: ChaosEnd, { breaches }: Figures): string {
  if (breaches.length === 0) return '';
  const rows = breaches.map(({ name, found, run }) => [
    `<code>${escape(name)}</code>`,
    escape(found),
    run === null ? '' : formatTime(run.facts.startedAtMs - book.startedAtMs),
    run === null ? '' : `<code>${escape(run.facts.runId)}</code>`,
  ]);
  return `<h2>Violations</h2>${table(['!promise', '~what was found', '#began', '~run'], rows)}`;
}

function unknowns({ book, verdict }: ChaosEnd): string {
  const unknown = verdict.runs.filter(({ why }) => why !== null);
  const title = `<h2>What ended UNKNOWN, and why that was true</h2>`;
  if (unknown.length === 0) return `${title}<p>Nothing.</p>`;
  const rows = unknown.map(({ run, why }) => [
    formatTime(run.facts.startedAtMs - book.startedAtMs),
    escape(run.facts.result?.cause ?? ''),
    escape(why ?? ''),
    `<code title="${escape(run.facts.runId)}">${escape(run.facts.runId.slice(0, 8))}</code>`,
  ]);
  return `${title}${table(['#began', 'cause', '~by the ledger', 'run'], rows)}`;
}

/** What clients asked, and how often they got no answer. */
function calls({ book, maintenances }: ChaosEnd): string {
  const rows = [...book.calls].sort().map(([what, count]) => [escape(what), String(count)]);
  const ended = [...countWords(maintenances.map(({ status }) => status.toLowerCase()))]
    .map(([status, count]) => `${count} ${status}`)
    .join(', ');
  const missed = [...countWords(book.missed)].map(([name, count]) => `${count} × ${name}`);
  return [
    '<details><summary>Calls of the clients, and how they failed</summary>',
    `<p>Maintenance runs: ${ended === '' ? 'none' : ended}.</p>`,
    missed.length === 0 ? '' : `<p>Found nothing to strike: ${escape(missed.join(', '))}.</p>`,
    table(['!call', '#times'], rows),
    '</details>',
  ].join('\n');
}
