/** The way back from the latest run of a lock id to the one that leaves or settles a doubt. */
import { findTelling } from '../domain/checks/runs.js';

import { mapSome } from './ask.js';
import type { ReadRun } from '../temporal/earlier-run.js';
import type { ListedRun } from '../temporal/run-list.js';

/** How many runs are read at once on the way back: nearly always the first one decides. */
const FIRST_STEP = 1;
const STEP_GROWTH = 4;

/**
 * Reads in growing steps, latest first, until one decides; all of them where none does. Those that their pre-check
 * refused do not decide, and the list tells them, so they are not read; those that were refused right before their PUT
 * cost a question each, however many there are.
 */
export async function readBack(
  runs: readonly ListedRun[],
  read: (run: ListedRun) => Promise<ReadRun>,
): Promise<ReadRun[]> {
  const closed: ReadRun[] = [];
  let step = FIRST_STEP;
  while (closed.length < runs.length && findTelling(closed) === null) {
    const next = runs.slice(closed.length, closed.length + step);
    closed.push(...(await mapSome(next, read)));
    step *= STEP_GROWTH;
  }
  return closed;
}
