/**
 * A worker that is shut down with ten runs in every phase: it says at once that it is not ready, and the
 * next worker brings each of them to its true end. The ledger shows how many PUTs really arrived.
 */
import { beforeAll, describe, expect, test } from '@jest/globals';

import { makeWorkflowId } from '../../src/contract/index.js';
import type { Outcome, Phase, SwitchoverInput } from '../../src/contract/index.js';
import { waitUntil } from '../../src/simulator/basics.js';
import type {
  Fault,
  FaultActions,
  RouteName,
  SimulatedInstance,
} from '../../src/simulator/index.js';
import { clockEnv } from '../support/clocks.js';
import { ANY_PORT, httpOf, readinessOf } from '../support/probes.js';
import { useRig } from '../support/rig.js';
import type { RunEnd } from '../support/rig.js';
import { hold, openSite, reached } from '../support/steps.js';
import type { Site } from '../support/steps.js';

const rig = useRig({ hasWorker: false });

/** Enough for a held answer to arrive after SIGTERM; watching activities are handed over then. */
const GRACE = { DCS_SWITCHOVER_SHUTDOWN_GRACE_SECONDS: '4' };
const STEP_MS = 60_000;

/** A run, the place where the shutdown meets it, and how it must end. */
interface Scenario {
  readonly phase: Phase;
  /** What the PUT meets. */
  readonly put?: FaultActions;
  readonly timing?: SwitchoverInput['timing'];
  /** The call at which the run stands when the worker is shut down. */
  readonly heldAt?: readonly [RouteName, number];
  readonly outcome: Outcome;
  readonly accepted: number;
  /** PUTs that arrived; @default as many as were accepted */
  readonly arrived?: number;
}

const LONG = { jobTimeoutSeconds: 90, busyWaitSeconds: 90, verifyTimeoutSeconds: 60 };
const ONCE = { outcome: 'SUCCEEDED', accepted: 1 } as const;

const SCENARIOS: Readonly<Record<string, Scenario>> = {
  'the pre-check is reading': { phase: 'PREFLIGHT', heldAt: ['showInstance', 1], ...ONCE },
  'the last look before the PUT': { phase: 'SWAPPING', heldAt: ['listTasks', 2], ...ONCE },
  'the PUT is being answered': { phase: 'SWAPPING', heldAt: ['asyncSwap', 1], ...ONCE },
  'a refused PUT waits to be tried again': {
    phase: 'SWAPPING',
    put: { respond: { status: 429, headers: { 'Retry-After': '12' } } },
    ...ONCE,
    arrived: 2,
  },
  'the job is running': { phase: 'AWAITING_JOB', put: { job: { runMs: 15_000 } }, ...ONCE },
  'the roles are being read': { phase: 'VERIFYING', heldAt: ['listNodes', 3], ...ONCE },
  'the job has failed and the roles are watched': {
    phase: 'VERIFYING',
    put: { job: { outcome: 'FAIL' } },
    timing: { settleSeconds: 15 },
    outcome: 'FAILED_UNCHANGED',
    accepted: 1,
  },
  'a PUT without an answer is searched for': {
    phase: 'RECONCILING',
    put: { reset: 'after', taskRow: { delayMs: 10_000 } },
    timing: { settleSeconds: 15 },
    ...ONCE,
  },
  'a lost PUT keeps the lock': {
    phase: 'HOLDING',
    put: { reset: 'before' },
    timing: { coolDownSeconds: 20 },
    outcome: 'UNKNOWN',
    accepted: 0,
    arrived: 1,
  },
  'the swap back is being answered': {
    phase: 'COMPENSATING',
    put: { job: { newMasterStatus: 'Inactive' } },
    timing: { verifyTimeoutSeconds: 4 },
    heldAt: ['asyncSwap', 2],
    outcome: 'COMPENSATED',
    accepted: 2,
  },
};

interface Started {
  readonly instance: SimulatedInstance;
  readonly runId: string;
  readonly fault: Fault | null;
}

