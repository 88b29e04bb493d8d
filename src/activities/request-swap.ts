import { activityInfo, cancellationSignal, log } from '@temporalio/activity';

import { DcsError } from '../dcs/index.js';
import type { OpenSwap } from '../dcs/index.js';
import { timeLeftMs } from '../domain/clocks.js';
import type { Present } from '../domain/clocks.js';
import { describeFreeze } from '../domain/freeze.js';
import { describeRoles } from '../domain/identity.js';
import { findBusy, findDrift, hasHealed, judgeStrays } from '../domain/last-look.js';
import type { PutInstant, SwapCall, SwapReport } from '../domain/reports.js';
import { classifySwap, isThrottledByGateway } from '../domain/retry-classification.js';
import { describeSwapTask } from '../domain/tasks.js';
import { SEND_WINDOW_MS, SWAP_PREPARE_MS } from '../domain/timing.js';

import { findFreeze } from '../temporal/freeze-record.js';
import { timeoutSignal } from '../util.js';
import { CLOCK_ID, startExecutionClock, startStopwatch, workerNowMs } from './clock.js';
import type { ExecutionClock } from './clock.js';
import type { ActivityDeps, ProjectEntry } from './deps.js';
import { explain } from './errors.js';
import { findForbiddenMode, findRepetition, passFence } from './freeze.js';
import { createLastLook, createLooker } from './looks.js';
import type { LastLook } from './looks.js';
import { notSent, throttled, unread, whyDraining, whyStopped } from './not-sent.js';
import type { NotSent } from './not-sent.js';
import { findStrays } from './observe.js';
import type { SendQueue } from './send-queue.js';
import { createReader, findDenial, readJudgedInstance } from './session.js';
import type { InstanceReader } from './session.js';
import { turnWithin } from './turns.js';

/** How long the last look waits for turns by itself; longer waits are the workflow's. */
const TURN_WAIT_MS = 10_000;

/**
 * Activity `requestSwap`, `maximumAttempts: 1`: re-reads, connects, waits for its turn, passes the fence, sends
 * exactly one PUT.
 *
 * The PUT is a toggle without an idempotency token. So nothing on this path repeats it, and an answer
 * that does not prove what happened is reported as `ambiguous`; the workflow then reads (see
 * `watchRoles`) instead of sending again. Once the fence is passed no cancellation reaches the PUT.
 *
 * What was sent is reported by the report's kind.
 */
export async function requestSwap(
  deps: ActivityDeps,
  queue: SendQueue,
  call: SwapCall,
): Promise<SwapReport> {
  const info = activityInfo();
  const clock = startExecutionClock();
  const repetition = findRepetition(info, call.originalRunId) ?? findForbiddenMode(call);
  if (repetition !== null) return notSent('guard', repetition);
  const project = deps.findProject(call.request.projectId);
  if (project === undefined) return notSent('unreadable', 'this worker does not serve the project');
  const signal = AbortSignal.any([cancellationSignal(), timeoutSignal(SWAP_PREPARE_MS)]);
  const turn = turnWithin('lastLook', TURN_WAIT_MS);
  const reader = createReader(project.dcs, call.request.instanceId, signal, turn);
  const looker = createLooker(deps, project, reader);
  const lastLook = createLastLook(looker, call.witness, signal, clock);
  const report = await sendOnce(deps, queue, call, { project, reader, signal, clock, lastLook });
  const redis = lastLook.taken();
  return redis === null ? report : { ...report, redis };
}

/** What one execution works with. */
interface Execution {
  readonly project: ProjectEntry;
  readonly reader: InstanceReader;
  /** Aborted by a cancellation, and when the time to get to the PUT is over. */
  readonly signal: AbortSignal;
  readonly clock: ExecutionClock;
  readonly lastLook: LastLook;
}

