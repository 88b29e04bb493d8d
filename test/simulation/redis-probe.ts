/**
 * The probe of a world, in place of the shipped one, whose lanes would ask 40 times a second: it knows from the model how
 * often Redis has moved. What is reported of it, and what a run makes of that, is the product's own.
 */
import * as probeModule from '../../src/data-plane/probe.js';
import type { RunningProbe } from '../../src/data-plane/index.js';

import type { RedisModel } from './redis.js';

/** Its lanes work so long after its start. */
const ARMED_MS = 500;
/** So long it takes to end, where Redis answers, and where it does not. */
const END_MS = 300;
const SILENT_END_MS = 9_000;
/** What each move interrupts. */
const GAP_MS = 400;

let redis: RedisModel | null = null;

/** Makes the Redis of a world the one that is measured. */
export function measureAt(next: RedisModel | null): void {
  redis = next;
}

/** Must be called once. */
export function replaceProbe(): void {
  Object.assign(probeModule, { startProbe });
}

function startProbe(): RunningProbe {
  if (redis === null) throw new Error('there is no Redis in this world');
  const model = redis;
  const startMs = Date.now();
  const movedBefore = model.moved.length;
  const canBeReached = model.answering() !== null;
  const armedAtMs = (): number | null =>
    canBeReached && Date.now() >= startMs + ARMED_MS ? startMs + ARMED_MS : null;
  const end = (): Promise<void> =>
    new Promise((resolve) => {
      setTimeout(resolve, model.answering() === null ? SILENT_END_MS : END_MS);
    });
  return {
    ...{ armedAtMs, strip: () => '1o', lastInterruptionOverMs: () => null, abandon: end },
    stop: async () => {
      await end();
      return figuresOf(model.moved.length - movedBefore, armedAtMs());
    },
  };
}

function figuresOf(moves: number, armedAtMs: number | null) {
  const at = armedAtMs === null ? null : new Date(armedAtMs).toISOString();
  const interruptions = Array.from({ length: Math.min(moves, 20) }, () => ({
    ...{ from: at ?? '', minMs: GAP_MS, maxMs: 2 * GAP_MS, kinds: ['timeout' as const] },
  }));
  const lane = {
    ...{ ok: 100, errors: { timeout: moves }, interruptions, strip: '1o' },
    latencyMs: { p50: 1, p99: 2 },
  };
  const isMeasured = at !== null;
  return {
    ...{ write: isMeasured ? lane : null, read: isMeasured ? lane : null, idleConnection: null },
    lostWrites: { count: moves, of: 100, perSecond: 20, why: null },
    coverage: 'whole' as const,
    quality: { periodMs: 50, ownStallMs: 0, unseenMs: 0, armedAt: at },
    notMeasured: isMeasured ? [] : ['Writes: never worked five times in a row'],
  };
}
