import { jsonAnswer } from '../http/answer.js';
import type { Answer } from '../http/answer.js';
import { refuse } from '../http/refusal.js';
import type { API_ERRORS } from '../http/refusal.js';
import type { Handler, ServiceCall } from './handler.js';
import { instanceListBody } from './instance-list.js';
import type { ManagedInstance } from './managed-instance.js';
import { allNodesBody, groupsBody, logicalNodesBody } from './node-bodies.js';
import { chooseNextMaster, viewRows } from './node.js';
import { readPage } from './page.js';
import type { Service } from './service.js';
import { jobBody } from './swap.js';
import { taskListBody } from './task-list.js';

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

const ok = (body: unknown): Answer => jsonAnswer(200, body);

/** The operations of the DCS API. */
export const DCS_HANDLERS = {
  listInstances: ({ query }, { instances }) =>
    ok(
      instanceListBody(
        [...instances.values()].map((instance) => instance.listedBody()),
        query,
      ),
    ),
  showInstance: (call, service) => ok(findInstance(call, service).body()),
  listNodes: (call, service) => {
    const instance = findInstance(call, service);
    return ok(logicalNodesBody(instance.group, viewRows(instance.rows(), call.plan.roles)));
  },
  // Instances that are being created show no nodes here.
  listAllNodes: ({ query, plan }, { instances }) => {
    const withNodes = [...instances.values()].filter(({ status }) => status !== 'CREATING');
    const listed = readPage(query)(withNodes).map((instance) => ({
      group: instance.group,
      rows: viewRows(instance.rows(), plan.roles),
    }));
    return ok(allNodesBody(withNodes.length, listed));
  },
  listGroups: (call, service) => {
    const instance = findInstance(call, service);
    return ok(groupsBody(instance.group, viewRows(instance.rows(), call.plan.roles)));
  },
  listTasks: (call, service) =>
    ok(taskListBody(findInstance(call, service).taskRows(), call.query)),
  // The tasks of every instance; nothing in a row says of which.
  listCenterTasks: ({ query }, { instances }) =>
    ok(
      taskListBody(
        [...instances.values()].flatMap((instance) => instance.taskRows()),
        query,
      ),
    ),
  showJob: ({ match }, { jobs, clock }) => {
    const jobId = match.jobId ?? '';
    if (!HEX_ID.test(jobId)) refuse('badJobId');
    return ok(jobBody(jobs.get(jobId) ?? refuse('noSuchJob'), clock));
  },
  asyncSwap: (call, service) => {
    const instance = findInstance(call, service);
    for (const [error, applies] of SWAP_REFUSALS) if (applies(instance)) refuse(error);
    const { job = {}, taskRow = {} } = call.plan;
    const byUser = call.user ?? service.account.userName;
    const { jobId } = instance.startSwap({ byUser, source: 'api', job, taskRow });
    return ok({ job_id: jobId });
  },
} satisfies Record<string, Handler>;

function findInstance({ match }: ServiceCall, { instances }: Service): ManagedInstance {
  const instanceId = match.instanceId ?? '';
  const isWellFormed = UUID.test(instanceId);
  return instances.get(instanceId) ?? refuse(isWellFormed ? 'noSuchInstance' : 'badInstanceId');
}
