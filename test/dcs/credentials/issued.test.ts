/** Credentials that an authority issues, over real sockets. */
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import http from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';

import { DcsConfigurationError, createCredentialSource } from '../../../src/dcs/index.js';
import type { CredentialSettings, CredentialSource } from '../../../src/dcs/index.js';
import {
  PROJECT_ID,
  json,
  makeCertificate,
  startProxy,
  startServer,
  stopServers,
} from '../support.js';
import type { Respond } from '../support.js';
import { KEY_1, complaintOf, inHours, noting } from './support.js';

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'credentials-'));
});
afterEach(async () => {
  await stopServers();
  await rm(folder, { recursive: true });
});

type Options = Parameters<typeof createCredentialSource>[1];

/** Reads a request's body before it answers. */
const withBody = (bodies: unknown[], respond: Respond): Respond =>
  noting(bodies, (text): unknown => (text === '' ? null : JSON.parse(text)), respond);

const key = (version: number, expiresAt = inHours(24)) => ({
  credential: {
    access: `ak-${version}`,
    secret: `sk-${version}`,
    securitytoken: `st-${version}`,
    expires_at: expiresAt,
  },
});

describe('an IAM token', () => {
  const token: Respond = (request, response) => {
    json({ token: { expires_at: inHours(24) } }, 201, { 'X-Subject-Token': 'token-1' })(
      request,
      response,
    );
  };

  const iam = (
    iamEndpoint: string,
    options: Partial<Options> = {},
    settings: object = {},
  ): CredentialSource =>
    createCredentialSource(
      {
        source: 'iam-token',
        iamEndpoint,
        userName: 'switcher',
        domainName: 'acme',
        passwordFile: null,
        projectId: PROJECT_ID,
        ...settings,
      },
      { env: { DCS_IAM_PASSWORD: 'p"ss word' }, ...options },
    );

  it('is asked for by user, account and project, and kept', async () => {
    const bodies: unknown[] = [];
    const server = await startServer(withBody(bodies, token));
    const source = iam(server.origin);
    expect(await source.get()).toStrictEqual({ kind: 'token', token: 'token-1' });
    await source.get();
    expect(server.arrivals).toMatchObject([{ method: 'POST', url: '/v3/auth/tokens' }]);
    expect(bodies).toStrictEqual([
      {
        auth: {
          identity: {
            methods: ['password'],
            password: {
              user: { name: 'switcher', password: 'p"ss word', domain: { name: 'acme' } },
            },
          },
          scope: { project: { id: PROJECT_ID } },
        },
      },
    ]);
  });

  it('may be as large as a user with many roles makes it', async () => {
    const large = 'x'.repeat(24_000);
    const server = await startServer(
      json({ token: { expires_at: inHours(24) } }, 201, { 'X-Subject-Token': large }),
    );
    expect(await iam(server.origin).get()).toStrictEqual({ kind: 'token', token: large });
  });

  it('takes the password from a file, read again at each renewal', async () => {
    const passwordFile = join(folder, 'password');
    const bodies: unknown[] = [];
    const expired = json({ token: { expires_at: inHours(24) } }, 201, { 'X-Subject-Token': 't' });
    const server = await startServer(withBody(bodies, expired));
    for (const password of ['first', 'second']) {
      await writeFile(passwordFile, `${password}\n`);
      await iam(server.origin, { env: {} }, { passwordFile }).get();
    }
    expect(JSON.stringify(bodies[0])).toContain('"password":"first"');
    expect(JSON.stringify(bodies[1])).toContain('"password":"second"');
  });

  it('says who asks whom, and where the password is', () => {
    const described = iam('http://127.0.0.1:9').description;
    expect(described).toBe(
      'IAM token of user switcher in account acme from http://127.0.0.1:9, password from DCS_IAM_PASSWORD',
    );
  });

  it('judges its life by the clock of IAM, not by ours', async () => {
    let asked = 0;
    const server = await startServer((request, response) => {
      asked += 1;
      // By our clock this token ended an hour ago.
      response.setHeader('Date', new Date(Date.now() - 3 * 3_600_000).toUTCString());
      json({ token: { expires_at: inHours(-1) } }, 201, { 'X-Subject-Token': 't' })(
        request,
        response,
      );
    });
    const source = iam(server.origin);
    await source.get();
    await source.get();
    expect(asked).toBe(1);
  });

  it.each<[string, Respond, string]>([
    [
      'the password is wrong',
      json({ error: { code: 401, message: 'The username or password is wrong.' } }, 401),
      'user name, account name or password is wrong',
    ],
    ['the project is unknown', json({}, 400), 'the project id'],
    ['it is overloaded', json({}, 503), 'refused (503)'],
    ['it redirects', (_, response) => response.writeHead(302, { Location: '/' }).end(), '302'],
    ['the token is missing', json({ token: { expires_at: inHours(1) } }, 201), 'X-Subject-Token'],
    ['its end is missing', json({ token: {} }, 201, { 'X-Subject-Token': 't' }), 'expires_at'],
    ['the body is none', json([], 201, { 'X-Subject-Token': 't' }), 'a usable token'],
    [
      'it has ended',
      json({ token: { expires_at: inHours(-1) } }, 201, { 'X-Subject-Token': 't' }),
      'has expired',
    ],
    ['the connection breaks', (request) => request.socket.destroy(), 'did not answer'],
    [
      'the answer is too large',
      json({ x: 'x'.repeat(2_000_000) }, 201),
      'did not answer (larger than accepted)',
    ],
  ])('is refused as text when %s', async (_, respond, words) => {
    const server = await startServer(respond);
    const complaint = await complaintOf(iam(server.origin));
    expect(complaint).toContain(words);
    expect(complaint).toContain(`IAM at ${server.origin}`);
    expect(complaint).not.toContain('p"ss');
    expect(server.arrivals).toHaveLength(1);
  });

  it('names what holds no password', async () => {
    const source = iam('http://127.0.0.1:9', { env: {} });
    expect(await complaintOf(source)).toContain('variable DCS_IAM_PASSWORD is empty or missing');
    const passwordFile = join(folder, 'password');
    await writeFile(passwordFile, '\n');
    const fromFile = iam('http://127.0.0.1:9', { env: {} }, { passwordFile });
    expect(await complaintOf(fromFile)).toContain(`credential file ${passwordFile} is empty`);
  });

  it.each([
    ['plain text', 'http://iam.example.com'],
    ['a path', 'https://iam.example.com/v3'],
    ['no URL', 'iam'],
  ])('is not asked for over %s', (_, endpoint) => {
    expect(() => iam(endpoint)).toThrow(DcsConfigurationError);
  });

  it('is asked for through the proxy, with the authorities of the file', async () => {
    const certificate = makeCertificate();
    const server = await startServer(token, certificate);
    const proxy = await startProxy();
    const caFile = join(folder, 'ca.pem');
    const source = iam(server.origin, { proxyUrl: proxy.origin, caFile });
    expect(await complaintOf(source)).toContain(`CA file ${caFile} does not exist`);
    await writeFile(caFile, 'nonsense');
    const again = iam(server.origin, { proxyUrl: proxy.origin, caFile });
    expect(await complaintOf(again)).toContain('holds no certificate');
    await writeFile(caFile, certificate.cert);
    const repaired = iam(server.origin, { proxyUrl: proxy.origin, caFile });
    expect(await repaired.get()).toMatchObject({ token: 'token-1' });
    expect(proxy.asked).toHaveLength(1);
  });
});

