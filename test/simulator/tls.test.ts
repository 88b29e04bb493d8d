import { afterEach, describe, expect, it } from '@jest/globals';

import { makeCertificate } from '../support/certificate.js';

import { get, pathsOf, put, start, stopAll } from './support.js';

const tls = makeCertificate();

afterEach(stopAll);

describe('over https the simulator', () => {
  it('answers those who trust its certificate', async () => {
    const simulator = await start({ tls });
    expect(simulator.endpoint).toMatch(/^https:\/\/127\.0\.0\.1:\d+$/);
    const { instance } = pathsOf(simulator);
    expect((await get(simulator, instance, { ca: tls.cert })).status).toBe(200);
    await expect(get(simulator, instance)).rejects.toThrow(/self-signed certificate/);
  });

  it('closes a connection without an answer where it would reset one', async () => {
    const simulator = await start({ tls });
    simulator.faults.add({ route: 'asyncSwap', reset: 'after' });
    const lost = put(simulator, pathsOf(simulator).swap, { ca: tls.cert });
    await expect(lost).rejects.toMatchObject({ code: 'ECONNRESET' });
    expect(simulator.ledger.puts()).toMatchObject([{ status: 'reset', executed: true }]);
  });

  it('refuses a key that is none before anything listens', async () => {
    await expect(start({ tls: { key: 'x', cert: 'y' } })).rejects.toThrow();
  });
});
