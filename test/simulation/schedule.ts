/** Schedules: everything that decides a simulated run, as plain data, and how they are made at random. */
import fc from 'fast-check';

import type { Fault } from './faults.js';

/** What is asked of the instance, one after the other. */
export interface Asked {
  readonly mode: 'switch' | 'verify';
  readonly requestId: string | null;
  readonly goal: 'toggle' | 'other-zone';
  readonly reissue: 'never' | 'once';
  readonly settleSeconds: number;
  readonly coolDownSeconds: number;
  readonly notAfterSeconds: number;
  /** How long after the end of the run before. */
  readonly afterMs: number;
}

/** One schedule. */
export interface Schedule {
  readonly seed: number;
  readonly asked: readonly Asked[];
  readonly workerClocksMs: readonly number[];
  readonly apiClockMs: number;
  readonly visibilityLagMs: number;
  readonly knowsUser: boolean;
  readonly taskRows: 'withoutJobId' | 'withJobId' | 'ownJobId';
  readonly taskRowDelayMs: number;
  readonly staleRoleViewsMs: number;
  readonly swapShownAs: 'task' | 'status' | 'nothing';
  readonly job: 'good' | 'slow' | 'fails' | 'fails-changed' | 'lies' | 'never-ends' | 'bad-master';
  readonly faults: readonly Fault[];
}

/** Points at which faults strike; those of a new activity or call are added here. */
const CALLS = [
  ...['dcs.showInstance', 'dcs.listNodes', 'dcs.listTasks', 'dcs.showJob', 'dcs.connect'],
  ...[
    'temporal.describeWorkflowExecution',
    'temporal.listWorkflowExecutions',
    'temporal.heartbeat',
  ],
  ...['temporal.report.preflight', 'temporal.report.awaitJob', 'temporal.report.verifyRoles'],
];
const DECISIVE = [
  'dcs.asyncSwap',
  'temporal.recordActivityTaskHeartbeat',
  'temporal.report.requestSwap',
];
const STEPS = [
  ...['task', 'activity.preflight', 'activity.requestSwap', 'activity.awaitJob'],
  ...['activity.verifyRoles', 'activity.watchRoles'],
];

const milliseconds = (max: number) =>
  fc.oneof(fc.integer({ min: 1, max: 1_000 }), fc.integer({ min: 1, max }));

const callFault = fc.oneof(
  fc.record({ call: fc.constantFrom('refused', 'lost', 'answer-lost', 'unanswered') }),
  fc.record({ call: fc.constantFrom('late', 'slow'), ms: milliseconds(60_000) }),
  // What refuses a call in the service's own words has not carried it out; a failure may have.
  fc.record({
    call: fc.constant('answered'),
    status: fc.constantFrom(400, 401, 403, 404, 409, 429, 500, 502, 503, 504),
    executed: fc.constant(false),
  }),
  fc.record({
    call: fc.constant('answered'),
    status: fc.constantFrom(500, 502, 503, 504),
    executed: fc.constant(true),
  }),
);

/** All nodes are Active again: only after a job that leaves an Inactive master does it change anything. */
const HEAL = { event: 'heal' } as const;

const event = fc.oneof(
  fc.record({ event: fc.constantFrom('kill', 'drain', 'halt'), ms: milliseconds(60_000) }),
  fc.record({ event: fc.constant('clock'), ms: fc.integer({ min: -600_000, max: 600_000 }) }),
  fc.record({ event: fc.constantFrom('cancel', 'terminate', 'foreign-swap', 'failover') }),
  fc.record({
    event: fc.constantFrom('busy', 'inactive', 'freeze', 'throttle'),
    ms: milliseconds(120_000),
  }),
);

const nth = fc.oneof(
  fc.constant(1),
  fc.integer({ min: 1, max: 4 }),
  fc.integer({ min: 1, max: 20 }),
);
const anyPoint = fc.oneof(fc.constantFrom(...DECISIVE), fc.constantFrom(...CALLS, ...STEPS));
const fault = fc
  .oneof(
    fc.tuple(fc.oneof(fc.constantFrom(...DECISIVE), fc.constantFrom(...CALLS)), nth, callFault),
    fc.tuple(anyPoint, nth, event),
  )
  .map(([at, count, what]) => ({ at, nth: count, ...what }));

/** Where an event falls between the pre-check and the PUT, or while its answer is on the way. */
const AROUND_THE_PUT = [
  ...['temporal.report.preflight', 'activity.requestSwap', 'dcs.connect'],
  ...['temporal.describeWorkflowExecution', ...DECISIVE],
];
const around = fc.constantFrom(...AROUND_THE_PUT);
const firstOrSecond = fc.oneof(fc.constant(1), fc.integer({ min: 1, max: 2 }));
const make = <What extends object>(at: string, count: number, what: What) => ({
  ...{ at, nth: count },
  ...what,
});

/** What becomes of the PUT, and what else happens at that time: the combination that leaves most unresolved. */
const unresolved = fc
  .tuple(fc.constantFrom(...DECISIVE), callFault, around, event, firstOrSecond)
  .map(([at, what, beside, other, count]): Fault[] => [
    make(at, 1, what),
    make(beside, count, other),
  ]);

