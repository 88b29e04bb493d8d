import type { TemporalConnection } from '../../temporal/connection.js';
import { command, withCommands } from '../../domain/commands.js';
import { ok, warn } from '../../doctor/check.js';
import type { Finding } from '../../doctor/check.js';

import { inWords, removeCommand } from './commands.js';
import { namesOf, readAttributes } from '../../doctor/setup.js';

/**
 * Whether runs can be filtered in the UI. Missing attributes never stop a run; workers look which exist
 * only when they start.
 */
export async function checkAttributes(connection: TemporalConnection): Promise<Finding> {
  const id = 'search-attributes';
  const attributes = await readAttributes(connection);
  const wrong = attributes.filter(({ state }) => state === 'wrong-type');
  const missing = namesOf(attributes, 'missing');
  if (wrong.length > 0) {
    const seen = wrong.map(({ name, type }) => `${name} is of type ${type ?? '?'}`).join(', ');
    const remove = wrong.map(({ name }) => removeCommand(connection.namespace, name));
    return warn(
      id,
      `${seen}, and would have to be Keyword; runs go without`,
      withCommands(
        'Where nothing else uses it, run these, then restart the workers',
        ...remove,
        command(['setup']),
      ),
    );
  }
  if (missing.length > 0)
    return warn(
      id,
      `${inWords(missing)} not registered: runs go on, but cannot be filtered by it`,
      withCommands('Run this, then restart the workers', command(['setup'])),
    );
  return ok(id, `${inWords(namesOf(attributes, 'present'))} registered as Keyword`);
}
