/**
 * No secret gets out. Each secret of a worker with keys for its account is a canary (`dcs/secrets` has the other kinds of
 * credential), and a whole life is led with it: switchovers that succeed, are refused, fail and stay unknown, a
 * maintenance, a schedule, a freeze, notifications, traces and metrics. Then everything that has left the product is
 * searched.
 */
import { randomBytes, randomUUID } from 'node:crypto';
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import net from 'node:net';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';

import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { historyToJSON } from '@temporalio/common/lib/proto-utils';

import { runCli } from '../../src/cli/program.js';
import { connectDcsSwitchover } from '../../src/client.js';
import type { ConnectedDcsSwitchover } from '../../src/client.js';
import { EXIT_CODES } from '../../src/contract/index.js';
import type { MaintenanceInput } from '../../src/contract/index.js';
import type { WorkerProcess } from '../../src/dev/stack.js';
import { waitUntil } from '../../src/simulator/basics.js';
import type { FaultActions, SimulatedInstance } from '../../src/simulator/index.js';
import { createFakeIo } from '../cli/support/fake-io.js';
import { findCanaries } from '../support/canaries.js';
import type { Canaries } from '../support/canaries.js';
import { startCodecServer } from '../support/codec.js';
import type { CodecServer } from '../support/codec.js';
import { instancesOf, openWindow, maintenanceOf } from '../support/maintenance-rig.js';
import { startCollector } from '../support/otlp.js';
import type { Collector } from '../support/otlp.js';
import { ANY_PORT, httpOf } from '../support/probes.js';
import { startReceiver } from '../support/receiver.js';
import type { Receiver } from '../support/receiver.js';
import { writeRedisSettings } from '../support/redis-settings.js';
import { FAST, decodePayloads, useRig } from '../support/rig.js';
import { showing } from '../support/shown.js';

/** With characters that are written otherwise in URLs, JSON and base64. */
const newToken = (): string => `${randomBytes(24).toString('base64')}+/"=`;

const rig = useRig({
  hasWorker: false,
  simulator: { securityToken: `${randomBytes(24).toString('base64')}+/=` },
});

let receiver: Receiver;
let collector: Collector;
let codec: CodecServer;
let worker: WorkerProcess;
let dcs: ConnectedDcsSwitchover;
/** Whatever has left so far. */
const outputs: [where: string, text: string][] = [];

const OTHER = { bearer: newToken(), proxy: newToken(), apiKey: newToken() };

/** A Redis that refuses whatever it is sent, and repeats it. */
const REDIS = { user: newToken(), password: newToken(), instanceId: randomUUID() };
const redis = net.createServer((socket) => {
  socket.on('error', () => undefined);
  socket.on('data', (sent) => {
    socket.write(`-WRONGPASS ${sent.toString().replace(/\r\n/g, ' ')}\r\n`);
  });
});

/** Of a worker that asks this Redis about one instance. */
let settings: NodeJS.ProcessEnv = {};
const folder = mkdtempSync(path.join(tmpdir(), 'secrets-'));

/** The whole environment of a worker, each of whose secrets is one of {@link canaries}. */
const environment = (): NodeJS.ProcessEnv => ({
  ...rig().stack.workerEnv(),
  ...settings,
  ...ANY_PORT,
  DCS_SWITCHOVER_LOG_LEVEL: 'debug',
  DCS_SWITCHOVER_WEBHOOK_URL: receiver.url,
  DCS_SWITCHOVER_WEBHOOK_SECRET: receiver.secret,
  DCS_SWITCHOVER_TRACES: 'otlp',
  OTEL_EXPORTER_OTLP_ENDPOINT: collector.url,
  OTEL_EXPORTER_OTLP_HEADERS: `authorization=Bearer%20${encodeURIComponent(OTHER.bearer)}`,
  OTEL_BSP_SCHEDULE_DELAY: '100',
  TEMPORAL_CODEC_ENDPOINT: codec.endpoint,
  TEMPORAL_CODEC_AUTH: codec.auth,
});

function canaries(): Canaries {
  const { accessKey, secretKey, securityToken } = rig().simulator;
  return {
    ...{ 'access key': accessKey, 'secret key': secretKey },
    ...{ 'security token': securityToken ?? '', 'password of the proxy': OTHER.proxy },
    'secret of the webhook': receiver.secret.replace('whsec_', ''),
    'path of the webhook': 'token-of-the-url',
    'token of the codec server': codec.auth.replace('Bearer ', ''),
    ...{ 'user of Redis': REDIS.user, 'password of Redis': REDIS.password },
    ...{ 'token of the collector': OTHER.bearer, 'key for Temporal': OTHER.apiKey },
  };
}

