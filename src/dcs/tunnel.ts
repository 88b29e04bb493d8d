import { EventEmitter } from 'node:events';
import type { ClientRequest } from 'node:http';
import type net from 'node:net';
import tls from 'node:tls';

import { HttpsProxyAgent } from 'https-proxy-agent';

import type { Proxy } from './proxy.js';

/** Thrown when the proxy did not open the way; no byte of TLS or of a request has left. */
export class TunnelError extends Error {
  /** @param code `PROXY_` and the status or the system's word: `PROXY_407`, `PROXY_ECONNREFUSED` */
  constructor(readonly code: string) {
    super(code);
  }
}

/** Where a tunnel leads. */
export type TunnelTarget = tls.ConnectionOptions & { readonly host: string; readonly port: number };

/**
 * Asks the proxy for a way to the target and begins TLS on it. The agent serves for this one dialling:
 * it would otherwise hand on whatever a refusing proxy says as if the target had said it.
 *
 * @returns a TLS socket whose handshake has begun
 * @throws TunnelError
 */
export async function openTunnel(
  proxy: Proxy,
  target: TunnelTarget,
  signal: AbortSignal,
): Promise<net.Socket> {
  const dialling = new AbortController();
  const stop = (): void => {
    dialling.abort();
  };
  if (signal.aborted) stop();
  signal.addEventListener('abort', stop);
  const agent = new HttpsProxyAgent<string>(proxy.origin, {
    headers: { ...proxy.headers },
    signal: dialling.signal,
  });
  let status = 0;
  agent.once('proxyConnect', ({ statusCode }: { readonly statusCode: number }) => {
    status = statusCode;
  });
  try {
    const socket = await agent.connect(NO_REQUEST(), {
      ...target,
      // Node would check an address against the proxy's name.
      checkServerIdentity: (_, certificate) => tls.checkServerIdentity(target.host, certificate),
      secureEndpoint: true,
    });
    if (status === 200) return socket;
    socket.destroy();
  } catch (error) {
    throw new TunnelError(`PROXY_${reasonOf(error)}`);
  } finally {
    signal.removeEventListener('abort', stop);
  }
  throw new TunnelError(`PROXY_${status}`);
}

/** The agent wants a request to tell its progress to; ours listens to the agent itself. */
const NO_REQUEST = (): ClientRequest => new EventEmitter() as unknown as ClientRequest;

function reasonOf(error: unknown): string {
  const { code } = error as { readonly code?: unknown };
  return typeof code === 'string' ? code : 'CLOSED';
}
