/**
 * The doctor and `setup`, as commands, on a real Temporal server, the simulator and the built worker. What
 * they say is judged against what is really wrong; the ledger reports that they never send a PUT.
 */
import { execFile } from 'node:child_process';
import { mkdtemp, readFile, readdir, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { promisify } from 'node:util';

import { afterEach, expect, test } from '@jest/globals';

import { runCli } from '../../src/cli/program.js';
import { FREEZE_MEMO, FREEZE_WORKFLOW_ID, FREEZE_WORKFLOW_TYPE } from '../../src/contract/index.js';
import type { DoctorCheck, DoctorReport, SetupReport } from '../../src/doctor/index.js';
import { pickFreePorts } from '../../src/free-ports.js';
import { createFakeIo } from '../cli/support/fake-io.js';
import { RIGHT } from '../support/clocks.js';
import { writeCodecModule } from '../support/codec.js';
import { newSecret } from '../support/receiver.js';
import { expectNoSecret, useRig } from '../support/rig.js';

// It judges the clocks itself.
const rig = useRig({ temporal: { searchAttributes: false }, clocks: RIGHT });

const PROXY_OFF = { HTTP_PROXY: '', HTTPS_PROXY: '', http_proxy: '', https_proxy: '' };

/** Runs a command as a worker's environment would; no secret is ever in what it prints. */
async function command(args: readonly string[], env: NodeJS.ProcessEnv = {}) {
  const io = createFakeIo({ env: { ...rig().stack.workerEnv(), ...PROXY_OFF, ...env } });
  const exitCode = await runCli(args, io);
  const text = `${io.stdout()}\n${io.stderr()}`;
  expectNoSecret(rig(), [text]);
  return { exitCode, text, stdout: io.stdout(), stderr: io.stderr() };
}

/** The doctor's report as data; it never sends a PUT. */
async function doctor(args: readonly string[] = [], env: NodeJS.ProcessEnv = {}) {
  const { exitCode, stdout } = await command(['doctor', '-o', 'json', ...args], env);
  const report = JSON.parse(stdout) as DoctorReport;
  expect(report.exitCode).toBe(exitCode);
  expect(rig().simulator.ledger.puts()).toHaveLength(0);
  const find = (id: string): DoctorCheck => {
    const check = report.checks.find((one) => one.id === id);
    if (check === undefined) throw new Error(`no check ${id}`);
    return check;
  };
  return { ...report, find };
}

const statuses = (checks: readonly DoctorCheck[]) =>
  Object.fromEntries(checks.map(({ id, status }) => [id, status]));

afterEach(() => {
  rig().simulator.faults.clear();
});

test('search attributes are missing: a warning, and setup cures it', async () => {
  const before = await doctor();
  expect(before.exitCode).toBe(0);
  expect(before.find('search-attributes')).toMatchObject({ status: 'warn' });
  expect(before.fixes).toEqual(['Run this, then restart the workers:\n  dcs-switchover setup']);

  const first = await command(['setup', '-o', 'json']);
  expect(first.exitCode).toBe(0);
  expect((JSON.parse(first.stdout) as SetupReport).attributes).toEqual([
    { name: 'DcsInstanceId', state: 'added', type: 'Keyword' },
    { name: 'DcsInstanceName', state: 'added', type: 'Keyword' },
    { name: 'DcsStatus', state: 'added', type: 'Keyword' },
    { name: 'DcsMaintenanceId', state: 'added', type: 'Keyword' },
  ]);
  const second = await command(['setup']);
  expect(second.exitCode).toBe(0);
  expect(second.stdout).toContain('registered already');
  expect(second.stdout).toContain('restart them');

  const after = await doctor();
  expect(after.find('search-attributes')).toMatchObject({ status: 'ok' });
});

test('all is well: every check is ok, nothing is left to fix', async () => {
  const instance = await rig().instance();
  const report = await doctor(['--instance', instance.instanceId]);
  expect(statuses(report.checks)).toEqual({
    configuration: 'ok',
    'temporal-reachable': 'ok',
    'temporal-version': 'ok',
    'temporal-namespace': 'ok',
    'search-attributes': 'ok',
    workers: 'ok',
    freeze: 'ok',
    codec: 'skip',
    webhook: 'skip',
    credential: 'ok',
    endpoint: 'ok',
    clock: 'ok',
    'read-instance': 'ok',
    'read-nodes': 'ok',
    'read-groups': 'ok',
    'read-tasks': 'ok',
    'read-job': 'ok',
    instance: 'ok',
    roles: 'ok',
    'instance-allowed': 'ok',
  });
  expect(report.fixes).toEqual([]);
  expect(report.find('instance').found).toContain('mode ha, RUNNING');
  expect(report.find('roles').found).toMatch(/master .*replica .*priority \d+/);
  expect(report.unknowable.join()).toContain('dcs:instance:swap');
});

test('without an instance the permissions are asked for with ids that cannot exist', async () => {
  const { checks, exitCode } = await doctor();
  const reads = checks.filter(({ id }) => id.startsWith('read-'));
  expect(exitCode).toBe(0);
  expect(reads.map(({ status }) => status)).toEqual(['ok', 'ok', 'ok', 'ok', 'ok']);
  expect(reads[0]?.found).toContain('404');
});

test('people get a line per check, the fixes in order, and what cannot be known', async () => {
  const { stdout, exitCode } = await command(['doctor'], {
    DCS_SWITCHOVER_TASK_QUEUE: 'nobody-polls-here',
    DCS_ENDPOINT: 'http://127.0.0.1:1',
  });
  expect(exitCode).toBe(8);
  expect(stdout).toMatch(/^ {2}ok {4}temporal-reachable {2}/m);
  expect(stdout).toMatch(/^ {2}FAIL {2}workers /m);
  expect(stdout).toMatch(/^ {2}FAIL {2}endpoint .*ECONNREFUSED/m);
  expect(stdout).toMatch(/^ {2}skip {2}read-job .*\(the endpoint is not reached\)/m);
  expect(stdout).toMatch(
    /Fix, in this order:\n {2}1\. Start a worker.*\n +dcs-switchover worker --task-queue \S+\n {2}2\. Open the route/,
  );
  expect(stdout).toContain('What cannot be known before the PUT:');
});

test('Temporal is down: exit code 8, and DCS is looked at all the same', async () => {
  const [port = 0] = await pickFreePorts(1);
  const report = await doctor([], { TEMPORAL_ADDRESS: `127.0.0.1:${port}` });
  expect(report.exitCode).toBe(8);
  expect(report.find('temporal-reachable')).toMatchObject({ status: 'fail', kind: 'unreachable' });
  expect(report.find('workers').status).toBe('skip');
  expect(report.find('read-job').status).toBe('ok');
});

test('the namespace does not exist: the command that creates it', async () => {
  const report = await doctor([], { TEMPORAL_NAMESPACE: 'not-there' });
  expect(report.exitCode).toBe(1);
  expect(report.find('temporal-namespace').status).toBe('fail');
  expect(report.fixes[0]).toContain('temporal operator namespace create --namespace not-there');
});

test('a freeze and a webhook that is out of reach are warnings, which name no token', async () => {
  const freeze = { until: '2999-01-01T00:00:00Z', by: 'ann', reason: 'quarter end' };
  const handle = await rig().temporal.workflow.start(FREEZE_WORKFLOW_TYPE, {
    ...{ workflowId: FREEZE_WORKFLOW_ID, taskQueue: 'nobody-polls-here' },
    ...{ args: [freeze], memo: { [FREEZE_MEMO]: freeze } },
  });
  const report = await doctor([], {
    DCS_SWITCHOVER_WEBHOOK_URL: 'https://127.0.0.1:1/canary',
    DCS_SWITCHOVER_WEBHOOK_SECRET: newSecret(),
  });
  await handle.terminate();
  expect(report.exitCode).toBe(0);
  expect(report.find('freeze')).toMatchObject({
    status: 'warn',
    found: expect.stringContaining('by ann (quarter end)') as unknown,
  });
  expect(report.find('webhook')).toMatchObject({
    status: 'warn',
    found: 'https://127.0.0.1:1: TCP failed (ECONNREFUSED)',
  });
  expect(JSON.stringify(report)).not.toContain('canary');
});

test('no one polls the queue: start a worker', async () => {
  const report = await doctor([], { DCS_SWITCHOVER_TASK_QUEUE: 'nobody-polls-here' });
  expect(report.exitCode).toBe(1);
  expect(report.find('workers').status).toBe('fail');
  expect(report.fixes).toEqual([expect.stringContaining('dcs-switchover worker')]);
});

test('the configuration is wrong: exit code 2, and Temporal is looked at all the same', async () => {
  const report = await doctor([], { DCS_REGION: 'nowhere', DCS_ENDPOINT: '' });
  expect(report.exitCode).toBe(2);
  expect(report.find('configuration').found).toContain('DCS_REGION');
  expect(report.find('temporal-namespace').status).toBe('ok');
  expect(report.checks.some(({ id }) => id === 'credential')).toBe(false);
});

test('a codec module that is not there, and a codec server that does not answer', async () => {
  const module = await doctor([], { DCS_SWITCHOVER_DATA_CONVERTER: '/not/there.js' });
  expect(module.exitCode).toBe(2);
  expect(module.find('codec').fix).not.toBeNull();
  expect(module.find('temporal-namespace').status).toBe('ok');
  const good = await doctor([], { DCS_SWITCHOVER_DATA_CONVERTER: writeCodecModule() });
  expect(good.find('codec').status).toBe('ok');
  const [port = 0] = await pickFreePorts(1);
  const server = await doctor([], { TEMPORAL_CODEC_ENDPOINT: `http://127.0.0.1:${port}` });
  expect(server.exitCode).toBe(8);
  expect(server.find('codec')).toMatchObject({ status: 'fail', kind: 'unreachable' });
  expect(server.find('temporal-namespace').status).toBe('ok');
});

test('a project that is not configured is not guessed', async () => {
  const report = await doctor(['--project', 'f'.repeat(32)]);
  expect(report.exitCode).toBe(2);
});

test('the credential is missing: its variables are named, and nothing is called', async () => {
  const callsBefore = rig().simulator.ledger.calls.length;
  const report = await doctor([], { HUAWEICLOUD_SDK_SK: '' });
  expect(report.exitCode).toBe(2);
  expect(report.find('credential').found).toContain('HUAWEICLOUD_SDK_SK');
  expect(rig().simulator.ledger.calls).toHaveLength(callsBefore);
});

test('a wrong secret key: one refused login, then DCS is left alone', async () => {
  const callsBefore = rig().simulator.ledger.calls.length;
  const wrong = 'canary-wrong-secret';
  const { text } = await command(['doctor'], { HUAWEICLOUD_SDK_SK: wrong });
  expect(text).not.toContain(wrong);
  const report = await doctor([], { HUAWEICLOUD_SDK_SK: wrong });
  expect(rig().simulator.ledger.calls).toHaveLength(callsBefore + 2);
  expect(report.exitCode).toBe(1);
  expect(report.find('read-instance').found).toContain('APIGW.0301');
  expect(report.find('read-nodes')).toMatchObject({ status: 'skip' });
  expect(report.fixes).toEqual([expect.stringContaining('The secret key does not belong')]);
  // Someone logs in rightly, or these tests would lock the key that they share.
  expect((await doctor()).exitCode).toBe(0);
});

test.each([
  ['showInstance', 'read-instance', 'dcs:instance:get'],
  ['listNodes', 'read-nodes', 'dcs:instance:get'],
  ['listGroups', 'read-groups', 'dcs:instance:get'],
  ['listTasks', 'read-tasks', 'dcs:instance:getBackgroundTask'],
  ['showJob', 'read-job', 'dcs:job:get'],
] as const)('403 on %s names the missing action', async (route, id, action) => {
  rig().simulator.faults.add({ route, respond: { status: 403 } });
  const report = await doctor();
  expect(report.exitCode).toBe(1);
  expect(report.find(id).status).toBe('fail');
  expect(report.fixes).toEqual([expect.stringContaining(`Allow the action ${action}`)]);
  expect(report.checks.filter(({ status }) => status === 'fail')).toHaveLength(1);
});

test('an answer that no one has foreseen: how to record it for a report', async () => {
  rig().simulator.faults.add({ route: 'showInstance', respond: { status: 418 } });
  const { projectId } = rig().simulator;
  const { fixes } = await doctor();
  expect(fixes).toEqual([
    'This refusal is not known.\nRecord what DCS answers, and report it:\n' +
      `  dcs-switchover doctor --project ${projectId} --record dcs-answers`,
  ]);
});

test('a policy without any of the actions: each is named once', async () => {
  rig().simulator.permissions.deny(['dcs:*']);
  const report = await doctor();
  rig().simulator.permissions.allowAll();
  const actions = report.fixes.map((fix) => /Allow the action ([\w:]+)/.exec(fix)?.[1]);
  expect([...new Set(actions)]).toEqual([
    'dcs:instance:get',
    'dcs:instance:getBackgroundTask',
    'dcs:job:get',
  ]);
});

test('what the doctor cannot see: a credential that may read, but not swap', async () => {
  rig().simulator.permissions.deny(['dcs:instance:swap']);
  const report = await doctor();
  rig().simulator.permissions.allowAll();
  expect(report.exitCode).toBe(0);
  expect(report.unknowable[0]).toContain('dcs:instance:swap');
});

test('two projects with the same wrong key: one refused login, the other is skipped', async () => {
  const { simulator } = rig();
  const { projectId, region, endpoint } = simulator;
  const one = { projectId, region, endpoint, credentials: { source: 'environment' } };
  const projects = [one, { ...one, projectId: 'f'.repeat(32) }];
  const file = path.join(await mkdtemp(path.join(tmpdir(), 'doctor-')), 'config.json');
  await writeFile(file, JSON.stringify({ projects }));
  const callsBefore = simulator.ledger.calls.length;
  const report = await doctor([], {
    DCS_SWITCHOVER_CONFIG: file,
    ...{ HUAWEICLOUD_SDK_PROJECT_ID: '', DCS_REGION: '', DCS_ENDPOINT: '' },
    HUAWEICLOUD_SDK_SK: 'canary-wrong-secret',
  });
  expect(simulator.ledger.calls).toHaveLength(callsBefore + 1);
  const second = report.checks.filter((check) => check.projectId === projects[1]?.projectId);
  expect(second.find(({ id }) => id === 'read-instance')).toMatchObject({
    status: 'skip',
    found: expect.stringContaining('five failures lock a key') as unknown,
  });
});

test('an IAM user: who issues the token is reached, and a wrong password is tried once', async () => {
  const { simulator, stack } = rig();
  const { account, projectId, region, endpoint } = simulator;
  const one = {
    ...{ projectId, region, endpoint },
    credentials: {
      source: 'iam-token',
      userName: account.userName,
      domainName: account.domainName,
      iamEndpoint: endpoint,
    },
  };
  const file = path.join(await mkdtemp(path.join(tmpdir(), 'doctor-')), 'config.json');
  await writeFile(file, JSON.stringify({ projects: [one, { ...one, projectId: 'f'.repeat(32) }] }));
  const names = Object.keys(stack.workerEnv()).filter((name) => /^(HUAWEI|DCS_[RE])/.test(name));
  const env = {
    ...Object.fromEntries(names.map((name) => [name, ''])),
    DCS_SWITCHOVER_CONFIG: file,
  };
  const right = await doctor(['--project', projectId], {
    ...env,
    DCS_IAM_PASSWORD: account.password,
  });
  expect(right.exitCode).toBe(0);
  expect(right.find('credential-issuer').status).toBe('ok');
  expect(right.find('credential').found).toContain(`IAM token of user ${account.userName}`);

  const tokensBefore = simulator.ledger.count('createToken');
  const wrong = await doctor([], { ...env, DCS_IAM_PASSWORD: 'canary-wrong-password' });
  expect(simulator.ledger.count('createToken')).toBe(tokensBefore + 1);
  expect(wrong.checks.filter(({ id }) => id === 'credential').map(({ status }) => status)).toEqual([
    'fail',
    'skip',
  ]);
});

test('--record saves what DCS answered, without what identifies anyone', async () => {
  const folder = path.join(await mkdtemp(path.join(tmpdir(), 'doctor-')), 'answers');
  const instance = await rig().instance({ name: 'canary-name' });
  const args = ['doctor', '--instance', instance.instanceId, '--record', folder];
  const { exitCode, stderr } = await command(args);
  expect(exitCode).toBe(0);
  expect(stderr).toContain('Look at every file before you share it');
  const files = await readdir(folder);
  expect(files).toEqual([
    '01-showInstance.json',
    '02-listNodes.json',
    '03-listGroups.json',
    '04-listTasks.json',
    '05-showJob.json',
  ]);
  const texts = await Promise.all(files.map((file) => readFile(path.join(folder, file), 'utf8')));
  const text = texts.join('');
  const real = [instance.instanceId, ...instance.roles().map(({ nodeId }) => nodeId)];
  for (const secret of [...real, 'canary', rig().simulator.projectId, '10.']) {
    expect(text).not.toContain(secret);
  }
  expectNoSecret(rig(), texts);
  expect(JSON.parse(texts[0] ?? '')).toMatchObject({
    operation: 'showInstance',
    status: 200,
    body: { status: 'RUNNING', cache_mode: 'ha' },
  });
  // Whatever was saved stays as it is.
  expect(await command(args)).toMatchObject({ exitCode: 2 });
});

test.each([
  ['ahead', -16],
  ['behind', 16],
])('a clock that is 16 min %s is a failure with the reason', async (word, minutes) => {
  const Date_ = new Date(Date.now() + minutes * 60_000).toUTCString();
  rig().simulator.faults.add({ route: 'showInstance', headers: { Date: Date_ } });
  const report = await doctor();
  expect(report.exitCode).toBe(1);
  expect(report.find('clock').found).toMatch(new RegExp(`16 min ${word}.*refuses signatures`));
  expect(report.fixes).toEqual([expect.stringContaining('Set the clock')]);
});

test('a clock that is 2 min off is a warning; a refused login is put down to a clock that is 16 min off', async () => {
  const inMinutes = (minutes: number) => new Date(Date.now() + minutes * 60_000).toUTCString();
  const { faults } = rig().simulator;
  faults.add({ route: 'showInstance', headers: { Date: inMinutes(2) } });
  expect((await doctor()).find('clock').status).toBe('warn');
  faults.clear();
  const respond = { status: 401, headers: { Date: inMinutes(16) } };
  faults.add({ route: 'showInstance', respond });
  expect((await doctor()).fixes).toEqual([expect.stringContaining('Set the clock')]);
});

test('an instance that is not there, and one that cannot be switched', async () => {
  const absent = await doctor(['--instance', '11111111-2222-4333-8444-555555555555']);
  expect(absent.exitCode).toBe(1);
  expect(absent.fixes[0]).toContain('Check the instance id');
  const single = await rig().instance({
    cacheMode: 'single',
    nodes: [{ availabilityZone: 'az1' }],
  });
  const report = await doctor(['--instance', single.instanceId]);
  expect(report.find('instance')).toMatchObject({ status: 'warn' });
});

test('an instance without a replica that may become master: a warning, and where its nodes are shown', async () => {
  const instance = await rig().instance({
    nodes: [{ availabilityZone: 'az1' }, { availabilityZone: 'az2', priority: 0 }],
  });
  const { text } = await command(['doctor', '--instance', instance.instanceId]);
  expect(text).toMatch(/^ {2}warn {2}roles /m);
  expect(text).toContain(`dcs-switchover inspect ${instance.instanceId}`);
});

test('an API that accepts and stays silent is given up, and not asked again', async () => {
  const silent = rig().simulator.faults.add({ route: 'showInstance', hold: true });
  const report = await doctor();
  silent.remove();
  expect(report.exitCode).toBe(8);
  expect(report.find('read-instance').found).toContain('no answer within 5 s');
  expect(report.find('read-nodes').status).toBe('skip');
});

test('an attribute of another type is not touched; the printed commands are real ones', async () => {
  const { cliPath, address } = rig().stack.temporal;
  const namespace = 'other-types';
  const env = { TEMPORAL_NAMESPACE: namespace };
  const temporal = async (line: string) => {
    const [, ...args] = line.split(' ');
    await promisify(execFile)(cliPath ?? '', [...args, '--address', address]);
  };
  await temporal(`temporal operator namespace create --namespace ${namespace}`);
  await temporal(
    `temporal operator search-attribute create --namespace ${namespace} --name DcsStatus --type Text`,
  );

  const report = JSON.parse((await command(['setup', '-o', 'json'], env)).stdout) as SetupReport;
  expect(report.attributes).toEqual([
    { name: 'DcsInstanceId', state: 'added', type: 'Keyword' },
    { name: 'DcsInstanceName', state: 'added', type: 'Keyword' },
    { name: 'DcsStatus', state: 'wrong-type', type: 'Text' },
    { name: 'DcsMaintenanceId', state: 'added', type: 'Keyword' },
  ]);
  expect(report.exitCode).toBe(1);
  expect((await doctor([], env)).find('search-attributes').found).toContain('of type Text');

  for (const line of report.removals) await temporal(`${line} --yes`);
  const printed = (await command(['setup', '--print', '-o', 'json'], env)).stdout;
  const { selfHosted } = JSON.parse(printed) as { selfHosted: string[] };
  for (const line of selfHosted) await temporal(line);
  expect((await doctor([], env)).find('search-attributes').status).toBe('ok');
});