async function sendOnce(
  deps: ActivityDeps,
  queue: SendQueue,
  call: SwapCall,
  execution: Execution,
): Promise<SwapReport> {
  const { project, reader, signal, clock } = execution;
  const present = (): Present => [...clock.present(), ...reader.apiClock()];

  const obstacle = await reread(call, execution, present);
  if (obstacle !== null) return obstacle;
  if (deps.isDraining()) return notSent('draining', whyDraining(deps));
  const swap = await connect(project, call, signal);
  if ('kind' in swap) return swap;
  const notBeforeMs = reader.answeredAtMs();
  const before = { swap, present, notBeforeMs, clockAheadMs: clock.aheadMs };
  try {
    // Before the last questions, so that their answers are new when it is its turn.
    const report = await queue.inTurn(untilOver(call, present, signal), async (leave) =>
      clock.elapsed().atMostMs > SWAP_PREPARE_MS
        ? notSent('unreadable', TOOK_TOO_LONG, 0)
        : await sendFenced(deps, project, call, { ...before, leave }),
    );
    return report ?? whyStopped() ?? withoutTurn(signal);
  } finally {
    swap.close();
  }
}

const TOOK_TOO_LONG = 'the route to the PUT took too long';

/** Ends the wait for a turn: with `signal`, and when nothing may be sent any more. */
function untilOver(
  { notAfterMs }: SwapCall,
  present: () => Present,
  signal: AbortSignal,
): AbortSignal {
  const leftMs = Math.min(SWAP_PREPARE_MS, Math.max(0, timeLeftMs(notAfterMs, present())));
  return AbortSignal.any([signal, timeoutSignal(Math.ceil(leftMs))]);
}

/** @param prepared aborted where the time to get to the PUT was over, and not that of the request */
function withoutTurn(prepared: AbortSignal): NotSent {
  return prepared.aborted
    ? notSent('unreadable', TOOK_TOO_LONG, 0)
    : notSent('too-late', TIME_IS_OVER);
}

/**
 * Opens the connection of the PUT. All that takes its time comes before the fence: of a worker that is killed after
 * it no one knows whether it has sent.
 */
async function connect(
  { dcs }: ProjectEntry,
  call: SwapCall,
  signal: AbortSignal,
): Promise<OpenSwap | NotSent> {
  try {
    return await dcs.openSwap(call.request.instanceId, { signal });
  } catch (error) {
    const stopped = whyStopped();
    if (stopped !== null) return stopped;
    if (!(error instanceof DcsError)) return notSent('unreadable', explain(error), 0);
    const detail = explain(error);
    log.warn('no connection for the swap', { detail });
    return notSent('not-connected', detail, error.retryAfterMs);
  }
}

/** What the last look before the PUT goes by. */
interface BeforeThePut {
  readonly swap: OpenSwap;
  readonly present: () => Present;
  /** The API's clock at its last answer, epoch milliseconds. */
  readonly notBeforeMs: number | null;
  readonly clockAheadMs: number;
  /** Lets the next run of the worker have its turn. */
  readonly leave: () => void;
}

/** Asks the last questions, passes the fence, and sends in the very turn in which the fence's answer is heard. */
async function sendFenced(
  deps: ActivityDeps,
  { dcs }: ProjectEntry,
  call: SwapCall,
  { swap, present, leave, ...known }: BeforeThePut,
): Promise<SwapReport> {
  // Counted from before the last questions: a worker that is halted while an answer is on the way comes back
  // too late, and no PUT leaves later than this window after a freeze was in force.
  const sinceAsked = startStopwatch();
  const findObstacle = (): NotSent | null => {
    if (deps.isDraining()) return notSent('draining', whyDraining(deps));
    const late = whyTooLate(call, present());
    if (late !== null) return late;
    if (sinceAsked().atMostMs >= SEND_WINDOW_MS)
      return notSent('unreadable', 'it took too long to get to the PUT', 0);
    if (!swap.isOpen()) return notSent('not-connected', CLOSED_EARLY, 0);
    return null;
  };
  const before = findObstacle() ?? (await findFreezeInForce(deps, call, present)) ?? findObstacle();
  if (before !== null) return before;
  const fence = await passFence(deps.temporal, activityInfo().taskToken);
  if (fence === 'cancelled') return notSent('cancelled', 'cancelled before the fence');
  if (fence !== 'open')
    return notSent('fence', `Temporal did not accept the fence: ${fence.closed}`);
  const obstacle = findObstacle();
  if (obstacle !== null) return obstacle;
  const sent = { sentAtMs: workerNowMs(), clockId: CLOCK_ID, ...known };
  try {
    const { value, requestId } = await swap.send(leave);
    return reportAnswer(call, value.jobId, { ...sent, requestId });
  } catch (error) {
    return reportFailure(error, dcs, sent);
  }
}

