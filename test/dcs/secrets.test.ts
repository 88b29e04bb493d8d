/** No error of the client carries a credential or a header, however it is printed. */
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { inspect } from 'node:util';

import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';

import {
  DcsCredentialsError,
  createCredentialSource,
  environmentCredentials,
} from '../../src/dcs/index.js';
import type { CredentialSettings } from '../../src/dcs/index.js';

import {
  CANARIES,
  INSTANCE_ID,
  PROJECT_ID,
  clientOf,
  findDeafPort,
  json,
  rejectionOf,
  requestSwap,
  showInstance,
  startMuteServer,
  startProxy,
  startServer,
  stopServers,
  textsOf,
  uncancelled,
} from './support.js';
import type { Respond } from './support.js';

afterEach(stopServers);

/** What the gateway answers to a signature that it cannot verify: the signed values come back. */
const echo: Respond = (request, response) => {
  const { host, authorization } = request.headers;
  const signed = `host:${host ?? ''}|x-sdk-date:20260101T000000Z|x-security-token:${CANARIES.securityToken}`;
  json(
    {
      error_msg: `Incorrect IAM authentication information: verify aksk signature fail, canonicalRequest:PUT|/v2/|${signed}|`,
      error_code: 'APIGW.0301',
      request_id: 'request-3',
      authorization,
    },
    401,
  )(request, response);
};

const unknownKey = json(
  {
    error_msg: `Get secretKey failed,ak:${CANARIES.accessKey},err:ak not exist`,
    error_code: 'APIGW.0301',
  },
  401,
);

const reflectsHeaders: Respond = (request, response) => {
  json({ error_code: 'X.1', error_msg: JSON.stringify(request.headers) }, 400)(request, response);
};

/** No word beside the values shows what they are. */
const repeatsBareValues: Respond = (request, response) => {
  const values = Object.values(CANARIES).join(' and ');
  json({ error_code: 'X.1', error_msg: `rejected ${values}`, request_id: values }, 400)(
    request,
    response,
  );
};

const ANSWERS: readonly (readonly [string, Respond])[] = [
  ['the gateway echoes the request', echo],
  ['the gateway does not know the key', unknownKey],
  ['a server reflects the headers', reflectsHeaders],
  ['a server repeats bare values', repeatsBareValues],
  ['a server fails', json({ error_code: 'DCS.5000', error_msg: 'Internal service error.' }, 500)],
  ['a balancer answers in HTML', (_, response) => response.writeHead(502).end('<html>')],
  ['a redirect comes', (_, response) => response.writeHead(302, { Location: '/' }).end()],
  ['the body is no JSON', (_, response) => response.end(CANARIES.secretKey)],
  ['the body is too large', (_, response) => response.end('x'.repeat(2_000_000))],
  ['the connection breaks', (request) => request.socket.destroy()],
  [
    'the body is cut off',
    (request, response) => {
      response.writeHead(200, { 'Content-Length': '9' });
      response.write('{', () => request.socket.destroy());
    },
  ],
  ['no answer comes', () => undefined],
];

function expectNoSecret(error: unknown): void {
  expect(error).toBeInstanceOf(Error);
  const texts = textsOf(error);
  for (const canary of Object.values(CANARIES)) expect(texts).not.toContain(canary);
  expect(texts).not.toMatch(/SDK-HMAC-SHA256|Signature=|\[symbol: headers\]|ClientRequest/i);
}

describe.each([
  ['a reading', showInstance],
  ['the PUT', requestSwap],
] as const)('%s keeps the credentials to itself when', (_, call) => {
  it.each(ANSWERS)('%s', async (__, respond) => {
    const server = await startServer(respond);
    const client = clientOf(server.origin, { readTimeoutMs: 2_000, swapTimeoutMs: 2_000 });
    expectNoSecret(await rejectionOf(call(client)));
    expect(server.arrivals[0]?.headers.authorization).toContain(CANARIES.accessKey);
  });

  it('no one listens', async () => {
    expectNoSecret(await rejectionOf(call(clientOf(`http://127.0.0.1:${await findDeafPort()}`))));
  });

  it('the handshake does not end', async () => {
    const { port } = await startMuteServer();
    const limits = { readTimeoutMs: 100, connectTimeoutMs: 100 };
    expectNoSecret(await rejectionOf(call(clientOf(`https://127.0.0.1:${port}`, limits))));
  });

  it('a credential source fails with the credential in its error', async () => {
    const credentials = {
      description: 'careless',
      get: () => Promise.reject(new Error(`cannot parse ${CANARIES.secretKey}`)),
      refresh: () => Promise.resolve(),
    };
    const client = clientOf('http://127.0.0.1:9', { credentials });
    expectNoSecret(await rejectionOf(call(client)));
  });
});

