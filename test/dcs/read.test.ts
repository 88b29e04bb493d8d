/** Readings over real sockets: bounds, redirects, proxies, cancellation, paging. */
import zlib from 'node:zlib';

import { afterEach, describe, expect, it } from '@jest/globals';

import {
  DcsConnectionError,
  DcsCredentialsError,
  DcsHttpError,
  DcsResponseError,
  DcsTimeoutError,
  DcsUnauthenticatedError,
} from '../../src/dcs/index.js';
import { classifyRead } from '../../src/domain/retry-classification.js';

import {
  CANARIES,
  INSTANCE_ID,
  JOB_ID,
  LIMIT_MS,
  PROJECT_ID,
  clientOf,
  cutOff,
  drip,
  findDeafPort,
  json,
  rejectionOf,
  requestSwap,
  showInstance,
  startMuteServer,
  startServer,
  stopServers,
  uncancelled,
} from './support.js';
import type { Respond } from './support.js';

afterEach(stopServers);

describe('a page of something in between', () => {
  it.each([403, 407, 502])(
    'is not taken for an answer of DCS, and is answered so: %i',
    async (status) => {
      const server = await startServer((_, response) => response.writeHead(status).end('<html>'));
      for (const call of [showInstance, requestSwap]) {
        const error = await rejectionOf(call(clientOf(server.origin)));
        expect(error).toMatchObject({
          status,
          code: null,
          bodyParsed: false,
          delivery: 'answered',
        });
        expect((error as Error).message).toMatch(/not in the words of DCS.*proxy/);
      }
    },
  );
});

describe('a reading', () => {
  it.each([
    ['showInstance', `instances/${INSTANCE_ID}`, { status: 'RUNNING' }],
    ['showTags', `instances/${INSTANCE_ID}/tags`, { tags: [] }],
    ['listNodes', `instances/${INSTANCE_ID}/logical-nodes`, { nodes: [{}] }],
    ['listGroups', `instance/${INSTANCE_ID}/groups`, { group_list: [{ replication_list: [{}] }] }],
    ['listTasks', `instances/${INSTANCE_ID}/tasks?limit=100&offset=0`, { tasks: [] }],
  ] as const)('%s asks the documented path, signed', async (operation, path, body) => {
    const server = await startServer(json(body));
    await clientOf(server.origin)[operation](INSTANCE_ID, uncancelled());
    expect(server.arrivals).toHaveLength(1);
    expect(server.arrivals[0]).toMatchObject({
      method: 'GET',
      url: `/v2/${PROJECT_ID}/${path}`,
      headers: {
        host: server.origin.replace('http://', ''),
        'x-project-id': PROJECT_ID,
        'user-agent': 'dcs-switchover/0.1',
        'cache-control': 'no-cache',
        'x-security-token': CANARIES.securityToken,
        'x-sdk-date': expect.stringMatching(/^\d{8}T\d{6}Z$/) as unknown,
        authorization: expect.stringMatching(
          /^SDK-HMAC-SHA256 Access=AKCANARY4711, SignedHeaders=host;x-project-id;x-sdk-date;x-security-token, Signature=[0-9a-f]{64}$/,
        ) as unknown,
      },
    });
  });

  it('carries a token instead of a signature where the source has one', async () => {
    const server = await startServer(json({ status: 'RUNNING' }));
    const credentials = {
      description: 'test',
      get: () => Promise.resolve({ kind: 'token', token: 'token-1' } as const),
      refresh: () => Promise.resolve(),
    };
    const client = clientOf(server.origin, { credentials });
    await showInstance(client);
    await rejectionOf(requestSwap(client));
    for (const { headers } of server.arrivals) {
      expect(headers).toMatchObject({ 'x-auth-token': 'token-1', 'x-project-id': PROJECT_ID });
      expect(headers).not.toHaveProperty('authorization');
      expect(headers).not.toHaveProperty('x-sdk-date');
    }
  });

  it('showJob asks the documented path', async () => {
    const server = await startServer(json({ job_id: JOB_ID, status: 'SUCCESS' }));
    await clientOf(server.origin).showJob(JOB_ID, uncancelled());
    expect(server.arrivals[0]?.url).toBe(`/v2/${PROJECT_ID}/jobs/${JOB_ID}`);
  });

  it.each([
    [0, 1],
    [99, 1],
    [100, 2],
    [250, 3],
    [10_000, 5],
  ])('of %i tasks takes %i pages', async (total, pages) => {
    const server = await startServer((request, response) => {
      const query = new URL(request.url ?? '', 'http://localhost').searchParams;
      const [offset, limit] = [Number(query.get('offset')), Number(query.get('limit'))];
      const count = Math.max(0, Math.min(limit, total - offset));
      const tasks = Array.from({ length: count }, (_, index) => ({ id: offset + index }));
      json({ tasks })(request, response);
    });
    const { value } = await clientOf(server.origin).listTasks(INSTANCE_ID, uncancelled());
    expect(server.arrivals).toHaveLength(pages);
    expect(value).toHaveLength(Math.min(total, 500));
    expect(new Set(value.map(({ id }) => id)).size).toBe(value.length);
  });
});

