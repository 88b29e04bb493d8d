import { createServer } from 'node:net';
import type { AddressInfo, Server } from 'node:net';

const LOOPBACK = '127.0.0.1';

/**
 * As many different free TCP ports of the loopback interface as asked for. Another client may take one
 * before it is used: whoever binds it must be ready to ask again.
 */
export async function pickFreePorts(count: number): Promise<readonly number[]> {
  // All are held open until the last is known, so that none is given twice.
  const servers = await Promise.all(Array.from({ length: count }, listenAnywhere));
  const ports = servers.map((server) => (server.address() as AddressInfo).port);
  await Promise.all(servers.map(close));
  return ports;
}

function listenAnywhere(): Promise<Server> {
  return new Promise((resolve, reject) => {
    const server = createServer();
    server.once('error', reject);
    server.listen(0, LOOPBACK, () => {
      resolve(server);
    });
  });
}

function close(server: Server): Promise<void> {
  return new Promise((resolve) => {
    server.close(() => {
      resolve();
    });
  });
}
