import { expect, test } from '@jest/globals';
import { parse } from 'yaml';

import { formatOf } from '../../src/cli/output.js';
import { runCli } from '../../src/cli/program.js';

import { createFakeClient } from './support/fake-client.js';
import { createFakeIo } from './support/fake-io.js';

const INSTANCE = '22222222-2222-4222-8222-222222222222';

async function run(...args: readonly string[]) {
  const io = createFakeIo();
  const exitCode = await runCli(args, io, createFakeClient());
  return { exitCode, out: io.stdout(), err: io.stderr() };
}

test('JSON and YAML have the same fields', async () => {
  const json = await run('status', INSTANCE, '-o', 'json');
  const yaml = await run('status', INSTANCE, '--output', 'yaml');
  expect(json.out.match(/\n/g)).toHaveLength(1);
  expect(yaml.out).toMatch(/^source: worker\n/);
  expect(parse(yaml.out)).toEqual(JSON.parse(json.out));
});

test('an error is data as well in YAML', async () => {
  const { exitCode, out } = await run('status', '5hort', '-o', 'yaml');
  expect(exitCode).toBe(2);
  expect(parse(out)).toMatchObject({ error: { exitCode: 2, problems: [{ field: 'instanceId' }] } });
});

test('another form is refused together with what else is wrong', async () => {
  const { exitCode, out, err } = await run('status', '5hort', '-o', 'xml');
  expect(exitCode).toBe(2);
  expect(out).toBe('');
  expect(err).toMatch(/'xml' is invalid\. Allowed choices are table, json, yaml\./);
  expect(err).toMatch(/the instance id is not an instance id/);
});

test.each([
  [['a', '-o', 'json'], 'json'],
  [['a', '-oyaml'], 'yaml'],
  [['--output=json', 'a'], 'json'],
  [['a', '--output', 'yaml', '--strange'], 'yaml'],
  [['a', '-o'], 'table'],
  [['json'], 'table'],
])('the form is found in %j, whatever else is wrong', (args, format) => {
  expect(formatOf(args)).toBe(format);
});
