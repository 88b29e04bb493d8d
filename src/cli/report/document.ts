/** What a report says, before it is Markdown or HTML. Texts are as they came: each form escapes them its own way. */
import { toneOfWord } from '../format/tones.js';

import type { Picture } from './chart.js';
import type { Tone } from './style.js';

/** One piece of text; an id or a command may have a word before it that says what it is. */
export type Span =
  | string
  | { readonly code: string; readonly label?: string }
  | { readonly state: string; readonly tone: Tone };

/** A text of one or several pieces; with several, each stands on a line of its own where there is room. */
export type Text = Span | readonly Span[];

/** What to do, and the commands for it. */
export interface NextStep {
  readonly purpose: string;
  readonly commands: readonly string[];
}

/** A column, and how its cells are set. */
export interface ReportColumn {
  readonly title: string;
  readonly set?: 'count' | 'whole' | 'id';
}

/** A table; a column of numbers is aligned to the right, one of instants or zones does not break, one of ids has room for half of one. */
export interface ReportTable {
  readonly kind: 'table';
  readonly columns: readonly ReportColumn[];
  readonly rows: readonly (readonly Text[])[];
}

/** A part of a section. A picture says the same as the table beside it, which stands where no picture can. */
export type Block =
  | { readonly kind: 'facts'; readonly facts: readonly Fact[] }
  | { readonly kind: 'list'; readonly items: readonly Text[] }
  | { readonly kind: 'steps'; readonly steps: readonly NextStep[] }
  | {
      readonly kind: 'picture';
      readonly picture: Picture;
      readonly caption: string;
      readonly table: ReportTable;
    }
  | ReportTable;

/** A label and what it says; without a text it is left out. */
export type Fact = readonly [label: string, text: Text | null];

/** A heading and what stands under it. */
export interface Section {
  readonly title: string;
  readonly blocks: readonly Block[];
}

/** A report. */
export interface ReportDocument {
  readonly title: string;
  readonly state: { readonly word: string; readonly cause: string | null; readonly tone: Tone };
  /** What it is about: instance and run, or maintenance. */
  readonly about: readonly Fact[];
  /** What happened. */
  readonly happened: readonly string[];
  /** What is true now, as far as it was read. */
  readonly now: readonly Fact[];
  /** The one thing to do; `null`: nothing is left to do. */
  readonly next: NextStep | null;
  readonly sections: readonly Section[];
  /** How to read it. */
  readonly note: string;
}

/** Words of reports alone, and the one that a report of what has ended does not count as bad. */
const OWN_TONES: Readonly<Record<string, Tone>> = {
  ...{ passed: 'good', accepted: 'good' },
  ...{ 'not checked': 'caution', 'not sent': 'caution', CANCELLED: 'caution' },
  ...{ failed: 'bad', 'not applied': 'bad', 'possibly sent': 'alarm' },
};

/** How a state stands out; one that goes on does not. */
export function toneOf(word: string): Tone {
  const tone = OWN_TONES[word] ?? toneOfWord(word);
  return tone === null || tone === 'busy' || tone === 'faint' || tone === 'strong' ? 'plain' : tone;
}

/** A state as a piece of text. */
export function stateSpan(word: string): Span {
  return { state: word, tone: toneOf(word) };
}

/** Sections that say something. */
export function present(...sections: readonly (Section | null)[]): Section[] {
  return sections.filter((section) => section !== null);
}

/** A section of texts; `null` where there is none. */
export function listSection(title: string, items: readonly Text[]): Section | null {
  return items.length === 0 ? null : { title, blocks: [{ kind: 'list', items }] };
}

/** A section of one table; `null` where it has no row. */
export function tableSection(
  title: string,
  columns: readonly (string | ReportColumn)[],
  rows: ReportTable['rows'],
): Section | null {
  const titled = columns.map((column) => (typeof column === 'string' ? { title: column } : column));
  return rows.length === 0 ? null : { title, blocks: [{ kind: 'table', columns: titled, rows }] };
}
