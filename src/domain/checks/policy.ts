/** The check of what the worker's own settings allow, whatever the request says. */
import type { SwitchoverRequest } from '../../contract/index.js';
import type { PreflightFacts } from '../facts.js';
import { describeVerdict, judgeInstance } from '../policy.js';
import type { PolicyVerdict } from '../policy.js';

import { NOT_READ } from './check.js';
import type { Finding } from './check.js';

/** Only instances that the settings of the project allow and do not deny. */
export function instanceAllowed(
  { instanceId, projectId }: SwitchoverRequest,
  { instance, policy }: PreflightFacts,
): Finding {
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
