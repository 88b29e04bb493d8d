/** What the history of a run shows of its looks at Redis itself. Pure. */
import type { WitnessWord } from '../contract/index.js';
import type {
  ExaminedRun,
  ExaminedWitness,
  PreflightFindings,
} from '../domain/preflight-report.js';
import type { Observation } from '../domain/reports.js';
import { redisOf } from '../domain/swap.js';
import type { SwapIntent } from '../domain/swap.js';
import { testify } from '../domain/witnessing.js';

import type { RunHistory } from './run-history.js';
import type { Swap } from './swap-trace.js';

/** What the run saw of Redis before this swap: in its last look before the PUT, else, of the forward one, before that. */
export function witnessOf(
  { activities }: RunHistory,
  swaps: readonly Swap[],
  { dataPlane }: Partial<PreflightFindings>,
  purpose: SwapIntent['purpose'],
): Pick<ExaminedRun, 'witness'> {
  if (dataPlane?.offered !== true) return {};
  const { judges, address, binding, look, lookedAfterMs: afterMs = 0 } = dataPlane;
  const preflight = activities.findLast(({ type }) => type === 'preflight');
  const first = look === null || purpose === 'compensate' ? undefined : { look, afterMs };
  const taken = [
    { redis: first, activity: preflight },
    ...swaps.map(({ activity, report }) => ({ redis: redisOf(report), activity })),
  ].findLast(({ redis }) => redis !== undefined);
  if (taken?.redis === undefined || taken.activity === undefined) return {};
  const sinceMs = taken.activity.scheduledAtMs + taken.redis.afterMs;
  return { witness: { judges, address, binding, look: taken.redis.look, sinceMs } };
}

/** What Redis showed then, where it may judge. */
export function wordAtEnd(
  before: ExaminedWitness | undefined,
  { witness }: Pick<Observation, 'witness'>,
  endedAtMs: number | null,
): WitnessWord | null {
  const mayJudge = before?.judges === true && witness?.judges === true;
  return mayJudge && endedAtMs !== null ? testify(before, witness, endedAtMs).word : null;
}
