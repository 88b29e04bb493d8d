/** What the ledger of the service says of a maintenance, whatever it says itself: invariants that only a test can check. */
import type { Leg } from '../../../src/contract/index.js';
import type { RunFacts } from '../../../src/domain/run-facts.js';
import type { Invariant } from '../../../src/domain/violations.js';
import { decided } from '../../../src/domain/maintenance/run-facts.js';
import type { MaintenanceRunFacts } from '../../../src/domain/maintenance/run-facts.js';

import { FAILOVER } from '../dcs.js';
import type { Change, LeftPut } from '../dcs.js';
import type { SimRun } from '../temporal.js';

import { RESERVE_MS } from './stage.js';
import type { MaintenanceStage } from './stage.js';

/** A switchover of a maintenance: one that it started, or that a reset has made of such a one. */
export interface WitnessedChild {
  readonly run: SimRun;
  readonly facts: RunFacts;
}

/** The runs of one start of a maintenance, in order, and their switchovers. */
export interface WitnessedChain {
  readonly runs: readonly { readonly run: SimRun; readonly facts: MaintenanceRunFacts }[];
  readonly children: readonly WitnessedChild[];
}

/** A schedule and what the ledger knows of it. */
export interface WitnessedMaintenance {
  readonly stage: MaintenanceStage;
  readonly chains: readonly WitnessedChain[];
}

/** Every invariant that the ledger can prove or refute. */
export const WITNESSED: readonly Invariant<WitnessedMaintenance>[] = [
  {
    name: 'ledger-each-instance-once',
    sentence:
      'For a maintenance the service starts at most one forward swap of an instance, on each leg.',
    check: eachChain(({ stage }, chain) =>
      visits(chain).flatMap((visit) => {
        const swaps = putsOf(stage, visit, 'forward').filter(({ jobId }) => jobId !== null);
        return when(swaps.length > 1, `${swaps.length} of ${visit.instanceId}, ${visit.leg}`);
      }),
    ),
  },
  {
    name: 'ledger-inside-the-window',
    sentence:
      'No PUT of the forward leg leaves before the window opens, or after its latest safe start.',
    check: eachChain(({ stage }, chain) => {
      const { window } = planOf(chain);
      if (window === null) return [];
      const latestMs = window.closesAtMs - RESERVE_MS + 1_000;
      return visits(chain)
        .filter(({ leg }) => leg === 'forward')
        .flatMap((visit) => putsOf(stage, visit, 'forward'))
        .filter(({ atMs }) => atMs < window.opensAtMs || atMs > latestMs)
        .map(({ atMs }) => `one at ${new Date(atMs).toISOString()}`);
    }),
  },
  {
    name: 'ledger-items-are-true',
    sentence: 'What the result says of an instance is what its switchovers did by the ledger.',
    check: eachChain((seen, chain) =>
      (resultOf(chain)?.items ?? []).flatMap((item) =>
        [item.forward, item.return].flatMap((leg) =>
          leg === null ? [] : compare(seen, chain, item.instanceId, leg),
        ),
      ),
    ),
  },
  {
    name: 'roll-over-loses-nothing',
    sentence:
      'The last run of a chain knows every instance, every decision and every switchover of those before.',
    check: eachChain((_, chain) => {
      const { runs } = chain;
      const result = resultOf(chain);
      const ends = runs.filter(({ facts }) => facts.ended === 'continued');
      if (result === null || ends.length === 0) return [];
      return ends.flatMap(({ facts }) => {
        const known = (result.items ?? []).map(({ instanceId }) => instanceId);
        const isKnown = (result.decisions ?? []).map(({ what }) => what).join();
        return [
          ...facts.instances
            .filter(({ instanceId }) => !known.includes(instanceId))
            .map(({ instanceId }) => `instance ${instanceId} is lost`),
          ...when(!isKnown.startsWith(decided(facts).join()), 'a decision is lost'),
        ];
      });
    }),
  },
  {
    name: 'one-at-a-time',
    sentence: 'Two runs of a maintenance id are never open at the same time.',
    check: ({ chains }) => {
      const runs = chains.flatMap((chain) => chain.runs.map(({ run }) => run));
      return runs.flatMap((one, index) =>
        runs
          .slice(index + 1)
          .filter((other) => other.workflowId === one.workflowId)
          .filter(({ listedAtMs }) => listedAtMs < (one.closedAtMs ?? Infinity))
          .map(({ runId }) => `${runId} beside ${one.runId}`),
      );
    },
  },
];

type Check = (seen: WitnessedMaintenance, chain: WitnessedChain) => string[];

