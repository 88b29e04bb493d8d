/** The outcome rule as a table, one row per line of the rule, and what holds for any evidence. */
import { describe, expect, it, test } from '@jest/globals';
import fc from 'fast-check';

import { OUTCOMES, WITNESS_WORDS } from '../../src/contract/index.js';
import type { Cause } from '../../src/domain/causes.js';
import { onlyMaster, satisfiesTarget } from '../../src/domain/identity.js';
import { judge, MAY_HAVE_SENT, VERIFIED_BAD_STATES } from '../../src/domain/outcome.js';
import type { SwapEvidence } from '../../src/domain/outcome.js';
import type { JobReport, Judgement, Observation } from '../../src/domain/reports.js';
import { countForeign } from '../../src/domain/tasks.js';

import {
  asMaster,
  asReplica,
  BEFORE,
  master,
  newTaskOf,
  observationOf,
  replica,
  rolesOf,
  SWAPPED,
} from './support.js';

const jobOf = (state: JobReport['state']): JobReport => ({
  state,
  lastStatus: state,
  failReason: null,
  polls: 1,
  jobMs: null,
  detail: '',
});

interface Case extends Partial<Omit<SwapEvidence, 'observation'>> {
  readonly observation?: Partial<Observation>;
}

const evidenceOf = ({ observation, ...overrides }: Case): SwapEvidence => ({
  isAmbiguous: false,
  ownJobIds: ['job-1'],
  job: jobOf('SUCCESS'),
  observation: observationOf(observation),
  target: null,
  mayHaveInactiveReplicas: false,
  ...overrides,
});

/** What is observed when nothing has moved. */
const HELD: Partial<Observation> = {
  roles: BEFORE,
  change: 'unchanged',
  heldThroughout: true,
  newSwapTasks: [],
};

const MASTER_WITHOUT_STATUS = rolesOf(asReplica(master), { ...asMaster(replica), status: null });
const MASTER_WITHOUT_ZONE = rolesOf(asReplica(master), {
  ...asMaster(replica),
  availabilityZone: null,
});

const TWO_MASTERS = rolesOf(master, asMaster(replica));

/** No PUT was applied, and nothing else happened. */
const NOTHING: Case = { ownJobIds: [], job: null, observation: HELD };

/** By the own answer of the API no PUT was applied. */
const UNAPPLIED: Case = { ...NOTHING, isProvedUnapplied: true };

const NOTHING_READ: Partial<Observation> = {
  ...{ roles: null, change: null, newSwapTasks: null, stable: false, heldThroughout: false },
};

type Row = readonly [Judgement['outcome'], Cause, string, Case];

