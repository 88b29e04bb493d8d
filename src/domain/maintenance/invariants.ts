/**
 * What must be true of every run of `dcsMaintenance`, whatever happened to it: one list, by which the command `audit`
 * judges a history and the tests judge every maintenance that they make. Pure.
 */
import { findSecrets, findViolations, said, when } from '../violations.js';
import type { Invariant, Violation } from '../violations.js';

import { returnNotAfterMs } from './next-moves.js';
import {
  afterwardsMs,
  askedAt,
  compareLeg,
  decided,
  failuresBefore,
  firstChange,
  isCanaryUndone,
  isItemDone,
  isPausedAt,
  isRepeated,
  openAt,
  started,
} from './run-facts.js';
import type { AuditedMaintenance } from './run-facts.js';
import { judgeTime } from './window.js';

/** Stops after which nothing starts, not even on the return leg. */
const FINAL: readonly string[] = ['APPROVAL_REJECTED', 'ABORTED', 'CANCELLED'];

/** Every invariant that the history of one run alone can prove or refute. */
const INVARIANTS: readonly Invariant<AuditedMaintenance>[] = [
  {
    name: 'only-its-instances',
    sentence: 'A maintenance starts switchovers only of its own instances, and none to plan.',
    check: ({ request, instances, asked }) => {
      const own = instances.map(({ instanceId }) => instanceId);
      const foreign = asked.filter(({ instanceId }) => !own.includes(instanceId));
      return [
        ...when(request?.mode === 'plan' && asked.length > 0, 'a plan has started one'),
        ...foreign.map(({ instanceId }) => said`one of ${instanceId}`),
      ];
    },
  },
  {
    name: 'each-instance-once',
    sentence:
      'After a switchover no other of its leg is started, unless it was refused for what passes by itself.',
    check: (run) =>
      started(run).flatMap((one) =>
        when(isRepeated(run, one), said`${one.instanceId}, ${one.leg}`),
      ),
  },
  {
    name: 'at-most-max-concurrent',
    sentence: 'Never more switchovers are under way than allowed.',
    check: (run) => {
      const allowed = run.request?.maxConcurrent ?? 0;
      return run.asked.flatMap(({ order }) => {
        const open = openAt(run, order);
        return when(open > allowed, said`${open} were, ${allowed} allowed`);
      });
    },
  },
  {
    name: 'inside-the-window',
    sentence:
      'A switchover starts while the window of its instance is open and leaves it time; of the return leg, in the time after the soak.',
    check: ({ request, instances, asked }) =>
      asked.flatMap(({ order, instanceId, leg, askedAtMs, notAfterMs }) => {
        if (request === null || notAfterMs === null || order < 0) return [];
        const spans = instances.find((one) => one.instanceId === instanceId)?.spans ?? [];
        const time = judgeTime(spans, request, askedAtMs);
        const isInSpan = time.when === 'open' && notAfterMs <= time.latestStartMs;
        const soakedAtMs = notAfterMs - returnNotAfterMs(request, 0);
        const isAfterSoak = askedAtMs >= soakedAtMs && askedAtMs < notAfterMs;
        const isInTime = leg === 'forward' ? isInSpan : isAfterSoak;
        return when(!isInTime, said`${instanceId} was started outside of it, ${leg}`);
      }),
  },
  {
    name: 'approved-first',
    sentence: 'Where approval was asked for, nothing starts before it was given.',
    check: (run) => {
      const isGiven = decided({ ...run, messages: [] }).includes('approved');
      if (run.request?.requireApproval !== true || isGiven) return [];
      const given = firstChange(run, 'approve');
      return askedAt(run, (order) => order < given);
    },
  },
  {
    name: 'nothing-while-paused',
    sentence: 'Nothing starts between a pause and the next resume.',
    check: (run) => askedAt(run, (order) => isPausedAt(run, order)),
  },
  {
    name: 'nothing-after-a-stop',
    sentence: 'Nothing starts once the maintenance was rejected, aborted or cancelled.',
    check: (run) => {
      const wasStopped = run.carried?.stops.some(({ cause }) => FINAL.includes(cause)) === true;
      const stops = [firstChange(run, 'reject'), firstChange(run, 'abort')];
      const at = wasStopped ? -1 : Math.min(...stops, run.cancelled ?? Infinity);
      return askedAt(run, (order) => order > at);
    },
  },
  {
    name: 'nothing-in-a-freeze',
    sentence: 'Nothing starts once a freeze was found when the window opened.',
    check: (run) => askedAt(run, (order) => order > (run.frozen ?? Infinity), ['forward']),
  },
  {
    name: 'budget-holds',
    sentence: 'With more failures than allowed no further instance is switched.',
    check: (run) => {
      const allowed = run.request?.maxFailures ?? 0;
      return askedAt(run, (order) => failuresBefore(run, order) > allowed, ['forward']);
    },
  },
  {
    name: 'canaries-first',
    sentence: 'Behind the canaries nothing starts before all of them are done.',
    check: (run) =>
      started(run).flatMap(({ order, instanceId, leg }) =>
        when(leg === 'forward' && isCanaryUndone(run, order, instanceId), instanceId),
      ),
  },
  {
    name: 'repeats-change-nothing',
    sentence: 'A message that comes again changes nothing.',
    check: (run) => {
      const words = decided(run);
      const once = ['approved', 'rejected', 'aborted'].filter(
        (word) => words.indexOf(word) !== words.lastIndexOf(word),
      );
      const turns = words.filter((word) => word === 'paused' || word === 'resumed');
      const stuck = turns.filter((word, index) => word === (turns[index - 1] ?? 'resumed'));
      return [...once, ...stuck].map((word) => said`it was ${word} twice`);
    },
  },
  {
    name: 'decisions-are-true',
    sentence: 'The result names every message that changed something, and no other.',
    check: (run) => {
      const { decisions } = run.result ?? {};
      const named = decisions?.map(({ what }) => what).join();
      const shown = decided(run).join();
      return when(named !== undefined && named !== shown, said`it names ${named}, not ${shown}`);
    },
  },
  {
    name: 'result-is-true',
    sentence: 'The result says of each instance what became of its switchover.',
    check: (run) => {
      const { items = [], outcome, counts } = run.result ?? {};
      const isAll = items.length > 0 && items.every((item) => isItemDone(run, item));
      const sum = Object.values<number>({ ...counts }).reduce((total, count) => total + count, 0);
      return [
        ...items.flatMap(({ instanceId, forward, return: back }) =>
          [forward, back].flatMap((leg) => (leg === null ? [] : compareLeg(run, instanceId, leg))),
        ),
        ...when(outcome === 'COMPLETED' && !isAll && items.length > 0, 'it is called complete'),
        ...when(outcome === 'PARTIAL' && isAll, 'it is called partial'),
        ...when(sum !== items.length, said`it counts ${sum} of ${items.length} instances`),
      ];
    },
  },
  {
    name: 'ends-by-a-name',
    sentence: 'A maintenance ends with an outcome, Cancelled, or from outside; it never crashes.',
    check: ({ ended, failureType, result }) => {
      const isGood = result?.outcome === 'COMPLETED' || result?.outcome === 'PLANNED';
      const isNamed = failureType === 'PARTIAL' || failureType === 'INVALID_INPUT';
      return [
        ...when(ended === 'completed' && !isGood, 'it completed without one'),
        ...when(ended === 'failed' && !isNamed, said`it failed with ${failureType ?? 'no type'}`),
      ];
    },
  },
  {
    name: 'bounded',
    sentence: 'A maintenance ends within its bound: the window and what may follow it.',
    check: ({ request, window, startedAtMs, closedAtMs }) => {
      if (request === null || window === null || closedAtMs === null) return [];
      const lateMs = closedAtMs - Math.max(startedAtMs, window.closesAtMs) - afterwardsMs(request);
      return when(lateMs > 0, said`it ended ${Math.round(lateMs / 1000)} s later`);
    },
  },
  {
    name: 'no-secret',
    sentence: 'No secret, and nothing that looks like a credential, stands in the history.',
    check: findSecrets,
  },
];

/** The promises of the list. */
export const MAINTENANCE_PROMISES = INVARIANTS.map(({ name, sentence }) => ({ name, sentence }));

/** Judges a run by the list; empty: every promise was kept, by an open run as far as it has come. */
export function auditMaintenance(run: AuditedMaintenance): Violation[] {
  return findViolations(run, INVARIANTS);
}
