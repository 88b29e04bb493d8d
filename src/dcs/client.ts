import type { Call, Exchange } from './attempt.js';
import { createAskIdentity, createCallerIdentity } from './caller-identity.js';
import type { CallerIdentity } from './caller-identity.js';
import type { CredentialSource } from './credentials/types.js';
import { checkId, fillPath, parseEndpoint } from './endpoint.js';
import type { IdName } from './endpoint.js';
import { DcsResponseError } from './errors.js';
import { readWholeList, toAnswer } from './lists.js';
import type { Listing } from './lists.js';
import type {
  Answer,
  InstanceDetails,
  InstanceNodes,
  InstanceTag,
  JobInfo,
  NodeInfo,
  TaskInfo,
} from './models.js';
import * as parse from './parse.js';
import { routeTo } from './route.js';
import { createTransport } from './transport.js';
import type { Transport } from './transport.js';
import type { ReadOptions } from './turns.js';

/** Settings of a client for one project; times in milliseconds. */
export interface DcsClientOptions {
  /** Origin of the API: https, or http on loopback. */
  readonly endpoint: string;
  readonly projectId: string;
  readonly credentials: CredentialSource;
  /** Longest reading, connect to last byte. @default 10_000 */
  readonly readTimeoutMs?: number;
  /** Longest PUT, counted from the moment its bytes are handed over. @default 15_000 */
  readonly swapTimeoutMs?: number;
  /** Longest time until the PUT's connection stands, and before it until its credential is there. @default 5_000 */
  readonly connectTimeoutMs?: number;
  /** @default 1_048_576 */
  readonly maxResponseBytes?: number;
  /** HTTP proxy for an https endpoint, such as `http://user:password@host:port`; secret. @default null */
  readonly proxyUrl?: string | null;
  /** Origin of STS, which is asked who the caller is where that matters: https, or http on loopback. @default null, not asked */
  readonly stsEndpoint?: string | null;
  /** PEM text of certificate authorities to trust besides the built-in ones. @default null */
  readonly ca?: string | null;
  /** Readings per second; more than that wait. The PUT never does. @default null, unlimited */
  readonly maxReadsPerSecond?: number | null;
  /** Notified of every HTTP attempt; what it throws is ignored. */
  readonly onExchange?: (exchange: Exchange) => void;
}

/** A swap that can be sent at once. */
export interface OpenSwap {
  /** `false` once the other side is known to have closed the connection, and once it was sent. */
  readonly isOpen: () => boolean;
  /** Sends exactly one PUT, by this connection or not at all; in the same turn of the event loop. To be called once. */
  readonly send: () => Promise<Answer<{ readonly jobId: string }>>;
  /** To be called in any case, sent or not. */
  readonly close: () => void;
}

