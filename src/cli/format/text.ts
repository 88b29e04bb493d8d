import { widthOf } from '../maintenance/fit-width.js';

/** Rows as aligned columns, two spaces apart; the first row is the heading. */
export function formatTable(rows: readonly (readonly string[])[]): string {
  const columns = Math.max(0, ...rows.map((row) => row.length));
  const widths = Array.from({ length: columns }, (_, column) =>
    Math.max(...rows.map((row) => widthOf(row[column] ?? ''))),
  );
  return rows
    .map((row) =>
      row
        .map((cell, column) => cell + ' '.repeat((widths[column] ?? 0) - widthOf(cell)))
        .join('  ')
        .trimEnd(),
    )
    .join('\n');
}

/** Labelled lines; entries without a text are left out. */
export function formatFields(fields: readonly (readonly [string, string | null])[]): string {
  const present = fields.filter((field): field is [string, string] => field[1] !== null);
  const width = Math.max(0, ...present.map(([label]) => label.length));
  return present
    .map(
      ([label, text]) =>
        `${label.padEnd(width)}  ${text.replaceAll('\n', `\n${' '.repeat(width + 2)}`)}`,
    )
    .join('\n');
}
