/** The way to an endpoint, on loopback servers that fail at one stage each. */
import { mkdtemp, writeFile } from 'node:fs/promises';
import http from 'node:http';
import net from 'node:net';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';

import { afterEach, describe, expect, test } from '@jest/globals';

import { otherOrigin } from '../../src/config/index.js';
import type { ProjectConfig } from '../../src/config/index.js';
import { apiOf, checkReachable, issuersOf } from '../../src/doctor/network.js';
import { OPEN_POLICY } from '../../src/domain/policy.js';
import { json, makeCertificate, startServer, stopServers } from '../dcs/support.js';

const closers: (() => void)[] = [];
afterEach(async () => {
  await stopServers();
  for (const close of closers.splice(0)) close();
});

const api = (endpoint: string) => {
  const project: ProjectConfig = {
    projectId: 'p',
    region: 'eu-west-101',
    endpoint,
    stsEndpoint: null,
    taskUserName: null,
    nodeIdentity: 'node-id',
    jobTimes: null,
    credentials: { source: 'environment' },
    maxReadsPerSecond: null,
    dataPlane: [],
    policy: OPEN_POLICY,
  };
  return apiOf(project);
};

const DIRECT = { proxyUrl: null, caFile: null };

const listen = (server: net.Server): Promise<number> =>
  new Promise((resolve) => {
    server.listen(0, '127.0.0.1', () => {
      closers.push(() => server.close());
      resolve((server.address() as AddressInfo).port);
    });
  });

/** A proxy that answers every CONNECT with a status; 200 opens the tunnel. */
async function startProxy(status: number) {
  const seen: { target: string | undefined; authorization: string | undefined }[] = [];
  const server = http.createServer();
  server.on('connect', (request: http.IncomingMessage, client: net.Socket) => {
    seen.push({ target: request.url, authorization: request.headers['proxy-authorization'] });
    client.on('error', () => undefined);
    if (status !== 200) {
      client.end(`HTTP/1.1 ${status} No\r\nContent-Length: 0\r\n\r\n`);
      return;
    }
    const port = Number(request.url?.split(':')[1]);
    const upstream = net.connect(port, '127.0.0.1', () => {
      client.write('HTTP/1.1 200 OK\r\n\r\n');
      client.pipe(upstream).pipe(client);
    });
    upstream.on('error', () => client.destroy());
  });
  return { port: await listen(server), seen };
}

const accept = json({});

describe('a host on which sources disagree', () => {
  const dcsCom = 'https://dcs.eu-west-101.myhuaweicloud.com';
  const dcsEu = 'https://dcs.eu-west-101.myhuaweicloud.eu';

  test.each([
    [dcsCom, dcsEu],
    [dcsEu, dcsCom],
    ['https://iam.eu-west-101.myhuaweicloud.eu', 'https://iam.eu-west-101.myhuaweicloud.com'],
    ['https://dcs.ap-southeast-1.myhuaweicloud.com', null],
    ['https://dcs.eu-west-101.example.com', null],
    ['https://dcs.eu-west-101.myhuaweicloud.com.example.com', null],
    ['http://127.0.0.1:8080', null],
  ])('%s has the other one %s', (url, other) => {
    expect(otherOrigin(url)).toBe(other);
  });

  test('is named with the other one where it has no address', async () => {
    // A region that does not exist has no address anywhere.
    const url = 'https://dcs.eu-west-199.myhuaweicloud.com';
    const { status, fix } = await checkReachable(api(url), DIRECT);
    expect(status).toBe('fail');
    expect(fix).toContain('try DCS_ENDPOINT=https://dcs.eu-west-199.myhuaweicloud.eu');
  });
});

