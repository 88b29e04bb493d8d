import { once } from 'node:events';
import { connect, createServer } from 'node:net';
import type { AddressInfo, Socket } from 'node:net';
import { createSecureContext, TLSSocket } from 'node:tls';
import type { SecureContext } from 'node:tls';

import { waitUntil } from '../basics.js';

import type { RedisAccess } from './access.js';
import { LOOPBACK } from './command.js';
import { rewriteLogins } from './login.js';
import type { OldConnections } from './script.js';

/** A TCP address that outlives role changes, like the address of a DCS instance. */
export interface FixedAddress {
  /** `host:port`. */
  readonly address: string;
  /** Leads new connections to another port; nothing happens where they are led there already. */
  leadTo(port: number, old: OldConnections): void;
  /** Until {@link FixedAddress.resume} nothing is answered, and nothing is reset. */
  fallSilent(): void;
  resume(): void;
  /** Until {@link FixedAddress.listen} connections are refused, and there are none. */
  refuse(): Promise<void>;
  listen(): Promise<void>;
  close(): Promise<void>;
}

/** For how long someone else may have the port that the address had given up. */
const LISTEN_TIMEOUT_MS = 20_000;

/**
 * Opens an address that leads to `port`. TLS ends here, whichever Redis is behind; so does the login that none knows.
 *
 * @throws Error when key and certificate are none
 */
export async function openFixedAddress(port: number, access: RedisAccess): Promise<FixedAddress> {
  let target = port;
  let isSilent = false;
  const links = new Set<Link>();
  const secureContext = access.tls === null ? null : createSecureContext({ ...access.tls });
  // Not even TLS is answered before a connection flows.
  const server = createServer({ pauseOnConnect: true }, (socket) => {
    const link = openLink(socket, { secureContext, access, target: () => target });
    links.add(link);
    socket.on('close', () => links.delete(link));
    if (!isSilent) link.flow();
  });
  const listen = async (at: number): Promise<number> => {
    server.listen(at, LOOPBACK);
    await once(server, 'listening');
    return (server.address() as AddressInfo).port;
  };
  const own = await listen(0);
  const refuse = async (): Promise<void> => {
    if (!server.listening) return;
    const closed = once(server, 'close');
    server.close();
    for (const link of links) link.drop();
    await closed;
  };
  return {
    address: `${LOOPBACK}:${own}`,
    leadTo: (next, old) => {
      if (next === target) return;
      target = next;
      for (const link of links) if (old !== 'kept') link[old === 'dropped' ? 'drop' : 'mute']();
    },
    fallSilent: () => {
      isSilent = true;
      for (const link of links) link.pause();
    },
    resume: () => {
      isSilent = false;
      for (const link of links) link.flow();
    },
    refuse,
    listen: () => waitUntil('The address', LISTEN_TIMEOUT_MS, async () => (await listen(own)) > 0),
    close: refuse,
  };
}

/** A caller's connection, joined to one to Redis while it flows. */
interface Link {
  flow(): void;
  pause(): void;
  /** Pauses for ever. */
  mute(): void;
  drop(): void;
}

interface LinkParts {
  readonly secureContext: SecureContext | null;
  readonly access: RedisAccess;
  /** Where it leads once it flows for the first time. */
  readonly target: () => number;
}

function openLink(socket: Socket, { secureContext, access, target }: LinkParts): Link {
  const login = access.login === 'acl' ? null : rewriteLogins(access.users);
  let ends: { readonly caller: Socket; readonly redis: Socket } | null = null;
  let isMute = false;
  const pause = (): void => {
    for (const end of [ends?.redis, ends?.caller, login]) end?.unpipe();
  };
  // `close` follows every `error`, and says all there is to say.
  socket.on('error', () => undefined);
  socket.setNoDelay(true);
  return {
    flow: () => {
      if (isMute) return;
      ends ??= join(socket, secureContext, target());
      ends.redis.pipe(ends.caller);
      (login === null ? ends.caller : ends.caller.pipe(login)).pipe(ends.redis);
    },
    pause,
    mute: () => {
      pause();
      isMute = true;
    },
    drop: () => {
      ends?.caller.destroy();
      socket.destroy();
    },
  };
}

/** Opens the connection to Redis; the end of one is the end of the other. */
function join(socket: Socket, secureContext: SecureContext | null, port: number) {
  const caller =
    secureContext === null ? socket : new TLSSocket(socket, { isServer: true, secureContext });
  const redis = connect(port, LOOPBACK);
  redis.setNoDelay(true);
  for (const end of [caller, redis]) end.on('error', () => undefined);
  redis.on('close', () => caller.destroy());
  caller.on('close', () => {
    redis.destroy();
    socket.destroy();
  });
  return { caller, redis };
}
