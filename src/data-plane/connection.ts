/** One connection to a Redis: TCP, TLS, login, then one command at a time. */
import net from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import tls from 'node:tls';

import type { DataPlaneAccess, LoginEnd, LoginLimit } from './access.js';
import { startDeadline } from './deadline.js';
import { DataPlaneFailure, loginFailure, replyFailure, socketFailure } from './failure.js';
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
  const connection = createConnection(await openSocket(access, limits), limits.answerMs);
  try {
    await logIn(connection, access, limits);
    return connection;
  } catch (error) {
    connection.close();
    throw error;
  }
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

interface NewConnection extends Connection {
  /** As `ask`, and waits so long for the reply, in milliseconds. */
  readonly askWithin: (answerMs: number, ...words: readonly Word[]) => Promise<Answer>;
}

function createConnection({ socket, reset }: Sockets, answerMs: number): NewConnection {
  let waiting: Waiting | null = null;
  let received: Buffer = Buffer.alloc(0);
  let end: DataPlaneFailure | null = null;
  const { promise: gone, resolve: resolveGone } = promiseOf<DataPlaneFailure>();
  const finish = (failure: DataPlaneFailure): void => {
    if (end !== null) return;
    end = failure;
    reset();
    waiting?.reject(failure);
    waiting = null;
    resolveGone(failure);
  };
  const settle = (reply: Reply): void => {
    const asked = waiting;
    received = Buffer.alloc(0);
    waiting = null;
    if (asked === null) finish(new DataPlaneFailure('An answer that no one asked for', 'protocol'));
    else if (reply.type !== 'error') asked.resolve(reply);
    else asked.reject(toFailure(asked.name, reply.text));
  };
  socket.on('data', (chunk: Buffer) => {
    if (end !== null) return;
    received = received.length === 0 ? chunk : Buffer.concat([received, chunk]);
    try {
      const reply = parseReply(received);
      if (reply !== null) settle(reply);
    } catch (error) {
      finish(error as DataPlaneFailure);
    }
  });
  onEnd(socket, finish);
  const askWithin: NewConnection['askWithin'] = async (withinMs, ...words) => {
    if (end !== null) throw end;
    const name = String(words[0]);
    if (waiting !== null) throw new Error(`${name}: one command is in flight already.`);
    const deadline = startDeadline(withinMs, () => {
      finish(new DataPlaneFailure(`${name}: no answer in time`, 'timeout'));
    });
    const answer = new Promise<Answer>((resolve, reject) => {
      waiting = { name, resolve, reject };
    });
    socket.write(encodeCommand(words));
    return answer.finally(deadline.cancel);
  };
  return {
    gone,
    close: () => {
      finish(new DataPlaneFailure('The connection was closed by us', 'reset'));
    },
    ask: (...words) => askWithin(answerMs, ...words),
    askWithin,
  };
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

/** Redis counts a login that it refused, also where no one waits for its answer any more. In milliseconds. */
const LOGIN_ANSWER_MS = 2_000;

/** How often it is asked whether a login may be tried, in milliseconds. */
const TURN_MS = 10;

async function logIn(
  connection: NewConnection,
  access: DataPlaneAccess,
  { signal }: Limits,
): Promise<void> {
  const { password, logins } = access;
  if (password === null) return;
  await takeTurn(logins, signal);
  let end: LoginEnd = 'unjudged';
  try {
    await showsLife(connection);
    end = 'unanswered';
    await connection.askWithin(LOGIN_ANSWER_MS, 'AUTH', ...credentialsOf(access, password));
    end = 'accepted';
  } catch (error) {
    if (error instanceof DataPlaneFailure && error.isReply)
      end = error.kind === 'auth' ? 'refused' : 'unjudged';
    throw error;
  } finally {
    logins?.settled(end);
  }
}

/** @throws DataPlaneFailure where the login may not be tried */
async function takeTurn(logins: LoginLimit | undefined, signal?: AbortSignal): Promise<void> {
  if (logins === undefined) return;
  while (logins.mayTry() === 'wait' && signal?.aborted !== true) await sleep(TURN_MS);
  if (logins.mayTry() === 'no')
    throw new DataPlaneFailure(
      'AUTH: not tried again, Redis has refused this login too often',
      'auth',
    );
  logins.tried();
}

/** Before a password is sent: where nothing answers, logins without an answer would add up. */
async function showsLife(connection: Connection): Promise<void> {
  try {
    await connection.ask('PING');
  } catch (error) {
    // It asks for a login: as expected.
    if (!(error instanceof DataPlaneFailure && error.isReply && error.kind === 'auth')) throw error;
  }
}

/**
 * The arguments of `AUTH`. The default user is not named: by its name alone Redis takes any password where it has none,
 * and then an accepted password would prove nothing.
 */
function credentialsOf({ username, login }: DataPlaneAccess, password: string): readonly string[] {
  if (username === null) return [password];
  if (login === 'password-argument') return [`${username}:${password}`];
  return username === 'default' ? [password] : [username, password];
}
