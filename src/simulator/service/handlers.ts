import type { RoleView } from '../faults/spec.js';
import type { Habits } from '../habits.js';
import { jsonAnswer, refuse } from '../http/answer.js';
import type { SimulatedAnswer, API_ERRORS } from '../http/answer.js';

import type { InstanceBody } from './instance-body.js';
import type { ManagedInstance } from './managed-instance.js';
import { allNodesBody, chooseNextMaster, groupsBody, logicalNodesBody, viewRows } from './node.js';
import type { ShownNodes } from './node.js';
import { centerRow, readPage, reversed, shuffled, taskListBody, totalOf } from './lists.js';
import type { Handler, Service, ServiceCall } from './service.js';
import { jobBody } from './swap.js';

/** Whether an instance matches a query parameter. */
type Filter = (body: InstanceBody, wanted: string, query: URLSearchParams) => boolean;

const is =
  (field: string): Filter =>
  (body, wanted) =>
    String(body[field]) === wanted;

/** The documented query parameters that select (ListInstances). */
const FILTERS: Record<string, Filter> = {
  instance_id: is('instance_id'),
  status: is('status'),
  ip: is('ip'),
  name: (body, wanted, query) =>
    query.get('name_equal') === 'true'
      ? body['name'] === wanted
      : String(body['name']).includes(wanted),
};

/** An instance to list: its entry, and its answer to `…/tags`, which has them in any case. */
interface ListedInstance {
  readonly body: InstanceBody;
  readonly tags: InstanceBody;
}

/** The answer to `GET …/instances`. */
function instanceListBody(
  all: readonly ListedInstance[],
  query: URLSearchParams,
  habits: Habits,
): unknown {
  const page = readPage(query);
  const tags = parseTags(query.get('tags'));
  const confirm = ({ body, ...own }: ListedInstance): boolean =>
    Object.entries(FILTERS).every(([name, filter]) => {
      const wanted = query.get(name);
      return wanted === null || filter(body, wanted, query);
    }) && tags.every((pair) => tagsOf(own.tags).includes(pair));
  const showsFailed = query.get('include_failure') === 'true';
  const matching = all
    .filter((one) => (showsFailed || one.body['status'] !== 'CREATEFAILED') && confirm(one))
    .map(({ body }) => body);
  const instances = page(ORDERS[habits.instanceOrder](matching));
  return { instance_num: totalOf(matching, instances, habits), instances };
}

const ORDERS: Record<
  Habits['instanceOrder'],
  (bodies: readonly InstanceBody[]) => readonly InstanceBody[]
> = {
  'as-created': (bodies) => bodies,
  'newest-first': reversed,
  shuffled: (bodies) => shuffled(bodies, (body) => String(body['instance_id'])),
};

/** `k1=v1,k2=v2` as single pairs. */
function parseTags(wanted: string | null): readonly string[] {
  if (wanted === null) return [];
  const pairs = wanted.split(',');
  return pairs.every((pair) => pair.includes('=')) ? pairs : refuse('badTags');
}

function tagsOf(body: InstanceBody): readonly string[] {
  const tags = body['tags'] as readonly { readonly key: string | number; readonly value: string }[];
  return tags.map(({ key, value }) => `${key}=${value}`);
}

const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/;
const HEX_ID = /^[0-9a-f]{32}$/;

/** Modes whose masters `async-swap` moves (user guide, master/standby switchover). */
const SWAPPABLE_MODES = ['ha', 'ha_rw_split'];

/** What the service refuses, in the order in which it looks. */
const SWAP_REFUSALS: readonly [keyof typeof API_ERRORS, (instance: ManagedInstance) => boolean][] =
  [
    ['swapUnsupported', ({ cacheMode }) => !SWAPPABLE_MODES.includes(cacheMode)],
    ['frozen', ({ status }) => status === 'FROZEN'],
    ['notRunning', ({ status }) => status !== 'RUNNING'],
    ['taskRunning', (instance) => instance.isBusy()],
    ['noPromotableReplica', (instance) => chooseNextMaster(instance.rows()) === null],
  ];

const UNKNOWN_JOBS = { 'not-found': 'noSuchJob', 'bad-id': 'badJobId' } as const;

const ok = (body: unknown): SimulatedAnswer => jsonAnswer(200, body);

/** The operations of the DCS API. */
export const DCS_HANDLERS = {
  listInstances: ({ query }, { instances, settings }) => {
    const listed = [...instances.values()].map((instance) => ({
      body: instance.listedBody(),
      tags: instance.tagsBody(),
    }));
    return ok(instanceListBody(listed, query, settings.habits));
  },
  showInstance: (call, service) => ok(findInstance(call, service).body()),
  showTags: (call, service) => ok(findInstance(call, service).tagsBody()),
  listNodes: (call, service) =>
    ok(logicalNodesBody(shownNodes(findInstance(call, service), call.script.roles))),
  // Instances that are being created show no nodes here.
  listAllNodes: ({ query, script }, { instances, settings: { habits } }) => {
    const withNodes = [...instances.values()].filter(({ status }) => status !== 'CREATING');
    const page = readPage(query, Number(habits.allNodesMaxLimit))(withNodes);
    const listed = page.map((instance) => shownNodes(instance, script.roles));
    return ok(allNodesBody(totalOf(withNodes, page, habits), listed));
  },
  listGroups: (call, service) =>
    ok(groupsBody(shownNodes(findInstance(call, service), call.script.roles))),
  listTasks: (call, service) => {
    const instance = findInstance(call, service);
    const { listTotals } = service.settings.habits;
    const rows = instance.shownTasks().map(({ row }) => row);
    return ok(taskListBody(rows, call.query, { ...instance.habits, listTotals }));
  },
  // The tasks of every instance; nothing in a row says of which.
  listCenterTasks: ({ query }, { instances, settings }) => {
    const tasks = [...instances.values()].flatMap((instance) => instance.shownTasks());
    return ok(taskListBody(tasks.map(centerRow), query, settings.habits));
  },
  showJob: ({ match }, { jobs, instances, settings: { habits } }) => {
    const jobId = match.jobId ?? '';
    if (!HEX_ID.test(jobId)) refuse('badJobId');
    const job = jobs.get(jobId) ?? refuse(UNKNOWN_JOBS[habits.unknownJob]);
    return ok(jobBody(job, instances.get(job.instanceId)?.habits ?? habits));
  },
  asyncSwap: (call, service) => {
    const instance = findInstance(call, service);
    if (instance.habits.asyncSwap === 'missing') refuse('noSuchApi');
    for (const [error, applies] of SWAP_REFUSALS) if (applies(instance)) refuse(error);
    const { job = {}, taskRow = {}, redis = {} } = call.script;
    const byUser = call.user ?? service.account.userName;
    const { jobId } = instance.startSwap({ byUser, source: 'api', job, taskRow, redis });
    return ok({ job_id: jobId });
  },
} satisfies Record<string, Handler>;

function shownNodes(instance: ManagedInstance, view: RoleView | undefined): ShownNodes {
  const { group, habits } = instance;
  return { group, habits, rows: viewRows(instance.shownRows(), view) };
}

function findInstance({ match }: ServiceCall, { instances }: Service): ManagedInstance {
  const instanceId = match.instanceId ?? '';
  const isWellFormed = UUID.test(instanceId);
  return instances.get(instanceId) ?? refuse(isWellFormed ? 'noSuchInstance' : 'badInstanceId');
}
