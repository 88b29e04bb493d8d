/** What the history of a run shows of PUTs that Redis itself held back. */
import { expect, test } from '@jest/globals';

import type { Look } from '../../src/contract/index.js';
import type { DataPlaneFindings } from '../../src/domain/preflight-report.js';
import { vetoOf } from '../../src/temporal/examined-witness.js';
import type { ActivityFacts } from '../../src/temporal/run-history.js';
import { findSwaps } from '../../src/temporal/swap-trace.js';

const MASTER: Look = {
  ...{ at: '2026-01-01T00:00:00Z', role: 'master', runId: 'process-a', uptimeSeconds: 9_000 },
  ...{ replid: 'history-1', replid2: null, offset: 5_000, secondOffset: null },
};
const PROMOTED: Look = {
  ...{ ...MASTER, runId: 'process-b', replid: 'history-2', replid2: 'history-1' },
  secondOffset: 5_001,
};

const completed = (type: string, call: unknown, report: unknown, at: number): ActivityFacts => ({
  ...{ type, call, report, end: 'completed' },
  ...{ scheduledAtMs: at * 1_000, endedAtMs: (at + 1) * 1_000 },
});

const FOUND: DataPlaneFindings = {
  ...{ offered: true, judges: true, address: null, binding: 'password', look: MASTER },
  ...{ why: null, measures: false, periodMs: 0, write: false },
};
const FINDINGS = { dataPlane: FOUND };

const PRE_CHECK = completed('preflight', {}, FINDINGS, 0);

const put = (
  purpose: 'forward' | 'compensate',
  { judges = true, before = MASTER, look = MASTER }: Partial<Terms> = {},
  at = 2,
): ActivityFacts =>
  completed(
    'requestSwap',
    { purpose, witness: { judges, before } },
    { kind: 'accepted', jobId: 'job', ...(look === null ? {} : { redis: { look, afterMs: 0 } }) },
    at,
  );

interface Terms {
  readonly judges: boolean;
  readonly before: Look | null;
  readonly look: Look | null;
}

const watch = (look: Look | null): ActivityFacts => {
  const witness = { look, judges: true, isSteady: true, looks: 2, why: null };
  return completed('verifyRoles', {}, { witness }, 4);
};

/** Of the last PUT. */
function vetoIn(...activities: readonly ActivityFacts[]): string | null {
  const history = { activities: [PRE_CHECK, ...activities] };
  const swaps = findSwaps(history.activities);
  const swap = swaps.at(-1);
  if (swap === undefined) throw new Error('there is no PUT');
  return vetoOf(history, swaps, FINDINGS, swap);
}

test.each<[string, Partial<Terms>]>([
  ['shows another server', { look: PROMOTED }],
  ['shows another role', { look: { ...MASTER, role: 'replica' } }],
])('a look right before the PUT that %s stands against it', (_, terms) => {
  expect(vetoIn(put('forward', terms))).toMatch(/another server than before, or another role/);
});

test.each<[string, Partial<Terms>]>([
  ['shows the same', {}],
  ['failed', { look: null }],
  ['may not judge', { judges: false, look: PROMOTED }],
  ['is the first one', { before: null, look: PROMOTED }],
])('a look right before the PUT that %s does not', (_, terms) => {
  expect(vetoIn(put('forward', terms))).toBeNull();
});

const back = (judges = true): ActivityFacts => put('compensate', { judges, look: null }, 6);

test.each([
  ['shows that nothing has moved', 'SAME', MASTER],
  ['could not look', 'CANNOT_TELL', null],
])('a watch that %s stands against a swap back', (_, word, look) => {
  expect(vetoIn(put('forward'), watch(look), back())).toBe(`Redis said ${word}`);
});

test('a swap back is not held back where Redis has moved, or may not judge', () => {
  expect(vetoIn(put('forward'), watch(PROMOTED), back())).toBeNull();
  expect(vetoIn(put('forward'), watch(MASTER), back(false))).toBeNull();
});

test('a swap back is not held back where no one had looked before', () => {
  const history = { activities: [PRE_CHECK, put('forward', { look: null }), watch(null), back()] };
  const findings = { dataPlane: { ...FOUND, look: null } };
  const swaps = findSwaps(history.activities);
  expect(swaps.map((swap) => vetoOf(history, swaps, findings, swap))).toEqual([null, null]);
});

test('foreign data in the place of looks is no veto', () => {
  const strange = completed(
    'requestSwap',
    { witness: { judges: true, before: 'x' } },
    { kind: 'accepted', redis: 7 },
    2,
  );
  expect(vetoIn(strange)).toBeNull();
});
