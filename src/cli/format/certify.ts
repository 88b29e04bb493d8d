import type { Answer, Written } from '../../certify/index.js';
import { shellWord } from '../../domain/commands.js';

import type { Page } from './page.js';
import { table } from './table.js';
import type { Column } from './table.js';

/** What a first contact has led to. */
export interface Certificate {
  readonly swaps: readonly { readonly leg: string; readonly outcome: string }[];
  readonly answers: readonly Answer[];
  readonly written: Written;
}

/** The answers for people, and what follows from them. */
export function formatCertificate({ swaps, answers, written }: Certificate): Page {
  const seen = answers.filter(({ value }) => value !== null);
  const settings = seen.flatMap(({ question, setting }) =>
    setting === null ? [] : [`  - ${question}: ${setting}`],
  );
  const unseen = answers.filter(({ value }) => value === null);
  return [
    table(ANSWER_COLUMNS, seen, `Answered: ${seen.length} of ${answers.length}`),
    unseen.length === 0 ? null : table(UNSEEN_COLUMNS, unseen, 'Not seen'),
    settings.length === 0 ? null : ['What follows:', ...settings].join('\n'),
    swaps.map(({ leg, outcome }) => `${leg}: ${outcome}`).join(', '),
    [
      'Written, for runs and for a bug report (ids, addresses, names and users replaced; look at it first):',
      `  ${written.profile}`,
      `  ${written.bugReport}`,
      'Give the profile to the workers, and restart them:',
      `  export DCS_SWITCHOVER_PROFILE=${shellWord(written.profile)}`,
    ].join('\n'),
  ];
}

const ANSWER_COLUMNS: readonly Column<Answer>[] = [
  { title: 'QUESTION', rank: 0, cell: ({ question }) => question },
  { title: 'ANSWER', rank: 0, cell: ({ value, lag }) => withLag(value ?? '-', lag) },
  { title: 'READ FROM', rank: 1, cell: ({ evidence }) => evidence, wraps: true },
];

function withLag(value: string, lag: Answer['lag']): string {
  return lag === undefined || lag.atLeastMs === 0
    ? value
    : `${value}, ${(lag.atLeastMs / 1000).toFixed(1)} to ${(lag.atMostMs / 1000).toFixed(1)} s`;
}

const UNSEEN_COLUMNS: readonly Column<Answer>[] = [
  { title: 'QUESTION', rank: 0, cell: ({ question }) => question },
  { title: 'WHY', rank: 0, cell: ({ evidence }) => evidence, wraps: true },
];
