/** One connection to a Redis: TCP, TLS, login, then one command at a time. */
import net from 'node:net';
import tls from 'node:tls';

import type { DataPlaneAccess } from './access.js';
import { startDeadline } from './deadline.js';
import { DataPlaneFailure, loginFailure, replyFailure, socketFailure } from './failure.js';
import { logIn } from './login.js';
import { encodeCommand, parseReply } from './resp.js';
import type { Reply, Word } from './resp.js';

/** How long each step may take: connecting, the handshake of TLS, and each answer. */
export interface Limits {
  readonly connectMs: number;
  readonly answerMs: number;
  /** Ends the connection at once. */
  readonly signal?: AbortSignal | undefined;
}

/** A reply that is no error. */
type Answer = Exclude<Reply, { readonly type: 'error' }>;

/** A connection that is logged in. */
export interface Connection {
  /**
   * Sends a command, of which one may be in flight, and waits for its reply.
   *
   * @throws DataPlaneFailure where there is none, or an error; unless `isReply`, the connection is gone
   */
  readonly ask: (...words: readonly Word[]) => Promise<Answer>;
  /** Resolves when the connection is gone, with the reason; also after `close`. */
  readonly gone: Promise<DataPlaneFailure>;
  /** Resets it: nothing that still waits in it is sent later. */
  readonly close: () => void;
}

/**
 * Connects and logs in.
 *
 * @throws DataPlaneFailure which never holds the password
 */
export async function openConnection(access: DataPlaneAccess, limits: Limits): Promise<Connection> {
  const { signal, release } = follow(limits.signal);
  try {
    const sockets = await openSocket(access, { ...limits, signal });
    const connection = createConnection(sockets, limits.answerMs);
    void connection.gone.then(release);
    await logIn(connection, access, limits).catch((error: unknown) => {
      connection.leave();
      throw error;
    });
    return connection;
  } catch (error) {
    // Whoever gives up waiting does not end what is still to be answered.
    release();
    throw error;
  }
}

/** A signal that is aborted with another one, until it is released. */
function follow(signal: AbortSignal | undefined): {
  readonly signal: AbortSignal;
  readonly release: () => void;
} {
  const own = new AbortController();
  const abort = (): void => {
    own.abort();
  };
  if (signal?.aborted === true) abort();
  signal?.addEventListener('abort', abort, { once: true });
  return {
    signal: own.signal,
    release: () => {
      signal?.removeEventListener('abort', abort);
    },
  };
}

/** A socket that is ready, and the TCP socket below it, which can be reset. */
interface Sockets {
  readonly socket: net.Socket;
  readonly reset: () => void;
}

async function openSocket(
  { host, port, tls: secured }: DataPlaneAccess,
  { connectMs, answerMs, signal }: Limits,
): Promise<Sockets> {
  const tcp = net.connect({ host, port, noDelay: true, ...(signal ? { signal } : {}) });
  // What breaks later is reported by `close`; without a listener it would end the process.
  tcp.on('error', () => undefined);
  const late = new DataPlaneFailure('No connection in time', 'connect-timeout');
  await happens(tcp, 'connect', connectMs, late, 'No connection');
  const reset = (): void => {
    tcp.resetAndDestroy();
  };
  if (secured === null) return { socket: tcp, reset };
  try {
    const socket = await secure(tcp, secured.ca, secured.serverName ?? host, answerMs);
    return {
      socket,
      reset: () => {
        reset();
        socket.destroy();
      },
    };
  } catch (error) {
    reset();
    throw error;
  }
}

/** TLS over a connection. @throws Error for an authority that cannot be parsed, else a DataPlaneFailure */
async function secure(
  tcp: net.Socket,
  ca: string,
  name: string,
  answerMs: number,
): Promise<net.Socket> {
  const socket = tls.connect({
    socket: tcp,
    ca,
    // Whatever the environment says: NODE_TLS_REJECT_UNAUTHORIZED would send the password to anyone.
    rejectUnauthorized: true,
    // An IP address is checked against the certificate, but is no name to ask for.
    ...(net.isIP(name) === 0 ? { servername: name } : {}),
    checkServerIdentity: (_, certificate) => tls.checkServerIdentity(name, certificate),
  });
  socket.on('error', () => undefined);
  const silent = new DataPlaneFailure('No TLS in time', 'timeout');
  await happens(socket, 'secureConnect', answerMs, silent, 'No TLS');
  return socket;
}