/** The DCS API V2 as far as a switchover needs it; one HTTP attempt per call, nothing repeats. */
export interface DcsClient {
  readonly projectId: string;
  /** ListInstances: all of the project, page by page; without `task`, and `cacheMode` only where it shows it. */
  readonly listInstances: (options: ReadOptions) => Promise<Answer<readonly InstanceDetails[]>>;
  /** BatchShowNodesInformation: the data nodes of all instances that have any, page by page. */
  readonly listAllNodes: (options: ReadOptions) => Promise<Answer<readonly InstanceNodes[]>>;
  /** ShowInstance. */
  readonly showInstance: (
    instanceId: string,
    options: ReadOptions,
  ) => Promise<Answer<InstanceDetails>>;
  /** ShowTags: what ShowInstance leaves out of an untagged instance, and may leave out of others. */
  readonly showTags: (
    instanceId: string,
    options: ReadOptions,
  ) => Promise<Answer<readonly InstanceTag[]>>;
  /** ShowNodesInformation: the data nodes with roles and priorities. */
  readonly listNodes: (
    instanceId: string,
    options: ReadOptions,
  ) => Promise<Answer<readonly NodeInfo[]>>;
  /** ListGroupReplicationInfo: the same without priorities. */
  readonly listGroups: (
    instanceId: string,
    options: ReadOptions,
  ) => Promise<Answer<readonly NodeInfo[]>>;
  /** ListBackgroundTask, all pages up to 500 rows. */
  readonly listTasks: (
    instanceId: string,
    options: ReadOptions,
  ) => Promise<Answer<readonly TaskInfo[]>>;
  /**
   * ListCenterTasks: the tasks of the whole project, with the ids of their jobs; up to 500 rows.
   *
   * @param options.sinceMs only those that began at this time of the API's clock or later; `null`: all
   */
  readonly listCenterTasks: (
    options: ReadOptions & { readonly sinceMs: number | null },
  ) => Promise<Answer<readonly TaskInfo[]>>;
  /** ShowJobInfo. */
  readonly showJob: (jobId: string, options: ReadOptions) => Promise<Answer<JobInfo>>;
  /**
   * ChangeMasterStandbyAsync on a fresh connection, which stands when this resolves: nothing was sent yet. Whatever
   * this is rejected with was never sent.
   */
  readonly openSwap: (
    instanceId: string,
    options: { readonly signal: AbortSignal },
  ) => Promise<OpenSwap>;
  /** Whose work the tasks of this client's PUTs are. */
  readonly identity: CallerIdentity;
  /** Makes the next call read the credential's source again. Never rejects. */
  readonly refreshCredentials: () => Promise<void>;
}

const INSTANCE = '/v2/{projectId}/instances/{instanceId}';

/** Path templates by operation. `groups` really has the singular `instance`. */
const ROUTES = {
  listInstances: '/v2/{projectId}/instances',
  listAllNodes: '/v2/{projectId}/instances-logical-nodes',
  showInstance: INSTANCE,
  showTags: `${INSTANCE}/tags`,
  listNodes: `${INSTANCE}/logical-nodes`,
  listGroups: '/v2/{projectId}/instance/{instanceId}/groups',
  listTasks: `${INSTANCE}/tasks`,
  listCenterTasks: '/v2/{projectId}/tasks',
  showJob: '/v2/{projectId}/jobs/{jobId}',
  requestSwap: `${INSTANCE}/async-swap`,
} as const;

/** A page stays well below the size limit of a response: an instance takes about 3 kB. */
const INSTANCES: Listing<InstanceDetails> = {
  rowsPerPage: 100,
  maxPages: 100,
  parse: parse.parseInstances,
  idOf: ({ instanceId }) => instanceId ?? '',
};

/** An instance of many shards takes a hundred kB here. */
const NODES: Listing<InstanceNodes> = {
  rowsPerPage: 50,
  maxPages: 200,
  parse: parse.parseAllNodes,
  idOf: ({ instanceId }) => instanceId,
};

/** Page size and page limit of the task list; its own default would be 10 rows. */
const TASKS_PER_PAGE = 100;
const MAX_TASK_PAGES = 5;

/**
 * A client of one project. All calls throw the errors of `errors/`; an id of the wrong shape throws
 * before anything is sent.
 *
 * @throws DcsConfigurationError for an unusable endpoint or project id
 */