beforeAll(async () => {
  receiver = await startReceiver();
  collector = await startCollector();
  codec = await startCodecServer();
  // What it is sent leaves the product, and what it gives back is what it was sent: histories stay readable.
  codec.mode = 'passes';
  codec.refuse = (operation, text) => outputs.push([`codec: ${operation}`, text]) === 0;
  await new Promise<void>((resolve) => redis.listen(0, '127.0.0.1', resolve));
  const { instanceId, user, password } = REDIS;
  const address = `127.0.0.1:${(redis.address() as AddressInfo).port}`;
  const entry = { match: { instanceId }, user, password, address };
  settings = writeRedisSettings(folder, rig().simulator, entry);
  worker = await rig().stack.startWorker(environment(), (line) => outputs.push(['log', line]));
  dcs = showing(
    await connectDcsSwitchover({ env: environment(), taskQueue: rig().stack.taskQueue }),
  );
});

afterAll(async () => {
  await dcs.close();
  redis.close();
  rmSync(folder, { recursive: true });
  await Promise.all([receiver.close(), collector.close(), codec.close()]);
});

/** What a gateway says that repeats what it was sent, as it stands there and as it is escaped in URL and JSON. */
function echo(): FaultActions {
  const { accessKey, secretKey, securityToken } = rig().simulator;
  const token = String(securityToken);
  const escaped = [encodeURIComponent(token), token.replaceAll('/', '\\/')];
  const sent = [accessKey, secretKey, token, ...escaped].join(' ');
  const message = `signature fail, ${sent} x-security-token:${token}`;
  return { respond: { status: 400, code: 'DCS.4011', message } };
}

/** One that is asked for the roles turns away what it does not know, and repeats it. */
const ECHO_OF_A_READING = { respond: { status: 403, code: 'APIGW.0302' } } as const;

/** A switchover for each way to end; the instance of the one that stays unknown. */
async function leadSwitchovers(): Promise<Readonly<Record<string, SimulatedInstance>>> {
  const { faults } = rig().simulator;
  const good = await rig().instance({ instanceId: REDIS.instanceId });
  const [refused, failed, unknown] = await instancesOf(rig(), 3);
  if (!refused || !failed || !unknown) throw new Error('no instances');
  const { message } = echo().respond ?? {};
  const reading = { respond: { ...ECHO_OF_A_READING.respond, message: String(message) } };
  faults.add({ route: 'listTasks', instanceId: refused.instanceId, ...reading });
  faults.add({ route: 'asyncSwap', instanceId: failed.instanceId, calls: 1, ...echo() });
  faults.add({ route: 'asyncSwap', instanceId: unknown.instanceId, calls: 1, reset: 'before' });
  const ends = await Promise.all(
    [good, refused, failed, unknown].map(async (instance) => {
      const { projectId } = rig().simulator;
      const ref = { projectId, instanceId: instance.instanceId };
      const run = await dcs.switchover.start({ ...ref, toggle: true, timing: FAST });
      return (await dcs.switchover.result(run)).outcome;
    }),
  );
  expect(ends).toEqual(['SUCCEEDED', 'REFUSED', 'FAILED_UNCHANGED', 'UNKNOWN']);
  return { good, refused, failed, unknown };
}

/** A maintenance of two: of one the PUT is refused, with the whole credential in the words of the API. */
async function planWithEcho(): Promise<MaintenanceInput> {
  const instances = await instancesOf(rig(), 2);
  const { projectId, faults } = rig().simulator;
  faults.add({ route: 'asyncSwap', instanceId: instances[0]?.instanceId ?? '', ...echo() });
  return {
    maintenanceId: `secret-${randomUUID()}`,
    projectId,
    instanceIds: instances.map(({ instanceId }) => instanceId),
    toggle: true,
    window: openWindow(),
    expectedDurationSeconds: 10,
    compensationReserveSeconds: 10,
    maxFailures: 1,
    timing: FAST,
  };
}

