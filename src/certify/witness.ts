/** Watches an account while runs of others switch an instance of it. Reads only. */
import { setTimeout as pause } from 'node:timers/promises';

import { loadWorkerConfig } from '../config/index.js';
import type { ProjectConfig, WorkerConfig } from '../config/index.js';
import type { Exchange } from '../dcs/index.js';
import { ABSENT_JOB_ID, chooseProject, openProject, READ_DEADLINE_MS } from '../doctor/index.js';
import type { DcsReader } from '../doctor/index.js';
import { fieldsOf, timeoutSignal } from '../util.js';

import { answered, isTagged, jobOf, roleChangeOf, rowsOf, taskOf } from './observations.js';
import type { Leg, Observations, Reading, SwapSeen, Topic } from './observations.js';

/** What is known of a swap that is under way. */
export type SwapProgress = Pick<SwapSeen, 'jobId' | 'notBeforeMs' | 'notAfterMs'> & {
  /** Whether its PUT may have left: before that there is nothing to watch. */
  readonly mayHaveLeft: boolean;
  /** When its run was seen to have ended, by the clock of the readings; `null`: not yet. */
  readonly endedAtMs: number | null;
};

/** Makes and keeps the readings; a reading that fails is kept as one. No method throws. */
export interface Witness {
  readonly project: ProjectConfig;
  /** The clock of the readings, in milliseconds. */
  readonly nowMs: () => number;
  /** Everything that needs no swap, and what there is before one. */
  readonly survey: () => Promise<void>;
  /** Whether the instance and its nodes were answered. */
  readonly canRead: () => boolean;
  /**
   * Reads again and again what a swap may change, until all of it was seen; after the end of its run for half a
   * minute more at the most.
   */
  readonly watch: (leg: Leg, progress: () => SwapProgress) => Promise<void>;
  /** What can only be read after the swaps. */
  readonly finish: () => Promise<void>;
  readonly observations: (swaps: readonly SwapSeen[]) => Observations;
}

/** Whom to watch, by whose environment. */
export interface WitnessOptions {
  readonly env: NodeJS.ProcessEnv;
  /** `null`: the only configured project. */
  readonly projectId: string | null;
  readonly instanceId: string;
  /** Between two rounds of readings, in milliseconds. @default 1 s at first, 5 s from the tenth second on */
  readonly stepMs?: (sinceMs: number) => number;
}

/** A gateway that passes on a hundred calls a minute must have room for those of the worker, too. */
const defaultStepMs = (sinceMs: number): number => (sinceMs < 10_000 ? 1_000 : 5_000);

/** Pause after a reading that was turned away for a spent quota, in milliseconds. */
const THROTTLED_MS = 15_000;

/** How long roles and rows are waited for once the run has ended, in milliseconds. */
const AFTERWARDS_MS = 30_000;

/** Instances of the project that are asked for tags, to find one that differs in having any. */
const MAX_OTHERS = 5;

/** No one has this key; whoever sees it in a log knows whose it is. */
const INVENTED_KEY = {
  HUAWEICLOUD_SDK_AK: 'DCSSWITCHOVERCERTIFY',
  HUAWEICLOUD_SDK_SK: 'DCSSWITCHOVERCERTIFY'.repeat(2),
};

/**
 * A witness of one instance, with a credential that was read once. Nothing of DCS is called yet.
 *
 * @throws ConfigurationError, DcsConfigurationError, DcsCredentialsError
 */
export async function openWitness({
  stepMs = defaultStepMs,
  ...options
}: WitnessOptions): Promise<Witness> {
  const config = loadWorkerConfig(options.env);
  const project = chooseProject(config.projects, options.projectId);
  const { instanceId } = options;
  const book = createBook(project, config, options.env);
  await book.obtain();
  const observations = (swaps: readonly SwapSeen[]): Observations => ({
    ...{ instanceId, region: project.region, endpoint: project.endpoint },
    ...{ readings: book.readings, swaps },
  });
  const watching = { book, instanceId, observations, stepMs };
  return {
    project,
    nowMs,
    survey: () => survey(watching),
    canRead: () =>
      (['instance', 'nodes'] as const).every(
        (topic) => answered(observations([]), topic).length > 0,
      ),
    watch: (leg, progress) => watchSwap(watching, leg, progress),
    finish: () =>
      book.read('paged-tasks', null, ({ listTasks }, signal) =>
        listTasks(instanceId, { signal, rowsPerPage: 1 }),
      ),
    observations,
  };
}

const nowMs = (): number => performance.now();

type Call = (reader: DcsReader, signal: AbortSignal) => Promise<unknown>;

/** Where readings are written down. */
interface Book {
  /** Reads the credential. @throws DcsCredentialsError */
  readonly obtain: () => Promise<void>;
  readonly readings: readonly Reading[];
  readonly read: (topic: Topic, leg: Leg | null, call: Call) => Promise<void>;
}

function createBook(project: ProjectConfig, config: WorkerConfig, env: NodeJS.ProcessEnv): Book {
  const readings: Reading[] = [];
  let current: Pick<Reading, 'topic' | 'leg'> = { topic: 'instance', leg: null };
  const onExchange = (exchange: Exchange): void => {
    readings.push({ ...current, ...toAnswer(exchange) });
  };
  const invented: ProjectConfig = { ...project, credentials: { source: 'environment' } };
  const own = openProject(project, config, env, onExchange);
  const stranger = openProject(invented, config, INVENTED_KEY, onExchange).reader;
  return {
    obtain: own.credential.obtain,
    readings,
    read: async (topic, leg, call) => {
      current = { topic, leg };
      const reader = topic === 'unknown-key' ? stranger : own.reader;
      // What it failed with stands in the exchange; without one there is nothing to tell.
      await call(reader, timeoutSignal(READ_DEADLINE_MS)).catch(() => undefined);
    },
  };
}

