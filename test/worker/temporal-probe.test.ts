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
    [5, 'Temporal does not know the namespace'],
    [7, 'Temporal denies access to the namespace'],
    [16, 'Temporal refuses the credentials'],
    [14, 'Temporal does not answer'],
  ])('status %d: %s', async (code, word) => {
    const error = Object.assign(new Error('a secret'), { code, details: '', metadata: {} });
    const probe = createTemporalProbe(answering(() => Promise.reject(error)));
    expect(await probe()).toBe(word);
  });

  test('a server that is silent is given up', async () => {
    const silent = answering(() => new Promise(() => undefined));
    const probe = createTemporalProbe(silent, { timeoutMs: 50 });
    expect(await probe()).toBe('Temporal does not answer in time');
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
