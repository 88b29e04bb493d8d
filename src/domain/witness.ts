/**
 * What two looks at the Redis behind an address prove, and which outcome that contradicts. Pure; documented as tables in
 * docs/data-plane.md. A look is one process's own word of itself, so a changed history alone is no proof: on Redis 7 a
 * restart from a dump has the very ids of a promotion. Only the age of the process tells the two apart.
 */
import type { DataPlaneReport, Look, Outcome, WitnessWord } from '../contract/index.js';

import type { Cause } from './causes.js';
import type { TemporalMs } from './clocks.js';

/** A look as an activity reports it. */
export interface TakenLook {
  readonly look: Look;
  /** Since its activity began, in milliseconds, at the least: so its time is known by Temporal's clock alone. */
  readonly afterMs: number;
}

/** A look, and when it may have been taken, at the earliest, by Temporal's clock. */
export interface LookSince {
  readonly look: Look;
  readonly sinceMs: TemporalMs;
}

/** What a run compares by; the word stands in its `DataPlaneReport`. */
export interface WitnessState {
  /** What Redis says may lower an outcome, or hold a PUT back. */
  readonly judges: boolean;
  /** Before each swap. */
  readonly before: Readonly<Record<'forward' | 'compensate', LookSince | null>>;
  /** The swap that the word in the report is about; `null`: there is none since the last look before a PUT. */
  readonly wordIsOf: 'forward' | 'compensate' | null;
  /** When the look that the report shows as the later one may have been taken, at the earliest; `null`: there is none. */
  readonly seenSinceMs: TemporalMs | null;
  /** Why the pre-check could not look, in plain words; `null`: it did. */
  readonly whyNone: string | null;
  /** What a person should know of the word although it decides nothing. */
  readonly warning: string | null;
}

/** What an activity compares a look with. */
export interface WitnessCall {
  /** The last one before the swap; `null`: none. */
  readonly before: Look | null;
  /** What Redis says counts. */
  readonly judges: boolean;
}

/** What a watch saw of Redis itself. */
export interface WitnessSighting {
  /** The last look that worked; `null`: none did. */
  readonly look: Look | null;
  /** What Redis says counts. */
  readonly judges: boolean;
  /** The last two looks showed the same server; so does a single one. */
  readonly isSteady: boolean;
  /** Looks that worked. */
  readonly looks: number;
  /** Why the last look did not work, in plain words; `null`: it did. */
  readonly why: string | null;
}

/** Whether a watch has seen which server answers: none that could not look, or that saw two in turn. */
export function showsServer(
  sighting: Pick<WitnessSighting, 'look' | 'isSteady'> | undefined,
): boolean {
  return (sighting?.look ?? null) !== null && sighting?.isSteady === true;
}

/** What a comparison says. */
export interface Testimony {
  readonly word: WitnessWord;
  /** In plain words. */
  readonly why: string;
  /** Of `MOVED`: bytes of the old master's history that the new one never had; `null`: not known. */
  readonly lostBytesAtLeast: number | null;
  /** What a person should know although it decides nothing. */
  readonly warning: string | null;
}

/** `uptime_in_seconds` counts whole seconds of a clock that Redis reads now and then. */
const UPTIME_MARGIN_SECONDS = 2;

/** Why what Redis says decides nothing; `null`: it may lower an outcome, or hold a PUT back. */
export function whyNoJudge(
  cacheMode: string | null,
  binding: DataPlaneReport['binding'],
): string | null {
  if (cacheMode !== 'ha') return `mode ${cacheMode ?? '?'}`;
  return binding === 'password'
    ? null
    : 'no password at a single address binds it to this instance';
}

/** Two looks, the first at a master. */
interface Pair {
  readonly before: Look;
  readonly after: Look;
  /** Time between the two, at the most. */
  readonly elapsedSeconds: number;
}

/** A master that has no replica for so long begins a new history, which names none before it (`repl-backlog-ttl`). */
const LONELY_SECONDS = 3_600;

/** Since the first look a promoted master may have begun a history of its own. */
const mayHaveNewHistory = ({ after, elapsedSeconds }: Pair): boolean =>
  after.replid2 === null && elapsedSeconds >= LONELY_SECONDS;