function eachChain(check: Check): (seen: WitnessedMaintenance) => string[] {
  return (seen) => seen.chains.flatMap((chain) => check(seen, chain));
}

/** Everything that was done to an instance on one leg. */
interface Visit {
  readonly instanceId: string;
  readonly leg: Leg['leg'];
  readonly children: readonly WitnessedChild[];
}

function visits({ children }: WitnessedChain): Visit[] {
  const legOf = ({ facts }: WitnessedChild): Leg['leg'] =>
    facts.request?.requestId?.endsWith(':return') === true ? 'return' : 'forward';
  return groupBy(children, (child) => `${child.run.workflowId} ${legOf(child)}`).map((group) => {
    const [first] = group as [WitnessedChild];
    const instanceId = first.facts.request?.instanceId ?? '';
    return { instanceId, leg: legOf(first), children: group };
  });
}

/** In the order in which each key comes first. */
export function groupBy<T>(list: readonly T[], keyOf: (one: T) => string): T[][] {
  const keys = [...new Set(list.map(keyOf))];
  return keys.map((key) => list.filter((one) => keyOf(one) === key));
}

function putsOf(
  { dcs }: MaintenanceStage,
  { children }: Pick<Visit, 'children'>,
  purpose: 'forward' | 'compensate',
): LeftPut[] {
  return dcs.puts.filter(({ runId, activityId }) =>
    children.some(({ run }) => {
      const act = [...run.acts.values()].find((one) => one.activityId === activityId);
      const call = act?.call as { readonly purpose?: string } | undefined;
      return run.runId === runId && call?.purpose === purpose;
    }),
  );
}

function planOf({ runs }: WitnessedChain): Pick<MaintenanceRunFacts, 'window'> {
  return runs.find(({ facts }) => facts.window !== null)?.facts ?? { window: null };
}

function resultOf({ runs }: WitnessedChain): MaintenanceRunFacts['result'] {
  return runs.at(-1)?.facts.result ?? null;
}

/** Outcomes after which nothing of this leg has been sent to the service, or has moved anything. */
const UNMOVED: readonly string[] = [
  'NOOP',
  'REFUSED',
  'FAILED_UNCHANGED',
  'CANCELLED',
  'INVALID_INPUT',
];

/** One that the service has refused, and its worker knows, has done nothing. */
function mayHaveDone({ jobId, isAnswered }: LeftPut): boolean {
  return jobId !== null || !isAnswered;
}

function compare(
  { stage }: WitnessedMaintenance,
  { children }: WitnessedChain,
  instanceId: string,
  { state, outcome, runId, swapsSent }: Leg,
): string[] {
  const own = children.filter(({ run }) => run.runId === runId || run.originalRunId === runId);
  const sent = own.flatMap(({ run }) => stage.dcs.puts.filter((put) => put.runId === run.runId));
  const place = stage.places.find(({ instance }) => instance.instanceId === instanceId);
  const jobs = sent.flatMap(({ jobId }) => jobId ?? []);
  const moved = place?.changes.filter(({ by }) => jobs.includes(by)) ?? [];
  // No list shows failovers, and none a change in time that was right before the pre-check: one beside a job that did
  // nothing is taken for its work.
  const putMs = sent[0]?.atMs ?? 0;
  const isUnseen = ({ by, atMs }: Change): boolean =>
    by === FAILOVER || (atMs < putMs && putMs - atMs < stage.asked.staleRoleViewsMs);
  const isTakenForOurs =
    moved.length === 0 && jobs.length === 1 && place?.changes.some(isUnseen) === true;
  const isNothing = state === 'NOT_STARTED' || state === 'SKIPPED';
  const isRepeat = own.some(({ facts }) => (facts.result?.repeatOfRunId ?? null) !== null);
  return [
    ...when(isNothing && sent.some(mayHaveDone), `${instanceId}: ${state}, but sent`),
    ...when(
      outcome === 'SUCCEEDED' &&
        !isRepeat &&
        !isTakenForOurs &&
        moved.length !== 1 &&
        swapsSent > 0,
      `${instanceId}: SUCCEEDED, ${moved.length} swaps of it moved its master`,
    ),
    ...when(
      UNMOVED.includes(outcome ?? '') && moved.length > 0,
      `${instanceId}: ${outcome ?? ''}, but its master was moved`,
    ),
    ...when(
      swapsSent === 0 && jobs.length > 0 && outcome !== 'UNKNOWN' && !isRepeat,
      `${instanceId}: nothing sent, but a swap was started`,
    ),
  ];
}

function when(isBroken: boolean, found: string): string[] {
  return isBroken ? [found] : [];
}