describe('the pages of tasks', () => {
  it('are followed by the count of the service, where it caps them below what was asked', async () => {
    const server = await startServer((request, response) => {
      const offset = Number(new URL(request.url ?? '', 'http://x').searchParams.get('offset'));
      const tasks = Array.from({ length: Math.min(10, 25 - offset) }, (_, index) => ({
        id: offset + index,
      }));
      json({ task_count: '25', tasks })(request, response);
    });
    const { value } = await clientOf(server.origin).listTasks(INSTANCE_ID, uncancelled());
    expect(server.arrivals).toHaveLength(3);
    expect(value).toHaveLength(25);
  });
});

describe('more tasks than are read', () => {
  const listed = (step: number) => listedBy((index) => 1e12 + step * index);
  const listedBy = async (atMs: (index: number) => number | null) => {
    const server = await startServer((request, response) => {
      const offset = Number(new URL(request.url ?? '', 'http://x').searchParams.get('offset'));
      const tasks = Array.from({ length: 100 }, (_, index) => ({
        id: offset + index,
        created_at: atMs(offset + index),
      }));
      json({ task_count: '700', tasks })(request, response);
    });
    return clientOf(server.origin).listTasks(INSTANCE_ID, uncancelled());
  };

  it('are left unread where the latest come first', async () => {
    expect((await listed(-1_000)).value).toHaveLength(500);
  });

  it('are an unusable answer where the oldest come first: the latest would go unseen', async () => {
    await expect(listed(1_000)).rejects.toThrow(/the latest are not seen/);
  });

  it('are so, too, where the first one does not say when it began', async () => {
    const ascending = listedBy((index) => (index === 0 ? null : 1.5e12 + index));
    await expect(ascending).rejects.toThrow(/the latest are not seen/);
  });

  it('are so, too, where they come in no order, whichever come first and last', async () => {
    const shuffled = listedBy((index) => 1.5e12 + (index === 0 ? 1e9 : (index * 7_919) % 700));
    await expect(shuffled).rejects.toThrow(/the latest are not seen/);
  });

  it('are left unread where a few that took long stand before later ones', async () => {
    const mostly = listedBy((index) => 1.5e12 - 1_000 * (index % 10 === 0 ? index + 15 : index));
    expect((await mostly).value).toHaveLength(500);
  });
});

describe('a reading without a credential', () => {
  const withoutCredential = (failure: () => Promise<never>) => ({
    credentials: { description: 'test', get: failure, refresh: () => Promise.resolve() },
  });

  it('was never sent, and passes on what the source says', async () => {
    const server = await startServer(json({}));
    const failure = () => Promise.reject(new DcsCredentialsError('Credential file /x is gone.'));
    const client = clientOf(server.origin, withoutCredential(failure));
    const error = await rejectionOf(showInstance(client));
    expect(error).toBeInstanceOf(DcsUnauthenticatedError);
    expect(error).toMatchObject({ delivery: 'never-sent', status: null });
    expect((error as Error).message).toContain('not sent: Credential file /x is gone');
    expect(classifyRead(error as DcsUnauthenticatedError)).toBe('RETRY');
    expect(server.arrivals).toHaveLength(0);
  });

  it('does not wait for it beyond its own time', async () => {
    const client = clientOf('http://127.0.0.1:9', {
      ...withoutCredential(() => new Promise<never>(() => undefined)),
      readTimeoutMs: 100,
    });
    const error = await rejectionOf(showInstance(client));
    expect(error).toMatchObject({ name: 'DcsUnauthenticatedError', delivery: 'never-sent' });
  });
});

