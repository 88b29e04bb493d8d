import net from 'node:net';
import tls from 'node:tls';

import { openTunnel } from './tunnel.js';
import type { Way } from './way.js';

/** What Node's agents say of a connection that they want. */
export type ConnectTarget = tls.ConnectionOptions & net.NetConnectOpts;

/** A connection that stands. */
export interface Connection {
  /** What a request is written to. */
  readonly socket: net.Socket;
  /**
   * Ends it so that what has not been delivered never is: a closed connection goes on resending for a
   * minute or more. What a proxy has taken in is out of reach.
   */
  readonly breakOff: () => void;
}

/**
 * Opens one connection, ready for a request: TLS included, through the proxy where there is one. It has
 * carried no byte of a request. The signal ends the attempt.
 */
export type Connect = (target: ConnectTarget, signal: AbortSignal) => Promise<Connection>;

/** The opener of connections by a way. */
export function createConnect({ isTls, proxy, secureContext }: Way): Connect {
  return async (target, signal) => {
    const trusting = { ...target, ...(secureContext === undefined ? {} : { secureContext }) };
    if (isTls && proxy !== null) {
      const tunnel = await openTunnel(proxy, { ...trusting, ...placeOf(target) }, signal);
      const socket = await established(tunnel, 'secureConnect', signal);
      return { socket, breakOff: () => socket.destroy() };
    }
    const below = await established(net.connect(target), 'connect', signal);
    const breakOff = (): void => {
      below.resetAndDestroy();
    };
    if (!isTls) return { socket: below, breakOff };
    const above = tls.connect({ ...trusting, socket: below });
    return { socket: await established(above, 'secureConnect', signal), breakOff };
  };
}

/** What to connect to for an origin, as Node's agents would say it. */
export function targetOf({ protocol, hostname, port }: URL): ConnectTarget {
  const host = hostname.replace(/^\[|\]$/g, '');
  return {
    host,
    port: Number(port) || (protocol === 'https:' ? 443 : 80),
    noDelay: true,
    // An address is no name that a server could be asked for.
    servername: net.isIP(host) === 0 ? host : '',
  };
}

/** The system's word for why no connection came about. */
export function systemWordOf(error: unknown): string {
  const { code } = Object(error) as { readonly code?: unknown };
  return typeof code === 'string' ? code : 'unknown reason';
}

function placeOf(target: ConnectTarget): { host: string; port: number } {
  const { host = '', port = 443 } = target as tls.ConnectionOptions;
  return { host, port };
}

function established(
  socket: net.Socket,
  event: 'connect' | 'secureConnect',
  signal: AbortSignal,
): Promise<net.Socket> {
  return new Promise((resolve, reject) => {
    const stop = (): void => {
      socket.destroy(new Error('given up'));
    };
    // Stays for good: between here and the HTTP layer's own listener an error must not end the process.
    socket.on('error', reject);
    socket.once('close', () => {
      signal.removeEventListener('abort', stop);
      reject(new Error('closed'));
    });
    socket.once(event, () => {
      signal.removeEventListener('abort', stop);
      resolve(socket);
    });
    signal.addEventListener('abort', stop);
    if (signal.aborted) stop();
  });
}
