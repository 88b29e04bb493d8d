import type { Freeze } from '../contract/index.js';

import { startExecutionClock } from './clock.js';
import type { ActivityDeps } from './deps.js';
import { findFreeze } from '../temporal/freeze-record.js';
import { toRepeatedFailure } from './to-application-failure.js';

/**
 * Activity `readFreeze`: the freeze in force, or `null`.
 *
 * @throws ApplicationFailure (retryable) while Temporal does not tell
 */
export async function readFreeze({ temporal }: ActivityDeps): Promise<Freeze | null> {
  try {
    return (await findFreeze(temporal, startExecutionClock().present))?.freeze ?? null;
  } catch (error) {
    throw toRepeatedFailure(error, 'a freeze');
  }
}
