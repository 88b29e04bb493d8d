/** The judge of the chaos itself: an honest history passes, and each planted violation is found by name. */
import { describe, expect, test } from '@jest/globals';

import type { SwitchoverRequest, SwitchoverResult } from '../../src/contract/index.js';
import { DEFAULT_TIMING } from '../../src/contract/index.js';
import type { PutFacts, RunFacts } from '../../src/domain/run-facts.js';
import type { CallRecord, SwapRecord } from '../../src/simulator/index.js';

import { takeDice } from './dice.js';
import { judge } from './judge.js';
import { dealFaults, KINDS } from './kinds.js';
import type { SeenAct, SeenRun } from './read-runs.js';
import type { Evidence } from './witness.js';

const INSTANCE = '11111111-1111-4111-8111-111111111111';

/** When everything begins; what follows counts from here, in milliseconds. */
const BEGIN_MS = Date.parse('2026-01-01T00:00:00Z');

const REQUEST = {
  ...{ mode: 'switch', requestId: null, reissue: 'never', timing: DEFAULT_TIMING },
  notAfterMs: BEGIN_MS + 60_000,
} as unknown as SwitchoverRequest;

const ACT: SeenAct = {
  ...{ activityId: '2', purpose: 'forward', state: 'accepted', sent: 1 },
  notAfterMs: BEGIN_MS + 60_000,
  scheduledAtMs: BEGIN_MS + 900,
  begunAtMs: BEGIN_MS + 1_000,
  closedAtMs: BEGIN_MS + 1_500,
  ...{ hasFenceOnRecord: false, isTimedOut: false },
};

const PUT: PutFacts = {
  ...{ purpose: 'forward', state: 'accepted', sent: 1, executions: 1 },
  scheduledAtMs: BEGIN_MS + 900,
  notAfterMs: BEGIN_MS + 60_000,
  hasLeft: true,
  redisVeto: null,
};

const FACTS: RunFacts = {
  ...{ runId: 'run-1', mode: 'switch', ended: 'completed', failureType: null, request: REQUEST },
  startedAtMs: BEGIN_MS,
  resetAtMs: null,
  closedAtMs: BEGIN_MS + 8_000,
  mayProceed: true,
  puts: [PUT],
  jobs: [{ state: 'SUCCESS' }],
  observation: { change: 'changed', stable: true, masterActive: true },
  result: { outcome: 'SUCCEEDED', swapsSent: 1, swapsAccepted: 1 },
  text: '',
};

const runOf = (facts: Partial<RunFacts> = {}, acts: readonly SeenAct[] = [ACT]): SeenRun => ({
  workflowId: `dcs-switchover:project:${INSTANCE}`,
  instanceId: INSTANCE,
  facts: { ...FACTS, ...facts },
  checkedAtMs: BEGIN_MS + 500,
  acts,
});

const arrivalAt = (atMs: number, port: number): CallRecord => ({
  ...{ index: 1, method: 'PUT', path: '', route: 'asyncSwap', instanceId: INSTANCE },
  ...{ status: 200, requestId: 'request', user: 'user', remotePort: port, executed: true },
  at: BEGIN_MS + atMs,
});

const swapAt = (atMs: number, to: string): SwapRecord => ({
  ...{ instanceId: INSTANCE, jobId: `job-${to}`, byUser: 'user', source: 'api' },
  ...{ fromNodeId: 'node-x', toNodeId: to, rolesChangedAt: BEGIN_MS + atMs + 600 },
  at: BEGIN_MS + atMs,
});

const leftAt = (atMs: number, port: number) => ({
  ...{ instanceId: INSTANCE, worker: 'worker A', port: () => port },
  atMs: BEGIN_MS + atMs,
});

/** One PUT that left, arrived, and has moved the master. */
const HONEST: Evidence = {
  runs: [runOf()],
  freezes: [],
  arrivals: [arrivalAt(1_210, 4_711)],
  swaps: [swapAt(1_211, 'node-b')],
  puts: [leftAt(1_200, 4_711)],
  faults: [],
  cancelled: new Set(),
  firstMasters: new Map([[INSTANCE, 'node-a']]),
};

const namesOf = (evidence: Partial<Evidence>, secrets: readonly string[] = []): string[] =>
  judge({ ...HONEST, ...evidence }, secrets).breaches.map(({ name }) => name);

const UNKNOWN: Partial<SwitchoverResult> = { outcome: 'UNKNOWN', swapsSent: 1, swapsAccepted: 0 };

const unresolved = (act: Partial<SeenAct> = {}): SeenRun =>
  runOf(
    {
      ...{ ended: 'failed', failureType: 'UNKNOWN', result: UNKNOWN, jobs: [] },
      puts: [{ ...PUT, state: 'possibly-sent' }],
    },
    [{ ...ACT, state: 'possibly-sent', ...act }],
  );

