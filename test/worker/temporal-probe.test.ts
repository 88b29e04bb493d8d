/** The readiness question to Temporal: bounded, one at a time, remembered for seconds. */
import { describe, expect, test } from '@jest/globals';
import type { Client } from '@temporalio/client';

import { createTemporalProbe } from '../../src/worker/health.js';

/** A client whose every question is answered by `answer`. */
function answering(answer: () => Promise<unknown>): Client {
  return {
    options: { namespace: 'default' },
    workflowService: { describeNamespace: answer },
    withDeadline: (_: number, ask: () => Promise<unknown>) => ask(),
  } as unknown as Client;
}

describe('the probe of Temporal', () => {
  test('a server that answers is well', async () => {
    const probe = createTemporalProbe(answering(() => Promise.resolve({})));
    expect(await probe()).toBeNull();
  });

  test.each([
    [5, 'Temporal does not know this namespace'],
    [7, 'Temporal refuses these credentials'],
    [8, 'Temporal is throttling this namespace'],
    [16, 'Temporal refuses these credentials'],
    [14, 'Temporal does not answer in time'],
  ])('status %d: %s', async (code, word) => {
    const text = code === 5 ? 'Namespace a-secret is not found.' : 'a secret';
    const error = Object.assign(new Error(text), { code, details: '', metadata: {} });
    const probe = createTemporalProbe(answering(() => Promise.reject(error)));
    expect(await probe()).toBe(word);
  });

  test('of a failure only its kind is reported', async () => {
    const failing = answering(() => Promise.reject(new Error('a secret')));
    expect(await createTemporalProbe(failing)()).toBe('Temporal does not answer');
  });

  test('many questions at once are one, and its answer is remembered', async () => {
    let asked = 0;
    const counting = answering(() => {
      asked += 1;
      return Promise.resolve({});
    });
    const probe = createTemporalProbe(counting, { cacheMs: 60_000 });
    await Promise.all([probe(), probe(), probe()]);
    await probe();
    expect(asked).toBe(1);
  });
});
