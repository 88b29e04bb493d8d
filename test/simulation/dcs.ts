/**
 * The service: the simulator's own core, asked without a socket. Worker code is the real client; only where it would
 * send bytes (`createHttp`) or open a connection (`createConnect`) does it get a call in virtual time instead.
 */
import { EventEmitter } from 'node:events';
import type http from 'node:http';

import { activityInfo } from '@temporalio/activity';

import * as httpModule from '../../src/dcs/http.js';
import type { HttpFailure, HttpRequest, HttpResponse } from '../../src/dcs/http.js';
import * as routeModule from '../../src/dcs/route.js';
import { createClock } from '../../src/simulator/basics.js';
import { createFaultBook } from '../../src/simulator/faults/script.js';
import type { JobScript, TaskRowScript } from '../../src/simulator/faults/spec.js';
import { createGateway, createPermissions } from '../../src/simulator/gateway/authentication.js';
import { createQuotas } from '../../src/simulator/gateway/quota.js';
import { scriptedAnswer } from '../../src/simulator/faults/script.js';
import type { Habits } from '../../src/simulator/habits.js';
import { matchRoute } from '../../src/simulator/http/routes.js';
import { serve } from '../../src/simulator/http/serve.js';
import { createKeyring } from '../../src/simulator/identity/account.js';
import { createLedger } from '../../src/simulator/ledger.js';
import { resolveOptions } from '../../src/simulator/options.js';
import type { ManagedInstance } from '../../src/simulator/service/managed-instance.js';
import { createService } from '../../src/simulator/service/service.js';

import type { FaultBook } from './faults.js';
import { REDIS_PASSWORD, RedisModel } from './redis.js';
import type { RedisSpec } from './redis.js';
import { measureAt, replaceProbe } from './redis-probe.js';
import { connectTo, replaceConnections } from './redis-socket.js';
import type { Sight } from './redis-socket.js';
import { send } from './wire.js';
import type { Machine, World } from './world.js';

/** One PUT as it left a worker. Times in epoch milliseconds, true ones. */
export interface LeftPut {
  readonly runId: string;
  readonly activityId: string;
  readonly atMs: number;
  /** Set once it has come to the service. */
  arrivedAtMs: number | null;
  /** Job of the swap that it started; `null`: none. */
  jobId: string | null;
  /** Whether its worker learned what became of it: an answer of the service's, or that it had no connection. */
  isAnswered: boolean;
}

/** How the service of one schedule behaves. */
export interface ServiceSpec {
  readonly clockOffsetMs: number;
  readonly habits: Partial<Habits>;
  /** Of the swaps that are asked for by PUT, the first first. */
  readonly jobs: readonly JobScript[];
  readonly taskRow: TaskRowScript;
  /** Of each instance, every one in a zone of its own. */
  readonly nodes: number;
  /** Behind the first instance; absent: no one looks at it. */
  readonly redis?: RedisSpec | undefined;
}

/** A change of master. */
export interface Change {
  /** True time, epoch milliseconds. */
  readonly atMs: number;
  readonly to: string;
  /** A job, or {@link FAILOVER}. */
  readonly by: string;
}

/** What a run was shown by one list: the answer has come back. */
export interface Look {
  readonly runId: string;
  /** Type of the activity that asked. */
  readonly asker: string;
  /** When the service answered, true time. */
  readonly atMs: number;
  readonly at: 'roles' | 'tasks';
  /** The master that it showed; of tasks `null`. */
  readonly master: string | null;
  /** Whether it showed that one as Active. */
  readonly isMasterActive: boolean;
}

/** Who has made a change that no list shows. */
export const FAILOVER = 'failover';

/** The service, as the model and the witness see it. */
export interface DcsModel {
  readonly instance: ManagedInstance;
  readonly puts: LeftPut[];
  /** Every change of master, whoever made it: true time and who. */
  readonly changes: Change[];
  readonly looks: Look[];
  /** `null`: no one looks at it. */
  readonly redis: RedisModel | null;
  /** Every connection to Redis. */
  readonly sights: readonly Sight[];
  readonly ledger: ReturnType<typeof createLedger>;
  readonly options: {
    readonly projectId: string;
    readonly accessKey: string;
    readonly secretKey: string;
  };
  failover(): void;
  throttle(ms: number): void;
  /** Sets the clock of the API forward, or back. */
  stepClock(ms: number): void;
  /** One more instance of the same service: what it shares with this one is the same. */
  add(): Promise<DcsModel>;
}

let wire: (request: HttpRequest) => Promise<HttpResponse> = () =>
  Promise.reject(new Error('no world'));
let connect: () => Promise<void> = () => Promise.reject(new Error('no world'));

