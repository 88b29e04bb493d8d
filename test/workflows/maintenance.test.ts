/** What a maintenance does and when, on the time-skipping server. */
import { describe, expect, test } from '@jest/globals';
import { DefaultLogger, Runtime } from '@temporalio/worker';

import type {
  HookCall,
  Leg,
  LegOutcome,
  MaintenanceProgress,
  SwitchoverInput,
  SwitchoverStatus,
} from '../../src/contract/index.js';
import { waitUntil } from '../../src/simulator/basics.js';
import { useTimeSkippingServer } from '../support/temporal-server.js';

import { REQUEST } from '../domain/maintenance/support.js';

import { runMaintenance, withMaintenance } from './support/maintenances.js';

Runtime.install({ logger: new DefaultLogger('ERROR') });

const server = useTimeSkippingServer();

const ada = { by: 'ada', why: 'a test' };

describe('a maintenance', () => {
  test('switches every instance in order, each child reported its last safe start', async () => {
    const end = await runMaintenance(server(), {
      request: { reason: 'patching', requestedBy: 'ada' },
    });
    expect(end.type).toBe('COMPLETED');
    const { items, window, counts, cause } = end.result;
    expect({ cause, done: counts.done }).toEqual({ cause: 'ALL_DONE', done: 3 });
    expect(end.started.map(({ instanceId }) => instanceId)).toEqual(
      items.map(({ instanceId }) => instanceId),
    );
    for (const input of end.started)
      expect(input).toMatchObject({
        notAfter: window?.latestStartAt,
        compensateNotAfter: window?.closesAt,
        ...{ toggle: true, expectedMasterNodeId: 'a'.repeat(32) },
        ...{ reason: 'patching', requestedBy: 'ada' },
      });
    expect(items[0]?.forward).toMatchObject({ outcome: 'SUCCEEDED', swapsSent: 1 });
    expect(items[0]?.forward.master).toEqual({ nodeId: 'b'.repeat(32), availabilityZone: 'az2' });
  });

  test('reports its phases and instances by the sink, each under an id of its own', async () => {
    await withMaintenance(server(), { instances: 1 }, async ({ end, notifications }) => {
      await end();
      const types = notifications.map(({ type }) =>
        type.replace('dcs-switchover.maintenance.', ''),
      );
      const ofMaintenance = types.filter((type) => !type.startsWith('dcs-switchover'));
      expect(ofMaintenance).toEqual([
        'phase.v1',
        'instance.v1',
        'instance.v1',
        'phase.v1',
        'ended.v1',
      ]);
      const ids = notifications.map(({ id }) => id);
      expect(new Set(ids).size).toBe(ids.length);
    });
  });

  test('reports at once that a switchover is unresolved, and until when its lock is held', async () => {
    const script = {
      instances: 2,
      outcome: (index: number) => (index === 0 ? 'UNKNOWN' : 'SUCCEEDED') as LegOutcome,
    };
    await withMaintenance(server(), script, async ({ handle, progress, end }) => {
      let forward: Leg | undefined;
      await waitUntil('the unresolved outcome', 30_000, async () => {
        forward = (await progress()).items[0]?.forward;
        return forward?.outcome === 'UNKNOWN';
      });
      const child = handle.client.getHandle(forward?.workflowId ?? '');
      const { phase, lockedUntil = '' } = await child.query<SwitchoverStatus>('status');
      expect(phase).toBe('HOLDING');
      const reason = expect.stringContaining(`its lock is held until ${lockedUntil}: `);
      expect(forward).toMatchObject({ state: 'RUNNING', outcome: 'UNKNOWN', lockedUntil, reason });
      const details = await handle.query<string>('__temporal_workflow_metadata');
      expect(JSON.stringify(details)).toContain('**UNKNOWN, HOLDING** (its lock is held until');
      const { result } = await end();
      expect(result.items[0]?.forward).toMatchObject({ state: 'ENDED', outcome: 'UNKNOWN' });
      expect(result.items[0]?.forward).not.toHaveProperty('lockedUntil');
      expect(result.items[0]?.forward.reason).toMatch(/^Outcome unknown: /);
    });
  });

  test('of mode plan starts nothing', async () => {
    const end = await runMaintenance(server(), { request: { mode: 'plan' } });
    expect(end).toMatchObject({ type: 'PLANNED', started: [] });
    expect(end.message).toMatch(/3 instances would be switched; nothing was sent/);
  });

  test.each([
    ['of nothing is not done', {}, 'PARTIAL'],
    ['of nothing completes where that is allowed by name', { allowEmpty: true }, 'COMPLETED'],
    ['of mode plan of nothing is no good plan', { mode: 'plan' }, 'PARTIAL'],
    ['of mode plan of nothing that is allowed', { mode: 'plan', allowEmpty: true }, 'PLANNED'],
  ] as const)('%s', async (_, asked, outcome) => {
    const request = { allowEmpty: false, ...asked };
    const end = await runMaintenance(server(), { instances: 0, request });
    expect(end.result).toMatchObject({ outcome, cause: 'NOTHING_SELECTED' });
    expect(end.message).toContain('no instance of the project fits the selector');
  });

  test('of mode plan reports items that would be refused now as not to be switched', async () => {
    const refused = { refusedNow: 'instance-running (status ERROR)' };
    const end = await runMaintenance(server(), {
      request: { mode: 'plan' },
      instance: (index) => (index < 2 ? refused : {}),
    });
    expect(end.result).toMatchObject({ outcome: 'PLANNED', counts: { pending: 1, notStarted: 2 } });
    expect(end.result.items[0]?.forward).toMatchObject({
      ...{ state: 'NOT_STARTED', cause: 'REFUSED_NOW' },
      reason: 'it would be refused now: instance-running (status ERROR)',
    });
    expect(end.message).toMatch(/1 instance would be switched/);
  });

  test('of a malformed input fails by field', async () => {
    const problem = { field: 'window', problem: 'is missing', remedy: 'Give one.' };
    const report = { verdict: 'invalid' as const, problems: [problem], searchAttributes: [] };
    const end = await runMaintenance(server(), { report });
    expect(end).toMatchObject({ type: 'INVALID_INPUT', result: { problems: [problem] } });
    expect(end.message).toContain('window is missing. Give one.');
  });

  test('leaves out what has an obstacle, and says so', async () => {
    const end = await runMaintenance(server(), {
      instance: (index) =>
        index === 0 ? { obstacle: 'the policy denies it' } : index === 1 ? { master: null } : {},
    });
    expect(end).toMatchObject({ type: 'PARTIAL', result: { cause: 'INSTANCES_NOT_DONE' } });
    expect(end.result.counts).toMatchObject({ done: 1, notStarted: 2 });
    expect(end.message).toContain('the policy denies it');
    expect(end.message).toContain('dcs-switchover maintenance start --rest-of many-');
  });
});

