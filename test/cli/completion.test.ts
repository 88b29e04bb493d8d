/** What a shell completes: asked of the program, and typed into real shells. */
import { execFileSync, spawn } from 'node:child_process';
import { chmodSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';

import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';

import { runCli } from '../../src/cli/program.js';
import type { ConnectedDcsSwitchover } from '../../src/client.js';
import { startSimulator } from '../../src/simulator/index.js';
import type { Simulator } from '../../src/simulator/index.js';

import { createFakeClient } from './support/fake-client.js';
import { createFakeIo } from './support/fake-io.js';
import { createFakeOperator } from './support/fake-operator.js';

const CLI = path.join(__dirname, '../../dist/cli.js');
const TYPED = path.join(__dirname, '../support/typed.py');
const WIDE = '订单缓存';
const SPACED = 'my cache';
const TWIN = 'twin-cache';

const folder = mkdtempSync(path.join(tmpdir(), 'dcs-switchover-completion-'));
let simulator: Simulator;
let env: NodeJS.ProcessEnv;

beforeAll(async () => {
  writeFileSync(path.join(folder, 'settings file.yaml'), '');
  const names = [WIDE, SPACED, TWIN, TWIN, 'orders-1', 'orders-2'];
  const instances = names.map((name) => ({ name }));
  simulator = await startSimulator({ instances, redisServerPath: null });
  env = {
    ...{ DCS_ENDPOINT: simulator.endpoint, DCS_REGION: simulator.region },
    ...{ HUAWEICLOUD_SDK_AK: simulator.accessKey, HUAWEICLOUD_SDK_SK: simulator.secretKey },
    HUAWEICLOUD_SDK_PROJECT_ID: simulator.projectId,
  };
});

afterAll(async () => {
  await simulator.close();
  rmSync(folder, { recursive: true });
});

/** A busy machine may need longer than a person waits. */
const PATIENTLY = ['--within', '60'];

type Known = ConnectedDcsSwitchover['known'];

/** Lines of the answer, and what was written besides. */
async function complete(
  line: readonly string[],
  given: {
    readonly known?: Known;
    readonly env?: NodeJS.ProcessEnv;
    readonly options?: string[];
  } = {},
) {
  const io = createFakeIo({ env: given.env ?? {} });
  const { known } = given;
  const client = createFakeClient({}, createFakeOperator(known === undefined ? {} : { known }));
  const exitCode = await runCli(['complete', ...(given.options ?? []), '--', ...line], io, client);
  const lines = io.stdout().split('\n').slice(0, -1);
  return { exitCode, stderr: io.stderr(), words: lines.map((each) => each.split('\t')[0]) };
}

describe('the program says what may stand at the end of a line', () => {
  test.each<[string, string[], string[]]>([
    ['commands', [''], ['plan', 'switch', 'maintenance', 'completion', 'help']],
    ['subcommands', ['maintenance', ''], ['start', 'skip', 'report']],
    ['options', ['switch', 'x', '--'], ['--to-az', '--output', '--help', '--no-wait']],
    ['choices of an option', ['switch', '-o', ''], ['table', 'json', 'yaml']],
    ['choices behind an equals sign', ['list', '--color=a'], ['--color=auto', '--color=never']],
    ['choices of an argument', ['completion', ''], ['bash', 'zsh', 'fish']],
    ['outcomes', ['list', '--outcome', ''], ['SUCCEEDED', 'UNKNOWN', 'RUNNING']],
    ['policies', ['switch', 'x', '--compensation', ''], ['swap-back', 'none']],
    ['probes', ['maintenance', 'start', 'x', '--probe', ''], ['off', 'if-possible', 'require']],
    ['paths', ['maintenance', 'start', '--file', ''], [':files']],
    [
      'options behind the value of another',
      ['switch', '--reason', 'why', '--w'],
      ['--wait-timeout'],
    ],
  ])('%s', async (_, line, expected) => {
    const { words, exitCode, stderr } = await complete(line);
    expect(words).toEqual(expect.arrayContaining(expected));
    expect({ exitCode, stderr }).toEqual({ exitCode: 0, stderr: '' });
  });

  test('nothing where no one knows what is meant', async () => {
    for (const line of [
      ['switch', 'x', 'y', ''],
      ['switch', '--reason', ''],
      ['nonsense', ''],
    ])
      expect((await complete(line)).words).toEqual([]);
  });

  test('does not offer itself', async () => {
    expect((await complete([''])).words).not.toContain('complete');
  });
});

describe('instances and ids are looked up', () => {
  const ids = ['22222222-2222-4222-8222-222222222222', '33333333-2222-4222-8222-222222222222'];

  test('by the list of the API, where there is a key: what several are named by its id', async () => {
    const { words } = await complete(['status', ''], { env, options: PATIENTLY });
    const twins = simulator.instances.filter(({ name }) => name === TWIN);
    expect(words).toEqual(
      expect.arrayContaining([WIDE, SPACED, 'orders-1', ...twins.map((each) => each.instanceId)]),
    );
    expect(words).not.toContain(TWIN);
  });

  test.each<[string, string[], string]>([
    ['of instances', ['status', ''], 'instances'],
    ['of what is skipped', ['maintenance', 'skip', 'drain', ''], 'instances'],
    ['of maintenances', ['maintenance', 'progress', ''], 'maintenances'],
    ['of the rest of one', ['maintenance', 'start', '--rest-of', ''], 'maintenances'],
    ['of schedules', ['schedule', 'pause', ''], 'schedules'],
  ])('by visibility: %s', async (_, line, kind) => {
    const asked: unknown[] = [];
    const known: Known = (...args) => {
      asked.push(args);
      return Promise.resolve([{ id: ids[0] ?? '', name: 'orders' }]);
    };
    expect((await complete(line, { known })).words).toEqual(['orders']);
    expect(asked).toEqual([[kind, undefined]]);
  });

  test('in the project that the line names', async () => {
    const known: Known = (_, projectId) =>
      Promise.resolve([{ id: `of ${projectId ?? ''}`, name: null }]);
    const { words } = await complete(['status', '--project', 'p1', ''], { known });
    expect(words).toEqual(['of p1']);
  });

  test('what a shell or a terminal would obey is never offered', async () => {
    const known: Known = () =>
      Promise.resolve([
        { id: ids[0] ?? '', name: '$(reboot)' },
        { id: ids[1] ?? '', name: 'cart\u001b[2J\u202e' },
      ]);
    const { words } = await complete(['status', ''], { known });
    expect(words).toEqual(ids);
  });

  test('what fails is nothing, without a word', async () => {
    const known: Known = () => Promise.reject(new Error('away'));
    expect(await complete(['status', ''], { known })).toEqual({
      ...{ exitCode: 0, words: [], stderr: '' },
    });
  });

  test('what does not answer is given up', async () => {
    const known: Known = () => new Promise(() => undefined);
    const answer = complete(['maintenance', 'abort', ''], { known });
    await expect(Promise.race([answer, pause(60_000, 'late')])).resolves.toMatchObject({
      words: [],
    });
  });
});

const PATH = `${folder}:${process.env['PATH'] ?? ''}`;

function has(shell: string): boolean {
  try {
    return execFileSync(shell, ['-c', 'echo yes'], { encoding: 'utf8' }) === 'yes\n';
  } catch {
    return false;
  }
}

/** How each shell is started with our script, as its user would have it; fish completes without a terminal. */
const STARTS = {
  bash: (script: string) => {
    writeFileSync(path.join(folder, 'bashrc'), `PS1='ready> '\nsource ${script}\n`);
    return ['bash', '--noprofile', '--rcfile', path.join(folder, 'bashrc'), '-i'];
  },
  zsh: (script: string) => {
    const setup = `PS1='ready> '\nautoload -U compinit && compinit -u -D\nsource ${script}\n`;
    writeFileSync(path.join(folder, '.zshrc'), setup);
    return ['zsh', '-i'];
  },
} as const;

/** The program in `PATH`: it completes for real, and of all else remembers its arguments. */
function install(arguments_: string): void {
  const program = `#!/bin/sh
if [ "$1" = complete ]; then shift; exec "${process.execPath}" "${CLI}" complete ${PATIENTLY.join(' ')} "$@"; fi
printf '%s\\n' "$@" > "${arguments_}"
`;
  writeFileSync(path.join(folder, 'dcs-switchover'), program);
  chmodSync(path.join(folder, 'dcs-switchover'), 0o755);
}

/** The arguments of what is typed, each as the shell understood it. */
async function typed(shell: keyof typeof STARTS, line: string): Promise<string[]> {
  const received = path.join(folder, 'arguments');
  rmSync(received, { force: true });
  install(received);
  const script = path.join(folder, `completion.${shell}`);
  writeFileSync(script, execFileSync(process.execPath, [CLI, 'completion', shell]));
  const terminal = await shown('python3', [
    ...[TYPED, `dcs-switchover ${line}`],
    ...STARTS[shell](script),
  ]);
  try {
    return readFileSync(received, 'utf8').split('\n').slice(0, -1);
  } catch {
    throw new Error(`Nothing was run. The terminal showed:\n${terminal}`);
  }
}

const LINES: readonly [string, string[]][] = [
  ['stat\t', ['status']],
  ['maintenance prog\tdrain', ['maintenance', 'progress', 'drain']],
  ['switch x --wait-t\t5', ['switch', 'x', '--wait-timeout', '5']],
  ['list --color=al\t', ['list', '--color=always']],
  ['list --reason "a b" -o js\t', ['list', '--reason', 'a b', '-o', 'json']],
  [`status ${WIDE.slice(0, 2)}\t`, ['status', WIDE]],
  ['status my\t', ['status', SPACED]],
  ['status "my\t', ['status', SPACED]],
  ['status ord\t2', ['status', 'orders-2']],
  [
    'maintenance start d --file set\t',
    ['maintenance', 'start', 'd', '--file', 'settings file.yaml'],
  ],
];

/** A shell that is not there is shown as skipped; the gate installs all of them. */
const describeIn = (shell: string) => (has(shell) ? describe : describe.skip);

for (const shell of ['bash', 'zsh'] as const)
  describeIn(shell)(`typed into ${shell}`, () => {
    test.each(LINES)('%j is completed', async (line, expected) => {
      expect(await typed(shell, line)).toEqual(expected);
    });
  });

/** What fish would offer, the words alone. */
async function offeredByFish(line: string): Promise<string[]> {
  const script = path.join(folder, 'completion.fish');
  install(path.join(folder, 'arguments'));
  writeFileSync(script, execFileSync(process.execPath, [CLI, 'completion', 'fish']));
  const ask = `source ${script}; complete -C ${JSON.stringify(`dcs-switchover ${line}`)}`;
  const answer = await shown('fish', ['--no-config', '-c', ask]);
  const words = answer.split('\n').map((each) => each.split('\t')[0] ?? '');
  return words.filter((word) => word !== '');
}

/** All that a program prints; the simulator must go on answering meanwhile. */
async function shown(program: string, args: readonly string[]): Promise<string> {
  const child = spawn(program, args, {
    cwd: folder,
    env: { ...env, PATH, HOME: folder, ZDOTDIR: folder, TERM: 'dumb', LC_ALL: 'C.UTF-8' },
  });
  let text = '';
  child.stdout.on('data', (chunk: Buffer) => (text += chunk.toString()));
  await new Promise((resolve) => child.on('close', resolve));
  return text;
}

describeIn('fish')('fish', () => {
  test.each<[string, string[]]>([
    ['stat', ['status']],
    ['maintenance prog', ['progress']],
    ['list --color=al', ['--color=always']],
    [`status ${WIDE.slice(0, 2)}`, [WIDE]],
    ['status my', [SPACED]],
    ['status ord', ['orders-1', 'orders-2']],
    ['maintenance start d --file set', ['settings file.yaml']],
  ])('offers for %j', async (line, expected) => {
    expect(await offeredByFish(line)).toEqual(expected);
  });
});
