/**
 * Whose time it is: the promises hold whether the worker's clock or the API's is off by as much as the gateway
 * lets pass. Most cases have to end as they do with right clocks, whatever that is.
 */
import { execFile } from 'node:child_process';
import { readdirSync } from 'node:fs';
import path from 'node:path';

import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';

import { FREEZE_MEMO, FREEZE_WORKFLOW_ID, FREEZE_WORKFLOW_TYPE } from '../../src/contract/index.js';
import type { Freeze, MaintenanceInput } from '../../src/contract/index.js';
import { RIGHT, WRONG_CLOCKS, clockEnv, clocksOf, ownClocksOf } from '../support/clocks.js';
import { instancesOf, startMaintenance } from '../support/maintenance-rig.js';
import { FAST, useRig } from '../support/rig.js';
import type { RunEnd } from '../support/rig.js';
import { showed } from '../support/shown.js';
import { hold, openSite, reached } from '../support/steps.js';
import type { Site } from '../support/steps.js';

const rig = useRig({ hasWorker: false, clocks: RIGHT });

const MINUTE_MS = 60_000;

const HOUR_MS = 60 * MINUTE_MS;

/** All cases of an API's clock at once take 15 seconds on an idle machine. */
const HANG_MS = 10 * MINUTE_MS;

interface Skew {
  readonly name: string;
  readonly workerMs: number;
  readonly apiMs: number;
}

const ALL_RIGHT: Skew = { name: 'all clocks right', ...RIGHT };

const SKEWS: readonly Skew[] = [
  { name: 'the worker 11 min ahead', workerMs: 11 * MINUTE_MS, apiMs: 0 },
  { name: 'the worker 11 min behind', workerMs: -11 * MINUTE_MS, apiMs: 0 },
  { name: 'the API 11 min ahead', workerMs: 0, apiMs: 11 * MINUTE_MS },
  { name: 'the API 11 min behind', workerMs: 0, apiMs: -11 * MINUTE_MS },
  { name: 'worker and API 11 min ahead', workerMs: 11 * MINUTE_MS, apiMs: 11 * MINUTE_MS },
];

/** How a case ended, as its caller sees it and by the ledger. */
interface Seen {
  readonly outcome: string;
  readonly cause: string | null;
  readonly puts: number;
  readonly message: string;
}

type Scenario = (site: Site, skew: Skew) => Promise<Seen>;

const isoIn = (ms: number): string => new Date(Date.now() + ms).toISOString();

async function seen(instanceId: string, { outcome, result }: RunEnd): Promise<Seen> {
  const reported = outcome === 'CANCELLED' ? null : result;
  const puts = rig().simulator.ledger.puts(instanceId).length;
  return Promise.resolve({
    outcome,
    cause: reported?.cause ?? null,
    puts,
    message: reported?.message ?? '',
  });
}

