/** The worker's HTTP server over real sockets: paths, methods, limits, and an end. */
import { once } from 'node:events';
import { connect } from 'node:net';
import type { Socket } from 'node:net';

import { afterEach, describe, expect, test } from '@jest/globals';

import { ConfigurationError } from '../../src/config/index.js';
import { startHttpServer } from '../../src/worker/http.js';
import type { HttpRoutes, HttpServer } from '../../src/worker/http.js';

const open: HttpServer[] = [];

async function serve(routes: HttpRoutes = {}): Promise<HttpServer & { url: string }> {
  const server = await startHttpServer({ host: '127.0.0.1', port: 0 }, routes);
  open.push(server);
  return { ...server, url: `http://127.0.0.1:${server.port}` };
}

afterEach(async () => {
  for (let server = open.pop(); server !== undefined; server = open.pop()) await server.close();
});

const fine = () => ({ status: 200, contentType: 'text/plain', body: 'fine' });

/** What a raw request is answered until the server ends the connection. */
function talk(port: number, request: string): Promise<string> {
  return new Promise((resolve, reject) => {
    const socket: Socket = connect(port, '127.0.0.1', () => socket.write(request));
    let answer = '';
    socket.on('data', (chunk) => (answer += chunk.toString()));
    socket.once('close', () => {
      resolve(answer);
    });
    socket.once('error', reject);
  });
}

function deferred(): { promise: Promise<void>; resolve: () => void } {
  let resolve = (): void => undefined;
  const promise = new Promise<void>((done) => (resolve = done));
  return {
    promise,
    resolve: () => {
      resolve();
    },
  };
}

describe('the HTTP server', () => {
  test('answers its paths, with or without a query, and keeps nothing cached', async () => {
    const { url } = await serve({ '/fine': fine });
    const answer = await fetch(`${url}/fine?verbose`);
    expect(answer.status).toBe(200);
    expect(answer.headers.get('cache-control')).toBe('no-store');
    expect(await answer.text()).toBe('fine');
  });

  test('answers HEAD with the same headers and no body', async () => {
    const { url } = await serve({ '/fine': fine });
    const answer = await fetch(`${url}/fine`, { method: 'HEAD' });
    expect(answer.headers.get('content-length')).toBe('4');
    expect(await answer.text()).toBe('');
  });

  test.each(['/', '/other', '/fine/', '/constructor', '/__proto__'])(
    'does not know %s',
    async (path) => {
      const { url } = await serve({ '/fine': fine });
      expect((await fetch(url + path)).status).toBe(404);
    },
  );

  test.each(['POST', 'PUT', 'DELETE'])('refuses %s and says what it takes', async (method) => {
    const { url } = await serve({ '/fine': fine });
    const answer = await fetch(`${url}/fine`, { method });
    expect(answer.status).toBe(405);
    expect(answer.headers.get('allow')).toBe('GET, HEAD');
  });

  test('answers before a body has arrived, and ends the connection', async () => {
    const { port } = await serve({ '/fine': fine });
    const request = 'POST /fine HTTP/1.1\r\nHost: x\r\nContent-Length: 1000000\r\n\r\n';
    expect(await talk(port, request)).toMatch(/^HTTP\/1\.1 405 /);
  });

  test('refuses headers that are too large', async () => {
    const { port } = await serve({ '/fine': fine });
    const request = `GET /fine HTTP/1.1\r\nHost: x\r\nX: ${'x'.repeat(9_000)}\r\n\r\n`;
    expect(await talk(port, request)).toMatch(/^HTTP\/1\.1 431 /);
  });

  test('reports nothing of an answer that could not be made', async () => {
    const { url } = await serve({ '/bad': () => Promise.reject(new Error('a secret')) });
    const answer = await fetch(`${url}/bad`);
    expect(answer.status).toBe(500);
    expect(await answer.text()).not.toContain('secret');
  });

  test('a port that is taken is a mistake of the configuration, reported by its variable', async () => {
    const { port } = await serve();
    const second = startHttpServer({ host: '127.0.0.1', port }, {});
    await expect(second).rejects.toThrow(ConfigurationError);
    await expect(second).rejects.toThrow(`DCS_SWITCHOVER_HTTP_PORT ${port} is taken`);
  });

  test('an address of another machine is one, too', async () => {
    const elsewhere = startHttpServer({ host: '192.0.2.1', port: 0 }, {});
    await expect(elsewhere).rejects.toThrow('DCS_SWITCHOVER_HTTP_HOST 192.0.2.1');
  });

  test('closes although a client keeps its connection and an answer never comes', async () => {
    const asked = deferred();
    const never = () => {
      asked.resolve();
      return new Promise<never>(() => undefined);
    };
    const server = await serve({ '/never': never, '/fine': fine });
    const idle = connect(server.port, '127.0.0.1');
    await once(idle, 'connect');
    const idleEnded = once(idle.resume(), 'close');
    const waiting = talk(server.port, 'GET /never HTTP/1.1\r\nHost: x\r\n\r\n');
    await asked.promise;
    await server.close();
    await idleEnded;
    expect(await waiting).toBe('');
  });
});
