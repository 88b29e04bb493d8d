/** Bodies of the reference (dcs-api.md) and what drifts from them. */
import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';

import { parseErrorBody } from '../../src/dcs/answer.js';
import { sanitise } from '../../src/dcs/endpoint.js';
import { parseRetryAfterMs } from '../../src/dcs/errors.js';
import { UnusableBody } from '../../src/dcs/lists.js';
import * as parse from '../../src/dcs/parse.js';

describe('ShowInstance', () => {
  it('is read like the documented sample', () => {
    const sample = {
      publicip_id: null,
      cache_mode: 'ha',
      engine: 'Redis',
      engine_version: '5.0',
      maintain_begin: '18:00:00',
      maintain_end: '19:00:00',
      tags: [{ key: 1, value: 'DCS' }],
      service_task_id: null,
      instance_id: 'a4c545cd-10b2-4efc-b0ab-a9b554ca0621',
      name: 'dcs-billing',
      status: 'RUNNING',
      task: 'BACKUPING',
      crr_role: null,
      ip: '192.168.0.7',
      port: 6379,
      domain_name: 'redis-1.dcs.example',
      enable_ssl: false,
      no_password_access: 'true',
    };
    expect(parse.parseInstance(sample)).toStrictEqual({
      instanceId: 'a4c545cd-10b2-4efc-b0ab-a9b554ca0621',
      name: 'dcs-billing',
      status: 'RUNNING',
      cacheMode: 'ha',
      engine: 'Redis',
      engineVersion: '5.0',
      tags: [{ key: '1', value: 'DCS' }],
      maintainBegin: '18:00:00',
      maintainEnd: '19:00:00',
      task: 'BACKUPING',
      serviceTaskId: null,
      bandwidthTaskRunning: false,
      address: {
        ...{ ip: '192.168.0.7', port: 6379, domainName: 'redis-1.dcs.example', isTls: false },
        needsNoPassword: true,
      },
    });
  });

  it('says null for whatever is absent', () => {
    const { tags, bandwidthTaskRunning, address, status, ...others } = parse.parseInstance({
      status: 'RUNNING',
    });
    expect(status).toBe('RUNNING');
    expect(new Set(Object.values(address))).toStrictEqual(new Set([null]));
    expect({ tags, bandwidthTaskRunning }).toStrictEqual({
      tags: null,
      bandwidthTaskRunning: false,
    });
    expect(new Set(Object.values(others))).toStrictEqual(new Set([null]));
  });

  it.each<[string, object, object]>([
    ['{} for nothing', { task: {}, service_task_id: {} }, { task: null, serviceTaskId: null }],
    ['"" for nothing', { task: '', service_task_id: '' }, { task: null, serviceTaskId: null }],
    ['a number for a text', { name: 1 }, { name: '1' }],
    ['an unknown status, lower case', { status: 'switching' }, { status: 'SWITCHING' }],
    [
      'a flag as a text',
      { bandwidth_info: { task_running: 'true' } },
      { bandwidthTaskRunning: true },
    ],
    ['a mode in upper case', { cache_mode: 'HA' }, { cacheMode: 'ha' }],
    ['a flag', { bandwidth_info: { task_running: true } }, { bandwidthTaskRunning: true }],
    ['a part that is null', { bandwidth_info: null }, { bandwidthTaskRunning: false }],
    ['a part that is a text', { bandwidth_info: 'x' }, { bandwidthTaskRunning: false }],
    ['a task of an unknown kind, as busy', { task: true }, { task: 'of an unknown kind' }],
    ['a task that says false', { task: false }, { task: null }],
    ['a name with a word of an echo', { name: 'authorization-eu' }, { name: 'authorization-eu' }],
    ['a name of two lines', { name: ' a\nb' }, { name: 'a b' }],
    [
      'tags with words of an echo',
      { tags: [{ key: 'ak:x', value: 'authorization' }] },
      { tags: [{ key: 'ak:x', value: 'authorization' }] },
    ],
    ['tags that are no list', { tags: 'none' }, { tags: null }],
    ['an untagged instance of the list', { tags: null }, { tags: [] }],
    [
      'tags whose keys are numbers',
      { tags: [{ key: 7, value: 8 }] },
      { tags: [{ key: '7', value: '8' }] },
    ],
    ['a tag without a value', { tags: [{ key: 'team' }] }, { tags: [{ key: 'team', value: '' }] }],
    [
      'tags of which one could be any, because it has no key',
      { tags: [{ key: 'team' }, { value: 'x' }] },
      { tags: null },
    ],
    ['a window in whole hours', { maintain_begin: '2' }, { maintainBegin: '02:00:00' }],
    ['a window that is none', { maintain_begin: '25:00:00' }, { maintainBegin: null }],
    ['a number as a version', { engine_version: 7 }, { engineVersion: '7' }],
    ['a new field', { sub_status: 'normal' }, {}],
    ['a port as a text', { port: '6380' }, { address: { port: 6380 } }],
    ['a port that is none', { port: 0 }, { address: { port: null } }],
    ['flags as texts', { enable_ssl: 'TRUE' }, { address: { isTls: true } }],
    [
      'a flag of an unknown kind',
      { no_password_access: 1 },
      { address: { needsNoPassword: null } },
    ],
  ])('tolerates %s', (_, body, expected) => {
    expect(parse.parseInstance({ instance_id: 'i', ...body })).toMatchObject(expected);
  });
});

