/** Events on their way to the webhook that are posted once: a few at a time, bounded, lost without harm. */
import type { CloudEvent } from '../contract/index.js';

import type { Post } from './post.js';

/** Bounds of an outbox. */
export interface OutboxLimits {
  /** Events that wait; a further one is dropped. */
  readonly maxWaiting: number;
  readonly maxInFlight: number;
}

/** The bounds of a worker. */
const OUTBOX_LIMITS: OutboxLimits = { maxWaiting: 1000, maxInFlight: 8 };

/** Is notified of what became of each event. @param why `null`: the webhook has taken it */
export type OutboxReporter = (event: CloudEvent, why: string | null) => void;

/** Takes events and posts each of them once. */
export interface Outbox {
  /** Never throws, never waits. */
  readonly add: (event: CloudEvent) => void;
  /**
   * Posts what is left, and takes nothing any more.
   *
   * @param withinMs what is left then is dropped
   */
  readonly drain: (withinMs: number) => Promise<void>;
}

/** An empty outbox. Events leave in the order of reporting; they may overtake each other. */
export function createOutbox(
  post: Post,
  report: OutboxReporter,
  { maxWaiting, maxInFlight }: OutboxLimits = OUTBOX_LIMITS,
): Outbox {
  const waiting: CloudEvent[] = [];
  const inFlight = new Set<Promise<void>>();
  const stop = new AbortController();
  let isDraining = false;

  const send = async (event: CloudEvent): Promise<void> => {
    const verdict = await post(event, stop.signal);
    const why = verdict.kind === 'delivered' ? null : verdict.why;
    report(event, stop.signal.aborted ? SHUT_DOWN : why);
  };
  const pump = (): void => {
    while (inFlight.size < maxInFlight) {
      const event = waiting.shift();
      if (event === undefined) return;
      const sending = send(event).finally(() => {
        inFlight.delete(sending);
        pump();
      });
      inFlight.add(sending);
    }
  };
  const giveUp = (): void => {
    for (const event of waiting.splice(0)) report(event, SHUT_DOWN);
    stop.abort();
  };
  return {
    add: (event) => {
      if (isDraining) report(event, SHUT_DOWN);
      else if (waiting.length >= maxWaiting) report(event, `${maxWaiting} wait already`);
      else waiting.push(event);
      pump();
    },
    drain: async (withinMs) => {
      isDraining = true;
      const timer = setTimeout(giveUp, withinMs);
      while (inFlight.size > 0) await Promise.all(inFlight);
      clearTimeout(timer);
    },
  };
}

const SHUT_DOWN = 'the worker has ended';
