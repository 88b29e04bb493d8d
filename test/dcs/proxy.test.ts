/** The route to the API: proxies and certificate authorities, for readings and for the PUT. */
import { afterEach, describe, expect, it, jest } from '@jest/globals';

import { DcsConfigurationError, DcsConnectionError, DcsTimeoutError } from '../../src/dcs/index.js';
import type { DcsClientOptions } from '../../src/dcs/index.js';

import {
  JOB_ID,
  LIMIT_MS,
  clientOf,
  findDeafPort,
  json,
  makeCertificate,
  rejectionOf,
  requestSwap,
  showInstance,
  startMuteServer,
  startProxy,
  startServer,
  stopServers,
} from './support.js';

afterEach(stopServers);

const accept = json({ job_id: JOB_ID, status: 'RUNNING' });

/** An API over TLS whose authority is known to the client, and the options to reach it. */
async function startApi(respond = accept) {
  const certificate = makeCertificate();
  const server = await startServer(respond, certificate);
  const options: Partial<DcsClientOptions> = { ca: certificate.cert };
  return { server, options };
}

describe('an authority of one’s own', () => {
  it('is trusted by readings and the PUT', async () => {
    const { server, options } = await startApi();
    const client = clientOf(server.origin, options);
    expect((await showInstance(client)).value.status).toBe('RUNNING');
    expect((await requestSwap(client)).value.jobId).toBe(JOB_ID);
  });

  it('is asked for by name when it is missing, and the PUT never left', async () => {
    const { server } = await startApi();
    for (const call of [showInstance, requestSwap]) {
      const error = await rejectionOf(call(clientOf(server.origin)));
      expect(error).toBeInstanceOf(DcsConnectionError);
      expect(error).toMatchObject({ delivery: 'never-sent' });
      expect((error as Error).message).toContain('name the authority in DCS_CA_FILE');
    }
    expect(server.arrivals).toHaveLength(0);
  });

  it('does not vouch for another address', async () => {
    const certificate = makeCertificate('127.0.0.2');
    const server = await startServer(accept, certificate);
    const proxy = await startProxy();
    for (const proxyUrl of [null, proxy.origin]) {
      const client = clientOf(server.origin, { ca: certificate.cert, proxyUrl });
      for (const call of [showInstance, requestSwap])
        expect(await rejectionOf(call(client))).toMatchObject({
          reason: 'ERR_TLS_CERT_ALTNAME_INVALID',
          delivery: 'never-sent',
        });
    }
    expect(server.arrivals).toHaveLength(0);
  });

  it.each([
    ['is no PEM', 'nonsense'],
    ['is empty', ''],
    ['is damaged', '-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----'],
  ])('is refused at once when it %s', (_, ca) => {
    expect(() => clientOf('https://127.0.0.1', { ca })).toThrow(DcsConfigurationError);
  });
});

describe('through a proxy', () => {
  it('readings share a tunnel and the PUT has its own', async () => {
    const { server, options } = await startApi();
    const proxy = await startProxy();
    const client = clientOf(server.origin, { ...options, proxyUrl: proxy.origin });
    await showInstance(client);
    await showInstance(client);
    await requestSwap(client);
    const authority = server.origin.replace('https://', '');
    expect(proxy.asked.map((tunnel) => tunnel.authority)).toStrictEqual([authority, authority]);
    expect(server.arrivals.map(({ method }) => method)).toStrictEqual(['GET', 'GET', 'PUT']);
  });

  it('its credentials reach the proxy, and only the proxy', async () => {
    const { server, options } = await startApi();
    const proxy = await startProxy();
    const proxyUrl = proxy.origin.replace('http://', 'http://user:p%40ss@');
    const client = clientOf(server.origin, { ...options, proxyUrl });
    await showInstance(client);
    await requestSwap(client);
    const basic = `Basic ${Buffer.from('user:p@ss').toString('base64')}`;
    for (const { headers } of proxy.asked) {
      expect(headers['proxy-authorization']).toBe(basic);
      expect(headers).not.toHaveProperty('authorization');
    }
    for (const { headers } of server.arrivals)
      expect(headers).not.toHaveProperty('proxy-authorization');
  });

  it('a plain endpoint on loopback is not asked', async () => {
    const server = await startServer(accept);
    const proxy = await startProxy();
    await showInstance(clientOf(server.origin, { proxyUrl: proxy.origin }));
    expect(proxy.asked).toHaveLength(0);
  });

  it('the last word of the caller is asked once, when TLS stands, and no sends nothing', async () => {
    const { server, options } = await startApi();
    const proxy = await startProxy();
    const client = clientOf(server.origin, { ...options, proxyUrl: proxy.origin });
    const heard: number[] = [];
    const error = await rejectionOf(
      requestSwap(client, () => {
        heard.push(proxy.tunnelled());
        return false;
      }),
    );
    expect(error).toMatchObject({ message: 'not wanted' });
    expect(heard).toHaveLength(1);
    expect(heard[0]).toBeGreaterThan(100);
    await new Promise((resolve) => setTimeout(resolve, 50));
    expect(server.arrivals).toHaveLength(0);
    // The handshake's last flight may be lost with the connection.
    expect(server.bytes.reduce((sum, bytes) => sum + bytes, 0)).toBe(0);
  });
});

