import type { RepeatedRun } from './repeated-run.js';

/** What a run says whose request an earlier one has done. */
export function composeRepeat({
  runId,
  outcome,
  cause,
  message,
  settledByRunId,
}: RepeatedRun): string {
  const since =
    settledByRunId === null
      ? `It ended ${outcome}.`
      : `It ended UNKNOWN; run ${settledByRunId} has settled it since: ${outcome} (${cause}).`;
  return [
    `Nothing was sent now: run ${runId} had this request id and the same goal. ${since}`,
    ...(message === '' ? [] : [`It said: ${message}`]),
    'To switch once more, use a new request id.',
  ].join('\n');
}
