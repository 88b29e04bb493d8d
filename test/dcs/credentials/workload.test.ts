/** Keys for a workload that shows a token from a file, over real sockets. */
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { afterEach, beforeEach, describe, expect, it, jest } from '@jest/globals';

import { DcsConfigurationError, createCredentialSource } from '../../../src/dcs/index.js';
import type { CredentialSource } from '../../../src/dcs/index.js';
import { waitUntil } from '../../../src/simulator/basics.js';
import { json, startProxy, startServer, stopServers } from '../support.js';
import type { Respond } from '../support.js';
import { KEY_1, complaintOf, inHours, noting } from './support.js';

let folder: string;
let tokenFile: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'workload-'));
  tokenFile = join(folder, 'token');
  await writeFile(tokenFile, 'header.first.signature\n');
});
afterEach(async () => {
  await stopServers();
  await rm(folder, { recursive: true });
});

async function secretComplaintOf(source: CredentialSource): Promise<string> {
  const complaint = await complaintOf(source);
  expect(complaint).not.toMatch(/first|iam-token-1|sk-1/);
  return complaint;
}

/** Repeats the whole request in its refusal. */
const repeats: Respond = (request, response) => {
  let text = JSON.stringify(request.headers);
  request.on('data', (chunk: Buffer) => (text += chunk.toString()));
  request.on('end', () => {
    json({ error: { code: 401, message: text } }, 401)(request, response);
  });
};

describe('the key of a pod identity', () => {
  const answer = (expiration = inHours(6)) => ({
    assumedAgency: { urn: '', id: '' },
    credentials: {
      accessKeyId: 'ak-1',
      secretAccessKey: 'sk-1',
      securityToken: 'st-1',
      expiration,
    },
  });

  const podIdentity = (credentialsUri: string, options: object = {}): CredentialSource =>
    createCredentialSource(
      { source: 'pod-identity', credentialsUri, tokenFile },
      { env: {}, ...options },
    );

  it('is asked for with the token of the service account, and kept', async () => {
    const bodies: string[] = [];
    const server = await startServer(noting(bodies, String, json(answer())));
    const source = podIdentity(`${server.origin}/v1/credentials`);
    expect(await source.get()).toStrictEqual(KEY_1);
    await source.get();
    expect(bodies).toEqual(['{}']);
    expect(server.arrivals).toMatchObject([
      {
        method: 'POST',
        url: '/v1/credentials',
        headers: {
          authorization: 'header.first.signature',
          'content-type': 'application/json',
        },
      },
    ]);
    expect(source.description).toBe(
      `pod identity from ${server.origin}/v1/credentials, token file ${tokenFile}`,
    );
  });

  it('is renewed in the background with the token that the file holds then', async () => {
    const clock = jest.spyOn(Date, 'now');
    const server = await startServer(json(answer(inHours(1))));
    const source = podIdentity(`${server.origin}/v1/credentials`);
    await source.get();
    await writeFile(tokenFile, 'header.second.signature');
    // At half of its life, as every issued credential of less than 80 min.
    clock.mockReturnValue(Date.now() + 40 * 60_000);
    expect(await source.get()).toStrictEqual(KEY_1);
    clock.mockRestore();
    await waitUntil('the second answer', 60_000, () =>
      Promise.resolve(server.arrivals.length === 2),
    );
    expect(server.arrivals[1]?.headers.authorization).toBe('header.second.signature');
  });

  it('is asked for directly, whatever the proxy', async () => {
    const server = await startServer(json(answer()));
    const proxy = await startProxy();
    await podIdentity(`${server.origin}/x`, { proxyUrl: proxy.origin }).get();
    expect(proxy.asked).toHaveLength(0);
  });

  it.each<[string, Respond, string]>([
    ['the service account has no agency', json({}, 404), 'in the CCE console'],
    ['the agency may not be used', json({}, 403), 'associate this pod'],
    ['the token is refused and repeated', repeats, 'is not accepted'],
    ['it redirects', (_, response) => response.writeHead(302, { Location: '/' }).end(), '302'],
    ['the key is of IAM', json({ credential: { access: 'ak-1' } }), 'a usable credentials'],
    ['the key is incomplete', json({ credentials: { accessKeyId: 'a' } }), 'secretAccessKey in'],
    ['it has ended', json(answer(inHours(-1))), 'has expired'],
    ['it says no end', json(answer('soon')), 'a usable expiration'],
    ['the connection breaks', (request) => request.socket.destroy(), 'did not answer'],
  ])('is refused as text when %s', async (_, respond, words) => {
    const server = await startServer(respond);
    const complaint = await secretComplaintOf(podIdentity(`${server.origin}/v1/credentials`));
    expect(complaint).toContain(words);
    expect(complaint).toContain(`The pod identity agent ${server.origin}`);
    expect(server.arrivals).toHaveLength(1);
  });

  it('is not asked for again at once after a refusal', async () => {
    const server = await startServer(json({}, 403));
    const source = podIdentity(`${server.origin}/v1/credentials`);
    await secretComplaintOf(source);
    expect(await secretComplaintOf(source)).toMatch(/Asked again in \d+ s at the earliest/);
    expect(server.arrivals).toHaveLength(1);
  });

  it('is not asked for without a token in its file', async () => {
    await writeFile(tokenFile, '\n');
    const source = podIdentity('http://127.0.0.1:9');
    expect(await secretComplaintOf(source)).toBe(`Token file ${tokenFile} is empty or missing.`);
    await rm(tokenFile);
    expect(await secretComplaintOf(podIdentity('http://127.0.0.1:9'))).toContain('does not exist');
  });

  it.each(['https://agent.example.com/v1/credentials', 'http://169.254.170.23/v1/credentials'])(
    'may be asked for at %s',
    (uri) => {
      expect(podIdentity(uri).description).toContain(uri);
    },
  );

  it.each([
    ['another host in plain text', 'http://agent.example.com/v1/credentials'],
    ['an address beyond the node', 'http://169.253.1.1/v1/credentials'],
    ['a name that begins like an address', 'http://169.254.1.1.example.com/'],
    ['a user', 'https://user:word@agent.example.com/'],
    ['a query', 'https://agent.example.com/?token=x'],
    ['no URL', 'agent'],
    ['another protocol', 'file:///etc/passwd'],
  ])('is not asked for at %s', (_, uri) => {
    expect(() => podIdentity(uri)).toThrow(DcsConfigurationError);
  });
});

