/** Parts of the report: each is HTML that needs nothing else. */
import type { ChaosEnd } from './chaos.js';
import { KINDS } from './kinds.js';
import { COLOURS } from './report-style.js';
import { countWords } from './summary.js';
import type { KindFigures } from './summary.js';

/** As many columns as a narrow screen shows. */
const COLUMNS = 48;

export function escape(text: string): string {
  return text.replace(/[&<>"]/g, (sign) => `&#${sign.charCodeAt(0)};`);
}

const colourOf = (outcome: string): string => `background:var(--${COLOURS[outcome] ?? 'other'})`;

export function legend(outcomes: Iterable<string>): string {
  const items = [...outcomes].map(
    (outcome) => `<li><i style="${colourOf(outcome)}"></i>${escape(outcome)}</li>`,
  );
  return `<ul class="legend">${items.join('')}</ul>`;
}

/** Time of the whole chaos, its end included. */
interface Span {
  readonly fromMs: number;
  readonly toMs: number;
}

export function spanOf({ book, verdict, healedAtMs }: ChaosEnd): Span {
  const ends = verdict.runs.map(({ run }) => run.facts.closedAtMs ?? 0);
  return { fromMs: book.startedAtMs, toMs: Math.max(healedAtMs, ...ends) };
}

/** Runs by when they ended. */
export function outcomesOverTime(end: ChaosEnd): string {
  const { fromMs, toMs } = spanOf(end);
  const widthMs = (toMs - fromMs) / COLUMNS;
  const columns = Array.from({ length: COLUMNS }, (_, index) =>
    end.verdict.runs
      .filter(({ run }) => {
        const place = Math.floor(((run.facts.closedAtMs ?? toMs) - fromMs) / widthMs);
        return Math.min(COLUMNS - 1, Math.max(0, place)) === index;
      })
      .map(({ outcome }) => outcome),
  );
  const most = Math.max(1, ...columns.map((column) => column.length));
  const bars = columns.map((column) => {
    const parts = [...countWords(column)].map(([outcome, count]) => {
      const height = ((100 * count) / most).toFixed(1);
      return `<div style="height:${height}%;${colourOf(outcome)}" title="${count} ${outcome}"></div>`;
    });
    return `<div style="height:100%">${parts.join('')}</div>`;
  });
  return `<span>runs ended, up to ${most} in ${Math.round(widthMs / 1_000)} s</span><div class="bars">${bars.join('')}</div>`;
}

/** When faults lasted, one lane for each group of kinds. */
export function faultsOverTime(end: ChaosEnd): string {
  const { fromMs, toMs } = spanOf(end);
  const percent = (ms: number): number =>
    (100 * (Math.min(Math.max(ms, fromMs), toMs) - fromMs)) / (toMs - fromMs);
  const groups = [...new Set(KINDS.map(({ name }) => groupOf(name)))];
  const lanes = groups.map((group) => {
    const marks = end.evidence.faults
      .filter(({ name }) => groupOf(name) === group)
      .map(({ name, whom, fromMs: from, untilMs }) => {
        const left = percent(from);
        const width = Math.max(0, percent(untilMs) - left);
        const title = escape(`${name} (${whom})`);
        return `<i style="left:${left.toFixed(2)}%;width:${width.toFixed(2)}%" title="${title}"></i>`;
      });
    return `<span>${escape(group)}</span><div class="lane">${marks.join('')}</div>`;
  });
  return lanes.join('');
}

/** All ailments of one edge share a lane. */
function groupOf(name: string): string {
  return name.split(':')[0] ?? name;
}

export function axis(end: ChaosEnd): string {
  const { fromMs, toMs } = spanOf(end);
  const steps = 4;
  const marks = Array.from({ length: steps + 1 }, (_, step) =>
    formatTime((step * (toMs - fromMs)) / steps),
  );
  return `<span></span><div class="axis">${marks.map((mark) => `<span>${mark}</span>`).join('')}</div>`;
}

/** Since the beginning, such as `12:05`. */
export function formatTime(ms: number): string {
  const seconds = Math.round(ms / 1_000);
  return `${Math.floor(seconds / 60)}:${String(seconds % 60).padStart(2, '0')}`;
}

/** A column of counts is marked by `#`, one of long text by `~`, one that names the row by `!`. */
const TYPES: Readonly<Record<string, string>> = { '#': 'count', '~': 'text', '!': 'name' };

/** Cells that are HTML already. */
export function table(heads: readonly string[], rows: readonly (readonly string[])[]): string {
  const kinds = heads.map((head) => ({
    label: escape(head.replace(/^[#~!]/, '')),
    type: TYPES[head.charAt(0)] ?? '',
  }));
  const top = kinds.map(({ label, type }) => `<th class="${type}">${label}</th>`).join('');
  const body = rows.map((cells) => {
    const tds = cells.map((cell, index) => {
      const { label = '', type = '' } = kinds[index] ?? {};
      return `<td class="${type}" data-label="${label}">${cell}</td>`;
    });
    return `<tr>${tds.join('')}</tr>`;
  });
  return `<table class="stack"><thead><tr>${top}</tr></thead><tbody>${body.join('')}</tbody></table>`;
}

export function kindsTable(kinds: readonly KindFigures[]): string {
  const rows = kinds.map(({ name, struck, survived, met, outcomes }) => [
    escape(name),
    String(struck),
    String(survived),
    String(met),
    String(outcomes.get('UNKNOWN') ?? 0),
    share(outcomes),
  ]);
  return table(
    ['!fault', '#struck', '#survived', '#runs that met it', '#of them UNKNOWN', 'their outcomes'],
    rows,
  );
}

function share(outcomes: ReadonlyMap<string, number>): string {
  const parts = [...outcomes].map(
    ([outcome, count]) =>
      `<div style="flex:${count};${colourOf(outcome)}" title="${count} ${escape(outcome)}"></div>`,
  );
  return `<div class="share">${parts.join('')}</div>`;
}