describe('the window', () => {
  test('before it opens the maintenance waits, and starts when it does', async () => {
    const end = await runMaintenance(server(), { window: { opensIn: 1800, closesIn: 5400 } });
    expect(end.type).toBe('COMPLETED');
    const opensAtMs = Date.parse(end.result.window?.opensAt ?? '');
    for (const { atMs } of end.started) expect(atMs).toBeGreaterThanOrEqual(opensAtMs);
  });

  test.each([
    ['is over', { opensIn: -7200, closesIn: -3600 }],
    ['leaves no safe start any more', { opensIn: -7200, closesIn: 240 }],
  ])('that %s starts nothing', async (_, window) => {
    const end = await runMaintenance(server(), { window });
    expect(end).toMatchObject({ type: 'PARTIAL', started: [], result: { cause: 'WINDOW_OVER' } });
    expect(end.message).toMatch(/^Nothing was sent/);
  });

  test('that ends midway leaves the rest unstarted', async () => {
    const env = server();
    const end = await runMaintenance(env, {
      window: { opensIn: 0, closesIn: 600 },
      request: { maxFailures: 9 },
      // The trace of a PUT without an answer is looked for, and then the lock is kept for 300 s.
      outcome: () => 'UNKNOWN',
    });
    expect(end.result).toMatchObject({
      cause: 'WINDOW_OVER',
      counts: { failed: 2, notStarted: 1 },
    });
    expect(end.message).toMatch(/dcs-switchover list .*--unresolved/);
  });

  test('that an instance narrows holds for it, and the others go on', async () => {
    const end = await runMaintenance(server(), {
      instance: (index, window) =>
        index === 0 ? { spans: [{ ...window, opensAtMs: window.opensAtMs + 1_200_000 }] } : {},
    });
    expect(end.type).toBe('COMPLETED');
    const [first, second, third] = end.result.items.map(({ instanceId }) => instanceId);
    expect(end.started.map(({ instanceId }) => instanceId)).toEqual([second, third, first]);
  });

  test('under a freeze starts nothing', async () => {
    const freeze = { until: '2030-01-01T00:00:00Z', reason: 'black friday', by: 'ops' };
    const end = await runMaintenance(server(), { freeze });
    expect(end).toMatchObject({ type: 'PARTIAL', started: [], result: { cause: 'FROZEN' } });
    expect(end.message).toContain('frozen until 2030-01-01T00:00:00Z by ops: black friday');
  });
});