/** Such a maintenance, a schedule of it, and a freeze while the commands run. */
async function leadMaintenance(): Promise<{ maintenanceId: string; scheduleId: string }> {
  const maintenance = await planWithEcho();
  const { maintenanceId } = maintenance;
  const scheduleId = `weekly-${randomUUID()}`;
  const schedule = { at: new Date(Date.now() + 1_200_000).toISOString() };
  await dcs.schedules.createOrUpdate({ scheduleId, schedule, maintenance });
  const started = await dcs.maintenance.start(maintenance);
  const rigged = maintenanceOf(rig(), [], maintenanceId, started.runId);
  expect(await rigged.end()).toMatchObject({ type: 'PARTIAL', result: { counts: { done: 1 } } });
  const until = new Date(Date.now() + 600_000).toISOString();
  await dcs.freezes.start({ until, by: 'ann', reason: 'quarter end' });
  const hasEnded = () => receiver.events().some(({ type }) => type.includes('maintenance.ended'));
  await waitUntil('the end is reported', 120_000, () => Promise.resolve(hasEnded()));
  return { maintenanceId, scheduleId };
}

/** Whatever Temporal keeps of every run of the namespace, and of every schedule. */
async function keepRecords(): Promise<void> {
  const { temporal } = rig();
  for await (const { workflowId, runId } of temporal.workflow.list()) {
    const handle = temporal.workflow.getHandle(workflowId, runId);
    const history: unknown = JSON.parse(historyToJSON(await handle.fetchHistory()));
    keep('history', [history, decodePayloads(history)]);
    const { memo, raw } = await handle.describe();
    keep('description', [memo, raw, decodePayloads(plain(raw))]);
  }
  for await (const { scheduleId } of temporal.schedule.list()) {
    const { action, memo, state, raw } = await temporal.schedule.getHandle(scheduleId).describe();
    keep('schedule', [action, memo, state, raw, decodePayloads(plain(raw))]);
  }
}

const plain = (value: unknown): unknown => JSON.parse(JSON.stringify(value));

function keep(where: string, value: unknown): void {
  outputs.push([where, JSON.stringify(value)]);
}

/** What the command prints, and writes, with the worker's whole environment at hand. */
async function keepRefused(line: readonly string[], more: NodeJS.ProcessEnv = {}): Promise<number> {
  const io = createFakeIo({ env: { ...environment(), ...more } });
  const exitCode = await runCli([...line], io);
  outputs.push([line.join(' '), `${io.stdout()}\n${io.stderr()}`]);
  return exitCode;
}

/** The same of a command line that has to be one: what only says how it is used, has shown nothing. */
async function keepPrinted(line: readonly string[]): Promise<void> {
  const exitCode = await keepRefused(line);
  expect([line.join(' '), exitCode]).not.toEqual([line.join(' '), EXIT_CODES.usage]);
}

/** The same of one that writes reports into the folder it is given: its files, too, in every form. */
async function keepReports(line: readonly string[]): Promise<void> {
  const reports = mkdtempSync(path.join(folder, 'reports-'));
  await keepPrinted([...line, '--report', reports]);
  keepFiles('report', reports);
}

function keepFiles(what: string, place: string): void {
  for (const name of readdirSync(place))
    outputs.push([
      `${what} file${path.extname(name)}`,
      readFileSync(path.join(place, name), 'utf8'),
    ]);
}

const FORMS = [[], ['-o', 'json'], ['-o', 'yaml']];

async function keepCommands(instances: Readonly<Record<string, SimulatedInstance>>): Promise<void> {
  for (const { instanceId } of Object.values(instances)) {
    for (const form of FORMS)
      for (const word of ['status', 'audit', 'report', 'history'])
        await keepPrinted([word, instanceId, ...form]);
    await keepReports(['report', instanceId]);
    await keepPrinted(['plan', instanceId]);
  }
  for (const form of FORMS)
    for (const line of [['list'], ['list', '--unresolved'], ['instances'], ['doctor'], ['setup']])
      await keepPrinted([...line, ...form]);
  const answers = path.join(mkdtempSync(path.join(folder, 'record-')), 'answers');
  const { instanceId = '' } = Object.values(instances)[0] ?? {};
  await keepPrinted(['doctor', '--instance', instanceId, '--record', answers]);
  keepFiles('record', answers);
}

async function keepMaintenanceCommands(maintenanceId: string, scheduleId: string): Promise<void> {
  for (const form of FORMS)
    for (const line of [
      ...['report', 'progress', 'audit'].map((word) => ['maintenance', word, maintenanceId]),
      ['maintenance', 'list'],
      ['schedule', 'describe', scheduleId],
      ['schedule', 'list'],
      ['freeze', '--show'],
    ])
      await keepPrinted([...line, ...form]);
  await keepReports(['maintenance', 'report', maintenanceId]);
}

