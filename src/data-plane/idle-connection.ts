/** A connection that does nothing, as those in a pool: is it closed by a switchover, does it die unnoticed, or go on? */
import type { DataPlaneReport } from '../contract/index.js';

import type { DataPlaneAccess } from './access.js';
import { openConnection } from './connection.js';
import type { Connection } from './connection.js';
import { toDataPlaneFailure } from './failure.js';
import { sleepUntil } from './lane.js';
import { PATIENT } from './look.js';

/** What became of it; `atMs` is monotonic. `null`: there was none. */
type IdleEnd = DataPlaneReport['idleConnection'];

export interface IdleConnection {
  /** Asks whether it still works, and closes it. Never throws. */
  readonly end: () => Promise<IdleEnd>;
}

/** How often it is asked whether it may be opened. */
const WAIT_MS = 50;

/**
 * Opens it as soon as the lanes work: not before, so that a refused login is not tried a third time.
 *
 * @param key one that may be read
 */
export function watchIdleConnection(
  access: DataPlaneAccess,
  key: string,
  mayOpen: () => boolean,
): IdleConnection {
  const ending = new AbortController();
  let closedAtMs: number | null = null;
  const opening = (async (): Promise<Connection | null> => {
    while (!mayOpen()) {
      await sleepUntil(performance.now() + WAIT_MS, ending.signal);
      if (ending.signal.aborted) return null;
    }
    const connection = await openConnection(access, PATIENT).catch(() => null);
    void connection?.gone.then(() => {
      closedAtMs = performance.now();
    });
    return connection;
  })();
  return {
    end: async () => {
      ending.abort();
      const connection = await opening;
      if (connection === null) return null;
      if (closedAtMs !== null) return { state: 'closed-by-peer', atMs: closedAtMs };
      const state = await askOnce(connection, key);
      const atMs = state === 'closed-by-peer' ? performance.now() : null;
      connection.close();
      return { state, atMs };
    },
  };
}

async function askOnce(
  connection: Connection,
  key: string,
): Promise<NonNullable<IdleEnd>['state']> {
  try {
    await connection.ask('GET', key);
    return 'still-works';
  } catch (error) {
    const { isReply, kind } = toDataPlaneFailure(error);
    if (isReply) return 'still-works';
    return kind === 'timeout' ? 'silent' : 'closed-by-peer';
  }
}
