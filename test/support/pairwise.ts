/** Values by factor: what may vary in a test, and how. */
export type Factors = Readonly<Record<string, readonly (string | number)[]>>;

/** One value for each factor. */
export type RowOf<F extends Factors> = { readonly [Name in keyof F]: F[Name][number] };

/** Two values of two factors that one row is to have, as `a=1,b=2`. */
const pairOf = (a: string, x: unknown, b: string, y: unknown): string =>
  `${a}=${String(x)},${b}=${String(y)}`;

/** Every pair that a row has among the given factors. */
function pairsOf(row: Readonly<Record<string, unknown>>, names: readonly string[]): string[] {
  return names.flatMap((a, index) =>
    names
      .slice(index + 1)
      .filter((b) => a in row && b in row)
      .map((b) => pairOf(a, row[a], b, row[b])),
  );
}

/** Every pair of values of two factors. */
export function allPairs(factors: Factors): Set<string> {
  const names = Object.keys(factors);
  const pairs = names.flatMap((a, index) =>
    names
      .slice(index + 1)
      .flatMap((b) =>
        (factors[a] ?? []).flatMap((x) => (factors[b] ?? []).map((y) => pairOf(a, x, b, y))),
      ),
  );
  return new Set(pairs);
}

/**
 * Rows in which every pair of values occurs at least once, by taking for each factor in turn the value that adds
 * most pairs not yet seen. Always the same rows for the same factors.
 */
export function pairwise<F extends Factors>(factors: F): readonly RowOf<F>[] {
  const names = Object.keys(factors);
  const left = allPairs(factors);
  const rows: RowOf<F>[] = [];
  while (left.size > 0) {
    const [seed = ''] = left;
    const fixed = new Map(seed.split(',').map((part) => part.split('=') as [string, string]));
    const row: Record<string, string | number> = {};
    const seeded = names.filter((name) => fixed.has(name));
    for (const name of [...seeded, ...names.filter((one) => !fixed.has(one))]) {
      const values = (factors[name] ?? []).filter(
        (v) => !fixed.has(name) || String(v) === fixed.get(name),
      );
      const gain = (value: string | number): number =>
        pairsOf({ ...row, [name]: value }, names).filter((pair) => left.has(pair)).length;
      const [best] = [...values].sort((a, b) => gain(b) - gain(a));
      if (best !== undefined) row[name] = best;
    }
    for (const pair of pairsOf(row, names)) left.delete(pair);
    rows.push(row as RowOf<F>);
  }
  return rows;
}
