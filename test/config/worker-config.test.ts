import { describe, expect, it, test } from '@jest/globals';

import {
  ConfigurationError,
  DCS_REGIONS,
  loadWorkerConfig,
  readTogether,
} from '../../src/config/index.js';
import type { ProjectConfig, WorkerConfig } from '../../src/config/index.js';
import { createDcsClient, environmentCredentials } from '../../src/dcs/index.js';
import { loadTemporalConfig } from '../../src/temporal/config.js';
import { TemporalConfigError } from '../../src/temporal/errors.js';

const PROJECT_ID = '0ebd32bc6a0123456789abcdef012345';
const GOOD = { HUAWEICLOUD_SDK_PROJECT_ID: PROJECT_ID, DCS_REGION: 'eu-west-101' };

const VERSION = { deploymentName: 'dcs-switchover', buildId: 'v1.2' };

const load = (env: Record<string, string>): WorkerConfig => loadWorkerConfig({ ...GOOD, ...env });

const projectOf = (env: Record<string, string>): ProjectConfig => {
  const [project] = load(env).projects;
  if (project === undefined) throw new Error('no project');
  return project;
};

const problemsOf = (env: Record<string, string>): readonly string[] => {
  try {
    loadWorkerConfig(env);
  } catch (error) {
    expect(error).toBeInstanceOf(ConfigurationError);
    return (error as ConfigurationError).problems;
  }
  return [];
};

describe('the settings of a worker', () => {
  it('have these defaults', () => {
    expect(load({})).toStrictEqual({
      taskQueue: 'dcs-switchover',
      logLevel: 'info',
      maxCachedWorkflows: 500,
      maxConcurrentActivities: 100,
      maxQueueActivitiesPerSecond: null,
      shutdownGraceSeconds: 45,
      http: null,
      versioning: null,
      proxyUrl: null,
      caFile: null,
      webhook: null,
      projects: [
        {
          projectId: PROJECT_ID,
          region: 'eu-west-101',
          endpoint: 'https://dcs.eu-west-101.myhuaweicloud.com',
          stsEndpoint: 'https://sts.eu-west-101.myhuaweicloud.eu',
          taskUserName: null,
          nodeIdentity: 'node-id',
          jobTimes: null,
          credentials: { source: 'environment' },
          maxReadsPerSecond: null,
          policy: { allow: null, deny: [], coolDownFloorSeconds: 0 },
          dataPlane: [],
        },
      ],
      notes: [],
    });
  });

  it.each<[string, string, keyof WorkerConfig, unknown]>([
    ['DCS_SWITCHOVER_TASK_QUEUE', 'mine', 'taskQueue', 'mine'],
    ['DCS_SWITCHOVER_LOG_LEVEL', 'debug', 'logLevel', 'debug'],
    ['DCS_SWITCHOVER_MAX_CACHED_WORKFLOWS', '10000', 'maxCachedWorkflows', 10_000],
    ['DCS_SWITCHOVER_MAX_ACTIVITIES', '1', 'maxConcurrentActivities', 1],
    ['DCS_SWITCHOVER_MAX_ACTIVITIES_PER_SECOND', '2.5', 'maxQueueActivitiesPerSecond', 2.5],
    ['DCS_SWITCHOVER_SHUTDOWN_GRACE_SECONDS', '600', 'shutdownGraceSeconds', 600],
    ['DCS_SWITCHOVER_HTTP_PORT', '9464', 'http', { host: '127.0.0.1', port: 9464 }],
    ['DCS_SWITCHOVER_BUILD_ID', 'v1.2', 'versioning', VERSION],
    ['DCS_HTTPS_PROXY', 'http://me:word@proxy:3128', 'proxyUrl', 'http://me:word@proxy:3128'],
  ])('%s=%s sets %s', (variable, value, field, expected) => {
    expect(load({ [variable]: value })[field]).toStrictEqual(expected);
  });

  it.each<[string, string, keyof ProjectConfig]>([
    ['HUAWEICLOUD_SDK_PROJECT_ID', 'f'.repeat(32), 'projectId'],
    ['DCS_REGION', 'ap-southeast-1', 'region'],
    ['DCS_ENDPOINT', 'http://127.0.0.1:8080', 'endpoint'],
    ['DCS_STS_ENDPOINT', 'https://sts.example', 'stsEndpoint'],
    ['DCS_TASK_USER_NAME', 'switcher', 'taskUserName'],
    ['DCS_NODE_IDENTITY', 'replication-id', 'nodeIdentity'],
    ['DCS_NODE_IDENTITY', 'availability-zone', 'nodeIdentity'],
  ])('%s=%s sets %s of the one project', (variable, value, field) => {
    expect(projectOf({ [variable]: value })[field]).toBe(value);
  });

  it('cannot be changed once read', () => {
    expect(Object.isFrozen(load({}))).toBe(true);
    expect(Object.isFrozen(projectOf({}).policy.deny)).toBe(true);
  });

  it('take an empty variable for an absent one', () => {
    expect(load({ DCS_SWITCHOVER_MAX_ACTIVITIES: '', DCS_ENDPOINT: '' })).toStrictEqual(load({}));
  });

  it('hold no credential', () => {
    const env = { HUAWEICLOUD_SDK_AK: 'canary-ak', HUAWEICLOUD_SDK_SK: 'canary-sk' };
    expect(JSON.stringify(load(env))).not.toContain('canary');
  });
});