const TABLE: readonly Row[] = [
  ['UNKNOWN', 'JOB_STILL_RUNNING', 'the job has not ended', { job: jobOf('unfinished') }],
  [
    'UNKNOWN',
    'JOB_STILL_RUNNING',
    'the job has not ended and nothing moved',
    { job: jobOf('unfinished'), observation: HELD },
  ],
  ['UNKNOWN', 'ROLES_UNREADABLE', 'no roles', { observation: { roles: null, change: null } }],
  ['UNKNOWN', 'TASKS_UNREADABLE', 'no tasks', { observation: { newSwapTasks: null } }],
  [
    'UNKNOWN',
    'TASKS_UNREADABLE',
    'no tasks after nothing was applied',
    { ...NOTHING, observation: { ...HELD, newSwapTasks: null } },
  ],
  [
    'UNKNOWN',
    'FOREIGN_SWAP',
    "another client's task",
    { observation: { newSwapTasks: [newTaskOf({ owner: 'foreign' })] } },
  ],
  [
    'UNKNOWN',
    'FOREIGN_SWAP',
    'a second task',
    { observation: { newSwapTasks: [newTaskOf(), newTaskOf({ owner: 'unattributed' })] } },
  ],
  [
    'UNKNOWN',
    'FOREIGN_SWAP',
    'a task although nothing was applied',
    { ...NOTHING, observation: { ...HELD, newSwapTasks: [newTaskOf({ owner: 'unattributed' })] } },
  ],
  [
    'UNKNOWN',
    'UNATTRIBUTED_SWAP',
    "a PUT without an answer, and a task that may be anyone's",
    {
      ...NOTHING,
      isAmbiguous: true,
      observation: { newSwapTasks: [newTaskOf({ owner: 'unattributed' })] },
    },
  ],
  [
    'UNKNOWN',
    'FOREIGN_SWAP',
    "a PUT without an answer, a task that may be anyone's and one of another user",
    {
      ...NOTHING,
      isAmbiguous: true,
      observation: {
        newSwapTasks: [newTaskOf({ owner: 'unattributed' }), newTaskOf({ owner: 'foreign' })],
      },
    },
  ],
  [
    'SUCCEEDED',
    'ROLES_CHANGED',
    "a lost answer, a job that was adopted, and a row that may be anyone's: it stands for the job",
    { isAmbiguous: true, observation: { newSwapTasks: [newTaskOf({ owner: 'unattributed' })] } },
  ],
  [
    'UNKNOWN',
    'FOREIGN_SWAP',
    'a PUT without an answer, and the task of another user',
    {
      ...NOTHING,
      isAmbiguous: true,
      observation: { newSwapTasks: [newTaskOf({ owner: 'foreign' })] },
    },
  ],
  ['UNKNOWN', 'IDENTIFIERS_DISAGREE', 'contradictions', { observation: { change: 'disagree' } }],
  ['UNKNOWN', 'ROLES_UNSTABLE', 'roles that move', { observation: { stable: false } }],
  [
    'UNKNOWN',
    'ROLES_UNSTABLE',
    'roles that move after nothing was applied',
    { ...NOTHING, observation: { ...HELD, stable: false } },
  ],
  [
    'UNKNOWN',
    'CHANGE_WITHOUT_OUR_TASK',
    'a change, but no job of ours',
    { ownJobIds: [], job: null, observation: { newSwapTasks: [] } },
  ],
  [
    'UNKNOWN',
    'HEALTH_UNSTABLE',
    'a bad master in the last sample only',
    { observation: { masterActive: false, steady: false } },
  ],
  [
    'UNKNOWN',
    'HEALTH_UNSTABLE',
    'the wrong AZ in the last sample only',
    { target: { availabilityZone: 'az1' }, observation: { steady: false } },
  ],
  [
    'UNKNOWN',
    'HEALTH_UNSTABLE',
    'all is well in the last sample only',
    { observation: { steady: false } },
  ],
  ['UNKNOWN', 'NEW_MASTER_INACTIVE', 'a bad master', { observation: { masterActive: false } }],
  [
    'UNKNOWN',
    'NOT_HEALTHY',
    'a master whose status is not reported',
    { observation: { roles: MASTER_WITHOUT_STATUS, masterActive: false, nodesActive: false } },
  ],
  [
    'UNKNOWN',
    'TARGET_UNCLEAR',
    'a master whose AZ is not reported',
    { target: { availabilityZone: 'az2' }, observation: { roles: MASTER_WITHOUT_ZONE } },
  ],
  [
    'UNKNOWN',
    'TARGET_UNCLEAR',
    'two masters, of which none is active: neither is known to be the new one',
    { observation: { roles: TWO_MASTERS, masterActive: false } },
  ],
  [
    'UNKNOWN',
    'OFF_TARGET',
    'a swap back to roles that had two masters: there is no old one to restore',
    { restores: TWO_MASTERS },
  ],
  [
    'SUCCEEDED',
    'ROLES_CHANGED',
    'a swap back that restores the old master',
    { restores: SWAPPED, mayHaveInactiveReplicas: true },
  ],
  [
    'UNKNOWN',
    'OFF_TARGET',
    'a swap back to another node than the old master',
    { restores: BEFORE, mayHaveInactiveReplicas: true },
  ],
  ['UNKNOWN', 'OFF_TARGET', 'the wrong AZ', { target: { availabilityZone: 'az1' } }],
  ['UNKNOWN', 'NOT_HEALTHY', 'a busy instance', { observation: { instanceReady: false } }],
  ['UNKNOWN', 'NOT_HEALTHY', 'a bad replica', { observation: { nodesActive: false } }],
  [
    'SUCCEEDED',
    'ROLES_CHANGED',
    'a bad replica, where that is allowed',
    { observation: { nodesActive: false }, mayHaveInactiveReplicas: true },
  ],
  [
    'UNKNOWN',
    'JOB_FAILED_ROLES_CHANGED',
    'changed, the job says FAIL and no row shows it',
    { job: jobOf('FAIL'), observation: { newSwapTasks: [] } },
  ],
  [
    'UNKNOWN',
    'JOB_FAILED_ROLES_CHANGED',
    'changed to a bad master, the job says FAIL and no row shows it: not ours to undo',
    { job: jobOf('FAIL'), observation: { newSwapTasks: [], masterActive: false } },
  ],
  ['SUCCEEDED', 'JOB_FAILED_ROLES_CHANGED', 'changed, the job says FAIL', { job: jobOf('FAIL') }],
  [
    'SUCCEEDED',
    'JOB_FAILED_ROLES_CHANGED',
    'changed, the job says FAIL, and so does a row that does not say whose it is',
    {
      job: jobOf('FAIL'),
      observation: { newSwapTasks: [newTaskOf({ owner: 'unattributed', status: 'FAIL' })] },
    },
  ],
  [
    'UNKNOWN',
    'FOREIGN_SWAP',
    'changed, the job says FAIL, and a row that only the count would call ours says SUCCESS',
    {
      job: jobOf('FAIL'),
      observation: { newSwapTasks: [newTaskOf({ owner: 'unattributed', status: 'SUCCESS' })] },
    },
  ],
  ['SUCCEEDED', 'ROLES_CHANGED', 'all is well', {}],
  ['SUCCEEDED', 'ROLES_CHANGED', 'at the target', { target: { availabilityZone: 'az2' } }],
  ['SUCCEEDED', 'ROLES_CHANGED', 'the answer was lost, the job was adopted', { isAmbiguous: true }],
  ['SUCCEEDED', 'ROLES_CHANGED', 'the task row comes late', { observation: { newSwapTasks: [] } }],
  ['UNKNOWN', 'SUCCESS_WITHOUT_CHANGE', 'SUCCESS and nothing moved', { observation: HELD }],
  [
    'UNKNOWN',
    'ROLES_NOT_HELD',
    'FAIL, and the roles were away for a while',
    { job: jobOf('FAIL'), observation: { ...HELD, heldThroughout: false } },
  ],
  [
    'UNKNOWN',
    'ROLES_NOT_HELD',
    'nothing applied, and the roles were away for a while',
    { ...NOTHING, observation: { ...HELD, heldThroughout: false } },
  ],
  ['FAILED_UNCHANGED', 'JOB_FAILED', 'FAIL and held', { job: jobOf('FAIL'), observation: HELD }],
  [
    'UNKNOWN',
    'NO_TRACE',
    'FAIL and held, but another PUT is unresolved',
    { job: jobOf('FAIL'), observation: HELD, isAmbiguous: true },
  ],
  ['UNKNOWN', 'NO_TRACE', 'a lost PUT without trace', { ...NOTHING, isAmbiguous: true }],
  ['FAILED_UNCHANGED', 'NOT_APPLIED', 'nothing was applied', NOTHING],
  [
    'FAILED_UNCHANGED',
    'NOT_APPLIED',
    'by the own answer of the API, and by all readings',
    UNAPPLIED,
  ],
  [
    'FAILED_UNCHANGED',
    'NOT_APPLIED_UNCONFIRMED',
    'by the own answer of the API, and the list cannot be read',
    { ...UNAPPLIED, observation: { ...HELD, newSwapTasks: null } },
  ],
  [
    'FAILED_UNCHANGED',
    'NOT_APPLIED_UNCONFIRMED',
    'by the own answer of the API, and nothing can be read',
    { ...UNAPPLIED, observation: NOTHING_READ },
  ],
  [
    'FAILED_UNCHANGED',
    'NOT_APPLIED_UNCONFIRMED',
    'by the own answer of the API, and one sample was unclear',
    { ...UNAPPLIED, observation: { ...HELD, heldThroughout: false, hasShownChange: false } },
  ],
  [
    'UNKNOWN',
    'ROLES_NOT_HELD',
    'not applied by the own answer of the API, but a sample showed another master',
    { ...UNAPPLIED, observation: { ...HELD, heldThroughout: false, hasShownChange: true } },
  ],
  [
    'UNKNOWN',
    'ROLES_NOT_HELD',
    'not applied by the own answer of the API, and a version that does not show what it saw',
    { ...UNAPPLIED, observation: { ...HELD, heldThroughout: false } },
  ],
  [
    'UNKNOWN',
    'TASKS_UNREADABLE',
    'not applied by the own answer of the API, but the roles have changed',
    { ...UNAPPLIED, observation: { newSwapTasks: null } },
  ],
  [
    'UNKNOWN',
    'FOREIGN_SWAP',
    'not applied by the own answer of the API, but a swap task has appeared',
    { ...UNAPPLIED, observation: { ...HELD, newSwapTasks: [newTaskOf({ owner: 'foreign' })] } },
  ],
  [
    'UNKNOWN',
    'NO_TRACE',
    'a job of ours that no one could follow',
    { job: null, observation: HELD },
  ],
  ['UNKNOWN', 'WITNESS_CONTRADICTS', 'a change that Redis has not made', { witness: 'SAME' }],
  ['UNKNOWN', 'NOT_SERVING', 'an address that leads to a replica', { witness: 'NOT_A_MASTER' }],
  ['SUCCEEDED', 'ROLES_CHANGED', 'a change that Redis shows, too', { witness: 'MOVED' }],
  ['SUCCEEDED', 'ROLES_CHANGED', 'a change that Redis cannot show', { witness: 'CANNOT_TELL' }],
  [
    'UNKNOWN',
    'WITNESS_CONTRADICTS',
    'nothing applied, while Redis moved',
    { ...NOTHING, witness: 'MOVED' },
  ],
  [
    'UNKNOWN',
    'WITNESS_CONTRADICTS',
    'not applied by the own answer of the API, while Redis moved',
    { ...UNAPPLIED, observation: NOTHING_READ, witness: 'MOVED' },
  ],
  [
    'FAILED_UNCHANGED',
    'NOT_APPLIED',
    'nothing applied, which Redis shows, too',
    { ...NOTHING, witness: 'SAME' },
  ],
  [
    'UNKNOWN',
    'SUCCESS_WITHOUT_CHANGE',
    'no change by the API although Redis moved: no word raises an outcome',
    { observation: HELD, witness: 'MOVED' },
  ],
];

