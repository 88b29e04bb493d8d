import type { Outcome, SwitchoverInput, Timing } from '../../src/contract/index.js';
import type { FaultSpec } from '../../src/simulator/index.js';

/** One way in which a run may go; its counts do not depend on how fast the machine is. */
export interface Scenario {
  /** What happens, in a few words. */
  readonly name: string;
  readonly outcome: Outcome;
  readonly input: Partial<SwitchoverInput>;
  readonly faults: readonly Omit<FaultSpec, 'instanceId'>[];
  /** A run of the same instance that has to come first; it is not counted here. */
  readonly after?: Scenario;
}

/**
 * How long the simulated jobs take: ended well after the second poll, well before the third, so that the
 * number of polls is exact on a slow machine too.
 */
export const JOB = { jobInitMs: 200, jobRunMs: 3_600 };

/** Times like in production, but short; an interval of 1 s makes the number of samples exact. */
export const TIMING: Partial<Timing> = {
  jobTimeoutSeconds: 20,
  settleSeconds: 2,
  verifyIntervalSeconds: 1,
  verifyTimeoutSeconds: 3,
  coolDownSeconds: 6,
};

const TOGGLE: Partial<SwitchoverInput> = { toggle: true };
/** The master stands in the first zone of the simulator's region. */
const THERE: Partial<SwitchoverInput> = { target: { availabilityZone: 'xx-simulated-1a' } };

const unproven: Scenario = {
  name: 'no answer to the PUT, no trace',
  outcome: 'UNKNOWN',
  input: TOGGLE,
  faults: [{ route: 'asyncSwap', reset: 'before' }],
};

/** The only one that needs a Redis, which is promoted at once: a FAILOVER waits for the replica, and the job with it. */
export const MEASURED: Scenario = {
  name: 'roles changed, measured at Redis itself',
  outcome: 'SUCCEEDED',
  input: { ...TOGGLE, probe: 'require' },
  faults: [{ route: 'asyncSwap', redis: { promotion: 'abrupt' } }],
};

/** In the order of the table. */
export const SCENARIOS: readonly Scenario[] = [
  { name: 'roles changed', outcome: 'SUCCEEDED', input: TOGGLE, faults: [] },
  {
    name: 'answer to the PUT lost, job found by reading',
    outcome: 'SUCCEEDED',
    input: TOGGLE,
    // A row that names its job: with the detour by the task centre the number of polls would not be exact.
    faults: [
      {
        route: 'asyncSwap',
        reset: 'after',
        taskRow: { otherId: false, withoutJobId: false },
      },
    ],
  },
  {
    name: 'busy once, sent again after a re-read',
    outcome: 'SUCCEEDED',
    input: TOGGLE,
    faults: [
      {
        route: 'asyncSwap',
        calls: 1,
        respond: { status: 400, shape: 'dcs', code: 'DCS.4049', message: 'busy' },
      },
    ],
  },
  { name: 'already there', outcome: 'NOOP', input: THERE, faults: [] },
  { name: 'checks passed', outcome: 'PLANNED', input: { ...TOGGLE, mode: 'plan' }, faults: [] },
  {
    name: 'no node where it is wanted',
    outcome: 'REFUSED',
    input: { target: { availabilityZone: 'xx-simulated-1z' } },
    faults: [],
  },
  {
    name: 'region of another project',
    outcome: 'INVALID_INPUT',
    input: { ...TOGGLE, region: 'xx-elsewhere-1' },
    faults: [],
  },
  {
    name: 'job failed',
    outcome: 'FAILED_UNCHANGED',
    input: TOGGLE,
    faults: [{ route: 'asyncSwap', job: { outcome: 'FAIL', failReason: 'replica not in sync' } }],
  },
  {
    name: 'PUT rejected',
    outcome: 'FAILED_UNCHANGED',
    input: TOGGLE,
    faults: [{ route: 'asyncSwap', respond: { status: 403, shape: 'gateway' } }],
  },
  {
    name: 'new master inactive, swapped back',
    outcome: 'COMPENSATED',
    input: TOGGLE,
    faults: [{ route: 'asyncSwap', calls: 1, job: { newMasterStatus: 'Inactive' } }],
  },
  unproven,
  {
    name: 'job still running at its deadline',
    outcome: 'UNKNOWN',
    input: { ...TOGGLE, timing: { jobTimeoutSeconds: 4 } },
    faults: [{ route: 'asyncSwap', job: { neverEnds: true } }],
  },
  {
    name: 'unresolved outcome resolved by a person',
    outcome: 'RESOLVED',
    input: {
      mode: 'resolve',
      resolution: {
        outcome: 'FAILED_UNCHANGED',
        statement: 'looked at the roles',
        resolvedBy: 'benchmark',
      },
    },
    faults: [],
    after: unproven,
  },
];
