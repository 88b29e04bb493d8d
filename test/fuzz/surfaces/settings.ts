/** What a process is configured with: variables, the file of projects, the profile of Temporal, files of credentials. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';

import fc from 'fast-check';

import { loadWorkerConfig } from '../../../src/config/index.js';
import { createCredentialSource } from '../../../src/dcs/index.js';
import { loadTemporalConfig } from '../../../src/temporal/config.js';
import { edits, hostileText } from '../hostile.js';
import { edited, toJsonText } from '../recipe.js';
import type { Edit, Recipe } from '../recipe.js';
import { CANARIES, checkClass, checkText, fail } from '../surface.js';
import type { Surface } from '../surface.js';

const PROJECT_ID = '0ebd32bc6a0123456789abcdef012345';
const INSTANCE_ID = '5560df16-cebf-4473-95c4-d1b573c16e79';

const FILE = {
  projects: [
    {
      ...{ projectId: PROJECT_ID, region: 'eu-west-101', maxReadsPerSecond: 20 },
      ...{ endpoint: 'https://dcs.example.com', nodeIdentity: 'node-id', taskUserName: 'ann' },
      credentials: {
        ...{ source: 'agency', agencyName: 'ops', domainName: 'acme', durationSeconds: 900 },
        base: { source: 'files', accessKeyFile: '/run/ak', secretKeyFile: '/run/sk' },
      },
      allow: [{ instanceId: INSTANCE_ID }, { name: 'a*' }, { tag: { key: 'env', value: 'p' } }],
      ...{ deny: [{ name: 'x' }], coolDownFloorSeconds: 60 },
    },
  ],
};

/** Variables that would be accepted; the secrets stand where secrets stand. */
const VARIABLES: Readonly<Record<string, string>> = {
  HUAWEICLOUD_SDK_PROJECT_ID: PROJECT_ID,
  DCS_REGION: 'eu-west-101',
  HUAWEICLOUD_SDK_AK: CANARIES.accessKey,
  HUAWEICLOUD_SDK_SK: CANARIES.secretKey,
  HUAWEICLOUD_SDK_SECURITY_TOKEN: CANARIES.securityToken,
  DCS_SWITCHOVER_HTTP_PORT: '8080',
  TEMPORAL_ADDRESS: 'localhost:7233',
  TEMPORAL_NAMESPACE: 'ops',
};

/** Further ones, each with a value that may be accepted. */
const FURTHER: Readonly<Record<string, string>> = {
  DCS_ENDPOINT: 'https://dcs.example.com',
  DCS_STS_ENDPOINT: 'https://sts.example.com',
  DCS_METADATA_ENDPOINT: 'http://169.254.169.254',
  DCS_CREDENTIALS: 'environment',
  DCS_HTTPS_PROXY: `http://ann:${CANARIES.password.replace(/["\\é]/g, '')}@proxy.example.com:3128`,
  DCS_IAM_USER_NAME: 'ann',
  DCS_IAM_DOMAIN_NAME: 'acme',
  DCS_IAM_PASSWORD: CANARIES.password,
  DCS_AGENCY_NAME: 'ops',
  DCS_AGENCY_DOMAIN_NAME: 'acme',
  DCS_SWITCHOVER_CONFIG: '',
  DCS_SWITCHOVER_TASK_QUEUE: 'q',
  DCS_SWITCHOVER_HTTP_HOST: '0.0.0.0',
  DCS_SWITCHOVER_WEBHOOK_URL: `https://hooks.example.com/${CANARIES.accessKey}`,
  DCS_SWITCHOVER_WEBHOOK_SECRET: `whsec_${CANARIES.secretKey}`,
  DCS_SWITCHOVER_DATA_CONVERTER: './codec.cjs',
  DCS_CA_FILE: '/dev/null',
  DCS_NODE_IDENTITY: 'node-id',
  HUAWEICLOUD_SDK_IAM_ENDPOINT: 'https://iam.example.com',
  HUAWEICLOUD_SDK_REGION_DCS_EU_WEST_101: 'https://dcs.example.com',
  HUAWEICLOUD_SDK_AK_FILE: '/run/ak',
  HUAWEICLOUD_SDK_CREDENTIALS_FILE: '/run/credentials',
  TEMPORAL_API_KEY: CANARIES.securityToken,
  TEMPORAL_TLS: 'false',
  TEMPORAL_TLS_CLIENT_KEY_DATA: CANARIES.secretKey,
  TEMPORAL_TLS_CLIENT_CERT_DATA: 'x',
  TEMPORAL_CODEC_ENDPOINT: 'https://codec.example.com/{namespace}',
  TEMPORAL_CODEC_AUTH: `Bearer ${CANARIES.securityToken}`,
  TEMPORAL_CONFIG_FILE: '',
  TEMPORAL_PROFILE: 'default',
  TEMPORAL_GRPC_META_AUTH: CANARIES.securityToken,
};

