/** The verdicts of the doctor over plain facts, where a real part cannot be made to show them. */
import { describe, expect, test } from '@jest/globals';

import { DcsConnectionError, DcsHttpError, DcsResponseError } from '../../src/dcs/index.js';
import type { DcsClient } from '../../src/dcs/index.js';
import { about, exitCodeOf, fail, fixesOf, ok, skip, warn } from '../../src/doctor/check.js';
import { judgeRead } from '../../src/doctor/judge-read.js';
import { createLoginGuard, toReader } from '../../src/doctor/open-project.js';
import { judgeClock } from '../../src/doctor/project.js';
import { READ_RULES, REQUIRED_ACTIONS } from '../../src/doctor/readings.js';
import type { ReadRule } from '../../src/doctor/readings.js';
import { isTemporalCloud, setupCommands } from '../../src/doctor/setup.js';
import { judgePollers, judgeVersion } from '../../src/doctor/temporal-service.js';

const [instanceRule] = READ_RULES as readonly [ReadRule];
const FACTS = {
  operation: 'showInstance',
  method: 'GET',
  route: '/v2/{projectId}/instances/{instanceId}',
  delivery: 'answered',
} as const;

const httpError = (status: number, code: string | null, text = '') =>
  new DcsHttpError({ ...FACTS, status, code, bodyParsed: true, requestId: 'r-1' }, text);

const PROJECT_ID = '0ebd32bc6a0123456789abcdef012345';
const ENDPOINT = 'https://dcs.eu-west-101.myhuaweicloud.com';

const judge = (error: unknown, isAbsentId = false, rule: ReadRule = instanceRule) =>
  judgeRead(
    { rule, isAbsentId, projectId: PROJECT_ID, endpoint: ENDPOINT },
    { value: null, error },
  );

test.each([
  ['a gateway that has no such API', httpError(404, 'APIGW.0101')],
  ['a page of something else', new DcsHttpError({ ...FACTS, status: 403, bodyParsed: false }, '')],
  ['an answer that is none of DCS', new DcsResponseError({ ...FACTS, status: 200 }, 'odd')],
])('%s has doctor name the other host of the region', (_, error) => {
  expect(judge(error).fix).toContain('try DCS_ENDPOINT=https://dcs.eu-west-101.myhuaweicloud.eu');
});

describe('a refused reading', () => {
  test.each([
    [401, 'APIGW.0301', 'Get secretKey failed,ak:X,err:ak not exist', 'does not exist'],
    [401, 'APIGW.0301', 'verify aksk signature fail', 'does not belong to this access key'],
    [401, 'APIGW.0301', 'AK access failed to reach the limit,forbidden', 'wait 5 minutes'],
    [401, 'APIGW.0301', 'decrypt token fail', 'security token'],
    [401, 'APIGW.0307', 'The token must be updated.', 'token is over'],
    [401, 'DCS.1004', 'Project ID does not match the token.', 'HUAWEICLOUD_SDK_PROJECT_ID'],
    [401, null, '', 'Correct the credential'],
    [403, 'DCS.2003', 'no permission', 'Allow the action dcs:instance:get'],
    [403, 'APIGW.0401', 'ip', 'address of this machine'],
    [403, 'APIGW.0310', 'project', 'project is not available'],
    [403, 'APIGW.0802', 'region', 'region'],
    [404, 'APIGW.0101', 'no such API', 'does not serve DCS'],
    [404, 'DCS.3022', 'no such instance', 'Check the instance id'],
    [429, 'APIGW.0308', 'over ratelimit', 'in a few minutes'],
    [502, 'APIGW.0202', 'Backend unavailable', 'trouble'],
    [418, null, '', 'not known'],
  ])('%i %s %s: says what cures it', (status, code, text, fix) => {
    const finding = judge(httpError(status, code, text));
    expect(finding.fix).toContain(fix);
    expect(finding.found).toContain(`${status}`);
    expect(finding.found).toContain('r-1');
  });

  test.each([
    [httpError(429, 'APIGW.0308'), 'warn', null],
    [httpError(403, 'DCS.2003'), 'fail', 'other'],
    [httpError(503, null), 'fail', 'unreachable'],
    [
      new DcsConnectionError({ ...FACTS, delivery: 'never-sent' }, 'ENOTFOUND'),
      'fail',
      'unreachable',
    ],
    [new DcsResponseError(FACTS, 'with a body that is not JSON'), 'fail', 'other'],
    [new Error('anything'), 'fail', 'configuration'],
  ])('%s: %s, %s', (error, status, kind) => {
    expect(judge(error)).toMatchObject({ status, kind });
  });

  test.each([400, 404])('%i for an id that cannot exist shows that one may ask', (status) => {
    expect(judge(httpError(status, 'DCS.3022'), true)).toMatchObject({ status: 'ok' });
    expect(judge(httpError(status, 'DCS.3022'))).toMatchObject({ status: 'fail' });
  });

  test('403 for an id that cannot exist is a missing action all the same', () => {
    expect(judge(httpError(403, 'DCS.2003'), true)).toMatchObject({ status: 'fail' });
  });

  test('an API that is not there is never taken for an id that is not there', () => {
    expect(judge(httpError(404, 'APIGW.0101'), true)).toMatchObject({ status: 'fail' });
  });
});

test.each([301, 400, 401, 403, 404, 407])(
  '%i of something in between is no word of DCS',
  (status) => {
    const error = new DcsHttpError({ ...FACTS, status, bodyParsed: false }, '');
    for (const isAbsentId of [true, false]) {
      const finding = judge(error, isAbsentId);
      expect(finding).toMatchObject({ status: 'fail', kind: 'unreachable' });
      expect(finding.fix).toContain('no answer of DCS');
    }
  },
);