describe('the outcome rule says', () => {
  it.each(TABLE)('%s (%s): %s', (outcome, cause, _, given) => {
    expect(judge(evidenceOf(given))).toMatchObject({ outcome, cause });
  });

  it('each of its causes in a line of this table', () => {
    const causes: Record<Cause, true> = {
      JOB_STILL_RUNNING: true,
      ROLES_UNREADABLE: true,
      TASKS_UNREADABLE: true,
      UNATTRIBUTED_SWAP: true,
      FOREIGN_SWAP: true,
      IDENTIFIERS_DISAGREE: true,
      ROLES_UNSTABLE: true,
      CHANGE_WITHOUT_OUR_TASK: true,
      HEALTH_UNSTABLE: true,
      TARGET_UNCLEAR: true,
      OFF_TARGET: true,
      NEW_MASTER_INACTIVE: true,
      NOT_HEALTHY: true,
      WITNESS_CONTRADICTS: true,
      NOT_SERVING: true,
      JOB_FAILED_ROLES_CHANGED: true,
      ROLES_CHANGED: true,
      SUCCESS_WITHOUT_CHANGE: true,
      ROLES_NOT_HELD: true,
      JOB_FAILED: true,
      NO_TRACE: true,
      NOT_APPLIED: true,
      NOT_APPLIED_UNCONFIRMED: true,
    };
    expect(new Set(TABLE.map(([, cause]) => cause))).toStrictEqual(new Set(Object.keys(causes)));
  });

  it('of two states only that they are verified and bad', () => {
    expect(VERIFIED_BAD_STATES).toStrictEqual(['NEW_MASTER_INACTIVE', 'OFF_TARGET']);
  });
});

