/** Tags, where something is judged by them and the instance's own page does not show them. */
import { DcsError } from '../dcs/index.js';
import type { InstanceFacts, Sighted } from '../domain/facts.js';
import { judgeInstance } from '../domain/policy.js';
import type { InstancePolicy } from '../domain/policy.js';
import { classifyRead } from '../domain/retry-classification.js';

import type { InstanceReader } from './session.js';

/**
 * The instance, with its tags asked for where the policy cannot judge it without them: one call more, and
 * only where a rule is about tags.
 *
 * @throws DcsError
 */
export async function readJudgedInstance(
  reader: Pick<InstanceReader, 'instance' | 'tags' | 'instanceId'>,
  policy: InstancePolicy,
): Promise<Sighted<InstanceFacts>> {
  const found = await reader.instance();
  const { name, tags } = found.value;
  if (tags !== null || isDecided(policy, reader.instanceId, name)) return found;
  const shown = await tagsOrUnknown(reader.tags);
  return { ...found, value: { ...found.value, tags: shown } };
}

function isDecided(policy: InstancePolicy, instanceId: string, name: string | null): boolean {
  return judgeInstance(policy, { instanceId, name, tags: null }).allowed !== null;
}

/**
 * Tags as ShowTags shows them; `null` where it refuses for good, such as for a missing permission.
 *
 * @throws DcsError where the same call may work later
 */
export async function tagsOrUnknown(
  read: () => Promise<{ readonly value: NonNullable<InstanceFacts['tags']> }>,
): Promise<InstanceFacts['tags']> {
  try {
    return (await read()).value;
  } catch (error) {
    if (error instanceof DcsError && classifyRead(error) === 'STOP') return null;
    throw error;
  }
}