/** Cases that have to end as they do with right clocks. */
const ALIKE: Readonly<Record<string, Scenario>> = {
  'a switchover': async (site) => {
    const instance = await rig().instance();
    return seen(instance.instanceId, await site.end(instance, await site.start(instance)));
  },
  'a cool-down after a swap of another client that has just ended': async (site) => {
    const instance = await rig().instance();
    await instance.swapBy('somebody');
    const timing = { coolDownSeconds: 300 };
    return seen(
      instance.instanceId,
      await site.end(instance, await site.start(instance, { timing })),
    );
  },
  'a cool-down that is over': async (site) => {
    const instance = await rig().instance();
    await instance.swapBy('somebody');
    await new Promise((resolve) => setTimeout(resolve, 2_500));
    const timing = { coolDownSeconds: 1 };
    return seen(
      instance.instanceId,
      await site.end(instance, await site.start(instance, { timing })),
    );
  },
  'a job that takes longer than two seconds': async (site) => {
    const instance = await rig().instance();
    const { instanceId } = instance;
    rig().simulator.faults.add({ route: 'asyncSwap', instanceId, job: { runMs: 3_000 } });
    const timing = { jobTimeoutSeconds: 60 };
    return seen(instanceId, await site.end(instance, await site.start(instance, { timing })));
  },
  'a job that never ends': async (site) => {
    const instance = await rig().instance();
    const { instanceId } = instance;
    rig().simulator.faults.add({ route: 'asyncSwap', instanceId, job: { neverEnds: true } });
    const timing = { jobTimeoutSeconds: 3 };
    return seen(instanceId, await site.end(instance, await site.start(instance, { timing })));
  },
  'a PUT whose answer is lost': async (site) => {
    const instance = await rig().instance();
    const { instanceId } = instance;
    rig().simulator.faults.add({ route: 'asyncSwap', instanceId, calls: 1, reset: 'after' });
    return seen(instanceId, await site.end(instance, await site.start(instance)));
  },
  'a new master that stays inactive': async (site) => {
    const instance = await rig().instance();
    const { instanceId } = instance;
    const job = { newMasterStatus: 'Inactive' as const };
    rig().simulator.faults.add({ route: 'asyncSwap', instanceId, calls: 1, job });
    return seen(instanceId, await site.end(instance, await site.start(instance)));
  },
  'a lost answer whose task is listed late, verified afterwards': async (site) => {
    const instance = await rig().instance();
    const { instanceId } = instance;
    const taskRow = { delayMs: 8_000 };
    rig().simulator.faults.add({
      ...{ route: 'asyncSwap', instanceId, calls: 1, reset: 'after', taskRow },
    });
    const timing = { settleSeconds: 1 };
    const examinedRunId = await site.start(instance, { timing });
    const { outcome } = await site.end(instance, examinedRunId);
    expect(outcome).toBe('UNKNOWN');
    const [put] = rig().simulator.ledger.puts(instanceId);
    const sinceListedMs = Date.now() - (put?.at ?? 0) - taskRow.delayMs;
    await new Promise((resolve) => setTimeout(resolve, Math.max(0, 500 - sinceListedMs)));
    const { projectId } = rig().simulator;
    const mode = 'verify' as const;
    const verify = { projectId, instanceId, mode, examinedRunId, timing: FAST };
    return seen(instanceId, await rig().end(instance, await site.startAs(verify), 'verify'));
  },
  'a cancellation before the fence': async (site) => {
    const instance = await rig().instance();
    const gate = hold(rig(), instance, 'listTasks');
    const runId = await site.start(instance);
    await reached(gate);
    const { projectId } = rig().simulator;
    await rig().client.cancel({ projectId, instanceId: instance.instanceId });
    gate.release();
    return seen(instance.instanceId, await site.end(instance, runId));
  },
  'a request that is repeated': async (site) => {
    const instance = await rig().instance();
    const input = { requestId: 'once' };
    await site.end(instance, await site.start(instance, input));
    return seen(instance.instanceId, await site.end(instance, await site.start(instance, input)));
  },
};

/** A maintenance of instances of its own, with room for a second before its window closes. */
async function planned(
  site: Site,
  count: number,
  window: { readonly opensAt?: string; readonly closesAt: string },
  input: Partial<MaintenanceInput> = {},
) {
  const instances = await instancesOf(rig(), count);
  const reserve = { expectedDurationSeconds: 1, compensationReserveSeconds: 0 };
  const maintenance = await startMaintenance(
    rig(),
    instances,
    { window, ...reserve, ...input },
    site.taskQueue,
  );
  return { maintenance, instances };
}

/** How a maintenance has ended, and that each PUT came within its window, by the clock of Temporal. */
async function seenOfPlan(
  { maintenance, instances }: Awaited<ReturnType<typeof planned>>,
  window: { readonly opensAt?: string; readonly closesAt: string },
): Promise<Seen> {
  const { type, message, result } = await maintenance.end();
  const hasResult = type !== 'INVALID_INPUT' && type !== 'CANCELLED';
  const puts = instances.flatMap(({ instanceId }) => rig().simulator.ledger.puts(instanceId));
  for (const { at } of puts) {
    expect(at).toBeGreaterThanOrEqual(Date.parse(window.opensAt ?? '') || 0);
    expect(at).toBeLessThan(Date.parse(window.closesAt));
  }
  const cause = hasResult ? result.cause : null;
  return { outcome: type, cause, puts: puts.length, message };
}

/** Maintenance runs, whose windows are windows of Temporal's time. */
const PLANS: Readonly<Record<string, Scenario>> = {
  'a maintenance whose window opens in a moment': async (site) => {
    const window = { opensAt: isoIn(4_000), closesAt: isoIn(HOUR_MS) };
    return seenOfPlan(await planned(site, 1, window), window);
  },
  'a maintenance whose window opens in six minutes, cancelled while it waits': async (site) => {
    const window = { opensAt: isoIn(6 * MINUTE_MS), closesAt: isoIn(HOUR_MS) };
    const begun = await planned(site, 1, window);
    await begun.maintenance.until('the wait', ({ phase }) => phase === 'AWAITING_WINDOW');
    await begun.maintenance.handle.cancel();
    return seenOfPlan(begun, window);
  },
  'a maintenance whose window has closed a minute ago': async (site) => {
    const window = { opensAt: isoIn(-HOUR_MS), closesAt: isoIn(-MINUTE_MS) };
    return seenOfPlan(await planned(site, 1, window), window);
  },
};

