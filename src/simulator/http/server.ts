import { createServer } from 'node:http';
import type { RequestListener, Server } from 'node:http';
import { createServer as createTlsServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import type { TlsIdentity } from '../options.js';
import { serve } from './serve.js';
import type { Backend } from './admit.js';

/** The only address the simulator listens on: it is nobody else's business. */
const LOOPBACK = '127.0.0.1';
/** Longer than a caller keeps an idle connection, so that none is closed under a request. */
const KEEP_ALIVE_MS = 65_000;

/** The listening API. */
export interface ApiServer {
  readonly endpoint: string;
  /** Closes the socket and every connection. */
  close(): Promise<void>;
}

/**
 * Listens on a loopback port, 0 = any free one; https when there is a certificate.
 *
 * @throws Error when the port cannot be had, or key and certificate are none
 */
export async function listen(
  { port, tls }: { readonly port: number; readonly tls: TlsIdentity | null },
  backend: Backend,
): Promise<ApiServer> {
  const server = create(tls, (request, response) => {
    void serve(request, response, backend);
  });
  server.keepAliveTimeout = KEEP_ALIVE_MS;
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, LOOPBACK, resolve);
  });
  const { port: actualPort } = server.address() as AddressInfo;
  return {
    endpoint: `${tls === null ? 'http' : 'https'}://${LOOPBACK}:${actualPort}`,
    close: () =>
      new Promise((resolve) => {
        server.close(() => {
          resolve();
        });
        server.closeAllConnections();
      }),
  };
}

function create(tls: TlsIdentity | null, listener: RequestListener): Server {
  return tls === null ? createServer(listener) : createTlsServer({ ...tls }, listener);
}
