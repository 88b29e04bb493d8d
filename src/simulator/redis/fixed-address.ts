import { once } from 'node:events';
import { connect, createServer } from 'node:net';
import type { AddressInfo, Socket } from 'node:net';
import { createSecureContext, TLSSocket } from 'node:tls';

import type { RedisAccess } from './access.js';
import { LOOPBACK } from './command.js';
import { rewriteLogins } from './login.js';

/** A TCP address that outlives role changes, like the address of a DCS instance. */
export interface FixedAddress {
  /** `host:port`. */
  readonly address: string;
  /** Leads new connections to another port and drops the existing ones, as the service does. */
  leadTo(port: number): void;
  close(): Promise<void>;
}

/**
 * Opens an address that leads to `port`. TLS ends here, whichever Redis is behind; so does the login that none knows.
 *
 * @throws Error when key and certificate are none
 */
export async function openFixedAddress(port: number, access: RedisAccess): Promise<FixedAddress> {
  let target = port;
  const sockets = new Set<Socket>();
  const dropAll = (): void => {
    for (const socket of sockets) socket.destroy();
  };
  const secureContext = access.tls === null ? null : createSecureContext({ ...access.tls });
  const server = createServer((socket) => {
    const caller =
      secureContext === null ? socket : new TLSSocket(socket, { isServer: true, secureContext });
    join(caller, connect(target, LOOPBACK), access, sockets);
  });
  server.listen(0, LOOPBACK);
  await once(server, 'listening');
  return {
    address: `${LOOPBACK}:${(server.address() as AddressInfo).port}`,
    leadTo: (next) => {
      target = next;
      dropAll();
    },
    close: async () => {
      if (!server.listening) return;
      const closed = once(server, 'close');
      server.close();
      dropAll();
      await closed;
    },
  };
}

/** Joins two connections; the end of one is the end of the other. */
function join(caller: Socket, redis: Socket, access: RedisAccess, sockets: Set<Socket>): void {
  for (const [socket, other] of [
    [caller, redis],
    [redis, caller],
  ] as const) {
    sockets.add(socket);
    socket.setNoDelay(true);
    // `close` follows every `error`, and says all there is to say.
    socket.on('error', () => undefined);
    socket.on('close', () => {
      sockets.delete(socket);
      other.destroy();
    });
  }
  redis.pipe(caller);
  const asksFor = access.login === 'acl' ? caller : caller.pipe(rewriteLogins(access.users));
  asksFor.pipe(redis);
}
