/** A namespace without our search attributes, a wrong key, a rotated key: runs end with the verified outcome. */
import { expect, test } from '@jest/globals';

import { createDcsSwitchover } from '../../src/client.js';
import { useRig } from '../support/rig.js';

const rig = useRig({ temporal: { searchAttributes: false } });

test('absent search attributes never stop a run; the result says which', async () => {
  const { outcome, result } = await rig().run(await rig().instance());
  expect(outcome).toBe('SUCCEEDED');
  expect(result.warnings.join()).toContain('DcsInstanceId');
  expect(result.warnings.join()).toContain('DcsStatus');
});

test('a wrong secret key: REFUSED with the gateway’s code, after two tries and not more', async () => {
  const { stack, simulator, temporal, logs } = rig();
  const taskQueue = 'wrong-key';
  const wrongKey = 'not-the-secret-key';
  const lines: string[] = [];
  const settings = { DCS_SWITCHOVER_TASK_QUEUE: taskQueue, HUAWEICLOUD_SDK_SK: wrongKey };
  const worker = await stack.startWorker(settings, (line) => lines.push(line));
  const instance = await rig().instance();
  const { switchover: client } = createDcsSwitchover({ client: temporal, taskQueue });
  const ref = { projectId: simulator.projectId, instanceId: instance.instanceId };

  const result = await client.result(await client.start({ ...ref, toggle: true }));
  await worker.stop();

  expect(result.outcome).toBe('REFUSED');
  expect(result.message).toContain('APIGW.0301');
  expect(result.message).not.toContain('canonicalRequest');
  const calls = simulator.ledger.calls.filter(({ user }) => user === null);
  expect(calls).toHaveLength(2);
  expect([...lines, ...logs, JSON.stringify(result)].join()).not.toContain(wrongKey);
});
