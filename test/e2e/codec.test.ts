/**
 * An encrypting codec in worker, client and command: everything works, and whoever reads Temporal
 * without the key finds ids and names of types, nothing of what was asked, seen or done.
 */
import { execFile } from 'node:child_process';
import path from 'node:path';

import { expect, test } from '@jest/globals';
import { Client } from '@temporalio/client';

import { PayloadsEncodedError, createDcsSwitchover } from '../../src/client.js';
import type { SwitchoverInput } from '../../src/contract/index.js';
import { waitUntil } from '../../src/simulator/basics.js';
import type { SimulatedInstance } from '../../src/simulator/index.js';
import { RIGHT, clockEnv } from '../support/clocks.js';
import { writeCodecModule } from '../support/codec.js';
import { readableTexts } from '../support/readable.js';
import { FAST, useRig } from '../support/rig.js';
import { showed } from '../support/shown.js';
import { hold, openSite, reached, untilEvent } from '../support/steps.js';

const CODEC = { DCS_SWITCHOVER_DATA_CONVERTER: writeCodecModule() };
const rig = useRig({ codecEnv: CODEC });

const LABELS = {
  reason: 'canary-reason',
  requestedBy: 'canary-person',
  changeId: 'canary-change',
} as const;

const refOf = ({ instanceId }: SimulatedInstance) => ({
  projectId: rig().simulator.projectId,
  instanceId,
});

const lockOf = (instance: SimulatedInstance): string =>
  `dcs-switchover:${rig().simulator.projectId}:${instance.instanceId}`;

