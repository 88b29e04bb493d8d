/** What a run knows of Redis itself, look by look: each look as the step from the state before to the one after. Pure. */
import type { Outcome, WitnessReport, WitnessWord } from '../contract/index.js';

import { doctorStep } from './checks/data-plane.js';
import type { TemporalMs } from './clocks.js';
import { asSentence, joinText } from './commands.js';
import { SINCE_SWAP_BACK } from './data-plane-text.js';
import { openDataPlane } from './measurement.js';
import type { DataPlaneFindings, ExaminedWitness } from './preflight-report.js';
import { noted, warned } from './run-state.js';
import type { RunState, Transition } from './run-state.js';
import type { LostReport, SwapReport } from './reports.js';
import { redisOf } from './swap.js';
import type { SwapIntent } from './swap.js';
import {
  compareLooks,
  CONTRADICTIONS,
  describeLook,
  holdsBack,
  isSameServer,
  isWordLasting,
  showsServer,
  showsTrace,
} from './witness.js';
import type {
  LookSince,
  Testimony,
  WitnessCall,
  WitnessSighting,
  WitnessState,
} from './witness.js';

/** The pre-check has looked, or could not. */
export const firstLooked =
  (findings: DataPlaneFindings | undefined): Transition =>
  (state, atMs) => {
    if (findings?.offered !== true) return state;
    const { judges, look, lookedAfterMs = 0, why, address } = findings;
    const forward = look === null ? null : { look, sinceMs: state.startedAtMs + lookedAfterMs };
    const whyNone = look === null ? (why ?? 'no reason') : null;
    const before = { forward, compensate: null };
    const witness = { ...NOTHING_SEEN, judges, before, whyNone, warning: whyNone };
    const seen = look === null ? `no look (${whyNone ?? ''})` : describeLook(look);
    return noted(`Redis itself at ${address ?? 'its address'}: ${seen}`)(
      { ...state, witness },
      atMs,
    );
  };

const NOTHING_SEEN: Pick<WitnessState, 'wordIsOf' | 'seenSinceMs'> = {
  ...{ wordIsOf: null, seenSinceMs: null },
};

/** The examined run had looked. */
export const examinedLooked =
  (purpose: SwapIntent['purpose'], examined: ExaminedWitness | undefined): Transition =>
  (state) => {
    if (examined === undefined) return state;
    const { address, binding, judges, look, sinceMs } = examined;
    const before = { forward: null, compensate: null, [purpose]: { look, sinceMs } };
    const findings = { offered: true, why: null, measures: false, periodMs: 0, write: false };
    const dataPlane = openDataPlane({ ...findings, address, binding, judges, look });
    const witness = { ...NOTHING_SEEN, judges, before, whyNone: null, warning: null };
    return { ...state, dataPlane, witness };
  };

/**
 * A PUT has left, or may have: what was shown before it is no word of it. The last look before it takes the place of the
 * pre-check's, where there is one.
 *
 * @param calledAtMs when its activity was called
 */
export const lookedBeforePut =
  (
    purpose: SwapIntent['purpose'],
    report: SwapReport | LostReport,
    calledAtMs: TemporalMs,
  ): Transition =>
  (state, atMs) => {
    if (state.witness === null || report.kind === 'not-sent') return state;
    const witness = { ...state.witness, wordIsOf: null };
    const taken = redisOf(report);
    if (taken === undefined) return { ...state, witness };
    const { look, afterMs } = taken;
    const expected = witness.before[purpose]?.look ?? look;
    const before = { ...witness.before, [purpose]: { look, sinceMs: calledAtMs + afterMs } };
    const next = reported({ ...state, witness: { ...witness, before } }, { before: look }, 1);
    return isSameServer(expected, look)
      ? next
      : warned(`Redis itself has changed before the PUT: ${describeLook(look)}.`)(next, atMs);
  };