const task = fc
  .constantFrom<('ours' | 'unattributed' | 'foreign')[]>('ours', 'unattributed', 'foreign')
  .map((owner) => newTaskOf({ owner }));

const mostly = fc.constantFrom(true, true, true, false);

const observation = fc
  .record({
    stable: mostly,
    steady: mostly,
    change: fc.constantFrom('changed', 'changed', 'unchanged', 'unchanged', 'disagree', null),
    heldThroughout: mostly,
    masterActive: mostly,
    nodesActive: mostly,
    instanceReady: mostly,
    newSwapTasks: fc.oneof(
      fc.constantFrom(null, [], [newTaskOf()]),
      fc.array(task, { maxLength: 3 }),
    ),
    roles: fc.constantFrom(SWAPPED, SWAPPED, BEFORE, null),
  })
  .map((given) => observationOf(given));

const jobs = [null, jobOf('SUCCESS'), jobOf('FAIL')];

const evidence = fc.record<SwapEvidence>({
  isAmbiguous: mostly.map((isClear) => !isClear),
  ownJobIds: fc.constantFrom([], ['job-1'], ['job-1'], ['job-1', 'job-2']),
  job: fc.constantFrom(...jobs, ...jobs, jobOf('unfinished')),
  observation,
  target: fc.constantFrom(null, { availabilityZone: 'az2' }, { nodeId: 'node-a' }),
  mayHaveInactiveReplicas: fc.boolean(),
});

/** For any evidence that leads to `outcome`, `holds`. The evidence is biased towards good cases. */
function expectAlways(
  outcome: Judgement['outcome'],
  holds: (given: SwapEvidence) => boolean,
): void {
  let hits = 0;
  fc.assert(
    fc.property(evidence, (given) => {
      if (judge(given).outcome !== outcome) return true;
      hits += 1;
      return holds(given);
    }),
    { numRuns: 4_000 },
  );
  expect(hits).toBeGreaterThan(20);
}

