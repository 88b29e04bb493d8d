/** What DCS, STS, IAM and the metadata service answer. */
import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';

import fc from 'fast-check';

import { createCredentialSource, createDcsClient } from '../../../src/dcs/index.js';
import type { CredentialSettings, DcsClient } from '../../../src/dcs/index.js';
import { textsOf } from '../../dcs/support.js';
import type { Recipe } from '../recipe.js';
import { answers, isEndless, withAnswerServer } from '../server.js';
import type { Answer, AnswerServer } from '../server.js';
import { CANARIES, checkClass, checkFields, checkSecrets, checkText, fail } from '../surface.js';
import type { Surface } from '../surface.js';

const PROJECT_ID = '0ebd32bc6a0123456789abcdef012345';
const INSTANCE_ID = '5560df16-cebf-4473-95c4-d1b573c16e79';
const JOB_ID = '8abfa7aa88ad5aa50188aef7ec0936d1';
const LIMIT_MS = 400;

/** Longest text of an answer or an error, in characters. */
const MAX_LENGTH = 1_500;

const INSTANCE = {
  ...{ instance_id: INSTANCE_ID, name: 'redis-1', status: 'RUNNING', cache_mode: 'ha' },
  ...{ engine: 'Redis', engine_version: '5.0', tags: [{ key: 'env', value: 'prod' }] },
  ...{ maintain_begin: '02:00:00', maintain_end: '06:00:00', task: null, service_task_id: '' },
  bandwidth_info: { task_running: false },
};
const NODES = [
  {
    ...{ node_id: 'n1', replication_id: 'r1', az_code: 'az1', status: 'Active', group_id: 'g' },
    ...{
      node_ip: '10.0.0.1',
      node_type: 'master',
      node_role: 'redis-server',
      priority_weight: 100,
    },
  },
];
const TASK = {
  ...{ id: 't1', name: 'masterStandbySwapJob', status: 'SUCCESS', job_id: JOB_ID },
  ...{ user_name: 'ann', user_id: 'u1' },
  ...{ created_at: '2026-11-24T02:00:00Z', updated_at: '1795485600000' },
};

const KEY = {
  ...{ access: CANARIES.accessKey, secret: CANARIES.secretKey },
  ...{ securitytoken: CANARIES.securityToken, expires_at: '2099-01-01T00:00:00Z' },
};

interface Operation {
  /** A body that would be accepted. */
  readonly good: Recipe;
  readonly call: (client: DcsClient, origin: string) => Promise<unknown>;
  /** Most requests that it takes. */
  readonly requests: number;
}

const now = () => ({ signal: new AbortController().signal });

const OPERATIONS = {
  showInstance: {
    good: INSTANCE,
    call: (client) => client.showInstance(INSTANCE_ID, now()),
    requests: 1,
  },
  showTags: {
    good: { tags: INSTANCE.tags },
    call: (client) => client.showTags(INSTANCE_ID, now()),
    requests: 1,
  },
  listNodes: {
    good: { nodes: NODES },
    call: (client) => client.listNodes(INSTANCE_ID, now()),
    requests: 1,
  },
  listGroups: {
    good: {
      group_list: [
        {
          group_id: 'g',
          replication_list: [{ replication_id: 'r1', replication_role: 'master', node_id: 'n1' }],
        },
      ],
    },
    call: (client) => client.listGroups(INSTANCE_ID, now()),
    requests: 1,
  },
  showJob: {
    good: {
      ...{ job_id: JOB_ID, job_type: 'masterStandbySwapJob', status: 'SUCCESS', fail_reason: '' },
      ...{ begin_time: '1795485600000', end_time: '1795485608000' },
    },
    call: (client) => client.showJob(JOB_ID, now()),
    requests: 1,
  },
  listTasks: {
    good: { tasks: [TASK], task_count: 1 },
    call: (client) => client.listTasks(INSTANCE_ID, now()),
    requests: 5,
  },
  listInstances: {
    good: { instances: [INSTANCE], instance_num: 1 },
    call: (client) => client.listInstances(now()),
    requests: 200,
  },
  requestSwap: {
    good: { job_id: JOB_ID },
    call: async (client) => {
      const swap = await client.openSwap(INSTANCE_ID, now());
      try {
        return await swap.send();
      } finally {
        swap.close();
      }
    },
    requests: 1,
  },
  sts: {
    good: { principal_urn: 'iam::account:user:ann', principal_id: 'u1' },
    call: (client) => client.identity.user(),
    requests: 1,
  },
  iamToken: {
    good: { token: { expires_at: '2099-01-01T00:00:00Z' } },
    call: (_, iamEndpoint) =>
      credential({
        ...{ source: 'iam-token', iamEndpoint, userName: 'ann', domainName: 'acme' },
        ...{ passwordFile: null, projectId: PROJECT_ID },
      }),
    requests: 1,
  },
  agency: {
    good: { credential: KEY },
    call: (_, iamEndpoint) =>
      credential({
        ...{ source: 'agency', base: { source: 'environment' }, iamEndpoint },
        ...{ agencyName: 'ops', domainName: 'acme', durationSeconds: 900 },
      }),
    requests: 1,
  },
  metadata: {
    good: { credential: KEY },
    call: (_, endpoint) => credential({ source: 'metadata', endpoint }),
    requests: 2,
  },
  podIdentity: {
    good: {
      credentials: {
        ...{ accessKeyId: CANARIES.accessKey, secretAccessKey: CANARIES.secretKey },
        ...{ securityToken: CANARIES.securityToken, expiration: '2099-01-01T00:00:00Z' },
      },
    },
    call: (_, credentialsUri) =>
      credential({ source: 'pod-identity', credentialsUri, tokenFile: writeToken() }),
    requests: 1,
  },
  oidc: {
    good: { credential: KEY },
    call: (_, iamEndpoint) =>
      credential({ source: 'oidc', iamEndpoint, idpId: 'k8s', tokenFile: writeToken() }),
    requests: 2,
  },
} as const satisfies Readonly<Record<string, Operation>>;