describe('a setting is refused by the name of its variable', () => {
  it.each<[string, string]>([
    ['HUAWEICLOUD_SDK_PROJECT_ID', 'ABCDEF'],
    ['HUAWEICLOUD_SDK_PROJECT_ID', PROJECT_ID.toUpperCase()],
    ['DCS_REGION', 'EU-WEST-101'],
    ['DCS_REGION', 'eu-west-101.evil.com'],
    ['DCS_SWITCHOVER_TASK_QUEUE', 'x'.repeat(201)],
    ['DCS_SWITCHOVER_TASK_QUEUE', 'mine\u0007'],
    ['DCS_SWITCHOVER_TASK_QUEUE', 'mine\n'],
    ['DCS_TASK_USER_NAME', 'x'.repeat(129)],
    ['DCS_NODE_IDENTITY', 'ip'],
    ['DCS_NODE_IDENTITY', 'nodeId'],
    ['DCS_SWITCHOVER_LOG_LEVEL', 'loud'],
    ['DCS_SWITCHOVER_MAX_CACHED_WORKFLOWS', '0'],
    ['DCS_SWITCHOVER_MAX_CACHED_WORKFLOWS', '10001'],
    ['DCS_SWITCHOVER_MAX_ACTIVITIES', 'many'],
    ['DCS_SWITCHOVER_MAX_ACTIVITIES', '1.5'],
    ['DCS_SWITCHOVER_MAX_ACTIVITIES', '1e2'],
    ['DCS_SWITCHOVER_MAX_ACTIVITIES', ' '],
    ['DCS_SWITCHOVER_MAX_ACTIVITIES_PER_SECOND', '0'],
    ['DCS_SWITCHOVER_SHUTDOWN_GRACE_SECONDS', '-1'],
    ['DCS_SWITCHOVER_HTTP_PORT', '65536'],
    ['DCS_SWITCHOVER_HTTP_HOST', '0.0.0.0'],
    ['DCS_SWITCHOVER_BUILD_ID', 'a b'],
    ['DCS_SWITCHOVER_DEPLOYMENT_NAME', 'alone'],
    ['DCS_ENDPOINT', 'http://dcs.example'],
    ['DCS_ENDPOINT', 'https://dcs.example/v2'],
    ['DCS_HTTPS_PROXY', 'proxy:3128'],
    ['DCS_HTTPS_PROXY', 'socks5://proxy:1080'],
    ['DCS_HTTPS_PROXY', 'http://user:100%@proxy:3128'],
    ['DCS_CA_FILE', '/nowhere/ca.pem'],
    ['DCS_CA_FILE', __filename],
  ])('%s=%s', (variable, value) => {
    const problems = problemsOf({ ...GOOD, [variable]: value });
    expect(problems).toHaveLength(1);
    expect(problems[0]).toMatch(new RegExp(`^${variable} `));
  });

  it('also where it would never come to an end', () => {
    expect(problemsOf({ ...GOOD, DCS_CA_FILE: '/dev/zero' })).toStrictEqual([
      'DCS_CA_FILE /dev/zero is not a file',
    ]);
  });

  it('all together, missing ones included', () => {
    expect(problemsOf({ DCS_SWITCHOVER_LOG_LEVEL: 'loud' })).toStrictEqual([
      'HUAWEICLOUD_SDK_PROJECT_ID is missing',
      'DCS_REGION is missing',
      expect.stringContaining('DCS_SWITCHOVER_LOG_LEVEL') as unknown,
    ]);
  });

  it('in one sentence that names the documentation', () => {
    expect(() => loadWorkerConfig({})).toThrow(
      'The configuration is wrong:\n  HUAWEICLOUD_SDK_PROJECT_ID is missing\n  DCS_REGION is missing\nSee docs/configuration.md.',
    );
  });
});

