/**
 * docs/recipes.md on real parts: what a pipeline, a hook, a play and a host would run is run, twice as if its job were
 * started again, and judged by what the API was sent.
 */
import { execFile } from 'node:child_process';
import { chmod, mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';

import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { parse } from 'yaml';

import type { SimulatedInstance } from '../../src/simulator/index.js';
import { fillIn, recipeUnder } from '../support/recipes.js';
import type { AnsiblePlay, ArgoJob, GithubWorkflow, GitlabPipeline } from '../support/recipes.js';
import { useRig } from '../support/rig.js';
import { showed } from '../support/shown.js';

const MAIN = path.join(__dirname, '../../dist/cli.js');
const RUN_TIMEOUT_MS = 300_000;

const rig = useRig();

/** Where the script lies, as on a runner that has checked it out; `bin` is on the search path. */
let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(path.join(tmpdir(), 'recipes-'));
  await mkdir(path.join(folder, 'bin'));
  const script = recipeUnder('The script');
  const program = `#!/bin/sh\nexec '${process.execPath}' '${MAIN}' "$@"\n`;
  const files = [
    ['switch-over.sh', script],
    ['bin/switch-over.sh', script],
    ['bin/dcs-switchover', program],
  ] as const;
  for (const [name, text] of files) {
    await writeFile(path.join(folder, name), text);
    await chmod(path.join(folder, name), 0o755);
  }
});
afterAll(() => rm(folder, { recursive: true }));

/** What is asked for, and by which pipeline, job or change. */
interface Asked {
  readonly INSTANCE: string;
  readonly AZ: string;
  readonly ID: string;
}

/** What is run, and with which environment beside that of a client. */
interface Ran {
  readonly argv: readonly string[];
  readonly env?: NodeJS.ProcessEnv;
}

/** By a shell that ends at the first command that fails, as runners start it. */
const byShell = (lines: readonly string[], env: NodeJS.ProcessEnv): Ran => ({
  argv: ['sh', '-e', '-c', lines.join('\n')],
  env,
});

const RECIPES: Readonly<Record<string, (asked: Asked) => Ran | Promise<Ran>>> = {
  'A step of CI': ({ ID, ...asked }) => {
    const { script, variables } = (parse(recipeUnder('A step of CI')) as GitlabPipeline)[
      'switch-over'
    ];
    return byShell(script, { ...variables, ...asked, CI_PIPELINE_ID: ID });
  },
  'A GitHub Action': ({ INSTANCE, AZ, ID }) => {
    const { jobs } = parse(recipeUnder('A GitHub Action')) as GithubWorkflow;
    const { env, steps } = jobs['switch-over'];
    const { TEMPORAL_ADDRESS = '', HUAWEICLOUD_SDK_PROJECT_ID = '' } = rig().stack.clientEnv;
    const values = {
      ...{
        'inputs.instance': INSTANCE,
        'inputs.az': AZ,
        'vars.TEMPORAL_ADDRESS': TEMPORAL_ADDRESS,
      },
      ...{ 'vars.DCS_PROJECT_ID': HUAWEICLOUD_SDK_PROJECT_ID },
      ...{ 'secrets.TEMPORAL_API_KEY': '', 'secrets.PAGE_URL': 'http://127.0.0.1:9' },
    };
    const given = fillIn(Object.values(env), values);
    const own = Object.fromEntries(Object.keys(env).map((name, at) => [name, given[at]]));
    return byShell(
      steps.flatMap(({ run }) => run ?? []),
      { ...own, GITHUB_RUN_ID: ID },
    );
  },
  'A hook of Argo CD': ({ ID, ...asked }) => {
    const { spec } = parse(recipeUnder('A hook of Argo CD')) as ArgoJob;
    const [{ args }] = spec.template.spec.containers;
    return { argv: ['dcs-switchover', ...fillIn(args, { ...asked, JOB: ID })] };
  },
  'A task of Ansible': ({ INSTANCE: instance, AZ: az, ID: request_id }) => {
    const [{ tasks }] = parse(recipeUnder('A task of Ansible')) as AnsiblePlay;
    const { argv } = tasks[0]['ansible.builtin.command'];
    return { argv: fillIn(argv, { instance, az, request_id }) };
  },
  'cron on a host': async (asked) => {
    const file = path.join(folder, `${asked.ID}.env`);
    const { clientEnv } = rig().stack;
    const all = Object.entries({ ...asked, PAGE_URL: 'http://127.0.0.1:9' });
    await writeFile(file, all.map(([name, value]) => `export ${name}='${value}'\n`).join(''));
    const [line = ''] = recipeUnder('cron on a host').trim().split('\n').slice(-1);
    const command = line.split(' ').slice(6).join(' ').replaceAll('\\%', '%');
    return byShell([command.replace('/etc/dcs-switchover.env', file)], clientEnv);
  },
};

function run({
  argv: [program = '', ...args],
  env = {},
}: Ran): Promise<{ code: number; text: string }> {
  const { PATH = '' } = process.env;
  const all = { ...rig().stack.clientEnv, ...env, PATH: `${folder}/bin:${PATH}` };
  const options = { env: all, cwd: folder, timeout: RUN_TIMEOUT_MS, encoding: 'utf8' } as const;
  return new Promise((resolve) => {
    execFile(program, args, options, (error, stdout, stderr) => {
      resolve(showed({ code: Number(error?.code ?? 0), text: `${stdout}${stderr}` }));
    });
  });
}

const replicaZoneOf = (instance: SimulatedInstance): string =>
  instance.roles().find(({ role }) => role !== 'master')?.availabilityZone ?? '';

test.concurrent.each(Object.entries(RECIPES))(
  '%s moves the master with one PUT, however often its job is started',
  async (title, recipe) => {
    const instance = await rig().instance();
    const before = instance.masterNodeId();
    const id = String(Object.keys(RECIPES).indexOf(title) + 7);
    const asked = { INSTANCE: instance.instanceId, AZ: replicaZoneOf(instance), ID: id };
    const ran = await recipe(asked);
    const first = await run(ran);
    expect(first).toMatchObject({ code: 0 });
    expect(instance.masterNodeId()).not.toBe(before);
    const again = await run(ran);
    expect(again).toMatchObject({ code: 0 });
    expect(rig().putsOf(instance)).toHaveLength(1);
  },
);
