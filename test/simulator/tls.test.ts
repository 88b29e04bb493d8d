import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';

import { get, pathsOf, put, start, stopAll } from './support.js';

let directory = '';
let tls = { key: '', cert: '' };

beforeAll(() => {
  directory = mkdtempSync(join(tmpdir(), 'simulator-tls-'));
  const [key, cert] = [join(directory, 'key.pem'), join(directory, 'cert.pem')];
  execFileSync(
    'openssl',
    [
      ...['req', '-x509', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes'],
      ...['-days', '2', '-subj', '/CN=simulator', '-addext', 'subjectAltName=IP:127.0.0.1'],
      ...['-keyout', key, '-out', cert],
    ],
    { stdio: 'ignore' },
  );
  tls = { key: readFileSync(key, 'utf8'), cert: readFileSync(cert, 'utf8') };
});

afterEach(stopAll);
afterAll(() => {
  rmSync(directory, { recursive: true, force: true });
});

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