/** Must be called once, before any client is made. */
export function replaceSockets(): void {
  replaceConnections();
  replaceProbe();
  Object.assign(httpModule, { createHttp: () => (request: HttpRequest) => wire(request) });
  Object.assign(routeModule, {
    createConnect: () => async () => {
      await connect();
      const socket = Object.assign(new EventEmitter(), {
        ...{ readable: true, writable: true, readableLength: 0, destroy: () => undefined },
      });
      return { socket, breakOff: () => undefined };
    },
  });
}

const REFUSED = 'ECONNREFUSED';

const ZONES = ['az-1', 'az-2', 'az-3'];

/** Starts the service of one world. */
export async function startService(
  world: World,
  machine: Machine,
  book: FaultBook,
  spec: ServiceSpec,
): Promise<DcsModel> {
  const settings = resolveOptions({ habits: spec.habits, clockOffsetMs: spec.clockOffsetMs });
  const clock = createClock(spec.clockOffsetMs);
  const ledger = createLedger();
  const owner = {
    user: settings.account.userName,
    credential: 'access-key',
    projectId: settings.projectId,
  } as const;
  const keyring = createKeyring(settings.credentials, owner, clock);
  const script = createFaultBook();
  const { signal } = new AbortController();
  const service = createService(settings, { ledger, keyring, clock, signal });
  const backend = {
    ...{ service, ledger, faults: script, quotas: createQuotas(settings.quota, clock) },
    ...{
      gateway: createGateway(keyring, clock, settings.habits),
      permissions: createPermissions([]),
    },
  };
  // One replica can be promoted, a third node cannot: with more of them no target would be within reach.
  const nodes = ZONES.slice(0, spec.nodes).map((availabilityZone, index) => ({
    ...{ availabilityZone, priority: index < 2 ? 1 : 0 },
  }));
  const isBound = spec.redis?.binding === 'password';
  const access = isBound ? { redis: { password: REDIS_PASSWORD } } : {};
  const instance = await service.addInstance({ nodes, ...access });
  spec.jobs.forEach((job, index) =>
    script.add({ route: 'asyncSwap', calls: index + 1, job, taskRow: spec.taskRow }),
  );
  const puts: LeftPut[] = [];
  let throttledUntilMs = 0;
  const looks: Look[] = [];
  const sights: Sight[] = [];
  const instances = new Map([[instance.instanceId, instance]]);

  wire = (request) => {
    const [path = ''] = request.path.split('?');
    const { route, instanceId } = matchRoute(request.method, path);
    const put = route === 'asyncSwap' ? leave(world, request, puts) : null;
    const asker = activityInfo();
    let look: Look | null = null;
    const answered = send(world, book, {
      at: `dcs.${route}`,
      to: machine,
      execute: async () => {
        const shown = instances.get(instanceId ?? '');
        look = lookBy(asker, route, { atMs: world.nowMs, shown });
        if (put !== null) put.arrivedAtMs = world.nowMs;
        if (world.nowMs < throttledUntilMs)
          return toResponse(scriptedAnswer({ status: 429 }, 'r', 'dcs'));
        const before = ledger.swaps.length;
        const answer = await ask(request, backend);
        if (put !== null && ledger.swaps.length > before)
          put.jobId = ledger.swaps.at(-1)?.jobId ?? null;
        return answer;
      },
      answered: (status) =>
        toResponse(scriptedAnswer({ status, ...echo(request) }, 'scripted', 'dcs')),
      cut: (how) =>
        new httpModule.HttpFailure(how === 'refused' ? REFUSED : 'ECONNRESET', null, false),
      signal: request.signal,
    });
    return answered.then(
      (answer) => {
        if (look !== null && answer.status === 200) looks.push(look);
        if (put !== null) put.isAnswered = true;
        return answer;
      },
      (error: unknown) => {
        const { reason } = error as HttpFailure;
        if (put !== null) put.isAnswered = reason === REFUSED;
        throw error;
      },
    );
  };
  connect = () =>
    send(world, book, {
      at: 'dcs.connect',
      to: machine,
      execute: () => undefined,
      answered: () => undefined,
      cut: (how) => Object.assign(new Error(how), { code: REFUSED }),
      deadlineMs: 5_000,
      expired: () => Object.assign(new Error('late'), { code: 'ETIMEDOUT' }),
    });
  const shared = {
    ...{
      puts,
      looks,
      sights,
      ledger,
      options: { projectId: settings.projectId, ...settings.credentials },
    },
    stepClock: (ms: number) => {
      clock.setOffset(clock.now() + ms - Date.now());
    },
    throttle: (ms: number) => {
      throttledUntilMs = world.nowMs + ms;
    },
  };
  const viewOf = (one: ManagedInstance, redis: RedisModel | null): DcsModel => {
    const changes: Change[] = [];
    const failover = watchMaster(world, one, (change) => {
      changes.push(change);
      redis?.follow(change.to);
    });
    instances.set(one.instanceId, one);
    return {
      ...{ ...shared, instance: one, changes, failover, redis },
      add: async () => viewOf(await service.addInstance({ nodes }), null),
    };
  };
  const keys = instance.rows().map(({ key }) => key);
  const redis =
    spec.redis === undefined
      ? null
      : new RedisModel(world, world.machine('redis'), keys, spec.redis);
  measureAt(redis);
  connectTo(redis === null ? null : { world, book, redis, sights });
  return viewOf(instance, redis);
}

