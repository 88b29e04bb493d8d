/**
 * A password that Redis refuses: what a run then says, and how often it is tried, by Redis's own count. A few wrong
 * logins may lock a user, so neither looks nor watches, measurements nor later runs may go on trying.
 */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';

import { afterAll, beforeAll, expect, test } from '@jest/globals';

import { runCli } from '../../src/cli/program.js';
import type { SimulatedInstance } from '../../src/simulator/index.js';
import { createFakeIo } from '../cli/support/fake-io.js';
import { writeRedisSettings } from '../support/redis-settings.js';
import { refusedLogins } from '../support/redis-stats.js';
import { useRig } from '../support/rig.js';
import { hold, openSite, reached } from '../support/steps.js';

const PASSWORD = 'Canary-of-the-login';

/** So often one worker tries what Redis refuses. */
const MAX_REFUSALS = 3;

const rig = useRig({ hasWorker: false, redis: true });

let folder = '';
let env: NodeJS.ProcessEnv = {};
beforeAll(() => {
  folder = mkdtempSync(path.join(tmpdir(), 'refused-login-'));
  const settings = writeRedisSettings(
    folder,
    rig().simulator,
    { match: { name: 'right-*' }, password: PASSWORD },
    { match: { name: 'wrong-*' }, password: 'Canary-of-yesterday' },
  );
  env = { ...settings, HUAWEICLOUD_SDK_PROJECT_ID: '' };
});
afterAll(() => {
  rmSync(folder, { recursive: true });
});

let instances = 0;
const instance = (password: 'right' | 'wrong'): Promise<SimulatedInstance> => {
  instances += 1;
  return rig().instance({ name: `${password}-${instances}`, redis: { password: PASSWORD } });
};

/** What a command prints to a person, with the settings of the worker. */
async function print(...args: readonly string[]): Promise<string> {
  const io = createFakeIo({ env: { ...rig().stack.workerEnv(), ...env } });
  await runCli(args, io);
  const text = `${io.stdout()}\n${io.stderr()}`;
  expect(text).not.toMatch(/Canary/);
  return text;
}

test.concurrent('a run whose login is refused succeeds, says so and does not go on', async () => {
  const site = openSite(rig());
  await site.startWorker(env);
  const target = await instance('wrong');
  const { instanceId } = target;
  const run = async (probe: 'if-possible' | 'require') =>
    site.end(target, await site.start(target, { probe }));
  const refused = await run('require');
  expect(refused.outcome).toBe('REFUSED');
  expect(refused.result.message).toContain('AUTH: Redis refused user or password');
  expect(await refusedLogins(target)).toBe(1);

  const { outcome, result } = await run('if-possible');
  expect(outcome).toBe('SUCCEEDED');
  expect(result.dataPlane).toMatchObject({
    ...{ state: 'not-measured', why: 'AUTH: Redis refused user or password' },
    witness: {
      ...{ word: 'CANNOT_TELL', before: null },
      why: 'the look before the swap did not work: AUTH: Redis refused user or password',
    },
  });
  const warnings = result.warnings.join('\n');
  expect(warnings).toContain(`dcs-switchover doctor`);
  expect(warnings).toContain(`--instance ${instanceId}`);
  expect(await refusedLogins(target)).toBe(MAX_REFUSALS);

  const again = await run('if-possible');
  expect(again.outcome).toBe('SUCCEEDED');
  expect(again.result.dataPlane?.why).toMatch(
    /has refused the login of .*password-1, or not answered it, 3 times in a row: it is not tried again for 15 min/,
  );
  expect(await refusedLogins(target)).toBe(MAX_REFUSALS);
  expect(await print('doctor', '--instance', instanceId)).toMatch(/refused user or password/);
  // The doctor is a process of its own.
  expect(await refusedLogins(target)).toBe(MAX_REFUSALS + 1);
});

test.concurrent(
  'a password that is changed in the middle costs figures and word alone',
  async () => {
    const site = openSite(rig());
    await site.startWorker(env);
    const target = await instance('right');
    // The last reading before the PUT: the probe has begun beside it.
    const lastRead = hold(rig(), target, 'listTasks', 2);
    const runId = await site.start(target, { probe: 'require' });
    await reached(lastRead);
    // Time for it to be ready, with connections that stay until the address moves.
    await delay(4_000);
    await target.redis.setPassword('Canary-of-tomorrow');
    lastRead.release();
    const { outcome, result } = await site.end(target, runId);
    expect(outcome).toBe('SUCCEEDED');
    expect(result.dataPlane).toMatchObject({
      ...{ state: 'not-measured', why: expect.stringContaining('Redis refused user or password') },
      witness: { word: 'CANNOT_TELL', before: { role: 'master' }, after: null },
    });
    // Fewer where the machine is so busy that no node shows life before a password would be sent.
    expect(await refusedLogins(target)).toBeLessThanOrEqual(MAX_REFUSALS);
    const again = await site.end(target, await site.start(target, { probe: 'if-possible' }));
    expect(again.outcome).toBe('SUCCEEDED');
    expect(again.result.dataPlane?.why).toMatch(/refused/);
    expect(await refusedLogins(target)).toBeLessThanOrEqual(MAX_REFUSALS);
  },
);
