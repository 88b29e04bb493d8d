/** Characters that take two cells of a terminal: names may be Chinese. */
const WIDE =
  /[\u1100-\u115f\u2e80-\ua4cf\uac00-\ud7a3\uf900-\ufaff\ufe30-\ufe6f\uff00-\uff60\uffe0-\uffe6\u{1f300}-\u{1faff}\u{20000}-\u{3fffd}]/u;

/** Marks that are drawn over the character before them take no cell. */
const MARK = /\p{M}|\u200d|[\ufe00-\ufe0f]/u;

/** Cells of a terminal that one character takes. */
function cellsOf(character: string): number {
  if (MARK.test(character)) return 0;
  return WIDE.test(character) ? 2 : 1;
}

/** Cells of a terminal that a text takes. */
export function widthOf(text: string): number {
  let cells = 0;
  for (const character of text) cells += cellsOf(character);
  return cells;
}

/** Cuts a line so that it takes at most so many cells of a terminal; `…` tells that something is missing. */
export function fitWidth(line: string, cells: number): string {
  let used = 0;
  let length = 0;
  let cutAt = 0;
  for (const character of line) {
    used += cellsOf(character);
    if (used > cells) return `${line.slice(0, cutAt)}…`;
    length += character.length;
    // What still leaves a cell for the mark.
    if (used < cells) cutAt = length;
  }
  return line;
}
