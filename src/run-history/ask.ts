/**
 * Asks Temporal one question: with the asker's own deadline, and errors in the asker's own words.
 *
 * @param operation what is asked, such as `list the runs`
 */
export type Ask = <T>(operation: string, call: () => Promise<T>) => Promise<T>;

/** How many questions are open at the same time: quick enough for hundreds of runs, gentle with the server. */
const AT_ONCE = 16;

/** Maps in order, some at the same time. @throws what `map` throws first */
export async function mapSome<T, R>(
  items: readonly T[],
  map: (item: T) => Promise<R>,
): Promise<R[]> {
  const results: R[] = [];
  for (let first = 0; first < items.length; first += AT_ONCE)
    results.push(...(await Promise.all(items.slice(first, first + AT_ONCE).map(map))));
  return results;
}