describe('approval', () => {
  const request = { requireApproval: true };

  test('that comes lets the maintenance start', async () => {
    await withMaintenance(server(), { request }, async ({ send, end, started }) => {
      expect(await send('approve', ada)).toMatchObject({ changed: true, isPaused: false });
      const { type, result } = await end();
      expect(type).toBe('COMPLETED');
      expect(result.decisions).toMatchObject([{ what: 'approved', ...ada }]);
      expect(started).toHaveLength(3);
    });
  });

  test('that is missing at the latest safe start: nothing is sent', async () => {
    const end = await runMaintenance(server(), { request });
    expect(end).toMatchObject({ started: [], result: { cause: 'APPROVAL_MISSING' } });
    expect(end.result.endedAt >= (end.result.window?.latestStartAt ?? '~')).toBe(true);
  });

  test('that is refused ends the maintenance with nothing sent', async () => {
    await withMaintenance(server(), { request }, async ({ send, end, started }) => {
      await send('reject', ada);
      // Refused by the maintenance, or by Temporal where the maintenance has ended meanwhile.
      await expect(send('approve', ada)).rejects.toThrow();
      const { type, result } = await end();
      expect({ type, cause: result.cause }).toEqual({
        type: 'PARTIAL',
        cause: 'APPROVAL_REJECTED',
      });
      expect(started).toEqual([]);
    });
  });
});

describe('limits', () => {
  test('a failed canary stops the maintenance before any other instance', async () => {
    const end = await runMaintenance(server(), {
      request: { canaryCount: 1, maxConcurrent: 3, maxFailures: 3 },
      outcome: () => 'REFUSED',
    });
    expect(end.result).toMatchObject({ cause: 'CANARY_FAILED', counts: { notStarted: 2 } });
    expect(end.started).toHaveLength(1);
  });

  test('a spent budget stops the maintenance, and the rest is listed as not started', async () => {
    const end = await runMaintenance(server(), {
      instances: 5,
      request: { maxFailures: 1 },
      outcome: (index) => (index < 2 ? 'REFUSED' : 'SUCCEEDED'),
    });
    expect(end.result).toMatchObject({ cause: 'BUDGET_SPENT' });
    expect(end.result.counts).toMatchObject({ failed: 2, notStarted: 3 });
  });

  test('what is unresolved holds further starts back as soon as it is known to be', async () => {
    const unresolvedFirst = (maxFailures: number) =>
      runMaintenance(server(), {
        instances: 12,
        request: { maxConcurrent: 2, maxFailures },
        outcome: (index) => (index === 0 ? 'UNKNOWN' : 'SUCCEEDED'),
      });
    const { result } = await unresolvedFirst(0);
    expect(result).toMatchObject({ cause: 'BUDGET_SPENT', counts: { failed: 1 } });
    expect(result.counts.notStarted).toBeGreaterThan(0);
    expect((await unresolvedFirst(1)).result.counts).toMatchObject({ failed: 1, done: 11 });
  });
});