describe('the credentials stay out of', () => {
  it('a PUT whose connection was closed before it', async () => {
    const server = await startServer(json({}));
    const swap = await clientOf(server.origin).openSwap(INSTANCE_ID, uncancelled());
    swap.close();
    expectNoSecret(await rejectionOf(swap.send()));
  });

  it('the complaint about a half pair', async () => {
    const source = environmentCredentials({ HUAWEICLOUD_SDK_SK: CANARIES.secretKey });
    const error = await rejectionOf(source.get());
    expect(error).toBeInstanceOf(DcsCredentialsError);
    expectNoSecret(error);
  });

  it('the complaint about a bad id', async () => {
    const error = await rejectionOf(
      clientOf('http://127.0.0.1:9').showInstance(`${INSTANCE_ID}/${CANARIES.secretKey}`, {
        signal: new AbortController().signal,
      }),
    );
    expectNoSecret(error);
  });
});

describe('what the gateway echoes is cut', () => {
  it('but its code and request id stay', async () => {
    const server = await startServer(echo);
    const error = await rejectionOf(requestSwap(clientOf(server.origin)));
    expect(error).toMatchObject({ status: 401, code: 'APIGW.0301', requestId: 'request-3' });
    expect((error as Error).message).toContain('verify aksk signature fail, [redacted]');
  });

  it('and the key that it names', async () => {
    const server = await startServer(unknownKey);
    const error = await rejectionOf(requestSwap(clientOf(server.origin)));
    expect((error as Error).message).toContain('ak:[redacted],err:ak not exist');
  });
});

/** Everything that a source may hold or be given, and no one may see. */
const MORE_CANARIES = {
  password: 'PASSWORDCANARY4711',
  token: 'IAMTOKENCANARY4711',
  workloadToken: 'WORKLOADCANARY4711',
  proxyPassword: 'PROXYCANARY4711',
  temporaryKey: 'TEMPORARYCANARY4711',
} as const;

function expectNoCanary(...texts: readonly string[]): void {
  const all = Object.values({ ...CANARIES, ...MORE_CANARIES });
  const encoded = all.map((canary) => Buffer.from(canary).toString('base64').slice(0, -4));
  for (const canary of [...all, ...encoded])
    for (const text of texts) expect(text).not.toContain(canary);
}

describe.each([
  ['a reading', showInstance],
  ['the PUT', requestSwap],
] as const)('a token stays out of the errors of %s when', (_, call) => {
  const credentials = {
    description: 'test',
    get: () => Promise.resolve({ kind: 'token', token: MORE_CANARIES.token } as const),
    refresh: () => Promise.resolve(),
  };

  it.each<[string, Respond]>([
    ['a server reflects the headers', reflectsHeaders],
    ['the gateway names it', json({ error_code: 'X.1', error_msg: MORE_CANARIES.token }, 401)],
    ['the body is no JSON', (__, response) => response.end(MORE_CANARIES.token)],
  ])('%s', async (__, respond) => {
    const server = await startServer(respond);
    const seen: string[] = [];
    const onExchange = (exchange: object) => seen.push(JSON.stringify(exchange));
    const client = clientOf(server.origin, { credentials, onExchange });
    expectNoCanary(textsOf(await rejectionOf(call(client))), ...seen);
    expect(seen).toHaveLength(1);
    expect(server.arrivals[0]?.headers['x-auth-token']).toBe(MORE_CANARIES.token);
  });
});

describe('the password of a proxy stays out of', () => {
  const withPassword = (origin: string): string =>
    origin.replace('http://', `http://user:${MORE_CANARIES.proxyPassword}@`);

  it.each([
    ['its refusals', 'HTTP/1.1 407 no\r\n\r\n'],
    [
      'what it repeats',
      `HTTP/1.1 403 ${MORE_CANARIES.proxyPassword}\r\nX: user:${MORE_CANARIES.proxyPassword}\r\n\r\n`,
    ],
    ['its silence', ''],
  ])('%s', async (_, answer) => {
    const proxy = await startProxy(answer);
    const client = clientOf('https://127.0.0.1:9', { proxyUrl: withPassword(proxy.origin) });
    for (const call of [showInstance, requestSwap])
      expectNoCanary(textsOf(await rejectionOf(call(client))));
    expect(proxy.asked[0]?.headers).toHaveProperty('proxy-authorization');
  });

  it('the complaint that it is down', async () => {
    const proxyUrl = withPassword(`http://127.0.0.1:${await findDeafPort()}`);
    const client = clientOf('https://127.0.0.1:9', { proxyUrl });
    for (const call of [showInstance, requestSwap])
      expectNoCanary(textsOf(await rejectionOf(call(client))));
  });

  it('the complaint that the setting is wrong', () => {
    for (const problem of ['https://', 'ftp://', '']) {
      const proxyUrl = `${problem}user:${MORE_CANARIES.proxyPassword}@host:1`;
      let error: unknown;
      try {
        clientOf('https://127.0.0.1:9', { proxyUrl });
      } catch (thrown) {
        error = thrown;
      }
      expect(error).toBeInstanceOf(Error);
      expectNoCanary(textsOf(error));
    }
  });
});

