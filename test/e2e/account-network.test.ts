/**
 * The route to the API: through a proxy, over TLS with an authority of one's own, and without either. What
 * was sent is judged by the simulator's ledger.
 */
import { randomUUID } from 'node:crypto';

import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';

import type { WorkerProcess } from '../../src/dev/stack.js';
import { waitUntil } from '../../src/simulator/basics.js';
import type { Simulator } from '../../src/simulator/index.js';
import { findDeafPort, makeCertificate } from '../dcs/support.js';
import { useAccounts } from '../support/account.js';
import type { AccountRun, RunOptions } from '../support/account.js';
import { startFailingProxy } from '../support/proxy.js';
import type { FailingProxy } from '../support/proxy.js';
import { useRig } from '../support/rig.js';

const rig = useRig({ hasWorker: false });
const accounts = useAccounts(rig);

let simulator: Simulator;
let proxy: FailingProxy;
let caFile: string;

const [WORKS, WITHOUT_PROXY, WITHOUT_CA] = ['works', 'proxy-down', 'ca-missing'];

beforeAll(async () => {
  const certificate = makeCertificate();
  simulator = await accounts.open({ tls: certificate });
  const password = `proxy-${randomUUID()}`;
  accounts.secret(password, Buffer.from(`proxy-user:${password}`).toString('base64'));
  proxy = await startFailingProxy(password);
  caFile = accounts.file('ca.pem', certificate.cert);
  const deaf = `http://proxy-user:${password}@127.0.0.1:${await findDeafPort()}`;
  await Promise.all([
    startWorker(WORKS, { DCS_HTTPS_PROXY: proxy.url, DCS_CA_FILE: caFile }),
    startWorker(WITHOUT_PROXY, { DCS_HTTPS_PROXY: deaf, DCS_CA_FILE: caFile }),
    startWorker(WITHOUT_CA, {}),
  ]);
});
afterAll(() => proxy.close());

/** A worker of this account on a task queue of its own. */
async function startWorker(taskQueue: string, env: NodeJS.ProcessEnv): Promise<WorkerProcess> {
  const { accessKey, secretKey, projectId, region, endpoint } = simulator;
  return rig().stack.startWorker(
    {
      ...{ HUAWEICLOUD_SDK_AK: accessKey, HUAWEICLOUD_SDK_SK: secretKey },
      ...{ HUAWEICLOUD_SDK_SECURITY_TOKEN: '', HUAWEICLOUD_SDK_PROJECT_ID: projectId },
      ...{ DCS_REGION: region, DCS_ENDPOINT: endpoint, DCS_SWITCHOVER_TASK_QUEUE: taskQueue },
      ...env,
    },
    accounts.log,
  );
}

/** A run whose last reading before the PUT is held until `then` has been done. */
async function interrupted(then: () => void, timing: RunOptions['timing']): Promise<AccountRun> {
  const { faults, ledger } = simulator;
  const run = await accounts.start(simulator, {
    taskQueue: WORKS,
    timing,
    prepare: ({ instanceId }) => {
      faults.add({ route: 'listTasks', instanceId, calls: 2, hold: true });
    },
  });
  const { instanceId } = run.instance;
  await waitUntil('the last reading', 120_000, () =>
    Promise.resolve(ledger.count('listTasks', instanceId) >= 2),
  );
  then();
  faults.clear();
  return run;
}

test.concurrent(
  'a worker killed while the connection of its PUT is made: nothing was sent, so another one goes on, SUCCEEDED',
  async () => {
    const { faults, ledger } = simulator;
    const taskQueue = 'killed-while-connecting';
    const ownProxy = await startFailingProxy(proxy.password);
    const doomed = await startWorker(taskQueue, {
      DCS_HTTPS_PROXY: ownProxy.url,
      DCS_CA_FILE: caFile,
    });
    const run = await accounts.start(simulator, {
      taskQueue,
      timing: { busyWaitSeconds: 120 },
      prepare: ({ instanceId }) => {
        faults.add({ route: 'listTasks', instanceId, calls: 2, hold: true });
      },
    });
    const { instanceId } = run.instance;
    await waitUntil('the last reading', 120_000, () =>
      Promise.resolve(ledger.count('listTasks', instanceId) >= 2),
    );
    ownProxy.keepWaitingOnce();
    faults.clear();
    await waitUntil('the connection of the PUT', 120_000, () =>
      Promise.resolve(ownProxy.asked.includes('left waiting')),
    );
    doomed.kill('SIGKILL');
    await doomed.exited;
    expect(ledger.puts(instanceId)).toHaveLength(0);
    await startWorker(taskQueue, { DCS_HTTPS_PROXY: ownProxy.url, DCS_CA_FILE: caFile });
    const { outcome, puts, result } = await run.end();
    await ownProxy.close();
    expect({ outcome, puts: puts.length }).toEqual({ outcome: 'SUCCEEDED', puts: 1 });
    expect(result).toMatchObject({ swapsSent: 1, swapsPossiblySent: 0, swapsAccepted: 1 });
  },
);

