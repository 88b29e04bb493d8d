/**
 * No secret gets out by a maintenance, its schedule, a freeze or a notification: histories, memos, search attributes,
 * schedules, logs, webhook and command are searched for the keys of DCS, the webhook's secret and its URL.
 */
import { randomUUID } from 'node:crypto';

import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { historyToJSON } from '@temporalio/common/lib/proto-utils';

import { runCli } from '../../src/cli/program.js';
import { connectDcsSwitchover } from '../../src/client.js';
import type { ConnectedDcsSwitchover } from '../../src/client.js';
import type { MaintenanceInput } from '../../src/contract/index.js';
import { waitUntil } from '../../src/simulator/basics.js';
import { createFakeIo } from '../cli/support/fake-io.js';
import { instancesOf, openWindow, maintenanceOf } from '../support/maintenance-rig.js';
import { startReceiver } from '../support/receiver.js';
import type { Receiver } from '../support/receiver.js';
import { FAST, decodePayloads, expectNoSecret, useRig } from '../support/rig.js';
import { showing } from '../support/shown.js';

const rig = useRig({ hasWorker: false });

let receiver: Receiver;
let dcs: ConnectedDcsSwitchover;
const logs: string[] = [];

beforeAll(async () => {
  receiver = await startReceiver();
  const { stack } = rig();
  await stack.startWorker(
    {
      DCS_SWITCHOVER_WEBHOOK_URL: receiver.url,
      DCS_SWITCHOVER_WEBHOOK_SECRET: receiver.secret,
    },
    (line) => logs.push(line),
  );
  dcs = showing(await connectDcsSwitchover({ env: stack.clientEnv, taskQueue: stack.taskQueue }));
});

afterAll(async () => {
  await dcs.close();
  await receiver.close();
});

/** A maintenance of two: of one the PUT is refused, with the whole credential in the words of the API. */
async function planWithEcho(): Promise<MaintenanceInput> {
  const instances = await instancesOf(rig(), 2);
  const { simulator } = rig();
  const { accessKey, secretKey, securityToken } = simulator;
  const message = `signature fail, ak:${accessKey} ${secretKey} x-security-token:${String(securityToken)}`;
  simulator.faults.add({
    route: 'asyncSwap',
    instanceId: instances[0]?.instanceId ?? '',
    respond: { status: 400, code: 'DCS.4011', message },
  });
  return {
    maintenanceId: `secret-${randomUUID()}`,
    projectId: simulator.projectId,
    instanceIds: instances.map(({ instanceId }) => instanceId),
    toggle: true,
    window: openWindow(),
    expectedDurationSeconds: 10,
    compensationReserveSeconds: 10,
    maxFailures: 1,
    timing: FAST,
  };
}

/** Whatever Temporal keeps of every run of the namespace, and of every schedule. */
async function textsOfTemporal(): Promise<string[]> {
  const { temporal } = rig();
  const texts: string[] = [];
  for await (const { workflowId, runId } of temporal.workflow.list()) {
    const handle = temporal.workflow.getHandle(workflowId, runId);
    const history: unknown = JSON.parse(historyToJSON(await handle.fetchHistory()));
    const { memo, raw } = await handle.describe();
    texts.push(JSON.stringify([decodePayloads(history), memo]));
    texts.push(JSON.stringify(decodePayloads(JSON.parse(JSON.stringify(raw)))));
  }
  for await (const { scheduleId } of temporal.schedule.list()) {
    const { action, memo, state, raw } = await temporal.schedule.getHandle(scheduleId).describe();
    texts.push(JSON.stringify([action, memo, state]));
    texts.push(JSON.stringify(decodePayloads(JSON.parse(JSON.stringify(raw)))));
  }
  return texts;
}

/** What the command prints, with the worker's whole environment at hand. */
async function textsOfCommand(commands: readonly (readonly string[])[]): Promise<string[]> {
  const texts: string[] = [];
  const env = {
    ...rig().stack.workerEnv(),
    DCS_SWITCHOVER_WEBHOOK_URL: receiver.url,
    DCS_SWITCHOVER_WEBHOOK_SECRET: receiver.secret,
  };
  for (const command of commands) {
    const io = createFakeIo({ env });
    await runCli([...command], io);
    texts.push(io.stdout(), io.stderr());
  }
  return texts;
}

test('no secret is in what maintenance runs, schedules, freezes and notifications leave behind', async () => {
  const maintenance = await planWithEcho();
  const { maintenanceId } = maintenance;
  const scheduleId = `weekly-${randomUUID()}`;
  const schedule = { at: new Date(Date.now() + 1_200_000).toISOString() };
  await dcs.schedules.createOrUpdate({ scheduleId, schedule, maintenance });
  const started = await dcs.maintenance.start(maintenance);
  const rigged = maintenanceOf(rig(), [], maintenanceId, started.runId);
  expect(await rigged.end()).toMatchObject({
    type: 'PARTIAL',
    result: { counts: { done: 1 } },
  });
  const until = new Date(Date.now() + 600_000).toISOString();
  await dcs.freezes.start({ until, by: 'ann', reason: 'quarter end' });
  const commands = [
    ['maintenance', 'report', maintenanceId],
    ['maintenance', 'progress', maintenanceId, '-o', 'json'],
    ['schedule', 'describe', scheduleId],
    ['schedule', 'list', '-o', 'json'],
    ['freeze', '--show'],
    ['doctor'],
    ['doctor', '-o', 'json'],
  ];
  const shown = await textsOfCommand(commands);
  await dcs.freezes.thaw({ by: 'ann' });
  const hasEnded = () => receiver.events().some(({ type }) => type.includes('maintenance.ended'));
  await waitUntil('the end is reported', 120_000, () => Promise.resolve(hasEnded()));

  const bodies = receiver.received.map(({ body }) => body);
  const kept = await textsOfTemporal();
  // So that an empty search proves nothing by itself: the API's own words are there, without the keys.
  expect(kept.join('\n')).toContain('signature fail');
  expect(shown.join('\n')).toContain('quarter end');
  expect(shown.join('\n')).toContain(new URL(receiver.url).origin);
  const texts = [...kept, ...shown, ...bodies, ...logs];
  expectNoSecret(rig(), texts);
  for (const text of texts) {
    expect(text.includes(receiver.secret.replace('whsec_', ''))).toBe(false);
    expect(text.includes('token-of-the-url')).toBe(false);
  }
});