describe('an endpoint', () => {
  test('that answers in plain text, on loopback', async () => {
    const { origin } = await startServer(accept);
    const finding = await checkReachable(api(origin), DIRECT);
    expect(finding).toMatchObject({ status: 'ok', id: 'endpoint' });
    expect(finding.found).toContain('region eu-west-101');
    expect(finding.found).toContain('plain text');
  });

  test('whose name does not exist', async () => {
    const finding = await checkReachable(api('https://dcs.nowhere.invalid'), DIRECT);
    expect(finding).toMatchObject({ status: 'fail', kind: 'unreachable' });
    expect(finding.found).toContain('DNS failed');
    expect(finding.fix).toContain('DCS_REGION or DCS_ENDPOINT');
  });

  test('where no one listens', async () => {
    const finding = await checkReachable(api('https://127.0.0.1:1'), DIRECT);
    expect(finding.found).toContain('TCP failed (ECONNREFUSED)');
    expect(finding.fix).toContain('127.0.0.1, TCP port 1');
  });

  test('whose certificate no one vouches for', async () => {
    const { origin } = await startServer(accept, makeCertificate());
    const finding = await checkReachable(api(origin), DIRECT);
    expect(finding.found).toContain('TLS failed');
    expect(finding.fix).toContain('DCS_CA_FILE');
  });

  test('whose authority is named', async () => {
    const certificate = makeCertificate();
    const { origin } = await startServer(accept, certificate);
    const caFile = path.join(await mkdtemp(path.join(tmpdir(), 'ca-')), 'ca.pem');
    await writeFile(caFile, certificate.cert);
    const finding = await checkReachable(api(origin), { proxyUrl: null, caFile });
    expect(finding).toMatchObject({ status: 'ok' });
    expect(finding.found).toContain('TLSv1.3');
  });

  test('whose certificate is of another name', async () => {
    const certificate = makeCertificate('127.0.0.2');
    const { origin } = await startServer(accept, certificate);
    const caFile = path.join(await mkdtemp(path.join(tmpdir(), 'ca-')), 'ca.pem');
    await writeFile(caFile, certificate.cert);
    const finding = await checkReachable(api(origin), { proxyUrl: null, caFile });
    expect(finding.fix).toContain('The certificate is not of 127.0.0.1');
  });

  test('that accepts connections and stays silent', async () => {
    const port = await listen(net.createServer((socket) => socket.on('error', () => undefined)));
    const finding = await checkReachable(api(`https://127.0.0.1:${port}`), DIRECT);
    expect(finding.found).toContain('TLS failed (ETIMEDOUT)');
  });
});

describe('a proxy', () => {
  const secret = 'canary-password';
  const through = (port: number) => ({
    proxyUrl: `http://alice:${secret}@127.0.0.1:${port}`,
    caFile: null,
  });

  test('is used for https, with its password, which is never reported', async () => {
    const { origin } = await startServer(accept, makeCertificate());
    const proxy = await startProxy(200);
    const finding = await checkReachable(api(origin), through(proxy.port));
    expect(finding.found).toContain(`through the proxy 127.0.0.1:${proxy.port}`);
    // As far as the endpoint itself, whose certificate no one vouches for.
    expect(finding.found).toContain('TLS failed');
    expect(JSON.stringify(finding)).not.toContain(secret);
    const [first] = proxy.seen;
    expect(first?.target).toBe(new URL(origin).host);
    const basic = first?.authorization?.replace('Basic ', '') ?? '';
    expect(Buffer.from(basic, 'base64').toString()).toBe(`alice:${secret}`);
  });

  test.each([
    [407, 'user and password in DCS_HTTPS_PROXY'],
    [403, 'allow CONNECT to dcs.example.com:443'],
  ])('that answers %i', async (status, fix) => {
    const proxy = await startProxy(status);
    const finding = await checkReachable(api('https://dcs.example.com'), through(proxy.port));
    expect(finding.found).toContain(`proxy failed (status ${status})`);
    expect(finding.fix).toContain(fix);
  });

  test('that is not there', async () => {
    const finding = await checkReachable(api('https://dcs.example.com'), through(1));
    expect(finding.found).toContain('proxy failed (ECONNREFUSED)');
  });

  test('is not used for plain text on loopback, nor for the metadata service', async () => {
    const { origin } = await startServer(accept);
    expect((await checkReachable(api(origin), through(1))).status).toBe('ok');
    const [metadata] = issuersOf({ source: 'metadata', endpoint: origin });
    if (metadata === undefined) throw new Error('no issuer');
    expect(await checkReachable(metadata, through(1))).toMatchObject({
      status: 'ok',
      id: 'credential-issuer',
    });
  });
});

test('an agency needs its own IAM endpoint and whatever its base needs', () => {
  const iamEndpoint = 'https://iam.example.com';
  const issuers = issuersOf({
    source: 'agency',
    base: { source: 'metadata', endpoint: 'http://169.254.169.254' },
    agencyName: 'a',
    domainName: 'd',
    iamEndpoint,
    durationSeconds: 900,
  });
  expect(issuers.map(({ url }) => url)).toEqual(['http://169.254.169.254', iamEndpoint]);
  expect(
    issuersOf({ source: 'files', accessKeyFile: 'a', secretKeyFile: 's', securityTokenFile: null }),
  ).toEqual([]);
});

test('an ID token needs IAM, and a pod identity the agent of its node, past the proxy', () => {
  const [iamEndpoint, credentialsUri] = ['https://iam.example.com', 'http://169.254.170.23/v1'];
  const tokenFile = '/run/token';
  expect(issuersOf({ source: 'oidc', iamEndpoint, idpId: 'k8s', tokenFile })).toMatchObject([
    { url: iamEndpoint, mayBeProxied: true },
  ]);
  expect(issuersOf({ source: 'pod-identity', credentialsUri, tokenFile })).toMatchObject([
    { url: credentialsUri, mayBeProxied: false },
  ]);
});
