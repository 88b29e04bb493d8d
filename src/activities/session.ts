import type { RolesSnapshot } from '../contract/index.js';
import { DcsError } from '../dcs/index.js';
import type { Answer, DcsClient, ReadOptions, TurnOptions } from '../dcs/index.js';
import { byApi } from '../domain/clocks.js';
import type { ApiMs, Elapsed, Present } from '../domain/clocks.js';
import type { InstanceFacts, Observed, TaskFacts } from '../domain/facts.js';
import { describeVerdict, judgeInstance } from '../domain/policy.js';
import type { InstancePolicy } from '../domain/policy.js';
import { classifyRead } from '../domain/retry-classification.js';

import type { ProjectEntry } from './deps.js';
import { startStopwatch, toInstanceFacts, toRolesSnapshot } from './clock.js';

/** The readings of one instance that the activities work with; every call is one HTTP attempt. */
export interface InstanceReader {
  readonly instanceId: string;
  readonly instance: () => Promise<Observed<InstanceFacts>>;
  /** ShowTags: for an instance whose own page does not show them. */
  readonly tags: () => Promise<Observed<NonNullable<InstanceFacts['tags']>>>;
  readonly roles: () => Promise<Observed<RolesSnapshot>>;
  readonly tasks: () => Promise<Observed<readonly TaskFacts[]>>;
  readonly job: (jobId: string) => ReturnType<DcsClient['showJob']>;
  /**
   * The job of a task row, by the task centre; `null` where it does not say, perhaps because a permission is missing.
   *
   * @param sinceMs when the row began by the API's clock; `null`: not known
   */
  readonly jobOfTask: (taskId: string, sinceMs: ApiMs | null) => Promise<string | null>;
  /**
   * The task row of a job, by the task centre; `null` where it does not say, perhaps because a permission is missing.
   *
   * @param sinceMs when the row began at the earliest by the API's clock; `null`: not known
   */
  readonly taskOfJob: (jobId: string, sinceMs: ApiMs | null) => Promise<TaskFacts | null>;
  /** The present by the API's own clock, as its last answer reported it; empty before the first that did. */
  readonly apiClock: () => Present;
  /** The API's clock at the last answer, epoch milliseconds; `null` where none reported it. */
  readonly answeredAtMs: () => ApiMs | null;
  /** Request id of the last answer, good or bad; `null` before the first. */
  readonly lastRequestId: () => string | null;
}

/**
 * Readings for the length of one activity execution. A refused credential (401) is read again once per
 * execution and the call repeated once: five failures in a row lock an access key for everybody. A
 * signature that is refused for this machine's clock would be refused again, so it is not repeated.
 *
 * @param turn how long a reading waits while a quota of the API is spent; it does not without
 * @throws DcsError whatever the client throws; the caller classifies
 */
export function createReader(
  dcs: DcsClient,
  instanceId: string,
  signal: AbortSignal,
  turn?: TurnOptions,
): InstanceReader {
  const session = createSession(dcs);
  const { read } = session;
  const options: ReadOptions = turn === undefined ? { signal } : { signal, turn };
  return {
    instanceId,
    instance: async () => {
      const { value, ...answer } = await read(() => dcs.showInstance(instanceId, options));
      return { ...answer, value: toInstanceFacts(value) };
    },
    tags: () => read(() => dcs.showTags(instanceId, options)),
    roles: async () => {
      const { value, ...answer } = await read(() => readNodes(dcs, instanceId, options));
      return { ...answer, value: toRolesSnapshot(value) };
    },
    tasks: () => read(() => dcs.listTasks(instanceId, options)),
    job: (jobId) => read(() => dcs.showJob(jobId, options)),
    jobOfTask: async (taskId, sinceMs) => {
      const { value } = await read(() => dcs.listCenterTasks({ ...options, sinceMs }));
      return value.find(({ id }) => id === taskId)?.jobId ?? null;
    },
    taskOfJob: async (jobId, sinceMs) => {
      const { value } = await read(() => dcs.listCenterTasks({ ...options, sinceMs }));
      return value.find((task) => task.jobId === jobId) ?? null;
    },
    apiClock: session.apiClock,
    answeredAtMs: session.answeredAtMs,
    lastRequestId: session.lastRequestId,
  };
}

/** Readings, of whatever, for the length of one activity execution. */
export interface ReadSession extends Pick<
  InstanceReader,
  'apiClock' | 'answeredAtMs' | 'lastRequestId'
> {
  readonly read: <T>(call: () => Promise<Answer<T>>) => Promise<Answer<T>>;
}

/** As {@link createReader} says of a refused credential, for the readings of many instances. */
export function createSession(dcs: DcsClient): ReadSession {
  const session: Session = {
    mayRefresh: true,
    apiClock: () => [],
    answeredAtMs: null,
    lastRequestId: null,
  };
  return {
    read: async (call) => {
      const sinceAsked = startStopwatch();
      const answer = await withOneRefresh(() => noteRequestId(call, session), dcs, session);
      const { serverTimeMs } = answer;
      const sinceSent = withoutWait(sinceAsked, answer.turnWaitMs ?? 0);
      if (serverTimeMs !== null) session.apiClock = startApiClock(serverTimeMs, sinceSent);
      session.answeredAtMs = serverTimeMs ?? session.answeredAtMs;
      return answer;
    },
    apiClock: () => session.apiClock(),
    answeredAtMs: () => session.answeredAtMs,
    lastRequestId: () => session.lastRequestId,
  };
}