describe('the key for an ID token', () => {
  const credential = {
    access: 'ak-1',
    secret: 'sk-1',
    securitytoken: 'st-1',
    expires_at: inHours(6),
  };

  const exchange = (login: Respond, key: Respond): Respond => {
    return (request, response) => {
      (request.url?.endsWith('id-token/tokens') ? login : key)(request, response);
    };
  };
  const login = json({ token: {} }, 201, { 'X-Subject-Token': 'iam-token-1' });

  const oidc = (iamEndpoint: string, idpId = 'k8s'): CredentialSource =>
    createCredentialSource({ source: 'oidc', iamEndpoint, idpId, tokenFile }, { env: {} });

  it('is exchanged by way of a token of IAM', async () => {
    const bodies: string[] = [];
    const server = await startServer(
      noting(bodies, String, exchange(login, json({ credential }, 201))),
    );
    const source = oidc(server.origin);
    expect(await source.get()).toStrictEqual(KEY_1);
    expect(server.arrivals).toMatchObject([
      {
        method: 'POST',
        url: '/v3.0/OS-AUTH/id-token/tokens',
        headers: { 'x-idp-id': 'k8s' },
      },
      { method: 'POST', url: '/v3.0/OS-CREDENTIAL/securitytokens' },
    ]);
    expect(bodies.map((body) => JSON.parse(body) as unknown)).toStrictEqual([
      { auth: { id_token: { id: 'header.first.signature' } } },
      {
        auth: {
          identity: { methods: ['token'], token: { id: 'iam-token-1', duration_seconds: 21_600 } },
        },
      },
    ]);
    expect(source.description).toBe(
      `identity provider k8s of IAM at ${server.origin}, ID token from ${tokenFile}`,
    );
  });

  it.each<[string, Respond, Respond, string]>([
    ['the token has expired and is repeated', repeats, json({}), 'the ID token has expired'],
    ['the provider is unknown', json({}, 404), json({}), 'no such identity provider'],
    ['no rule admits it', json({}, 403), json({}), 'no conversion rule'],
    ['IAM gives no token', json({}, 201), json({}), 'X-Subject-Token in the answer'],
    ['its own token is refused and repeated', login, repeats, 'refused (401'],
    ['the key is incomplete', login, json({ credential: { access: 'a' } }), 'secret in the answer'],
    ['it is overloaded', login, json({}, 503), 'refused (503)'],
  ])('is refused as text when %s', async (_, first, second, words) => {
    const server = await startServer(exchange(first, second));
    const complaint = await secretComplaintOf(oidc(server.origin));
    expect(complaint).toContain(words);
    expect(complaint).toContain(`IAM at ${server.origin}`);
  });

  it.each([
    ['plain text', 'http://iam.example.com', 'k8s'],
    ['a name that is no header', 'https://iam.example.com', 'k8s\r\nX-Other: x'],
    ['no name', 'https://iam.example.com', ''],
  ])('is not asked for with %s', (_, endpoint, idpId) => {
    expect(() => oidc(endpoint, idpId)).toThrow(DcsConfigurationError);
  });
});
