/* eslint jest/no-standalone-expect: off -- the checks run within tests, by name */
/** Runs every fault that docs/simulator.md recommends, as it stands there. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';

import { afterEach, describe, expect, it } from '@jest/globals';

import { parseFaults } from '../../src/simulator/index.js';
import type { Simulator } from '../../src/simulator/index.js';
import { call, eventually, first, get, pathsOf, post, put, start, stopAll } from './support.js';
import type { Reply } from './support.js';

afterEach(stopAll);

/** A row of the table: what is wanted, and the fault in back quotes. */
const ROW = /^\| (.+?) +\| `(\{.*\})` +\|$/;

const recipes = readFileSync(join(__dirname, '../../docs/simulator.md'), 'utf8')
  .split('\n')
  .map((line) => ROW.exec(line))
  .filter((match) => match !== null)
  .map(([, wanted = '', json = '']) => [wanted, parseFaults([JSON.parse(json)])] as const);

const swap = (simulator: Simulator): Promise<Reply> => put(simulator, pathsOf(simulator).swap);
const read = (simulator: Simulator): Promise<Reply> => get(simulator, pathsOf(simulator).instance);
const jobOf = (simulator: Simulator, jobId?: string): Promise<Reply> =>
  get(simulator, pathsOf(simulator).job(jobId ?? simulator.ledger.swaps[0]?.jobId ?? 'none'));

/** Swaps, waits for the end of the job and reports its word and whether the master moved. */
async function swapToEnd(simulator: Simulator) {
  const before = first(simulator).masterNodeId();
  expect((await swap(simulator)).status).toBe(200);
  let last = await jobOf(simulator);
  await eventually(async () => {
    last = await jobOf(simulator);
    return ['SUCCESS', 'FAIL'].includes(last.json.status);
  });
  const hasMoved = first(simulator).masterNodeId() !== before;
  return { status: last.json.status, reason: last.json.fail_reason, hasMoved };
}

/** Node ids of the masters in one reading. */
async function mastersOf(simulator: Simulator): Promise<readonly string[]> {
  const { nodes } = (await get(simulator, pathsOf(simulator).nodes)).json;
  return nodes.filter((node) => node.node_type === 'master').map((node) => node.node_id);
}

async function expectRefused(asking: Promise<Reply>, status: number, code: string): Promise<void> {
  const reply = await asking;
  expect([reply.status, reply.json.error_code]).toEqual([status, code]);
}

const redisRolesOf = async (simulator: Simulator): Promise<readonly string[]> =>
  (await first(simulator).redisRoles()).map(({ role }) => role);

const expectSwapped = async (simulator: Simulator): Promise<void> => {
  expect(await swapToEnd(simulator)).toMatchObject({ status: 'SUCCESS', hasMoved: true });
  expect(await redisRolesOf(simulator)).toEqual(['slave', 'master']);
};