describe('the clock', () => {
  test.each([
    [null, 'skip'],
    [0, 'ok'],
    [-59_000, 'ok'],
    [61_000, 'warn'],
    [-61_000, 'warn'],
    [14 * 60_000 - 1, 'warn'],
    // From here on the client puts a refused signature down to the clock: a minute is left to the way.
    [14 * 60_000, 'fail'],
    [-16 * 60_000, 'fail'],
  ])('%s ms off: %s', (skewMs, status) => {
    expect(judgeClock(skewMs).status).toBe(status);
  });
});

describe('the server version', () => {
  test.each([
    ['1.32.0', false, true],
    ['1.24.0', false, true],
    ['1.23.9', false, false],
    ['1.27.1', true, false],
    ['1.28.0', true, true],
    ['2.0.0-rc.1', true, true],
    ['v1.30.1-cloud.0', false, true],
    ['', false, null],
    ['cloud', false, null],
  ])('%s, with versioning: %s, is enough: %s', (version, usesVersioning, isEnough) => {
    expect(judgeVersion(version, usesVersioning)[1]).toBe(isEnough);
  });
});

describe('pollers', () => {
  const none = { count: 0, newestAgeMs: null };
  const fresh = { count: 2, newestAgeMs: 1_000 };
  const stale = { count: 1, newestAgeMs: 120_000 };
  test.each([
    [fresh, fresh, 'ok'],
    [fresh, none, 'fail'],
    [none, fresh, 'fail'],
    [stale, fresh, 'warn'],
  ])('%j for workflows, %j for activities: %s', (workflow, activity, status) => {
    expect(judgePollers('q', workflow, activity).status).toBe(status);
  });
});

describe('refused logins', () => {
  const environment = { source: 'environment' } as const;
  const profile = (section: string) => ({ source: 'profile', file: 'f', section }) as const;

  test('count for every project with the same settings', () => {
    const guard = createLoginGuard();
    expect(guard.refusal(environment)).toBeNull();
    guard.remember(environment);
    expect(guard.refusal(environment)).toContain('same credential');
    expect(guard.refusal(profile('a'))).toBeNull();
  });

  test('end all logins at the second, whatever the settings: files may hold the same key', () => {
    const guard = createLoginGuard();
    guard.remember(profile('a'));
    guard.remember(profile('b'));
    expect(guard.refusal(profile('c'))).toContain('lock');
  });
});

test('diagnostics get the readings of a client, and nothing that could swap', () => {
  const nothing = () => Promise.reject(new Error('not to be called'));
  const client: DcsClient = {
    projectId: 'p',
    listCenterTasks: () => Promise.reject(new Error('not asked')),
    identity: {
      user: () => Promise.resolve(null),
      started: () => Promise.resolve(),
      sawRow: () => undefined,
    },

    listInstances: nothing,
    listAllNodes: nothing,
    showInstance: nothing,
    showTags: nothing,
    listNodes: nothing,
    listGroups: nothing,
    listTasks: nothing,
    showJob: nothing,
    openSwap: nothing,
    refreshCredentials: nothing,
  };
  const reader = toReader(client);
  expect(Object.keys(reader)).not.toContain('openSwap');

  expect(Object.isFrozen(reader)).toBe(true);
});

test('the actions that a worker needs are the four that SECURITY.md names', () => {
  expect(REQUIRED_ACTIONS).toEqual([
    'dcs:instance:get',
    'dcs:instance:getBackgroundTask',
    'dcs:job:get',
    'dcs:instance:swap',
  ]);
});

describe('adding up', () => {
  const checks = (...findings: readonly ReturnType<typeof ok>[]) => about(null, findings);

  test.each([
    [[ok('a', ''), warn('b', '', 'x'), skip('c', '')], 0],
    [[fail('a', '', 'x', 'other')], 1],
    [[fail('a', '', 'x', 'other'), fail('b', '', 'x', 'unreachable')], 8],
    [[fail('a', '', 'x', 'unreachable'), fail('b', '', 'x', 'configuration')], 2],
  ])('the gravest failure decides the exit code (%#)', (findings, exitCode) => {
    expect(exitCodeOf(checks(...findings))).toBe(exitCode);
  });

  test('fixes come in the order of the checks, each once', () => {
    const all = checks(
      warn('a', '', 'first'),
      fail('b', '', 'first', 'other'),
      fail('c', '', 'second', 'other'),
      fail('d', '', 'first', 'other'),
    );
    expect(fixesOf(all)).toEqual(['first', 'second']);
  });
});

describe('Temporal Cloud', () => {
  test.each([
    ['ops.a1b2c.tmprl.cloud:7233', true],
    ['eu-west-1.aws.api.temporal.io:7233', true],
    ['temporal.example.com:7233', false],
    ['tmprl.cloud.example.com:7233', false],
  ])('%s: %s', (address, isCloud) => {
    expect(isTemporalCloud(address)).toBe(isCloud);
  });

  test('gets commands of its own, with a namespace that a shell takes as it is', () => {
    const { cloud, selfHosted } = setupCommands("it's mine");
    expect(cloud[0]).toBe(
      "tcld namespace search-attributes add --namespace 'it'\\''s mine' --search-attribute DcsInstanceId=Keyword --search-attribute DcsInstanceName=Keyword --search-attribute DcsStatus=Keyword --search-attribute DcsMaintenanceId=Keyword",
    );
    expect(selfHosted).toHaveLength(4);
    expect(cloud[1]).toContain(
      'add DcsInstanceId, DcsInstanceName, DcsStatus and DcsMaintenanceId, type Keyword',
    );
  });
});