/** What a list shows at the moment; `null` of every other call. */
function lookBy(
  { workflowExecution, activityType }: ReturnType<typeof activityInfo>,
  route: string,
  { atMs, shown }: { readonly atMs: number; readonly shown: ManagedInstance | undefined },
): Look | null {
  const base = { runId: workflowExecution?.runId ?? '', asker: activityType, atMs };
  if (route === 'listTasks') return { ...base, at: 'tasks', master: null, isMasterActive: false };
  if (route !== 'listNodes' && route !== 'listGroups') return null;
  const master = shown?.shownRows().find(({ role }) => role === 'master');
  const isMasterActive = master?.status === 'Active';
  return { ...base, at: 'roles', master: master?.key ?? null, isMasterActive };
}

/** A gateway that repeats what it was sent: nothing of it may reach a history. */
function echo({ headers }: HttpRequest): { readonly message: string } {
  return { message: `unexpected ${Object.values(headers).join(' ')}` };
}

/** The PUT is handed to its connection. */
function leave(world: World, { agent }: HttpRequest, puts: LeftPut[]): LeftPut {
  (agent as unknown as { createConnection: () => unknown }).createConnection();
  const { workflowExecution, activityId } = activityInfo();
  const runId = workflowExecution?.runId ?? '';
  const put = {
    ...{ runId, activityId, atMs: world.nowMs, arrivedAtMs: null, jobId: null },
    isAnswered: false,
  };
  puts.push(put);
  return put;
}

interface Changeable {
  changeMaster(key: string): void;
}

/** Reports every change of master, and gives what makes an automatic failover: a change that no task shows. */
function watchMaster(
  world: World,
  instance: ManagedInstance,
  changed: (change: Change) => void,
): () => void {
  const inner = instance as unknown as Changeable & { running: { job: { jobId: string } } | null };
  const change = inner.changeMaster.bind(instance);
  const changeBy = (key: string, by: string): void => {
    const isMaster = instance.rows().some((row) => row.key === key && row.role === 'master');
    // A job whose replica has become the master meanwhile finds nothing left to do.
    if (isMaster) return;
    change(key);
    changed({ atMs: world.nowMs, to: key, by });
  };
  inner.changeMaster = (key) => {
    changeBy(key, inner.running?.job.jobId ?? 'nobody');
  };
  return () => {
    const replica = instance.rows().find(({ role }) => role === 'replica');
    // Also amid a job: what moves the master then is not the job.
    if (replica !== undefined) changeBy(replica.key, FAILOVER);
  };
}

/** Serves one request without a socket. */
async function ask(
  request: HttpRequest,
  backend: Parameters<typeof serve>[2],
): Promise<HttpResponse> {
  const socket = { remotePort: 1, writable: true, destroyed: false, destroy: () => undefined };
  const headers = Object.fromEntries(
    Object.entries(request.headers).map(([name, value]) => [name.toLowerCase(), value]),
  );
  const incoming = {
    ...{ method: request.method, url: request.path, headers, socket },
    [Symbol.asyncIterator]: async function* () {
      await Promise.resolve();
      yield* [];
    },
  };
  const sent = { status: 0, text: '', headers: {} as Record<string, string> };
  const outgoing = {
    setHeader: (name: string, value: unknown) => {
      sent.headers[name.toLowerCase()] = String(value);
    },
    writeHead: (status: number) => {
      sent.status = status;
    },
    end: (bytes: Buffer) => {
      sent.text = bytes.toString();
    },
  };
  await serve(
    incoming as unknown as http.IncomingMessage,
    outgoing as unknown as http.ServerResponse,
    backend,
  );
  return sent;
}

function toResponse({
  status,
  text,
  contentType,
}: ReturnType<typeof scriptedAnswer>): HttpResponse {
  return { status, text, headers: { 'content-type': contentType, 'x-request-id': 'scripted' } };
}
