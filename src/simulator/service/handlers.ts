import type { FaultPlan } from '../faults/script.js';
import { refuse } from '../http/refusal.js';
import type { API_ERRORS } from '../http/refusal.js';
import type { RouteMatch, ServedRoute } from '../http/routes.js';
import type { ManagedInstance } from './managed-instance.js';
import { groupsBody, logicalNodesBody } from './node-bodies.js';
import { chooseNextMaster, viewRows } from './node.js';
import type { Service } from './service.js';
import { jobBody } from './swap.js';
import { taskListBody } from './task-list.js';

/** A request that the gateway let through. */
interface ServiceCall {
  readonly match: RouteMatch;
  readonly query: URLSearchParams;
  readonly plan: FaultPlan;
}

/** Carries an operation out and returns the body of its 200. @throws Refusal for a documented error */
type Handler = (call: ServiceCall, service: Service) => unknown;

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

/** The operations of the API. */
export const HANDLERS: Record<ServedRoute, Handler> = {
  showInstance: (call, service) => findInstance(call, service).body(),
  listNodes: (call, service) => {
    const instance = findInstance(call, service);
    return logicalNodesBody(instance.group, viewRows(instance.rows(), call.plan.roles));
  },
  listGroups: (call, service) => {
    const instance = findInstance(call, service);
    return groupsBody(instance.group, viewRows(instance.rows(), call.plan.roles));
  },
  listTasks: (call, service) => taskListBody(findInstance(call, service).taskRows(), call.query),
  showJob: ({ match }, service) => {
    const jobId = match.jobId ?? '';
    if (!HEX_ID.test(jobId)) refuse('badJobId');
    return jobBody(service.jobs.get(jobId) ?? refuse('noSuchJob'));
  },
  asyncSwap: (call, service) => {
    const instance = findInstance(call, service);
    for (const [error, applies] of SWAP_REFUSALS) if (applies(instance)) refuse(error);
    const { job = {}, taskRow = {} } = call.plan;
    const byUser = service.settings.userName;
    const { jobId } = instance.startSwap({ byUser, source: 'api', job, taskRow });
    return { job_id: jobId };
  },
};

function findInstance({ match }: ServiceCall, { instances }: Service): ManagedInstance {
  const instanceId = match.instanceId ?? '';
  const isWellFormed = UUID.test(instanceId);
  return instances.get(instanceId) ?? refuse(isWellFormed ? 'noSuchInstance' : 'badInstanceId');
}
