/**
 * Everything a switchover needs, on this machine: a Temporal server, the simulated DCS API with real
 * Redis nodes where they can be had, and workers in processes of their own. For `dev`, the demo and
 * the end-to-end tests.
 */
import { spawn } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { createInterface } from 'node:readline';
import { setTimeout as sleep } from 'node:timers/promises';

import { DEFAULT_TASK_QUEUE } from '../contract/index.js';
import { startSimulator } from '../simulator/index.js';
import type { Simulator, SimulatorOptions } from '../simulator/index.js';

import { writeProjectsFile } from './data-plane.js';
import { resolveRedisServer, startTemporalServer } from './index.js';
import type { TemporalServer, TemporalServerOptions } from './index.js';

/**
 * Settings of the user's own worker that one of ours must not take: account and projects, where the API is
 * and how it is reached, its port, and a version that would get no work.
 */
const OF_THE_USER =
  /^(?:DCS_(?!SWITCHOVER_)|HC_CONTAINER_|(?:HUAWEICLOUD|CLOUD)_SDK_|DCS_SWITCHOVER_(?:CONFIG|HTTP_|BUILD_ID|DEPLOYMENT_NAME))/;

/** What a worker needs to know of a simulator. */
export type SimulatedAccount = Pick<
  Simulator,
  'projectId' | 'region' | 'endpoint' | 'accessKey' | 'secretKey' | 'securityToken'
>;

/**
 * The whole environment of a worker that serves a simulator.
 *
 * @param env that of a client; what belongs to the user's own account does not travel
 */
export function workerEnvFor(env: NodeJS.ProcessEnv, account: SimulatedAccount): NodeJS.ProcessEnv {
  const { projectId, region, endpoint, accessKey, secretKey, securityToken } = account;
  const kept = Object.entries(env).filter(([name]) => !OF_THE_USER.test(name));
  return {
    ...Object.fromEntries(kept),
    HUAWEICLOUD_SDK_PROJECT_ID: projectId,
    HUAWEICLOUD_SDK_AK: accessKey,
    HUAWEICLOUD_SDK_SK: secretKey,
    HUAWEICLOUD_SDK_SECURITY_TOKEN: securityToken ?? '',
    DCS_REGION: region,
    DCS_ENDPOINT: endpoint,
    DCS_SWITCHOVER_LOG_LEVEL: 'info',
  };
}

/** What the file of projects says must not be set as a variable too. */
const IN_THE_FILE = ['DCS_REGION', 'DCS_ENDPOINT'];

function withProjectsFile(env: NodeJS.ProcessEnv, file: string | null): NodeJS.ProcessEnv {
  if (file === null) return env;
  const kept = Object.entries(env).filter(([name]) => !IN_THE_FILE.includes(name));
  return { ...Object.fromEntries(kept), DCS_SWITCHOVER_CONFIG: file };
}

/** Options of {@link startLocalStack}. */
export interface LocalStackOptions {
  /** @default process.env */
  readonly env?: NodeJS.ProcessEnv;
  readonly temporal?: Omit<TemporalServerOptions, 'env'>;
  readonly simulator?: Omit<SimulatorOptions, 'redisServerPath'>;
  /** Whether to put real Redis behind the simulator where it can be had. @default true */
  readonly redis?: boolean;
  /** Gives up and cleans up between two steps. */
  readonly signal?: AbortSignal;
  /** Called with what is done next; a step may take minutes where something is fetched. */
  readonly onStep?: (what: string) => void;
}

/** A running stack. */
export interface LocalStack {
  readonly temporal: TemporalServer;
  readonly simulator: Simulator;
  /** Where Redis came from; `null`: roles in memory. */
  readonly redisSource: string | null;
  readonly taskQueue: string;
  /** Of this user alone, and gone with the stack. */
  readonly folder: string;
  /** The built command that the workers run. */
  readonly commandPath: string;
  /** Whole environment of a client: the given one, with the settings of this stack. */
  readonly clientEnv: NodeJS.ProcessEnv;
  /** Whole environment of a worker: with the simulator's keys as well. */
  workerEnv(): NodeJS.ProcessEnv;
  /** Starts one more worker; it ends with the stack. See {@link startWorkerProcess}. */
  startWorker(extraEnv?: NodeJS.ProcessEnv, onLog?: (line: string) => void): Promise<WorkerProcess>;
  /** Ends everything that was started, workers first. May be called twice. */
  close(): Promise<void>;
}