describe('a maintenance of many events', () => {
  test('goes on in a new run that has time for its replay, and what people see goes on with it', async () => {
    const script = { instances: 1, window: { opensIn: 3600, closesIn: 7200 } };
    await withMaintenance(server(), script, async ({ env, handle, send, progress }) => {
      const { runId: first } = await handle.describe();
      let runId = first;
      for (let count = 0; count < 400 && runId === first; count += 1) {
        await send(count % 2 === 0 ? 'pause' : 'resume', { by: 'ada' });
        ({ runId } = await handle.describe());
      }
      const begun = env.client.workflow.getHandle(handle.workflowId, first);
      const { historyLength } = await begun.describe();
      expect(historyLength).toBeGreaterThanOrEqual(1_000);
      expect(historyLength).toBeLessThan(1_100);
      const [started] = (await handle.fetchHistory()).events ?? [];
      const { workflowTaskTimeout } = started?.workflowExecutionStartedEventAttributes ?? {};
      expect(Number(workflowTaskTimeout?.seconds)).toBe(60);
      expect((await progress()).decisions.length).toBeGreaterThan(100);
      const shown = await handle.query<{ currentDetails: string }>('__temporal_workflow_metadata');
      expect(shown.currentDetails).toContain('by ada');
      await handle.terminate();
    });
  }, 60_000);
});