/** A swap back begins from what Redis shows now. */
export const swapBackBegun: Transition = (state) => {
  const { witness, dataPlane } = state;
  const look = dataPlane?.witness.after ?? null;
  if (witness === null || look === null) return state;
  const compensate = { look, sinceMs: witness.seenSinceMs ?? state.step.sinceMs };
  return { ...state, witness: { ...witness, before: { ...witness.before, compensate } } };
};

/** A watch has looked, or could not. */
export const redisWatched =
  (purpose: SwapIntent['purpose'], sighting: WitnessSighting | undefined): Transition =>
  (state, atMs) => {
    const { witness } = state;
    if (witness === null) return state;
    const since = witness.before[purpose];
    const testimony = testify(since, sighting, atMs);
    const { word, why, lostBytesAtLeast, warning } =
      since === null ? withReason(testimony, witness) : aboutSwap(purpose, testimony);
    const before = witness.before[purpose]?.look ?? null;
    const seen = { word, why, lostBytesAtLeast, before, after: sighting?.look ?? null };
    const known = { ...sightedBy(witness, state.step, sighting), wordIsOf: purpose, warning };
    const next = withBinding({ ...state, witness: known }, sighting);
    const text = `Redis itself: ${word} (${why})`;
    return noted(text)(reported(next, seen, sighting?.looks ?? 0), atMs);
  };

function sightedBy(
  witness: WitnessState,
  step: RunState['step'],
  sighting: WitnessSighting | undefined,
): WitnessState {
  const isSeen = (sighting?.look ?? null) !== null;
  const judges = witness.judges && sighting?.judges !== false;
  return { ...witness, judges, seenSinceMs: isSeen ? step.sinceMs : witness.seenSinceMs };
}

/** Whether a watch that could not tell leaves what an earlier one has shown of the same swap. */
export function doesWordStand(
  { witness, dataPlane }: RunState,
  purpose: SwapIntent['purpose'],
  sighting: WitnessSighting | undefined,
): boolean {
  if (witness === null || dataPlane === null || witness.wordIsOf !== purpose) return false;
  return !showsServer(sighting) && isWordLasting(dataPlane.witness.word);
}

/** A watch after which the word stands. */
export const redisUnseen =
  (sighting: WitnessSighting | undefined): Transition =>
  (state, atMs) => {
    const { witness, dataPlane } = state;
    const { why, warning } = testify(null, sighting, atMs);
    const isUnsteady = sighting?.isSteady === false;
    const because = isUnsteady ? why : (sighting?.why ?? 'it could not be looked at');
    const next =
      witness === null || !isUnsteady ? state : { ...state, witness: { ...witness, warning } };
    const text = `Redis itself: ${dataPlane?.witness.word ?? ''} stands (${because})`;
    return noted(text)(reported(next, {}, sighting?.looks ?? 0), atMs);
  };

/** A look that may judge is bound by a password, also where the pre-check had no way to Redis. */
function withBinding(state: RunState, sighting: WitnessSighting | undefined): RunState {
  const { dataPlane } = state;
  if (dataPlane === null || (sighting?.look ?? null) === null || sighting?.judges !== true)
    return state;
  return { ...state, dataPlane: { ...dataPlane, binding: 'password' } };
}

/** Without a look before the swap nothing can be said; why there is none helps to have one the next time. */
function withReason(testimony: Testimony, { whyNone }: WitnessState): Testimony {
  if (whyNone === null) return testimony;
  const why = `the look before the swap did not work: ${whyNone}`;
  return { ...testimony, why, warning: why };
}

function aboutSwap(purpose: SwapIntent['purpose'], testimony: Testimony): Testimony {
  if (purpose === 'forward') return testimony;
  return { ...testimony, why: `${SINCE_SWAP_BACK}${testimony.why}` };
}