interface Session {
  mayRefresh: boolean;
  apiClock: () => Present;
  answeredAtMs: ApiMs | null;
  lastRequestId: string | null;
}

/** The wait for a turn came before the call. */
function withoutWait(sinceAsked: () => Elapsed, waitMs: number): () => Elapsed {
  return () => {
    const { atLeastMs, atMostMs } = sinceAsked();
    return { atLeastMs: atLeastMs - waitMs, atMostMs: atMostMs - waitMs };
  };
}

/** The answer was under way for an unknown part of the time since it was asked for. */
function startApiClock(dateMs: ApiMs, sinceAsked: () => Elapsed): () => Present {
  const sinceAnswered = startStopwatch();
  return () => {
    const elapsed = { ...sinceAnswered(), atMostMs: sinceAsked().atMostMs };
    return [byApi(dateMs, elapsed)];
  };
}

async function noteRequestId<T>(
  call: () => Promise<Answer<T>>,
  session: Session,
): Promise<Answer<T>> {
  try {
    const answer = await call();
    session.lastRequestId = answer.requestId ?? session.lastRequestId;
    return answer;
  } catch (error) {
    if (error instanceof DcsError) session.lastRequestId = error.requestId ?? session.lastRequestId;
    throw error;
  }
}

async function withOneRefresh<T>(
  call: () => Promise<Answer<T>>,
  dcs: DcsClient,
  session: Session,
): Promise<Answer<T>> {
  try {
    return await call();
  } catch (error) {
    const isRefused =
      error instanceof DcsError &&
      error.clockSkewMs === null &&
      classifyRead(error) === 'REFRESH_CREDENTIALS';
    if (!isRefused || !session.mayRefresh) throw error;
    session.mayRefresh = false;
    await dcs.refreshCredentials();
    return call();
  }
}

/**
 * `logical-nodes` shows roles and priorities; `groups`, which has no priorities, may answer where it is refused
 * permanently, in whatever status.
 *
 * @throws DcsError of `logical-nodes` where neither answers
 */
export async function readNodes(
  dcs: DcsClient,
  instanceId: string,
  options: ReadOptions,
): ReturnType<DcsClient['listNodes']> {
  try {
    return await dcs.listNodes(instanceId, options);
  } catch (error) {
    if (!isRefusedForGood(error)) throw error;
    return await dcs.listGroups(instanceId, options).catch((second: unknown) => {
      throw isRefusedForGood(second) ? error : second;
    });
  }
}

function isRefusedForGood(error: unknown): boolean {
  return error instanceof DcsError && classifyRead(error) === 'STOP';
}

// Tags, where something is judged by them and the instance's own page does not show them.

/**
 * The instance, with its tags asked for where a rule of the worker cannot judge it without them: one call more, and
 * only where a rule is about tags.
 *
 * @throws DcsError
 */
export async function readJudgedInstance(
  reader: Pick<InstanceReader, 'instance' | 'tags' | 'instanceId'>,
  { policy, dataPlane }: Pick<ProjectEntry, 'policy' | 'dataPlane'>,
): Promise<Observed<InstanceFacts>> {
  const found = await reader.instance();
  const { instanceId } = reader;
  const { name, tags } = found.value;
  const isAsked =
    !isDecided(policy, instanceId, name) || dataPlane?.asksForTags({ instanceId, name }) === true;
  if (tags !== null || !isAsked) return found;
  const shown = await tagsOrUnknown(reader.tags);
  const read = shown === null ? ({ areTagsRefused: true } as const) : { tags: shown };
  return { ...found, value: { ...found.value, ...read } };
}

/** Why the settings of this worker do not allow a switchover, as text: another one may have made the pre-check. */
export function findDenial(
  policy: InstancePolicy,
  { instanceId }: Pick<InstanceReader, 'instanceId'>,
  { name, tags }: InstanceFacts,
): string | null {
  const verdict = judgeInstance(policy, { instanceId, name, tags });
  if (verdict.allowed === true) return null;
  return `the settings of the worker do not allow it: ${describeVerdict(verdict)}`;
}

function isDecided(policy: InstancePolicy, instanceId: string, name: string | null): boolean {
  return judgeInstance(policy, { instanceId, name, tags: null }).allowed !== null;
}

/**
 * Tags as ShowTags shows them; `null` where it refuses permanently, such as for a missing permission.
 *
 * @throws DcsError where the same call may work later
 */
export async function tagsOrUnknown(
  read: () => Promise<{ readonly value: NonNullable<InstanceFacts['tags']> }>,
): Promise<InstanceFacts['tags']> {
  try {
    return (await read()).value;
  } catch (error) {
    if (isRefusedForGood(error)) return null;
    throw error;
  }
}