describe('hooks', () => {
  const hooks = { taskQueue: '', before: 'before', after: 'after', timeoutSeconds: 60 };
  const request = { hooks, maxFailures: 3 };

  test('are asked before and reported after each switchover', async () => {
    const calls: HookCall[] = [];
    const note = (answer: unknown) => (call: HookCall) => {
      calls.push(call);
      return Promise.resolve(answer);
    };
    const before = note({ answer: 'proceed' });
    const end = await runMaintenance(server(), { request, hooks: { before, after: note(null) } });
    expect(end.type).toBe('COMPLETED');
    expect(calls.map(({ leg, outcome }) => [leg, outcome])).toEqual(
      [0, 1, 2].flatMap(() => [
        ['forward', null],
        ['forward', 'SUCCEEDED'],
      ]),
    );
  });

  test.each([
    ['skip', { answer: 'skip', reason: 'busy' }, 'INSTANCES_NOT_DONE', { skipped: 3 }],
    ['abort', { answer: 'abort', reason: 'incident' }, 'HOOK_ABORTED', { notStarted: 3 }],
    ['no usable answer', { answer: 'yes' }, 'INSTANCES_NOT_DONE', { notStarted: 3 }],
    ['skip without a reason', { answer: 'skip' }, 'INSTANCES_NOT_DONE', { notStarted: 3 }],
  ])('that answer %s start nothing', async (_, answer, cause, counts) => {
    const before = () => Promise.resolve(answer);
    const end = await runMaintenance(server(), { request, hooks: { before } });
    expect(end).toMatchObject({ started: [], result: { cause, counts } });
  });

  test('that fail until their time is over count against the budget, and nothing is sent', async () => {
    const before = () => Promise.reject(new Error('down'));
    const once = { ...request, maxFailures: 0 };
    const end = await runMaintenance(server(), {
      request: { ...once, hooks: { ...hooks, timeoutSeconds: 1 } },
      hooks: { before },
    });
    expect(end).toMatchObject({ started: [], result: { cause: 'BUDGET_SPENT' } });
    expect(end.result.items[0]?.forward).toMatchObject({ cause: 'HOOK_FAILED' });
  });

  test.each([
    ['are asked again where a pause of hours lies behind their proceed', 7_200_000, 2],
    ['are not asked again after a pause of a minute', 60_000, 1],
  ])('%s', async (_, pauseMs, times) => {
    let asked = 0;
    let answer: (value: unknown) => void = () => undefined;
    const before = () => {
      asked += 1;
      return asked > 1
        ? Promise.resolve({ answer: 'proceed' })
        : new Promise((resolve) => (answer = resolve));
    };
    const script = { request, instances: 1, window: { opensIn: 0, closesIn: 14_400 } };
    const whole = { ...script, hooks: { before, after: () => Promise.resolve(null) } };
    await withMaintenance(server(), whole, async ({ env, send, end, started }) => {
      while (asked === 0) await new Promise((resolve) => setTimeout(resolve, 20));
      await send('pause', { by: 'ada' });
      answer({ answer: 'proceed' });
      await env.sleep(pauseMs);
      expect(started).toHaveLength(0);
      await send('resume', { by: 'ada' });
      expect((await end()).type).toBe('COMPLETED');
    });
    expect(asked).toBe(times);
  });

  test('are asked again where another run holds the lock for minutes, and their abort counts', async () => {
    const answers = [{ answer: 'proceed' }, { answer: 'abort', reason: 'an incident began' }];
    const before = () => Promise.resolve(answers.shift() ?? { answer: 'proceed' });
    const script = {
      ...{ request, instances: 1, window: { opensIn: 3, closesIn: 14_400 }, hooks: { before } },
      // The other one looks for the trace of its PUT, and then keeps the lock for 300 s.
      outcome: (_: number, { requestId }: SwitchoverInput) =>
        requestId === 'other' ? ('UNKNOWN' as const) : ('SUCCEEDED' as const),
    };
    await withMaintenance(server(), script, async ({ env, taskQueue, progress, end, started }) => {
      const [item] = (await untilPlanned(progress)).items;
      const { instanceId = '' } = item ?? {};
      const workflowId = `dcs-switchover:${REQUEST.projectId}:${instanceId}`;
      const other = { projectId: REQUEST.projectId, instanceId, toggle: true, requestId: 'other' };
      await env.client.workflow.start('dcsSwitchover', { workflowId, taskQueue, args: [other] });
      expect(await end()).toMatchObject({ result: { cause: 'HOOK_ABORTED' } });
      expect(started.map(({ requestId }) => requestId)).toEqual(['other']);
    });
  });

  test('that fail after a switchover are a warning', async () => {
    const before = () => Promise.resolve({ answer: 'proceed' });
    const after = () => Promise.reject(new Error('the chat is down'));
    const end = await runMaintenance(server(), { request, instances: 1, hooks: { before, after } });
    expect(end.type).toBe('COMPLETED');
    expect(end.result.warnings[0]).toContain('the chat is down');
  });
});

