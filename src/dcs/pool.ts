import http from 'node:http';
import https from 'node:https';
import net from 'node:net';
import type { Duplex } from 'node:stream';

import { createConnect } from './route.js';
import type { ConnectTarget } from './route.js';
import type { Way } from './way.js';

/** Sockets that the readings of one client may keep open. */
const MAX_SOCKETS = 20;

const POOL = { keepAlive: true, maxSockets: MAX_SOCKETS };

/** The pooled connections of the readings. `connectTimeoutMs` bounds the way through a proxy. */
export function createPool(way: Way, connectTimeoutMs: number): http.Agent {
  if (!way.isTls) return new http.Agent(POOL);
  const { secureContext } = way;
  const agent = new https.Agent({
    ...POOL,
    ...(secureContext === undefined ? {} : { secureContext }),
  });
  if (way.proxy === null) return agent;
  const connect = createConnect(way);
  const createConnection = (
    target: ConnectTarget,
    onCreate: (error: Error | null, socket: Duplex) => void,
  ): undefined => {
    connect(target, AbortSignal.timeout(connectTimeoutMs)).then(
      ({ socket }) => {
        onCreate(null, socket);
      },
      (error: unknown) => {
        onCreate(error as Error, new net.Socket());
      },
    );
  };
  return Object.assign(agent, { createConnection });
}
