/** Schedules of a maintenance: everything that decides one, as plain data, and how they are made at random. */
import fc from 'fast-check';

import type { MaintenanceUpdate } from '../../../src/contract/index.js';

import type { Fault } from '../faults.js';
import type { Schedule } from '../schedule.js';

/** One start of it: by hand, or by a schedule of Temporal's. */
export interface Starting {
  readonly afterMs: number;
  /** The firing's nominal time, minutes after the beginning; `null`: by hand. */
  readonly nominalMinute: number | null;
  readonly again: boolean;
}

/** One message of a person. */
export interface Message {
  readonly afterMs: number;
  readonly name: MaintenanceUpdate;
  /** Which instance, of `skip`. */
  readonly of: number;
  /** How often it is sent under its own id, and under another. */
  readonly repeats: 'none' | 'same' | 'other';
}

/** What the hook before a switchover answers. */
export type HookScript = 'proceed' | 'skip' | 'abort' | 'malformed' | 'fails' | 'silent';

/** One schedule of a maintenance. */
export interface MaintenanceSchedule extends Pick<
  Schedule,
  | 'seed'
  | 'workerClocksMs'
  | 'apiClockMs'
  | 'visibilityLagMs'
  | 'taskRows'
  | 'taskRowDelayMs'
  | 'staleRoleViewsMs'
  | 'swapShownAs'
  | 'nodes'
> {
  readonly instances: number;
  readonly goal: 'toggle' | 'other-zone';
  /** Minutes after the beginning. */
  readonly window: {
    readonly opens: number;
    readonly minutes: number;
    readonly isLocal: boolean;
    readonly isNarrow: boolean;
  };
  readonly maxConcurrent: number;
  readonly canaryCount: number;
  readonly maxFailures: number;
  readonly requireApproval: boolean;
  readonly soakSeconds: number | null;
  /** Answers of the hook, one after the other, then `proceed`; `null`: there is no hook. */
  readonly hooks: readonly HookScript[] | null;
  /** Events after which the server suggests to continue as new; 0: never. */
  readonly suggestedAfter: number;
  readonly starts: readonly Starting[];
  readonly messages: readonly Message[];
  /** Of the swaps in their order; those behind are good. */
  readonly jobs: readonly Schedule['job'][];
  readonly faults: readonly Fault[];
}

const milliseconds = (max: number) =>
  fc.oneof(fc.integer({ min: 1, max: 1_000 }), fc.integer({ min: 1, max }));

const usually = <T>(value: T, ...others: T[]) =>
  fc.oneof(
    { weight: 3, arbitrary: fc.constant(value) },
    { weight: 1, arbitrary: fc.constantFrom(value, ...others) },
  );

/** Points at which faults strike; those of a new activity of a maintenance are added here. */
const CALLS = [
  ...['dcs.showInstance', 'dcs.listNodes', 'dcs.listTasks', 'dcs.showJob', 'dcs.asyncSwap'],
  ...['temporal.describeWorkflowExecution', 'temporal.listWorkflowExecutions'],
  ...['temporal.getWorkflowExecutionHistory', 'temporal.heartbeat'],
  ...['temporal.report.planMaintenance', 'temporal.report.readFreeze', 'temporal.report.followRun'],
  ...['temporal.report.requestSwap', 'temporal.recordActivityTaskHeartbeat'],
];
const STEPS = [
  ...['task', 'activity.planMaintenance', 'activity.readFreeze', 'activity.followRun'],
  ...['activity.preflight', 'activity.requestSwap', 'activity.awaitJob', 'activity.verifyRoles'],
];
/** Where a maintenance decides. */
const OWN = 'task.maintenance';

const callFault = fc.oneof(
  fc.record({ call: fc.constantFrom('refused', 'lost', 'answer-lost', 'unanswered') }),
  fc.record({ call: fc.constantFrom('late', 'slow'), ms: milliseconds(60_000) }),
  fc.record({
    call: fc.constant('answered'),
    status: fc.constantFrom(401, 403, 404, 429, 500, 503),
    executed: fc.constant(false),
  }),
);

const updateName = fc.constantFrom<MaintenanceUpdate>(
  ...(['approve', 'reject', 'pause', 'resume', 'skip', 'abort'] as const),
);

const event = fc.oneof(
  fc.record({ event: fc.constantFrom('kill', 'drain', 'halt'), ms: milliseconds(60_000) }),
  fc.record({
    event: fc.constantFrom('clock', 'api-clock'),
    ms: fc.integer({ min: -600_000, max: 600_000 }),
  }),
  fc.record({ event: fc.constantFrom('cancel', 'terminate', 'foreign-swap', 'failover') }),
  fc.record({ event: fc.constantFrom('thaw', 'priorities') }),
  fc.record({ event: fc.constantFrom('cancel-child', 'terminate-child', 'by-hand') }),
  fc.record({
    event: fc.constantFrom('busy', 'inactive', 'freeze', 'throttle'),
    ms: milliseconds(300_000),
  }),
  fc.record({
    event: fc.constantFrom('reset', 'reset-child'),
    ...{ ms: milliseconds(120_000), task: fc.integer({ min: 0, max: 12 }) },
  }),
  fc.record({ event: fc.constant('message'), name: updateName, ms: milliseconds(5_000) }),
);