/** A maintenance whose window closes while its first switchover runs; the other ones may not start any more. */
async function closingWindow(site: Site): Promise<Seen> {
  const window = { opensAt: isoIn(-MINUTE_MS), closesAt: isoIn(14_000) };
  const begun = await planned(site, 3, window, { maxFailures: 3 });
  const [first] = begun.instances;
  if (first === undefined) throw new Error('no instance');
  const poll = hold(rig(), first, 'showJob');
  await new Promise((resolve) => setTimeout(resolve, Date.parse(window.closesAt) - Date.now()));
  poll.release();
  return seenOfPlan(begun, window);
}

/** Whether a `notAfter` in six minutes has passed: by the latest clock. */
const inSixMinutes: Scenario = async (site) => {
  const instance = await rig().instance();
  const input = { notAfter: isoIn(6 * MINUTE_MS) };
  return seen(instance.instanceId, await site.end(instance, await site.start(instance, input)));
};

/** By its record alone, on a queue of no one: what holds is judged by whoever looks at it. */
async function whileRecorded<T>(freeze: Freeze, act: () => Promise<T>): Promise<T> {
  const handle = await rig().temporal.workflow.start(FREEZE_WORKFLOW_TYPE, {
    workflowId: FREEZE_WORKFLOW_ID,
    taskQueue: 'nobody',
    args: [freeze],
    memo: { [FREEZE_MEMO]: freeze },
  });
  try {
    return await act();
  } finally {
    await handle.terminate('the test is over');
  }
}

function whileFrozen(site: Site): Promise<Seen> {
  const freeze = { until: isoIn(MINUTE_MS), by: 'ann', reason: 'quarter end' };
  return whileRecorded(freeze, async () => {
    const instance = await rig().instance();
    return seen(instance.instanceId, await site.end(instance, await site.start(instance)));
  });
}

const COMMAND = path.resolve(__dirname, '../../dist/cli.js');

/** The command on a machine whose clock is off. */
async function commandOn(clockMs: number, args: readonly string[]) {
  const env = { ...rig().stack.clientEnv, ...clockEnv(clockMs) };
  return new Promise<{ code: number; out: string }>((resolve) => {
    execFile(process.execPath, [COMMAND, ...args], { env }, (error, stdout, stderr) => {
      resolve(showed({ code: Number(error?.code ?? 0), out: stdout + stderr }));
    });
  });
}

async function openShifted({ workerMs, apiMs }: Skew): Promise<Site> {
  rig().simulator.setClockOffset(apiMs);
  const site = openSite(rig());
  await site.startWorker({
    ...clockEnv(workerMs),
    // So that the task of a lost answer is known to be ours.
    DCS_TASK_USER_NAME: rig().simulator.account.userName,
  });
  return site;
}

const SCENARIOS = { ...ALIKE, ...PLANS };
const names = Object.keys(SCENARIOS);

/** The cases of a skew, all started at once, each on an instance of its own. */
interface Cases {
  readonly site: Site;
  readonly ends: ReadonlyMap<string, Promise<Seen>>;
  readonly late: Promise<Seen>;
  readonly closing: Promise<Seen>;
}

async function startAll(skew: Skew): Promise<Cases> {
  const site = await openShifted(skew);
  const ends = new Map(Object.entries(SCENARIOS).map(([name, run]) => [name, run(site, skew)]));
  const cases = { site, ends, late: inSixMinutes(site, skew), closing: closingWindow(site) };
  // A case that fails is reported by the test that waits for it.
  await Promise.allSettled([...ends.values(), cases.late, cases.closing]);
  return cases;
}

const casesOf = new Map<Skew, Cases>();
beforeAll(async () => {
  // One simulator has one clock.
  for (const apiMs of new Set(SKEWS.map((skew) => skew.apiMs))) {
    rig().simulator.setClockOffset(apiMs);
    const skews = [ALL_RIGHT, ...SKEWS].filter((skew) => skew.apiMs === apiMs);
    const started = await Promise.all(skews.map(startAll));
    for (const [index, skew] of skews.entries()) {
      const cases = started[index];
      if (cases !== undefined) casesOf.set(skew, cases);
    }
  }
}, HANG_MS);
afterAll(() => {
  rig().simulator.setClockOffset(0);
});

function casesWith(skew: Skew): Cases {
  const cases = casesOf.get(skew);
  if (cases === undefined) throw new Error(`no cases with ${skew.name}`);
  return cases;
}