interface Ran {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

/** Runs the built command as a person would. */
const cli = (args: readonly string[], env: NodeJS.ProcessEnv = CODEC): Promise<Ran> =>
  new Promise((resolve) => {
    const main = path.join(__dirname, '../../dist/cli.js');
    const options = { env: { ...rig().stack.clientEnv, ...env } };
    execFile(process.execPath, [main, ...args], options, (error, stdout, stderr) => {
      resolve(showed({ code: error === null ? 0 : Number(error.code), stdout, stderr }));
    });
  });

/** What stays readable by design, besides ids: docs/encryption.md. */
const READABLE = [
  /^$/,
  /^-?\d+(\.\d+)?s?$/,
  /^\d{4}-\d\d-\d\dT[\d:.]+Z$/,
  /^[A-Z][A-Z0-9]*(_[A-Z0-9]+)+$/,
  /^[0-9a-f-]{36}(_\w+)?$/,
  /^dcs-switchover(:[0-9a-f]{32}:[0-9a-f-]{36})?$/,
  /^\d+@[\w.-]+/,
  /^(dcsSwitchover|preflight|requestSwap|awaitJob|verifyRoles|watchRoles)$/,
  /^(Encoded failure|TypeScriptSDK|temporal-typescript|Workflow canceled)$/,
  /^(activity|workflow) (error|task failed)$/i,
  // Temporal's own word when an event arrives while the last task ends; the task is then done again.
  /^UnhandledCommand$/,
  /^(REFUSED|UNKNOWN|RUNNING|SUCCEEDED|TERMINATED|terminated by the test)$/,
];

/** Where bytes, hashes and versions of the SDK stand. */
const TECHNICAL =
  /\.(searchAttributes\.indexedFields\.\w+\.|sdkMetadata|sdkVersion|workerVersion|binaryChecksum|taskToken|buildId)|\.nextEventId/;

/** Fails on any readable text that is not known, and on the words of this run. */
const expectUnreadable = async (
  instance: SimulatedInstance,
  runId: string,
  more: readonly string[] = [],
): Promise<void> => {
  const texts = await readableTexts(rig().temporal, lockOf(instance), runId);
  const payloads = texts.filter(({ path: where }) => where.endsWith('.data'));
  expect(payloads.length).toBeGreaterThan(5);
  const nodes = instance
    .roles()
    .flatMap(({ nodeId, availabilityZone }) => [nodeId, availabilityZone]);
  const canaries = [...Object.values(LABELS), ...nodes, '192.168.', '127.0.0.1', ...more];
  const leaks = texts.filter(({ text }) => canaries.some((canary) => text.includes(canary)));
  expect(leaks).toEqual([]);
  const surprises = texts.filter(
    ({ path: where, text }) =>
      !where.endsWith('.data') &&
      !(where.endsWith('metadata.encoding') && text === 'binary/encrypted') &&
      !TECHNICAL.test(where) &&
      !READABLE.some((pattern) => pattern.test(text)),
  );
  expect(surprises).toEqual([]);
};

const start = async (
  instance: SimulatedInstance,
  input: Partial<SwitchoverInput> = {},
): Promise<string> => {
  const whole = { ...refOf(instance), toggle: true, ...LABELS, ...input, timing: FAST };
  return (await rig().client.start(whole, { joinEquivalent: false })).runId;
};

test.concurrent('SUCCEEDED: reported to client and command, unreadable in Temporal', async () => {
  const instance = await rig().instance();
  const runId = await start(instance, { requestId: 'canary-request' });
  const { outcome, result } = await rig().end(instance, runId);
  expect({ outcome, puts: rig().putsOf(instance).length }).toEqual({
    outcome: 'SUCCEEDED',
    puts: 1,
  });
  expect(result).toMatchObject(LABELS);
  const status = await cli(['status', instance.instanceId, '-o', 'json']);
  expect(JSON.parse(status.stdout)).toMatchObject({
    phase: 'ENDED',
    outcome: 'SUCCEEDED',
    put: 'accepted',
    asked: LABELS,
  });
  const wait = await cli(['wait', instance.instanceId]);
  expect(wait).toMatchObject({ code: 0 });
  expect(wait.stdout).toContain(result.message);
  await expectUnreadable(instance, runId, [
    'canary-request',
    ...result.jobIds,
    'master',
    'Nothing',
  ]);
});

test.concurrent('a request id is recognised, by client and worker alike', async () => {
  const instance = await rig().instance();
  const runId = await start(instance, { requestId: 'canary-request' });
  expect((await rig().end(instance, runId)).outcome).toBe('SUCCEEDED');
  const again = { ...refOf(instance), toggle: true, requestId: 'canary-request', timing: FAST };
  expect(await rig().client.start(again)).toMatchObject({ runId, reused: 'closed' });
  // Started behind the client's back, so that the worker has to find out.
  const handle = await rig().temporal.workflow.start('dcsSwitchover', {
    workflowId: lockOf(instance),
    taskQueue: rig().stack.taskQueue,
    args: [again],
  });
  const { outcome, result } = await rig().end(instance, handle.firstExecutionRunId);
  expect({ outcome, of: result.repeatOfRunId }).toEqual({ outcome: 'SUCCEEDED', of: runId });
  expect(rig().putsOf(instance)).toHaveLength(1);
});

test.concurrent('REFUSED: the message and the checks are encoded, too', async () => {
  const instance = await rig().instance();
  instance.setStatus('FROZEN');
  const runId = await start(instance);
  const { outcome, result } = await rig().end(instance, runId);
  expect(outcome).toBe('REFUSED');
  const wait = await cli(['wait', instance.instanceId]);
  expect(wait.code).toBe(3);
  expect(wait.stdout).toContain(result.message);
  await expectUnreadable(instance, runId, ['FROZEN', 'Nothing was sent', 'instance-idle']);
});

test.concurrent('a cancelled run says why it ended only to who has the codec', async () => {
  const instance = await rig().instance();
  const read = hold(rig(), instance, 'listTasks');
  const runId = await start(instance);
  await reached(read);
  await rig().client.cancel(refOf(instance));
  read.release();
  expect((await rig().end(instance, runId)).outcome).toBe('CANCELLED');
  await expectUnreadable(instance, runId, ['fence']);
});

test.concurrent(
  'terminated after its PUT: UNKNOWN from the history, resolved, then switched',
  async () => {
    const instance = await rig().instance();
    const poll = hold(rig(), instance, 'showJob');
    const runId = await start(instance);
    await reached(poll);
    for (const queryType of ['status', '__temporal_workflow_metadata']) {
      const { queryResult } = await rig().temporal.workflowService.queryWorkflow({
        namespace: rig().temporal.options.namespace,
        execution: { workflowId: lockOf(instance), runId },
        query: { queryType },
      });
      const encoding = queryResult?.payloads?.[0]?.metadata?.['encoding'] ?? [];
      expect(Buffer.from(encoding).toString()).toBe('binary/encrypted');
    }
    await rig()
      .temporal.workflow.getHandle(lockOf(instance), runId)
      .terminate('terminated by the test');
    poll.release();

    const status = await cli(['status', instance.instanceId, '-o', 'json']);
    expect(JSON.parse(status.stdout)).toMatchObject({
      source: 'history',
      outcome: 'UNKNOWN',
      put: 'accepted',
      asked: LABELS,
    });
    const wait = await cli(['wait', instance.instanceId]);
    expect(wait.code).toBe(6);
    expect(wait.stdout).toMatch(/PUT accepted, job/);
    await expectUnreadable(instance, runId);

    const refused = await rig().run(instance);
    expect(refused.outcome).toBe('REFUSED');
    const check = refused.result.checks.find(({ id }) => id === 'previous-run-resolved');
    expect(check).toMatchObject({ passed: false });
    const resolution = { outcome: 'SUCCEEDED', statement: 'seen', resolvedBy: 'ops' } as const;
    expect((await rig().run(instance, { mode: 'resolve', resolution })).outcome).toBe('RESOLVED');
    expect((await rig().run(instance)).outcome).toBe('SUCCEEDED');
    expect(rig().putsOf(instance)).toHaveLength(2);
  },
);

test.concurrent('without the codec, client and command say what is missing', async () => {
  const instance = await rig().instance();
  const runId = await start(instance);
  await rig().end(instance, runId);
  const { connection, options } = rig().temporal;
  const { switchover: plain } = createDcsSwitchover({
    client: new Client({ connection, namespace: options.namespace }),
  });
  const ref = { ...refOf(instance), runId };
  await expect(plain.status(ref)).rejects.toThrow(PayloadsEncodedError);
  await expect(plain.result(ref)).rejects.toThrow(PayloadsEncodedError);
  for (const command of ['status', 'wait']) {
    const { code, stderr } = await cli([command, instance.instanceId], {});
    expect(code).toBe(2);
    expect(stderr).toMatch(/payloads are encoded.*DCS_SWITCHOVER_DATA_CONVERTER/);
  }
});

test.concurrent(
  'a worker without the codec sends nothing, says so, and leaves the run to others',
  async () => {
    const site = openSite(rig());
    // Lines of the SDK's core wait for the clock of the rest of the process, where that is behind the machine's.
    const plain = await site.startWorker(clockEnv(RIGHT.workerMs));
    const instance = await rig().instance();
    const runId = await site.start(instance);
    await untilEvent(rig(), instance, runId, 'WORKFLOW_TASK_FAILED');
    // The SDK's core hands over its log some time later.
    await waitUntil('the log reports', 120_000, () =>
      Promise.resolve(plain.log().join().includes('Unknown encoding: binary/encrypted')),
    );
    const status = await rig().client.status({ ...refOf(instance), runId });
    expect(status).toMatchObject({ execution: 'RUNNING', put: 'not-scheduled' });
    expect(status.next).toContain('is their codec missing');
    expect(rig().putsOf(instance)).toHaveLength(0);
    await plain.stop();
    await site.startWorker(CODEC);
    expect((await site.end(instance, runId)).outcome).toBe('SUCCEEDED');
  },
);

test.concurrent('another key is reported, not a riddle', async () => {
  const instance = await rig().instance();
  await rig().end(instance, await start(instance));
  const other = { DCS_SWITCHOVER_DATA_CONVERTER: writeCodecModule() };
  const { code, stderr } = await cli(['status', instance.instanceId], other);
  expect(code).toBe(8);
  expect(stderr).toMatch(
    /codec of DCS_SWITCHOVER_DATA_CONVERTER fails with .* same codec and keys/,
  );
});
