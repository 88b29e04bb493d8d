/** What certify answers of Redis itself, by what the results of its two runs say. */
import { expect, test } from '@jest/globals';

import { answersOf } from '../../src/certify/index.js';
import type { DataPlaneReport, LaneReport } from '../../src/contract/index.js';
import { LOOK, MOVED } from '../support/redis-looks.js';

const lane = (...bounds: (readonly [number, number])[]): LaneReport => ({
  ...{ ok: 100, errors: {}, latencyMs: { p50: 1, p99: 2 }, strip: '100o' },
  interruptions: bounds.map(([minMs, maxMs]) => ({ from: LOOK.at, minMs, maxMs, kinds: [] })),
});

const REPORT: DataPlaneReport = {
  ...{ state: 'measured', why: null, address: '10.0.0.7:6379', binding: 'password' },
  witness: {
    ...{ word: 'MOVED', why: '', before: LOOK, after: MOVED, looks: 3, lostBytesAtLeast: 0 },
  },
  ...{ write: lane([400, 700]), read: lane(), lostWrites: null, coverage: 'whole' },
  idleConnection: { state: 'closed-by-peer', atMs: 300 },
  quality: { periodMs: 50, ownStallMs: 0, unseenMs: 0, armedAt: LOOK.at },
};

const answersTo = (...reports: (DataPlaneReport | null)[]) => {
  const swaps = reports.map((dataPlane, at) => ({
    ...{
      leg: at === 0 ? ('there' as const) : ('back' as const),
      outcome: 'SUCCEEDED',
      cause: null,
    },
    ...{ message: '', jobId: `job-${at}`, notBeforeMs: 0, notAfterMs: 1, dataPlane },
  }));
  const place = { instanceId: 'i1', region: 'eu-west-101', endpoint: 'https://dcs.example' };
  const answers = answersOf({ ...place, readings: [], swaps });
  return Object.fromEntries(
    answers.filter(({ id }) => id.startsWith('redis-')).map((each) => [each.id, each]),
  );
};

test('two measured swaps answer every question, without an address', () => {
  const found = answersTo(REPORT, { ...REPORT, write: lane([100, 1_200], [10, 20]) });
  expect(Object.entries(found).map(([id, { value }]) => [id, value])).toEqual([
    ['redis-address', 'leads to the new master'],
    ['redis-restart', 'no'],
    ['redis-connections', 'is closed'],
    ['redis-rights', 'INFO, reads, writes'],
    ['redis-interruption', 'interrupted'],
  ]);
  expect(found['redis-interruption']?.evidence).toContain('between 0.1 and 1.2 s');
  expect(JSON.stringify(found)).not.toContain('10.0.0.7');
});

test('swaps that differ are both shown, and a restart is no proof of a move', () => {
  const word = 'RESTARTED_OR_REPLACED' as const;
  const restarted = { ...REPORT, witness: { ...REPORT.witness, word }, write: null };
  const found = answersTo(REPORT, restarted);
  expect(found['redis-restart']?.value).toBe('no, then yes, or it was replaced');
  expect(found['redis-address']?.value).toBe('leads to the new master');
  expect(found['redis-rights']?.value).toBe('INFO, reads, writes, then INFO, reads');
});

test('where nothing worked, as with a refused login, no right is denied to the user', () => {
  const witness = { ...REPORT.witness, word: 'CANNOT_TELL' as const, before: null, after: null };
  const found = answersTo({ ...REPORT, witness, write: null, read: null });
  expect(found['redis-rights']).toMatchObject({
    value: null,
    evidence: expect.stringContaining('nothing worked'),
  });
});

test('without an entry nothing was asked, and that is said', () => {
  const found = answersTo(null, null);
  expect(Object.values(found).map(({ value }) => value)).toEqual(Array(5).fill(null));
  expect(found['redis-address']?.evidence).toContain('no dataPlane entry');
});
