/** Every outcome under pairwise combinations of what is not known of the service, judged by the ledger. */
import { describe, expect, test } from '@jest/globals';

import type { Outcome } from '../../src/contract/index.js';
import type { FaultActions, SimulatedInstance } from '../../src/simulator/index.js';
import { allPairs, pairwise } from '../support/pairwise.js';
import type { RowOf } from '../support/pairwise.js';
import { useRig } from '../support/rig.js';
import type { RunEnd } from '../support/rig.js';

const rig = useRig();

interface Scenario {
  readonly fault: FaultActions;
  /** The outcome where nothing stands against it. */
  readonly outcome: Outcome;
}

const SCENARIOS = {
  success: { fault: {}, outcome: 'SUCCEEDED' },
  'job fails': { fault: { job: { outcome: 'FAIL' } }, outcome: 'FAILED_UNCHANGED' },
  'answer lost': { fault: { reset: 'after' }, outcome: 'SUCCEEDED' },
  'never arrives': { fault: { reset: 'before' }, outcome: 'UNKNOWN' },
  'swap of another': { fault: { foreignSwapBefore: true }, outcome: 'UNKNOWN' },
  'new master inactive': {
    fault: { job: { newMasterStatus: 'Inactive' } },
    outcome: 'COMPENSATED',
  },
} satisfies Record<string, Scenario>;

const FACTORS = {
  scenario: Object.keys(SCENARIOS) as (keyof typeof SCENARIOS)[],
  addresses: ['follow-role', 'fixed'],
  nodeIds: ['stay', 'follow-role', 'renewed'],
  replicationIds: ['stay', 'follow-role', 'renewed'],
  taskRows: ['withoutJobId', 'withJobId', 'ownJobId'],
  taskIds: ['own', 'job'],
  taskRowDelayMs: [0, 700],
  taskStatus: ['present', 'absent'],
  taskOrder: ['newest-first', 'oldest-first', 'shuffled'],
  nodeOrder: ['as-created', 'reversed', 'shuffled'],
  staleRoleViewsMs: [0, 700],
  availabilityZones: ['present', 'absent'],
  swapShownAs: ['task', 'status', 'nothing'],
  openEndTime: ['null', 'empty', 'absent'],
} as const;

type Row = RowOf<typeof FACTORS>;
const ROWS = pairwise(FACTORS) as readonly Row[];

/** What may make a run UNKNOWN that would else be sure, and why that is right. */
const INDETERMINATE: readonly [why: string, applies: (row: Row) => boolean][] = [
  [
    'node ids do not stay with the nodes, and no setting says so',
    ({ nodeIds }) => nodeIds !== 'stay',
  ],
  [
    'without an answer, a job that no one can name and whose row reports no end may still run',
    ({ scenario, taskRows, taskStatus }) =>
      scenario === 'answer lost' && taskRows === 'ownJobId' && taskStatus === 'absent',
  ],
];

/** What the simulator knows of a run, whatever the run says. */
async function witness(instance: SimulatedInstance, before: string | undefined) {
  const { ledger } = rig().simulator;
  const swaps = ledger.swaps.filter(({ instanceId }) => instanceId === instance.instanceId);
  const now = (await instance.redisRoles()).find(({ role }) => role === 'master')?.nodeId;
  return {
    ours: swaps.filter(({ source }) => source === 'api').length,
    others: swaps.filter(({ source }) => source === 'foreign').length,
    hasMoved: now !== before,
  };
}

/** What the ledger must say for an outcome; UNKNOWN and REFUSED are held to account by the rig itself. */
const PROOFS: Partial<Record<RunEnd['outcome'], object>> = {
  SUCCEEDED: { ours: 1, others: 0, hasMoved: true },
  FAILED_UNCHANGED: { ours: 1, others: 0, hasMoved: false },
  COMPENSATED: { ours: 2, others: 0, hasMoved: false },
};

async function runRow(row: Row) {
  const { scenario, ...habits } = row;
  const { fault }: Scenario = SCENARIOS[scenario];
  const instance = await rig().instance({ habits });
  const { instanceId } = instance;
  const before = (await instance.redisRoles()).find(({ role }) => role === 'master')?.nodeId;
  rig().simulator.faults.add({ route: 'asyncSwap', instanceId, calls: 1, ...fault });
  const end = await rig().run(instance);
  return { end, seen: await witness(instance, before) };
}

describe('under every pair of habits', () => {
  test('the rows hold every pair, and are few', () => {
    const left = allPairs(FACTORS);
    const names = Object.keys(FACTORS);
    for (const row of ROWS as readonly Record<string, unknown>[])
      for (const [index, a] of names.entries())
        for (const b of names.slice(index + 1))
          left.delete(`${a}=${String(row[a])},${b}=${String(row[b])}`);
    expect([...left]).toEqual([]);
    expect(ROWS.length).toBeLessThan(40);
  });

  test.concurrent.each(ROWS.map((row) => [row.scenario, row] as const))(
    '%s, combination %#: what the run says is what the ledger shows',
    async (scenario, row) => {
      const { end, seen } = await runRow(row);
      const { outcome } = end;
      const proof = PROOFS[outcome] ?? {};
      expect({ row, outcome, ...seen }).toMatchObject(proof);
      const unresolvedItems = INDETERMINATE.filter(([, applies]) => applies(row)).map(
        ([why]) => why,
      );
      const mayBe = [
        SCENARIOS[scenario].outcome,
        ...(unresolvedItems.length > 0 ? ['UNKNOWN'] : []),
      ];
      expect({ outcome, cause: end.result.cause, row, mayBe }).toEqual({
        ...{ cause: end.result.cause, row, mayBe },
        outcome: mayBe.includes(outcome) ? outcome : mayBe[0],
      });
    },
  );
});