describe('ShowNodesInformation', () => {
  const node = {
    logical_node_id: '8f997eb512a92834bf5914be52ca8919',
    name: '(replica)192.168.0.178',
    status: 'Active',
    az_code: 'region01',
    node_role: 'redis-server',
    node_type: 'slave',
    node_ip: '192.168.0.178',
    node_port: '6379',
    node_id: '8a2c26c17f4d6516017f4d7b77940030',
    group_id: 'ace962d1-7841-4e50-9313-c239fd75dee3',
    priority_weight: 100,
    replication_id: 'e40aa09e-03c2-4319-86eb-5ef4ca637544',
  };

  it('is read like the documented sample', () => {
    expect(parse.parseLogicalNodes({ nodes: [node] })).toStrictEqual([
      {
        nodeId: '8a2c26c17f4d6516017f4d7b77940030',
        replicationId: 'e40aa09e-03c2-4319-86eb-5ef4ca637544',
        ip: '192.168.0.178',
        availabilityZone: 'region01',
        status: 'Active',
        role: 'replica',
        priority: 100,
        groupId: 'ace962d1-7841-4e50-9313-c239fd75dee3',
      },
    ]);
  });

  it.each<[string, object, object]>([
    ['a priority as a text', { priority_weight: '0' }, { priority: 0 }],
    ['a priority that is no number', { priority_weight: 'high' }, { priority: null }],
    ['no priority', { priority_weight: undefined }, { priority: null }],
    ['another word for a replica', { node_type: 'Replica' }, { role: 'replica' }],
    ['a master in upper case', { node_type: 'MASTER' }, { role: 'master' }],
    ['an unknown role', { node_type: 'arbiter' }, { role: null }],
    ['no role', { node_type: null }, { role: null }],
    ['no identifiers', { node_id: null, node_ip: {} }, { nodeId: null, ip: null }],
  ])('tolerates %s', (_, change, expected) => {
    expect(parse.parseLogicalNodes({ nodes: [{ ...node, ...change }] })).toMatchObject([expected]);
  });

  it('leaves proxies out, whichever field reports them', () => {
    const nodes = [{ ...node, node_role: 'redis-proxy' }, { ...node, node_type: 'proxy' }, node];
    expect(parse.parseLogicalNodes({ nodes })).toHaveLength(1);
  });
});

describe('ListGroupReplicationInfo', () => {
  it('is read like the documented sample, shard by shard', () => {
    const replication = {
      az_code: 'region01',
      is_replication: false,
      node_id: '8abfa7aa73291f15017329e1cda0002d',
      replication_id: 'dfbd3f84-08bc-42f0-b538-01d03e6dc178',
      replication_ip: '192.168.76.25',
      replication_role: 'master',
      status: 'Active',
    };
    const group = { group_id: 'group-1', group_name: 'group-0', replication_list: [replication] };
    const body = { group_list: [group, { replication_list: [] }], group_count: 1 };
    expect(parse.parseGroups(body)).toStrictEqual([
      {
        nodeId: '8abfa7aa73291f15017329e1cda0002d',
        replicationId: 'dfbd3f84-08bc-42f0-b538-01d03e6dc178',
        ip: '192.168.76.25',
        availabilityZone: 'region01',
        status: 'Active',
        role: 'master',
        priority: null,
        groupId: 'group-1',
      },
    ]);
  });
});

