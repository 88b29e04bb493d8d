import { describe, expect, test } from '@jest/globals';

import { CLI_DEPS } from '../../src/cli/context.js';
import { runCli } from '../../src/cli/program.js';

import { createFakeClient } from './support/fake-client.js';
import { createFakeIo } from './support/fake-io.js';

const INSTANCE_ID = '22222222-2222-4222-8222-222222222222';
const PROJECT_ID = '0ebd32bc6a0123456789abcdef012345';

async function run(line: readonly string[], env: NodeJS.ProcessEnv = {}) {
  const io = createFakeIo({ env });
  const client = createFakeClient();
  const { previewSchedule } = CLI_DEPS;
  const exitCode = await runCli(line, io, { ...client, previewSchedule });
  return { exitCode, io, opened: client.connections };
}

test('an option that is missing is not reported once more by the field that it fills', async () => {
  const { io } = await run(['resolve', INSTANCE_ID, '--project', PROJECT_ID]);
  const lines = io.stderr().trim().split('\n').slice(1, -1);
  expect(lines).toEqual(
    ['--outcome <outcome>', '--statement <text>', '--by <name>'].map(
      (option) => `  required option '${option}' not specified`,
    ),
  );
});

test.each(
  ['adopt', 'audit', 'cancel', 'certify', 'history', 'inspect', 'plan', 'report', 'resolve'].concat(
    ['status', 'switch', 'verify', 'wait'],
  ),
)('an instance that %s lacks is missing, and is looked up under no name', async (command) => {
  const { exitCode, io, opened } = await run([command, '--project', PROJECT_ID]);
  expect(exitCode).toBe(2);
  expect(io.stderr()).toMatch(/missing required argument 'instance/);
  expect(io.stderr()).not.toMatch(/undefined|the instance id/);
  expect(opened).toHaveLength(0);
});

describe('a command line with several mistakes', () => {
  test.each<[string, string[], RegExp[]]>([
    [
      'required options and the contract',
      ['resolve', '5hort', '--wait-timeout', 'soon', '--outcome', 'GOOD'],
      [
        /option '--wait-timeout <seconds>' argument 'soon' is invalid/,
        /required option '--statement <text>' not specified/,
        /required option '--by <name>' not specified/,
        /the instance id /,
        /--project is /,
        /--outcome /,
      ],
    ],
    [
      'a freeze',
      ['freeze', '--for', '8', '--by', ''],
      [/option '--for <time>' argument '8' is invalid/, /--reason is missing/, /--by /],
    ],
    ['a freeze without anything', ['freeze'], [/Say until when: --until/, /--reason is missing/]],
    [
      'a decision',
      ['maintenance', 'skip', 'Drain', '5hort', '--run', 'x'],
      [/"Drain" names no maintenance/, /'--reason <text>' not specified/, /the instance id /],
    ],
    [
      'no arguments at all',
      ['maintenance', 'abort'],
      [/missing required argument 'maintenance'/, /'--reason <text>' not specified/],
    ],
    [
      'a switch',
      ['switch', INSTANCE_ID, '--wait-timeout', '-1', '--timing', 'napSeconds=5'],
      [/'--wait-timeout <seconds>'/, /Nothing says where/, /--timing napSeconds/, /--project /],
    ],
    [
      'an instance that is not named',
      ['adopt', '--wait-timeout', 'x'],
      [/missing required argument 'instance'/, /--job <id>/, /--wait-timeout/, /--project /],
    ],
    [
      'a name that no instance has',
      ['switch', 'no-such-cache', '--project', PROJECT_ID, '--not-after', 'soon', '--timing', 'x'],
      [/No instance of project \w+ is named no-such-cache/, /--not-after /, /--timing x/],
    ],
    [
      'placeholders',
      ['resolve', INSTANCE_ID, '--outcome', 'OUTCOME', '--statement', 'STATEMENT', '--by', 'NAME'],
      [/OUTCOME only stands for/, /STATEMENT only stands for/, /NAME only stands for/],
    ],
    [
      'a backfill',
      ['schedule', 'backfill', 'Nightly', '--from', 'yesterday'],
      [/the schedule id /, /--from is not/, /'--until <instant>' not specified/],
    ],
    ['a pause', ['schedule', 'pause', 'Nightly'], [/the schedule id /, /'--reason <text>'/]],
    [
      'a preview',
      ['schedule', 'preview', 'nightly', '--count', '0', '--from', 'x', '--cron', '* *'],
      [/'--count <number>'/, /--from: give an instant/, /the window /],
    ],
    [
      'the simulator',
      ['simulator', '--port', '70000', '--fault', '{', '--habit', 'addresses'],
      [/'--port <number>'/, /--fault \(no\. 1\)/, /--habit/],
    ],
    [
      'unknown options',
      ['switch', INSTANCE_ID, '--colour', 'red', '--size', 'big', '--wait-timeout', 'x'],
      [/unknown option '--colour'/, /unknown option '--size'/, /--wait-timeout/],
    ],
  ])('reports all of them at once: %s', async (_, line, messages) => {
    const { exitCode, io, opened } = await run(line);
    expect(exitCode).toBe(2);
    for (const message of messages) expect(io.stderr()).toMatch(message);
    expect(io.stderr()).toMatch(/^(?:error: )?Invalid input, nothing was sent:\n/);
    expect(io.stdout()).toBe('');
    // A name is looked up: that alone opens something.
    expect(opened.length).toBe(line.includes('no-such-cache') ? 1 : 0);
  });

  test('reports each mistake once', async () => {
    const { io } = await run(['resolve', 'INSTANCE', '--outcome', 'OUTCOME']);
    expect(io.stderr().match(/INSTANCE|the instance id/g)).toEqual(['INSTANCE']);
    expect(io.stderr().match(/OUTCOME only|--outcome/g)).toEqual(['OUTCOME only']);
  });

  test('is one line of data with -o json, with what the contract refuses field by field', async () => {
    const { io } = await run(['verify', '5hort', '-o', 'json'], {
      HUAWEICLOUD_SDK_PROJECT_ID: 'a'.repeat(32),
    });
    const { error } = JSON.parse(io.stdout()) as { error: Record<string, unknown> };
    expect(error).toMatchObject({ name: 'UsageError', exitCode: 2 });
    expect(error['message']).toContain("required option '--examined-run <id>' not specified");
    expect(error['problems']).toContainEqual(expect.objectContaining({ field: 'instanceId' }));
  });
});
