/** What Redis itself showed of a run, in a few words: the same in the command, the Temporal UI and reports. Pure. */
import type {
  DataPlaneReport,
  Interruption,
  LaneReport,
  WitnessReport,
  WitnessWord,
} from '../contract/index.js';

/** What is spoken of, and what is said of it: `['writes', 'interrupted 0.36–0.71 s']`. */
export type DataPlaneFact = readonly [about: 'writes' | 'reads' | 'Redis', text: string];

/** The figures of a run and the witness's word, a line each. */
export function dataPlaneFacts(report: DataPlaneReport): DataPlaneFact[] {
  const { state, why, write, read, witness } = report;
  const witnessed: DataPlaneFact = ['Redis', describeWitness(witness)];
  if (state !== 'measured')
    return [['writes', `not measured${why === null ? '' : ` (${why})`}`], witnessed];
  return [
    ['writes', write === null ? 'not measured' : describeWrites(write, report)],
    ...(read === null ? [] : ([['reads', describeLane(read, report)]] as const)),
    witnessed,
  ];
}

/** The same on one line: `writes: interrupted 0.36–0.71 s, 0 of 512 test writes lost; Redis: moved once (MOVED)`. */
export function describeDataPlane(report: DataPlaneReport): string {
  return dataPlaneFacts(report)
    .map(([about, text]) => `${about}: ${text}`)
    .join('; ');
}

/** What each word of the witness means, in as few words. */
export const WITNESS_TEXT: Readonly<Record<WitnessWord, string>> = {
  MOVED: 'moved once',
  SAME: 'not moved',
  MOVED_AND_BACK: 'moved and back',
  MOVED_MORE_THAN_ONCE: 'moved, with another history in between',
  OTHER_DATA: 'another server, without the data of before',
  DEMOTED_IN_PLACE: 'demoted, and the address still leads to it',
  NOT_A_MASTER: 'the address leads to a node that is no master',
  RESTARTED_OR_REPLACED: 'restarted or replaced',
  CANNOT_TELL: 'cannot tell',
};

/** Before the reason of a word that is about a swap back, not about the swap that it takes back. */
export const SINCE_SWAP_BACK = 'since the swap back, ';

/** The word of the witness, and why. */
export function describeWitness({ word, why, lostBytesAtLeast }: WitnessReport): string {
  const lost =
    (lostBytesAtLeast ?? 0) === 0 ? '' : `, at least ${lostBytesAtLeast} bytes of data lost`;
  const isPlain = word === 'MOVED' && !why.startsWith(SINCE_SWAP_BACK);
  const because = isPlain || why === '' ? '' : `: ${why}`;
  return `${WITNESS_TEXT[word]} (${word})${lost}${because}`;
}

function describeWrites(write: LaneReport, report: DataPlaneReport): string {
  const lost = describeLostWrites(report.lostWrites);
  return lost === null ? describeLane(write, report) : `${describeLane(write, report)}, ${lost}`;
}

/** `25 of 512 test writes lost (about 1.3 s of writes)`; `null` where none were sent. */
function describeLostWrites(lost: DataPlaneReport['lostWrites']): string | null {
  if (lost === null) return null;
  const { count, of, perSecond, why } = lost;
  if (count === null) return `lost writes not known${why === null ? '' : ` (${why})`}`;
  const share = count === 0 ? '' : ` (about ${(count / perSecond).toFixed(1)} s of writes)`;
  return `${count} of ${of} test writes lost${share}`;
}

/** More interruptions than these are not listed in a result. */
const MAX_LISTED = 20;

/** Whether and how long a lane was interrupted, and what of that was not observed. */
export function describeLane(
  { interruptions, strip }: LaneReport,
  { coverage }: Pick<DataPlaneReport, 'coverage'>,
): string {
  const isOpen = isBroken(strip);
  const parts = [
    ...(isOpen && interruptions.length === 0 ? [] : [describeInterruptions(interruptions)]),
    ...(isOpen ? ['failing when the measurement ended'] : []),
    ...(coverage === 'begins-late' ? ['measured only from after the PUT on'] : []),
  ];
  return parts.join(', ');
}

function describeInterruptions(interruptions: readonly Interruption[]): string {
  const longest = longestOf(interruptions);
  if (longest === null) return 'not interrupted';
  const length = formatRange(longest);
  const count = interruptions.length;
  if (count === 1) return `interrupted ${length}`;
  return `interrupted ${count < MAX_LISTED ? '' : 'at least '}${count} times, longest ${length}`;
}

/** Whether the last that a strip shows is a failure. */
function isBroken(strip: string): boolean {
  return /[rtxe]$/.test(strip);
}

/** What may have lasted longest, the first of several; `null` where there is none. */
export function longestOf<T extends Pick<Interruption, 'maxMs'>>(spans: readonly T[]): T | null {
  return spans.reduce<T | null>(
    (longest, each) => (longest === null || each.maxMs > longest.maxMs ? each : longest),
    null,
  );
}

/** A span between two bounds in seconds, rounded so that it stays between them: `0.36–0.71 s`. */
export function formatRange({ minMs, maxMs }: Pick<Interruption, 'minMs' | 'maxMs'>): string {
  const digits = maxMs < 10_000 ? 2 : 1;
  const unit = 10 ** (3 - digits);
  const [min, max] = [Math.floor(minMs / unit), Math.ceil(maxMs / unit)].map((units) =>
    ((units * unit) / 1000).toFixed(digits),
  );
  if (minMs < unit) return `up to ${max} s`;
  return min === max ? `${max} s` : `${min}–${max} s`;
}
