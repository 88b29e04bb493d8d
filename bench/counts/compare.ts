import type { Counts } from './count.js';

/** History bytes may differ from the table by this part: texts and time stamps vary a little. */
const BYTES_TOLERANCE = 0.05;

/** What differs from the committed table, as text; empty when nothing does. */
export function compareCounts(wanted: readonly Counts[], found: readonly Counts[]): string[] {
  const names = new Set([...wanted, ...found].map(titleOf));
  return [...names].flatMap((title) => {
    const [before, now] = [wanted, found].map((all) => all.find((one) => titleOf(one) === title));
    if (before === undefined) return [`${title}: not in the table`];
    if (now === undefined) return [`${title}: in the table, not measured`];
    return compareRun(title, before, now);
  });
}

function compareRun(title: string, before: Counts, now: Counts): string[] {
  const { historyBytes: bytesBefore, ...exactBefore } = flatten(before);
  const { historyBytes: bytesNow, ...exactNow } = flatten(now);
  const names = [...new Set([...Object.keys(exactBefore), ...Object.keys(exactNow)])];
  const differences = names
    .filter((name) => exactBefore[name] !== exactNow[name])
    .map((name) => `${title}: ${name} ${exactNow[name] ?? 0} instead of ${exactBefore[name] ?? 0}`);
  const ratio = (bytesNow ?? 0) / (bytesBefore ?? 1);
  return Math.abs(ratio - 1) <= (before.bytesTolerance ?? BYTES_TOLERANCE)
    ? differences
    : [...differences, `${title}: ${bytesNow ?? 0} history bytes instead of ${bytesBefore ?? 0}`];
}

function flatten({ puts, activities, historyEvents, historyBytes, calls }: Counts) {
  return { puts, activities, historyEvents, historyBytes, ...calls } as Record<string, number>;
}

function titleOf({ outcome, name }: Counts): string {
  return `${outcome} (${name})`;
}