/** What is changed: variables by name, the files as texts. */
interface Case {
  readonly variables: readonly (readonly [name: string, value: Recipe])[];
  readonly file: readonly Edit[] | { readonly text: Recipe } | null;
  /** `null`: no file. */
  readonly profile: Recipe;
  readonly credentials: Recipe;
}

const BROKEN_FILES: readonly Recipe[] = [
  ...['', 'projects: &a [*a]', 'a: *b', '---\n---\n', '\ufeffprojects: []', 'projects: !!js/x 1'],
  ...[
    '{projects: [{? {sk: SKCANARY4711} : 1}]}',
    'projects:\n\t- x',
    '%YAML 9.9\n---\n[]',
    '<<: {a: 1}',
  ],
  ...[
    '"\\ud800": 1',
    '__proto__: {projects: []}',
    `sk: ${CANARIES.secretKey}`,
    `- ${CANARIES.secretKey}: [`,
  ],
  ...[
    `projects: [{secretKey: ${CANARIES.secretKey}}]`,
    `projects: "${CANARIES.secretKey}`,
    '? [a]\n: b',
  ],
  { $repeat: ['[', 3_000] },
  { $repeat: ['- ', 3_000] },
  { $repeat: ['{a: ', 1_000] },
  { $repeat: ['a: &a [*a, *a]\n', 200] },
];

const TOMLS: readonly Recipe[] = [
  ...[
    '[profile.default]\naddress = "https://x"',
    '[profile.default]\napi_key = 1',
    '[profile',
    'a = ',
  ],
  ...[`[profile.default]\napi_key = "${CANARIES.securityToken}"\naddress = "evil.example:7233"`],
  ...[
    `[profile.default]\napi_key = "${CANARIES.securityToken}`,
    '[profile.__proto__]\naddress = "x"',
  ],
  ...['[profile.default.tls]\nclient_key_data = 5', '[profile.default.codec]\nauth = "x"'],
  { $repeat: ['[', 20_000] },
];

const INIS: readonly Recipe[] = [
  ...[
    `[basic]\nak = ${CANARIES.accessKey}\nsk = ${CANARIES.secretKey}`,
    '[__proto__]\nak = x\nsk = y',
  ],
  ...[`[basic]\nak[] = ${CANARIES.accessKey}\nsk = 1`, '[basic]', `sk = ${CANARIES.secretKey}`],
  ...[
    `[basic]\nak = a b\nsk = ${CANARIES.secretKey}\u0000`,
    '[basic.__proto__]\nak = 1',
    '[basic]\nak.a = 1',
  ],
];

const value = fc.oneof(
  { weight: 3, arbitrary: hostileText },
  {
    weight: 3,
    arbitrary: fc.constantFrom(
      ...Object.values(FURTHER).filter((text) => !text.includes('CANARY')),
    ),
  },
  { weight: 1, arbitrary: fc.constant(null) },
);

