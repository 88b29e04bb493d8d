/** Health and readiness by the worker's state, Temporal's answer and the bundle. */
import { describe, expect, test } from '@jest/globals';

import { createHealth } from '../../src/worker/health.js';

type State = 'INITIALIZED' | 'RUNNING' | 'STOPPING' | 'DRAINING' | 'DRAINED' | 'STOPPED' | 'FAILED';

function healthOf(state: State | null, temporal: string | null = null, hasBundle = true) {
  const seen = { probes: 0 };
  const health = createHealth({ hasBundle: () => hasBundle });
  if (state !== null)
    health.watch(
      { getState: () => state },
      {
        probeTemporal: () => {
          seen.probes += 1;
          return Promise.resolve(temporal);
        },
      },
    );
  return { health, seen };
}

describe('liveness', () => {
  test.each([
    null,
    'INITIALIZED',
    'RUNNING',
    'STOPPING',
    'DRAINING',
    'DRAINED',
    'STOPPED',
  ] as const)('a worker that is %s is alive', (state) => {
    expect(healthOf(state).health.liveness()).toEqual({
      alive: true,
      worker: state ?? 'STARTING',
    });
  });

  test('a worker that has FAILED is not', () => {
    expect(healthOf('FAILED').health.liveness()).toEqual({ alive: false, worker: 'FAILED' });
  });
});

describe('readiness', () => {
  test('a running worker is ready while Temporal answers', async () => {
    expect(await healthOf('RUNNING').health.readiness()).toEqual({
      ready: true,
      reason: null,
      worker: 'RUNNING',
      temporal: null,
      workflowBundle: true,
    });
  });

  test.each([
    [null, 'the worker is starting'],
    ['INITIALIZED', 'the worker is starting'],
    ['STOPPING', 'the worker is draining'],
    ['DRAINING', 'the worker is draining'],
    ['DRAINED', 'the worker is draining'],
    ['STOPPED', 'the worker has stopped'],
    ['FAILED', 'the worker has failed'],
  ] as const)('a worker that is %s is not ready: %s', async (state, reason) => {
    const { health, seen } = healthOf(state);
    expect(await health.readiness()).toMatchObject({ ready: false, reason });
    // No one is asked what would not matter.
    expect(seen.probes).toBe(0);
  });

  test('a worker without Temporal is not ready', async () => {
    const reason = 'Temporal does not answer';
    const { health } = healthOf('RUNNING', reason);
    expect(await health.readiness()).toMatchObject({ ready: false, reason, temporal: reason });
  });

  test('a worker without its bundle is not ready', async () => {
    const readiness = await healthOf('RUNNING', null, false).health.readiness();
    expect(readiness).toMatchObject({ ready: false, workflowBundle: false });
    expect(readiness.reason).toContain('bundle');
  });

  test('a drain that begins while Temporal is asked counts', async () => {
    let state: State = 'RUNNING';
    const health = createHealth({ hasBundle: () => true });
    const probeTemporal = () => {
      state = 'DRAINING';
      return Promise.resolve(null);
    };
    health.watch({ getState: () => state }, { probeTemporal });
    expect(await health.readiness()).toMatchObject({ ready: false, worker: 'DRAINING' });
  });
});