const folder = mkdtempSync(path.join(tmpdir(), 'dcs-switchover-fuzz-'));

/** A file with the token of a service account. */
function writeToken(): string {
  const file = path.join(folder, 'token');
  writeFileSync(file, CANARIES.password);
  return file;
}

/** Its value is a secret, and is not looked at. */
async function credential(settings: CredentialSettings): Promise<null> {
  const env = {
    ...{ HUAWEICLOUD_SDK_AK: CANARIES.accessKey, HUAWEICLOUD_SDK_SK: CANARIES.secretKey },
    DCS_IAM_PASSWORD: CANARIES.password,
  };
  const keys = await createCredentialSource(settings, { env }).get();
  for (const value of Object.values(keys))
    if (value !== null && !/^[\x21-\x7e]+$/.test(value)) fail('a credential that fits no header');
  return null;
}

const ISSUING: readonly string[] = [
  ...['iamToken', 'agency', 'metadata', 'sts'],
  ...['podIdentity', 'oidc'],
];

interface Case {
  readonly operation: keyof typeof OPERATIONS;
  readonly answer: Answer;
}

const CLASSES = [
  ...['DcsConnectionError', 'DcsHttpError', 'DcsResponseError', 'DcsTimeoutError'],
  ...['DcsUnauthenticatedError', 'DcsCredentialsError'],
];

export const dcsAnswers: Surface<Case> = {
  name: 'answers',
  inputs: fc.record({
    operation: fc.constantFrom(...(Object.keys(OPERATIONS) as (keyof typeof OPERATIONS)[])),
    answer: answers,
  }),
  check: ({ operation, answer }) => {
    const { good }: Operation = OPERATIONS[operation];
    // Whoever issues credentials is waited for much longer.
    const isPatient = isEndless(answer) && ISSUING.includes(operation);
    return withAnswerServer(
      { answer: isPatient ? { ...answer, frame: 'cut' } : answer, good },
      (server) => checkOperation(server, operation),
    );
  },
};

async function checkOperation(
  { origin, requests: sent }: AnswerServer,
  operation: Case['operation'],
): Promise<void> {
  const { call, requests }: Operation = OPERATIONS[operation];
  const reported: string[] = [];
  await checkCall(() => call(clientOf(origin, reported), origin));
  checkSecrets('what is reported of a call', reported.join('\n'));
  if (sent.length > requests) fail(`${sent.length} requests: ${sent.join(', ')}`);
  const isPut = (line: string): boolean => line.startsWith('PUT /v2/');
  if (operation !== 'requestSwap' && sent.some(isPut)) fail('a PUT');
}

function clientOf(origin: string, reported: string[]): DcsClient {
  return createDcsClient({
    ...{ endpoint: origin, stsEndpoint: origin, projectId: PROJECT_ID },
    ...{ readTimeoutMs: LIMIT_MS, swapTimeoutMs: LIMIT_MS, connectTimeoutMs: LIMIT_MS },
    credentials: {
      description: 'test',
      get: () => Promise.resolve({ kind: 'access-key', ...CANARIES }),
      refresh: () => Promise.resolve(),
    },
    onExchange: (exchange) => {
      reported.push(JSON.stringify(exchange));
    },
  });
}

async function checkCall(call: () => Promise<unknown>): Promise<void> {
  let value: unknown;
  try {
    value = await call();
  } catch (failure) {
    const error = checkClass(failure, CLASSES);
    checkText('a message', error.message, MAX_LENGTH);
    checkSecrets('an error', textsOf(error));
    checkFields(error, MAX_LENGTH);
    return;
  }
  checkFields(value, MAX_LENGTH);
}