/** A proxy, a Temporal and a codec server that do not let us through: errors speak of what was set. */
async function keepErrors(): Promise<void> {
  const proxy = `http://ann:${encodeURIComponent(OTHER.proxy)}@127.0.0.1:9`;
  // Only a connection by TLS goes through the proxy, and is described with it.
  const { region } = rig().simulator;
  const project = { DCS_SWITCHOVER_CONFIG: '', DCS_REGION: region };
  const behind = { ...project, DCS_ENDPOINT: 'https://127.0.0.1:9', DCS_HTTPS_PROXY: proxy };
  await keepRefused(['doctor'], { ...behind, TEMPORAL_ADDRESS: '127.0.0.1:9' });
  for (const TEMPORAL_TLS of ['true', 'false'])
    await keepRefused(['list'], { TEMPORAL_API_KEY: OTHER.apiKey, TEMPORAL_TLS });
  codec.mode = 'refuses';
  await keepRefused(['list', '--unresolved']);
  await keepRefused(['maintenance', 'list']);
}

test('no secret is in what a whole life leaves behind', async () => {
  const instances = await leadSwitchovers();
  const { maintenanceId, scheduleId } = await leadMaintenance();
  await keepCommands(instances);
  await keepMaintenanceCommands(maintenanceId, scheduleId);
  await dcs.freezes.thaw({ by: 'ann' });
  for (const page of ['metrics', 'readyz', 'healthz'])
    outputs.push([page, await (await fetch(`${httpOf(worker)}/${page}`)).text()]);
  await keepRecords();
  await keepErrors();
  for (const { headers, body } of receiver.received) keep('webhook', [headers, body]);
  for (const body of collector.bodies) outputs.push(['spans', body]);

  // So that an empty search proves nothing by itself: each kind of output is there, with the API's own words.
  for (const [where, words] of SEEN) expect(textOf(where)).toContain(words);
  expect(findCanaries(canaries(), outputs)).toEqual([]);
}, 900_000);

const textOf = (where: string): string =>
  outputs.flatMap(([from, text]) => (from.startsWith(where) ? [text] : [])).join('\n');

const SEEN: readonly (readonly [where: string, words: string])[] = [
  ['log', 'debug'],
  ['history', 'signature fail'],
  ['description', 'DcsInstanceId'],
  ['schedule', 'weekly-'],
  ['status', 'signature fail'],
  ['report', 'signature fail'],
  ['report file.html', 'signature fail'],
  ['report file.json', 'signature fail'],
  ['report file.md', 'signature fail'],
  ['audit', 'kept'],
  ['maintenance report', 'signature fail'],
  ['webhook', 'signature fail'],
  ['spans', 'RunWorkflow:dcsSwitchover'],
  ['metrics', 'dcs_switchover'],
  ['codec: encode', 'instanceId'],
  ['codec: decode', 'signature fail'],
  ['record file', 'status'],
  ['freeze', 'quarter end'],
  ['doctor', 'through the proxy 127.0.0.1:9'],
  ['doctor', 'Redis refused user or password'],
];

test.each<[form: string, write: (secret: string) => string]>([
  ['as it is', (secret) => secret],
  ['in a URL', (secret) => encodeURIComponent(secret)],
  ['in hex', (secret) => Buffer.from(secret).toString('hex')],
  ['in JSON', (secret) => JSON.stringify({ secret })],
  ['in JSON of JSON', (secret) => JSON.stringify(JSON.stringify({ secret }))],
  ['in JSON by codes', (secret) => Array.from(secret, codeOf).join('')],
  ['in HTML', (secret) => secret.replaceAll('"', '&quot;').replaceAll('=', '&#x3d;')],
  ['in base64', (secret) => Buffer.from(secret).toString('base64')],
  ['in base64 behind a byte', (secret) => Buffer.from(`.${secret}.`).toString('base64')],
  ['in base64 behind two', (secret) => Buffer.from(`..${secret}.`).toString('base64url')],
])('the search finds a secret %s', (_, write) => {
  const secret = newToken();
  const found = findCanaries({ 'a token': secret }, [['page', `before ${write(secret)} behind`]]);
  expect(found.join()).toContain('page: a token');
  expect(findCanaries({ 'a token': newToken() }, [['page', write(secret)]])).toEqual([]);
});

const codeOf = (letter: string): string =>
  `\\u${letter.charCodeAt(0).toString(16).padStart(4, '0')}`;
