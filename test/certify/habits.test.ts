/** Every pair of the simulator's habits: what is switched on, the answers say. */
import { describe, expect, test } from '@jest/globals';

import { answersOf } from '../../src/certify/index.js';
import { profileOf } from '../../src/certify/report.js';
import type { Habits } from '../../src/simulator/index.js';
import { HABITS } from '../../src/simulator/habits.js';
import { pairwise } from '../support/pairwise.js';
import type { RowOf } from '../support/pairwise.js';

import { contact, startAccount, TIMES } from './support.js';

const MOVES = { stay: 'stays', 'follow-role': 'follows the role', renewed: 'is renewed' };
const TAGS = {
  ...{ null: 'null', empty: 'empty', absent: 'absent' },
  'absent-when-none': 'absent when none',
};
const same = <T extends string>(...words: readonly T[]) =>
  Object.fromEntries(words.map((word) => [word, word])) as Record<T, T>;

/** What is not known outside: when a node was created. Fixed orders all look the same then. */
const NOT_BY_ROLE = 'not by role';

/** For each habit the question that recovers it, and the answer by value. */
const RECOVERED = {
  addresses: ['addresses', { 'follow-role': 'follows the role', fixed: 'stays' }],
  nodeIds: ['node-ids', MOVES],
  replicationIds: ['replication-ids', MOVES],
  taskRows: ['task-jobs', { withoutJobId: 'absent', withJobId: 'the job', ownJobId: 'another' }],
  taskIds: ['task-ids', same('own', 'job')],
  taskRowDelayMs: ['task-delay', { 0: 'at once', [TIMES.lateMs]: 'later' }],
  taskStatus: ['task-status', same('present', 'absent')],
  taskOrder: [
    'task-order',
    { 'newest-first': 'newest first', 'oldest-first': 'oldest first', shuffled: 'neither' },
  ],
  nodeOrder: [
    'node-order',
    { shuffled: NOT_BY_ROLE, 'as-created': NOT_BY_ROLE, reversed: NOT_BY_ROLE },
  ],
  staleRoleViewsMs: ['roles-delay', { 0: 'at once', [TIMES.staleMs]: 'later' }],
  availabilityZones: ['zones', same('present', 'absent')],
  swapShownAs: ['swap-shown-as', same('task', 'status', 'nothing')],
  openEndTime: ['open-end', same('null', 'empty', 'absent')],
  listedTags: ['listed-tags', TAGS],
  shownTags: ['shown-tags', TAGS],
  tagKeys: ['tag-keys', same('text', 'number')],
  listedPasswordAccess: ['listed-password-access', same('text', 'boolean')],
  listedCacheMode: ['listed-cache-mode', same('absent', 'present')],
  unknownKeyText: [
    'unknown-key',
    {
      'get-secret-key-failed': 'Get secretKey failed',
      ...{ 'ak-not-exist': 'ak … not exist', unauthorized: 'Unauthorized' },
    },
  ],
  unknownJob: ['unknown-job', { 'not-found': 'not found', 'bad-id': 'bad id' }],
  listTotals: ['list-totals', same('all', 'page')],
  instanceOrder: [
    'instance-order',
    { 'as-created': 'oldest first', 'newest-first': 'newest first', shuffled: 'neither' },
  ],
  allNodesMaxLimit: ['all-nodes-limit', same('100', '1000')],
  asyncSwap: ['async-swap', same('served', 'missing')],
} satisfies Record<keyof Habits, readonly [string, Readonly<Record<string, string>>]>;

type Name = keyof typeof RECOVERED;

/** Where no swap is accepted there is no job, no row and no change of roles to look at: these show nothing then. */
const NEEDS_SWAP: readonly Name[] = [
  ...(['addresses', 'nodeIds', 'replicationIds', 'taskRows', 'taskIds', 'taskRowDelayMs'] as const),
  ...(['staleRoleViewsMs', 'nodeOrder', 'swapShownAs', 'openEndTime'] as const),
];

const valuesOf = (name: Name): readonly (string | number)[] => {
  const { values } = HABITS[name];
  const given: readonly (string | number)[] =
    typeof values === 'function' ? Object.keys(RECOVERED[name][1]).map(Number) : values;
  return name === 'asyncSwap' ? [] : given;
};