/**
 * Starts a stack without workers.
 *
 * @throws PartUnavailableError when no Temporal server can be had; nothing is left running
 */
export async function startLocalStack(options: LocalStackOptions = {}): Promise<LocalStack> {
  const { env = process.env, signal, onStep = NO_STEP } = options;
  const closers: (() => Promise<unknown>)[] = [];
  const close = async (): Promise<void> => {
    for (let closer = closers.pop(); closer !== undefined; closer = closers.pop()) await closer();
  };
  try {
    const folder = await mkdtemp(path.join(tmpdir(), 'dcs-switchover-'));
    closers.push(() => rm(folder, { recursive: true, force: true }));
    onStep('Finding or fetching Temporal, and starting it');
    const temporal = await startTemporalServer({ ...options.temporal, env });
    closers.push(() => temporal.stop());
    signal?.throwIfAborted();
    onStep('Finding or fetching Redis');
    const redis = await findRedis(options, env);
    signal?.throwIfAborted();
    const redisServerPath = redis?.path ?? null;
    onStep('Starting the simulator');
    const simulator = await startSimulator({ ...options.simulator, redisServerPath });
    closers.push(() => simulator.close());
    const settings = settingsFor(temporal, simulator, env);
    const clientEnv = await clientEnvFor(temporal, settings, env, folder);
    const projectsFile = await writeProjectsFile(folder, simulator);
    const workerEnv = (): NodeJS.ProcessEnv =>
      withProjectsFile(workerEnvFor(clientEnv, simulator), projectsFile);
    return {
      temporal,
      simulator,
      redisSource: redis?.source ?? null,
      taskQueue: settings['DCS_SWITCHOVER_TASK_QUEUE'] ?? DEFAULT_TASK_QUEUE,
      folder,
      commandPath: commandPath(),
      clientEnv,
      workerEnv,
      startWorker: async (extraEnv, onLog) => {
        const worker = await startWorkerProcess({ ...workerEnv(), ...extraEnv }, onLog);
        closers.push(() => worker.stop());
        return worker;
      },
      close,
    };
  } catch (error) {
    await close();
    throw error;
  }
}

const NO_STEP = (): undefined => undefined;

async function findRedis({ redis = true }: LocalStackOptions, env: NodeJS.ProcessEnv) {
  return redis ? resolveRedisServer(env) : null;
}

function settingsFor(
  temporal: TemporalServer,
  simulator: Simulator,
  env: NodeJS.ProcessEnv,
): Record<string, string> {
  // On a server of others the default queue may have workers that know nothing of our simulator.
  const isOurs = temporal.cliPath !== null;
  const ownQueue = isOurs ? DEFAULT_TASK_QUEUE : `${DEFAULT_TASK_QUEUE}-dev-${randomUUID()}`;
  return {
    TEMPORAL_ADDRESS: temporal.address,
    TEMPORAL_NAMESPACE: temporal.namespace,
    DCS_SWITCHOVER_TASK_QUEUE: env['DCS_SWITCHOVER_TASK_QUEUE'] ?? ownQueue,
    HUAWEICLOUD_SDK_PROJECT_ID: simulator.projectId,
  };
}

/** A server of our own takes neither the TLS nor the keys that belong to the user's. */
async function clientEnvFor(
  temporal: TemporalServer,
  settings: Record<string, string>,
  env: NodeJS.ProcessEnv,
  folder: string,
): Promise<NodeJS.ProcessEnv> {
  if (temporal.cliPath === null) return { ...env, ...settings };
  const file = path.join(folder, 'temporal.toml');
  await writeFile(file, '[profile.default]\n');
  const kept = Object.entries(env).filter(([name]) => !name.startsWith('TEMPORAL_'));
  return { ...Object.fromEntries(kept), ...settings, TEMPORAL_CONFIG_FILE: file };
}

