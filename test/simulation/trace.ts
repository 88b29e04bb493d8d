/** A played schedule as lines of text: what stands in the histories, what left the workers, what moved the master. */
import type { DcsModel } from './dcs.js';
import type { SimRun } from './temporal.js';

/* eslint-disable @typescript-eslint/no-explicit-any, @typescript-eslint/no-unsafe-assignment,
   @typescript-eslint/no-unsafe-member-access, @typescript-eslint/no-unsafe-argument -- events as the SDK has them */

/** What happened, in order, for people. */
export function tell(dcs: DcsModel, runs: readonly { readonly run: SimRun }[]): string[] {
  const lines = runs.flatMap(({ run }) =>
    run.events.map((event) => ({ atMs: toMs(event.eventTime), what: describeEvent(event) })),
  );
  const puts = dcs.puts.map(({ atMs, arrivedAtMs, jobId }) => ({
    atMs,
    what: `PUT left, arrived ${arrivedAtMs === null ? 'never' : new Date(arrivedAtMs).toISOString()}, job ${jobId ?? 'none'}`,
  }));
  const changes = dcs.changes.map(({ atMs, to, by }) => ({
    atMs,
    what: `master is ${to.slice(0, 6)}, by ${by}`,
  }));
  const moves = (dcs.redis?.moved ?? []).map(({ atMs, move }) => ({
    atMs,
    what: `Redis: ${move}`,
  }));
  const sights = dcs.sights.map(({ begunAtMs, answeredAtMs, shown }) => ({
    atMs: begunAtMs,
    what: `Redis is looked at: ${answeredAtMs === null ? 'no answer' : JSON.stringify(shown)}`,
  }));
  return [...lines, ...puts, ...changes, ...moves, ...sights]
    .toSorted((a, b) => a.atMs - b.atMs)
    .map(({ atMs, what }) => `${new Date(atMs).toISOString().slice(11)} ${what}`);
}

function describeEvent(event: SimRun['events'][number]): string {
  const [name = '', attributes] =
    Object.entries(event).find(([key]) => key.endsWith('Attributes')) ?? [];
  const { activityType, input, result, failure } = (attributes ?? {}) as Record<string, any>;
  const payload = (input ?? result)?.payloads?.[0]?.data;
  const text =
    payload === undefined ? JSON.stringify(failure ?? '') : Buffer.from(payload).toString();
  return `${name.replace('EventAttributes', '')} ${activityType?.name ?? ''} ${text}`;
}

function toMs({ seconds, nanos }: { seconds: unknown; nanos: number }): number {
  return Number(seconds) * 1000 + Math.floor(nanos / 1e6);
}