describe('the return leg', () => {
  const request = { returnLeg: { soakSeconds: 600, withinSeconds: 900 } };

  test('brings each master that was moved home after the soak, whatever the window says', async () => {
    const end = await runMaintenance(server(), {
      request,
      window: { opensIn: 0, closesIn: 300 },
      outcome: (index) => (index === 1 ? 'NOOP' : 'SUCCEEDED'),
    });
    expect(end.type).toBe('COMPLETED');
    const back = end.started.slice(3);
    expect(back).toHaveLength(2);
    const outMs = end.started[2]?.atMs ?? 0;
    for (const input of back) {
      expect(input).toMatchObject({
        target: { nodeId: 'a'.repeat(32) },
        expectedMasterNodeId: 'b'.repeat(32),
      });
      expect(input.requestId).toMatch(/:return$/);
      expect(input.atMs - outMs).toBeGreaterThanOrEqual(600_000);
      const leftMs = Date.parse(input.notAfter ?? '') - input.atMs;
      expect(leftMs).toBeGreaterThan(0);
      expect(leftMs).toBeLessThanOrEqual(900_000);
    }
    expect(end.result.items[1]?.return).toBeNull();
  });

  test('also after the budget was spent, but the maintenance stays partial', async () => {
    const end = await runMaintenance(server(), {
      request,
      outcome: (index) => (index === 1 ? 'REFUSED' : 'SUCCEEDED'),
    });
    expect(end.result).toMatchObject({ cause: 'BUDGET_SPENT' });
    expect(end.result.items[0]?.return).toMatchObject({ state: 'ENDED', outcome: 'SUCCEEDED' });
    expect(end.result.items[2]?.return).toBeNull();
  });

  test('does not come after an abort, and the message names who is away', async () => {
    await withMaintenance(server(), { request }, async ({ send, end, started, env, progress }) => {
      await untilPhase(env, progress, 'SOAKING');
      await send('abort', ada);
      const { result, message } = await end();
      expect(result).toMatchObject({ outcome: 'PARTIAL', cause: 'ABORTED', counts: { done: 3 } });
      expect(message).toContain('Not brought back');
      expect(started).toHaveLength(3);
    });
  });
});

describe('messages', () => {
  test('pause holds, resume goes on, and the same again is harmless', async () => {
    const script = { window: { opensIn: 60, closesIn: 7200 } };
    await withMaintenance(server(), script, async ({ send, end, env, progress, started }) => {
      expect(await send('pause', ada)).toMatchObject({ changed: true, isPaused: true });
      const again = await send('pause', { by: 'bob' });
      expect(again).toMatchObject({ changed: false, isPaused: true });
      expect(again.message).toMatch(/already paused by ada at /);
      await env.sleep('10m');
      expect(started).toEqual([]);
      expect(await progress()).toMatchObject({ isPaused: true, phase: 'SWITCHING' });
      expect(await send('resume', ada)).toMatchObject({ changed: true, isPaused: false });
      expect(await send('resume', ada)).toMatchObject({ changed: false });
      expect((await end()).type).toBe('COMPLETED');
    });
  });

  test('skip leaves one out; an unknown or an ended one is refused', async () => {
    const script = { window: { opensIn: 60, closesIn: 7200 } };
    await withMaintenance(server(), script, async ({ send, end, progress, env }) => {
      await untilPhase(env, progress, 'AWAITING_WINDOW');
      const { items } = await progress();
      const instanceId = items[1]?.instanceId ?? '';
      expect(await send('skip', { ...ada, instanceId })).toMatchObject({ changed: true });
      expect(await send('skip', { ...ada, instanceId })).toMatchObject({ changed: false });
      const unknown = { ...ada, instanceId: '99999999-2222-3333-4444-555555555555' };
      await expect(send('skip', unknown)).rejects.toMatchObject({
        cause: { type: 'NOT_POSSIBLE_NOW' },
      });
      const { result } = await end();
      expect(result).toMatchObject({ outcome: 'PARTIAL', counts: { done: 2, skipped: 1 } });
    });
  });

  test('abort between two lets the first finish and starts nothing further', async () => {
    const gate = openGate();
    const script = { onStart: () => gate.passed };
    await withMaintenance(server(), script, async ({ send, end, started, env, progress }) => {
      await untilPhase(env, progress, 'SWITCHING');
      await send('abort', ada);
      gate.open();
      const { result } = await end();
      expect(result).toMatchObject({ cause: 'ABORTED', counts: { done: 1, notStarted: 2 } });
      expect(started).toHaveLength(1);
    });
  });

  test('that are malformed are refused by field and leave no trace', async () => {
    const script = { window: { opensIn: 60, closesIn: 7200 } };
    await withMaintenance(server(), script, async ({ send, end, handle }) => {
      for (const [name, message, field] of [
        ['approve', null, 'input'],
        ['reject', { by: 'ada' }, 'why'],
        ['pause', { by: '' }, 'by'],
        ['pause', { by: 'a\u0007' }, 'by'],
        ['pause', { by: 'eda \u202ella' }, 'by'],
        ['pause', { by: 'a\u2028b' }, 'by'],
        ['skip', { ...ada, instanceId: 'X' }, 'instanceId'],
        ['abort', { ...ada, force: true }, 'force'],
      ] as const)
        await expect(send(name, message)).rejects.toMatchObject({
          cause: { type: 'INVALID_MESSAGE', details: [{ problems: [{ field }] }] },
        });
      expect((await end()).type).toBe('COMPLETED');
      const { events } = await handle.fetchHistory();
      const updates = events?.filter(
        (event) => event.workflowExecutionUpdateAcceptedEventAttributes,
      );
      expect(updates).toEqual([]);
    });
  });

  test('that decide on what needs no decision are refused', async () => {
    const script = { window: { opensIn: 60, closesIn: 7200 } };
    await withMaintenance(server(), script, async ({ send, end, env, progress }) => {
      await untilPhase(env, progress, 'AWAITING_WINDOW');
      for (const name of ['approve', 'reject'])
        await expect(send(name, ada)).rejects.toMatchObject({
          cause: { type: 'NOT_POSSIBLE_NOW' },
        });
      await end();
    });
  });
});

