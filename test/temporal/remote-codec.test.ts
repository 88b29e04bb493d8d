import { createServer } from 'node:http';
import type { RequestListener, Server } from 'node:http';
import type { AddressInfo } from 'node:net';

import { afterEach, describe, expect, test } from '@jest/globals';
import type { Payload } from '@temporalio/common';

import { CodecError } from '../../src/temporal/data-converter.js';
import { createRemoteCodec } from '../../src/temporal/remote-codec.js';
import { startCodecServer } from '../support/codec.js';

const closers: (() => Promise<unknown>)[] = [];

afterEach(async () => {
  for (const close of closers.splice(0)) await close();
});

const serve = async (listener: RequestListener): Promise<string> => {
  const http: Server = createServer(listener);
  await new Promise<void>((resolve) => http.listen(0, '127.0.0.1', resolve));
  closers.push(() => {
    http.closeAllConnections();
    return new Promise((resolve) => http.close(resolve));
  });
  return `http://127.0.0.1:${(http.address() as AddressInfo).port}`;
};

const PAYLOAD: Payload = {
  metadata: { encoding: Buffer.from('json/plain'), odd: new Uint8Array([0, 255, 128]) },
  data: Buffer.from('"canary"'),
};

const codecAt = (endpoint: string, auth: string | null = 'Bearer canary-auth') =>
  createRemoteCodec({ endpoint, auth }, 'ops');

const errorOf = (endpoint: string): Promise<CodecError> =>
  codecAt(endpoint)
    .encode([PAYLOAD])
    .then(
      () => Promise.reject(new Error('nothing was refused')),
      (error: unknown) => error as CodecError,
    );

const bytes = ({ metadata, data }: Payload): object => ({
  metadata: Object.entries(metadata ?? {}).map(([key, value]) => [key, Buffer.from(value)]),
  data: Buffer.from(data ?? []),
});

describe('a codec server', () => {
  test('encodes and decodes, bytes and all, and is reported the namespace', async () => {
    const server = await startCodecServer();
    closers.push(() => server.close());
    const codec = codecAt(server.endpoint, server.auth);
    const empty: Payload = { metadata: { encoding: Buffer.from('binary/null') } };
    const encoded = await codec.encode([PAYLOAD, empty]);
    expect(JSON.stringify(encoded.map(bytes))).not.toContain('canary');
    const decoded = await codec.decode(encoded);
    expect(decoded.map(bytes)).toEqual([PAYLOAD, empty].map(bytes));
    const context = { type: 'workflow', namespace: 'of-the-run', workflowId: 'w' } as const;
    await codec.encode([PAYLOAD], context);
    expect(server.calls).toEqual([
      { path: '/ops/codec/encode', namespace: 'ops' },
      { path: '/ops/codec/decode', namespace: 'ops' },
      { path: '/of-the-run/codec/encode', namespace: 'of-the-run' },
    ]);
  });

  test.each<[string, RequestListener, CodecError['kind'], RegExp]>([
    ['refuses', (_, response) => response.writeHead(401).end('canary'), 'denied', /HTTP 401/],
    ['breaks', (_, response) => response.writeHead(500).end('canary'), 'failed', /HTTP 500/],
    ['talks nonsense', (_, response) => response.end('canary'), 'failed', /other than payloads/],
    [
      'answers in another form',
      (_, response) => response.end('{"payloads":[{"data":"can ary!"}]}'),
      'failed',
      /other than payloads/,
    ],
    [
      'never ends its answer',
      (_, response) => {
        const chunk = Buffer.alloc(1024 * 1024, 'x');
        const more = (): void => {
          if (!response.destroyed) response.write(chunk, more);
        };
        more();
      },
      'failed',
      /more than 16777216 bytes/,
    ],
  ])('that %s is reported, without payloads or credential', async (_, listener, kind, message) => {
    const error = await errorOf(await serve(listener));
    expect(error).toBeInstanceOf(CodecError);
    expect(error.kind).toBe(kind);
    expect(error.message).toMatch(message);
    expect(JSON.stringify(error) + error.message).not.toContain('canary');
  });

  test('that sends elsewhere gets no second look: the credential stays', async () => {
    const seen: (string | undefined)[] = [];
    const elsewhere = await serve((request, response) => {
      seen.push(request.headers.authorization);
      response.end('{"payloads":[]}');
    });
    const error = await errorOf(
      await serve((_, response) => response.writeHead(307, { location: elsewhere }).end()),
    );
    expect(error).toMatchObject({ kind: 'failed', message: expect.stringContaining('HTTP 307') });
    expect(seen).toEqual([]);
  });

  test('that closes a connection is asked once more', async () => {
    const state = { calls: 0 };
    const endpoint = await serve((request, response) => {
      state.calls += 1;
      if (state.calls === 1) request.socket.destroy();
      else response.end('{"payloads":[{"metadata":{"encoding":"eA=="},"data":"eQ=="}]}');
    });
    const [payload] = await codecAt(endpoint).encode([PAYLOAD]);
    expect(Buffer.from(payload?.data ?? []).toString()).toBe('y');
    expect(state.calls).toBe(2);
  });

  test('that is not there is reported', async () => {
    const error = await errorOf('http://127.0.0.1:9');
    expect(error.message).toMatch(/codec server at http:\/\/127\.0\.0\.1:9 does not answer/);
  });
});
