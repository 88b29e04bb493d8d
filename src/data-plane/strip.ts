/** A lane as one line: a cell a period, run-length encoded. */

/** What was so since the span before, until an instant; monotonic milliseconds. */
export interface Span {
  readonly untilMs: number;
  readonly letter: string;
}

interface Run {
  readonly cells: number;
  readonly letter: string;
}

/** Runs that a report holds at most. */
export const MAX_RUNS = 512;

/** Such as `45o3t2r`. Where there are too many runs, short ones that worked among failures count as failed. */
export function drawStrip(
  startMs: number,
  spans: readonly Span[],
  periodMs: number,
  maxRuns: number,
): string {
  const runs: Run[] = [];
  let drawn = 0;
  for (const { untilMs, letter } of spans) {
    const cells = Math.round((untilMs - startMs) / periodMs) - drawn;
    if (cells <= 0) continue;
    runs.push({ cells, letter });
    drawn += cells;
  }
  return shorten(join(runs), maxRuns)
    .map(({ cells, letter }) => `${cells}${letter}`)
    .join('');
}

/** Runs of the same letter that follow each other are one. */
function join(runs: readonly Run[]): readonly Run[] {
  const joined: Run[] = [];
  for (const run of runs) {
    const last = joined.at(-1);
    if (last?.letter === run.letter)
      joined[joined.length - 1] = { letter: run.letter, cells: last.cells + run.cells };
    else joined.push(run);
  }
  return joined;
}

/** Takes the shortest runs into the failure before them, longer ones each time. */
function shorten(runs: readonly Run[], maxRuns: number): readonly Run[] {
  let short = runs;
  for (let cells = 1; short.length > maxRuns; cells *= 2) {
    let failure: string | null = null;
    short = join(
      short.map((run): Run => {
        const isKept: boolean = failure === null || run.cells > cells;
        if (isKept) failure = run.letter === 'o' ? null : run.letter;
        return isKept ? run : { ...run, letter: failure ?? run.letter };
      }),
    );
  }
  return short;
}