describe('a proxy that does not open the way: the PUT never left when', () => {
  const refusals = [
    [
      'it wants other credentials',
      'HTTP/1.1 407 Proxy Authentication Required\r\n\r\n',
      'PROXY_407',
    ],
    ['it does not reach the API', 'HTTP/1.1 502 Bad Gateway\r\n\r\n<html>', 'PROXY_502'],
    ['it forbids the endpoint', 'HTTP/1.1 403 Forbidden\r\n\r\n', 'PROXY_403'],
    ['it speaks like the API', 'HTTP/1.1 400 x\r\n\r\n{"error_code":"DCS.4049"}', 'PROXY_400'],
    ['it accepts in another way', 'HTTP/1.1 204 No Content\r\n\r\n', 'PROXY_204'],
    ['it hangs up', '', 'PROXY_CLOSED'],
  ] as const;

  it.each(refusals)('%s', async (_, answer, reason) => {
    const proxy = await startProxy(answer);
    const client = clientOf('https://127.0.0.1:9', { proxyUrl: proxy.origin });
    const maySend = jest.fn(() => true);
    const calls = [showInstance(client), requestSwap(client, maySend)];
    for (const error of await Promise.all(calls.map(rejectionOf))) {
      expect(error).toBeInstanceOf(DcsConnectionError);
      expect(error).toMatchObject({ delivery: 'never-sent', reason, status: null });
    }
    expect(maySend).not.toHaveBeenCalled();
  });

  it('is down', async () => {
    const proxyUrl = `http://127.0.0.1:${await findDeafPort()}`;
    const client = clientOf('https://127.0.0.1:9', { proxyUrl });
    for (const call of [showInstance, requestSwap]) {
      const error = await rejectionOf(call(client));
      expect(error).toMatchObject({ delivery: 'never-sent', reason: 'PROXY_ECONNREFUSED' });
      expect((error as Error).message).toContain('check DCS_HTTPS_PROXY');
    }
  });

  it('says nothing; and its connections are let go', async () => {
    const mute = await startMuteServer();
    const proxyUrl = `http://127.0.0.1:${mute.port}`;
    const client = clientOf('https://127.0.0.1:9', { proxyUrl, connectTimeoutMs: LIMIT_MS });
    const maySend = jest.fn(() => true);
    const error = await rejectionOf(requestSwap(client, maySend));
    expect(error).toBeInstanceOf(DcsTimeoutError);
    expect(error).toMatchObject({ delivery: 'never-sent', timeoutMs: LIMIT_MS });
    await rejectionOf(showInstance(client));
    expect(maySend).not.toHaveBeenCalled();
    await mute.deserted();
    expect(mute.connections()).toBe(2);
  });

  it('TLS does not come about behind it', async () => {
    const mute = await startMuteServer();
    const proxy = await startProxy();
    const client = clientOf(`https://127.0.0.1:${mute.port}`, {
      proxyUrl: proxy.origin,
      connectTimeoutMs: LIMIT_MS,
    });
    const error = await rejectionOf(requestSwap(client));
    expect(error).toMatchObject({ name: 'DcsTimeoutError', delivery: 'never-sent' });
    expect(proxy.asked).toHaveLength(1);
  });

  it('the certificate behind it is not trusted', async () => {
    const { server } = await startApi();
    const proxy = await startProxy();
    const maySend = jest.fn(() => true);
    const client = clientOf(server.origin, { proxyUrl: proxy.origin });
    const error = await rejectionOf(requestSwap(client, maySend));
    expect(error).toMatchObject({ name: 'DcsConnectionError', delivery: 'never-sent' });
    expect(maySend).not.toHaveBeenCalled();
    expect(server.arrivals).toHaveLength(0);
  });
});

describe('behind a proxy a lost answer is still an unresolved outcome', () => {
  it('maybe-sent, and exactly one PUT', async () => {
    const { server, options } = await startApi((request) => request.socket.destroy());
    const proxy = await startProxy();
    const client = clientOf(server.origin, { ...options, proxyUrl: proxy.origin });
    const error = await rejectionOf(requestSwap(client));
    expect(error).toMatchObject({ name: 'DcsConnectionError', delivery: 'maybe-sent' });
    await new Promise((resolve) => setTimeout(resolve, 50));
    expect(server.arrivals).toHaveLength(1);
    expect(proxy.asked).toHaveLength(1);
  });
});

describe('a proxy setting is refused, without being repeated, when it', () => {
  it.each([
    ['is no URL', 'user:secret@nowhere'],
    ['is of another kind', 'https://user:secret@host:1'],
    ['has a path', 'http://user:secret@host:1/path'],
    ['has a query', 'http://user:secret@host:1?x'],
    ['is badly encoded', 'http://user:secret%@host:1'],
  ])('%s', (_, proxyUrl) => {
    expect(() => clientOf('https://127.0.0.1', { proxyUrl })).toThrow(DcsConfigurationError);
    expect(() => clientOf('https://127.0.0.1', { proxyUrl })).not.toThrow(/secret/);
  });
});
