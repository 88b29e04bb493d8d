import type { Pairs } from '../support/stats.js';
import { ratiosOf, spreadOf } from '../support/stats.js';
import { showSpread, toTable } from '../support/table.js';

/** One comparison as it stands in the table. */
export interface Figure {
  readonly what: string;
  readonly ours: string;
  readonly theirs: string;
  readonly ratio: string;
  /** What is aimed at, and whether it is met; `null` where no aim is set. */
  readonly aim: { readonly text: string; readonly isMet: boolean } | null;
}

/** A comparison of pairs; the aim is an upper bound of the median ratio. */
export function toFigure(
  what: string,
  pairs: Pairs,
  unit: string,
  { maxRatio = null as number | null, digits = 1 } = {},
): Figure {
  const ratio = ratiosOf(pairs);
  const show = (values: readonly number[]): string =>
    `${showSpread(spreadOf(values), digits)} ${unit}`;
  return {
    what,
    ours: show(pairs.ours),
    theirs: show(pairs.theirs),
    ratio: showSpread(ratio, 2),
    aim: maxRatio === null ? null : { text: `≤ ${maxRatio} ×`, isMet: ratio.median <= maxRatio },
  };
}

/** The figures as a Markdown table. */
export function showFigures(figures: readonly Figure[]): readonly string[] {
  const head = ['Figure', 'ours', 'compared with', 'ratio', 'aim', 'met'];
  return toTable(
    head,
    figures.map(({ what, ours, theirs, ratio, aim }) => [
      ...[what, ours, theirs, ratio],
      ...(aim === null ? ['–', '–'] : [aim.text, aim.isMet ? 'yes' : '**no**']),
    ]),
  );
}
