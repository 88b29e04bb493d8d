/** Sends what the client asks for: readings by pooled connections, the PUT once by a fresh one. */
import type { CallFacts, RawAnswer } from './answer.js';
import { exchange } from './attempt.js';
import type { Attempt, Call, Line, TransportOptions } from './attempt.js';
import { DcsError } from './errors/dcs-error.js';
import type { Delivery } from './errors/dcs-error.js';
import { DcsNotSentError } from './errors/dcs-not-sent-error.js';
import { DcsTimeoutError } from './errors/dcs-timeout-error.js';
import { observe } from './exchange.js';
import { createHttp } from './http.js';
import type { HttpRequest } from './http.js';
import { createOneShotAgent } from './one-shot-agent.js';
import { createPool } from './pool.js';
import { gapOf } from './read-limit.js';
import { readInTurn } from './read-in-turn.js';
import type { ReadOptions } from './read-in-turn.js';
import { createRefusals } from './refusals.js';
import { deliveryOfReading, toTransportError } from './transport-errors.js';
import { createGate } from './turns.js';

/** GET by a pooled connection, and the one PUT by a fresh one. */
export interface Transport {
  readonly get: (call: Call, options: ReadOptions) => Promise<RawAnswer>;
  readonly put: (call: Call, maySend: () => boolean) => Promise<RawAnswer>;
}

/** Opens no connection yet. */
export function createTransport(options: TransportOptions): Transport {
  const send = createHttp();
  const agent = createPool(options.way, options.connectTimeoutMs);
  const gate = createGate(gapOf(options.maxReadsPerSecond));
  const line: Line = { options, send, refusals: createRefusals() };
  const factsOf = ({ operation, route }: Call, method: 'GET' | 'PUT'): CallFacts => ({
    operation,
    method,
    route,
  });
  const observed = (
    call: Call,
    facts: CallFacts,
    run: (attempt: Attempt) => Promise<RawAnswer>,
  ): Promise<RawAnswer> => observe(options.onExchange, facts, (saw) => run({ call, facts, saw }));
  return {
    get: (call, { signal, ...turn }) => {
      const facts = factsOf(call, 'GET');
      const inTurn = { ...turn, facts, signal, patienceMs: options.readTimeoutMs };
      return readInTurn(gate, inTurn, () =>
        observed(call, facts, (attempt) => readOnce(line, attempt, { agent, signal })),
      );
    },
    put: (call, maySend) =>
      observed(call, factsOf(call, 'PUT'), (attempt) => putOnce(line, attempt, maySend)),
  };
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
    return await exchange(line, attempt, { agent, signal: either });
  } catch (error) {
    if (signal.aborted) throw signal.reason;
    if (error instanceof DcsError) throw error;
    const facts = { ...attempt.facts, delivery: deliveryOfReading(error) };
    if (deadline.aborted) throw new DcsTimeoutError(facts, readTimeoutMs);
    throw toTransportError(error, attempt.facts, facts.delivery);
  }
}

/**
 * Sends the PUT once. Takes no AbortSignal on purpose: a cancellation after the hand-over could only
 * hide what the service does with it. Its own timer starts at the hand-over.
 */
async function putOnce(line: Line, attempt: Attempt, maySend: () => boolean): Promise<RawAnswer> {
  const { connectTimeoutMs, swapTimeoutMs, way } = line.options;
  const deadline = new AbortController();
  let timer: NodeJS.Timeout | undefined;
  const onHandOver = (): void => {
    timer = setTimeout(() => {
      // Whoever is told that there was no answer must not be overtaken by a PUT that is still resent.
      handOver.breakOff();
      deadline.abort();
    }, swapTimeoutMs);
  };
  const { agent, handOver } = createOneShotAgent({ way, connectTimeoutMs, maySend, onHandOver });
  try {
    return await exchange(line, attempt, { agent, signal: deadline.signal });
  } catch (error) {
    if (error instanceof DcsError) throw error;
    const delivery: Delivery = handOver.isHandedOver() ? 'maybe-sent' : 'never-sent';
    const facts = { ...attempt.facts, delivery };
    if (handOver.isDeclined()) throw new DcsNotSentError({ ...facts, delivery: 'never-sent' });
    if (handOver.isTimedOut()) throw new DcsTimeoutError(facts, connectTimeoutMs);
    if (deadline.signal.aborted) throw new DcsTimeoutError(facts, swapTimeoutMs);
    throw toTransportError(error, attempt.facts, delivery);
  } finally {
    clearTimeout(timer);
    agent.destroy();
  }
}