test('a run may have sent unless its outcome says that it looked, was refused or only recorded', () => {
  const silent = Object.entries(MAY_HAVE_SENT).flatMap(([outcome, may]) => (may ? [] : [outcome]));
  expect(silent).toStrictEqual(['NOOP', 'PLANNED', 'RESOLVED', 'REFUSED', 'INVALID_INPUT']);
  expect(Object.keys(MAY_HAVE_SENT).sort()).toStrictEqual([...OUTCOMES].sort());
});

describe('whatever was observed,', () => {
  it('SUCCEEDED means changed, our job, no foreign task, stable and healthy, at the target', () => {
    expectAlways('SUCCEEDED', (given) => {
      const { observation: seen, ownJobIds, target, mayHaveInactiveReplicas } = given;
      const master = seen.roles === null ? null : onlyMaster(seen.roles);
      return (
        seen.change === 'changed' &&
        ownJobIds.length > 0 &&
        seen.newSwapTasks !== null &&
        countForeign(seen.newSwapTasks, ownJobIds.length) === 0 &&
        seen.stable &&
        seen.steady === true &&
        seen.masterActive &&
        seen.instanceReady &&
        (seen.nodesActive || mayHaveInactiveReplicas) &&
        (target === null || (master !== null && satisfiesTarget(master, target)))
      );
    });
  });

  it('FAILED_UNCHANGED means unchanged and held, no unresolved outcome, no job that runs or succeeded', () => {
    expectAlways('FAILED_UNCHANGED', ({ observation: seen, isAmbiguous, job, ownJobIds }) => {
      const isProved = job?.state === 'FAIL' || (job === null && ownJobIds.length === 0);
      return (
        seen.change === 'unchanged' &&
        seen.heldThroughout &&
        seen.stable &&
        !isAmbiguous &&
        isProved &&
        seen.newSwapTasks !== null &&
        countForeign(seen.newSwapTasks, ownJobIds.length) === 0
      );
    });
  });

  it('the own answer of the API that nothing was applied leaves nothing unresolved but by what is read', () => {
    fc.assert(
      fc.property(evidence, fc.boolean(), (given, hasShownChange) => {
        const seen = { ...given.observation, hasShownChange };
        const answered = { ...given, isProvedUnapplied: true, observation: seen };
        const { outcome, cause } = judge(answered);
        const isClaimed = cause === 'NOT_APPLIED_UNCONFIRMED';
        const isOurs = given.isAmbiguous || given.ownJobIds.length > 0 || given.job !== null;
        const showsSwap =
          (seen.newSwapTasks ?? []).length > 0 ||
          seen.change === 'changed' ||
          seen.change === 'disagree' ||
          (seen.change === 'unchanged' && hasShownChange);
        if (isOurs || showsSwap) return !isClaimed;
        return outcome === 'FAILED_UNCHANGED';
      }),
      { numRuns: 4_000 },
    );
  });

  it('Redis itself changes nothing, or makes it UNKNOWN', () => {
    fc.assert(
      fc.property(evidence, fc.constantFrom(...WITNESS_WORDS), (given, witness) => {
        const [alone, witnessed] = [judge(given), judge({ ...given, witness })];
        const isLowered = alone.outcome !== 'UNKNOWN' && witnessed.outcome === 'UNKNOWN';
        return isLowered || JSON.stringify(alone) === JSON.stringify(witnessed);
      }),
      { numRuns: 4_000 },
    );
  });

  it('a job that has not ended leaves it UNKNOWN', () => {
    fc.assert(
      fc.property(evidence, (given) => {
        return judge({ ...given, job: jobOf('unfinished') }).outcome === 'UNKNOWN';
      }),
    );
  });

  it('a PUT without an answer and without a job of ours leaves it UNKNOWN', () => {
    fc.assert(
      fc.property(evidence, (given) => {
        return (
          judge({ ...given, isAmbiguous: true, ownJobIds: [], job: null }).outcome === 'UNKNOWN'
        );
      }),
      { numRuns: 5_000 },
    );
  });

  it('more foreign tasks never make it more certain', () => {
    fc.assert(
      fc.property(evidence, (given) => {
        const seen = given.observation;
        const tasks = [...(seen.newSwapTasks ?? []), newTaskOf({ owner: 'foreign' })];
        const worse = { ...given, observation: { ...seen, newSwapTasks: tasks } };
        return judge(worse).outcome === 'UNKNOWN';
      }),
    );
  });
});
