/** The one PUT over real sockets: how often it arrives, and what its failures claim. */
import type net from 'node:net';

import { afterEach, describe, expect, it, jest } from '@jest/globals';

import {
  DcsConnectionError,
  DcsCredentialsError,
  DcsHttpError,
  DcsResponseError,
  DcsTimeoutError,
  DcsUnauthenticatedError,
} from '../../src/dcs/index.js';

import type { DcsClient } from '../../src/dcs/index.js';
import { toSdkDate } from '../../src/dcs/signer.js';
import { waitUntil } from '../../src/simulator/basics.js';

import {
  INSTANCE_ID,
  JOB_ID,
  LIMIT_MS,
  clientOf,
  cutOff,
  drip,
  findDeafPort,
  json,
  makeCertificate,
  rejectionOf,
  requestSwap,
  showInstance,
  startImpatientServer,
  startMuteServer,
  startServer,
  stopServers,
  uncancelled,
} from './support.js';
import type { Respond } from './support.js';

afterEach(stopServers);

const accept = json({ job_id: JOB_ID, status: 'RUNNING' }, 200, { 'X-Request-Id': 'request-1' });

const open = (client: DcsClient) => client.openSwap(INSTANCE_ID, uncancelled());

const isPut = ({ method }: { readonly method: string }): boolean => method === 'PUT';

describe('the PUT', () => {
  it('arrives once, on the documented path, without query and body', async () => {
    const server = await startServer(accept);
    const answer = await requestSwap(clientOf(server.origin));
    expect(answer).toMatchObject({ value: { jobId: JOB_ID }, requestId: 'request-1' });
    expect(answer.serverTimeMs).toBeGreaterThan(Date.now() - 5_000);
    expect(server.arrivals).toHaveLength(1);
    expect(server.arrivals[0]).toMatchObject({
      method: 'PUT',
      url: '/v2/0ebd32bc6a0123456789abcdef012345/instances/5560df16-cebf-4473-95c4-d1b573c16e79/async-swap',
      headers: { 'content-type': 'application/json', 'content-length': '0' },
    });
  });

  it.each([
    ['plain', undefined],
    ['over TLS', makeCertificate()],
  ])('is reported as written before it is answered, %s', async (_, certificate) => {
    const steps: string[] = [];
    let answer = (): void => undefined;
    const server = await startServer((request, response) => {
      answer = () => {
        steps.push('answered');
        accept(request, response);
      };
    }, certificate);
    const swap = await open(clientOf(server.origin, { ca: certificate?.cert ?? null }));
    const answered = swap.send(() => steps.push('written'));
    await waitUntil('a PUT', 60_000, () => Promise.resolve(server.arrivals.length === 1));
    answer();
    await answered;
    expect(steps).toEqual(['written', 'answered']);
  });

  it('never travels on a connection of the readings', async () => {
    const server = await startServer(accept);
    const client = clientOf(server.origin);
    await showInstance(client);
    await showInstance(client);
    await requestSwap(client);
    await showInstance(client);
    await requestSwap(client);
    const ports = (puts: boolean): number[] =>
      server.arrivals.filter((call) => isPut(call) === puts).map(({ remotePort }) => remotePort);
    expect(new Set(ports(false)).size).toBe(1);
    expect(new Set(ports(true)).size).toBe(2);
    expect(ports(true)).not.toContain(ports(false)[0]);
  });

  it.each<[string, Respond]>([
    ['resets after reading it', (request) => request.socket.destroy()],
    [
      'resets by RST after reading it',
      (request) => {
        request.socket.resetAndDestroy();
      },
    ],
    ['answers 500', json({ error_code: 'DCS.5000', error_msg: 'x' }, 500)],
    ['answers 502 in HTML', (_, response) => response.writeHead(502).end('<html>')],
    ['answers 503 and asks to come back', json({}, 503, { 'Retry-After': '0' })],
    ['redirects by 307', (_, response) => response.writeHead(307, { Location: '/x' }).end()],
    ['answers without a job id', json({})],
  ])('arrives exactly once when the server %s', async (_, respond) => {
    const server = await startServer(respond);
    await rejectionOf(requestSwap(clientOf(server.origin)));
    // Time for a repetition that must not come.
    await new Promise((resolve) => setTimeout(resolve, 50));
    expect(server.arrivals).toHaveLength(1);
    expect(server.bytes).toHaveLength(1);
  });

  it.each([
    ['plain', undefined],
    ['over TLS', makeCertificate()],
  ])('is not resent by the system once it was given up, %s', async (_, certificate) => {
    let tell: (code: unknown) => void = () => undefined;
    const ended = new Promise((resolve) => (tell = resolve));
    const server = await startServer(({ socket }) => {
      socket.once('error', ({ code }: NodeJS.ErrnoException) => {
        tell(code);
      });
      socket.once('close', () => {
        tell('closed in order');
      });
    }, certificate);
    const client = clientOf(server.origin, {
      swapTimeoutMs: LIMIT_MS,
      ca: certificate?.cert ?? null,
    });
    const error = await rejectionOf(requestSwap(client));
    expect(error).toMatchObject({ name: 'DcsTimeoutError', delivery: 'maybe-sent' });
    // Reset, not closed: a close would still deliver what waits in the buffers.
    expect(await ended).toBe('ECONNRESET');
  });

  it('arrives exactly once when its answer does not come in time', async () => {
    const server = await startServer(() => undefined);
    const error = await rejectionOf(
      requestSwap(clientOf(server.origin, { swapTimeoutMs: LIMIT_MS })),
    );
    expect(error).toBeInstanceOf(DcsTimeoutError);
    expect(error).toMatchObject({ delivery: 'maybe-sent', status: null, timeoutMs: LIMIT_MS });
    expect(server.arrivals).toHaveLength(1);
  });
});