test('with all clocks right every case ends in its own way', async () => {
  const { ends: expected } = casesWith(ALL_RIGHT);
  const ends = await Promise.all(expected.values());
  const verified = await expected.get(
    'a lost answer whose task is listed late, verified afterwards',
  );
  expect(verified?.outcome).toBe('SUCCEEDED');
  expect(new Map(names.map((name, index) => [name, ends[index]?.puts]))).toStrictEqual(
    new Map([
      ['a switchover', 1],
      ['a cool-down after a swap of another client that has just ended', 0],
      ['a cool-down that is over', 1],
      ['a job that takes longer than two seconds', 1],
      ['a job that never ends', 1],
      ['a PUT whose answer is lost', 1],
      ['a new master that stays inactive', 2],
      ['a lost answer whose task is listed late, verified afterwards', 1],
      ['a cancellation before the fence', 0],
      ['a request that is repeated', 1],
      ['a maintenance whose window opens in a moment', 1],
      ['a maintenance whose window opens in six minutes, cancelled while it waits', 0],
      ['a maintenance whose window has closed a minute ago', 0],
    ]),
  );
});

describe.each(SKEWS)('with $name', (skew) => {
  test.each(names)('%s ends as it does with all clocks right', async (name) => {
    const end = await casesWith(skew).ends.get(name);
    const other = await casesWith(ALL_RIGHT).ends.get(name);
    const { outcome, cause, puts } = end ?? { outcome: 'not run' };
    expect({ outcome, cause, puts }).toStrictEqual({
      outcome: other?.outcome,
      cause: other?.cause,
      puts: other?.puts,
    });
  });

  test('a notAfter in six minutes has passed where one clock says so', async () => {
    const isPast = Math.max(skew.workerMs, skew.apiMs) > 6 * MINUTE_MS;
    const { outcome, puts, message } = await casesWith(skew).late;
    expect({ outcome, puts }).toStrictEqual(
      isPast ? { outcome: 'REFUSED', puts: 0 } : { outcome: 'SUCCEEDED', puts: 1 },
    );
    expect(message.includes('not-after')).toBe(isPast);
  });

  test('a maintenance starts nothing after the latest safe start of its window, and less where a clock is ahead', async () => {
    const isAhead = Math.max(skew.workerMs, skew.apiMs) > 0;
    const { outcome, puts } = await casesWith(skew).closing;
    expect(outcome).toBe('PARTIAL');
    expect(puts).toBeLessThanOrEqual(isAhead ? 0 : 1);
  });

  test('a freeze with a minute left is in force: nothing is sent', async () => {
    rig().simulator.setClockOffset(skew.apiMs);
    const { outcome, puts, message } = await whileFrozen(casesWith(skew).site);
    expect({ outcome, puts }).toStrictEqual({ outcome: 'REFUSED', puts: 0 });
    expect(message).toContain('frozen until');
  });
});

describe('on a machine whose own clock is off', () => {
  test('a freeze that Temporal takes for over is an error, not a freeze', async () => {
    const args = ['freeze', '--for', '5m', '--reason', 'test', '--by', 'ann', '--yes'];
    const { code, out } = await commandOn(-11 * MINUTE_MS, args);
    // No worker serves the command's queue here, so no one else ends the record.
    await rig().temporal.workflow.getHandle(FREEZE_WORKFLOW_ID).terminate('the test is over');
    expect(code).not.toBe(0);
    expect(out).toContain('has passed by the clock of the Temporal server');
  });

  test('a freeze that still holds is shown, however far ahead the machine is', async () => {
    const freeze = { until: isoIn(MINUTE_MS), by: 'ann', reason: 'quarter end' };
    const { out } = await whileRecorded(freeze, () =>
      commandOn(11 * MINUTE_MS, ['freeze', '--show', '-o', 'json']),
    );
    expect(JSON.parse(out)).toStrictEqual({ freeze });
  });
});

test.each(WRONG_CLOCKS)('the clocks %s are those of several suites beside this one', (name) => {
  const suites = readdirSync(__dirname).filter((suite) => ownClocksOf(suite) === name);
  expect(suites.length).toBeGreaterThanOrEqual(5);
});

test('a suite has the clocks that TEST_CLOCKS names, or none', () => {
  expect(clocksOf('put.test.ts', 'api-11m')).toEqual({ workerMs: 0, apiMs: -11 * MINUTE_MS });
  expect(() => clocksOf('put.test.ts', 'api-11')).toThrow('TEST_CLOCKS is "api-11"');
});