describe('what a credential source holds stays out of its errors and its description:', () => {
  let folder: string;
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'secrets-'));
  });
  afterEach(() => rm(folder, { recursive: true }));

  const env = { DCS_IAM_PASSWORD: MORE_CANARIES.password };

  async function expectDiscreet(settings: CredentialSettings): Promise<void> {
    const source = createCredentialSource(settings, { env });
    const error = await rejectionOf(source.get());
    expect(error).toBeInstanceOf(DcsCredentialsError);
    const again = await rejectionOf(source.get());
    expectNoCanary(source.description, inspect(source), textsOf(error), textsOf(again));
  }

  async function write(name: string, text: string): Promise<string> {
    const path = join(folder, name);
    await writeFile(path, text);
    return path;
  }

  it('files that cannot be used', async () => {
    const { accessKey, secretKey } = CANARIES;
    const accessKeyFile = await write('ak', accessKey);
    const secretKeyFile = await write('sk', `${secretKey}\n${secretKey}`);
    const securityTokenFile = null;
    await expectDiscreet({ source: 'files', accessKeyFile, secretKeyFile, securityTokenFile });
  });

  it('a token file that cannot be used', async () => {
    const { workloadToken } = MORE_CANARIES;
    const tokenFile = await write('token', `${workloadToken} ${workloadToken}`);
    const credentialsUri = 'http://127.0.0.1:9';
    await expectDiscreet({ source: 'pod-identity', credentialsUri, tokenFile });
  });

  it('a profile that cannot be used', async () => {
    const { accessKey, secretKey } = CANARIES;
    const file = await write('profile', `[basic]\nak=${accessKey} ${secretKey}\nsk=${secretKey}`);
    await expectDiscreet({ source: 'profile', file, section: 'basic' });
    await expectDiscreet({ source: 'profile', file, section: 'other' });
  });

  const refusals: readonly (readonly [string, Respond])[] = [
    [
      'repeats everything',
      (request, response) => {
        let text = JSON.stringify(request.headers);
        request.on('data', (chunk: Buffer) => (text += chunk.toString()));
        request.on('end', () => {
          json({ error: { code: 'IAM.0001', message: text } }, 401)(request, response);
        });
      },
    ],
    ['breaks off', (request) => request.socket.destroy()],
    [
      'issues half',
      json({ token: {}, credential: { access: MORE_CANARIES.temporaryKey } }, 200, {
        'X-Subject-Token': MORE_CANARIES.token,
      }),
    ],
    ['issues nonsense', (_, response) => response.end(MORE_CANARIES.temporaryKey)],
  ];

  it.each(refusals)('an authority that %s', async (_, respond) => {
    const { origin } = await startServer(respond);
    const password = await write('password', MORE_CANARIES.password);
    const profile = await write(
      'profile',
      `[basic]\nak=${CANARIES.accessKey}\nsk=${CANARIES.secretKey}\nsecurity_token=${CANARIES.securityToken}`,
    );
    const names = { userName: 'u', domainName: 'd', iamEndpoint: origin };
    const projectId = PROJECT_ID;
    for (const passwordFile of [null, password])
      await expectDiscreet({ source: 'iam-token', ...names, projectId, passwordFile });
    await expectDiscreet({ source: 'metadata', endpoint: origin });
    const tokenFile = await write('token', MORE_CANARIES.workloadToken);
    await expectDiscreet({ source: 'pod-identity', credentialsUri: origin, tokenFile });
    await expectDiscreet({ source: 'oidc', iamEndpoint: origin, idpId: 'k8s', tokenFile });
    await expectDiscreet({
      source: 'agency',
      base: { source: 'profile', file: profile, section: 'basic' },
      agencyName: 'a',
      ...names,
      durationSeconds: 900,
    });
  });
});
