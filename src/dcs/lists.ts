/** Lists that come in pages: everything that is there, each row once, or an error. */
import { readErrorBody } from './answer.js';
import type { RawAnswer } from './answer.js';
import { DcsResponseError } from './errors.js';

/** A value with what every response reports. */
export interface Answer<T> {
  readonly value: T;
  readonly requestId: string | null;
  /** The API's own clock (`Date`), epoch milliseconds. */
  readonly serverTimeMs: number | null;
  /** How long its last call was waited for, before it was sent, in milliseconds; absent: not noticeably. */
  readonly turnWaitMs?: number;
}

/** One page of a list; `total` where it shows how many rows there are. */
export interface Page<T> {
  readonly total: number | null;
  readonly rows: readonly T[];
}

/** Thrown inside this client when a 2xx body lacks what the call is for. */
export class UnusableBody extends Error {}

/** How a list is read. */
export interface Listing<T> {
  readonly rowsPerPage: number;
  /** More pages than these are not read: no one wants to wait for them. */
  readonly maxPages: number;
  /** What is wrong where there are more rows than these; `null`: nothing. */
  readonly problemOfMore: (rows: readonly T[]) => string | null;
  readonly parse: (body: unknown) => Page<T>;
  readonly idOf: (row: T) => string;
}

/** Query of a page. */
export type PageQuery = readonly (readonly [string, string])[];

/**
 * Reads a list to its end: up to an empty page, or a short one that does not count more. A list that changes
 * meanwhile may skip a row. What a page's own count means is not documented (all rows, or those of the page),
 * so one that disagrees is no proof: then the list is read once more, and the same rows twice are the list.
 *
 * @throws DcsResponseError when it has more pages than are read, or changed while it was read
 */
export async function readWholeList<T>(
  get: (query: PageQuery) => Promise<RawAnswer>,
  listing: Listing<T>,
): Promise<Answer<T[]>> {
  const first = await readPages(get, listing);
  if (first.isCountRight) return first.answer;
  const second = await readPages(get, listing);
  const ids = ({ answer }: Pages<T>): string => answer.value.map(listing.idOf).sort().join('\n');
  if (second.isCountRight || ids(first) === ids(second)) return second.answer;
  throw new DcsResponseError(second.facts, 'of a list that changed while it was read');
}

interface Pages<T> {
  readonly answer: Answer<T[]>;
  readonly facts: RawAnswer['facts'];
  /** Whether no page counted otherwise than there were rows, in all or on the page. */
  readonly isCountRight: boolean;
}

/**
 * Reads a list once, up to its end or to the last page that is read.
 *
 * @throws DcsResponseError when it has more pages, and that is a problem
 */
export async function readPages<T>(
  get: (query: PageQuery) => Promise<RawAnswer>,
  { rowsPerPage, maxPages, parse, idOf, problemOfMore }: Listing<T>,
): Promise<Pages<T>> {
  const rows = new Map<string, T>();
  const totals: number[] = [];
  let seen = 0;
  let isOwnCount = true;
  for (let page = 1; ; page += 1) {
    const raw = await get([
      ['offset', String(seen)],
      ['limit', String(rowsPerPage)],
    ]);
    const { value, ...answer } = toAnswer(raw, parse);
    const { total, rows: found } = value;
    for (const row of found) rows.set(idOf(row), row);
    seen += found.length;
    if (total !== null) totals.push(total);
    isOwnCount &&= total === null || total === found.length;
    const isLast = isLastPage(value, rowsPerPage, seen);
    if (!isLast && page < maxPages) continue;
    const problem = isLast ? null : problemOfMore([...rows.values()]);
    if (problem !== null) throw new DcsResponseError(raw.facts, problem);
    const isCountRight = isOwnCount || totals.every((count) => count === rows.size);
    return { answer: { ...answer, value: [...rows.values()] }, facts: raw.facts, isCountRight };
  }
}

/** A short page is the last one, unless the service caps its pages and its own count says more. */
function isLastPage({ total, rows }: Page<unknown>, rowsPerPage: number, seen: number): boolean {
  if (rows.length === 0) return true;
  return rows.length < rowsPerPage && (total === null || seen >= total);
}

/**
 * An answer with its body parsed.
 *
 * @throws DcsResponseError when the body lacks what the call is for
 */
export function toAnswer<T>(
  { body, facts, turnWaitMs }: RawAnswer,
  parse: (body: unknown) => T,
): Answer<T> {
  try {
    const { requestId, serverTimeMs } = facts;
    const answer = { value: parse(body), requestId, serverTimeMs };
    return turnWaitMs === undefined ? answer : { ...answer, turnWaitMs };
  } catch (error) {
    if (!(error instanceof UnusableBody)) throw error;
    const said = readErrorBody(body);
    const words = said === null ? '' : `; it says ${said.code} ${said.message}`;
    throw new DcsResponseError(facts, `${error.message}${words}`);
  }
}
