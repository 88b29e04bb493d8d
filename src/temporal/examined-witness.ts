/** What the history of a run shows of its looks at Redis itself. Pure. */
import type { WitnessWord } from '../contract/index.js';
import type {
  ExaminedRun,
  ExaminedWitness,
  PreflightFindings,
} from '../domain/preflight-report.js';
import type { Observation, SwapCall } from '../domain/reports.js';
import { redisOf } from '../domain/swap.js';
import type { SwapIntent } from '../domain/swap.js';
import { holdsBack, isSameServer } from '../domain/witness.js';
import type { WitnessCall } from '../domain/witness.js';
import { testify } from '../domain/witnessing.js';

import type { RunHistory } from './run-history.js';
import { purposeOf, recordOf } from './swap-trace.js';
import type { Swap } from './swap-trace.js';

/** What the run saw of Redis before this swap: in its last look before the PUT, else, of the forward one, before that. */
export function witnessOf(
  { activities }: Pick<RunHistory, 'activities'>,
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

/** Why this PUT must not leave, by what Redis showed before it, as text; `null`: nothing stands against it. */
export function vetoOf(
  history: Pick<RunHistory, 'activities'>,
  swaps: readonly Swap[],
  findings: Partial<PreflightFindings>,
  swap: Swap,
): string | null {
  const { witness }: Partial<SwapCall> = recordOf(swap.activity.call);
  const { judges, before = null }: Partial<WitnessCall> = recordOf(witness);
  if (judges !== true) return null;
  const look = redisOf(swap.report)?.look ?? null;
  if (before !== null && look !== null && !isSameServer(before, look))
    return 'Redis showed another server than before, or another role';
  const word =
    purposeOf(swap.activity) === 'forward' ? null : wordBefore(history, swaps, findings, swap);
  return word === null || !holdsBack(word) ? null : `Redis said ${word}`;
}

/** What Redis showed of the forward swap when it was to be swapped back; `null`: no one had looked before that. */
function wordBefore(
  { activities }: Pick<RunHistory, 'activities'>,
  swaps: readonly Swap[],
  findings: Partial<PreflightFindings>,
  { activity }: Swap,
): WitnessWord | null {
  const forward = swaps.filter((swap) => purposeOf(swap.activity) === 'forward');
  const { witness: before } = witnessOf({ activities }, forward, findings, 'forward');
  if (before === undefined) return null;
  const earlier = activities.slice(0, activities.indexOf(activity));
  const watch = earlier.findLast(({ type }) => WATCHES.includes(type));
  const { witness }: Partial<Observation> = recordOf(watch?.report);
  return testify(before, witness, watch?.endedAtMs ?? activity.scheduledAtMs).word;
}

const WATCHES: readonly string[] = ['verifyRoles', 'watchRoles'];
