import { execFileSync } from 'node:child_process';
import { readFileSync, readdirSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';

import { DEFAULT_TIMING } from '../../src/contract/index.js';
import {
  command,
  commandsOf,
  unresolvedCommands,
  goalFlags,
  joinText,
  planCommand,
  switchCommand,
  withCommands,
  withoutCommands,
} from '../../src/domain/commands.js';

const TARGET = { projectId: 'a1', instanceId: 'b2' };

/** What a shell makes of a command line: its words. */
function wordsOf(line: string): string[] {
  const script = `reported() { printf '%s\\0' "$@"; }\n${line.replace(/^dcs-switchover/, 'reported')}\n`;
  return execFileSync('sh', ['-c', script]).toString().split('\0').slice(0, -1);
}

describe('a command line', () => {
  it('reaches the program word by word, whatever the words contain', () => {
    const word = fc.string({ minLength: 1, maxLength: 20, unit: 'grapheme' });
    fc.assert(
      fc.property(fc.array(word, { minLength: 1, maxLength: 3 }), word, (words, reason) => {
        const safe = [...words, reason].map((text) => text.replace(/\p{Cc}+/gu, ' '));
        const seen = wordsOf(command(words, {}, { reason }));
        const expected = safe.at(-1)?.startsWith('-')
          ? [...safe.slice(0, -1), `--reason=${safe.at(-1)}`]
          : [...safe.slice(0, -1), '--reason', safe.at(-1)];
        expect(seen).toEqual(expected);
      }),
      { numRuns: 60 },
    );
  });

  it('stays one line where a value has line breaks', () => {
    expect(command(['x'], {}, { reason: 'a\nrm -rf b' })).toBe(
      "dcs-switchover x --reason 'a rm -rf b'",
    );
  });

  it('names a task queue that is not the default, and no other', () => {
    const named = { ...TARGET, taskQueue: 'blue' };
    expect(planCommand(named)).toBe('dcs-switchover plan b2 --project a1 --task-queue blue');
    expect(planCommand({ ...TARGET, taskQueue: 'dcs-switchover' })).toBe(
      'dcs-switchover plan b2 --project a1',
    );
  });

  it('carries the goal and every setting that is not the default', () => {
    const asked = {
      ...TARGET,
      target: { availabilityZone: 'eu-west-101a' },
      expectedMasterNodeId: 'n1',
      toggle: false,
      compensation: 'none',
      reissue: 'once',
      probe: 'if-possible',
      timing: { ...DEFAULT_TIMING, settleSeconds: 5 },
      changeId: 'CHG 7',
      reason: null,
    } as const;
    expect(switchCommand(asked)).toBe(
      'dcs-switchover switch b2 --project a1 --to-az eu-west-101a --expect-master n1 ' +
        "--compensation none --reissue once --probe if-possible --timing settleSeconds=5 --change-id 'CHG 7'",
    );
  });

  it.each([
    [{ nodeId: 'n2' }, { 'to-node': 'n2' }],
    [{ avoidAvailabilityZone: 'z' }, { 'avoid-az': 'z' }],
  ])('names the target %j by its own flag', (target, flags) => {
    expect(goalFlags({ target })).toMatchObject(flags);
  });
});

describe('a text with commands', () => {
  const text = joinText([
    'Nothing was sent.',
    'Two sentences share a line.',
    withCommands('Look', command(['status', 'b2'])),
    'More.',
    ...unresolvedCommands(TARGET, { runId: 'r1', jobIds: [], mayHaveJob: true, cause: null }),
  ]);

  it('has each command on a line of its own, without anything else on it', () => {
    expect(text.split('\n').slice(0, 4)).toEqual([
      'Nothing was sent. Two sentences share a line.',
      'Look:',
      '  dcs-switchover status b2',
      'More. Do not switch again before you know.',
    ]);
    expect(commandsOf(text)).toEqual([
      'dcs-switchover status b2',
      'dcs-switchover verify b2 --project a1 --examined-run r1',
      'dcs-switchover adopt b2 --project a1 --job JOB_ID --examined-run r1',
      'dcs-switchover resolve b2 --project a1 --outcome OUTCOME --statement STATEMENT --by NAME',
    ]);
  });

  it('keeps its sentences where only one line is free', () => {
    expect(withoutCommands(text)).toBe(
      'Nothing was sent. Two sentences share a line. More. Do not switch again before you know.',
    );
  });
});

describe('commands in the repository', () => {
  const root = path.resolve(__dirname, '../..');
  const filesOf = (folder: string): string[] =>
    readdirSync(path.join(root, folder), { recursive: true, encoding: 'utf8' }).map((name) =>
      path.join(folder, name),
    );
  const read = (file: string): string => readFileSync(path.join(root, file), 'utf8');

  it('are written by one module', () => {
    const others = filesOf('src').filter(
      (file) => file.endsWith('.ts') && file !== path.join('src', 'domain', 'commands.ts'),
    );
    const literal = /^(?!\s*(?:\/?\*|\/\/)).*\bdcs-switchover [a-z]/m;
    expect(others.filter((file) => literal.test(read(file)))).toEqual([]);
  });

  it('are never run by npx, which would run what anyone publishes under the name', () => {
    const texts = [...filesOf('src'), ...filesOf('docs'), ...filesOf('examples'), 'README.md'];
    const readable = texts.filter((file) => /\.(?:ts|md|mjs|py|sh|ya?ml)$/.test(file));
    expect(readable.filter((file) => read(file).includes('npx dcs-switchover'))).toEqual([]);
  });
});
