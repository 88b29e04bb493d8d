/**
 * Maps in order, a few at a time, the first alone: what fails for all fails once.
 *
 * @returns the results in the order of the items
 * @throws what `map` throws first; no further item is begun then
 */
export async function mapInParallel<T, R>(
  items: readonly T[],
  limit: number,
  map: (item: T) => Promise<R>,
): Promise<R[]> {
  const results: R[] = [];
  let next = 0;
  let isBroken = false;
  const work = async (until: number): Promise<void> => {
    while (next < until && !isBroken) {
      const index = next;
      next += 1;
      try {
        results[index] = await map(items[index] as T);
      } catch (error) {
        isBroken = true;
        throw error;
      }
    }
  };
  await work(Math.min(1, items.length));
  await Promise.all(Array.from({ length: limit }, () => work(items.length)));
  return results;
}