export function createDcsClient(options: DcsClientOptions): DcsClient {
  const { projectId, credentials } = options;
  checkId('projectId', projectId);
  const endpoint = parseEndpoint(options.endpoint);
  const transport = createTransport({
    readTimeoutMs: 10_000,
    swapTimeoutMs: 15_000,
    connectTimeoutMs: 5_000,
    maxResponseBytes: 1_048_576,
    maxReadsPerSecond: null,
    ...options,
    endpoint,
    way: routeTo(endpoint, options),
  });
  const identity = createCallerIdentity(credentials, askIdentityOf(options));
  const callOf = (operation: keyof typeof ROUTES, ids: Partial<Record<IdName, string>>): Call => {
    const route = ROUTES[operation];
    return { operation, route, path: fillPath(route, { projectId, ...ids }) };
  };
  const read =
    <T>(operation: keyof typeof ROUTES, id: IdName, parseBody: (body: unknown) => T) =>
    async (value: string, options: ReadOptions): Promise<Answer<T>> =>
      toAnswer(await transport.get(callOf(operation, { [id]: value }), options), parseBody);
  const list =
    <T>(operation: keyof typeof ROUTES, listing: Listing<T>) =>
    (options: ReadOptions): Promise<Answer<readonly T[]>> => {
      const call = callOf(operation, {});
      return readWholeList((query) => transport.get({ ...call, query }, options), listing);
    };
  return {
    projectId,
    listInstances: list('listInstances', INSTANCES),
    listAllNodes: list('listAllNodes', NODES),
    showInstance: read('showInstance', 'instanceId', parse.parseInstance),
    showTags: read('showTags', 'instanceId', parse.parseInstanceTags),
    listNodes: read('listNodes', 'instanceId', parse.parseLogicalNodes),
    listGroups: read('listGroups', 'instanceId', parse.parseGroups),
    showJob: read('showJob', 'jobId', parse.parseJob),
    listTasks: async (instanceId, options) =>
      listAllTasks(transport, callOf('listTasks', { instanceId }), options),
    listCenterTasks: async ({ sinceMs, ...options }) =>
      listAllTasks(
        transport,
        { ...callOf('listCenterTasks', {}), query: sinceQuery(sinceMs) },
        options,
      ),
    openSwap: async (instanceId, { signal }) => {
      const put = await transport.openPut(callOf('requestSwap', { instanceId }), signal);
      const send = async () => {
        const answer = toAnswer(await put.send(), parse.parseSwap);
        void identity.started(answer.value.jobId);
        return answer;
      };
      return { ...put, send };
    },
    identity,
    // A source that fails reports so at the next call, as an error that the callers know.
    refreshCredentials: () => credentials.refresh().catch(() => undefined),
  };
}

function askIdentityOf({ stsEndpoint = null, ...edge }: DcsClientOptions) {
  return stsEndpoint === null ? null : createAskIdentity(stsEndpoint, edge);
}

/** `yyyyMMddHHmmss` in UTC, as the page of ListCenterTasks wants it. */
function sinceQuery(sinceMs: number | null): [string, string][] {
  if (sinceMs === null) return [];
  return [['start_time', new Date(sinceMs).toISOString().replace(/\D/g, '').slice(0, 14)]];
}

async function listAllTasks(
  transport: Transport,
  call: Call,
  options: ReadOptions,
): Promise<Answer<TaskInfo[]>> {
  const tasks = new Map<string, TaskInfo>();
  let seen = 0;
  for (let page = 1; ; page += 1) {
    const query = [
      ...(call.query ?? []),
      ['offset', String(seen)],
      ['limit', String(TASKS_PER_PAGE)],
    ] as const;
    const raw = await transport.get({ ...call, query }, options);
    const { value, ...answer } = toAnswer(raw, parse.parseTasks);
    for (const task of value.tasks) tasks.set(task.id, task);
    seen += value.tasks.length;
    // A short page is the last one, unless the service caps its pages and its own count says more.
    const isShort = value.tasks.length < TASKS_PER_PAGE;
    const isLast = isShort && (value.total === null || seen >= value.total);
    if (isLast || value.tasks.length === 0) return { ...answer, value: [...tasks.values()] };
    if (page < MAX_TASK_PAGES) continue;
    if (isOldestFirst([...tasks.values()])) throw new DcsResponseError(raw.facts, TOO_MANY_TASKS);
    return { ...answer, value: [...tasks.values()] };
  }
}

const TOO_MANY_TASKS =
  'lists more tasks than are read, the oldest first, so the latest are not seen; delete records of old tasks';

/** The API page names no order. Only where the latest come first may the rest be left unread. */
function isOldestFirst(tasks: readonly TaskInfo[]): boolean {
  const [first, last] = [tasks[0]?.createdAtMs ?? null, tasks.at(-1)?.createdAtMs ?? null];
  return first !== null && last !== null && first < last;
}