describe('ListBackgroundTask', () => {
  const row = {
    id: '8abf6e1e72c12e7c0172c15b508500aa',
    name: 'EXTEND',
    user_name: 'dcs_000_02',
    details: { old_cache_mode: 'single' },
    enable_show: false,
    status: 'SUCCESS',
    created_at: '2020-06-17T08:18:06.597Z',
    updated_at: '2020-06-17T08:18:10.106Z',
  };

  it('is read like the documented sample', () => {
    expect(parse.parseTasks({ task_count: 1, tasks: [row] })).toStrictEqual({
      total: 1,
      rows: [
        {
          id: '8abf6e1e72c12e7c0172c15b508500aa',
          name: 'EXTEND',
          status: 'SUCCESS',
          jobId: null,
          userId: null,
          userName: 'dcs_000_02',
          createdAtMs: Date.UTC(2020, 5, 17, 8, 18, 6, 597),
          updatedAtMs: Date.UTC(2020, 5, 17, 8, 18, 10, 106),
        },
      ],
    });
  });

  it.each<[string, object, object]>([
    ['a count as a text', { task_count: '7', tasks: [] }, { total: 7 }],
    ['no count', { tasks: [] }, { total: null }],
    ['a list left out because it is empty', { task_count: '0' }, { total: 0, rows: [] }],
    ['an empty list as null', { task_count: 0, tasks: null }, { total: 0, rows: [] }],
    ['an id as a number', { tasks: [{ id: 1 }] }, { rows: [{ id: '1' }] }],
    ['a job id for an id', { tasks: [{ job_id: 'j' }] }, { rows: [{ id: 'j', jobId: 'j' }] }],
    [
      'a user whose name has a word of an echo',
      { tasks: [{ id: 1, user_name: 'authorization-bot' }] },
      { rows: [{ userName: 'authorization-bot' }] },
    ],
    ['no times', { tasks: [{ id: 1, created_at: '' }] }, { rows: [{ createdAtMs: null }] }],
    ['a 0 for a time', { tasks: [{ id: 1, created_at: '0' }] }, { rows: [{ createdAtMs: null }] }],
    [
      'times in milliseconds',
      { tasks: [{ id: 1, created_at: 1_592_381_886_597 }] },
      { rows: [{ createdAtMs: 1_592_381_886_597 }] },
    ],
    [
      'times in seconds',
      { tasks: [{ id: 1, created_at: '1592381886' }] },
      { rows: [{ createdAtMs: 1_592_381_886_000 }] },
    ],
    [
      'a time as text',
      { tasks: [{ id: 1, created_at: 'soon' }] },
      { rows: [{ createdAtMs: null }] },
    ],
    [
      'a time without a zone, as UTC',
      { tasks: [{ id: 1, created_at: '2020-06-17T08:18:06' }] },
      { rows: [{ createdAtMs: Date.UTC(2020, 5, 17, 8, 18, 6) }] },
    ],
  ])('tolerates %s', (_, body, expected) => {
    expect(parse.parseTasks(body)).toMatchObject(expected);
  });
});

describe('ShowJobInfo', () => {
  it('is read like the documented sample', () => {
    const sample = {
      job_id: 'ff8080818822bbf70188235afc24141a',
      job_type: 'masterStandbySwapJob',
      status: 'SUCCESS',
      begin_time: '1684191545379',
      end_time: '1684191548248',
      fail_reason: null,
    };
    expect(parse.parseJob(sample)).toStrictEqual({
      jobId: 'ff8080818822bbf70188235afc24141a',
      jobType: 'masterStandbySwapJob',
      status: 'SUCCESS',
      beginTimeMs: 1_684_191_545_379,
      endTimeMs: 1_684_191_548_248,
      failReason: null,
    });
  });

  it.each<[string, object, object]>([
    [
      'times before the start',
      { begin_time: '', end_time: null },
      { beginTimeMs: null, endTimeMs: null },
    ],
    ['times that stand for "not yet"', { end_time: '0' }, { endTimeMs: null }],
    [
      'an end before the beginning',
      { begin_time: '1684191545379', end_time: '1684191545' },
      { beginTimeMs: 1_684_191_545_379, endTimeMs: null },
    ],
    ['times as numbers', { begin_time: 1_684_191_545_379 }, { beginTimeMs: 1_684_191_545_379 }],
    ['times that are no numbers', { begin_time: 'now' }, { beginTimeMs: null }],
    [
      'times in seconds, which are not of 1970',
      { begin_time: '1684191545', end_time: 1_684_191_548 },
      { beginTimeMs: 1_684_191_545_000, endTimeMs: 1_684_191_548_000 },
    ],
    ['an unknown status', { status: 'Paused' }, { status: 'PAUSED' }],
    ['no status', {}, { status: null }],
    ['a reason of several lines', { fail_reason: 'a\r\nb' }, { failReason: 'a b' }],
  ])('tolerates %s', (_, body, expected) => {
    expect(parse.parseJob({ job_id: 'j', ...body })).toMatchObject(expected);
  });
});

