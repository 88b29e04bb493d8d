/**
 * Acknowledged test writes that are gone: each sets one bit of one key, so that a write without an answer hides no
 * other. A pure comparison at the end says which are missing.
 */
import type { DataPlaneReport } from '../contract/index.js';

import type { Connection } from './connection.js';
import { readKeyspace } from './keyspace.js';
import type { Keyspace } from './keyspace.js';
import type { Task } from './lane.js';

type LostWrites = NonNullable<DataPlaneReport['lostWrites']>;

const KEY_PREFIX = 'dcs-switchover:probe:';

/** The keys that a user of Redis has to be allowed, as an ACL names them. */
export const PROBE_KEYS = `~${KEY_PREFIX}*`;

/** The key of one probe. The braces keep all that begins with it in one slot of a cluster. */
export function probeKey(id: string): string {
  return `${KEY_PREFIX}{${id}}`;
}

/** The test writes of one probe. */
export interface TestWrites {
  readonly task: Task;
  readonly acknowledged: MarkSet;
  /** All keys of Redis right before the first of them; `null`: not shown. */
  readonly keyspace: () => Keyspace | null;
}

/** How often the key is given its full life again. */
const RENEW_MS = 5_000;

/** Test writes on a key that ends by itself `ttlMs` after the last of them. */
export function createTestWrites(key: string, ttlMs: number): TestWrites {
  const acknowledged = createMarkSet();
  let written = 0;
  let isFirstBitSet = false;
  let keyspace: Keyspace | null = null;
  let renewed: { readonly on: Connection; readonly atMs: number } | null = null;
  const prepare = async (connection: Connection): Promise<void> => {
    if (!isFirstBitSet) {
      keyspace = await readKeyspace(connection);
      // Who may not give the key an end must not make it.
      await connection.ask('PEXPIRE', key, String(ttlMs));
      await connection.ask('SETBIT', key, '0', '1');
      isFirstBitSet = true;
    }
    const nowMs = performance.now();
    if (renewed?.on === connection && nowMs - renewed.atMs < RENEW_MS) return;
    // A key that was removed meanwhile came back by a test write, without an end.
    await connection.ask('PEXPIRE', key, String(ttlMs));
    renewed = { on: connection, atMs: nowMs };
  };
  return {
    task: {
      prepare,
      next: () => {
        written += 1;
        return { words: ['SETBIT', key, String(written), '1'], mark: written };
      },
      acknowledged: acknowledged.add,
    },
    acknowledged,
    keyspace: () => keyspace,
  };
}

/** A set of positive numbers, a bit each. */
export interface MarkSet {
  readonly add: (mark: number) => void;
  readonly has: (mark: number) => boolean;
  readonly size: () => number;
  readonly largest: () => number;
}

/** An empty one. */
export function createMarkSet(): MarkSet {
  let bits = Buffer.alloc(1_024);
  let [size, largest] = [0, 0];
  return {
    add: (mark) => {
      const byte = mark >> 3;
      if (byte >= bits.length)
        bits = Buffer.concat([bits, Buffer.alloc(Math.max(bits.length, byte))]);
      bits[byte] = (bits[byte] ?? 0) | bitOf(mark);
      [size, largest] = [size + 1, Math.max(largest, mark)];
    },
    has: (mark) => isSet(bits, mark),
    size: () => size,
    largest: () => largest,
  };
}

/** Redis counts the bits of a byte from the highest. */
function bitOf(mark: number): number {
  return 0x80 >> (mark & 7);
}

function isSet(bits: Buffer, mark: number): boolean {
  return ((bits[mark >> 3] ?? 0) & bitOf(mark)) !== 0;
}

/** What became of the key. */
const WHY = {
  gone: 'the key of the test writes is gone: evicted, removed, or lost with all else',
  recreated: 'the key of the test writes was removed meanwhile, or lost with all else',
  scattered: 'the missing test writes are not the last ones before an interruption',
} as const;

/** Whether the key is not the one that was made at first, or not there. @param bitmap what Redis has; `null`: no such key */
export function isKeyLost(bitmap: Buffer | null): boolean {
  return bitmap === null || !isSet(bitmap, 0);
}

/**
 * Counts the acknowledged writes that are not in the bitmap. A loss by a switchover is one run of writes, the last ones
 * before an interruption; anything else is no such loss, and nothing is counted.
 *
 * @param bitmap what Redis has in the end; `null`: no such key
 * @param lastMarks the last test write before each interruption
 */
export function countLost(
  bitmap: Buffer | null,
  acknowledged: MarkSet,
  lastMarks: readonly number[],
  perSecond: number,
): LostWrites {
  const result = (count: number | null, why: string | null): LostWrites => {
    return { count, of: acknowledged.size(), perSecond, why };
  };
  if (bitmap === null) return result(null, WHY.gone);
  if (isKeyLost(bitmap)) return result(null, WHY.recreated);
  const lost: number[] = [];
  let runs = 0;
  let isInRun = false;
  for (let mark = 1; mark <= acknowledged.largest(); mark += 1) {
    if (!acknowledged.has(mark)) continue;
    const isLost = !isSet(bitmap, mark);
    if (isLost) lost.push(mark);
    if (isLost && !isInRun) runs += 1;
    isInRun = isLost;
  }
  const last = lost.at(-1);
  if (last === undefined) return result(0, null);
  if (runs > 1 || !lastMarks.includes(last)) return result(null, WHY.scattered);
  return result(lost.length, null);
}
