import net from 'node:net';
import tls from 'node:tls';

import { openTunnel } from './tunnel.js';
import type { Way } from './way.js';

/** What Node's agents say of a connection that they want. */
export type ConnectTarget = tls.ConnectionOptions & net.NetConnectOpts;

/**
 * Opens one connection, ready for a request: TLS included, through the proxy where there is one. It has
 * carried no byte of a request. The signal ends the attempt.
 */
export type Connect = (target: ConnectTarget, signal: AbortSignal) => Promise<net.Socket>;

/** The opener of connections by a way. */
export function createConnect({ isTls, proxy, secureContext }: Way): Connect {
  if (!isTls) return (target, signal) => established(net.connect(target), 'connect', signal);
  return async (target, signal) => {
    const trusting = { ...target, ...(secureContext === undefined ? {} : { secureContext }) };
    const socket =
      proxy === null
        ? tls.connect(trusting)
        : await openTunnel(proxy, { ...trusting, ...placeOf(target) }, signal);
    return established(socket, 'secureConnect', signal);
  };
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