/** What has to happen under each of them. */
const CHECKS: Record<string, (simulator: Simulator) => Promise<void>> = {
  'busy once, then free': async (simulator) => {
    await expectRefused(swap(simulator), 400, 'DCS.4049');
    expect((await swap(simulator)).status).toBe(200);
  },
  'the answer to the swap is lost': async (simulator) => {
    await expect(swap(simulator)).rejects.toMatchObject({ code: 'ECONNRESET' });
    expect(simulator.ledger.swaps).toHaveLength(1);
  },
  'the swap never arrives': async (simulator) => {
    await expect(swap(simulator)).rejects.toMatchObject({ code: 'ECONNRESET' });
    expect(simulator.ledger.swaps).toHaveLength(0);
  },
  '502 although the swap was done': async (simulator) => {
    await expectRefused(swap(simulator), 502, 'APIGW.0202');
    expect(simulator.ledger.swaps).toHaveLength(1);
  },
  '504 and nothing was done': async (simulator) => {
    await expectRefused(swap(simulator), 504, 'APIGW.0203');
    expect(simulator.ledger.swaps).toHaveLength(0);
  },
  'the answer breaks off in its middle': async (simulator) => {
    await expect(swap(simulator)).rejects.toThrow('aborted');
    expect(simulator.ledger.swaps).toHaveLength(1);
  },
  'the job fails, the roles stay': async (simulator) => {
    const reason = 'Failover timed out.';
    expect(await swapToEnd(simulator)).toEqual({ status: 'FAIL', reason, hasMoved: false });
  },
  'the job fails, the roles change': async (simulator) => {
    expect(await swapToEnd(simulator)).toMatchObject({ status: 'FAIL', hasMoved: true });
  },
  'the job succeeds, the roles stay': async (simulator) => {
    expect(await swapToEnd(simulator)).toMatchObject({ status: 'SUCCESS', hasMoved: false });
  },
  'the job never ends': async (simulator) => {
    await swap(simulator);
    await eventually(async () => (await jobOf(simulator)).json.status === 'RUNNING');
    await eventually(() => simulator.ledger.swaps[0]?.rolesChangedAt !== null);
    expect((await jobOf(simulator)).json.status).toBe('RUNNING');
    expect((await read(simulator)).json.task).toBe('masterStandbySwapJob');
  },
  'the job is unknown at first': async (simulator) => {
    const jobId = (await swap(simulator)).json.job_id;
    for (const status of [404, 404, 200]) {
      expect((await jobOf(simulator, jobId)).status).toBe(status);
    }
  },
  'no task row appears': async (simulator) => {
    await swapToEnd(simulator);
    expect((await get(simulator, pathsOf(simulator).tasks)).json.tasks).toEqual([]);
  },
  'the new master stays Inactive': async (simulator) => {
    await swapToEnd(simulator);
    const { nodes } = (await get(simulator, pathsOf(simulator).nodes)).json;
    expect(nodes.find((node) => node.node_type === 'master')).toMatchObject({ status: 'Inactive' });
  },
  'roles flap for two readings': async (simulator) => {
    const readings = [];
    for (let count = 0; count < 4; count += 1) readings.push(await mastersOf(simulator));
    const [one, two, three, four] = readings;
    expect([two, three]).not.toContainEqual(one);
    expect([one, two]).toEqual([four, three]);
  },
  'two masters are shown': async (simulator) => {
    expect(await mastersOf(simulator)).toHaveLength(2);
  },
  'Redis does not move, all says it has': async (simulator) => {
    expect(await swapToEnd(simulator)).toMatchObject({ status: 'SUCCESS', hasMoved: true });
    expect(await redisRolesOf(simulator)).toEqual(['master', 'slave']);
  },
  'Redis moves, the API shows the old roles': async (simulator) => {
    expect(await swapToEnd(simulator)).toMatchObject({ status: 'SUCCESS', hasMoved: false });
    expect(await redisRolesOf(simulator)).toEqual(['slave', 'master']);
  },
  // What the next three do to a real Redis stands in redis-faults.test.ts.
  'the address stays at the old master': expectSwapped,
  'half a second of writes is lost': expectSwapped,
  'a second of nothing at the address': expectSwapped,
  'another operator swaps first': async (simulator) => {
    await swap(simulator);
    expect(simulator.ledger.swaps.map(({ source }) => source)).toEqual(['foreign', 'api']);
  },
  'another operator swaps back': async (simulator) => {
    const before = first(simulator).masterNodeId();
    await swap(simulator);
    await eventually(() => typeof simulator.ledger.swaps[1]?.rolesChangedAt === 'number');
    expect(simulator.ledger.swaps.map(({ source }) => source)).toEqual(['api', 'foreign']);
    expect(first(simulator).masterNodeId()).toBe(before);
  },
  'throttled, with a time to wait': async (simulator) => {
    const reply = await jobOf(simulator);
    expect([reply.status, reply.headers['retry-after']]).toEqual([429, '2']);
    expect(reply.json.error_code).toBe('APIGW.0308');
  },
  'the access key is refused once': async (simulator) => {
    await expectRefused(read(simulator), 401, 'APIGW.0301');
    expect((await read(simulator)).status).toBe(200);
  },
  'the token has expired': (simulator) => expectRefused(read(simulator), 401, 'APIGW.0307'),
  'the right to read jobs is missing': (simulator) =>
    expectRefused(jobOf(simulator), 403, 'DCS.2007'),
  "a load balancer's page": async (simulator) => {
    const reply = await get(simulator, pathsOf(simulator).tasks);
    expect([reply.status, reply.headers['content-type']]).toEqual([503, 'text/html']);
  },
  'not JSON': async (simulator) => {
    const reply = await read(simulator);
    expect([reply.status, reply.json]).toEqual([200, undefined]);
  },
  'IAM is down once': async (simulator) => {
    const ask = () => post(simulator, '/v3/auth/tokens', {});
    expect((await ask()).json.error).toMatchObject({ code: 503, title: 'Service Unavailable' });
    expect((await ask()).status).toBe(400);
  },
  'metadata tokens are not allowed': async (simulator) => {
    const options = { unsigned: true };
    const token = await call(simulator, 'PUT', '/meta-data/latest/api/token', options);
    expect(token.status).toBe(405);
    expect((await get(simulator, '/openstack/latest/securitykey', options)).status).toBe(200);
  },
};

describe('the documented fault', () => {
  it('list is the one that is checked here', () => {
    expect(recipes.map(([wanted]) => wanted)).toEqual(Object.keys(CHECKS));
  });

  it.each(recipes)('%s', async (wanted, faults) => {
    const simulator = await start();
    const handles = faults.map((fault) => simulator.faults.add(fault));
    await CHECKS[wanted]?.(simulator);
    expect(handles.map((handle) => handle.hits() > 0)).toEqual([true]);
  });
});