const nth = fc.oneof(
  fc.constant(1),
  fc.integer({ min: 1, max: 4 }),
  fc.integer({ min: 1, max: 20 }),
);
const fault: fc.Arbitrary<Fault> = fc
  .oneof(
    fc.tuple(fc.constantFrom(...CALLS), nth, callFault),
    fc.tuple(fc.oneof(fc.constant(OWN), fc.constantFrom(...CALLS, ...STEPS)), nth, event),
    fc.tuple(fc.constant(OWN), nth, event),
  )
  .map(([at, count, what]) => ({ at, nth: count, ...what }));

/** A switchover is reset between its pre-check and the answer to its PUT. */
const resetAmidSwap: fc.Arbitrary<Fault> = fc
  .record({
    at: fc.constantFrom(
      'activity.requestSwap',
      'temporal.recordActivityTaskHeartbeat',
      'dcs.asyncSwap',
    ),
    nth: fc.integer({ min: 1, max: 3 }),
    ms: fc.integer({ min: 1, max: 500 }),
    task: fc.integer({ min: 0, max: 2 }),
  })
  .map((where) => ({ ...where, event: 'reset-child' }));

const message: fc.Arbitrary<Message> = fc.record({
  afterMs: milliseconds(900_000),
  name: updateName,
  of: fc.integer({ min: 0, max: 3 }),
  repeats: fc.constantFrom('none', 'same', 'other'),
});
const approval = fc
  .tuple(milliseconds(240_000), fc.constantFrom<Message['repeats']>('none', 'same', 'other'))
  .map(([afterMs, repeats]): Message => ({ afterMs, name: 'approve', of: 0, repeats }));
const messages = fc.oneof(
  { weight: 2, arbitrary: fc.constant([]) },
  { weight: 3, arbitrary: fc.array(message, { minLength: 1, maxLength: 3 }) },
);

/** By hand, by a schedule, late, twice at once, again afterwards. */
const byHand = (afterMs: number, again = false): Starting => ({
  ...{ afterMs, nominalMinute: null, again },
});
const starts: fc.Arbitrary<readonly Starting[]> = fc.oneof(
  { weight: 5, arbitrary: fc.constant([byHand(0)]) },
  {
    weight: 1,
    arbitrary: fc
      .tuple(milliseconds(1_800_000), fc.boolean())
      .map(([ms, again]) => [byHand(0), byHand(ms, again)]),
  },
  {
    weight: 2,
    arbitrary: fc
      .tuple(fc.integer({ min: 0, max: 10 }), milliseconds(1_200_000), fc.boolean())
      .map(([minute, lateMs, isTwice]) => {
        const one = { afterMs: minute * 60_000 + lateMs, nominalMinute: minute, again: false };
        return isTwice ? [one, { ...one, afterMs: one.afterMs + lateMs }] : [one];
      }),
  },
);

const clock = fc.oneof(fc.constant(0), fc.constantFrom(-660_000, 660_000, -20_000, 20_000));
const job = usually<Schedule['job']>(
  'good',
  ...(['slow', 'fails', 'fails-changed', 'lies', 'never-ends', 'bad-master'] as const),
);

/** Any schedule of a maintenance. */
export const maintenanceSchedules: fc.Arbitrary<MaintenanceSchedule> = fc
  .record({
    seed: fc.noShrink(fc.integer({ min: 1, max: 2 ** 31 - 1 })),
    instances: usually(2, 1, 3),
    goal: fc.constantFrom<MaintenanceSchedule['goal']>('toggle', 'other-zone'),
    window: fc.record({
      opens: fc.constantFrom(0, 0, 1, 5),
      minutes: fc.constantFrom(30, 30, 10, 5, 3),
      ...{ isLocal: fc.boolean(), isNarrow: usually(false, true) },
    }),
    ...{ maxConcurrent: fc.constantFrom(1, 1, 2, 3), canaryCount: usually(0, 1, 2) },
    ...{ maxFailures: fc.constantFrom(0, 0, 1, 2), requireApproval: usually(false, true) },
    soakSeconds: usually<number | null>(null, 0, 60),
    hooks: usually<readonly HookScript[] | null>(
      null,
      ...([['proceed'], ['skip'], ['abort'], ['malformed'], ['fails'], ['silent']] as const),
    ),
    suggestedAfter: usually(0, 20, 30, 45),
    ...{ starts, messages, approvals: fc.array(approval, { maxLength: 2 }) },
    ...{ workerClocksMs: fc.tuple(clock, clock), apiClockMs: clock },
    visibilityLagMs: usually(50, 1_500, 4_000),
    taskRows: usually<Schedule['taskRows']>('withoutJobId', 'withJobId', 'ownJobId'),
    taskRowDelayMs: usually(0, 3_000, 20_000),
    staleRoleViewsMs: usually(0, 2_000, 15_000),
    swapShownAs: usually<Schedule['swapShownAs']>('task', 'status', 'nothing'),
    nodes: usually<2 | 3>(2, 3),
    jobs: fc.array(job, { maxLength: 3 }),
    faults: fc.oneof(
      { weight: 2, arbitrary: fc.constant([]) },
      { weight: 4, arbitrary: fault.map((one) => [one]) },
      { weight: 1, arbitrary: resetAmidSwap.map((one) => [one]) },
      { weight: 3, arbitrary: fc.array(fault, { minLength: 2, maxLength: 4 }) },
    ),
  })
  .map(({ approvals, ...rest }) => ({
    ...rest,
    messages: rest.requireApproval ? [...approvals, ...rest.messages] : rest.messages,
  }));
