/** Faults at random: at which points they strike, and what happens there. */
import fc from 'fast-check';

import type { CallFault, Event, Fault } from './faults.js';

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

/** Often short. */
export const milliseconds = (max: number) =>
  fc.oneof(fc.integer({ min: 1, max: 1_000 }), fc.integer({ min: 1, max }));

/** What refuses a call in the service's own words has not carried it out; a failure may have. */
const answered = fc.oneof(
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

/** What becomes of a call. */
export const callFault = fc.oneof(
  fc.record({ call: fc.constantFrom('refused', 'lost', 'answer-lost', 'unanswered') }),
  fc.record({ call: fc.constantFrom('late', 'slow'), ms: milliseconds(60_000) }),
  answered,
) as fc.Arbitrary<CallFault>;

/** At any workflow task that is completed by then, while the run is open or afterwards. */
export const reset: fc.Arbitrary<Event> = fc.record({
  event: fc.constant('reset' as const),
  ...{ ms: milliseconds(180_000), task: fc.integer({ min: 0, max: 12 }) },
});

/** What happens beside. */
export const event = fc.oneof(
  fc.record({ event: fc.constantFrom('kill', 'drain', 'halt'), ms: milliseconds(60_000) }),
  fc.record({
    event: fc.constantFrom('clock', 'api-clock'),
    ms: fc.integer({ min: -600_000, max: 600_000 }),
  }),
  fc.record({ event: fc.constantFrom('cancel', 'terminate', 'foreign-swap', 'failover') }),
  fc.record({ event: fc.constantFrom('thaw', 'priorities') }),
  reset,
  fc.record({
    event: fc.constantFrom('busy', 'inactive', 'freeze', 'throttle'),
    ms: milliseconds(120_000),
  }),
) as fc.Arbitrary<Event>;

/** Every fault as often as any other. */
export const anyCallFault = fc.oneof(
  ...(['refused', 'lost', 'answer-lost', 'unanswered'] as const).map((call) =>
    fc.constant({ call }),
  ),
  fc.record({ call: fc.constant('late' as const), ms: milliseconds(20_000) }),
  fc.record({ call: fc.constant('slow' as const), ms: milliseconds(20_000) }),
  answered,
) as fc.Arbitrary<CallFault>;

/** Every event as often as any other. */
export const anyEvent = fc.oneof(
  ...(['kill', 'drain', 'halt', 'busy', 'inactive', 'freeze', 'throttle'] as const).map((name) =>
    fc.record({ event: fc.constant(name), ms: milliseconds(60_000) }),
  ),
  ...(['clock', 'api-clock'] as const).map((name) =>
    fc.record({ event: fc.constant(name), ms: fc.integer({ min: -600_000, max: 600_000 }) }),
  ),
  ...(['cancel', 'terminate', 'foreign-swap', 'failover', 'heal', 'thaw'] as const).map((name) =>
    fc.constant({ event: name }),
  ),
  fc.constant({ event: 'priorities' as const }),
  reset,
) as fc.Arbitrary<Event>;

const nth = fc.oneof(
  fc.constant(1),
  fc.integer({ min: 1, max: 4 }),
  fc.integer({ min: 1, max: 20 }),
);

/** The first passage, sometimes the second. */
export const firstOrSecond = fc.oneof(fc.constant(1), fc.integer({ min: 1, max: 2 }));

/** A fault at the n-th passage of a point. */
export function strikeAt(at: string, count: number, what: CallFault | Event): Fault {
  return { ...{ at, nth: count }, ...what };
}

const anyPoint = fc.oneof(fc.constantFrom(...DECISIVE), fc.constantFrom(...CALLS, ...STEPS));
const fault = fc
  .oneof(
    fc.tuple(fc.oneof(fc.constantFrom(...DECISIVE), fc.constantFrom(...CALLS)), nth, callFault),
    fc.tuple(anyPoint, nth, event),
  )
  .map(([at, count, what]) => strikeAt(at, count, what));

/** Where an event falls between the pre-check and the PUT, or while its answer is on the way. */
const around = fc.constantFrom(
  ...['temporal.report.preflight', 'activity.requestSwap', 'dcs.connect'],
  ...['temporal.describeWorkflowExecution', ...DECISIVE],
);

/** What becomes of the PUT, and what else happens at that time: the combination that leaves most unresolved. */
const unresolved = fc
  .tuple(fc.constantFrom(...DECISIVE), callFault, around, event, firstOrSecond)
  .map(([at, what, beside, other, count]) => [
    strikeAt(at, 1, what),
    strikeAt(beside, count, other),
  ]);

/** Where a worker that is lost, or falls silent, is replaced without any loss. */
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

/** 20 % undisturbed, 40 % with one fault, the rest with several. */
export const faults: fc.Arbitrary<readonly Fault[]> = fc.oneof(
  { weight: 2, arbitrary: fc.constant<Fault[]>([]) },
  { weight: 3, arbitrary: fc.array(fault, { minLength: 1, maxLength: 1 }) },
  {
    weight: 1,
    arbitrary: fc.tuple(around, event).map(([at, what]) => [strikeAt(at, 1, what)]),
  },
  { weight: 2, arbitrary: fc.array(fault, { minLength: 2, maxLength: 5 }) },
  { weight: 2, arbitrary: unresolved },
  { weight: 1, arbitrary: takeover },
);
