/**
 * A codec that fails where an activity begins or ends: what the run then knows of its PUT, and what it says. A report
 * that cannot be encoded is lost, and with it what was sent; so what has sent nothing says that by other means.
 */
import { randomUUID } from 'node:crypto';

import { afterAll, beforeAll, expect, test } from '@jest/globals';

import { connectDcsSwitchover } from '../../src/client.js';
import type { ConnectedDcsSwitchover } from '../../src/client.js';
import type { SimulatedInstance } from '../../src/simulator/index.js';
import { startCodecServer } from '../support/codec.js';
import type { CodecServer } from '../support/codec.js';
import { FAST, useRig } from '../support/rig.js';
import { hold, reached, untilEvent } from '../support/steps.js';

const rig = useRig({ hasWorker: false });

let codec: CodecServer;
let client: ConnectedDcsSwitchover;

beforeAll(async () => {
  codec = await startCodecServer();
  const settings = {
    DCS_SWITCHOVER_TASK_QUEUE: `site-${randomUUID()}`,
    TEMPORAL_CODEC_ENDPOINT: codec.endpoint,
    TEMPORAL_CODEC_AUTH: codec.auth,
  };
  await rig().stack.startWorker(settings);
  client = await connectDcsSwitchover({ env: { ...rig().stack.clientEnv, ...settings } });
});

afterAll(async () => {
  await client.close();
  await codec.close();
});

const start = ({ instanceId }: SimulatedInstance) =>
  client.switchover.start({
    projectId: rig().simulator.projectId,
    instanceId,
    toggle: true,
    timing: FAST,
  });

/** Refuses to encode what begins so, `times` times; and, of failures, never anything. */
const refuseToEncode = (beginning: string, times: number) => {
  let left = times;
  codec.refuse = (operation, clear) => {
    if (operation !== 'encode' || !clear.startsWith(beginning) || left === 0) return false;
    left -= 1;
    return true;
  };
};

const works = () => {
  codec.refuse = () => false;
};

test('down when the swap activity begins: nothing was sent, and the run tries again', async () => {
  const instance = await rig().instance();
  codec.refuse = (operation, clear) =>
    (operation === 'decode' && clear.includes('"purpose":"forward"')) ||
    clear.includes('Failed to parse activity args');
  const run = await start(instance);
  await untilEvent(rig(), instance, run.runId, 'ACTIVITY_TASK_FAILED');
  works();
  const result = await client.switchover.result(run);
  expect(result).toMatchObject({ outcome: 'SUCCEEDED', swapsSent: 1, swapsPossiblySent: 0 });
  expect(rig().putsOf(instance)).toHaveLength(1);
});

test('fails on the fence alone: the attempt says that it has sent nothing, and the run tries again', async () => {
  const instance = await rig().instance();
  refuseToEncode('{"fencedAt"', 1);
  const result = await client.switchover.result(await start(instance));
  expect(result).toMatchObject({ outcome: 'SUCCEEDED', swapsSent: 1, swapsPossiblySent: 0 });
  expect(rig().putsOf(instance)).toHaveLength(1);
});

test.each([
  ['once', 1],
  ['each time', Infinity],
])('fails %s on a report that nothing was sent: REFUSED, not UNKNOWN', async (_, times) => {
  const instance = await rig().instance();
  const lastLook = hold(rig(), instance, 'listNodes', 2);
  const run = await start(instance);
  await reached(lastLook);
  instance.setStatus('FROZEN');
  refuseToEncode('{"kind":"not-sent"', times);
  lastLook.release();
  const result = await client.switchover.result(run);
  works();
  expect(result).toMatchObject({ outcome: 'REFUSED', swapsSent: 0, swapsPossiblySent: 0 });
  expect(rig().putsOf(instance)).toHaveLength(0);
});

test.each([
  ['rejected', 400, 'DCS.4003'],
  ['not-applied', 401, 'APIGW.0301'],
])(
  'fails on a report that the PUT was %s: FAILED_UNCHANGED, and no further PUT',
  async (kind, status, code) => {
    const instance = await rig().instance();
    const { instanceId } = instance;
    const respond = { status, body: { error_code: code, error_msg: 'no' } };
    rig().simulator.faults.add({ route: 'asyncSwap', instanceId, respond });
    refuseToEncode(`{"kind":"${kind}"`, Infinity);
    const result = await client.switchover.result(await start(instance));
    works();
    expect(result).toMatchObject({
      outcome: 'FAILED_UNCHANGED',
      swapsSent: 1,
      swapsPossiblySent: 0,
    });
    expect(rig().putsOf(instance)).toHaveLength(1);
  },
);
