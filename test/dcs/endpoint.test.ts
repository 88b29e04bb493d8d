import { afterEach, describe, expect, it } from '@jest/globals';

import {
  DcsConfigurationError,
  createDcsClient,
  environmentCredentials,
} from '../../src/dcs/index.js';

import {
  INSTANCE_ID,
  PROJECT_ID,
  clientOf,
  json,
  rejectionOf,
  requestSwap,
  startServer,
  stopServers,
  uncancelled,
} from './support.js';

afterEach(stopServers);

const create = (endpoint: string, projectId = PROJECT_ID) =>
  createDcsClient({ endpoint, projectId, credentials: environmentCredentials({}) });

describe('an endpoint is accepted', () => {
  it.each([
    'https://dcs.eu-west-101.myhuaweicloud.com',
    'https://dcs.eu-west-101.myhuaweicloud.com/',
    'https://dcs.example.com:8443',
    'http://127.0.0.1:8080',
    'http://127.1.2.3',
    'http://localhost:1',
    'http://[::1]:8080',
  ])('%s', (endpoint) => {
    expect(create(endpoint).projectId).toBe(PROJECT_ID);
  });
});

describe('an endpoint is refused', () => {
  it.each([
    ['http off loopback', 'http://dcs.eu-west-101.myhuaweicloud.com', 'must be https'],
    ['a name that begins like loopback', 'http://127.0.0.1.example.com', 'must be https'],
    ['a name that begins like localhost', 'http://localhost.example.com', 'must be https'],
    ['any address', 'http://0.0.0.0:80', 'must be https'],
    ['a private address', 'http://10.0.0.1', 'must be https'],
    ['another scheme', 'ftp://127.0.0.1', 'must be https'],
    ['a file', 'file:///etc/passwd', 'must be https'],
    ['a user', 'https://user@dcs.example.com', 'bare origin'],
    ['a password', 'https://:secret@dcs.example.com', 'bare origin'],
    ['a path', 'https://dcs.example.com/v2', 'bare origin'],
    ['a query', 'https://dcs.example.com/?a=b', 'bare origin'],
    ['a fragment', 'https://dcs.example.com/#a', 'bare origin'],
    ['a bare name', 'dcs.example.com', 'not a URL'],
    ['nothing', '', 'not a URL'],
  ])('%s', (_, endpoint, problem) => {
    expect(() => create(endpoint)).toThrow(DcsConfigurationError);
    expect(() => create(endpoint)).toThrow(problem);
  });

  it('without repeating it, because it may hold a password', () => {
    expect(() => create('https://user:s3cret@dcs.example.com')).toThrow(/^(?!.*s3cret)/);
  });
});

const TRICKS: readonly (readonly [string, string])[] = [
  ['a way up', '../../v3/users'],
  ['a way up at the end', `${INSTANCE_ID}/..`],
  ['an encoded way up', '%2e%2e%2fusers'],
  ['an encoded slash', `${INSTANCE_ID}%2fasync-swap`],
  ['a query', `${INSTANCE_ID}?x=y`],
  ['a fragment', `${INSTANCE_ID}#x`],
  ['upper case', INSTANCE_ID.toUpperCase()],
  ['10 kB', 'a'.repeat(10_240)],
  ['a line break at the end', `${INSTANCE_ID}\n`],
  ['a line break inside', `${INSTANCE_ID}\r\nX-Evil: 1`],
  ['a null character', `${INSTANCE_ID}\0`],
  ['a blank in front', ` ${INSTANCE_ID}`],
  ['a URL', 'https://example.com/'],
  ['nothing', ''],
  ['full-width digits', INSTANCE_ID.replace('5', '\uff15')],
];

describe('an id is refused before any connection', () => {
  it.each(TRICKS)('%s', async (_, id) => {
    const server = await startServer(json({}));
    const client = clientOf(server.origin);
    const calls = [
      client.showInstance(id, uncancelled()),
      client.listNodes(id, uncancelled()),
      client.listGroups(id, uncancelled()),
      client.listTasks(id, uncancelled()),
      client.openSwap(id, uncancelled()),
      client.showJob(id.replace(INSTANCE_ID.toUpperCase(), '../x'), uncancelled()),
    ];
    for (const call of calls) {
      const error = await rejectionOf(call);
      expect(error).toBeInstanceOf(DcsConfigurationError);
      expect((error as Error).message).toMatch(/^(?:instanceId|jobId) does not have the shape/);
    }
    expect(server.bytes).toHaveLength(0);
  });

  it.each(TRICKS)('as a project: %s', (_, id) => {
    expect(() => create('https://dcs.example.com', id)).toThrow(/^projectId does not/);
  });

  it('and a good one is not', async () => {
    const server = await startServer(json({ job_id: 'ff8080818822bbf70188235afc24141a' }));
    await requestSwap(clientOf(server.origin));
    expect(server.arrivals).toHaveLength(1);
  });
});