describe('a failed PUT claims', () => {
  it.each([['127.0.0.1'], ['localhost']])(
    'never-sent when no one listens on %s',
    async (hostname) => {
      const endpoint = `http://${hostname}:${await findDeafPort()}`;
      const error = await rejectionOf(requestSwap(clientOf(endpoint)));
      expect(error).toBeInstanceOf(DcsConnectionError);
      expect(error).toMatchObject({ delivery: 'never-sent', reason: 'ECONNREFUSED' });
    },
  );

  it.each<[string, () => Promise<never>]>([
    ['fails', () => Promise.reject(new DcsCredentialsError('Credential file /x is gone.'))],
    ['fails in its own way', () => Promise.reject(new Error('x'))],
    [
      'throws',
      () => {
        throw new Error('x');
      },
    ],
    ['never answers', () => new Promise(() => undefined)],
  ])('never-sent when the credential source %s', async (_, get) => {
    const server = await startServer(accept);
    const credentials = { description: 'test', get, refresh: () => Promise.resolve() };
    const client = clientOf(server.origin, { credentials, connectTimeoutMs: LIMIT_MS });
    const maySend = jest.fn(() => true);
    const error = await rejectionOf(requestSwap(client, maySend));
    expect(error).toBeInstanceOf(DcsUnauthenticatedError);
    expect(error).toMatchObject({ delivery: 'never-sent', status: null });
    expect(maySend).not.toHaveBeenCalled();
    expect(server.bytes).toHaveLength(0);
  });

  it('never-sent when the name does not resolve', async () => {
    const error = await rejectionOf(requestSwap(clientOf('https://no-such-host.invalid')));
    expect(error).toMatchObject({ delivery: 'never-sent', status: null });
  });

  it('never-sent when the TLS handshake does not end in time', async () => {
    const mute = await startMuteServer();
    const client = clientOf(`https://127.0.0.1:${mute.port}`, { connectTimeoutMs: LIMIT_MS });
    const maySend = jest.fn(() => true);
    const error = await rejectionOf(requestSwap(client, maySend));
    expect(error).toBeInstanceOf(DcsTimeoutError);
    expect(error).toMatchObject({ delivery: 'never-sent', timeoutMs: LIMIT_MS });
    expect(mute.connections()).toBe(1);
    expect(maySend).not.toHaveBeenCalled();
    await mute.deserted();
  });

  it('never-sent when the certificate is not trusted', async () => {
    const server = await startServer(accept, makeCertificate());
    const maySend = jest.fn(() => true);
    const error = await rejectionOf(requestSwap(clientOf(server.origin), maySend));
    expect(error).toBeInstanceOf(DcsConnectionError);
    expect(error).toMatchObject({ delivery: 'never-sent' });
    expect(server.arrivals).toHaveLength(0);
    expect(maySend).not.toHaveBeenCalled();
  });

  it.each<[string, Respond]>([
    ['connection closed', (request) => request.socket.destroy()],
    ['garbage', (request) => request.socket.end('nonsense\r\n\r\n')],
  ])('maybe-sent when what comes back is: %s', async (_, respond) => {
    const server = await startServer(respond);
    const error = await rejectionOf(requestSwap(clientOf(server.origin)));
    expect(error).toBeInstanceOf(DcsConnectionError);
    expect(error).toMatchObject({ delivery: 'maybe-sent', status: null });
  });

  it('maybe-sent when the body drips beyond the deadline', async () => {
    const server = await startServer(drip);
    const error = await rejectionOf(
      requestSwap(clientOf(server.origin, { swapTimeoutMs: LIMIT_MS })),
    );
    expect(error).toBeInstanceOf(DcsTimeoutError);
    expect(error).toMatchObject({ delivery: 'maybe-sent' });
  });

  it.each<[string, Respond]>([
    ['cut off', cutOff],
    ['not JSON', (_, response) => response.end('<html>')],
    ['empty', (_, response) => response.end()],
    ['without a job id', json({ id: JOB_ID })],
    ['with an unusable job id', json({ job_id: '../../x' })],
    ['with a job id that no number holds exactly', json({ job_id: 2 ** 60 })],
    ['a list', json([])],
  ])('answered, and nothing more, when the body of a 200 is %s', async (_, respond) => {
    const server = await startServer(respond);
    const error = await rejectionOf(requestSwap(clientOf(server.origin)));
    expect(error).toBeInstanceOf(DcsResponseError);
    expect(error).toMatchObject({ delivery: 'answered', status: 200, bodyParsed: false });
  });

  it('answered when the body is larger than accepted', async () => {
    const server = await startServer(json({ job_id: JOB_ID, padding: 'x'.repeat(2_000) }));
    const client = clientOf(server.origin, { maxResponseBytes: 1_000 });
    const error = await rejectionOf(requestSwap(client));
    expect(error).toBeInstanceOf(DcsResponseError);
    expect(error).toMatchObject({ delivery: 'answered', bodyParsed: false });
  });

  it('the code and request id of a refusal', async () => {
    const refusal = { error_code: '111400063', error_msg: 'Invalid {0} parameter in the request.' };
    const server = await startServer(json(refusal, 400, { 'X-Request-Id': 'request-2' }));
    const error = await rejectionOf(requestSwap(clientOf(server.origin)));
    expect(error).toBeInstanceOf(DcsHttpError);
    expect(error).toMatchObject({
      operation: 'requestSwap',
      method: 'PUT',
      delivery: 'answered',
      status: 400,
      code: 'DCS.4063',
      bodyParsed: true,
      requestId: 'request-2',
      message: expect.stringContaining('Invalid {0} parameter') as unknown,
    });
  });
});

