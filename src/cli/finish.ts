import type { RunRef, StartedRun } from '../client.js';
import { commandLine } from '../client/switchover/ref.js';
import { EXIT_CODES, EXIT_CODE_BY_OUTCOME } from '../contract/index.js';
import { joinText, withCommands } from '../domain/commands.js';
import type { SwitchoverResult } from '../contract/index.js';

import { followRun } from './follow.js';
import type { Follower } from './follow.js';
import { formatResult } from './format/result.js';
import type { CliIo } from './io.js';
import type { RunOptions, WaitOptions } from './options.js';
import type { Output } from './output.js';

/** A run to wait for. */
export type AwaitedRun = RunRef & { readonly runId: string; readonly workflowId: string };

/** Waits for a run, prints its result and gives the exit code of its outcome. */
export async function finish(
  io: CliIo,
  output: Output,
  client: Follower,
  run: AwaitedRun,
  { waitTimeout, taskQueue }: WaitOptions & Pick<RunOptions, 'taskQueue'>,
): Promise<number> {
  return printResult(output, run, await followRun(io, client, { ...run, taskQueue }, waitTimeout));
}

/** Prints a result, the same whichever command led to it. */
export function printResult(output: Output, run: AwaitedRun, result: SwitchoverResult): number {
  const { workflowId, runId } = run;
  output.data({ ...result, run: { workflowId, runId } }, () => formatResult(result, run));
  return EXIT_CODE_BY_OUTCOME[result.outcome];
}

/** Prints that a run was started (or found) and is not waited for. */
export function printStarted(
  output: Output,
  run: StartedRun,
  { taskQueue }: Pick<RunOptions, 'taskQueue'>,
): number {
  const wait = commandLine('wait', { ...run, taskQueue });
  const { workflowId, runId, reused } = run;
  output.data({ workflowId, runId, reused }, () =>
    joinText([`${workflowId} ${runId}`, withCommands('Wait for it', wait)]),
  );
  return EXIT_CODES.success;
}

/** Tells when nothing was started because another run serves. */
export function noteReuse(output: Output, { reused, runId }: StartedRun): void {
  if (reused === 'open') output.note(`Joined the open run ${runId}, which does the same.`);
  if (reused === 'closed')
    output.note(`This request was already done by run ${runId}; its result:`);
}
