/** What people see of a run in the Temporal UI before it has said a word itself. */
import { inlineCode, instanceCommand } from '../domain/commands.js';
import { oneLine } from '../domain/text.js';
import type { WellFormedInput } from '../schema/index.js';

import { InvalidInputError } from './errors.js';
import { describeGoal } from './switchover/ref.js';

/** The server refuses longer summaries; leaves room for an encrypting codec. */
export const MAX_SUMMARY_BYTES = 160;

/** One line for lists. */
export function makeSummary(input: WellFormedInput): string {
  const who = input.requestedBy === undefined ? '' : `, asked by ${oneLine(input.requestedBy)}`;
  return clipField(`${describeGoal(input)}${who}`, MAX_SUMMARY_BYTES);
}

/** Who, why and what, as Markdown. */
export function makeDetails(input: WellFormedInput): string {
  const rows = [
    ['What', `${describeGoal(input)}, instance ${input.instanceId}`],
    ['Who', input.requestedBy],
    ['Why', input.reason],
    ['Change', input.changeId],
    ['Request', input.requestId],
    ['Not after', input.notAfter],
    ['Examined run', input.examinedRunId],
    ['Job', input.jobId],
    ['Look', inlineCode(instanceCommand('status', input))],
    ['Never', 'Terminate or Reset this run; cancel it instead'],
  ].filter((row): row is [string, string] => row[1] !== undefined);
  return makeLines(rows);
}

/** Rows of label and text as Markdown. */
export function makeLines(rows: readonly (readonly [string, string])[]): string {
  return rows.map(([label, text]) => `**${label}:** ${oneLine(text)}`).join('\n\n');
}

/** Ids and texts only, for people and scripts that list runs; decisions read the input itself. */
export function makeMemo(input: WellFormedInput): Record<string, unknown> {
  const { mode, target, expectedMasterNodeId, toggle, examinedRunId, jobId } = input;
  const { requestId, requestedBy, changeId, reason } = input;
  const memo = { mode, target, expectedMasterNodeId, toggle, examinedRunId, jobId };
  const labels = { requestId, requestedBy, changeId, reason };
  return Object.fromEntries(
    Object.entries({ ...memo, ...labels }).filter(([, value]) => value !== undefined),
  );
}

/** The beginning of a text, in so many bytes of UTF-8. */
export function clipField(text: string, maxBytes: number): string {
  const bytes = Buffer.from(text);
  if (bytes.length <= maxBytes) return text;
  // The cut may have halved a character, which then decodes to replacement characters.
  return `${bytes
    .subarray(0, maxBytes)
    .toString()
    .replace(/\uFFFD+$/, '')}…`;
}

/** Timers of the platform hold no more than this, in milliseconds; beyond it they fire at once. */
export const MAX_TIMER_MS = 2_147_483_647;

/** What a number given by a caller may be. */
export interface NumberRange {
  readonly min: number;
  readonly max: number;
}

/**
 * A number that a caller gave: one that is none would end in a timer that fires at once, or in an error where no
 * caller can catch it.
 *
 * @throws InvalidInputError naming the option
 */
export function checkNumber(option: string, value: number, { min, max }: NumberRange): number {
  if (value >= min && value <= max) return value;
  throw new InvalidInputError([
    {
      field: option,
      problem: `is ${String(value)}, not a number from ${min} to ${max}`,
      remedy: 'Correct it, or leave it out.',
    },
  ]);
}

/** As {@link checkNumber}, for times in milliseconds. */
export function checkMs(option: string, value: number): number {
  return checkNumber(option, value, { min: 0, max: MAX_TIMER_MS });
}