function toAnswer({ status, body, durationMs }: Exchange): Omit<Reading, 'topic' | 'leg'> {
  const answeredAtMs = nowMs();
  const times = { sentAtMs: answeredAtMs - durationMs, answeredAtMs };
  try {
    return { ...times, status, body: body === null ? null : (JSON.parse(body) as unknown) };
  } catch {
    return { ...times, status, body: null };
  }
}

interface Watching {
  readonly book: Book;
  readonly instanceId: string;
  readonly observations: (swaps: readonly SwapSeen[]) => Observations;
  readonly stepMs: (sinceMs: number) => number;
}

/** The readings that a swap is watched by, of the instance or of the job. */
const callsOf = (instanceId: string, jobId: string | null) =>
  ({
    nodes: ({ listNodes }, signal) => listNodes(instanceId, { signal }),
    job: ({ showJob }, signal) => showJob(jobId ?? ABSENT_JOB_ID, { signal }),
    tasks: ({ listTasks }, signal) => listTasks(instanceId, { signal }),
    instance: ({ showInstance }, signal) => showInstance(instanceId, { signal }),
  }) satisfies Partial<Record<Topic, Call>>;

type Watched = keyof ReturnType<typeof callsOf>;

async function survey(watching: Watching): Promise<void> {
  const { book, instanceId } = watching;
  const calls = callsOf(instanceId, null);
  const once: readonly (readonly [Topic, Call])[] = [
    ['instance', calls.instance],
    ['nodes', calls.nodes],
    ['tasks', calls.tasks],
    ['tags', ({ showTags }, signal) => showTags(instanceId, { signal })],
    ['instances', ({ listInstances }, signal) => listInstances({ signal })],
    ['all-nodes', ({ listAllNodes }, signal) => listAllNodes({ signal, rowsPerPage: 1000 })],
    ['absent-job', calls.job],
    ['unknown-key', calls.instance],
  ];
  for (const [topic, call] of once) await book.read(topic, null, call);
  await readOther(watching);
}

/** Another instance that has tags where ours has none, or none where ours has some: only both show all. */
async function readOther({ book, instanceId, observations }: Watching): Promise<void> {
  const own = isTagged(observations([]), 'tags');
  const listed = answered(observations([]), 'instances').flatMap((each) =>
    rowsOf(each, 'instances'),
  );
  const others = listed.map((row) => String(row['instance_id'])).filter((id) => id !== instanceId);
  if (own === null) return;
  for (const id of others.slice(0, MAX_OTHERS)) {
    await book.read('other-tags', null, ({ showTags }, signal) => showTags(id, { signal }));
    if (isTagged(observations([]), 'other-tags') !== !own) continue;
    await book.read('other-instance', null, ({ showInstance }, signal) =>
      showInstance(id, { signal }),
    );
    return;
  }
}

async function watchSwap(
  watching: Watching,
  leg: Leg,
  progress: () => SwapProgress,
): Promise<void> {
  const { book, instanceId, stepMs } = watching;
  for (;;) {
    const now = progress();
    const missing = missingOf(watching, leg, now);
    if (isOver(now, missing)) break;
    const calls = callsOf(instanceId, now.jobId);
    for (const topic of now.mayHaveLeft ? missing : []) await book.read(topic, leg, calls[topic]);
    const isThrottled = book.readings.at(-1)?.status === 429;
    await pause(isThrottled ? THROTTLED_MS : stepMs(nowMs() - now.notBeforeMs));
  }
  await linkTask(watching, leg, progress());
}

function isOver({ endedAtMs, jobId }: SwapProgress, missing: readonly Watched[]): boolean {
  if (endedAtMs === null) return false;
  return jobId === null || missing.length === 0 || nowMs() - endedAtMs > AFTERWARDS_MS;
}

/** What a swap has not shown yet. */
function missingOf(watching: Watching, leg: Leg, progress: SwapProgress): readonly Watched[] {
  const swap = toSwap(leg, progress);
  const seen = watching.observations([swap]);
  const hasEnded = jobOf(seen, swap).ended !== null;
  const isMissing: Record<Watched, boolean> = {
    nodes: roleChangeOf(seen, swap) === null,
    job: progress.jobId !== null && !hasEnded,
    tasks: taskOf(seen, swap) === null,
    instance: !hasEnded,
  };
  const topics: readonly Watched[] = ['nodes', 'job', 'tasks', 'instance'];
  return topics.filter((topic) => isMissing[topic]);
}

function toSwap(leg: Leg, { jobId, notBeforeMs, notAfterMs }: SwapProgress): SwapSeen {
  const notKnown = { outcome: '', cause: null, message: '' };
  return { leg, jobId, notBeforeMs, notAfterMs, ...notKnown };
}

/** Asks the task centre, whose rows have both ids, where none leads from our job to its row. */
async function linkTask(watching: Watching, leg: Leg, progress: SwapProgress): Promise<void> {
  const swap = toSwap(leg, progress);
  const seen = watching.observations([swap]);
  const sinceMs = Number(fieldsOf(jobOf(seen, swap).ended?.body)['begin_time']);
  if (taskOf(seen, swap)?.by !== 'only-new' || !(sinceMs > 0)) return;
  await watching.book.read('centre', leg, ({ listCenterTasks }, signal) =>
    listCenterTasks({ sinceMs: sinceMs - CLOCKS_MS, signal }),
  );
}

/** The clocks of a job and of its row may differ by so much, in milliseconds. */
const CLOCKS_MS = 60_000;
