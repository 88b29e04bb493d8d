/** Webhook, codec server and DCS are reached directly, whatever the environment reports Node of proxies. */
import { execFile } from 'node:child_process';
import { createServer } from 'node:http';
import type { RequestListener } from 'node:http';
import type { AddressInfo } from 'node:net';
import path from 'node:path';
import { promisify } from 'node:util';

import { afterEach, describe, expect, test } from '@jest/globals';

const ROOT = path.join(__dirname, '../..');

const ID = '5560df16-cebf-4473-95c4-d1b573c16e79';

const PROJECT = '0123456789abcdef0123456789abcdef';

const closers: (() => void)[] = [];
afterEach(() => {
  for (const close of closers.splice(0)) close();
});

async function serve(listener: RequestListener): Promise<string> {
  const server = createServer(listener);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  closers.push(() => {
    server.closeAllConnections();
    server.close();
  });
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

/**
 * In a process of its own, for Node reads the variable once. Node 20 does not know it: there the second half of the
 * trap stands for it, a `fetch` and global agents of which nothing gets out.
 */
async function runBehindProxy(script: string): Promise<{ seen: string; viaProxy: number }> {
  let viaProxy = 0;
  const trap = await serve((_, response) => {
    viaProxy += 1;
    response.writeHead(502).end();
  });
  const trapped = `
    const closed = () => { throw new Error('not directly'); };
    globalThis.fetch = closed;
    require('node:http').globalAgent.createConnection = closed;
    require('node:https').globalAgent.createConnection = closed;
    (async () => { ${script} })().catch((error) => { console.log(String(error)); process.exitCode = 1; });`;
  const env = {
    ...process.env,
    ...{ NODE_USE_ENV_PROXY: '1', HTTP_PROXY: trap, HTTPS_PROXY: trap, http_proxy: trap },
    ...{ https_proxy: trap, NO_PROXY: '', no_proxy: '' },
  };
  const { stdout } = await promisify(execFile)(process.execPath, ['-e', trapped], {
    cwd: ROOT,
    env,
  });
  return { seen: stdout.trim(), viaProxy };
}

describe('with NODE_USE_ENV_PROXY and a proxy that lets nothing through', () => {
  test('an event reaches the webhook, and the proxy sees nothing', async () => {
    const bodies: string[] = [];
    const url = await serve((request, response) => {
      request.on('data', (chunk: Buffer) => bodies.push(chunk.toString()));
      request.on('end', () => response.writeHead(204).end());
    });
    const { seen, viaProxy } = await runBehindProxy(`
      const { createPost } = require('./dist/notifications/post.js');
      const post = createPost({ url: '${url}/token', format: 'cloudevents', readKeys: async () => [Buffer.alloc(24)], userAgent: 'test' });
      const verdict = await post({ id: 'run:0', data: {} }, new AbortController().signal);
      console.log(JSON.stringify(verdict));`);
    expect(JSON.parse(seen)).toEqual({ kind: 'delivered' });
    expect({ bodies, viaProxy }).toEqual({ bodies: ['{"id":"run:0","data":{}}'], viaProxy: 0 });
  });

  test('payloads reach the codec server, and the proxy sees nothing', async () => {
    const url = await serve((request, response) => {
      request.pipe(response);
    });
    const { seen, viaProxy } = await runBehindProxy(`
      const { createRemoteCodec } = require('./dist/temporal/remote-codec.js');
      const codec = createRemoteCodec({ endpoint: '${url}', auth: null }, 'ops');
      const [payload] = await codec.encode([{ metadata: {}, data: Buffer.from('canary') }]);
      console.log(Buffer.from(payload.data).toString());`);
    expect({ seen, viaProxy }).toEqual({ seen: 'canary', viaProxy: 0 });
  });

  test('readings reach DCS, and the proxy sees nothing', async () => {
    const asked: (string | undefined)[] = [];
    const url = await serve(({ url: at }, response) => {
      asked.push(at);
      response.writeHead(404, { 'content-type': 'application/json' }).end('{}');
    });
    const { seen, viaProxy } = await runBehindProxy(`
      const { createDcsClient } = require('./dist/dcs/index.js');
      const key = { kind: 'access-key', accessKey: 'a', secretKey: 'b', securityToken: null };
      const credentials = { description: 'test', get: async () => key, refresh: async () => undefined };
      const dcs = createDcsClient({ endpoint: '${url}', projectId: '${PROJECT}', credentials });
      await dcs.showInstance('${ID}', { signal: new AbortController().signal }).catch(({ status }) => console.log(status));
      process.exit(0);`);
    expect({ seen, asked, viaProxy }).toEqual({
      ...{ seen: '404', viaProxy: 0 },
      asked: [`/v2/${PROJECT}/instances/${ID}`],
    });
  });
});
