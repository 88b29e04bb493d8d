/** `list --unresolved`: what needs a person now, as it stands in the terminal, and that its commands lead on. */
import { expect, test } from '@jest/globals';

import { runCli } from '../../src/cli/program.js';
import { makeSwitchoverWorkflowId } from '../../src/contract/index.js';
import { waitUntil } from '../../src/simulator/basics.js';
import type { SimulatedInstance } from '../../src/simulator/index.js';
import { createFakeIo } from '../cli/support/fake-io.js';
import { useRig } from '../support/rig.js';
import { hold, reached } from '../support/steps.js';

const rig = useRig();

/** Visibility lags behind on a loaded machine. */
const LISTED_TIMEOUT_MS = 100_000;

async function command(words: readonly string[]) {
  const { clientEnv } = rig().stack;
  const io = createFakeIo({ env: { ...clientEnv, DCS_SWITCHOVER_TASK_QUEUE: '' } });
  const exitCode = await runCli(words, io);
  return { exitCode, text: `${io.stdout()}${io.stderr()}` };
}

/** The list, once it is as awaited. */
async function listed(isSo: (text: string) => boolean): Promise<string> {
  let text = '';
  await waitUntil('the list', LISTED_TIMEOUT_MS, async () => {
    ({ text } = await command(['list', '--unresolved']));
    return isSo(text);
  });
  return text;
}

/** A run that was terminated while its job ran: the swap went on without it. */
async function terminated(): Promise<SimulatedInstance> {
  const instance = await rig().instance();
  const { projectId } = rig().simulator;
  const before = instance.masterNodeId();
  const poll = hold(rig(), instance, 'showJob');
  const runId = await rig().start(instance);
  await reached(poll);
  const lock = makeSwitchoverWorkflowId({ projectId, instanceId: instance.instanceId });
  await rig().temporal.workflow.getHandle(lock, runId).terminate('by hand');
  poll.release();
  await waitUntil('the master to have moved', LISTED_TIMEOUT_MS, () =>
    Promise.resolve(instance.masterNodeId() !== before),
  );
  return instance;
}

/** A run whose PUT was lost on its way: no one can know, and it keeps the lock for its cool-down. */
async function holding(): Promise<SimulatedInstance> {
  const instance = await rig().instance();
  const { instanceId } = instance;
  rig().simulator.faults.add({ route: 'asyncSwap', instanceId, calls: 1, reset: 'before' });
  await rig().start(instance, { timing: { coolDownSeconds: 600 } });
  return instance;
}

/** As a line of the list names it, as a pattern. */
const titleOf = ({ instanceId, name }: Pick<SimulatedInstance, 'instanceId' | 'name'>): string =>
  `${name} \\(${instanceId.slice(0, 8)}…\\)`;

test('nothing is unresolved at the beginning', async () => {
  expect(await command(['list', '--unresolved'])).toEqual({
    exitCode: 0,
    text: 'No run is unresolved.\n',
  });
});

test('each unresolved instance is listed with the command that leads on, until someone has found out', async () => {
  const [{ instanceId, name }, held] = await Promise.all([terminated(), holding()]);
  const isHeld = (text: string) => text.includes(`status ${held.instanceId}`);
  const text = await listed((each) => each.includes(`verify ${instanceId}`) && isHeld(each));
  expect(text).toMatch(new RegExp(`^\\d.* TERMINATED +${titleOf({ instanceId, name })}$`, 'm'));
  expect(text).toMatch(new RegExp(`^\\d.* HOLDING +${titleOf(held)}$`, 'm'));
  const line = text.split('\n').find((each) => each.includes(`verify ${instanceId}`)) ?? '';
  const verified = await command(line.trim().split(' ').slice(1));
  expect(verified).toMatchObject({ exitCode: 0, text: expect.stringContaining('SUCCEEDED') });
  expect(isHeld(await listed((each) => !each.includes(instanceId)))).toBe(true);
});
