/** Sends what the client asks for: readings by pooled connections, the PUT once by a fresh one. */
import type { CallFacts, RawAnswer } from './answer.js';
import { exchange, findKeys } from './attempt.js';
import type { Attempt, Call, Line, TransportOptions } from './attempt.js';
import { createConnect, systemWordOf, targetOf } from './route.js';
import type { Connection } from './route.js';
import type { Credentials } from './credentials/types.js';
import { CLOSED_UNUSED } from './errors/connection-reasons.js';
import { DcsConnectionError } from './errors/dcs-connection-error.js';
import { DcsError } from './errors.js';
import type { Delivery } from './errors.js';
import { DcsTimeoutError } from './errors/dcs-timeout-error.js';
import { observe, observeStart } from './exchange.js';
import { createHttp } from './http.js';
import type { HttpRequest } from './http.js';
import { createOneShotAgent, isStillOpen } from './one-shot-agent.js';
import type { OneShot } from './one-shot-agent.js';
import { createPool } from './pool.js';
import { gapOf } from './read-limit.js';
import { readInTurn } from './read-in-turn.js';
import type { ReadOptions } from './read-in-turn.js';
import { createRefusals } from './refusals.js';
import { deliveryOfReading, toTransportError } from './transport-errors.js';
import { createGate } from './turns.js';

/** The PUT on a connection that stands; nothing of it has left. */
export interface OpenPut {
  /** `false` once the other side is known not to wait for it any more, or it was sent. */
  readonly isOpen: () => boolean;
  /** Signs it and writes it at once. To be called once. */
  readonly send: () => Promise<RawAnswer>;
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
  const line: Line = { options, send, refusals: createRefusals() };
  return {
    get: (call, { signal, ...turn }) => {
      const facts = factsOf(call, 'GET');
      const inTurn = { ...turn, facts, signal, patienceMs: options.readTimeoutMs };
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
  line: Line,
  attempt: Attempt,
  { agent, signal }: Reading,
): Promise<RawAnswer> {
  const { readTimeoutMs } = line.options;
  const deadline = AbortSignal.timeout(readTimeoutMs);
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
 * Makes the PUT ready: whatever takes its time is done here, before anybody has to decide whether it may be sent.
 *
 * @param signal ends the attempt; nothing after it
 * @throws the signal's reason, DcsUnauthenticatedError, DcsTimeoutError, DcsConnectionError; the PUT was never sent
 */
async function openPut(line: Line, call: Call, signal: AbortSignal): Promise<OpenPut> {
  const { onExchange, way } = line.options;
  const facts = factsOf(call, 'PUT');
  const { keys, connection } = await observeStart(onExchange, facts, () =>
    makeReady(line, facts, signal),
  );
  const { agent, isHandedOver } = createOneShotAgent(way, connection.socket);
  const isOpen = (): boolean => !isHandedOver() && isStillOpen(connection.socket);
  return {
    isOpen,
    send: () =>
      observe(onExchange, facts, async (saw) => {
        const attempt = { call, facts, saw };
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

async function makeReady(line: Line, facts: CallFacts, signal: AbortSignal): Promise<Ready> {
  const { connectTimeoutMs } = line.options;
  try {
    signal.throwIfAborted();
    const patience = AbortSignal.timeout(connectTimeoutMs);
    const keys = await findKeys(line, facts, AbortSignal.any([signal, patience]));
    return { keys, connection: await connectFor(line, facts, signal) };
  } catch (error) {
    if (signal.aborted) throw signal.reason;
    throw error;
  }
}

/** A fresh connection, which is never one of the pool. */
async function connectFor(
  { options: { way, endpoint, connectTimeoutMs } }: Line,
  facts: CallFacts,
  signal: AbortSignal,
): Promise<Connection> {
  const deadline = AbortSignal.timeout(connectTimeoutMs);
  try {
    return await createConnect(way)(targetOf(endpoint), AbortSignal.any([signal, deadline]));
  } catch (error) {
    const neverSent = { ...facts, delivery: 'never-sent' } as const;
    if (deadline.aborted) throw new DcsTimeoutError(neverSent, connectTimeoutMs);
    throw new DcsConnectionError(neverSent, systemWordOf(error));
  }
}

/**
 * Sends the PUT once. Takes no AbortSignal on purpose: a cancellation could only hide what the service does with
 * it. Its timer starts with it.
 */
async function sendOnce(
  line: Line,
  attempt: Attempt,
  { keys, connection, agent, isHandedOver }: Ready & OneShot,
): Promise<RawAnswer> {
  const { swapTimeoutMs } = line.options;
  const deadline = new AbortController();
  const timer = setTimeout(() => {
    // Whoever is told that there was no answer must not be overtaken by a PUT that is still resent.
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