describe('a failed reading is reported', () => {
  it('when no one listens', async () => {
    const endpoint = `http://127.0.0.1:${await findDeafPort()}`;
    const error = await rejectionOf(showInstance(clientOf(endpoint)));
    expect(error).toBeInstanceOf(DcsConnectionError);
    expect(error).toMatchObject({ delivery: 'never-sent', reason: 'ECONNREFUSED' });
  });

  it.each(['http', 'https'])('when the deadline passes without an answer over %s', async (over) => {
    const { port } = await startMuteServer();
    const client = clientOf(`${over}://127.0.0.1:${port}`, { readTimeoutMs: LIMIT_MS });
    const error = await rejectionOf(showInstance(client));
    expect(error).toBeInstanceOf(DcsTimeoutError);
    expect(error).toMatchObject({ timeoutMs: LIMIT_MS, status: null });
  });

  it('when the body drips beyond the deadline', async () => {
    const server = await startServer(drip);
    const error = await rejectionOf(
      showInstance(clientOf(server.origin, { readTimeoutMs: LIMIT_MS })),
    );
    expect(error).toBeInstanceOf(DcsTimeoutError);
  });

  const large = JSON.stringify({ name: 'x'.repeat(2_000_000) });

  it.each<[string, Respond]>([
    ['is cut off', cutOff],
    ['is larger than accepted', (_, response) => response.end(large)],
    [
      'unpacks to more than accepted',
      (_, response) => {
        response.setHeader('Content-Encoding', 'gzip');
        response.end(zlib.gzipSync(large));
      },
    ],
    ['is not JSON', (_, response) => response.end('<html>')],
    ['is a list', json([])],
    ['is null', json(null)],
  ])('when the body %s, as a failure worth a repetition', async (_, respond) => {
    const server = await startServer(respond);
    const error = await rejectionOf(showInstance(clientOf(server.origin)));
    expect(error).toBeInstanceOf(DcsResponseError);
    expect(error).toMatchObject({ delivery: 'answered', bodyParsed: false });
    expect(classifyRead(error as DcsResponseError)).toBe('RETRY');
    expect((error as Error).message.length).toBeLessThan(200);
  });

  it.each([660_000, -660_000])(
    'with a date to come back at by the clock of the API, %i ms off',
    async (apiAheadMs) => {
      const apiNowMs = Math.floor((Date.now() + apiAheadMs) / 1000) * 1000;
      const headers = {
        Date: new Date(apiNowMs).toUTCString(),
        'Retry-After': new Date(apiNowMs + 7_000).toUTCString(),
      };
      const server = await startServer(json({}, 503, headers));
      const error = await rejectionOf(showInstance(clientOf(server.origin)));
      expect(error).toMatchObject({ retryAfterMs: 7_000 });
    },
  );

  it('once: nothing is repeated', async () => {
    const server = await startServer(json({}, 503));
    await rejectionOf(showInstance(clientOf(server.origin)));
    expect(server.arrivals).toHaveLength(1);
  });
});

describe('a reading does not go elsewhere', () => {
  it.each([301, 302, 303, 307, 308])('by a redirect (%i)', async (status) => {
    const other = await startServer(json({}));
    const server = await startServer(json({}, status, { Location: `${other.origin}/stolen` }));
    const error = await rejectionOf(showInstance(clientOf(server.origin)));
    expect(error).toBeInstanceOf(DcsHttpError);
    expect(error).toMatchObject({ status });
    expect(other.arrivals).toHaveLength(0);
  });

  const PROXY_VARIABLES = ['http_proxy', 'HTTP_PROXY', 'all_proxy', 'npm_config_proxy'];
  const EXCEPTIONS = ['no_proxy', 'NO_PROXY'];
  const configured = [...PROXY_VARIABLES, ...EXCEPTIONS].map(
    (name) => [name, process.env[name]] as const,
  );

  afterEach(() => {
    for (const [name, value] of configured)
      if (value === undefined) Reflect.deleteProperty(process.env, name);
      else process.env[name] = value;
  });

  it('by a proxy from the environment', async () => {
    const proxy = await startServer(json({}));
    const server = await startServer(json({ status: 'RUNNING' }));
    for (const name of PROXY_VARIABLES) process.env[name] = proxy.origin;
    for (const name of EXCEPTIONS) process.env[name] = '';
    const { value } = await showInstance(clientOf(server.origin));
    expect(value.status).toBe('RUNNING');
    expect(proxy.arrivals).toHaveLength(0);
  });
});

describe('an aborted reading', () => {
  it.each<[string, Respond]>([
    ['before the answer', () => undefined],
    ['in the middle of the body', drip],
  ])('rejects with the reason of its signal: %s', async (_, respond) => {
    const server = await startServer(respond);
    const controller = new AbortController();
    const reason = new Error('cancelled by the test');
    const reading = rejectionOf(
      clientOf(server.origin).showInstance(INSTANCE_ID, { signal: controller.signal }),
    );
    setTimeout(() => {
      controller.abort(reason);
    }, 50);
    expect(await reading).toBe(reason);
  });

  it('does not even begin when it is aborted already', async () => {
    const server = await startServer(json({}));
    const reason = new Error('too late');
    const signal = AbortSignal.abort(reason);
    const error = await rejectionOf(clientOf(server.origin).showInstance(INSTANCE_ID, { signal }));
    expect(error).toBe(reason);
    expect(server.arrivals).toHaveLength(0);
  });
});
