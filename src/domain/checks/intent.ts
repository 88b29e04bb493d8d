/** Checks of what the caller asks for: may this request act on these roles now? */
import type { RolesSnapshot, SwitchoverRequest, Target } from '../../contract/index.js';
import { iso } from '../../util.js';
import { ageMs, timeLeftMs } from '../clocks.js';
import type { ApiMs } from '../clocks.js';
import { command, withCommands } from '../commands.js';
import type { CheckVerdict, PreflightFacts, TaskFacts } from '../facts.js';
import { NOT_READ } from '../facts.js';
import { describeFreeze } from '../freeze.js';
import {
  allNodes,
  describeNode,
  describeTarget,
  onlyMaster,
  promotableReplicas,
  satisfiesTarget,
} from '../identity.js';
import { describeVerdict, judgeInstance } from '../policy.js';
import type { PolicyVerdict } from '../policy.js';
import { swapTasks } from '../tasks.js';

/** The caller's compare-and-swap guard. */
export function expectedMaster(
  request: SwitchoverRequest,
  { roles }: PreflightFacts,
): CheckVerdict {
  const { expectedMasterNodeId } = request;
  if (expectedMasterNodeId === null) return { passed: true, observed: 'no expectation given' };
  if (roles === null) return NOT_READ;
  const master = onlyMaster(roles.value);
  return {
    passed: master?.nodeId === expectedMasterNodeId,
    observed: `master is ${master === null ? 'not clear' : describeNode(master)}`,
    requestId: roles.requestId,
    remedy: 'The roles are not those you saw: look again, then decide again.',
  };
}

/** async-swap takes no target, so every replica that the service may choose has to satisfy it. */
export function targetReachable(
  request: SwitchoverRequest,
  { roles }: PreflightFacts,
): CheckVerdict {
  const { target } = request;
  if (target === null) return { passed: true, observed: 'no target given' };
  if (roles === null) return NOT_READ;
  const nowhere = whyNowhere(target, roles.value);
  if (nowhere !== null) return { ...nowhere, requestId: roles.requestId };
  const promotable = promotableReplicas(roles.value);
  const misses = promotable.filter((node) => !satisfiesTarget(node, target));
  const passed = promotable.length > 0 && misses.length === 0;
  return {
    passed,
    observed: passed
      ? `every promotable replica is ${describeTarget(target)}`
      : `not ${describeTarget(target)}: ${misses.map(describeNode).join(', ') || 'no promotable replica'}`,
    requestId: roles.requestId,
    remedy:
      'Set the priority of the replicas that must not be promoted to 0, or change the target.',
  };
}

/** A zone that no node is in is mistyped; no priority would help. */
function whyNowhere(target: Target, roles: RolesSnapshot): CheckVerdict | null {
  if (!('availabilityZone' in target)) return null;
  const zones = [...new Set(allNodes(roles).map((node) => node.availabilityZone))];
  // A zone that is not shown may be the one that is asked for.
  if (zones.includes(null) || zones.includes(target.availabilityZone)) return null;
  return {
    passed: false,
    observed: `no node is in AZ ${target.availabilityZone}`,
    remedy: `Correct the target. This instance has nodes in ${zones.join(', ')}.`,
  };
}

/**
 * Two disruptions in short order are rarely wanted, and hide each other's traces. By the API's clock alone: its
 * rows are as old as the answer that lists them says.
 */
export function coolDown(
  request: SwitchoverRequest,
  { tasks, policy }: PreflightFacts,
): CheckVerdict {
  const { coolDownSeconds } = request.timing;
  if (coolDownSeconds === 0) return { passed: true, observed: 'no cool-down asked for' };
  if (tasks === null) return NOT_READ;
  const { serverTimeMs = null, requestId } = tasks;
  const swaps = swapTasks(tasks.value);
  // A row without any time will never be older: it would hold back for ever.
  const timed = swaps.filter((task) => !isWithoutTime(task));
  const ages = timed.map((task) => sinceLastObserved(serverTimeMs, task));
  const known = ages.filter((age) => age !== null);
  // Of unknown age is as good as new.
  const youngest = known.length < ages.length ? 0 : Math.floor(Math.min(...known) / 1000);
  return {
    passed: youngest >= coolDownSeconds,
    observed: `${describeAges(ages, youngest)}${describeUntimed(swaps.length - timed.length)}`,
    requestId,
    remedy: `Start again in ${Math.max(0, coolDownSeconds - youngest)} s${lowerCoolDown(coolDownSeconds, policy)}.`,
  };
}