describe('a body is not guessed at', () => {
  it.each<[string, () => unknown]>([
    ['nodes that are no list', () => parse.parseLogicalNodes({ nodes: {} })],
    ['nodes that are absent', () => parse.parseLogicalNodes({})],
    ['a node that is no object', () => parse.parseLogicalNodes({ nodes: ['x'] })],
    ['nodes that are none', () => parse.parseNodes({ nodes: [] })],
    ['nodes that are proxies alone', () => parse.parseNodes({ nodes: [{ node_type: 'proxy' }] })],
    ['groups that are absent', () => parse.parseGroups({})],
    ['groups that are none', () => parse.parseGroups({ group_list: [] })],
    ['a group without its list', () => parse.parseGroups({ group_list: [{}] })],
    ['tasks that are absent', () => parse.parseTasks({ task_count: 3 })],
    ['a task that has no id', () => parse.parseTasks({ tasks: [{ name: 'x' }] })],
    ['tasks that are null', () => parse.parseTasks({ tasks: null })],
    ['an instance that is a list', () => parse.parseInstance([])],
    ['an instance that is an error', () => parse.parseInstance({ error_code: 'DCS.5000' })],
    ['a job that is a text', () => parse.parseJob('SUCCESS')],
    ['a job that is one level deeper', () => parse.parseJob({ job: { status: 'SUCCESS' } })],
    ['an answer to the swap without a job id', () => parse.parseSwap({})],
    ['an answer to the swap with an empty one', () => parse.parseSwap({ job_id: '' })],
    ['an answer to the swap with {}', () => parse.parseSwap({ job_id: {} })],
    [
      'an answer to the swap with a number that JSON has rounded',
      () => parse.parseSwap(JSON.parse('{"job_id":12345678901234567890}')),
    ],
    ['tags that are not shown', () => parse.parseInstanceTags({})],
    ['tags of which one has no key', () => parse.parseInstanceTags({ tags: [{ value: 'x' }] })],
    [
      'an answer to the swap with a path',
      () => parse.parseSwap({ job_id: '../../../x/y/zzzzzzzz' }),
    ],
  ])('%s', (_, read) => {
    expect(read).toThrow(UnusableBody);
  });

  it('but nothing else is ever thrown', () => {
    const readers: ((body: unknown) => unknown)[] = Object.values(parse);
    expect(readers).toHaveLength(10);
    const field = fc.constantFrom(
      'nodes',
      'tasks',
      'group_list',
      'replication_list',
      'job_id',
      'x',
    );
    const body = fc.oneof(fc.jsonValue(), fc.dictionary(field, fc.jsonValue()));
    fc.assert(
      fc.property(body, fc.constantFrom(...readers), (value, read) => {
        try {
          read(value);
          return true;
        } catch (error) {
          return error instanceof UnusableBody;
        }
      }),
    );
  });
});

