/** Sends what the client asks for: readings by pooled connections, the PUT once by a fresh one. */
import http from 'node:http';
import https from 'node:https';
import type net from 'node:net';

import { timeoutSignal } from '../util.js';

import type { CallFacts, RawAnswer } from './answer.js';
import { createRefusals, exchange, findKeys, observe } from './attempt.js';
import type { Attempt, Call, TransportContext, TransportOptions } from './attempt.js';
import type { Credentials } from './credentials/source.js';
import {
  CLOSED_UNUSED,
  DcsConfigurationError,
  DcsConnectionError,
  DcsError,
  DcsResponseError,
  DcsTimeoutError,
  isBeforeRequest,
} from './errors.js';
import type { Delivery } from './errors.js';
import { createHttp, createPool, HttpFailure } from './http.js';
import type { HttpRequest } from './http.js';
import { createConnect, systemCodeOf, targetOf } from './route.js';
import type { Connection, Route } from './route.js';
import { createGate, readInTurn } from './turns.js';
import type { ReadOptions } from './turns.js';

// Failures of the HTTP layer as errors of this client.

/** Whether a failed reading can have left; it may be repeated either way. The PUT asks its connection instead. */
function deliveryOfReading(error: unknown): Delivery {
  const neverLeft = error instanceof HttpFailure && isBeforeRequest(error.reason);
  return neverLeft ? 'never-sent' : 'maybe-sent';
}

/** Of an attempt whose response did not come, or not whole. */
function toTransportError(error: unknown, facts: CallFacts, delivery: Delivery): DcsError {
  const { reason, status, isTooLarge } =
    error instanceof HttpFailure ? error : new HttpFailure('unknown reason', null, false);
  if (isTooLarge || status !== null)
    return new DcsResponseError(
      { ...facts, delivery: 'answered', status },
      isTooLarge ? 'larger than accepted' : 'cut off',
    );
  return new DcsConnectionError({ ...facts, delivery }, reason);
}

/**
 * Least time between two readings under a limit, in milliseconds.
 *
 * @param maxPerSecond `null`: no limit; below 1 it means one in so many seconds
 * @throws DcsConfigurationError unless it is a positive number
 */
function gapOf(maxPerSecond: number | null): number {
  if (maxPerSecond === null) return 0;
  if (!Number.isFinite(maxPerSecond) || maxPerSecond <= 0)
    throw new DcsConfigurationError('maxReadsPerSecond', 'must be a number above 0');
  return 1000 / maxPerSecond;
}

// The connection of the PUT. Everything up to the hand-over of the connected socket is *never sent* by
// fact: no byte of the request exists on the wire. Everything after is *maybe sent*. No error code of
// the operating system is interpreted for that.

/** Hands one connection to one request. Never reuse it. */
interface OneShot {
  readonly agent: http.Agent;
  /** The socket was given to the HTTP layer, which writes the request at once. */
  readonly isHandedOver: () => boolean;
}

