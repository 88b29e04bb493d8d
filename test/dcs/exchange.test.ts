/** Whoever looks on sees every attempt, and changes nothing. */
import { afterEach, describe, expect, it } from '@jest/globals';

import type { Exchange } from '../../src/dcs/index.js';

import {
  CANARIES,
  JOB_ID,
  clientOf,
  findDeafPort,
  json,
  rejectionOf,
  requestSwap,
  showInstance,
  startServer,
  stopServers,
} from './support.js';

afterEach(stopServers);

const accept = json({ job_id: JOB_ID, status: 'RUNNING' }, 200, {
  'X-Request-Id': 'request-1',
  'Set-Cookie': 'session=1',
});

function watch() {
  const seen: Exchange[] = [];
  return { seen, onExchange: (exchange: Exchange) => seen.push(exchange) };
}

describe('an exchange reports', () => {
  it('the answer of a reading and of the PUT', async () => {
    const server = await startServer(accept);
    const { seen, onExchange } = watch();
    const client = clientOf(server.origin, { onExchange });
    await showInstance(client);
    await requestSwap(client);
    expect(seen.map(({ operation, method }) => [operation, method])).toStrictEqual([
      ['showInstance', 'GET'],
      ['requestSwap', 'PUT'],
    ]);
    expect(seen[1]).toStrictEqual({
      operation: 'requestSwap',
      method: 'PUT',
      route: '/v2/{projectId}/instances/{instanceId}/async-swap',
      status: 200,
      requestId: 'request-1',
      durationMs: expect.any(Number) as unknown,
      headers: {
        'content-type': 'application/json',
        date: expect.any(String) as unknown,
        'x-request-id': 'request-1',
      },
      body: JSON.stringify({ job_id: JOB_ID, status: 'RUNNING' }),
      error: null,
    });
  });

  it('a refusal, with its body', async () => {
    const server = await startServer(json({ error_code: 'DCS.4049', error_msg: 'busy' }, 400));
    const { seen, onExchange } = watch();
    const error = await rejectionOf(requestSwap(clientOf(server.origin, { onExchange })));
    expect(seen).toMatchObject([{ status: 400, error: (error as Error).message }]);
    expect(seen[0]?.body).toContain('DCS.4049');
  });

  it.each([
    ['no connection', showInstance],
    ['no connection for the PUT', requestSwap],
  ])('an attempt without an answer: %s', async (_, call) => {
    const { seen, onExchange } = watch();
    const endpoint = `http://127.0.0.1:${await findDeafPort()}`;
    await rejectionOf(call(clientOf(endpoint, { onExchange })));
    expect(seen).toMatchObject([{ status: null, body: null, headers: {} }]);
    expect(seen[0]?.error).toContain('ECONNREFUSED');
  });

  it('nothing of a PUT whose connection stood, and that was not sent', async () => {
    const server = await startServer(accept);
    const { seen, onExchange } = watch();
    await rejectionOf(requestSwap(clientOf(server.origin, { onExchange }), () => false));
    expect(seen).toEqual([]);
  });

  it('each page of a list', async () => {
    const tasks = Array.from({ length: 100 }, (_, id) => ({ id }));
    const server = await startServer((request, response) => {
      const isFirst = request.url?.includes('offset=0') === true;
      json({ tasks: isFirst ? tasks : [] })(request, response);
    });
    const { seen, onExchange } = watch();
    const { signal } = new AbortController();
    const instanceId = '5560df16-cebf-4473-95c4-d1b573c16e79';
    await clientOf(server.origin, { onExchange }).listTasks(instanceId, { signal });
    expect(seen.map(({ operation }) => operation)).toStrictEqual(['listTasks', 'listTasks']);
  });

  it('no secret that the other side repeats, in body and headers', async () => {
    const server = await startServer((request, response) => {
      const text = JSON.stringify(request.headers);
      json({ error_code: 'X.1', error_msg: text }, 400, { Server: CANARIES.accessKey })(
        request,
        response,
      );
    });
    const { seen, onExchange } = watch();
    await rejectionOf(requestSwap(clientOf(server.origin, { onExchange })));
    const text = JSON.stringify(seen);
    for (const canary of Object.values(CANARIES)) expect(text).not.toContain(canary);
    expect(text).toContain('Signature=[redacted]');
  });
});

describe('an observer that throws', () => {
  const onExchange = (): never => {
    throw new Error('out of order');
  };

  it('does not turn an accepted PUT into a failed one', async () => {
    const server = await startServer(accept);
    const { value } = await requestSwap(clientOf(server.origin, { onExchange }));
    expect(value.jobId).toBe(JOB_ID);
  });

  it('does not hide how a call failed', async () => {
    const server = await startServer(json({ error_code: 'DCS.4049', error_msg: 'busy' }, 400));
    const error = await rejectionOf(requestSwap(clientOf(server.origin, { onExchange })));
    expect(error).toMatchObject({ code: 'DCS.4049', delivery: 'answered' });
  });
});
