/** An HTTP proxy on loopback that asks for a password, and that can fail on demand. */
import http from 'node:http';
import net from 'node:net';
import type { AddressInfo } from 'node:net';

/** `refuses`: hangs up on whoever wants a new tunnel; tunnels that stand go on. */
export type ProxyMode = 'works' | 'refuses';

export interface FailingProxy {
  /** With user and password. */
  readonly url: string;
  readonly password: string;
  mode: ProxyMode;
  /** Tunnels that were asked for, and what became of them. */
  readonly asked: readonly ('opened' | 'hung up' | '407' | 'left waiting')[];
  /** Hangs up on the next one only. */
  hangUpOnce(): void;
  /** Never answers the next one. */
  keepWaitingOnce(): void;
  /** Breaks every tunnel when the next one is asked for, and opens no more. */
  dieAtNext(): void;
  close(): Promise<void>;
}

/** Starts a proxy that works. */
export async function startFailingProxy(password: string): Promise<FailingProxy> {
  const asked: ('opened' | 'hung up' | '407' | 'left waiting')[] = [];
  const sockets = new Set<net.Socket>();
  const state = { mode: 'works' as ProxyMode, hangUps: 0, isDying: false, waits: 0 };
  const expected = `Basic ${Buffer.from(`proxy-user:${password}`).toString('base64')}`;
  const breakTunnels = (): void => {
    for (const socket of sockets) socket.destroy();
    sockets.clear();
  };
  const server = http.createServer((_, response) => response.writeHead(400).end());
  server.on('connect', ({ url: authority = '', headers }, client: net.Socket) => {
    client.on('error', () => undefined);
    if (state.isDying) {
      Object.assign(state, { mode: 'refuses', isDying: false });
      breakTunnels();
    }
    if (state.mode === 'refuses' || state.hangUps > 0) {
      state.hangUps = Math.max(0, state.hangUps - 1);
      asked.push('hung up');
      client.destroy();
      return;
    }
    if (headers['proxy-authorization'] !== expected) {
      asked.push('407');
      client.end('HTTP/1.1 407 Proxy Authentication Required\r\n\r\n');
      return;
    }
    if (state.waits > 0) {
      state.waits -= 1;
      asked.push('left waiting');
      sockets.add(client);
      return;
    }
    asked.push('opened');
    const { hostname, port } = new URL(`http://${authority}`);
    const upstream = net.connect(Number(port), hostname, () => {
      client.write('HTTP/1.1 200 Connection established\r\n\r\n');
      client.pipe(upstream).pipe(client);
    });
    upstream.on('error', () => client.destroy());
    client.on('close', () => upstream.destroy());
    sockets.add(client);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  return {
    url: `http://proxy-user:${password}@127.0.0.1:${port}`,
    password,
    asked,
    get mode() {
      return state.mode;
    },
    set mode(mode) {
      state.mode = mode;
    },
    hangUpOnce: () => {
      state.hangUps = 1;
    },
    keepWaitingOnce: () => {
      state.waits = 1;
    },
    dieAtNext: () => {
      state.isDying = true;
    },
    close: async () => {
      breakTunnels();
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}
