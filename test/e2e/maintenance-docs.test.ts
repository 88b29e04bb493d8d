/**
 * Every command of docs/maintenance.md is run, as it stands there, in the order of the page, and so are its two
 * files. Only what no page can know is replaced: dates that are still to come, and the names of the test's instance.
 */
import { mkdtemp, readFile, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';

import { afterAll, beforeAll, expect, jest, test } from '@jest/globals';

import { runCli } from '../../src/cli/program.js';
import { waitUntil } from '../../src/simulator/basics.js';
import type { SimulatedInstance } from '../../src/simulator/index.js';
import { createFakeIo } from '../cli/support/fake-io.js';
import { FAST, useRig } from '../support/rig.js';

jest.setTimeout(300_000);

const rig = useRig();
const DAY_MS = 86_400_000;
const STEP_MS = 60_000;

let folder: string;
let page: string;
let instance: SimulatedInstance;
let unknownRunId: string;

beforeAll(async () => {
  folder = await mkdtemp(path.join(tmpdir(), 'maintenance-docs-'));
  instance = await rig().instance({ tags: [{ key: 'team', value: 'cart' }] });
  const zone = instance.roles().find(({ role }) => role === 'master')?.availabilityZone ?? '';
  const text = await readFile(path.join(__dirname, '../../docs/maintenance.md'), 'utf8');
  const inDays = (days: number): string =>
    new Date(Date.now() + days * DAY_MS).toISOString().slice(0, 10);
  page = text
    .replaceAll('eu-west-101a', zone)
    .replaceAll('2026-12-05', inDays(10))
    .replaceAll('2026-12-06', inDays(11))
    .replaceAll(/(maintenance|schedule)\.yaml/g, (name) => path.join(folder, name))
    .replaceAll('reports/', path.join(folder, 'reports'))
    .replaceAll('ticket.html', path.join(folder, 'ticket.html'));
  for (const [, body = ''] of page.matchAll(/^```yaml\n([\s\S]*?)^```$/gm))
    await writeFile(/^# (\S+)/.exec(body)?.[1] ?? '', body);
});

afterAll(() => rm(folder, { recursive: true, force: true }));

/** The commands of each section, as words; a comment behind one is none. */
function readCommands(): ReadonlyMap<string, readonly string[][]> {
  const sections = page.split(/^##+ /m).slice(1);
  const found = sections.map((section): [string, string[][]] => {
    const title = section.slice(0, section.indexOf('\n'));
    const blocks = [...section.matchAll(/^```sh\n([\s\S]*?)^```$/gm)].map(([, body = '']) => body);
    const lines = blocks.flatMap((body) => body.replace(/\\\n/g, ' ').split('\n'));
    return [title, lines.filter((line) => line.trim() !== '').map(toWords)];
  });
  return new Map(found.filter(([, commands]) => commands.length > 0));
}

function toWords(line: string): string[] {
  return [...line.replace(/ +# .*$/, '').matchAll(/"([^"]*)"|(\S+)/g)].map(
    ([, quoted, plain]) => quoted ?? plain ?? '',
  );
}

/** Runs one command as a person at a terminal, who says yes, and detaches once a maintenance is followed. */
async function execute([program, ...words]: readonly string[]): Promise<number> {
  expect(program).toBe('dcs-switchover');
  const { clientEnv, taskQueue } = rig().stack;
  const names: Readonly<Record<string, string>> = {
    INSTANCE: instance.instanceId,
    RUN_ID: unknownRunId,
  };
  const env = {
    ...clientEnv,
    DCS_SWITCHOVER_TASK_QUEUE: taskQueue,
    HUAWEICLOUD_SDK_PROJECT_ID: rig().simulator.projectId,
  };
  const io = createFakeIo({ env, isInteractive: true, answer: 'yes' });
  const args = words.map((word) => names[word] ?? word);
  const isTimed = ['verify', 'plan'].includes(words[0] ?? '');
  const timing = Object.entries(FAST).map(([name, value]) => `--timing=${name}=${value}`);
  const running = runCli([...args, ...(isTimed ? timing : [])], io);
  const isFollowing = (): boolean =>
    words[0] === 'maintenance' && /AWAITING_(?:APPROVAL|WINDOW)/.test(io.stderr());
  const watch = setInterval(() => {
    if (isFollowing()) io.interrupt();
  }, 50);
  return running.finally(() => {
    clearInterval(watch);
  });
}

const tell = (...words: string[]): Promise<number> =>
  execute(['dcs-switchover', 'maintenance', ...words]);

/** What happens before the commands of a section, and the exit codes that these have, in order. */
const STORY: readonly (readonly [
  section: string,
  codes: readonly number[],
  before?: () => Promise<unknown>,
])[] = [
  // Followed and detached from; started again it is the maintenance that is there.
  ['Plan, then start', [0, 9, 0]],
  ['Decide', [0]],
  ['Watch', [0, 9]],
  ['How it ends', [0, 0, 0, 9], () => tell('abort', 'drain-az1', '--reason', 'a test', '--yes')],
  ['An item is UNKNOWN', [0], () => endUnknown()],
  ['An item is NOT_STARTED or SKIPPED', [0]],
  // Looked at before it is started, so there is no such maintenance yet.
  ['PARTIAL', [0], () => endRest()],
  ['Frozen', [0]],
  ['Terminated or timed out', [0, 0], () => terminateAnother()],
  ['Schedules', [0, 0]],
  ['Freeze', [0, 0, 0]],
];

/** A switchover whose job outlasts its time, and its hold: it ends without one more look. */
async function endUnknown(): Promise<void> {
  const { instanceId } = instance;
  const job = { runMs: 8_000 };
  rig().simulator.faults.add({ route: 'asyncSwap', instanceId, calls: 1, job });
  const { runId, outcome } = await rig().run(instance, { timing: { jobTimeoutSeconds: 3 } });
  expect(outcome).toBe('UNKNOWN');
  unknownRunId = runId;
}

async function endRest(): Promise<void> {
  await tell('reject', 'drain-az1-rest', '--reason', 'a test');
  await rig()
    .temporal.workflow.getHandle('dcs-maintenance:drain-az1-rest')
    .result()
    .catch(() => undefined);
}

async function terminateAnother(): Promise<void> {
  expect(await tell('start', '--rest-of', 'drain-az1', 'drain-az1', '--no-wait')).toBe(0);
  const handle = rig().temporal.workflow.getHandle('dcs-maintenance:drain-az1');
  await waitUntil('the maintenance has been made', STEP_MS, async () => {
    const { phase } = await handle.query<{ phase: string }>('progress');
    return phase === 'AWAITING_APPROVAL';
  });
  await handle.terminate('by hand');
}

test('every command of the page works, in the order of the page', async () => {
  const commands = readCommands();
  expect([...commands.keys()].sort()).toEqual(STORY.map(([section]) => section).sort());
  for (const [section, codes, before] of STORY) {
    await before?.();
    const got: number[] = [];
    for (const command of commands.get(section) ?? []) got.push(await execute(command));
    expect([section, got]).toEqual([section, codes]);
  }
  const reports = await readdir(path.join(folder, 'reports'));
  expect(reports.map((name) => path.extname(name)).sort()).toEqual(['.html', '.json', '.md']);
  expect(rig().simulator.ledger.puts(instance.instanceId)).toHaveLength(1);
});
