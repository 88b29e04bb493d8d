/** Runs that have looked at Redis itself, for the tests of what they make of it. */
import type { Look, WitnessWord } from '../../src/contract/index.js';
import type { DataPlaneFindings, ExaminedWitness } from '../../src/domain/preflight-report.js';
import type { SwapReport } from '../../src/domain/reports.js';
import { newRunState, preChecked } from '../../src/domain/run-state.js';
import type { RunState, Transition } from '../../src/domain/run-state.js';
import type { WitnessSighting } from '../../src/domain/witness.js';
import { firstLooked, redisWatched } from '../../src/domain/witnessing.js';
import { LOOK, MOVED } from '../support/redis-looks.js';

import { BEFORE, NOW_MS, requestOf } from './support.js';

/** Why a look did not work. */
export const REFUSED = 'AUTH: Redis refused user or password';

/** A pre-check that had a way to Redis, and could not look. */
export const UNSEEN: DataPlaneFindings = {
  ...{ offered: true, judges: true, binding: 'password', address: '192.0.2.1:6379', look: null },
  ...{ why: REFUSED, measures: false, periodMs: 50, write: true },
};

/** A pre-check that has looked. */
export const SEEN: DataPlaneFindings = { ...UNSEEN, look: LOOK, why: null };

/** A measurement is asked for, and no entry of the settings says how Redis is reached. */
export const NOT_OFFERED: DataPlaneFindings = {
  ...{ ...UNSEEN, offered: false, judges: false, binding: 'none', address: null },
  why: 'no entry of the worker matches',
};

/** What a run of another worker has left to compare with. */
export const EXAMINED: ExaminedWitness = {
  ...{ address: '192.0.2.1:6379', binding: 'password', judges: true },
  ...{ look: LOOK, sinceMs: NOW_MS - 60_000 },
};

/** What is seen after a look at `LOOK`, by the word that it says. */
export const LAST_LOOKS: Readonly<Record<WitnessWord, Look | null>> = {
  MOVED,
  SAME: LOOK,
  MOVED_AND_BACK: { ...LOOK, replid: 'history-3', replid2: 'history-2' },
  MOVED_MORE_THAN_ONCE: { ...MOVED, replid: 'history-3', replid2: 'history-2' },
  OTHER_DATA: { ...MOVED, replid2: null },
  DEMOTED_IN_PLACE: { ...LOOK, role: 'replica' },
  NOT_A_MASTER: { ...MOVED, role: 'replica' },
  RESTARTED_OR_REPLACED: { ...MOVED, uptimeSeconds: 1 },
  CANNOT_TELL: null,
};

/** The state after what has happened, all at one moment. */
export const after = (state: RunState, ...steps: readonly Transition[]): RunState =>
  steps.reduce((last, each) => each(last, NOW_MS), state);

/** A run whose pre-check has ended without a look at Redis yet. */
export const checked = (dataPlane?: DataPlaneFindings): RunState => {
  const findings = { verdict: 'proceed' as const, request: requestOf(), before: BEFORE };
  const lists = { checks: [], knownSwapTaskIds: [], warnings: [], searchAttributes: [] };
  const seen = dataPlane === undefined ? {} : { dataPlane };
  return after(newRunState({}, NOW_MS), preChecked({ ...findings, ...lists, ...seen }));
};

/** A run whose first look was so. */
export const opened = (dataPlane: DataPlaneFindings): RunState =>
  after(checked(dataPlane), firstLooked(dataPlane));

/** What a watch saw, of two looks that showed the same. */
export const sightingOf = (
  look: Look | null,
  overrides: Partial<WitnessSighting> = {},
): WitnessSighting => ({
  ...{ look, judges: true, isSteady: true, looks: 2, why: look === null ? REFUSED : null },
  ...overrides,
});

/** It has watched Redis after its PUT, too. */
export const watched = (dataPlane: DataPlaneFindings, look: Look | null): RunState =>
  after(opened(dataPlane), redisWatched('forward', sightingOf(look)));

/** A PUT that was accepted, after a last look that was taken so long after its activity was called; `null`: none worked. */
export const putAfter = (look: Look | null, afterMs = 0): SwapReport => ({
  ...{ kind: 'accepted', jobId: 'job-1', requestId: null, sentAtMs: NOW_MS },
  ...(look === null ? {} : { redis: { look, afterMs } }),
});

/** What the run has seen and done last. */
export const lastNoteOf = ({ evidence }: RunState): string => evidence.at(-1)?.what ?? '';
