/** A real Redis, and servers that are none, on loopback. */
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import net from 'node:net';
import type { AddressInfo, Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import tls from 'node:tls';

import { openAddress } from '../../bench/probe/address.js';
import type { Address } from '../../bench/probe/address.js';
import type { DataPlaneAccess } from '../../src/data-plane/index.js';
import { resolveRedisServer } from '../../src/dev/index.js';
import { resolveAccess } from '../../src/simulator/redis/access.js';
import { LOOPBACK, redisCommand } from '../../src/simulator/redis/command.js';
import { startRedisServer } from '../../src/simulator/redis/server-process.js';
import { makeCertificate } from '../support/certificate.js';

export { LOOPBACK };

const cleanups: (() => Promise<void> | void)[] = [];

/** Ends all that was started; for `afterEach`. */
export async function stopAll(): Promise<void> {
  for (const cleanUp of cleanups.splice(0).reverse()) await cleanUp();
}

/** Plain text, default user, no login, unless given. */
export const accessTo = (port: number, more: Partial<DataPlaneAccess> = {}): DataPlaneAccess => ({
  host: LOOPBACK,
  port,
  username: null,
  password: null,
  login: 'acl',
  tls: null,
  ...more,
});

export interface TestRedis {
  readonly port: number;
  readonly command: (...words: string[]) => Promise<unknown>;
}

/** A real server, without password. */
export async function startRedis(): Promise<TestRedis> {
  const part = await resolveRedisServer();
  if (part === null) throw new Error('These tests need a redis-server.');
  const folder = mkdtempSync(join(tmpdir(), 'data-plane-'));
  const end = new AbortController();
  const { port, gone } = await startRedisServer({
    ...{ path: part.path, directory: join(folder, 'r'), signal: end.signal },
    access: resolveAccess({}, '7.0'),
  });
  cleanups.push(async () => {
    end.abort();
    await gone;
    rmSync(folder, { recursive: true, force: true });
  });
  return { port, command: (...words) => redisCommand(port, ...words) };
}

/** An address in front of a server, as an instance has. */
export async function startAddress(port: number): Promise<Address> {
  const address = await openAddress(port);
  cleanups.push(address.close);
  return address;
}

/** A server that does with each connection what a test wants. @returns its port */
export async function startServer(onConnection: (socket: Socket) => void): Promise<number> {
  return listen(net.createServer(onConnection));
}

/** Which command was sent, as RESP writes it: its first word stands on the third line. */
export function commandName(sent: Buffer): string {
  return String(sent).split('\r\n')[2] ?? '';
}

async function listen(server: net.Server): Promise<number> {
  const sockets = new Set<Socket>();
  server.on('connection', (socket: Socket) => {
    sockets.add(socket);
    socket.on('error', () => undefined);
  });
  server.listen(0, LOOPBACK);
  await once(server, 'listening');
  cleanups.push(async () => {
    const closed = once(server, 'close');
    server.close();
    for (const socket of sockets) socket.destroy();
    await closed;
  });
  return (server.address() as AddressInfo).port;
}

/** TLS in front of a port, by a certificate for one name. */
export async function startTls(
  port: number,
  name: string,
): Promise<{ readonly port: number; readonly ca: string }> {
  const certificate = makeCertificate(name);
  const server = tls.createServer(certificate, (socket) => {
    const redis = net.connect(port, LOOPBACK);
    socket.pipe(redis).pipe(socket);
    socket.on('error', () => redis.destroy());
    redis.on('error', () => socket.destroy());
  });
  return { port: await listen(server), ca: certificate.cert };
}
