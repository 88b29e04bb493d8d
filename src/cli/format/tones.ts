/** How the words of an outcome or a state stand out where there are colours. */
import { styleText } from 'node:util';

/** What a text is to a person who looks for one thing. */
export type Tone = 'good' | 'caution' | 'bad' | 'alarm' | 'busy' | 'faint' | 'strong';

const STYLES: Readonly<Record<Tone, Parameters<typeof styleText>[0]>> = {
  good: 'green',
  caution: 'yellow',
  bad: 'red',
  alarm: ['red', 'bold'],
  busy: 'cyan',
  faint: 'dim',
  strong: 'bold',
};

/** Words for what is as wanted, what was held back, what failed, and what no one knows. */
const WORDS: Readonly<Partial<Record<Tone, readonly string[]>>> = {
  good: ['SUCCEEDED', 'NOOP', 'PLANNED', 'RESOLVED', 'COMPLETED', 'ok', 'active'],
  // Nothing was sent: a check did what it is there for.
  caution: [
    ...['REFUSED', 'INVALID_INPUT', 'PARTIAL', 'SKIPPED', 'NOT_STARTED', 'PAUSED', 'warn'],
    'AWAITING_APPROVAL',
  ],
  bad: ['FAILED_UNCHANGED', 'COMPENSATED', 'FAILED', 'CANCELLED', 'CANCELED', 'FAIL'],
  alarm: ['UNKNOWN', 'HOLDING', 'NOT_READ', 'TERMINATED', 'TIMED_OUT'],
  busy: [
    ...['RUNNING', 'open', 'PREFLIGHT', 'SWAPPING', 'AWAITING_JOB', 'VERIFYING', 'RECONCILING'],
    ...['COMPENSATING', 'PLANNING', 'AWAITING_WINDOW', 'SWITCHING', 'SOAKING', 'RETURNING'],
  ],
  // What no one knew, until someone has found out.
  faint: ['PENDING', 'skip', 'UNKNOWN, resolved'],
};

const TONES: ReadonlyMap<string, Tone> = new Map(
  Object.entries(WORDS).flatMap(([tone, words]) => words.map((word) => [word, tone as Tone])),
);

/** The tone of a word for an outcome or a state, which more may follow behind a comma; `null` for any other. */
export function toneOfWord(word: string): Tone | null {
  return TONES.get(word) ?? TONES.get(word.replace(/,.*/, '')) ?? null;
}

/** A text with the tone that it is shown in. */
export interface Styled {
  readonly text: string;
  readonly tone: Tone | null;
}

/** A text of a table or beside a label. */
export type Cell = string | Styled;

/** A word for an outcome or a state, in its tone, and what follows it. */
export function stateCell(word: string, rest = ''): Styled {
  return { text: `${word}${rest}`, tone: toneOfWord(word) };
}

/** A line in which its first such word, for an outcome or a state, has its tone. */
export function paintWord(paint: Paint, line: string, word: string): string {
  return line.replace(word, () => paint(toneOfWord(word), word));
}

/** The text of a cell. */
export function textOf(cell: Cell): string {
  return typeof cell === 'string' ? cell : cell.text;
}

/** Shows a text in a tone. */
export type Paint = (tone: Tone | null, text: string) => string;

/** Without colours. */
export const PLAIN: Paint = (_, text) => text;

/** With colours. */
export const COLOURED: Paint = (tone, text) =>
  tone === null ? text : styleText(STYLES[tone], text, { validateStream: false });