export const settings: Surface<Case> = {
  name: 'settings',
  inputs: fc.record({
    variables: fc.array(
      fc.oneof(
        fc.tuple(fc.constantFrom(...Object.keys({ ...VARIABLES, ...FURTHER })), value),
        fc.constantFrom(...Object.entries(FURTHER)),
      ),
      { maxLength: 6 },
    ),
    file: fc.oneof(
      fc.constant(null),
      edits,
      fc.constantFrom(...BROKEN_FILES).map((text) => ({ text })),
      hostileText.map((text) => ({ text })),
    ),
    profile: fc.oneof(fc.constant(null), fc.constantFrom(...TOMLS), hostileText),
    credentials: fc.oneof(fc.constantFrom(...INIS), hostileText),
  }),
  check: async (given) => {
    const folder = mkdtempSync(path.join(tmpdir(), 'fuzz-'));
    try {
      await checkSettings(folder, given);
    } finally {
      rmSync(folder, { recursive: true });
    }
  },
};

async function checkSettings(folder: string, given: Case): Promise<void> {
  const env = environmentOf(folder, given);
  await judge(['ConfigurationError'], 35_000, () => {
    const { projects } = loadWorkerConfig(env);
    for (const { endpoint, stsEndpoint, credentials } of projects) {
      checkOrigin(endpoint);
      if (stsEndpoint !== null) checkOrigin(stsEndpoint);
      if ('iamEndpoint' in credentials) checkOrigin(credentials.iamEndpoint);
    }
  });
  await judge(['TemporalConfigError', 'DataConverterError'], 1_000, () => {
    loadTemporalConfig(env);
  });
  const file = path.join(folder, 'credentials');
  writeFileSync(file, asText(given.credentials));
  await judge(['DcsCredentialsError'], 1_000, async () => {
    const profile = { source: 'profile', file, section: 'basic' } as const;
    await createCredentialSource(profile, { env: {} }).get();
  });
}

function environmentOf(folder: string, { variables, file, profile }: Case): NodeJS.ProcessEnv {
  const changed = variables.map(([name, given]) => [
    name,
    given === null ? undefined : asText(given),
  ]);
  const env: NodeJS.ProcessEnv = {
    ...VARIABLES,
    HOME: folder,
    ...(Object.fromEntries(changed) as NodeJS.ProcessEnv),
  };
  if (file !== null) {
    env['DCS_SWITCHOVER_CONFIG'] = path.join(folder, 'projects.yaml');
    const text = 'text' in file ? asText(file.text) : toJsonText(edited(FILE, file));
    writeFileSync(env['DCS_SWITCHOVER_CONFIG'], text);
  }
  if (profile !== null) {
    env['TEMPORAL_CONFIG_FILE'] = path.join(folder, 'temporal.toml');
    writeFileSync(env['TEMPORAL_CONFIG_FILE'], asText(profile));
  }
  return env;
}

function asText(recipe: Recipe): string {
  return typeof recipe === 'string' ? recipe : (JSON.parse(toJsonText(recipe)) as string);
}

/** Nothing of ours is sent in plain text to another machine, nor anywhere by a name in it. */
function checkOrigin(endpoint: string): void {
  const { protocol, hostname, username, pathname } = new URL(endpoint);
  const isLoopback = /^(?:localhost|127(?:\.\d{1,3}){3}|\[::1\])$/.test(hostname);
  if (protocol !== 'https:' && !(protocol === 'http:' && isLoopback)) fail(`endpoint ${endpoint}`);
  if (username !== '' || pathname !== '/') fail(`endpoint ${endpoint}`);
}

async function judge(
  names: readonly string[],
  maxLength: number,
  load: () => void | Promise<void>,
): Promise<void> {
  try {
    await load();
  } catch (failure) {
    if (failure instanceof Error && failure.message.startsWith('endpoint ')) throw failure;
    checkText('a message', checkClass(failure, names).message, maxLength);
  }
}
