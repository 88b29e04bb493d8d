/** Characters that take two cells of a terminal: names may be Chinese. */
const WIDE =
  /[\u1100-\u115f\u2e80-\ua4cf\uac00-\ud7a3\uf900-\ufaff\ufe30-\ufe6f\uff00-\uff60\uffe0-\uffe6\u{1f300}-\u{1faff}\u{20000}-\u{3fffd}]/u;

/** Cuts a line so that it takes at most so many cells of a terminal; `…` tells that something is missing. */
export function fitWidth(line: string, cells: number): string {
  let used = 0;
  let length = 0;
  let cutAt = 0;
  for (const character of line) {
    used += WIDE.test(character) ? 2 : 1;
    if (used > cells) return `${line.slice(0, cutAt)}…`;
    length += character.length;
    // What still leaves a cell for the mark.
    if (used < cells) cutAt = length;
  }
  return line;
}
