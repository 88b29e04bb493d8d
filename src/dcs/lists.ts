/** Lists that come in pages: everything that is there, each row once, or an error. */
import type { RawAnswer } from './answer.js';
import { DcsResponseError } from './errors/dcs-response-error.js';
import type { Answer } from './models.js';
import { UnusableBody } from './parse.js';

/** One page as it was parsed; `total` where it tells how many rows there are. */
export interface Page<T> {
  readonly total: number | null;
  readonly rows: readonly T[];
}

/** How a list is read. */
export interface Listing<T> {
  readonly rowsPerPage: number;
  /** More pages than these are refused: nobody wants to wait for them. */
  readonly maxPages: number;
  readonly parse: (body: unknown) => Page<T>;
  readonly idOf: (row: T) => string;
}

/** Query of a page. */
export type PageQuery = readonly (readonly [string, string])[];

/**
 * Reads a list to its end. A list that changes meanwhile may skip a row, which its own count tells.
 *
 * @throws DcsResponseError when it has more pages than are read, or changed while it was read
 */
export async function readWholeList<T>(
  get: (query: PageQuery) => Promise<RawAnswer>,
  { rowsPerPage, maxPages, parse, idOf }: Listing<T>,
): Promise<Answer<T[]>> {
  const rows = new Map<string, T>();
  let seen = 0;
  for (let page = 1; ; page += 1) {
    const raw = await get([
      ['offset', String(seen)],
      ['limit', String(rowsPerPage)],
    ]);
    const { value, ...answer } = toAnswer(raw, parse);
    for (const row of value.rows) rows.set(idOf(row), row);
    seen += value.rows.length;
    const isShort = value.rows.length < rowsPerPage;
    // A short page is the last one, unless the service caps its pages and its own count says more.
    const isLast = isShort && (value.total === null || seen >= value.total);
    if (!isLast && value.rows.length > 0) {
      if (page < maxPages) continue;
      const problem = `of a list with more than ${maxPages * rowsPerPage} rows`;
      throw new DcsResponseError(raw.facts, problem);
    }
    if (value.total !== null && rows.size !== value.total)
      throw new DcsResponseError(raw.facts, `of a list that changed while it was read`);
    return { ...answer, value: [...rows.values()] };
  }
}

/**
 * An answer with its body parsed.
 *
 * @throws DcsResponseError when the body lacks what the call is for
 */
export function toAnswer<T>({ body, facts }: RawAnswer, parse: (body: unknown) => T): Answer<T> {
  try {
    const { requestId, serverTimeMs } = facts;
    return { value: parse(body), requestId, serverTimeMs };
  } catch (error) {
    if (error instanceof UnusableBody) throw new DcsResponseError(facts, error.message);
    throw error;
  }
}