/** Whether a row shows no time at all. */
function isWithoutTime({ createdAtMs, updatedAtMs }: TaskFacts): boolean {
  return createdAtMs === null && updatedAtMs === null;
}

/** What a person should know of swaps whose age no one knows, a line where there are any. */
export function warnOfUntimed(tasks: readonly TaskFacts[]): string[] {
  const count = swapTasks(tasks).filter(isWithoutTime).length;
  return count === 0
    ? []
    : [
        `The task list shows ${count} of its swaps without a time: the cool-down does not count them.`,
      ];
}

function describeUntimed(count: number): string {
  return count === 0 ? '' : `; ${count} listed without a time, not counted`;
}

function sinceLastObserved(
  serverTimeMs: ApiMs | null,
  { createdAtMs, updatedAtMs }: TaskFacts,
): number | null {
  const ages = [ageMs(serverTimeMs, createdAtMs), ageMs(serverTimeMs, updatedAtMs)];
  const known = ages.filter((age) => age !== null);
  return known.length === 0 ? null : Math.min(...known);
}

function describeAges(ages: readonly (number | null)[], youngestSeconds: number): string {
  if (ages.length === 0) return 'no earlier swap listed';
  return ages.includes(null)
    ? 'how long ago the last swap was is not known: the API reported no time'
    : `last swap ${youngestSeconds} s ago`;
}

/** The request may lower its own cool-down, but not below what the worker's settings want. */
function lowerCoolDown(
  coolDownSeconds: number,
  { coolDownFloorSeconds: floor }: PreflightFacts['policy'],
): string {
  if (coolDownSeconds > floor) return ', or lower timing.coolDownSeconds';
  return `: ${floor} s is the least that the settings of the worker want (coolDownFloorSeconds of the project), whatever the request says`;
}

/** The last instant at which a PUT may leave, by the latest clock. */
export function notAfter(
  { notAfterMs }: SwitchoverRequest,
  { present }: PreflightFacts,
): CheckVerdict {
  const leftMs = timeLeftMs(notAfterMs, present);
  return {
    passed: leftMs > 0,
    observed: `${Math.round(leftMs / 1000)} s left until ${iso(notAfterMs)}`,
    remedy: 'The time for this request is over: start a new one with a later notAfter.',
  };
}

// The check of what the worker's own settings allow, whatever the request says.

/** Only instances that the settings of the project allow and do not deny. */
export function instanceAllowed(
  { instanceId, projectId }: SwitchoverRequest,
  { instance, policy }: PreflightFacts,
): CheckVerdict {
  const { name = null, tags = null } = instance?.value ?? {};
  const verdict = judgeInstance(policy, { instanceId, name, tags });
  if (verdict.allowed === null && instance === null) return NOT_READ;
  return {
    passed: verdict.allowed ?? false,
    observed: describeVerdict(verdict),
    requestId: instance?.requestId ?? null,
    remedy:
      `The settings of the worker decide this, not the request: ask who owns ${placeOf(verdict)} of project ` +
      `${projectId} in the file that its DCS_SWITCHOVER_CONFIG names; restart the workers after a change.`,
  };
}

function placeOf({ rule }: PolicyVerdict): string {
  return rule === null ? 'the list allow' : `the list ${rule.list}`;
}

// The check of the freeze that holds for every instance of the namespace.

/** While a freeze is in force no forward PUT leaves. */
export function notFrozen(request: SwitchoverRequest, { freeze }: PreflightFacts): CheckVerdict {
  if (freeze === null) return NOT_READ;
  if (freeze === 'none') return { passed: true, observed: 'no freeze is in force' };
  return {
    passed: false,
    observed: describeFreeze(freeze),
    remedy: withCommands(
      'Start again when it is over, or end it if that is yours to decide',
      command(['thaw'], { taskQueue: request.taskQueue }),
    ),
  };
}
