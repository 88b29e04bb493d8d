/** No error of the client carries a credential or a header, however it is printed. */
import { afterEach, describe, expect, it } from '@jest/globals';

import { DcsCredentialsError, environmentCredentials } from '../../src/dcs/index.js';

import {
  CANARIES,
  INSTANCE_ID,
  clientOf,
  findDeafPort,
  json,
  rejectionOf,
  requestSwap,
  showInstance,
  startMuteServer,
  startServer,
  stopServers,
  textsOf,
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

/** No word beside the values tells what they are. */
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
    const client = clientOf(server.origin, { readTimeoutMs: 200, swapTimeoutMs: 200 });
    expectNoSecret(await rejectionOf(call(client)));
    expect(server.arrivals[0]?.headers.authorization).toContain(CANARIES.accessKey);
  });

  it('nobody listens', async () => {
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
  it('a PUT that was declined', async () => {
    const server = await startServer(json({}));
    expectNoSecret(await rejectionOf(requestSwap(clientOf(server.origin), () => false)));
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
