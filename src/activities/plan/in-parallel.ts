/**
 * Maps in order, a few at a time, the first alone: what fails for all fails once.
 *
 * @param stop told when one fails: the others are to give up
 * @returns the results in the order of the items
 * @throws what `map` threw first, once nothing of it goes on any more
 */
export async function mapInParallel<T, R>(
  items: readonly T[],
  { limit, stop }: { readonly limit: number; readonly stop: () => void },
  map: (item: T) => Promise<R>,
): Promise<R[]> {
  const results: R[] = [];
  const failures: unknown[] = [];
  let next = 0;
  const work = async (until: number): Promise<void> => {
    while (next < until && failures.length === 0) {
      const index = next;
      next += 1;
      try {
        results[index] = await map(items[index] as T);
      } catch (error) {
        failures.push(error);
        stop();
      }
    }
  };
  await work(Math.min(1, items.length));
  await Promise.all(Array.from({ length: limit }, () => work(items.length)));
  if (failures.length > 0) throw failures[0];
  return results;
}