describe('the endpoint is', () => {
  const SDK = 'HUAWEICLOUD_SDK_REGION_DCS_EU_WEST_101';

  it.each<[string, Record<string, string>, string]>([
    ['that of a known region', {}, 'https://dcs.eu-west-101.myhuaweicloud.com'],
    ["that of the vendor's variable", { [SDK]: 'https://a.example' }, 'https://a.example'],
    [
      'the first of several',
      { [SDK]: ' https://a.example , https://b.example' },
      'https://a.example',
    ],
    [
      'DCS_ENDPOINT above all',
      { [SDK]: 'https://a.example', DCS_ENDPOINT: 'https://c.example' },
      'https://c.example',
    ],
    [
      'not that of another region',
      { HUAWEICLOUD_SDK_REGION_DCS_AP_SOUTHEAST_1: 'https://a.example' },
      'https://dcs.eu-west-101.myhuaweicloud.com',
    ],
    [
      'anything for an unknown region',
      { DCS_REGION: 'xx-nowhere-1', DCS_ENDPOINT: 'https://c.example' },
      'https://c.example',
    ],
    [
      "the vendor's variable for an unknown region",
      { DCS_REGION: 'xx-nowhere-1', HUAWEICLOUD_SDK_REGION_DCS_XX_NOWHERE_1: 'https://d.example' },
      'https://d.example',
    ],
  ])('%s', (_, env, expected) => {
    expect(projectOf(env).endpoint).toBe(expected);
  });

  it('unknown where the region is, and the remedy is reported', () => {
    expect(() => load({ DCS_REGION: 'xx-nowhere-1' })).toThrow(
      'DCS_REGION xx-nowhere-1 is not a known region. Correct it, or set DCS_ENDPOINT as well',
    );
  });

  it.each(DCS_REGIONS)('one that the client accepts, in %s', (region) => {
    const { endpoint, projectId } = projectOf({ DCS_REGION: region });
    const credentials = environmentCredentials({});
    expect(createDcsClient({ endpoint, projectId, credentials }).projectId).toBe(projectId);
  });
});

describe('settings that do not depend on each other', () => {
  const temporal = (TEMPORAL_TLS: string) => () => loadTemporalConfig({ TEMPORAL_TLS });

  test('all that is wrong with them is said at once, a line each', () => {
    const read = (): unknown => readTogether(() => loadWorkerConfig({}), temporal('maybe'));
    expect(read).toThrow(ConfigurationError);
    expect(read).toThrow(/ {2}DCS_REGION is missing\n {2}TEMPORAL_TLS is neither true nor false/);
  });

  test('what one alone finds is thrown as it is', () => {
    expect(() => readTogether(() => 1, temporal('maybe'))).toThrow(TemporalConfigError);
  });

  test('what is no mistake of a setting is not hidden behind one', () => {
    const broken = (): never => {
      throw new RangeError('broken');
    };
    expect(() => readTogether(broken, temporal('maybe'))).toThrow(RangeError);
  });
});
