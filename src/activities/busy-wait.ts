/** How long the pre-check waits for a busy instance. */
import { activityInfo } from '@temporalio/activity';

import type { Check, RolesSnapshot, SwitchoverRequest } from '../contract/index.js';
import { describeBusy, isBusy } from '../domain/checks/passing.js';
import type { PreflightFacts } from '../domain/facts.js';
import { toCheck } from '../domain/facts.js';
import { describeRoles, isSameRoles, onlyMaster } from '../domain/identity.js';
import type { NodeIdentity } from '../domain/identity.js';
import type { PreflightFindings } from '../domain/preflight-report.js';
import { resendDelayMs } from '../domain/timing.js';
import { readRoles } from '../schema/index.js';
import { fieldsOf, isRecord, textOf } from '../util.js';

import type { ExecutionClock } from './clock.js';

/** What a successor of a lost worker goes on with. */
interface Seen {
  /** Since when the instance has been seen busy, by Temporal's clock, epoch milliseconds; `null`: it was not. */
  readonly sinceMs: number | null;
  /** The roles at the first look that showed one master. */
  readonly roles: RolesSnapshot | null;
  readonly observed: string;
}

/** The wait of one execution of the pre-check. */
export interface Waiting {
  /** What every heartbeat reports. */
  readonly beat: () => object;
  /**
   * How long to wait before the next look, in milliseconds; `null`: these checks are the last word.
   *
   * @param turnsMs how long readings have waited for a quota, which takes nothing of the patience
   */
  readonly pauseMs: (
    request: SwitchoverRequest,
    checks: readonly Check[],
    facts: PreflightFacts,
    turnsMs: number,
  ) => number | null;
  /** The wait so far; `null` where there was none. */
  readonly reported: () => NonNullable<PreflightFindings['busyWait']> | null;
  /** The check that the roles are those of the first look, where only that holds a bare toggle; else `null`. */
  readonly noDrift: (
    request: SwitchoverRequest,
    facts: PreflightFacts,
    identity: NodeIdentity | undefined,
  ) => Check | null;
}

/** To be called when the execution begins; goes on with the wait of a worker that was lost. */
export function startWaiting({ temporalNowMs }: ExecutionClock): Waiting {
  let seen = readSeen(activityInfo().heartbeatDetails);
  let looks = 0;
  let waitedMs = 0;
  return {
    beat: () => ({
      next:
        seen.sinceMs === null
          ? 'read the instance and evaluate every check; nothing is sent'
          : `wait until the instance is free (${seen.observed}), then evaluate every check; nothing is sent`,
      ...seen,
    }),
    pauseMs: (request, checks, facts, turnsMs) => {
      const nowMs = temporalNowMs();
      const sinceMs = seen.sinceMs ?? nowMs;
      waitedMs = Math.max(0, nowMs - sinceMs - turnsMs);
      const roles = seen.roles ?? firstRoles(facts);
      if (request.mode !== 'switch' || !isBusy(checks, facts)) return null;
      seen = { sinceMs, roles, observed: describeBusy(checks, facts) };
      looks += 1;
      const leftMs = request.timing.busyWaitSeconds * 1000 - waitedMs;
      const delayMs = Math.min(resendDelayMs(looks, null, Math.random()), leftMs);
      return leftMs <= 0 || nowMs + delayMs >= request.notAfterMs ? null : delayMs;
    },
    reported: () => (waitedMs === 0 ? null : { waitedMs, observed: seen.observed }),
    noDrift: (request, facts, identity) => {
      const isGuarded = request.target !== null || request.expectedMasterNodeId !== null;
      const { roles } = facts;
      if (isGuarded || seen.sinceMs === null || seen.roles === null || roles === null) return null;
      if (isSameRoles(seen.roles, roles.value, identity)) return null;
      return toCheck('no-drift', 'blocking', {
        passed: false,
        observed: `the roles have moved while the instance was busy; now: ${describeRoles(roles.value)}`,
        requestId: roles.requestId,
        remedy: 'Look at the roles, then decide again whether to swap them.',
      });
    },
  };
}

/** Whoever asked for a bare toggle saw, at best, the roles of then. */
function firstRoles({ roles }: PreflightFacts): RolesSnapshot | null {
  return roles !== null && onlyMaster(roles.value) !== null ? roles.value : null;
}

function readSeen(details: unknown): Seen {
  const { sinceMs, roles, observed } = fieldsOf(details);
  return {
    sinceMs: typeof sinceMs === 'number' ? sinceMs : null,
    roles: isRecord(roles) ? readRoles(roles) : null,
    observed: textOf(observed) ?? '',
  };
}
