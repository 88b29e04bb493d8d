/** docs/recipes.md: its script is run by a shell, and the program takes what the other recipes pass to it. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { chmod, mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';

import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { parse } from 'yaml';

import { findProblem } from '../support/printed.js';
import { fillIn, recipeUnder } from '../support/recipes.js';
import type { AnsiblePlay, ArgoJob } from '../support/recipes.js';

const ENV = { HUAWEICLOUD_SDK_PROJECT_ID: '153de305e07536c8ec47ad2822a40e7f' };

describe('the script', () => {
  let folder: string;
  beforeEach(async () => {
    folder = await mkdtemp(path.join(tmpdir(), 'recipes-'));
    await mkdir(path.join(folder, 'bin'));
    await writeFile(path.join(folder, 'switch-over.sh'), recipeUnder('The script'));
  });
  afterEach(() => rm(folder, { recursive: true }));

  /** A program that notes its arguments, a line a call. */
  const place = async (name: string, rest = ''): Promise<void> => {
    const file = path.join(folder, 'bin', name);
    await writeFile(file, `#!/bin/sh\necho "$@" >> '${folder}/${name}'\n${rest}`);
    await chmod(file, 0o755);
  };

  const linesOf = async (name: string): Promise<string[]> =>
    (await readFile(path.join(folder, name), 'utf8').catch(() => '')).split('\n').filter(Boolean);

  /** Runs it where `dcs-switchover` ends with one code after the other. */
  const runWith = async (codes: readonly number[], pageUrl = 'http://pager') => {
    const ends = codes.map((code, at) => `${at + 1}) exit ${code} ;;`).join(' ');
    await place('dcs-switchover', `case $(wc -l < '${folder}/dcs-switchover') in ${ends} esac\n`);
    // The system's own where someone listens.
    await Promise.all([place('sleep'), ...(pageUrl === 'http://pager' ? [place('curl')] : [])]);
    const script = spawn('sh', [`${folder}/switch-over.sh`, 'INSTANCE', 'az-2', 'pipeline-7'], {
      env: { PATH: `${folder}/bin:/usr/local/bin:/usr/bin:/bin`, PAGE_URL: pageUrl },
    });
    const [code] = (await once(script, 'exit')) as [number | null];
    const [calls, pages] = await Promise.all([linesOf('dcs-switchover'), linesOf('curl')]);
    return { code, calls: calls.length, requests: new Set(calls).size, pages };
  };

  test.each([0, 2, 3, 4, 5, 7])(
    'asks once where it ends with %d, and pages no one',
    async (code) => {
      expect(await runWith([code])).toEqual({ code, calls: 1, requests: 1, pages: [] });
    },
  );

  test('pages a person for an UNKNOWN, and asks no second time', async () => {
    const { pages, ...end } = await runWith([6]);
    expect(end).toEqual({ code: 6, calls: 1, requests: 1 });
    expect(pages).toEqual([expect.stringContaining('exit code 6, request pipeline-7')]);
  });

  test('asks the same again where Temporal was not reached or it stopped waiting', async () => {
    expect(await runWith([8, 9, 0])).toEqual({ code: 0, calls: 3, requests: 1, pages: [] });
  });

  test('pages a person in the end where it never learns how it went', async () => {
    const { pages, ...end } = await runWith([8, 8, 8, 8, 8]);
    expect(end).toEqual({ code: 8, calls: 5, requests: 1 });
    expect(pages).toHaveLength(1);
  });

  test('reaches whoever listens at its address', async () => {
    const heard: string[] = [];
    const pager = createServer((request, response) => {
      request.setEncoding('utf8').on('data', (text: string) => heard.push(text));
      request.on('end', () => response.end());
    });
    await once(pager.listen(0, '127.0.0.1'), 'listening');
    const { port } = pager.address() as AddressInfo;
    const { code } = await runWith([6], `http://127.0.0.1:${port}`);
    pager.close();
    expect({ code, heard }).toEqual({
      ...{ code: 6, heard: ['switchover of INSTANCE: exit code 6, request pipeline-7'] },
    });
  });

  test('passes what the program takes', async () => {
    await runWith([0]);
    const [line = ''] = await linesOf('dcs-switchover');
    expect(line).toContain('--request-id pipeline-7');
    // The reason is one word here.
    expect(await findProblem(`dcs-switchover ${line}`, line.split(' '), ENV)).toBeNull();
  });
});

/** What stands for the blanks of Kubernetes and Ansible. */
const VALUES = {
  ...{ INSTANCE: 'INSTANCE', AZ: 'az-2', JOB: '7' },
  ...{ instance: 'INSTANCE', az: 'az-2', request_id: 'request-7' },
};

const problemWith = (words: readonly string[]): Promise<string | null> =>
  findProblem(`dcs-switchover ${words.join(' ')}`, words, ENV);

test('the hook of Argo CD passes what the program takes, and repeats 8 and 9 alone', async () => {
  const { spec } = parse(recipeUnder('A hook of Argo CD')) as ArgoJob;
  const [{ args }] = spec.template.spec.containers;
  expect(await problemWith(fillIn(args, VALUES))).toBeNull();
  const [{ onExitCodes }] = spec.podFailurePolicy.rules;
  expect(onExitCodes).toEqual({ operator: 'NotIn', values: [8, 9] });
});

test('the task of Ansible passes what the program takes', async () => {
  const [{ tasks }] = parse(recipeUnder('A task of Ansible')) as AnsiblePlay;
  const [program, ...words] = tasks[0]['ansible.builtin.command'].argv;
  expect(program).toBe('dcs-switchover');
  expect(await problemWith(fillIn(words, VALUES))).toBeNull();
});

test.each([
  ['A step of CI', '"gitlab-$CI_PIPELINE_ID"'],
  ['A GitHub Action', '"github-$GITHUB_RUN_ID"'],
  ['cron on a host', String.raw`"cron-$(date -u +\%F)"`],
])('%s calls the script with an id that a second attempt has as well', (heading, id) => {
  expect(recipeUnder(heading)).toContain(`switch-over.sh "$INSTANCE" "$AZ" ${id}`);
});
