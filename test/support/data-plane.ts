/** Reports of the data plane as runs make them, by hand. */
import type { DataPlaneReport, LaneReport, Look } from '../../src/contract/index.js';

const look = (changes: Partial<Look>): Look => ({
  ...{ at: '2026-11-24T02:00:00.100Z', role: 'master', runId: 'a'.repeat(40) },
  ...{ uptimeSeconds: 86_400, replid: 'b'.repeat(40), replid2: null },
  ...{ offset: 120_000, secondOffset: null },
  ...changes,
});

/** A lane that was interrupted once. */
export const lane = (changes: Partial<LaneReport> = {}): LaneReport => ({
  ok: 166,
  errors: { timeout: 3, readonly: 4 },
  interruptions: [
    {
      ...{ from: '2026-11-24T02:00:02.450Z', minMs: 361, maxMs: 701 },
      kinds: ['timeout', 'readonly'],
    },
  ],
  latencyMs: { p50: 0.4, p99: 2.1 },
  strip: '45o7t6r115o',
  ...changes,
});

/** A lane that always got its answer. */
export const calmLane = (changes: Partial<LaneReport> = {}): LaneReport =>
  lane({ ok: 173, errors: {}, interruptions: [], strip: '173o', ...changes });

/** What a run shows whose master moved once while it was measured. */
export const measured = (changes: Partial<DataPlaneReport> = {}): DataPlaneReport => ({
  state: 'measured',
  why: null,
  address: '192.168.0.10:6379',
  binding: 'password',
  witness: {
    word: 'MOVED',
    why: 'another process, which ran before, with the history of the old master',
    before: look({}),
    after: look({
      ...{ at: '2026-11-24T02:00:09.000Z', runId: 'c'.repeat(40), uptimeSeconds: 70_000 },
      ...{
        replid: 'd'.repeat(40),
        replid2: 'b'.repeat(40),
        offset: 121_000,
        secondOffset: 120_501,
      },
    }),
    looks: 4,
    lostBytesAtLeast: 0,
  },
  write: lane(),
  read: calmLane(),
  idleConnection: { state: 'closed-by-peer', atMs: 1_900 },
  lostWrites: { count: 0, of: 166, perSecond: 20, why: null },
  coverage: 'whole',
  quality: {
    ...{ periodMs: 50, ownStallMs: 12, unseenMs: 0 },
    armedAt: '2026-11-24T02:00:00.200Z',
  },
  ...changes,
});

/** What a run shows of which no measurement was asked for. */
export const witnessOnly = (changes: Partial<DataPlaneReport> = {}): DataPlaneReport =>
  measured({
    ...{ state: 'witness-only', why: 'no measurement was asked for' },
    ...{ write: null, read: null, idleConnection: null, lostWrites: null },
    quality: { periodMs: 50, ownStallMs: 0, unseenMs: 0, armedAt: null },
    ...changes,
  });
