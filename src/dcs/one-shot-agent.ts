/**
 * The connection of the PUT. Everything up to the hand-over of the connected socket is *never sent* by
 * fact: no byte of the request exists on the wire. Everything after is *maybe sent*. No error code of
 * the operating system is interpreted for that.
 */
import http from 'node:http';
import https from 'node:https';
import net from 'node:net';
import type { Duplex } from 'node:stream';
import tls from 'node:tls';

/** Where the one connection of an agent stands. */
export interface HandOver {
  /** The socket was given to the HTTP layer, which writes the request at once. */
  readonly isHandedOver: () => boolean;
  /** The caller was asked and said no. */
  readonly isDeclined: () => boolean;
  readonly isTimedOut: () => boolean;
}

/** What happens around the hand-over. */
export interface OneShotOptions {
  readonly isTls: boolean;
  readonly connectTimeoutMs: number;
  /** Asked once, when the socket is connected (after TLS), just before bytes are handed to it. */
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
  const state = { used: false, handedOver: false, declined: false, timedOut: false };
  const agent: http.Agent = options.isTls
    ? new https.Agent({ keepAlive: false, maxSockets: 1 })
    : new http.Agent({ keepAlive: false, maxSockets: 1 });

  const connect = (
    target: tls.ConnectionOptions & net.NetConnectOpts,
    onCreate: OnCreate,
  ): undefined => {
    // One agent, one connection: whatever asks for a second would send the PUT a second time.
    if (state.used) {
      onCreate(new Error('used before'), new net.Socket());
      return;
    }
    state.used = true;
    const socket = options.isTls ? tls.connect(target) : net.connect(target);
    const timer = setTimeout(() => {
      state.timedOut = true;
      socket.destroy(new Error('connect timeout'));
    }, options.connectTimeoutMs);
    const fail = (error: Error): void => {
      clearTimeout(timer);
      onCreate(error, socket);
    };
    socket.once('error', fail);
    socket.once(options.isTls ? 'secureConnect' : 'connect', () => {
      clearTimeout(timer);
      if (!mayStillSend(options)) {
        state.declined = true;
        socket.destroy(new Error('declined'));
        return;
      }
      socket.off('error', fail);
      state.handedOver = true;
      options.onHandOver();
      onCreate(null, socket);
    });
  };
  Object.assign(agent, { createConnection: connect });
  return {
    agent,
    handOver: {
      isHandedOver: () => state.handedOver,
      isDeclined: () => state.declined,
      isTimedOut: () => state.timedOut,
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