/** Starts in 1 s; a loaded machine gets the rest. */
const START_TIMEOUT_MS = 60_000;

/** The worker's own grace for running activities is cut short: nothing here is worth waiting for. */
const STOP_GRACE_MS = 10_000;

const KEPT_LINES = 200;

/** What our worker logs when it polls; the other hosts of the benchmark say the same. */
const READY = '"worker started"';

/** A process of the command `worker`. */
export interface WorkerProcess {
  readonly pid: number;
  /** Sends a signal, such as SIGKILL or SIGSTOP, to the process. */
  kill(signal: NodeJS.Signals): void;
  /** Resolves when the process is gone. */
  readonly exited: Promise<void>;
  /** The last lines of its log. */
  log(): readonly string[];
  /** Ends it: SIGTERM, and SIGKILL after 10 s. May be called twice. */
  stop(): Promise<void>;
}

/**
 * Starts the built worker command as a process of its own and waits until it polls. The process ends
 * with ours: it watches the channel between the two.
 *
 * @param env its whole environment
 * @param onLog called with each line of its log
 * @throws Error with the last lines of its log when it ends or stays silent for 60 s
 */
export async function startWorkerProcess(
  env: NodeJS.ProcessEnv,
  onLog: (line: string) => void = () => undefined,
): Promise<WorkerProcess> {
  const child = spawn(process.execPath, [commandPath(), 'worker'], {
    env,
    // A group of its own: Ctrl-C reaches only us, and we stop it while Temporal still answers.
    detached: true,
    stdio: ['ignore', 'ignore', 'pipe', 'ipc'],
  });
  const exited = once(child, 'close').then(() => undefined);
  const stop = (): Promise<void> => stopChild(child, exited);
  const lines = await untilPolling(child, exited, onLog).catch(async (error: unknown) => {
    await stop();
    throw error;
  });
  return {
    pid: child.pid ?? 0,
    kill: (signal) => {
      child.kill(signal);
    },
    exited,
    log: () => [...lines],
    stop,
  };
}

/**
 * Waits until a worker says on its standard error that it polls.
 *
 * @param exited once the process is gone
 * @returns the last lines of its log, kept up to date
 * @throws Error with the last lines of its log when it ends or stays silent for 60 s
 */
export async function untilPolling(
  { stderr }: ChildProcess,
  exited: Promise<unknown>,
  onLog: (line: string) => void = () => undefined,
): Promise<readonly string[]> {
  const lines: string[] = [];
  const ready = new Promise<void>((resolve) => {
    if (stderr === null) return;
    createInterface({ input: stderr }).on('line', (line) => {
      lines.push(line);
      if (lines.length > KEPT_LINES) lines.shift();
      onLog(line);
      if (line.includes(READY)) resolve();
    });
  });
  const refuse = (reason: string) => (): never => {
    throw new Error(`${reason}. Its log: ${lines.slice(-5).join('\n')}`);
  };
  const tooLate = sleep(START_TIMEOUT_MS, undefined, { ref: false });
  await Promise.race([
    ready,
    exited.then(refuse('The worker ended before it polled')),
    tooLate.then(refuse(`The worker did not poll within ${START_TIMEOUT_MS / 1000} s`)),
  ]);
  return lines;
}

/** From `src/dev` and from `dist/dev` alike: what runs is what was built. */
function commandPath(): string {
  return path.resolve(__dirname, '../../dist/cli.js');
}

async function stopChild(child: ChildProcess, exited: Promise<void>): Promise<void> {
  child.kill('SIGTERM');
  const timer = setTimeout(() => child.kill('SIGKILL'), STOP_GRACE_MS);
  await exited;
  clearTimeout(timer);
}
