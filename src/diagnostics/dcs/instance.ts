import { toBusyWith, toRolesSnapshot } from '../../activities/snapshots.js';
import { command, joinText, withCommands } from '../../domain/commands.js';
import { describeNode, onlyMaster, promotableReplicas, replicas } from '../../domain/roles.js';
import type { NodeSnapshot, RolesSnapshot } from '../../contract/index.js';
import { describeVerdict, judgeInstance } from '../../domain/policy.js';
import type { InstancePolicy } from '../../domain/policy.js';
import { ok, skip, warn } from '../../doctor/check.js';
import type { Finding } from '../../doctor/check.js';

import type { Readings } from '../../doctor/readings.js';

/** Modes whose master `async-swap` moves (user guide, master/standby switchover). */
const SWITCHABLE_MODES = ['ha', 'ha_rw_split'];

/** What the instance is now. Whether it could be switched is for `plan` to say, with all its checks. */
export function describeInstance(
  instanceId: string,
  readings: Readings,
  policy: InstancePolicy,
): Finding[] {
  return [
    instanceFinding(readings),
    rolesFinding(instanceId, readings),
    policyFinding(instanceId, readings, policy),
  ];
}

function policyFinding(
  instanceId: string,
  { showInstance, showTags }: Readings,
  policy: InstancePolicy,
): Finding {
  const id = 'instance-allowed';
  const value = showInstance?.value ?? null;
  if (value === null) return skip(id, 'it could not be read');
  const tags = value.tags ?? showTags?.value ?? null;
  const verdict = judgeInstance(policy, { instanceId, name: value.name, tags });
  const found = describeVerdict(verdict);
  return verdict.allowed
    ? ok(id, found)
    : warn(
        id,
        found,
        'Change the allow and deny rules of this project, or choose another instance.',
      );
}

function instanceFinding({ showInstance }: Readings): Finding {
  const id = 'instance';
  const value = showInstance?.value ?? null;
  if (value === null) return skip(id, 'it could not be read');
  const { name, engine, engineVersion, cacheMode, status } = value;
  const busy = toBusyWith(value);
  const product = [engine, engineVersion].filter((part) => part !== null).join(' ');
  const found = [name ?? 'without a name', product, `mode ${cacheMode ?? '?'}`, status ?? '?']
    .concat(busy === null ? [] : [`busy with ${busy}`])
    .filter((part) => part !== '')
    .join(', ');
  if (!SWITCHABLE_MODES.includes(cacheMode ?? ''))
    return warn(
      id,
      found,
      'Choose an instance of mode ha or ha_rw_split: others cannot be switched yet.',
    );
  const isReady = status === 'RUNNING' && busy === null;
  return isReady ? ok(id, found) : warn(id, found, 'Wait until the instance is RUNNING and idle.');
}

function rolesFinding(instanceId: string, { listNodes, listGroups }: Readings): Finding {
  const id = 'roles';
  const nodes = listNodes?.value ?? listGroups?.value ?? null;
  if (nodes === null) return skip(id, 'they could not be read');
  const roles = toRolesSnapshot(nodes);
  const found = describeRolesOf(roles);
  const master = onlyMaster(roles);
  if (master === null || promotableReplicas(roles).length === 0)
    return warn(
      id,
      found,
      joinText([
        'A switchover needs one master and a replica of priority above 0.',
        withCommands('Ask for details', command(['inspect', instanceId])),
      ]),
    );
  return ok(id, found);
}

function describeRolesOf(roles: RolesSnapshot): string {
  const master = onlyMaster(roles);
  const rest = replicas(roles).map(describeReplica);
  const first = master === null ? 'no single master' : `master ${describeNode(master)}`;
  return [first, ...rest].join(', ');
}

function describeReplica(node: NodeSnapshot): string {
  const priority = node.priority === null ? 'priority unknown' : `priority ${node.priority}`;
  return `replica ${describeNode(node)} ${priority}`;
}
