/** What Redis shows of all its keys: evidence of what may have become of one that is gone. */
import type { Connection } from './connection.js';
import { numberIn, readInfo } from './look.js';

/** At one moment, by `INFO`. */
export interface Keyspace {
  /** Of the server's process, which counts what it evicts since its own start. */
  readonly runId: string;
  /** In the database of the test key, as `DBSIZE` counts them. */
  readonly keys: number;
  readonly evicted: number;
}

/** `null` where Redis does not show it: nothing depends on it. Never throws. */
export async function readKeyspace(connection: Connection): Promise<Keyspace | null> {
  try {
    const info = await readInfo(connection, 'default');
    const [, keys = '0'] = /^keys=(\d{1,15}),/.exec(info.get('db0') ?? '') ?? [];
    const evicted = numberIn(info, 'evicted_keys');
    return { runId: info.get('run_id') ?? '', keys: Number(keys), evicted };
  } catch {
    return null;
  }
}

/** `1204 keys and 0 evictions before, 3 keys and 17 evictions now`; `null` where it was not seen twice. */
export function compareKeyspaces(before: Keyspace | null, now: Keyspace | null): string | null {
  if (before === null || now === null) return null;
  const where = before.runId === now.runId ? '' : ', at another server';
  return `${describe(before)} before, ${describe(now)} now${where}`;
}

function describe({ keys, evicted }: Keyspace): string {
  return `${keys} keys and ${evicted} evictions`;
}