function whyTooLate({ notAfterMs }: SwapCall, present: Present): NotSent | null {
  return timeLeftMs(notAfterMs, present) <= 0 ? notSent('too-late', TIME_IS_OVER) : null;
}

const TIME_IS_OVER = 'the time for this request is over';

const CLOSED_EARLY = 'the other side closed the connection before anything was sent';

function reportAnswer(
  { knownSwapTaskIds }: SwapCall,
  jobId: string,
  sent: PutInstant & { readonly requestId: string | null },
): SwapReport {
  if (knownSwapTaskIds.includes(jobId)) {
    const detail = `the answer names job ${jobId}, which was there before this PUT`;
    return { kind: 'ambiguous', detail, ...sent };
  }
  log.info('swap accepted', { jobId, requestId: sent.requestId });
  return { kind: 'accepted', jobId, ...sent };
}

async function reportFailure(
  error: unknown,
  dcs: ProjectEntry['dcs'],
  sent: PutInstant,
): Promise<SwapReport> {
  const detail = explain(error);
  log.warn('swap not accepted', { detail });
  if (!(error instanceof DcsError)) return { kind: 'ambiguous', detail, ...sent };
  if (error.delivery === 'never-sent') return notSent('not-connected', detail, error.retryAfterMs);
  if (isThrottledByGateway(error)) return { ...throttled(error), isOfPut: true };
  const { requestId } = error;
  const verdict = classifySwap(error);
  switch (verdict) {
    case 'NOT_APPLIED':
      return {
        kind: 'not-applied',
        retryAfterMs: error.retryAfterMs,
        wasUnauthorized: false,
        detail,
        requestId,
      };
    case 'REFRESH_CREDENTIALS':
      if (error.clockSkewMs === null) await dcs.refreshCredentials();
      return { kind: 'not-applied', retryAfterMs: null, wasUnauthorized: true, detail, requestId };
    case 'REJECTED':
      return { kind: 'rejected', detail, requestId };
    case 'AMBIGUOUS':
      return { kind: 'ambiguous', detail, ...sent, requestId };
  }
}

/** The last look before the fence: do the roles, the tasks and the clock still allow the PUT? */
async function reread(
  call: SwapCall,
  { reader, project, lastLook }: Execution,
  present: () => Present,
): Promise<SwapReport | null> {
  try {
    const roles = await reader.roles();
    const instance = await readJudgedInstance(reader, project);
    lastLook.begin(instance.value);
    const tasks = await reader.tasks();
    const now = roles.value;
    const { policy, nodeIdentity } = project;
    const drift = findDenial(policy, reader, instance.value) ?? findDrift(now, call, nodeIdentity);
    const found = await findStrays(tasks, call, project);
    const { reported, isOwnSwap, mayBeOwnWork } = judgeStrays(found, now, call, nodeIdentity);
    const appeared = reported === null ? null : `${describeSwapTask(reported)}, has appeared`;
    if (appeared !== null && isOwnSwap) return notSent('own-swap', appeared);
    if (hasHealed(now, call, nodeIdentity))
      return notSent('healed', `the reason to swap back is gone; now: ${describeRoles(now)}`);
    const change = drift ?? appeared;
    if (change !== null) return { ...notSent('drift', change), mayBeOwnWork };
    const redis = await lastLook.drift();
    if (redis !== null) return { ...notSent('drift', redis), mayBeOwnWork: true };
    const busy = findBusy(instance.value, tasks, call);
    return busy === null ? whyTooLate(call, present()) : notSent('busy', busy, 0);
  } catch (error) {
    return whyStopped() ?? unread(error);
  }
}

/** A freeze holds back changes. A swap back restores what was there, so it is let through. */
async function findFreezeInForce(
  { temporal }: ActivityDeps,
  call: SwapCall,
  present: () => Present,
): Promise<SwapReport | null> {
  if (call.purpose !== 'forward') return null;
  try {
    const found = await findFreeze(temporal, present);
    return found === null ? null : notSent('frozen', describeFreeze(found.freeze));
  } catch (error) {
    return notSent('unreadable', explain(error), 0);
  }
}
