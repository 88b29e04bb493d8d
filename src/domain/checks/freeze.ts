/** The check of the brake that holds for every instance of the namespace. */
import type { SwitchoverRequest } from '../../contract/index.js';
import type { PreflightFacts } from '../facts.js';
import { command, withCommands } from '../commands.js';
import { describeFreeze } from '../freeze.js';

import { NOT_READ } from './check.js';
import type { Finding } from './check.js';

/** While a freeze is in force no forward PUT leaves. */
export function notFrozen(request: SwitchoverRequest, { freeze }: PreflightFacts): Finding {
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
