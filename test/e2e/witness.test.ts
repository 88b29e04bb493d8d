/**
 * What Redis itself says of a switchover, with a real Redis behind the simulator: an API that contradicts it is not
 * believed, and it is not taken for more than it is.
 */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';

import { afterAll, beforeAll, expect, test } from '@jest/globals';

import type { SwitchoverInput } from '../../src/contract/index.js';
import type { FaultActions } from '../../src/simulator/index.js';
import { writeRedisSettings } from '../support/redis-settings.js';
import { useRig } from '../support/rig.js';

const PASSWORD = 'Canary-of-Redis-1';

const rig = useRig({ redis: true, hasWorker: false });

const folder = mkdtempSync(path.join(tmpdir(), 'dcs-switchover-witness-'));
afterAll(() => {
  rmSync(folder, { recursive: true, force: true });
});

beforeAll(async () => {
  const entry = { match: { name: '*' }, password: `${PASSWORD}\n` };
  await rig().stack.startWorker(writeRedisSettings(folder, rig().simulator, entry));
});

/** A server that is not older than the first look by 2 s may have been restarted since. */
const OLD_ENOUGH_MS = 4_000;

/** A switchover of an instance whose Redis asks for the password; its PUT meets `fault`. */
async function run(fault: FaultActions, input: Partial<SwitchoverInput> = {}) {
  const instance = await rig().instance({ redis: { password: PASSWORD } });
  const { instanceId } = instance;
  await sleep(OLD_ENOUGH_MS);
  rig().simulator.faults.add({ route: 'asyncSwap', instanceId, calls: 1, ...fault });
  const end = await rig().run(instance, input);
  const events = await rig().history(instance, end.runId);
  expect(JSON.stringify(events)).not.toContain(PASSWORD);
  return { ...end, puts: rig().putsOf(instance).length, events: events.length };
}

/** By the contradictions that were found: what the API and its job say, and what Redis does. */
test.concurrent.each([
  ['nothing is wrong', {}, 'SUCCEEDED', 'ROLES_CHANGED', 'MOVED'],
  [
    'the API shows new roles, and Redis has never moved',
    { redis: { promotion: 'none', addressStays: true } },
    ...(['UNKNOWN', 'WITNESS_CONTRADICTS', 'SAME'] as const),
  ],
  [
    'Redis has moved, and the address has not',
    { redis: { addressStays: true } },
    ...(['UNKNOWN', 'WITNESS_CONTRADICTS', 'DEMOTED_IN_PLACE'] as const),
  ],
  [
    'the address leads to a replica that no one has promoted',
    { redis: { promotion: 'none' } },
    ...(['UNKNOWN', 'NOT_SERVING', 'NOT_A_MASTER'] as const),
  ],
  [
    'the API shows the old roles, and Redis has moved',
    { job: { showsOldRoles: true } },
    ...(['UNKNOWN', 'SUCCESS_WITHOUT_CHANGE', 'MOVED'] as const),
  ],
  [
    'the job fails, and nothing has moved',
    { job: { outcome: 'FAIL', failReason: 'Failover timed out.' } },
    ...(['FAILED_UNCHANGED', 'JOB_FAILED', 'SAME'] as const),
  ],
  [
    'the answer is lost and no row shows, and Redis has moved',
    { reset: 'after', taskRow: { never: true } },
    ...(['UNKNOWN', 'CHANGE_WITHOUT_OUR_TASK', 'MOVED'] as const),
  ],
] satisfies readonly (readonly [string, FaultActions, string, string, string])[])(
  'where %s',
  async (_, fault, outcome, cause, word) => {
    const { result, puts } = await run(fault);
    expect({ outcome: result.outcome, cause: result.cause }).toEqual({ outcome, cause });
    expect(result.dataPlane).toMatchObject({
      ...{ state: 'witness-only', binding: 'password', witness: { word } },
    });
    expect(puts).toBe(1);
  },
);

test.concurrent('a swap back is not sent where Redis says that nothing has moved', async () => {
  const { result, puts } = await run({
    ...{ job: { newMasterStatus: 'Inactive' }, redis: { promotion: 'none', addressStays: true } },
  });
  expect({ outcome: result.outcome, puts }).toEqual({ outcome: 'UNKNOWN', puts: 1 });
  expect(JSON.stringify(result.evidence)).toContain('not swapped back: Redis itself says SAME');
});

test.concurrent('it costs no event, and the message of a success is as without it', async () => {
  const { events, result } = await run({});
  expect(events).toBeLessThanOrEqual(31);
  expect(result.message).not.toContain('Redis itself');
});
