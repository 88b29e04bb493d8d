/** What people see of a run in the Temporal UI before it has said a word itself. */
import { inlineCode, instanceCommand } from '../domain/commands.js';
import { oneLine } from '../domain/one-line.js';
import type { WellFormedInput } from '../schema/index.js';

import { describeGoal } from './asked.js';

/** The server refuses longer summaries; leaves room for an encrypting codec. */
export const MAX_SUMMARY_BYTES = 160;

/** One line for lists. */
export function makeSummary(input: WellFormedInput): string {
  const who = input.requestedBy === undefined ? '' : `, asked by ${oneLine(input.requestedBy)}`;
  return clipBytes(`${describeGoal(input)}${who}`, MAX_SUMMARY_BYTES);
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
    ['Run in question', input.baselineRunId],
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
  const { mode, target, expectedMasterNodeId, toggle, baselineRunId, jobId } = input;
  const { requestId, requestedBy, changeId, reason } = input;
  const memo = { mode, target, expectedMasterNodeId, toggle, baselineRunId, jobId };
  const labels = { requestId, requestedBy, changeId, reason };
  return Object.fromEntries(
    Object.entries({ ...memo, ...labels }).filter(([, value]) => value !== undefined),
  );
}

/** The beginning of a text, in so many bytes of UTF-8. */
export function clipBytes(text: string, maxBytes: number): string {
  const bytes = Buffer.from(text);
  if (bytes.length <= maxBytes) return text;
  // The cut may have halved a character, which then decodes to replacement characters.
  return `${bytes
    .subarray(0, maxBytes)
    .toString()
    .replace(/\uFFFD+$/, '')}…`;
}