/** Something happens right before a swap back. */
const beforeSwapBack = fc
  .tuple(
    fc.constantFrom('activity.requestSwap', 'temporal.report.verifyRoles'),
    fc.oneof(fc.constant(HEAL), event),
    firstOrSecond,
  )
  .map(([at, what, count]): Fault[] => [make(at, count, what)]);

/** A worker is lost, or falls silent, where another can take over without any loss. */
export const TAKEN_OVER = [
  ...['task', 'activity.awaitJob', 'activity.verifyRoles', 'dcs.showJob', 'temporal.heartbeat'],
  ...['temporal.report.awaitJob', 'temporal.report.verifyRoles'],
];
const takeover = fc
  .record({
    ...{ at: fc.constantFrom(...TAKEN_OVER), nth },
    ...{ event: fc.constantFrom('kill', 'drain', 'halt'), ms: milliseconds(60_000) },
  })
  .map((one): Fault[] => [one]);

/** The phases that are rare, each with what happens in it. */
const RARE_PHASES = ['RECONCILING', 'AWAITING_JOB', 'VERIFYING', 'COMPENSATING', 'HOLDING'];
const inPhase = fc
  .tuple(
    fc.constantFrom(
      ...['dcs.showJob', 'dcs.listNodes', 'dcs.listTasks', 'task', 'temporal.heartbeat'],
    ),
    fc.constantFrom(...RARE_PHASES),
    fc.oneof(callFault, event),
    firstOrSecond,
  )
  .map(([at, phase, what, count]) => make(`${at}@${phase}`, count, what));

/** A rare phase comes about by what becomes of the PUT. */
const inRarePhase = fc
  .tuple(callFault, inPhase)
  .map(([what, later]): Fault[] => [make('dcs.asyncSwap', 1, what), later]);

/** 20 % undisturbed, 40 % with one fault, the rest with several. */
const faults = fc.oneof(
  { weight: 2, arbitrary: fc.constant<Fault[]>([]) },
  { weight: 3, arbitrary: fc.array(fault, { minLength: 1, maxLength: 1 }) },
  {
    weight: 1,
    arbitrary: fc.tuple(around, event).map(([at, what]): Fault[] => [make(at, 1, what)]),
  },
  { weight: 3, arbitrary: fc.array(fault, { minLength: 2, maxLength: 5 }) },
  { weight: 2, arbitrary: unresolved },
  { weight: 1, arbitrary: takeover },
  { weight: 1, arbitrary: fc.array(inPhase, { minLength: 1, maxLength: 2 }) },
  { weight: 1, arbitrary: inRarePhase },
);

const clock = fc.oneof(fc.constant(0), fc.constantFrom(-660_000, 660_000, -20_000, 20_000));
const usually = <T>(value: T, ...others: T[]) =>
  fc.oneof(
    { weight: 3, arbitrary: fc.constant(value) },
    { weight: 1, arbitrary: fc.constantFrom(value, ...others) },
  );

const asked: fc.Arbitrary<Asked> = fc.record({
  mode: fc.constant('switch' as const),
  requestId: fc.constantFrom(null, 'r-1'),
  goal: fc.constantFrom('toggle', 'other-zone'),
  reissue: usually<Asked['reissue']>('never', 'once'),
  settleSeconds: fc.constantFrom(30, 30, 60),
  coolDownSeconds: usually(0, 60),
  notAfterSeconds: fc.constantFrom(900, 900, 60, 20),
  afterMs: milliseconds(600_000),
});

const later = fc.record({
  ...{ first: asked, next: asked },
  mode: fc.constantFrom('switch' as const, 'verify' as const),
  isRepeat: fc.boolean(),
});

const conditions = {
  seed: fc.noShrink(fc.integer({ min: 1, max: 2 ** 31 - 1 })),
  asked: fc.oneof(
    asked.map((one) => [one]),
    later.map(({ first, next, mode, isRepeat }) => [
      first,
      isRepeat ? { ...first, afterMs: next.afterMs, mode: 'switch' as const } : { ...next, mode },
    ]),
  ),
  workerClocksMs: fc.tuple(clock, clock),
  apiClockMs: clock,
  visibilityLagMs: usually(50, 1_500, 4_000),
  knowsUser: fc.boolean(),
  taskRows: usually<Schedule['taskRows']>('withoutJobId', 'withJobId', 'ownJobId'),
  taskRowDelayMs: usually(0, 3_000, 20_000),
  staleRoleViewsMs: usually(0, 2_000, 15_000),
  swapShownAs: usually<Schedule['swapShownAs']>('task', 'status', 'nothing'),
};
const jobs = usually<Schedule['job']>(
  'good',
  ...(['slow', 'fails', 'fails-changed', 'lies', 'never-ends', 'bad-master'] as const),
);

/** Any schedule; one of sixteen has a swap back. */
export const schedules: fc.Arbitrary<Schedule> = fc.oneof(
  { weight: 15, arbitrary: fc.record({ ...conditions, job: jobs, faults }) },
  {
    weight: 1,
    arbitrary: fc.record({
      ...conditions,
      ...{ job: fc.constant('bad-master' as const), faults: beforeSwapBack },
    }),
  },
);