/** Waits for an event of a socket that has to come; without it the socket is destroyed. */
function happens(
  socket: net.Socket,
  event: 'connect' | 'secureConnect',
  ms: number,
  late: DataPlaneFailure,
  doing: string,
): Promise<void> {
  return new Promise((resolve, reject) => {
    const fail = (failure: DataPlaneFailure): void => {
      deadline.cancel();
      socket.destroy();
      reject(failure);
    };
    const deadline = startDeadline(ms, () => {
      fail(late);
    });
    const onError = (error: Error): void => {
      fail(socketFailure(doing, error));
    };
    const onClose = (): void => {
      fail(closedByPeer(doing));
    };
    socket.on('error', onError);
    socket.once('close', onClose);
    socket.once(event, () => {
      deadline.cancel();
      socket.off('error', onError);
      socket.off('close', onClose);
      resolve();
    });
  });
}

function closedByPeer(doing: string): DataPlaneFailure {
  return new DataPlaneFailure(`${doing}: the other side closed the connection`, 'reset');
}

/** A command that waits for its reply. */
interface Waiting {
  readonly name: string;
  readonly resolve: (answer: Answer) => void;
  readonly reject: (failure: DataPlaneFailure) => void;
}

/** One that may not be logged in yet. */
interface NewConnection extends Connection {
  /** As `ask`, and waits for as long as the connection lasts. @throws DataPlaneFailure at once where it is gone */
  readonly send: (...words: readonly Word[]) => Promise<Answer>;
  /** Closes it, once what is in flight has its answer, or some seconds later. Keeps no process alive. */
  readonly leave: () => void;
}

/** A login that is answered later than this counts as not answered. In milliseconds. */
const LATE_ANSWER_MS = 5_000;

function createConnection({ socket, reset }: Sockets, answerMs: number): NewConnection {
  let waiting: Waiting | null = null;
  let end: DataPlaneFailure | null = null;
  let isLeft = false;
  const { promise: gone, resolve: resolveGone } = promiseOf<DataPlaneFailure>();
  const finish = (failure: DataPlaneFailure): void => {
    if (end !== null) return;
    end = failure;
    reset();
    waiting?.reject(failure);
    waiting = null;
    resolveGone(failure);
  };
  const close = (): void => {
    finish(new DataPlaneFailure('The connection was closed by us', 'reset'));
  };
  const settle = (reply: Reply): void => {
    if (end !== null) return;
    const asked = waiting;
    waiting = null;
    if (asked === null) finish(new DataPlaneFailure('An answer that no one asked for', 'protocol'));
    else if (reply.type !== 'error') asked.resolve(reply);
    else asked.reject(toFailure(asked.name, reply.text));
    if (isLeft) close();
  };
  onReply(socket, settle, finish);
  onEnd(socket, finish);
  const send: NewConnection['send'] = (...words) => {
    if (end !== null) throw end;
    const name = String(words[0]);
    if (waiting !== null) throw new Error(`${name}: one command is in flight already.`);
    const answer = new Promise<Answer>((resolve, reject) => {
      waiting = { name, resolve, reject };
    });
    socket.write(encodeCommand(words));
    return answer;
  };
  return {
    gone,
    close,
    send,
    ask: async (...words) => {
      const answer = send(...words);
      const deadline = startDeadline(answerMs, () => {
        finish(new DataPlaneFailure(`${String(words[0])}: no answer in time`, 'timeout'));
      });
      return answer.finally(deadline.cancel);
    },
    leave: () => {
      isLeft = true;
      if (waiting === null) close();
      socket.unref();
      setTimeout(close, LATE_ANSWER_MS).unref();
    },
  };
}

function onReply(
  socket: net.Socket,
  settle: (reply: Reply) => void,
  finish: (failure: DataPlaneFailure) => void,
): void {
  let received: Buffer = Buffer.alloc(0);
  socket.on('data', (chunk: Buffer) => {
    received = received.length === 0 ? chunk : Buffer.concat([received, chunk]);
    try {
      const reply = parseReply(received);
      if (reply === null) return;
      received = Buffer.alloc(0);
      settle(reply);
    } catch (error) {
      finish(error as DataPlaneFailure);
    }
  });
}

function onEnd(socket: net.Socket, finish: (failure: DataPlaneFailure) => void): void {
  socket.on('error', (error) => {
    finish(socketFailure('The connection broke', error));
  });
  // Half open is of no use: what is asked now would not be answered.
  for (const event of ['end', 'close'])
    socket.on(event, () => {
      finish(closedByPeer('The connection broke'));
    });
}

function toFailure(command: string, text: string): DataPlaneFailure {
  return command === 'AUTH' ? loginFailure(text) : replyFailure(command, text);
}

function promiseOf<T>(): { promise: Promise<T>; resolve: (value: T) => void } {
  let resolve: (value: T) => void = () => undefined;
  const promise = new Promise<T>((settle) => {
    resolve = settle;
  });
  return { promise, resolve };
}