/** What a sighting says, by the look before it. */
export function testify(
  before: LookSince | null,
  sighting: WitnessSighting | undefined,
  nowMs: TemporalMs,
): Testimony {
  const { look, isSteady, why } = sighting ?? NOT_SEEN;
  if (!isSteady) return why === null ? UNSTEADY : { ...UNSTEADY, why: `${UNSEEN_SINCE}${why}` };
  const elapsedSeconds = before === null ? 0 : (nowMs - before.sinceMs) / 1000;
  const testimony = compareLooks(before?.look ?? null, look, elapsedSeconds);
  const isUnseen = look === null && before !== null;
  return isUnseen && why !== null ? { ...testimony, why, warning: why } : testimony;
}

const NOT_SEEN: Pick<WitnessSighting, 'look' | 'isSteady' | 'why'> = {
  ...{ look: null, isSteady: true, why: null },
};

const UNSTEADY: Testimony = {
  word: 'CANNOT_TELL',
  why: 'two servers answer in turn at the address',
  lostBytesAtLeast: null,
  warning: 'two servers answer in turn at the address',
};

const UNSEEN_SINCE = 'no two looks in a row have shown the same server, and then: ';

function reported(state: RunState, seen: Partial<WitnessReport>, looks: number): RunState {
  const { dataPlane } = state;
  if (dataPlane === null) return state;
  const { witness } = dataPlane;
  const next = { ...witness, ...seen, looks: witness.looks + looks };
  return { ...state, dataPlane: { ...dataPlane, witness: next } };
}

/** What an activity is to compare with; nothing where no one looks. */
export function witnessPart(
  { witness }: RunState,
  purpose: SwapIntent['purpose'],
): { readonly witness?: WitnessCall } {
  if (witness === null) return {};
  const { judges, before } = witness;
  return { witness: { judges, before: before[purpose]?.look ?? null } };
}

/** What Redis shows, where it may judge; `null`: it may not. */
export function judgingWord({ witness, dataPlane }: RunState): WitnessWord | null {
  return witness?.judges === true ? (dataPlane?.witness.word ?? null) : null;
}

/** Why Redis forbids one more PUT after one without a trace, as text: it shows a trace. `null`: it does not. */
export function whyNoReissue(state: RunState): string | null {
  const word = judgingWord(state);
  return word !== null && showsTrace(word) ? describeWord(state, word) : null;
}

/** Why Redis holds a swap back from being sent, as text; `null`: it does not. It does not where it never could tell. */
export function whyHeldBack(state: RunState): string | null {
  const word = judgingWord(state);
  const couldTell = (state.witness?.before.forward ?? null) !== null;
  return word !== null && couldTell && holdsBack(word) ? describeWord(state, word) : null;
}

function describeWord({ dataPlane }: RunState, word: WitnessWord): string {
  return `Redis itself says ${word}: ${dataPlane?.witness.why ?? ''}`;
}

/** What a person should know of the witness beside the outcome, which it did not change. */
export function witnessWarnings(
  { witness, dataPlane, request }: Pick<RunState, 'witness' | 'dataPlane' | 'request'>,
  outcome: Outcome,
): string[] {
  if (witness === null || dataPlane === null) return [];
  const { word, why, before, after } = dataPlane.witness;
  const contradicted = isContradictable(outcome) ? CONTRADICTIONS[outcome][word] : undefined;
  // Of a refused run its check leads there.
  const isToMend = (before === null || after === null) && outcome !== 'REFUSED';
  const remedy = isToMend && request !== null ? [doctorStep(request)] : [];
  return [
    ...(witness.warning === null
      ? []
      : [joinText([asSentence(`Redis itself: ${witness.warning}`), ...remedy])]),
    ...(contradicted === undefined
      ? []
      : [`Redis itself contradicts it: ${word} (${why}). ${NO_JUDGE}`]),
  ];
}

const NO_JUDGE =
  'That decides only for an instance of cache mode ha that accepted a password of its own.';

function isContradictable(outcome: Outcome): outcome is keyof typeof CONTRADICTIONS {
  return Object.hasOwn(CONTRADICTIONS, outcome);
}