describe('the key of this server', () => {
  const metadata = (endpoint: string, options: Partial<Options> = {}): CredentialSource =>
    createCredentialSource({ source: 'metadata', endpoint }, { env: {}, ...options });

  const service = (sessions: Respond): Respond => {
    return (request, response) => {
      if (request.url === '/meta-data/latest/api/token') sessions(request, response);
      else json(key(1))(request, response);
    };
  };

  it('is read in a session', async () => {
    const server = await startServer(service((_, response) => response.end('session-1')));
    const source = metadata(server.origin);
    expect(await source.get()).toStrictEqual(KEY_1);
    await source.get();
    expect(server.arrivals).toMatchObject([
      { method: 'PUT', headers: { 'x-metadata-token-ttl-seconds': '60' } },
      {
        method: 'GET',
        url: '/openstack/latest/securitykey',
        headers: { 'x-metadata-token': 'session-1' },
      },
    ]);
  });

  it.each([[404], [405], [503]])(
    'is read without one where there are none (%i)',
    async (status) => {
      const server = await startServer(service(json({}, status)));
      expect(await metadata(server.origin).get()).toStrictEqual(KEY_1);
      expect(server.arrivals[1]?.headers).not.toHaveProperty('x-metadata-token');
    },
  );

  it('is asked for directly, whatever the proxy', async () => {
    const server = await startServer(service((_, response) => response.end('session-1')));
    const proxy = await startProxy();
    await metadata(server.origin, { proxyUrl: proxy.origin }).get();
    expect(proxy.asked).toHaveLength(0);
  });

  it.each<[string, Respond, string]>([
    ['sessions are refused', json({}, 403), 'assign an agency to this server'],
    ['a session is no token', (_, response) => response.end('<html> x'), 'session token'],
    ['a session is huge', (_, response) => response.end('x'.repeat(5_000)), 'session token'],
  ])('is refused as text when %s', async (_, sessions, words) => {
    const server = await startServer(service(sessions));
    expect(await complaintOf(metadata(server.origin))).toContain(words);
  });

  it.each<[string, Respond, string]>([
    ['the server carries no agency', json({}, 404), 'assign an agency to this server'],
    ['the key is incomplete', json({ credential: { access: 'ak-1' } }), 'secret in the answer of'],
    ['it has ended', json(key(1, inHours(-1))), 'has expired'],
    ['it says no end', json(key(1, 'soon')), 'expires_at'],
    ['the body is none', (_, response) => response.end('sk-1'), 'a usable credential'],
  ])('is refused as text when %s', async (_, respond, words) => {
    const server = await startServer((request, response) => {
      if (request.method === 'PUT') json({}, 404)(request, response);
      else respond(request, response);
    });
    const complaint = await complaintOf(metadata(server.origin));
    expect(complaint).toContain(words);
    expect(complaint).not.toContain('sk-1');
  });

  it.each([
    ['another host', 'http://metadata.example.com'],
    ['another address', 'http://169.254.169.253'],
    ['another port', 'http://169.254.169.254:8080'],
    ['TLS', 'https://169.254.169.254'],
    ['a path', 'http://169.254.169.254/x'],
  ])('is not asked for at %s', (_, endpoint) => {
    expect(() => metadata(endpoint)).toThrow(DcsConfigurationError);
  });

  it('is asked for at the fixed address', () => {
    expect(metadata('http://169.254.169.254').description).toBe(
      'agency of this server, from its metadata service http://169.254.169.254',
    );
  });
});