const ORIGIN_HIDDEN =
  'another server is the master at the address, and does not show any more where its data comes from';

interface Row extends Pick<Testimony, 'word' | 'why'> {
  readonly when: (pair: Pair) => boolean;
  readonly warning?: string;
}

const isReplica = ({ after }: Pair): boolean => after.role === 'replica';
const isSameProcess = ({ before, after }: Pair): boolean => before.runId === after.runId;
const isSameHistory = ({ before, after }: Pair): boolean => before.replid === after.replid;

/** A history that no look has shown lies between. */
const comesFromUnseen = ({ before, after }: Pair): boolean =>
  after.replid2 !== null && ![before.replid, before.replid2].includes(after.replid2);

/** That process has been running since before the first look, while another one answered at the address. */
const isOlderThanFirstLook = ({ after, elapsedSeconds }: Pair): boolean =>
  after.uptimeSeconds > elapsedSeconds + UPTIME_MARGIN_SECONDS;

/** First match wins; each row assumes that the rows above did not match. Rows 2 to 11 of docs/data-plane.md. */
export const COMPARISON: readonly Row[] = [
  {
    when: (pair) => isReplica(pair) && isSameProcess(pair),
    word: 'DEMOTED_IN_PLACE',
    why: 'the old master answers at the address, and is a replica now',
  },
  {
    when: isReplica,
    word: 'NOT_A_MASTER',
    why: 'another server answers at the address, and it is a replica',
  },
  {
    when: (pair) => isSameProcess(pair) && isSameHistory(pair),
    word: 'SAME',
    why: 'the old master still answers at the address, as the master',
  },
  {
    when: (pair) => isSameProcess(pair) && comesFromUnseen(pair),
    word: 'MOVED_AND_BACK',
    why: 'the old master answers at the address, and another one was the master in between',
  },
  {
    when: isSameProcess,
    word: 'SAME',
    why: 'the old master still answers at the address, as the master',
    warning:
      'Redis began a new history without a move: its master had no replica for a while, or someone asked for it',
  },
  {
    when: (pair) => isOlderThanFirstLook(pair) && pair.after.replid2 === pair.before.replid,
    word: 'MOVED',
    why: 'another server is the master at the address; it was running before the swap and goes on with the same data',
  },
  {
    when: (pair) => isOlderThanFirstLook(pair) && !isSameHistory(pair) && comesFromUnseen(pair),
    word: 'MOVED_MORE_THAN_ONCE',
    why: 'another server is the master at the address, and another history lies between its data and that of the old master: a third was the master, the old one was restarted first, or it is other data',
  },
  {
    when: (pair) => isOlderThanFirstLook(pair) && isSameHistory(pair),
    word: 'CANNOT_TELL',
    why: 'another server answers at the address, as a second master of the same history',
    warning: 'two servers have been masters of the same history: look at the instance',
  },
  {
    when: (pair) => isOlderThanFirstLook(pair) && mayHaveNewHistory(pair),
    word: 'CANNOT_TELL',
    why: ORIGIN_HIDDEN,
    warning: ORIGIN_HIDDEN,
  },
  {
    when: isOlderThanFirstLook,
    word: 'OTHER_DATA',
    why: 'another server is the master at the address, and its data does not come from the old master',
  },
];

/** Row 12: none of the others. */
export const OTHERWISE: Omit<Row, 'when'> = {
  word: 'RESTARTED_OR_REPLACED',
  why: 'the server at the address was started after the first look: the old node after a restart, or a new one',
  warning:
    'Redis at the address was started during this run, so it cannot say whether the master has moved',
};

/**
 * Compares two looks over new connections at the same address.
 *
 * @param before the last one before the swap; `null`: none
 * @param after `null`: none
 * @param elapsedSeconds time between them, at the most
 */
export function compareLooks(
  before: Look | null,
  after: Look | null,
  elapsedSeconds: number,
): Testimony {
  if (before === null) return cannotTell('there is no look at Redis from before the swap');
  if (after === null) return cannotTell('Redis could not be looked at afterwards');
  if (before.runId === '' || after.runId === '')
    return cannotTell('Redis does not show which process answers (run_id)');
  if (before.role !== 'master') return cannotTell('it was a replica that answered before the swap');
  const pair = { before, after, elapsedSeconds };
  const { word, why, warning = null } = COMPARISON.find(({ when }) => when(pair)) ?? OTHERWISE;
  return { word, why, warning, lostBytesAtLeast: word === 'MOVED' ? countLostBytes(pair) : null };
}

