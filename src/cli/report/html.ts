/** A report as one HTML page that needs nothing else: no script, no network, and a policy that would allow neither. */
import { createHash } from 'node:crypto';

import { commandsOf } from '../../domain/commands.js';
import { isPresent } from '../../util.js';

import { inlineSvg } from './chart.js';
import type {
  Block,
  Fact,
  NextStep,
  ReportDocument,
  ReportTable,
  Section,
  Span,
  Text,
} from './document.js';
import { el, fragment, page } from './markup.js';
import type { Child, Markup } from './markup.js';
import { STYLE } from './style.js';
import type { Tone } from './style.js';

/** Only this very style sheet may be applied, and nothing be loaded, run, sent or framed. */
const POLICY = [
  "default-src 'none'",
  `style-src 'sha256-${createHash('sha256').update(STYLE).digest('base64')}'`,
  "base-uri 'none'",
  "form-action 'none'",
].join('; ');

/** Writes a report as a page. */
export function toHtmlReport(document: ReportDocument): string {
  const { title, state, about, happened, now, next, sections, note } = document;
  const head = [
    el('meta', { charset: 'utf-8' }),
    el('meta', { 'http-equiv': 'Content-Security-Policy', content: POLICY }),
    el('meta', { name: 'viewport', content: 'width=device-width, initial-scale=1' }),
    el('meta', { name: 'color-scheme', content: 'light dark' }),
    el('meta', { name: 'referrer', content: 'no-referrer' }),
    el('title', {}, `${title}: ${state.word}`),
  ];
  const main = el(
    'main',
    {},
    el(
      'header',
      {},
      el('h1', {}, title),
      el(
        `p.outcome`,
        {},
        writeBadge(state.word, state.tone),
        state.cause === null ? null : el('span.faint', {}, state.cause),
      ),
      writeFacts(about),
    ),
    el(
      `section.headline.${state.tone}`,
      {},
      el(
        'div',
        {},
        el('h2', {}, 'What happened'),
        happened.map((text) => el('p', {}, writeProse(text))),
      ),
      el('div', {}, el('h2', {}, 'What is true now'), writeFacts(now)),
      next === null ? null : el('div.next', {}, el('h2', {}, 'Next'), writeStep(next)),
    ),
    sections.map(writeSection),
    el('footer.faint', {}, note),
  );
  return page(head, STYLE, [main]);
}

function writeSection({ title, blocks }: Section): Markup {
  return el('section', {}, el('h2', {}, title), blocks.map(writeBlock));
}

function writeBlock(block: Block): Markup {
  switch (block.kind) {
    case 'facts':
      return writeFacts(block.facts);
    case 'list':
      return el(
        'ul',
        {},
        block.items.map((item) => el('li', {}, writeText(item))),
      );
    case 'steps':
      return fragment(block.steps.map(writeStep));
    case 'picture':
      return el('figure', {}, inlineSvg(block.picture), el('figcaption.faint', {}, block.caption));
    case 'table':
      return writeTable(block);
  }
}

function writeFacts(facts: readonly Fact[]): Markup {
  return el(
    'dl',
    {},
    facts.map(([label, text]) =>
      text === null ? null : el('div', {}, el('dt', {}, label), el('dd', {}, writeText(text))),
    ),
  );
}

function writeStep({ purpose, commands }: NextStep): Markup {
  return fragment(
    el('p', {}, `${purpose}:`),
    commands.map((line) => el('pre', {}, el('code', {}, line))),
  );
}

function writeTable({ columns, rows }: ReportTable): Markup {
  const cellName = (at: number, name: string): string =>
    [name, columns[at]?.set].filter(isPresent).join('.');
  return el(
    'div.wide',
    {},
    el(
      'table',
      {},
      el(
        'thead',
        {},
        el(
          'tr',
          {},
          columns.map(({ title }, at) => el(cellName(at, 'th'), { scope: 'col' }, title)),
        ),
      ),
      el(
        'tbody',
        {},
        rows.map((row) =>
          el(
            'tr',
            {},
            row.map((text, at) => el(cellName(at, 'td'), {}, writeText(text))),
          ),
        ),
      ),
    ),
  );
}

/** Each piece on a line of its own. */
function writeText(text: Text): Child {
  if (!isList(text)) return writeSpan(text);
  return text.map((span) => el('div', {}, writeSpan(span)));
}

function isList(text: Text): text is readonly Span[] {
  return Array.isArray(text);
}

function writeSpan(span: Span): Child {
  if (typeof span === 'string') return writeProse(span);
  if ('state' in span) return writeBadge(span.state, span.tone);
  const { label, code } = span;
  return fragment(label === undefined ? null : `${label} `, el('code', {}, code));
}

/** What a person sees of a tone who sees no colours. */
const SIGNS: Readonly<Record<Tone, string>> = {
  ...{ good: '✓', caution: '!', bad: '✕', alarm: '?', plain: '·' },
};

function writeBadge(word: string, tone: Tone): Markup {
  return el(`span.badge.${tone}`, {}, el('b', { 'aria-hidden': 'true' }, SIGNS[tone]), word);
}

/** A text with its line breaks; commands that it leads to stand by themselves. */
function writeProse(text: string): Child {
  return text.split('\n').map((line, at) => {
    const [command] = commandsOf(line);
    if (command !== undefined) return el('pre', {}, el('code', {}, command));
    return at === 0 ? line : fragment(el('br'), line);
  });
}
