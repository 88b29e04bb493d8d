/** What a run makes of every answer that the PUT can get. The ledger counts what really arrived. */
import { describe, expect, test } from '@jest/globals';

import { waitUntil } from '../../src/simulator/basics.js';
import type { FaultActions } from '../../src/simulator/index.js';
import { useRig } from '../support/rig.js';

const rig = useRig();

/** Calls of `listTasks`: the pre-check and the last look. */
const CALLS_BEFORE_PUT = 2;

const scripted = async (fault: FaultActions & { calls?: number }, input = {}) => {
  const instance = await rig().instance();
  const { instanceId } = instance;
  const before = instance.masterNodeId();
  rig().simulator.faults.add({ route: 'asyncSwap', instanceId, ...fault });
  const end = await rig().run(instance, input);
  const puts = rig().simulator.ledger.puts(instanceId);
  return { ...end, puts, hasMoved: instance.masterNodeId() !== before };
};

describe('executed, but the answer does not say so', () => {
  test.concurrent.each<[string, FaultActions]>([
    ['the response is lost', { reset: 'after' }],
    ['500', { respond: { status: 500, execute: true } }],
    ['502', { respond: { status: 502, execute: true, shape: 'html' } }],
    ['503', { respond: { status: 503, execute: true, shape: 'html' } }],
    ['504', { respond: { status: 504, execute: true, shape: 'gateway' } }],
    ['408', { respond: { status: 408, execute: true } }],
    ['200 without a job id', { respond: { status: 200, execute: true, body: {} } }],
    ['200 with a malformed body', { malformedBody: true }],
    ['200 with a truncated body', { truncatedBody: true }],
    // Not in the words of the service: something in between may say so of a PUT that it has passed on.
    ['429 of a proxy', { respond: { status: 429, execute: true, shape: 'html' } }],
    ['429 with a JSON body of a proxy', { respond: { status: 429, execute: true, shape: 'iam' } }],
    ['401 of a proxy', { respond: { status: 401, execute: true, shape: 'iam' } }],
    ['403 of a firewall', { respond: { status: 403, execute: true, shape: 'iam' } }],
    ['404 of a proxy', { respond: { status: 404, execute: true, shape: 'raw' } }],
    ['409 of a proxy', { respond: { status: 409, execute: true, shape: 'iam' } }],
  ])('%s: the job is found by reading, SUCCEEDED with exactly one PUT', async (_, fault) => {
    const { outcome, puts, hasMoved, result } = await scripted(fault);
    expect({ outcome, puts: puts.length, hasMoved }).toEqual({
      outcome: 'SUCCEEDED',
      puts: 1,
      hasMoved: true,
    });
    expect(result).toMatchObject({ swapsSent: 1, swapsAccepted: 1 });
    expect(result.warnings).toHaveLength(1);
  });

  test.concurrent('the answer comes after the timeout: one PUT, SUCCEEDED', async () => {
    const { outcome, puts } = await scripted({ delayResponseMs: 17_000 });
    expect({ outcome, puts: puts.length }).toEqual({ outcome: 'SUCCEEDED', puts: 1 });
  });

  test.concurrent('its task row comes late: found all the same', async () => {
    const { outcome, puts } = await scripted({ reset: 'after', taskRow: { delayMs: 1_500 } });
    expect({ outcome, puts: puts.length }).toEqual({ outcome: 'SUCCEEDED', puts: 1 });
  });

  test.concurrent(
    'its task row comes while the lock is held: UNKNOWN until the last look',
    async () => {
      const instance = await rig().instance();
      const { instanceId } = instance;
      const { faults, projectId } = rig().simulator;
      faults.add({ route: 'asyncSwap', instanceId, reset: 'after' });
      const unlisted = faults.add({
        ...{ route: 'listTasks', instanceId, calls: { from: CALLS_BEFORE_PUT + 1 } },
        respond: { status: 200, body: { task_count: '0', tasks: [] } },
      });
      const runId = await rig().start(instance, { timing: { coolDownSeconds: 40 } });
      await waitUntil('the hold', 60_000, async () => {
        const { phase, outcome } = await rig().client.status({ projectId, instanceId, runId });
        return phase === 'HOLDING' && outcome === 'UNKNOWN';
      });
      unlisted.remove();
      const { outcome, result } = await rig().end(instance, runId);
      const puts = rig().simulator.ledger.puts(instanceId);
      expect({ outcome, puts: puts.length }).toEqual({ outcome: 'SUCCEEDED', puts: 1 });
      expect(result).toMatchObject({ swapsSent: 1, swapsAccepted: 1 });
      expect(result.message).toContain('reported as UNKNOWN (CHANGE_WITHOUT_OUR_TASK)');
    },
  );

  // Something in between has repeated it, and passes on the second answer.
  test.concurrent(
    '429 of the gateway, and the roles have moved: UNKNOWN, not "not sent"',
    async () => {
      const { outcome, puts, result, hasMoved } = await scripted({
        ...{ calls: 1, taskRow: { never: true } },
        respond: { status: 429, execute: true, headers: { 'Retry-After': '3' } },
      });
      expect({ outcome, puts: puts.length, hasMoved }).toEqual({
        outcome: 'UNKNOWN',
        puts: 1,
        hasMoved: true,
      });
      expect(result).toMatchObject({ swapsSent: 1, swapsPossiblySent: 1 });
    },
  );

  test.concurrent('no task row ever: UNKNOWN, although the roles changed', async () => {
    const { outcome, puts, result } = await scripted({ reset: 'after', taskRow: { never: true } });
    expect({ outcome, puts: puts.length, cause: result.cause }).toEqual({
      outcome: 'UNKNOWN',
      puts: 1,
      cause: 'CHANGE_WITHOUT_OUR_TASK',
    });
  });
});

