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

/** A command, and what it is for. */
export interface Step {
  readonly purpose: string;
  readonly command: string;
}

/** What not to do while a run is in doubt. */
export const DOUBT_WARNING = 'Do not switch again before you know.';

/**
 * What to do about a run in doubt, in this order: find out by reading, then by its job, then by hand.
 *
 * @param mayHaveJob whether a PUT of it may have started one
 */
export function doubtSteps(
  ref: InstanceRef,
  runId: string,
  jobIds: readonly string[],
  mayHaveJob = true,
): Step[] {
  const jobId = jobIds.at(-1);
  const adopt = {
    purpose:
      jobId === undefined
        ? 'If you find its job in the console'
        : 'If its job still runs, wait for it',
    command: adoptCommand(ref, runId, jobId ?? 'JOB_ID'),
  };
  return [
    { purpose: 'Find out', command: verifyCommand(ref, runId) },
    ...(mayHaveJob ? [adopt] : []),
    { purpose: 'If that stays UNKNOWN, record what you found', command: resolveCommand(ref) },
  ];
}

/** The same as sentences. */
export function doubtCommands(
  ref: InstanceRef,
  runId: string,
  jobIds: readonly string[],
  mayHaveJob = true,
): string[] {
  const steps = doubtSteps(ref, runId, jobIds, mayHaveJob);
  return [DOUBT_WARNING, ...steps.map(({ purpose, command }) => `${purpose}: ${command}.`)];
}