const RESET = {
  ...{ name: 'worker to DCS: reset', whom: 'worker A', instanceId: null, isExcuse: true },
  fromMs: BEGIN_MS + 1_100,
  untilMs: BEGIN_MS + 2_000,
};

describe('what is as it should be', () => {
  test('a switchover whose PUT, swap and roles the ledger confirms breaks nothing', () => {
    expect(namesOf({})).toEqual([]);
  });

  test('an UNKNOWN whose PUT left and never arrived is true, and says so', () => {
    const evidence = { runs: [unresolved()], arrivals: [], swaps: [], faults: [RESET] };
    const { breaches, runs } = judge({ ...HONEST, ...evidence }, []);
    expect(breaches).toEqual([]);
    expect(runs[0]?.why).toBe(
      'Its PUT left worker A and never came to the service. From then on: worker to DCS: reset (worker A).',
    );
  });
});

describe('a planted violation is found', () => {
  test('a second swap of one run', () => {
    const evidence = {
      puts: [leftAt(1_200, 4_711), leftAt(1_300, 4_712)],
      arrivals: [arrivalAt(1_210, 4_711), arrivalAt(1_310, 4_712)],
      swaps: [swapAt(1_211, 'node-b'), swapAt(1_311, 'node-a')],
    };
    const names = namesOf(evidence);
    expect(names).toContain('ledger-one-forward-swap');
    expect(names).toContain('ledger-fence');
  });

  test('a success that has moved nothing', () => {
    const swaps = [{ ...swapAt(1_211, 'node-b'), rolesChangedAt: null }];
    expect(namesOf({ swaps })).toContain('ledger-success');
  });

  test('a success that another client has undone', () => {
    const foreign = { ...swapAt(1_900, 'node-a'), source: 'foreign' } as const;
    const evidence = { swaps: [swapAt(1_211, 'node-b'), foreign] };
    expect(namesOf(evidence)).toContain('ledger-success');
  });

  test('an UNKNOWN of which no PUT can have left', () => {
    const evidence = { runs: [unresolved()], puts: [], arrivals: [], swaps: [] };
    expect(namesOf(evidence)).toContain('ledger-no-needless-unknown');
  });

  test('an UNKNOWN although nothing went wrong', () => {
    expect(namesOf({ runs: [unresolved()] })).toEqual(
      expect.arrayContaining(['ledger-no-needless-unknown', 'undisturbed-succeeds']),
    );
  });

  test('a PUT and a swap that are of no run', () => {
    const names = namesOf({ runs: [] });
    expect(names).toEqual(['no-put-without-a-run', 'no-put-without-a-run']);
  });

  test('a PUT that leaves long after its activity was closed', () => {
    expect(namesOf({ puts: [leftAt(9_000, 4_711)] })).toContain('ledger-fence');
  });

  test('a PUT in a freeze', () => {
    const freezes = [{ fromMs: BEGIN_MS - 9_000, untilMs: BEGIN_MS + 30_000 }];
    expect(namesOf({ freezes })).toContain('ledger-freeze');
  });

  test('a run that does not end', () => {
    const open = runOf({ ended: 'open', closedAtMs: null, result: null });
    expect(namesOf({ runs: [open] })).toContain('every-run-ends');
  });

  test('a secret in a history', () => {
    const runs = [runOf({ text: 'key: canary' })];
    expect(namesOf({ runs }, ['canary'])).toContain('no-secret');
  });

  test('a request that is done twice', () => {
    const request = { ...REQUEST, requestId: 'once' };
    const again = runOf(
      {
        ...{ runId: 'run-2', request },
        startedAtMs: BEGIN_MS + 9_000,
        closedAtMs: BEGIN_MS + 17_000,
      },
      [{ ...ACT, begunAtMs: BEGIN_MS + 10_000, closedAtMs: BEGIN_MS + 10_500 }],
    );
    const evidence = {
      runs: [runOf({ request }), again],
      puts: [leftAt(1_200, 4_711), leftAt(10_200, 4_712)],
      arrivals: [arrivalAt(1_210, 4_711), arrivalAt(10_210, 4_712)],
      swaps: [swapAt(1_211, 'node-b'), swapAt(10_211, 'node-a')],
    };
    expect(namesOf(evidence)).toContain('repeats-repeat-nothing');
  });
});

describe('faults', () => {
  test('are the same for the same seed, and others for another', () => {
    const deal = (seed: number) => dealFaults(takeDice(seed, 'faults'), 120_000);
    expect(deal(1)).toEqual(deal(1));
    expect(deal(1)).not.toEqual(deal(2));
  });

  test('of ten minutes are of every kind', () => {
    const dealt = dealFaults(takeDice(1, 'faults'), 600_000);
    expect(new Set(dealt.map(({ kind }) => kind.name)).size).toBe(KINDS.length);
  });
});