function cannotTell(why: string): Testimony {
  return { word: 'CANNOT_TELL', why, lostBytesAtLeast: null, warning: why };
}

/** The new history begins at `second_repl_offset`, the first byte that the new master had not got. */
function countLostBytes({ before, after }: Pair): number | null {
  return after.secondOffset === null ? null : Math.max(0, before.offset - (after.secondOffset - 1));
}

/** Words that may pass by themselves: the address may follow the roles late. They count only at the end of a watch. */
const PASSING_WORDS: readonly WitnessWord[] = ['SAME', 'DEMOTED_IN_PLACE', 'NOT_A_MASTER'];

/** Whether a later look may show another word. No word that passes depends on how long it took. */
export function mayWordPass(before: Look | null, after: Look): boolean {
  return PASSING_WORDS.includes(compareLooks(before, after, 0).word);
}

/** Whether a word is of a move that has been shown: that no one can see Redis later does not undo it. */
export function isWordLasting(word: WitnessWord): boolean {
  return word !== 'CANNOT_TELL' && !PASSING_WORDS.includes(word);
}

/** The same process in the same role: no one has failed over in between. */
export function isSameServer(one: Look, other: Look): boolean {
  return one.runId === other.runId && one.role === other.role;
}

/** Whether someone failed over since the look before, as text; `null`: no one has, or it does not count. */
export function findRedisDrift({ before, judges }: WitnessCall, look: Look): string | null {
  if (!judges || before === null || isSameServer(before, look)) return null;
  return `another server than before, or in another role, answers at the address of the instance: ${describeLook(look)}`;
}

/** A look in a few words. */
export function describeLook({ role, runId, uptimeSeconds }: Look): string {
  return `${role}, run_id ${runId.slice(0, 8)}, running for ${uptimeSeconds} s`;
}

/** Words at which a swap back would be the first real move, or might be. */
const HOLDING_BACK: readonly WitnessWord[] = ['SAME', 'MOVED_AND_BACK', 'CANNOT_TELL'];

/** Whether Redis shows too little, or the wrong thing, for a swap back. */
export function holdsBack(word: WitnessWord): boolean {
  return HOLDING_BACK.includes(word);
}

/** Words that leave open whether a PUT without an answer has done anything. */
const WITHOUT_TRACE: readonly WitnessWord[] = ['SAME', 'CANNOT_TELL'];

/** Whether Redis shows that something has happened since the look before a PUT. */
export function showsTrace(word: WitnessWord): boolean {
  return !WITHOUT_TRACE.includes(word);
}

type Contradictable = Extract<Outcome, 'SUCCEEDED' | 'FAILED_UNCHANGED'>;

const CHANGED_SOMEHOW: Partial<Record<WitnessWord, Cause>> = {
  MOVED_AND_BACK: 'WITNESS_CONTRADICTS',
  MOVED_MORE_THAN_ONCE: 'WITNESS_CONTRADICTS',
  OTHER_DATA: 'WITNESS_CONTRADICTS',
  DEMOTED_IN_PLACE: 'WITNESS_CONTRADICTS',
};

/**
 * The cause of the UNKNOWN that an outcome becomes where the witness contradicts it; a word that is absent leaves it as
 * it is. No word raises an outcome: Redis does not say who moved the master, nor to which node.
 */
export const CONTRADICTIONS: Readonly<
  Record<Contradictable, Readonly<Partial<Record<WitnessWord, Cause>>>>
> = {
  SUCCEEDED: { ...CHANGED_SOMEHOW, SAME: 'WITNESS_CONTRADICTS', NOT_A_MASTER: 'NOT_SERVING' },
  FAILED_UNCHANGED: {
    ...CHANGED_SOMEHOW,
    MOVED: 'WITNESS_CONTRADICTS',
    NOT_A_MASTER: 'NOT_SERVING',
  },
};
