import type { Spread } from './stats.js';

/** A Markdown table; the first column is left-aligned, the others to the right. */
export function toTable(
  head: readonly string[],
  rows: readonly (readonly string[])[],
): readonly string[] {
  const line = (cells: readonly string[]): string => `| ${cells.join(' | ')} |`;
  const rule = head.map((_, index) => (index === 0 ? '---' : '--:'));
  return [line(head), line(rule), ...rows.map(line)];
}

/** `12.3 (11.0–14.1)`: median, least and most. */
export function showSpread({ median, min, max }: Spread, digits: number, factor = 1): string {
  const show = (value: number): string => (value * factor).toFixed(digits);
  return `${show(median)} (${show(min)}–${show(max)})`;
}
