/** Checks of what the API shows: is this instance in a state in which a switchover is safe? */
import type { SwitchoverRequest } from '../../contract/index.js';
import type { CheckVerdict, PreflightFacts } from '../facts.js';
import { NOT_READ } from '../facts.js';
import {
  allNodes,
  describeNode,
  describeRoles,
  isActive,
  onlyMaster,
  promotableReplicas,
  replicas,
} from '../identity.js';
import { OPEN_TASK_REMEDY, findOpenTasks } from '../last-look.js';
import { countOf } from '../text.js';

/** Cache modes that async-swap serves; `cluster` and `proxy` switch shard by shard, `single` has no replica. */
const SUPPORTED_CACHE_MODES = ['ha', 'ha_rw_split'];

/** Redis 3.0 has no nodes and groups in the API (user guide), and may show no cache mode. */
const OLD_VERSION = '3.';

/** Every reading that the decision needs has succeeded. */
export function apiReadable(
  { unreadable }: Pick<PreflightFacts, 'unreadable'>,
  asked: Pick<SwitchoverRequest, 'instanceId' | 'projectId'> | null = null,
): CheckVerdict {
  if (unreadable.length === 0) return { passed: true, observed: 'all readings answered' };
  const reported = unreadable.map(({ value }) => value).join('; ');
  // Nothing is broken where DCS answers that it knows no such instance: mostly an id of elsewhere.
  const isNowhere = asked !== null && /\/instances\/\{instanceId\}: 404\b/.test(reported);
  const observed = isNowhere
    ? `instance ${asked.instanceId} does not exist in project ${asked.projectId} (${reported})`
    : reported;
  return {
    passed: false,
    observed,
    requestId: unreadable[0]?.requestId ?? null,
    remedy: /: 404\b/.test(reported)
      ? 'Check the instance id, and that project and region are those of the instance.'
      : 'Remedy that (network, credential, permission or clock), then start again.',
  };
}

/** "The instance must be in the Running state" (user guide). */
export function instanceRunning({ instance }: Pick<PreflightFacts, 'instance'>): CheckVerdict {
  if (instance === null) return NOT_READ;
  return {
    passed: instance.value.status === 'RUNNING',
    observed: `status ${instance.value.status ?? 'absent'}`,
    requestId: instance.requestId,
    remedy: 'Wait until the instance is RUNNING, or repair it in the console.',
  };
}

/** A running task makes the service refuse, or changes roles under our feet. */
export function instanceIdle({ instance, tasks }: PreflightFacts): CheckVerdict {
  if (instance === null || tasks === null) return NOT_READ;
  const running = findOpenTasks(tasks, instance.value).open;
  const busyWith = [
    ...(instance.value.busyWith === null ? [] : [instance.value.busyWith]),
    ...running.map((task) => `task ${task.name ?? 'unnamed'} ${task.id} (${task.status ?? '?'})`),
  ];
  if (busyWith.length === 0)
    return { passed: true, observed: 'no task', requestId: tasks.requestId };
  return {
    passed: false,
    observed: busyWith.join(', '),
    requestId: running.length > 0 ? tasks.requestId : instance.requestId,
    remedy: OPEN_TASK_REMEDY,
  };
}

/** `async-swap` serves master/standby and read/write-splitting Redis instances only. */
export function modeSupported({ instance }: Pick<PreflightFacts, 'instance'>): CheckVerdict {
  if (instance === null) return NOT_READ;
  const { cacheMode, engine, engineVersion = null } = instance.value;
  const isOld = (engineVersion ?? '').startsWith(OLD_VERSION);
  const version = engineVersion === null ? '' : ` ${engineVersion}`;
  return {
    passed:
      SUPPORTED_CACHE_MODES.includes(cacheMode ?? '') &&
      (engine ?? 'redis').toLowerCase() === 'redis' &&
      !isOld,
    observed: `${engine ?? 'engine not shown'}${version}, cache mode ${cacheMode ?? 'absent'}`,
    requestId: instance.requestId,
    remedy: isOld
      ? 'Redis 3.0 shows neither nodes nor their roles, so it cannot be switched: upgrade the instance.'
      : 'Only Redis instances of cache mode ha or ha_rw_split can be switched.',
  };
}

/** Without exactly one master no one can say what a toggle would do. */
export function oneMaster({ roles }: Pick<PreflightFacts, 'roles'>): CheckVerdict {
  if (roles === null) return NOT_READ;
  const { groups } = roles.value;
  return {
    passed: groups.length === 1 && onlyMaster(roles.value) !== null,
    observed: `${countOf(groups.length, 'shard')}: ${describeRoles(roles.value) || 'no nodes'}`,
    requestId: roles.requestId,
    remedy: 'Look at the nodes in the console; a support case may be due.',
  };
}

/** A faulty node does not change the instance status, so the nodes are looked at one by one. */
export function nodesActive({ roles }: Pick<PreflightFacts, 'roles'>): CheckVerdict {
  if (roles === null) return NOT_READ;
  const inactive = allNodes(roles.value).filter((node) => !isActive(node));
  return {
    passed: inactive.length === 0,
    observed: inactive.length === 0 ? 'all Active' : inactive.map(describeNode).join(', '),
    requestId: roles.requestId,
    remedy: 'Wait until every node is Active, or repair it in the console.',
  };
}

/** Someone has to take over. */
export function replicaActive({ roles }: Pick<PreflightFacts, 'roles'>): CheckVerdict {
  if (roles === null) return NOT_READ;
  const active = replicas(roles.value).filter(isActive);
  return {
    passed: active.length > 0,
    observed: `${active.length} of ${replicas(roles.value).length} replicas Active`,
    requestId: roles.requestId,
    remedy: 'Repair or add a replica first.',
  };
}

/** Priority 0 means never promoted (API page UpdateSlavePriority). */
export function replicaPriority({ roles }: Pick<PreflightFacts, 'roles'>): CheckVerdict {
  if (roles === null) return NOT_READ;
  const promotable = promotableReplicas(roles.value).filter(isActive);
  return {
    passed: promotable.length > 0,
    observed: countOf(promotable.length, 'promotable replica'),
    requestId: roles.requestId,
    remedy: 'Give an Active replica a priority from 1 to 100.',
  };
}
