/** Commands that a person can paste, for messages and for the Temporal UI. */
import type { InstanceRef } from '../contract/index.js';

/** Instance and project as every command takes them. */
export function commandTarget({ instanceId, projectId }: InstanceRef): string {
  return `${instanceId} --project ${projectId}`;
}

/** The command that finds out, by reading, what a run did. */
export function verifyCommand(ref: InstanceRef, runId: string): string {
  return `dcs-switchover verify ${commandTarget(ref)} --baseline-run ${runId}`;
}

/** The command that waits for a job and then finds out what it did. */
export function adoptCommand(ref: InstanceRef, runId: string, jobId: string): string {
  return `dcs-switchover adopt ${commandTarget(ref)} --job ${jobId} --baseline-run ${runId}`;
}

/** The command that records a person's word. */
export function resolveCommand(
  ref: InstanceRef,
  outcome = 'SUCCEEDED|FAILED_UNCHANGED|COMPENSATED',
): string {
  return `dcs-switchover resolve ${commandTarget(ref)} --outcome ${outcome} --statement "…" --by "…"`;
}

/** What to do about a run in doubt, in this order: find out by reading, then by its job, then by hand. */
export function doubtCommands(
  ref: InstanceRef,
  runId: string,
  jobIds: readonly string[],
): string[] {
  const jobId = jobIds.at(-1);
  return [
    'Do not switch again before you know.',
    `Find out: ${verifyCommand(ref, runId)}.`,
    jobId === undefined
      ? `If you find its job in the console: ${adoptCommand(ref, runId, 'JOB_ID')}.`
      : `If its job still runs, wait for it: ${adoptCommand(ref, runId, jobId)}.`,
    `If that stays UNKNOWN, record what you found: ${resolveCommand(ref)}.`,
  ];
}
