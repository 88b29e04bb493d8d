/** What has become known of a run that ended UNKNOWN, as text. Pure. */
import { isExaminingMode } from '../contract/index.js';
import type { Mode, Outcome } from '../contract/index.js';

import type { Resolving } from './checks/runs.js';
import {
  asSentence,
  instanceCommand,
  joinText,
  UNRESOLVED_WARNING,
  withCommands,
  withoutCommands,
} from './commands.js';
import type { CommandTarget } from './commands.js';
import { oneLine } from './text.js';

/** How an unresolved run has been resolved since. */
export interface ResolvedSince {
  /** `examined`: by reading; `stated`: by an operator's statement; `superseded`: by a later run that counts instead. */
  readonly how: Resolving<unknown>['how'];
  /** What it did; `null` where no one has found out. */
  readonly outcome: Outcome | null;
  /** The run that resolved it, how that ended, and when, RFC 3339. */
  readonly runId: string;
  readonly endedAs: Outcome;
  readonly at: string | null;
  /** Who stated it, or asked for that run; `null` where that is not known. */
  readonly by: string | null;
  /** In the operator's own words; `null`: there is none. */
  readonly statement: string | null;
}

/** The run that speaks: of itself, or of the one that it examined. */
interface Speaker {
  readonly mode: Mode;
  readonly examinedRunId?: string | null;
}

/** What is to be said of an unresolved run now, in place of its own message: that asks for what has been done since. */
export function resolvedMessage(
  message: string,
  resolved: ResolvedSince,
  target: CommandTarget,
  { mode, examinedRunId = null }: Speaker,
): string {
  const subject = isExaminingMode(mode) ? examinedRunId : null;
  const said = oneLine(withoutCommands(message).replace(UNRESOLVED_WARNING, ''));
  const before = said === '' ? '' : `\n${asSentence(`At its end it said: ${said}`)}`;
  return joinText([
    `${describeResolved(resolved, subject)}${before}`,
    withCommands(
      'See the run that resolved it',
      instanceCommand('status', target, { run: resolved.runId }),
    ),
  ]);
}

/**
 * One sentence: as what, by whom, when, and by which run.
 *
 * @param subject the run that was unresolved; `null` where that is clear
 */
export function describeResolved(resolved: ResolvedSince, subject: string | null): string {
  const { how, outcome, runId, endedAs, at, by, statement } = resolved;
  const subjectIs = subject === null ? 'Resolved since' : `Run ${subject} has been resolved since`;
  const when = at === null ? '' : ` at ${at}`;
  const whose = by === null ? 'an unnamed operator' : oneLine(by);
  switch (how) {
    case 'examined':
      return `${subjectIs}: ${outcome ?? endedAs}, found out${when} by run ${runId}${by === null ? '' : `, asked by ${whose}`}.`;
    case 'stated':
      return asSentence(
        `${subjectIs}: ${outcome ?? endedAs}, as stated by ${whose}${when} (run ${runId})${statement === null ? '' : `: "${oneLine(statement).replace(/\.$/, '')}"`}`,
      );
    case 'superseded':
      return `${subjectIs}: run ${runId} came after it and ended ${endedAs}${when}. What the unresolved one did no one has found out.`;
  }
}
