import type { Check, CheckId, SwitchoverRequest } from '../../contract/index.js';
import type { CheckVerdict, Observed, PreflightFacts } from '../facts.js';
import { failedChecks, toCheck } from '../facts.js';
import { onlyMaster, satisfiesTarget } from '../identity.js';
import type { PreflightFindings } from '../preflight-report.js';

import {
  coolDown,
  expectedMaster,
  instanceAllowed,
  notAfter,
  notFrozen,
  targetReachable,
} from './intent.js';
import { noOpenRun, previousRunResolved, requestAlreadyDone, requestIdReused } from './runs.js';
import * as state from './state.js';

type Evaluate = (request: SwitchoverRequest, facts: PreflightFacts) => CheckVerdict;

/** Checks that are made elsewhere: by the quota, by the last look, by an examination, by Redis; and one that never refuses. */
type OtherCheck =
  ('api-quota' | 'no-drift' | 'examined-run-known') | ('data-plane-ready' | 'swap-permission');

/** Every blocking check, in the order in which a person wants to read them. */
const BLOCKING: Readonly<Record<Exclude<CheckId, OtherCheck>, Evaluate>> = {
  'api-readable': (request, facts) => state.apiReadable(facts, request),
  'instance-allowed': instanceAllowed,
  'previous-run-resolved': previousRunResolved,
  'request-already-done': requestAlreadyDone,
  'request-id-reused': requestIdReused,
  'no-open-run': noOpenRun,
  'not-frozen': notFrozen,
  'instance-running': (_, facts) => state.instanceRunning(facts),
  'instance-idle': (_, facts) => state.instanceIdle(facts),
  'mode-supported': (_, facts) => state.modeSupported(facts),
  'one-master': (_, facts) => state.oneMaster(facts),
  'nodes-active': (_, facts) => state.nodesActive(facts),
  'replica-active': (_, facts) => state.replicaActive(facts),
  'replica-priority': (_, facts) => state.replicaPriority(facts),
  'expected-master': expectedMaster,
  'target-reachable': targetReachable,
  'cool-down': coolDown,
  'not-after': notAfter,
};

/** The permission to swap has no reading that would show it; saying so is better than silence. */
const SWAP_PERMISSION: CheckVerdict = {
  passed: null,
  observed: 'not checked: no call reports it before the PUT',
  remedy: 'The credential needs the action dcs:instance:swap.',
};

/** A quota of the API was spent for as long as the run may wait. */
function apiQuota({ value, requestId }: Observed<string>): CheckVerdict {
  const remedy = 'Give the worker an IAM user of its own, or start later.';
  return { passed: false, observed: value, requestId, remedy };
}

/** Checks that must not have failed before "already there" may be said. */
const NOOP_PREREQUISITES: readonly CheckId[] = [
  'api-quota',
  'api-readable',
  'instance-allowed',
  'previous-run-resolved',
  'request-already-done',
  'request-id-reused',
  'no-open-run',
  'instance-idle',
  'one-master',
];

/** Evaluates every pre-check; what could not be read fails `api-readable` and leaves its checks open. */
export function evaluateChecks(request: SwitchoverRequest, facts: PreflightFacts): Check[] {
  // First: where it failed, the others wait for it.
  return [
    ...(facts.throttled ?? []).map((words) => toCheck('api-quota', 'blocking', apiQuota(words))),
    ...Object.entries(BLOCKING).map(([id, evaluate]) =>
      toCheck(id as CheckId, 'blocking', evaluate(request, facts)),
    ),
    toCheck('swap-permission', 'info', SWAP_PERMISSION),
  ];
}

/** Whether this check was made, and passed. */
export function isPassed(checks: readonly Check[], wanted: CheckId): boolean {
  return checks.some(({ id, passed }) => id === wanted && passed === true);
}

/** Why a run is refused: a mistaken request id has a word of its own, because its caller has to be mended. */
export function refusalCause(checks: readonly Check[]): string {
  const failed = failedChecks(checks).filter(({ passed }) => passed === false);
  const reported = CAUSES.find(([check]) => failed.some(({ id }) => id === check));
  return reported?.[1] ?? 'CHECKS_FAILED';
}

/** Checks whose failure has a cause of its own; first match wins. A spent quota is no fault of the instance. */
const CAUSES: readonly (readonly [CheckId, cause: string])[] = [
  ['request-id-reused', 'REQUEST_ID_REUSED'],
  ['api-quota', 'THROTTLED'],
];

/**
 * What the checks allow. Already at the target is `noop`, decided before cool-down, health and
 * window, because nothing is sent; but never while an unresolved outcome or a task is open.
 */
export function decideByChecks(
  request: SwitchoverRequest,
  checks: readonly Check[],
  facts: PreflightFacts,
): PreflightFindings['verdict'] {
  if (request.mode === 'resolve') return 'resolved';
  const failed = failedChecks(checks).map(({ id }) => id);
  const mayBeNoop = !failed.some((id) => NOOP_PREREQUISITES.includes(id));
  if (mayBeNoop && isAtTarget(request, facts)) return 'noop';
  return failed.length === 0 ? 'proceed' : 'refused';
}

function isAtTarget({ target }: SwitchoverRequest, { roles }: PreflightFacts): boolean {
  const master = roles === null ? null : onlyMaster(roles.value);
  return target !== null && master !== null && satisfiesTarget(master, target);
}
