/** The way back from the latest run of a lock id to the one that leaves or settles a doubt. */
import { findTelling } from '../domain/checks/runs.js';

import { mapSome } from './ask.js';
import type { ReadRun } from './earlier-run.js';
import type { ListedRun } from './run-list.js';

/**
 * How many runs are read on the way back to one that leaves or settles a doubt. Those that their pre-check refused do
 * neither, and the list tells them, so they are not read. Beyond this limit the answer is an error, never "nothing
 * found".
 */
export const MAX_READ_RUNS = 300;

/** How many runs are read at once on the way back: nearly always the first one decides. */
const FIRST_STEP = 1;
const STEP_GROWTH = 4;

/** Reads in growing steps, latest first, until one decides; `null` where none of so many does. */
export async function readBack(
  runs: readonly ListedRun[],
  read: (run: ListedRun) => Promise<ReadRun>,
): Promise<ReadRun[] | null> {
  const closed: ReadRun[] = [];
  let step = FIRST_STEP;
  while (closed.length < runs.length && findTelling(closed) === null) {
    if (closed.length >= MAX_READ_RUNS) return null;
    const next = runs.slice(closed.length, Math.min(closed.length + step, MAX_READ_RUNS));
    closed.push(...(await mapSome(next, read)));
    step *= STEP_GROWTH;
  }
  return closed;
}