describe('the key of an agency', () => {
  const BASE = { HUAWEICLOUD_SDK_AK: 'base-ak', HUAWEICLOUD_SDK_SK: 'base-sk' };

  const agency = (iamEndpoint: string, settings: object = {}): CredentialSource =>
    createCredentialSource(
      {
        source: 'agency',
        base: { source: 'environment' },
        agencyName: 'switchers',
        domainName: 'customer',
        iamEndpoint,
        durationSeconds: 3_600,
        ...settings,
      },
      { env: BASE },
    );

  it('is taken on with the base key, signed', async () => {
    const bodies: unknown[] = [];
    const server = await startServer(withBody(bodies, json(key(1), 201)));
    expect(await agency(server.origin).get()).toStrictEqual(KEY_1);
    expect(bodies).toStrictEqual([
      {
        auth: {
          identity: {
            methods: ['assume_role'],
            assume_role: {
              agency_name: 'switchers',
              domain_name: 'customer',
              duration_seconds: 3_600,
            },
          },
        },
      },
    ]);
    expect(server.arrivals).toMatchObject([
      {
        method: 'POST',
        url: '/v3.0/OS-CREDENTIAL/securitytokens',
        headers: {
          authorization: expect.stringMatching(
            /^SDK-HMAC-SHA256 Access=base-ak, SignedHeaders=host;x-sdk-date, Signature=[0-9a-f]{64}$/,
          ) as unknown,
        },
      },
    ]);
  });

  it('is taken on with a token where the base is one', async () => {
    const server = await startServer((request, response) => {
      const isLogIn = request.url === '/v3/auth/tokens';
      const answer = isLogIn
        ? json({ token: { expires_at: inHours(24) } }, 201, { 'X-Subject-Token': 'token-1' })
        : json(key(1), 201);
      answer(request, response);
    });
    const passwordFile = join(folder, 'password');
    await writeFile(passwordFile, 'secret');
    const base: CredentialSettings = {
      source: 'iam-token',
      iamEndpoint: server.origin,
      userName: 'u',
      domainName: 'd',
      passwordFile,
      projectId: PROJECT_ID,
    };
    expect(await agency(server.origin, { base }).get()).toStrictEqual(KEY_1);
    expect(server.arrivals[1]?.headers).toMatchObject({ 'x-auth-token': 'token-1' });
    expect(server.arrivals[1]?.headers).not.toHaveProperty('authorization');
  });

  it('is reported together with its base', () => {
    expect(agency('http://127.0.0.1:9').description).toBe(
      'agency switchers of account customer from http://127.0.0.1:9, taken on by: environment',
    );
  });

  it('is refused as text when the base may not take it on', async () => {
    const refusal = { error: { code: 403, message: 'You are not authorized: base-sk base-ak' } };
    const server = await startServer(json(refusal, 403));
    const complaint = await complaintOf(agency(server.origin));
    expect(complaint).toContain('Agent Operator');
    expect(complaint).not.toMatch(/base-[as]k/);
  });

  it('says what is wrong with the base', async () => {
    const base: CredentialSettings = { source: 'profile', file: '/no/such/file', section: 'basic' };
    expect(await complaintOf(agency('http://127.0.0.1:9', { base }))).toContain('/no/such/file');
  });
});

describe('an authority that says nothing', () => {
  it('is given up', async () => {
    const server = http.createServer(() => undefined);
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const { port } = server.address() as { port: number };
    const source = createCredentialSource(
      { source: 'metadata', endpoint: `http://127.0.0.1:${port}` },
      { env: {} },
    );
    expect(await complaintOf(source)).toContain('did not answer (nothing within 3000 ms)');
    server.closeAllConnections();
    server.close();
  });
});