describe('not executed, and the answer does not say so', () => {
  test.concurrent.each<[string, FaultActions]>([
    ['reset', { reset: 'before' }],
    ['500', { respond: { status: 500 } }],
    ['502', { respond: { status: 502, shape: 'html' } }],
    ['503', { respond: { status: 503, shape: 'html' } }],
    ['504', { respond: { status: 504, shape: 'gateway' } }],
    ['400 without an error body', { respond: { status: 400, shape: 'html' } }],
    ['429 of a proxy', { respond: { status: 429, shape: 'html' } }],
    ['403 with a JSON body of a proxy', { respond: { status: 403, shape: 'iam' } }],
  ])('%s: UNKNOWN after one PUT', async (_, fault) => {
    const { outcome, puts, result, hasMoved } = await scripted(fault);
    expect({ outcome, puts: puts.length, cause: result.cause, hasMoved }).toEqual({
      outcome: 'UNKNOWN',
      puts: 1,
      cause: 'NO_TRACE',
      hasMoved: false,
    });
    expect(result.message).toContain('dcs-switchover resolve');
  });

  test.concurrent(
    'with reissue "once" one more PUT follows, and it is proven',
    async () => {
      const { outcome, puts, hasMoved, result } = await scripted(
        { reset: 'before', calls: 1 },
        { reissue: 'once', timing: { settleSeconds: 30 } },
      );
      expect({ outcome, puts: puts.length, hasMoved }).toEqual({
        outcome: 'SUCCEEDED',
        puts: 2,
        hasMoved: true,
      });
      expect(puts.map(({ executed }) => executed)).toEqual([false, true]);
      expect(result.warnings.join()).toContain('A second PUT was sent');
    },
    180_000,
  );

  test.concurrent(
    'with reissue "once" a second ambiguous PUT is the last',
    async () => {
      const { outcome, puts } = await scripted(
        { reset: 'before' },
        { reissue: 'once', timing: { settleSeconds: 30 } },
      );
      expect({ outcome, puts: puts.length }).toEqual({ outcome: 'UNKNOWN', puts: 2 });
    },
    180_000,
  );
});

describe('not applied, and the answer proves it', () => {
  test.concurrent.each<[string, FaultActions]>([
    ['busy (DCS.4026)', { respond: { status: 400, code: 'DCS.4026' } }],
    ['busy (numeric 111400017)', { respond: { status: 400, code: '111400017' } }],
    ['throttled', { respond: { status: 429, headers: { 'Retry-After': '2' } } }],
    ['401, refreshed once', { respond: { status: 401, shape: 'gateway' } }],
  ])('%s, then free: SUCCEEDED with the second PUT', async (_, fault) => {
    const { outcome, puts, hasMoved } = await scripted({ ...fault, calls: 1 });
    expect({ outcome, puts: puts.length, hasMoved }).toEqual({
      outcome: 'SUCCEEDED',
      puts: 2,
      hasMoved: true,
    });
  });

  test.concurrent.each<[string, FaultActions]>([
    ['not supported (400 DCS.4855)', { respond: { status: 400, code: 'DCS.4855' } }],
    ['forbidden (403)', { respond: { status: 403, code: 'DCS.2003' } }],
    ['gone (404)', { respond: { status: 404, code: 'DCS.3022' } }],
  ])('%s: FAILED_UNCHANGED', async (_, fault) => {
    const { outcome, puts, hasMoved } = await scripted(fault);
    expect({ outcome, puts: puts.length, hasMoved }).toEqual({
      outcome: 'FAILED_UNCHANGED',
      puts: 1,
      hasMoved: false,
    });
  });

  test.concurrent('busy for longer than busyWaitSeconds: FAILED_UNCHANGED', async () => {
    const { outcome, puts } = await scripted(
      { respond: { status: 400, code: 'DCS.4026' } },
      { timing: { busyWaitSeconds: 5 } },
    );
    expect(outcome).toBe('FAILED_UNCHANGED');
    expect(puts.every(({ executed }) => !executed)).toBe(true);
  });

  test.concurrent('403 names the missing action', async () => {
    const { result } = await scripted({ respond: { status: 403, code: 'DCS.2003' } });
    expect(JSON.stringify(result.evidence)).toContain('dcs:instance:swap');
  });
});
