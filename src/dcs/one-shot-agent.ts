/**
 * The connection of the PUT. Everything up to the hand-over of the connected socket is *never sent* by
 * fact: no byte of the request exists on the wire. Everything after is *maybe sent*. No error code of
 * the operating system is interpreted for that.
 */
import http from 'node:http';
import https from 'node:https';
import type net from 'node:net';

import type { Way } from './way.js';

/** Hands one connection to one request. Never reuse it. */
export interface OneShot {
  readonly agent: http.Agent;
  /** The socket was given to the HTTP layer, which writes the request at once. */
  readonly isHandedOver: () => boolean;
}

/** An agent that has this connection and no other. */
export function createOneShotAgent({ isTls }: Way, socket: net.Socket): OneShot {
  let isHandedOver = false;
  const agent: http.Agent = isTls
    ? new https.Agent({ keepAlive: false, maxSockets: 1 })
    : new http.Agent({ keepAlive: false, maxSockets: 1 });
  const createConnection = (): net.Socket => {
    // Whatever asks for a second connection would send the PUT a second time.
    if (isHandedOver) throw new Error('used before');
    isHandedOver = true;
    return socket;
  };
  Object.assign(agent, { createConnection });
  return { agent, isHandedOver: () => isHandedOver };
}

/**
 * Whether the other side still waits for a request, as far as it has told: it has neither closed the connection nor
 * said anything of its own accord, such as that it has waited for too long.
 */
export function isStillOpen(socket: net.Socket): boolean {
  return socket.readable && socket.writable && socket.readableLength === 0;
}
