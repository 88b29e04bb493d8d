/** What a closed run of a maintenance has told of its PUTs. */
import type { MaintenanceResult } from '../contract/index.js';

import type { RunsOf } from '../temporal/earlier-run.js';
import { readTold } from './run-end.js';

/**
 * How many PUTs a closed run of a maintenance has sent, by its own result; `null`: it told none, and may have sent some.
 *
 * @throws what `ask` throws
 */
export async function countSentByPlan(
  { ask, client, workflowId }: RunsOf,
  runId: string,
): Promise<number | null> {
  const told = await ask('read the end of a run', () => readTold(client, workflowId, runId));
  if (told?.['outcome'] === 'INVALID_INPUT') return 0;
  const { rows }: Partial<MaintenanceResult> = told ?? {};
  return rows === undefined ? null : sumSent(rows);
}

/** How many PUTs its rows tell of; `null`: an unknown outcome may stand for a PUT that no result has counted. */
export function sumSent(rows: MaintenanceResult['rows']): number | null {
  const legs = rows.flatMap(({ forward, return: back }) =>
    back === null ? [forward] : [forward, back],
  );
  if (legs.some(({ outcome, swapsSent }) => outcome === 'UNKNOWN' && swapsSent === 0)) return null;
  return legs.reduce((sum, { swapsSent }) => sum + swapsSent, 0);
}