describe('nothing leaves', () => {
  test.concurrent('while the proxy is down: REFUSED, and the message names it', async () => {
    const run = await accounts.start(simulator, { taskQueue: WITHOUT_PROXY });
    const { outcome, message } = await run.end();
    expect(outcome).toBe('REFUSED');
    expect(message).toMatch(/PROXY_ECONNREFUSED: the proxy itself was not reached/);
    expect(message).toContain('check DCS_HTTPS_PROXY');
    expect(simulator.ledger.count('showInstance', run.instance.instanceId)).toBe(0);
  });

  test.concurrent('to a certificate that no one vouches for: REFUSED', async () => {
    const run = await accounts.start(simulator, { taskQueue: WITHOUT_CA });
    const { outcome, message } = await run.end();
    expect(outcome).toBe('REFUSED');
    expect(message).toContain('its certificate is not trusted: name the authority in DCS_CA_FILE');
    expect(simulator.ledger.count('showInstance', run.instance.instanceId)).toBe(0);
  });
});

describe('through a proxy', () => {
  test('a run works, and its PUT has a tunnel of its own', async () => {
    const before = proxy.asked.length;
    const run = await accounts.start(simulator, { taskQueue: WORKS });
    const { outcome, puts } = await run.end();
    expect({ outcome, puts: puts.length }).toEqual({ outcome: 'SUCCEEDED', puts: 1 });
    expect(proxy.asked.slice(before).length).toBeGreaterThanOrEqual(2);
    expect(new Set(proxy.asked)).toEqual(new Set(['opened']));
  });

  test('that hangs up on the PUT: never sent, so tried again, SUCCEEDED with one PUT', async () => {
    const run = await interrupted(() => {
      proxy.hangUpOnce();
    }, {});
    const { outcome, puts, result } = await run.end();
    expect({ outcome, puts: puts.length }).toEqual({ outcome: 'SUCCEEDED', puts: 1 });
    expect(result.swapsSent).toBe(1);
    expect(proxy.asked).toContain('hung up');
  });

  test('that opens no way for the PUT any more: FAILED_UNCHANGED, nothing sent', async () => {
    const run = await interrupted(
      () => {
        proxy.mode = 'refuses';
      },
      { busyWaitSeconds: 15 },
    );
    const { outcome, message, puts, result } = await run.end();
    proxy.mode = 'works';
    expect({ outcome, puts: puts.length }).toEqual({ outcome: 'FAILED_UNCHANGED', puts: 0 });
    expect(result.swapsSent).toBe(0);
    expect(message).toContain('check DCS_HTTPS_PROXY');
  });

  test('that dies before the PUT: REFUSED, nothing sent, and no unresolved outcome is left behind', async () => {
    const run = await interrupted(
      () => {
        proxy.dieAtNext();
      },
      { busyWaitSeconds: 10 },
    );
    const { outcome, message, result } = await run.end();
    proxy.mode = 'works';
    expect({ outcome, swapsSent: result.swapsSent }).toEqual({ outcome: 'REFUSED', swapsSent: 0 });
    expect(message).toContain('check DCS_HTTPS_PROXY');
    const again = await accounts.start(simulator, { taskQueue: WORKS, instance: run.instance });
    const { outcome: next, puts } = await again.end();
    expect({ next, puts: puts.length }).toEqual({ next: 'SUCCEEDED', puts: 1 });
  });
});
