/**
 * The measurement beside a swap: an activity of its own that no PUT waits for and that decides nothing. Whatever becomes
 * of it is reported, never thrown.
 */
import {
  ActivityCancellationType,
  ActivityFailure,
  CancelledFailure,
  CancellationScope,
  condition,
  patched,
  proxyActivities,
  sleep,
  TimeoutFailure,
  workflowInfo,
} from '@temporalio/workflow';

import type { Activities } from '../activities/index.js';
import type { SwitchoverRequest } from '../contract/index.js';
import { measurementWarnings, notMeasured, withMeasurement } from '../domain/measurement.js';
import type { MeasureReport } from '../domain/measurement.js';
import type { PreflightFindings } from '../domain/preflight-report.js';
import { noted, warned } from '../domain/run-state.js';
import type { Transition } from '../domain/run-state.js';
import {
  HEARTBEAT_TIMEOUT_MS,
  MEASURE_SCHEDULE_TO_START_MS,
  MEASURE_WAIT_MS,
  runBoundSeconds,
} from '../domain/timing.js';
import { entryOf, fieldsOf, textOf } from '../util.js';

import { summaryOf } from './proxies.js';
import type { Run } from './run.js';

/** A measurement that has begun; or none. */
export interface Measurement {
  /** Ends it, and waits for its report, {@link MEASURE_WAIT_MS} at the most. Never throws. */
  readonly end: () => Promise<void>;
}

/**
 * Begins to measure where the pre-check found that it was asked for and possible. To be called right after the PUT was
 * asked for: both activities are then scheduled by the same workflow task. It ends when the outcome is known, and with
 * the run.
 */
export function startMeasuring(run: Run, { request, dataPlane }: PreflightFindings): Measurement {
  if (dataPlane?.measures !== true || !patched(BESIDE)) return { end: () => Promise.resolve() };
  const progress = { hasEnded: false };
  const hasEnded = (): boolean => progress.hasEnded;
  const { originalExecutionRunId: originalRunId } = workflowInfo();
  // A cancellation of the run that comes after the fence must not end it: the run goes on, and with it what is measured.
  const scope = shieldedScope();
  const reported = scope
    .run(() => measureWithin(request, run.state.instanceName).measure({ request, originalRunId }))
    .catch(readFailure)
    .then((report) => {
      progress.hasEnded = true;
      run.record(measured(report));
    });
  const stop = (): void => {
    scope.cancel();
  };
  // UNKNOWN is an outcome, too: the run then keeps its lock, and waits for nothing.
  void shielded(() => condition(() => hasEnded() || run.state.outcome !== null)).then(stop);
  return {
    end: async () => {
      stop();
      if (hasEnded()) return;
      await Promise.race([reported, sleep(MEASURE_WAIT_MS, { summary: WAIT_SUMMARY })]);
      if (!hasEnded()) run.record(measured(notMeasured(TOO_LATE)));
    },
  };
}

/** Workers of earlier versions measured nothing, also where one of this version had made the pre-check. */
const BESIDE = 'a-measurement-beside-the-swap';

const WAIT_SUMMARY = 'The outcome is known: let the measurement end';

const TOO_LATE = `its worker did not report within ${MEASURE_WAIT_MS / 1000} s of the end`;

/** Runs where no cancellation of the run reaches it. */
function shielded<T>(run: () => Promise<T>): Promise<T> {
  return CancellationScope.nonCancellable(run);
}

/** A scope that ends by its own `cancel` alone. */
function shieldedScope(): CancellationScope {
  const shield = new CancellationScope({ cancellable: false });
  return new CancellationScope({ cancellable: true, parent: shield });
}

/** Not repeated: another worker would see another stretch of time. */
function measureWithin(
  { timing }: SwitchoverRequest,
  about: string | null,
): Pick<Activities, 'measure'> {
  return proxyActivities<Activities>({
    scheduleToStartTimeout: MEASURE_SCHEDULE_TO_START_MS,
    startToCloseTimeout: runBoundSeconds(timing) * 1000,
    heartbeatTimeout: HEARTBEAT_TIMEOUT_MS,
    retry: { maximumAttempts: 1 },
    cancellationType: ActivityCancellationType.WAIT_CANCELLATION_COMPLETED,
    summary: summaryOf('Measure at Redis itself how long it does not answer', about),
  });
}

/** The measurement has ended: its figures, or why there are none. */
function measured(report: MeasureReport): Transition {
  return (state, atMs) => {
    if (state.dataPlane === null) return state;
    const dataPlane = withMeasurement(state.dataPlane, report, state.firstSent);
    const missing = report.state === 'measured' ? report.missing : [];
    const warnings = measurementWarnings(dataPlane, missing);
    const known = warned(...warnings)({ ...state, dataPlane }, atMs);
    return report.state === 'measured' ? known : noted(describe(report))(known, atMs);
  };
}

function describe({ why, strip }: Extract<MeasureReport, { state: 'not-measured' }>): string {
  return `not measured: ${why}${strip === undefined ? '' : `; seen until then: ${strip}`}`;
}

const TIMEOUT_TEXT: Readonly<Record<string, string>> = {
  HEARTBEAT: 'the worker that measured was lost',
  SCHEDULE_TO_START: `no worker took it up within ${MEASURE_SCHEDULE_TO_START_MS / 1000} s`,
  START_TO_CLOSE: 'the run took longer than a measurement may',
};

/** What an activity without a report says: why, and what its last beat had seen. */
function readFailure(error: unknown): MeasureReport {
  const cause = error instanceof ActivityFailure ? error.cause : undefined;
  if (cause instanceof CancelledFailure)
    return notMeasured('it had not begun when the outcome was known');
  if (!(cause instanceof TimeoutFailure))
    return notMeasured(`the measurement failed (${cause?.message ?? String(error)})`);
  const strip = textOf(fieldsOf(cause.lastHeartbeatDetails)['strip']) ?? '';
  const why = cause.timeoutType && entryOf(TIMEOUT_TEXT, cause.timeoutType);
  return notMeasured(why ?? 'its time was over', strip);
}