describe('an error body', () => {
  it.each<[string, unknown, string, string | null]>([
    [
      'of DCS V2',
      { error_code: 'DCS.4049', error_msg: 'x', error_ext_msg: null },
      'DCS.4049',
      null,
    ],
    ['of the API page', { error_code: '111400063', error_msg: 'Invalid {0}' }, 'DCS.4063', null],
    [
      'of DCS V1',
      { error: { code: '111404022', message: 'x', ext_message: null } },
      'DCS.3022',
      null,
    ],
    ['of the Terraform issue', { error: { code: 'DCS.4927', message: 'x' } }, 'DCS.4927', null],
    [
      'of the gateway',
      { error_code: 'APIGW.0301', error_msg: 'x', request_id: 'r' },
      'APIGW.0301',
      'r',
    ],
    [
      'of another gateway',
      { error_code: 'APIG.0308', error_msg: 'x', request_id: 'r' },
      'APIGW.0308',
      'r',
    ],
    ['with a bare code of the service', { code: 'DCS.4049', message: 'x' }, 'DCS.4049', null],
    ['in camel case', { errorCode: 'DCS.4049', errorMsg: 'x' }, 'DCS.4049', null],
    ['of Keystone, numeric', { error: { code: 401, message: 'x' } }, '401', null],
    ['with a null message', { error_code: 'DCS.4049', error_msg: null }, 'DCS.4049', null],
  ])('%s', (_, body, code, requestId) => {
    expect(parseErrorBody(JSON.stringify(body))).toMatchObject({ code, requestId });
  });

  it.each<[string, string]>([
    ['HTML', '<html><body>502 Bad Gateway</body></html>'],
    ['nothing', ''],
    ['a text', '"DCS.4049"'],
    ['null', 'null'],
    ['a list', '[]'],
    ['an empty object', '{}'],
    ["anyone's error", '{"code":500,"message":"upstream"}'],
    ['a code that is a sentence', '{"error_code":"no code!","error_msg":"x"}'],
    ['a code without a message', '{"error_code":"DCS.4049"}'],
    ['a message without a code', '{"error_msg":"x"}'],
    ['an empty code', '{"error_code":"","error_msg":"x"}'],
    ['cut off', '{"error_code":"DCS.4049","error_m'],
    ['an error nested too deep', '{"a":{"b":{"c":{"d":{"code":"X","message":"y"}}}}}'],
  ])('is not seen in %s', (_, text) => {
    expect(parseErrorBody(text)).toBeNull();
  });
});

describe('a wish to wait', () => {
  const NOW_MS = Date.UTC(2026, 0, 1);
  const window =
    'The throttling threshold has been reached: policy user over ratelimit,limit:100,time:1 minute';

  it.each<[string, string | undefined, string, number | null]>([
    ['in seconds', '2', '', 2_000],
    ['in seconds, padded', ' 3 ', '', 3_000],
    ['of no time', '0', '', 0],
    ['as a date', 'Thu, 01 Jan 2026 00:00:30 GMT', '', 30_000],
    ['as a date of the older form', 'Thursday, 01-Jan-26 00:00:30 GMT', '', 30_000],
    ['as a date of C', 'Thu Jan  1 00:00:30 2026', '', 30_000],
    ['in a fraction, which is no year', '32.5', '', null],
    ['as a date of another kind', '2026-01-01T00:00:30Z', '', null],
    ['as a date that is over', 'Wed, 31 Dec 2025 23:00:00 GMT', '', null],
    ['of a day', '86400', '', null],
    ['as a date in a year', 'Fri, 01 Jan 2027 00:00:00 GMT', '', null],
    ['of less than nothing', '-5', '', null],
    ['as text', 'soon', '', null],
    ['beyond all numbers', '9'.repeat(400), '', null],
    ['in no words', '', '', null],
    ['in the message', undefined, window, 60_000],
    ['in the message, by seconds', undefined, 'limit:5,time:5 seconds', 5_000],
    ['in the message, absurd', undefined, 'time:24 hours', null],
    ['in both: the header counts', '7', window, 7_000],
    ['in both, the header absurd', '999999', window, 60_000],
    ['nowhere', undefined, 'x', null],
  ])('%s', (_, header, message, expected) => {
    expect(parseRetryAfterMs(header, message, NOW_MS)).toBe(expected);
  });

  it('is null or bounded, whatever the header', () => {
    fc.assert(
      fc.property(fc.string(), fc.string(), (header, message) => {
        const waitMs = parseRetryAfterMs(header, message, NOW_MS);
        return waitMs === null || (waitMs >= 0 && waitMs <= 600_000);
      }),
    );
  });
});

describe('a text of the service', () => {
  it('is one bounded line', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), (text) => {
        const clean = sanitise(text);
        return clean.length <= 512 && !/[\p{Cc}\u2028\u2029]/u.test(clean);
      }),
    );
    expect(sanitise('x'.repeat(1_000_000))).toHaveLength(512);
  });

  it.each<[string, string, string]>([
    ['the canonical request', 'fail, canonicalRequest:PUT|/|x', 'fail, [redacted]'],
    ['a token', 'bad x-auth-token: abc', 'bad [redacted]'],
    ['a header of ours', 'got Authorization: SDK-HMAC-SHA256 Access=A', 'got [redacted]'],
    [
      'an access key',
      'Get secretKey failed,ak:AK1,err:x',
      'Get secretKey failed,ak:[redacted],err:x',
    ],
    ['line breaks', 'a\r\n\tb\u2028c', 'a b c'],
  ])('loses %s', (_, text, expected) => {
    expect(sanitise(text)).toBe(expected);
  });
});