async function start(site: Site, { phase, put, timing, heldAt }: Scenario): Promise<Started> {
  const instance = await rig().instance();
  const { instanceId } = instance;
  if (put !== undefined)
    rig().simulator.faults.add({ route: 'asyncSwap', instanceId, calls: 1, ...put });
  const fault = heldAt === undefined ? null : hold(rig(), instance, ...heldAt);
  const runId = await site.start(instance, { timing: { ...LONG, ...timing } });
  if (fault !== null) await reached(fault);
  const { projectId } = rig().simulator;
  await waitUntil(`phase ${phase}`, STEP_MS, async () => {
    const status = await rig().client.status({ projectId, instanceId, mode: 'switch', runId });
    return status.phase === phase;
  });
  return { instance, runId, fault };
}

const seen = {
  before: null as Awaited<ReturnType<typeof readinessOf>>,
  during: null as Awaited<ReturnType<typeof readinessOf>>,
  ends: {} as Record<string, RunEnd & { arrived: number; accepted: number }>,
};

beforeAll(async () => {
  const site = openSite(rig());
  const draining = await site.startWorker({ ...ANY_PORT, ...GRACE });
  const url = httpOf(draining);
  seen.before = await readinessOf(url);
  const entries = await Promise.all(
    Object.entries(SCENARIOS).map(
      async ([name, scenario]) => [name, await start(site, scenario)] as const,
    ),
  );
  draining.kill('SIGTERM');
  await waitUntil('readiness to be false', STEP_MS, async () => {
    seen.during = await readinessOf(url);
    return seen.during?.ready !== true;
  });
  const successor = site.startWorker();
  for (const [, { fault }] of entries) fault?.release();
  await Promise.all([successor, draining.exited]);
  for (const [name, { instance, runId }] of entries) {
    const end = await site.end(instance, runId);
    const puts = rig().simulator.ledger.puts(instance.instanceId);
    const accepted = puts.filter(({ executed }) => executed).length;
    seen.ends[name] = { ...end, arrived: puts.length, accepted };
  }
}, 240_000);

describe('a worker that is shut down with a run in every phase', () => {
  test('was ready, and says at once that it drains, while it still answers', () => {
    expect(seen.before).toMatchObject({ status: 200, ready: true, worker: 'RUNNING' });
    expect(seen.during).toMatchObject({ status: 503, ready: false });
    expect(seen.during?.reason).toBe('the worker is draining');
  });

  test.each(Object.keys(SCENARIOS))('while %s: the next worker ends the run truthfully', (name) => {
    const { outcome, accepted, arrived = accepted } = SCENARIOS[name] ?? (ONCE as Scenario);
    expect(seen.ends[name]).toMatchObject({ outcome, accepted, arrived });
  });
});

/** Further from the API's clock than the gateway lets pass. */
const REFUSED_MS = 20 * 60_000;

test('a successor whose clock makes the gateway refuse it leaves the verification to a worker that can read', async () => {
  const site = openSite(rig());
  const first = await site.startWorker(GRACE);
  const { instance, runId, fault } = await start(site, {
    ...{ phase: 'VERIFYING', heldAt: ['listNodes', 3], ...ONCE },
  });
  first.kill('SIGTERM');
  // Else it might end the verification itself, within its grace.
  await first.exited;
  const stranger = await site.startWorker(clockEnv(rig().clocks.apiMs + REFUSED_MS));
  fault?.release();
  const workflowId = makeWorkflowId('switch', { ...instance, ...rig().simulator });
  await waitUntil('the stranger to pass it on', STEP_MS, async () => {
    const { raw } = await rig().temporal.workflow.getHandle(workflowId, runId).describe();
    const [watch] = raw.pendingActivities ?? [];
    return watch?.lastFailure?.message?.includes("this machine's clock") === true;
  });
  stranger.kill('SIGKILL');
  await site.startWorker();
  expect(await site.end(instance, runId)).toMatchObject({ outcome: 'SUCCEEDED' });
}, 240_000);
