/**
 * The connection of the PUT. Everything up to the hand-over of the connected socket is *never sent* by
 * fact: no byte of the request exists on the wire. Everything after is *maybe sent*. No error code of
 * the operating system is interpreted for that.
 */
import http from 'node:http';
import https from 'node:https';
import net from 'node:net';
import type { Duplex } from 'node:stream';

import { createConnect } from './connect.js';
import type { ConnectTarget, Connection } from './connect.js';
import type { Way } from './way.js';

/** Where the one connection of an agent stands. */
export interface HandOver {
  /** The socket was given to the HTTP layer, which writes the request at once. */
  readonly isHandedOver: () => boolean;
  /** The caller was asked and said no. */
  readonly isDeclined: () => boolean;
  readonly isTimedOut: () => boolean;
  /** Gives the connection up, once handed over; see {@link Connection.breakOff}. */
  readonly breakOff: () => void;
}

/** What happens around the hand-over. */
export interface OneShotOptions {
  readonly way: Way;
  readonly connectTimeoutMs: number;
  /** Asked once, when the socket is connected (after proxy and TLS), just before bytes are handed to it. */
  readonly maySend: () => boolean;
  /** Called right before the hand-over. */
  readonly onHandOver: () => void;
}

type OnCreate = (error: Error | null, socket: Duplex) => void;

/** An agent that opens one fresh connection and asks before it hands it over. Never reuse it. */
export function createOneShotAgent(options: OneShotOptions): {
  agent: http.Agent;
  handOver: HandOver;
} {
  const state = { used: false, declined: false, timedOut: false };
  const handedOver: { connection: Connection | null } = { connection: null };
  const { way, connectTimeoutMs, onHandOver } = options;
  const agent: http.Agent = way.isTls
    ? new https.Agent({ keepAlive: false, maxSockets: 1 })
    : new http.Agent({ keepAlive: false, maxSockets: 1 });
  const open = createConnect(way);

  const connect = async (target: ConnectTarget): Promise<Connection> => {
    // One agent, one connection: whatever asks for a second would send the PUT a second time.
    if (state.used) throw new Error('used before');
    state.used = true;
    const deadline = new AbortController();
    const timer = setTimeout(() => {
      state.timedOut = true;
      deadline.abort();
    }, connectTimeoutMs);
    try {
      return await open(target, deadline.signal);
    } finally {
      clearTimeout(timer);
    }
  };
  const createConnection = (target: ConnectTarget, onCreate: OnCreate): undefined => {
    connect(target).then(
      (connection) => {
        const { socket } = connection;
        if (!mayStillSend(options)) {
          state.declined = true;
          socket.destroy();
          onCreate(new Error('declined'), socket);
          return;
        }
        handedOver.connection = connection;
        onHandOver();
        onCreate(null, socket);
      },
      (error: unknown) => {
        onCreate(error as Error, new net.Socket());
      },
    );
  };
  Object.assign(agent, { createConnection });
  return {
    agent,
    handOver: {
      isHandedOver: () => handedOver.connection !== null,
      isDeclined: () => state.declined,
      isTimedOut: () => state.timedOut,
      breakOff: () => handedOver.connection?.breakOff(),
    },
  };
}

/** A question that fails is answered with no: this runs in a socket's event, where nobody would catch it. */
function mayStillSend({ maySend }: OneShotOptions): boolean {
  try {
    return maySend();
  } catch {
    return false;
  }
}
