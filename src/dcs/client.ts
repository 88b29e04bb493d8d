import type { Call, Exchange } from './attempt.js';
import { createAskIdentity, createCallerIdentity } from './caller-identity.js';
import type { CallerIdentity } from './caller-identity.js';
import type { CredentialSource } from './credentials/source.js';
import { checkId, fillPath, parseEndpoint } from './endpoint.js';
import type { IdName } from './endpoint.js';
import { readPages, readWholeList, toAnswer } from './lists.js';
import type { Answer, Listing, PageQuery } from './lists.js';
import * as parse from './parse.js';
import type {
  InstanceDetails,
  InstanceNodes,
  InstanceTag,
  JobInfo,
  NodeInfo,
  TaskInfo,
} from './parse.js';
import { routeTo } from './route.js';
import { createTransport } from './transport.js';
import type { OnTurnWait, ReadOptions } from './turns.js';

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
  /** Notified of every reading that had to wait for its turn; what it throws is ignored. */
  readonly onTurnWait?: OnTurnWait;
}

/** A swap that can be sent at once. */
export interface OpenSwap {
  /** `false` once the other side is known to have closed the connection, and once it was sent. */
  readonly isOpen: () => boolean;
  /**
   * Sends exactly one PUT, by this connection or not at all; in the same turn of the event loop. To be called once.
   *
   * @param onWritten called when the system has taken it, long before the answer; never where it was not written
   */
  readonly send: (onWritten?: () => void) => Promise<Answer<{ readonly jobId: string }>>;
  /** To be called in any case, sent or not. */
  readonly close: () => void;
}

/** A reading of the thing with this id. */
type Read<T, O = unknown> = (id: string, options: ReadOptions & O) => Promise<Answer<T>>;

/** A reading of everything in the project, page by page. */
type List<T, O = unknown> = (options: ReadOptions & O) => Promise<Answer<readonly T[]>>;

/** How a list is asked for, by who wants to know what the service makes of it. */
interface PageOptions {
  /** The `limit` of each page. @default so many that a response is not too large */
  readonly rowsPerPage?: number;
}

type Paged = ReadOptions & PageOptions;

/** The DCS API V2 as far as a switchover needs it; one HTTP attempt per call, nothing repeats. */
export interface DcsClient {
  readonly projectId: string;
  /** ListInstances: without `task`, and `cacheMode` only where it shows it. */
  readonly listInstances: List<InstanceDetails>;
  /** BatchShowNodesInformation: the data nodes of all instances that have any. */
  readonly listAllNodes: List<InstanceNodes, PageOptions>;
  /** ShowInstance. */
  readonly showInstance: Read<InstanceDetails>;
  /** ShowTags: what ShowInstance leaves out of an untagged instance, and may leave out of others. */
  readonly showTags: Read<readonly InstanceTag[]>;
  /** ShowNodesInformation: the data nodes with roles and priorities. */
  readonly listNodes: Read<readonly NodeInfo[]>;
  /** ListGroupReplicationInfo: the same without priorities. */
  readonly listGroups: Read<readonly NodeInfo[]>;
  /** ListBackgroundTask, all pages up to 500 rows. */
  readonly listTasks: Read<readonly TaskInfo[], PageOptions>;
  /**
   * ListCenterTasks: the tasks of the whole project, with the ids of their jobs; up to 500 rows.
   *
   * @param options.sinceMs only those that began at this time of the API's clock or later; `null`: all
   */
  readonly listCenterTasks: List<TaskInfo, { readonly sinceMs: number | null }>;
  /** ShowJobInfo. */
  readonly showJob: Read<JobInfo>;
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

const tooMany = ({ length }: readonly unknown[]): string =>
  `of a list with more than ${length} rows`;

/** A page stays well below the size limit of a response: an instance takes about 3 kB. */
const INSTANCES: Listing<InstanceDetails> = {
  rowsPerPage: 100,
  maxPages: 100,
  parse: parse.parseInstances,
  idOf: ({ instanceId }) => instanceId ?? '',
  problemOfMore: tooMany,
};

/** An instance of many shards takes a hundred kB here. */
const NODES: Listing<InstanceNodes> = {
  rowsPerPage: 50,
  maxPages: 200,
  parse: parse.parseAllNodes,
  idOf: ({ instanceId }) => instanceId,
  problemOfMore: tooMany,
};

/** Its own default would be 10 rows. The API page names no order: only where the latest come first may the rest be left unread. */
const TASKS: Listing<TaskInfo> = {
  rowsPerPage: 100,
  maxPages: 5,
  parse: parse.parseTasks,
  idOf: ({ id }) => id,
  problemOfMore: (tasks) =>
    areLatestFirst(tasks)
      ? null
      : 'lists more tasks than are read, not the latest first, so the latest are not seen; delete records of old tasks',
};

/** By most of them: one that took long may stand before later ones. Where none says when it began, no one knows. */
function areLatestFirst(tasks: readonly TaskInfo[]): boolean {
  const times = tasks.flatMap(({ createdAtMs }) => createdAtMs ?? []);
  const ascents = times.filter((atMs, index) => atMs > (times[index - 1] ?? Infinity)).length;
  const [first = 0] = times;
  return first >= (times.at(-1) ?? 0) && ascents * 4 <= times.length;
}

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
  const pagesOf = (call: Call, options: ReadOptions) => (query: PageQuery) =>
    transport.get({ ...call, query: [...(call.query ?? []), ...query] }, options);
  const list =
    <T>(operation: keyof typeof ROUTES, listing: Listing<T>) =>
    (options: Paged): Promise<Answer<readonly T[]>> =>
      readWholeList(pagesOf(callOf(operation, {}), options), { ...listing, ...pageOf(options) });
  const readTasks = async (call: Call, options: Paged): Promise<Answer<TaskInfo[]>> =>
    (await readPages(pagesOf(call, options), { ...TASKS, ...pageOf(options) })).answer;
  return {
    projectId,
    listInstances: list('listInstances', INSTANCES),
    listAllNodes: list('listAllNodes', NODES),
    showInstance: read('showInstance', 'instanceId', parse.parseInstance),
    showTags: read('showTags', 'instanceId', parse.parseInstanceTags),
    listNodes: read('listNodes', 'instanceId', parse.parseNodes),
    listGroups: read('listGroups', 'instanceId', parse.parseGroups),
    showJob: read('showJob', 'jobId', parse.parseJob),
    listTasks: async (instanceId, options) =>
      readTasks(callOf('listTasks', { instanceId }), options),
    listCenterTasks: ({ sinceMs, ...options }) =>
      readTasks({ ...callOf('listCenterTasks', {}), query: sinceQuery(sinceMs) }, options),
    openSwap: async (instanceId, { signal }) => {
      const put = await transport.openPut(callOf('requestSwap', { instanceId }), signal);
      const send: OpenSwap['send'] = async (onWritten) => {
        const answer = toAnswer(await put.send(onWritten), parse.parseSwap);
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

function pageOf({ rowsPerPage }: PageOptions): PageOptions {
  return rowsPerPage === undefined ? {} : { rowsPerPage };
}

/** `yyyyMMddHHmmss` in UTC, as the page of ListCenterTasks wants it. */
function sinceQuery(sinceMs: number | null): [string, string][] {
  if (sinceMs === null) return [];
  return [['start_time', new Date(sinceMs).toISOString().replace(/\D/g, '').slice(0, 14)]];
}
