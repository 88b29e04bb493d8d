'use strict';
// Lets the vendor's own SDKs for Python and Go read every answer of the simulator, and compares what they made of
// it with what was sent and with the ledger. Ends with 1 when anything differs.
//
//   npm run build && node scripts/check-sdks.cjs [--habit name=value …]
//
// With habits it checks those alone; else the default ones, and the other known shapes that the SDKs can read.
const { execFile } = require('node:child_process');
const { isDeepStrictEqual, promisify } = require('node:util');
const path = require('node:path');

const { startSimulator, parseHabit } = require('../dist/simulator/index.js');
const { buildGo, installWheels } = require('./prepare-callers.cjs');

const SDKS = path.join(__dirname, 'sdks');
const RUN_TIMEOUT_MS = 120_000;

/** Shapes that no one has distinguished; each is read once more in place of the default. */
const OTHER_SHAPES = {
  addresses: 'fixed',
  taskRows: 'withJobId',
  taskIds: 'job',
  listedTags: 'empty',
  shownTags: 'null',
  listedCacheMode: 'present',
  availabilityZones: 'absent',
  nodeOrder: 'reversed',
  taskOrder: 'oldest-first',
  instanceOrder: 'newest-first',
  listTotals: 'page',
  unknownKeyText: 'ak-not-exist',
};

/** Fields that a reader cannot do without, by answer. */
const NEEDED = {
  asyncSwap: [['job_id']],
  showJob: [['job_id'], ['job_type'], ['status'], ['begin_time'], ['end_time']],
  listInstances: [['instance_num'], ['instances', 0, 'instance_id'], ['instances', 0, 'status']],
  showInstance: [['instance_id'], ['status'], ['cache_mode'], ['engine_version'], ['az_codes', 0]],
  showTags: [
    ['tags', 0, 'key'],
    ['tags', 0, 'value'],
  ],
  listNodes: [
    ['nodes', 1, 'node_id'],
    ['nodes', 1, 'node_type'],
    ['nodes', 1, 'priority_weight'],
  ],
  listAllNodes: [['count'], ['instances', 1, 'nodes', 1, 'replication_id']],
  listGroups: [['group_count'], ['group_list', 0, 'replication_list', 1, 'replication_role']],
  listTasks: [['task_count'], ['tasks', 0, 'id'], ['tasks', 0, 'status'], ['tasks', 0, 'user_id']],
  listCenterTasks: [
    ['tasks', 0, 'id'],
    ['tasks', 0, 'job_id'],
    ['tasks', 0, 'user_name'],
  ],
};

const at = (value, keys) => keys.reduce((inner, key) => inner?.[key], value);

/** Paths at which the SDK says something else than was sent; numbers and their texts are the same. */
function differences(parsed, sent, where) {
  if (parsed === null || parsed === undefined) return [];
  if (typeof parsed !== 'object') return String(parsed) === String(sent) ? [] : [where];
  if (isDeepStrictEqual(parsed, sent)) return [];
  if (typeof sent !== 'object' || sent === null) return Object.keys(parsed).length ? [where] : [];
  return Object.entries(parsed).flatMap(([key, inner]) =>
    differences(inner, sent[key], `${where}.${key}`),
  );
}

/** The answers as they are sent, read without any SDK. */
async function readRaw({ endpoint, projectId, region, account }, instanceId, jobId) {
  const user = { name: account.userName, domain: { name: account.domainName } };
  const password = { user: { ...user, password: account.password } };
  const scope = { project: { name: region } };
  const auth = { identity: { methods: ['password'], password }, scope };
  const login = { method: 'POST', body: JSON.stringify({ auth }) };
  const token = (await fetch(`${endpoint}/v3/auth/tokens`, login)).headers.get('x-subject-token');
  const read = async (url) => {
    const headers = { 'x-auth-token': token };
    return (await fetch(`${endpoint}/v2/${projectId}/${url}`, { headers })).json();
  };
  return {
    asyncSwap: { job_id: jobId },
    showJob: await read(`jobs/${jobId}`),
    listInstances: await read('instances'),
    showInstance: await read(`instances/${instanceId}`),
    showTags: await read(`instances/${instanceId}/tags`),
    listNodes: await read(`instances/${instanceId}/logical-nodes`),
    listAllNodes: await read('instances-logical-nodes'),
    listGroups: await read(`instance/${instanceId}/groups`),
    listTasks: await read(`instances/${instanceId}/tasks`),
    listCenterTasks: await read('tasks'),
  };
}