describe('the connection of the PUT', () => {
  it('stands before anyone is asked, and carries not one byte until it is sent', async () => {
    const server = await startServer(accept);
    const swap = await open(clientOf(server.origin));
    expect(swap.isOpen()).toBe(true);
    await waitUntil('a connection', 60_000, () => Promise.resolve(server.bytes.length === 1));
    swap.close();
    await waitUntil('its end', 60_000, () => Promise.resolve(server.closed() === 1));
    expect(server.arrivals).toHaveLength(0);
    expect(server.bytes).toStrictEqual([0]);
  });

  it('is not opened once it is given up, and the reason is reported', async () => {
    const server = await startServer(accept);
    const reason = new Error('given up');
    const opening = clientOf(server.origin).openSwap(INSTANCE_ID, {
      signal: AbortSignal.abort(reason),
    });
    expect(await rejectionOf(opening)).toBe(reason);
    expect(server.bytes).toHaveLength(0);
  });

  it('is given up in the middle of its handshake', async () => {
    const mute = await startMuteServer();
    const giveUp = new AbortController();
    const opening = clientOf(`https://127.0.0.1:${mute.port}`).openSwap(INSTANCE_ID, giveUp);
    await waitUntil('a connection', 60_000, () => Promise.resolve(mute.connections() === 1));
    const reason = new Error('given up');
    giveUp.abort(reason);
    expect(await rejectionOf(opening)).toBe(reason);
    await mute.deserted();
  });

  it.each([
    ['plain', undefined],
    ['over TLS', makeCertificate()],
  ])('carries one PUT and no second one, %s', async (_, certificate) => {
    const server = await startServer(accept, certificate);
    const swap = await open(clientOf(server.origin, { ca: certificate?.cert ?? null }));
    expect((await swap.send()).value.jobId).toBe(JOB_ID);
    expect(swap.isOpen()).toBe(false);
    expect(await rejectionOf(swap.send())).toMatchObject({ delivery: 'never-sent' });
    expect(server.arrivals).toHaveLength(1);
  });

  it.each<[string, (socket: net.Socket) => unknown]>([
    ['closed', (socket) => socket.end()],
    ['reset', (socket) => socket.resetAndDestroy()],
    ['given up with a word', (socket) => socket.end('HTTP/1.1 408 Request Timeout\r\n\r\n')],
  ])('was %s while it waited: never sent, and reported before it is sent', async (_, leave) => {
    const { port, sockets } = await startImpatientServer();
    const swap = await open(clientOf(`http://127.0.0.1:${port}`));
    await waitUntil('a connection', 60_000, () => Promise.resolve(sockets.length === 1));
    for (const socket of sockets) leave(socket);
    await waitUntil('its end', 60_000, () => Promise.resolve(!swap.isOpen()));
    const error = await rejectionOf(swap.send());
    expect(error).toBeInstanceOf(DcsConnectionError);
    expect(error).toMatchObject({ delivery: 'never-sent', reason: 'CLOSED_UNUSED' });
    swap.close();
  });

  it('was closed without our noticing: maybe-sent', async () => {
    const { port, sockets } = await startImpatientServer();
    const swap = await open(clientOf(`http://127.0.0.1:${port}`));
    await waitUntil('a connection', 60_000, () => Promise.resolve(sockets.length === 1));
    for (const socket of sockets) socket.resetAndDestroy();
    // In this very turn: the reset waits in the system.
    const error = await rejectionOf(swap.send());
    expect(error).toMatchObject({ name: 'DcsConnectionError', delivery: 'maybe-sent' });
  });

  it('has waited: its PUT is signed for the moment at which it is sent', async () => {
    const server = await startServer(accept);
    const swap = await open(clientOf(server.origin));
    const openedAt = toSdkDate(Date.now());
    await new Promise((resolve) => setTimeout(resolve, 1_100));
    await swap.send();
    const date = server.arrivals[0]?.headers['x-sdk-date'];
    expect(typeof date === 'string' && date > openedAt).toBe(true);
  });
});