describe('a cancellation', () => {
  test('before anything was started ends the maintenance Cancelled', async () => {
    const script = { window: { opensIn: 60, closesIn: 7200 } };
    await withMaintenance(server(), script, async ({ handle, end, started, env, progress }) => {
      await untilPhase(env, progress, 'AWAITING_WINDOW');
      await handle.cancel();
      expect((await end()).type).toBe('CANCELLED');
      expect(started).toEqual([]);
    });
  });

  test('is passed on to what runs, which is waited for', async () => {
    const gate = openGate();
    const script = { onStart: () => gate.passed };
    await withMaintenance(server(), script, async ({ handle, end, started, env, progress }) => {
      await untilPhase(env, progress, 'SWITCHING');
      await handle.cancel();
      const { type, result } = await end();
      gate.open();
      expect({ type, cause: result.cause }).toEqual({ type: 'PARTIAL', cause: 'CANCELLED' });
      expect(result.items[0]?.forward).toMatchObject({ state: 'ENDED', outcome: 'CANCELLED' });
      expect(result.counts).toMatchObject({ failed: 1, notStarted: 2 });
      expect(started).toHaveLength(1);
    });
  });
});

/** Waits in real time, so that the maintenance does not run away; SWITCHING: until a switchover is open. */
async function untilPhase(
  env: ReturnType<typeof server>,
  progress: () => Promise<{ phase: string; counts: { running: number } }>,
  phase: string,
): Promise<void> {
  for (let look = 0; look < 200; look += 1) {
    const now = await progress();
    if (now.phase === phase && (phase !== 'SWITCHING' || now.counts.running > 0)) return;
    await new Promise((resolve) => setTimeout(resolve, 50));
    if (phase === 'SOAKING') await env.sleep(1);
  }
  throw new Error(`the maintenance did not come to ${phase}`);
}

/** Keeps switchovers back until it is opened. */
function openGate(): { readonly passed: Promise<void>; readonly open: () => void } {
  let open = (): void => undefined;
  const passed = new Promise<void>((resolve) => {
    open = resolve;
  });
  return {
    passed,
    open: () => {
      open();
    },
  };
}

/** In real time: the server skips none on its own. */
async function untilPlanned(progress: () => Promise<MaintenanceProgress>) {
  for (;;) {
    const now = await progress();
    if (now.items.length > 0) return now;
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}
