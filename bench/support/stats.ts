/** Middle and spread of a series. */
export interface Spread {
  readonly median: number;
  readonly min: number;
  readonly max: number;
}

/** @throws Error for an empty series */
export function spreadOf(values: readonly number[]): Spread {
  const sorted = [...values].sort((a, b) => a - b);
  const [min] = sorted;
  const max = sorted.at(-1);
  if (min === undefined || max === undefined) throw new Error('no values to describe');
  return { median: medianOf(sorted), min, max };
}

/** Arithmetic mean. */
export function meanOf(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}

function medianOf(sorted: readonly number[]): number {
  const low = sorted[Math.floor((sorted.length - 1) / 2)] ?? NaN;
  const high = sorted[Math.ceil((sorted.length - 1) / 2)] ?? NaN;
  return (low + high) / 2;
}

/** A series of pairs: ours and what it is compared with, measured in turn. */
export interface Pairs {
  readonly ours: readonly number[];
  readonly theirs: readonly number[];
}

/**
 * Measures two things in turn, changing which goes first, so that a machine that gets slower or busier
 * meanwhile does it to both.
 */
export async function measurePairs(
  count: number,
  ours: () => Promise<number>,
  theirs: () => Promise<number>,
): Promise<Pairs> {
  const pairs = { ours: [] as number[], theirs: [] as number[] };
  for (let round = 0; round < count; round += 1) {
    const both = [
      async () => pairs.ours.push(await ours()),
      async () => pairs.theirs.push(await theirs()),
    ];
    for (const measure of round % 2 === 0 ? both : both.reverse()) await measure();
  }
  return pairs;
}

/** Ours divided by theirs, pair by pair. */
export function ratiosOf({ ours, theirs }: Pairs): Spread {
  return spreadOf(ours.map((value, index) => value / (theirs[index] ?? NaN)));
}