/** What is wrong with what a program has read of an instance, as text. */
async function problemsOf(simulator, instanceId, { answers, refusals }) {
  const { ledger } = simulator;
  const swaps = ledger.swaps.filter((swap) => swap.instanceId === instanceId);
  const jobId = answers.asyncSwap?.job_id;
  const raw = await readRaw(simulator, instanceId, jobId);
  const wrong = Object.keys(raw).flatMap((name) => [
    ...differences(answers[name], raw[name], name).map((where) => `${where} was read otherwise`),
    ...NEEDED[name]
      .filter((keys) => (at(answers[name], keys) ?? null) === null)
      .map((keys) => `${name}.${keys.join('.')} was not read`),
  ]);
  if (swaps.length !== 1 || swaps[0].jobId !== jobId) wrong.push('the swap is not in the ledger');
  const { principal_id, principal_urn } = answers.callerIdentity ?? {};
  const [{ user_id, user_name }] = raw.listTasks.tasks;
  // By this a run knows its own rows.
  if (principal_id !== user_id || !principal_urn?.endsWith(`:user:${user_name}`))
    wrong.push('the caller identity is not the user of the task row');
  if (refusals.unknownInstance.error_code !== '111404022') wrong.push('unknownInstance');
  if (refusals.unknownKey.error_code !== 'APIGW.0301') wrong.push('unknownKey');
  const unsigned = ledger.calls.filter(({ user, status }) => user === null && status === 200);
  // The token of this script itself needs no signature.
  if (unsigned.some(({ route }) => route !== 'createToken')) wrong.push('a call was not signed');
  return wrong;
}

async function check(name, program, habits) {
  const tags = [{ key: 'env', value: 'test' }];
  const timing = { jobInitMs: 50, jobRunMs: 200 };
  const simulator = await startSimulator({ habits, timing, instances: [{ tags }, {}] });
  try {
    const [{ instanceId }] = simulator.instances;
    const { stdout } = await promisify(execFile)(program.file, program.args, {
      timeout: RUN_TIMEOUT_MS,
      env: {
        PATH: process.env.PATH,
        ...program.env,
        CLOUD_SDK_AK: simulator.accessKey,
        CLOUD_SDK_SK: simulator.secretKey,
        PROJECT_ID: simulator.projectId,
        INSTANCE_ID: instanceId,
        HUAWEICLOUD_SDK_REGION_DCS_CN_NORTH_4: simulator.endpoint,
      },
    });
    const problems = await problemsOf(simulator, instanceId, JSON.parse(stdout));
    if (problems.length > 0) throw new Error(problems.join('\n'));
    console.log(`${name} reads every answer.`);
  } catch (error) {
    console.error(`${name} fails:\n${error.stderr || error.message}`);
    process.exitCode = 1;
  } finally {
    await simulator.close();
  }
}

/** The programs that read, one for each SDK. */
function programs() {
  const python = installWheels(path.join(SDKS, 'requirements.txt'), 'sdk-python');
  const go = buildGo(path.join(SDKS, 'go'));
  return {
    Python: {
      file: 'python3',
      args: [path.join(SDKS, 'read.py')],
      env: { PYTHONPATH: python, PYTHONDONTWRITEBYTECODE: '1' },
    },
    Go: { file: path.join(go, 'sdks'), args: [] },
  };
}

async function main(args) {
  const given = args.filter((arg) => arg !== '--habit').map(parseHabit);
  const cases =
    given.length > 0
      ? { 'the habits given': Object.assign({}, ...given) }
      : { 'default habits': {}, 'other shapes': OTHER_SHAPES };
  for (const [name, program] of Object.entries(programs()))
    for (const [what, habits] of Object.entries(cases))
      await check(`The SDK for ${name}, ${what},`, program, habits);
}

main(process.argv.slice(2)).catch((error) => {
  console.error(error.message);
  process.exitCode = 1;
});
