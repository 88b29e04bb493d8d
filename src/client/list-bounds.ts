/** How much a list of runs is asked for: the same for switchovers and for maintenance runs. */
import { isInstant } from '../domain/text.js';
import { iso } from '../util.js';

import { checkNumber, InvalidInputError } from './errors.js';

/** How many are reported where nothing else is asked, and at most. */
const DEFAULT_LIMIT = 50;
const MAX_LIMIT = 200;

/** Options of a list, as they came. */
interface AskedBounds {
  readonly since?: string | undefined;
  readonly limit?: number | undefined;
}

/** What they mean. */
export interface ListBounds {
  readonly count: number;
  /** Terms of a query of visibility. */
  readonly terms: readonly string[];
}

/** Reads the options `since` and `limit` of a list. @throws InvalidInputError */
export function readBounds({ since, limit = DEFAULT_LIMIT }: AskedBounds): ListBounds {
  const count = Math.trunc(checkNumber('limit', limit, { min: 1, max: MAX_LIMIT }));
  if (since === undefined) return { count, terms: [] };
  if (!isInstant(since)) {
    const remedy = 'Write it like 2026-12-05T02:00:00Z.';
    throw new InvalidInputError([{ field: 'since', problem: 'is no instant', remedy }]);
  }
  return { count, terms: [`StartTime >= "${iso(Date.parse(since))}"`] };
}
