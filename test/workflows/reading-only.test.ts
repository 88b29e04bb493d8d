/** The modules of `verify` and `adopt` cannot reach the swap activity, and lint keeps it so. */
import { execFileSync } from 'node:child_process';
import { readFileSync, readdirSync } from 'node:fs';
import path from 'node:path';

import { describe, expect, test } from '@jest/globals';

const ROOT = path.join(__dirname, '../..');
const FOLDER = path.join(ROOT, 'src/workflows');

/** Everything that a workflow module loads from its own folder, directly or not; types do not count. */
function reachableFrom(file: string, seen = new Set<string>()): Set<string> {
  if (seen.has(file)) return seen;
  seen.add(file);
  const source = readFileSync(path.join(FOLDER, file), 'utf8');
  for (const [, target = ''] of source.matchAll(
    /^import (?!type)[^;]*? from '(\.\.?\/[\w-]+)\.js'/gm,
  ))
    reachableFrom(path.join(path.dirname(file), `${target}.ts`), seen);
  return seen;
}

/**
 * Lints sources, each as if it were that file, by the one rule as the project configures it for the file:
 * the others need types and minutes. In a process of its own, because jest cannot load the configuration.
 */
const LINTER = `
  import { readFileSync } from 'node:fs';
  import { ESLint, Linter } from 'eslint';
  import { parser, plugin } from 'typescript-eslint';
  const name = '@typescript-eslint/no-restricted-imports';
  const counts = [];
  for (const { filePath, text } of JSON.parse(readFileSync(0, 'utf8'))) {
    const { rules } = await new ESLint().calculateConfigForFile(filePath);
    const config = {
      files: ['**/*.ts'],
      languageOptions: { parser },
      plugins: { '@typescript-eslint': plugin },
      rules: { [name]: rules[name] },
    };
    const messages = new Linter().verify(text, [config], { filename: filePath });
    counts.push(messages.filter(({ ruleId }) => ruleId === name).length);
  }
  console.log(JSON.stringify(counts));
`;

/** How many forbidden imports lint sees in each file once the line is added to it. */
function countForbidden(cases: readonly (readonly [file: string, line: string])[]): number[] {
  const input = cases.map(([file, line]) => {
    const filePath = path.join(FOLDER, file);
    return { filePath, text: `${line}\n${readFileSync(filePath, 'utf8')}` };
  });
  const args = ['--input-type=module', '-e', LINTER];
  const output = execFileSync(process.execPath, args, { cwd: ROOT, input: JSON.stringify(input) });
  return JSON.parse(output.toString()) as number[];
}

describe('the module of verify and adopt', () => {
  test('reaches no module that can send', () => {
    const reached = reachableFrom('examine.ts');
    expect([...reached]).toEqual(expect.arrayContaining(['settle.ts', 'proxies.ts', 'end.ts']));
    for (const sender of ['send.ts', 'compensate.ts', 'switchover.ts'])
      expect(reached).not.toContain(sender);
  });

  test('a maintenance reaches none either: only the switchovers that it starts can send', () => {
    const reached = reachableFrom('maintenance/maintenance.ts');
    expect([...reached]).toEqual(expect.arrayContaining(['maintenance/child.ts', 'proxies.ts']));
    for (const sender of ['send.ts', 'compensate.ts', 'switchover.ts'])
      expect(reached).not.toContain(sender);
  });

  test('the swap activity is named in no workflow module but the one that sends', () => {
    const files = readdirSync(FOLDER, { recursive: true, encoding: 'utf8' });
    const naming = files
      .filter((file) => file.endsWith('.ts'))
      .filter((file) => /\brequestSwap\b/.test(readFileSync(path.join(FOLDER, file), 'utf8')));
    expect(naming.sort()).toEqual(['send.ts']);
  });

  test('lint refuses every import that leads to the PUT', () => {
    const cases = [
      ['examine.ts', "import { send } from './send.js';"],
      ['examine.ts', "import { compensate } from './compensate.js';"],
      ['examine.ts', "import { dcsSwitchover } from './switchover.js';"],
      ['settle.ts', "import { send } from './send.js';"],
      ['maintenance/child.ts', "import { send } from '../send.js';"],
      ['maintenance/maintenance.ts', "import { send } from '../send.js';"],
    ] as const;
    expect(countForbidden(cases)).toEqual(cases.map(() => 1));
    expect(countForbidden([['examine.ts', ''] as const, ['switchover.ts', ''] as const])).toEqual([
      0, 0,
    ]);
  });
});