const factorsOf = (names: readonly Name[]) =>
  Object.fromEntries(
    names.map((name) => [name, valuesOf(name)] as const).filter(([, values]) => values.length > 0),
  );

const NAMES = Object.keys(RECOVERED) as Name[];
const SERVED = pairwise(factorsOf(NAMES)).map((row) => ({ ...row, asyncSwap: 'served' }));
const MISSING = pairwise(factorsOf(NAMES.filter((name) => !NEEDS_SWAP.includes(name)))).map(
  (row) => ({ ...row, asyncSwap: 'missing' }),
);

type Row = RowOf<Record<string, readonly (string | number)[]>>;

/** The longest that a job may become, as a multiple of {@link TIMES}. */
const MAX_SLOWNESS = 16;

/**
 * What the answers say of each habit of a row, and what they should. A machine that is too busy to read while a job
 * goes on gets jobs, delays and stale views that are longer: what they mean is the same.
 */
async function recover(row: Row, slowness = 1): ReturnType<typeof recoverOnce> {
  const recovered = await recoverOnce(row, slowness);
  const isUnseen = recovered.said.some(([, value]) => value.startsWith(NOT_SEEN));
  return isUnseen && slowness < MAX_SLOWNESS ? recover(row, slowness * 4) : recovered;
}

const NOT_SEEN = 'not seen: ';

const inMs = (value: string | number | undefined, slowness: number): number =>
  Number(value ?? 0) * slowness;

async function recoverOnce(row: Row, slowness: number) {
  const simulator = await startAccount(
    {
      ...row,
      taskRowDelayMs: inMs(row['taskRowDelayMs'], slowness),
      staleRoleViewsMs: inMs(row['staleRoleViewsMs'], slowness),
    },
    {
      timing: {
        jobInitMs: TIMES.jobInitMs * slowness,
        jobRunMs: TIMES.jobRunMs * slowness,
      },
    },
  );
  try {
    const seen = await contact(simulator);
    const answers = new Map(answersOf(seen).map((each) => [each.id, each]));
    const names = Object.keys(row) as Name[];
    const said = names.map((name) => {
      const { value, evidence } = answers.get(RECOVERED[name][0]) ?? {};
      return [name, value ?? `${NOT_SEEN}${evidence ?? 'no such question'}`] as const;
    });
    const expected = names.map((name) => {
      const words: Readonly<Record<string, string>> = RECOVERED[name][1];
      return [name, words[String(row[name])]];
    });
    return { said, expected, seen, simulator };
  } finally {
    await simulator.close();
  }
}

/** The identity that a profile should name. */
function identityFor({ nodeIds, replicationIds, availabilityZones }: Row): string | undefined {
  if (nodeIds === 'stay') return 'node-id';
  if (replicationIds === 'stay') return 'replication-id';
  return availabilityZones === 'present' ? 'availability-zone' : undefined;
}

describe('certify recovers every pair of habits', () => {
  test('there are few combinations, and no habit is left out', () => {
    expect(SERVED.length).toBeLessThan(40);
    expect(NAMES.sort()).toEqual(Object.keys(HABITS).sort());
  });

  test.concurrent.each(SERVED.map((row, at) => [at, row as Row] as const))(
    'combination %i, with swaps',
    async (_, row) => {
      const { said, expected, seen, simulator } = await recover(row);
      expect(said).toEqual(expected);
      const profile = profileOf(seen, simulator.projectId);
      // Nothing leads from our job to a row that has two ids of its own.
      const isProved = row['taskRows'] !== 'ownJobId' || row['taskIds'] === 'job';
      expect(profile.nodeIdentity).toBe(identityFor(row));
      expect(profile.taskUserName).toBe(isProved ? simulator.account.userName : undefined);
      expect(profile.jobSeconds?.shortest).toBeGreaterThan(1.5);
    },
  );

  test.concurrent.each(MISSING.map((row, at) => [at, row as Row] as const))(
    'combination %i, in a region without async-swap',
    async (_, row) => {
      const { said, expected } = await recover(row);
      expect(said).toEqual(expected);
    },
  );
});