/** An agent that has this connection and no other. */
function createOneShotAgent({ isTls }: Route, socket: net.Socket): OneShot {
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
 * Whether the other side still waits for a request, as far as it has reported: it has neither closed the connection nor
 * said anything of its own accord, such as that it has waited for too long.
 */
function isStillOpen(socket: net.Socket): boolean {
  return socket.readable && socket.writable && socket.readableLength === 0;
}

/** The PUT on a connection that stands; nothing of it has left. */
interface OpenPut {
  /** `false` once the other side is known not to wait for it any more, or it was sent. */
  readonly isOpen: () => boolean;
  /** Signs it and writes it at once. To be called once. @param onWritten called when the system has taken it */
  readonly send: (onWritten?: () => void) => Promise<RawAnswer>;
  /** Gives the connection up; without effect on a PUT that was answered. */
  readonly close: () => void;
}

/** GET by a pooled connection, and the one PUT by a fresh one. */
export interface Transport {
  readonly get: (call: Call, options: ReadOptions) => Promise<RawAnswer>;
  readonly openPut: (call: Call, signal: AbortSignal) => Promise<OpenPut>;
}

/** Opens no connection yet. */
export function createTransport(options: TransportOptions): Transport {
  const send = createHttp();
  const agent = createPool(options.way, options.connectTimeoutMs);
  const gate = createGate(gapOf(options.maxReadsPerSecond));
  const line: TransportContext = { options, send, refusals: createRefusals() };
  return {
    get: (call, { signal, ...turn }) => {
      const facts = factsOf(call, 'GET');
      const { readTimeoutMs: patienceMs, onTurnWait } = options;
      const inTurn = { ...turn, facts, signal, patienceMs, onTurnWait };
      return readInTurn(gate, inTurn, () =>
        observe(options.onExchange, facts, (saw) =>
          readOnce(line, { call, facts, saw }, { agent, signal }),
        ),
      );
    },
    openPut: (call, signal) => openPut(line, call, signal),
  };
}

function factsOf({ operation, route }: Call, method: 'GET' | 'PUT'): CallFacts {
  return { operation, method, route };
}

interface Reading {
  readonly agent: HttpRequest['agent'];
  readonly signal: AbortSignal;
}

async function readOnce(
  line: TransportContext,
  attempt: Attempt,
  { agent, signal }: Reading,
): Promise<RawAnswer> {
  const { readTimeoutMs } = line.options;
  const deadline = timeoutSignal(readTimeoutMs);
  const either = AbortSignal.any([signal, deadline]);
  try {
    either.throwIfAborted();
    const keys = await findKeys(line, attempt.facts, either);
    return await exchange(line, attempt, { agent, signal: either, keys });
  } catch (error) {
    if (signal.aborted) throw signal.reason;
    if (error instanceof DcsError) throw error;
    const facts = { ...attempt.facts, delivery: deliveryOfReading(error) };
    if (deadline.aborted) throw new DcsTimeoutError(facts, readTimeoutMs);
    throw toTransportError(error, attempt.facts, facts.delivery);
  }
}

/**
 * Makes the PUT ready: whatever takes its time is done here, before anyone has to decide whether it may be sent.
 *
 * @param signal ends the attempt; nothing after it
 * @throws the signal's reason, DcsUnauthenticatedError, DcsTimeoutError, DcsConnectionError; the PUT was never sent
 */
async function openPut(line: TransportContext, call: Call, signal: AbortSignal): Promise<OpenPut> {
  const { onExchange, way } = line.options;
  const facts = factsOf(call, 'PUT');
  const start = (): Promise<Ready> => makeReady(line, facts, signal);
  const { keys, connection } = await observe(onExchange, facts, start, 'failures');
  const { agent, isHandedOver } = createOneShotAgent(way, connection.socket);
  const isOpen = (): boolean => !isHandedOver() && isStillOpen(connection.socket);
  return {
    isOpen,
    send: (onWritten) =>
      observe(onExchange, facts, async (saw) => {
        const attempt = { call, facts, saw, onWritten };
        if (!isOpen())
          throw new DcsConnectionError({ ...facts, delivery: 'never-sent' }, CLOSED_UNUSED);
        return sendOnce(line, attempt, { keys, connection, agent, isHandedOver });
      }),
    close: () => {
      connection.socket.destroy();
    },
  };
}

interface Ready {
  readonly keys: Credentials;
  readonly connection: Connection;
}

async function makeReady(
  line: TransportContext,
  facts: CallFacts,
  signal: AbortSignal,
): Promise<Ready> {
  const { connectTimeoutMs } = line.options;
  try {
    signal.throwIfAborted();
    const budget = timeoutSignal(connectTimeoutMs);
    const keys = await findKeys(line, facts, AbortSignal.any([signal, budget]));
    return { keys, connection: await connectFor(line, facts, signal) };
  } catch (error) {
    if (signal.aborted) throw signal.reason;
    throw error;
  }
}

/** A fresh connection, which is never one of the pool. */
async function connectFor(
  { options: { way, endpoint, connectTimeoutMs } }: TransportContext,
  facts: CallFacts,
  signal: AbortSignal,
): Promise<Connection> {
  const deadline = timeoutSignal(connectTimeoutMs);
  try {
    return await createConnect(way)(targetOf(endpoint), AbortSignal.any([signal, deadline]));
  } catch (error) {
    const neverSent = { ...facts, delivery: 'never-sent' } as const;
    if (deadline.aborted) throw new DcsTimeoutError(neverSent, connectTimeoutMs);
    throw new DcsConnectionError(neverSent, systemCodeOf(error));
  }
}

/**
 * Sends the PUT once. Takes no AbortSignal on purpose: a cancellation could only hide what the service does with
 * it. Its timer starts with it.
 */
async function sendOnce(
  line: TransportContext,
  attempt: Attempt,
  { keys, connection, agent, isHandedOver }: Ready & OneShot,
): Promise<RawAnswer> {
  const { swapTimeoutMs } = line.options;
  const deadline = new AbortController();
  const timer = setTimeout(() => {
    // Whoever is informed that there was no answer must not be overtaken by a PUT that is still resent.
    connection.breakOff();
    deadline.abort();
  }, swapTimeoutMs);
  try {
    return await exchange(line, attempt, { agent, signal: deadline.signal, keys });
  } catch (error) {
    if (error instanceof DcsError) throw error;
    const delivery: Delivery = isHandedOver() ? 'maybe-sent' : 'never-sent';
    if (deadline.signal.aborted)
      throw new DcsTimeoutError({ ...attempt.facts, delivery }, swapTimeoutMs);
    throw toTransportError(error, attempt.facts, delivery);
  } finally {
    clearTimeout(timer);
    agent.destroy();
  }
}
