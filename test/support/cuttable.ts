/** A TCP forwarder on loopback that can be cut, as a network is. */
import net from 'node:net';
import type { AddressInfo } from 'node:net';

export interface CuttableLink {
  /** Host and port to connect to instead of the target's. */
  readonly address: string;
  /** Breaks every connection and takes no new one until `mend()`. */
  cut(): void;
  mend(): void;
  close(): Promise<void>;
}

/** @param target host and port of whom to forward to */
export async function startCuttableLink(target: string): Promise<CuttableLink> {
  const { hostname, port } = new URL(`tcp://${target}`);
  const sockets = new Set<net.Socket>();
  const state = { isCut: false };
  const breakAll = (): void => {
    for (const socket of sockets) socket.destroy();
    sockets.clear();
  };
  const server = net.createServer((client) => {
    if (state.isCut) {
      client.destroy();
      return;
    }
    const upstream = net.connect(Number(port), hostname);
    for (const [socket, other] of [
      [client, upstream],
      [upstream, client],
    ] as const) {
      sockets.add(socket);
      socket.on('error', () => undefined);
      socket.on('close', () => {
        sockets.delete(socket);
        other.destroy();
      });
      socket.pipe(other);
    }
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    address: `127.0.0.1:${(server.address() as AddressInfo).port}`,
    cut: () => {
      state.isCut = true;
      breakAll();
    },
    mend: () => {
      state.isCut = false;
    },
    close: async () => {
      breakAll();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}
