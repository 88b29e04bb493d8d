/** The few words on what Redis itself showed of a run. */
import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';

import { WITNESS_WORDS } from '../../src/contract/index.js';
import {
  SINCE_SWAP_BACK,
  dataPlaneFacts,
  describeDataPlane,
  formatRange,
  longestOf,
} from '../../src/domain/data-plane-text.js';
import { calmLane, lane, measured, witnessOnly } from '../support/data-plane.js';

const [LONG] = lane().interruptions;
const SHORT = { from: '2026-11-24T02:00:05.000Z', minMs: 0, maxMs: 120, kinds: [] };

const writes = (changes: Parameters<typeof measured>[0]): string | undefined =>
  dataPlaneFacts(measured(changes)).find(([about]) => about === 'writes')?.[1];

describe('what is said of a measured run', () => {
  test('is the interruption from least to most, the lost writes and the word of the witness', () => {
    expect(describeDataPlane(measured())).toBe(
      'writes: interrupted 0.36–0.71 s, 0 of 166 test writes lost; reads: not interrupted; ' +
        'Redis: moved once (MOVED)',
    );
  });

  test('names the longest of several interruptions, and says so where not all are listed', () => {
    const several = [SHORT, ...(LONG === undefined ? [] : [LONG])];
    expect(writes({ write: lane({ interruptions: several }) })).toMatch(
      /^interrupted 2 times, longest 0\.36–0\.71 s/,
    );
    const all = Array.from({ length: 20 }, () => SHORT);
    expect(writes({ write: lane({ interruptions: all }) })).toMatch(
      /^interrupted at least 20 times, longest up to 0\.12 s/,
    );
  });

  test('never sounds whole where the beginning or the end was not seen', () => {
    expect(writes({ write: calmLane(), coverage: 'begins-late' })).toContain(
      'not interrupted, measured only from after the PUT on',
    );
    const open = calmLane({ strip: '45o20t' });
    expect(writes({ write: open, coverage: 'ends-broken', lostWrites: null })).toBe(
      'failing when the measurement ended',
    );
    const again = lane({ strip: '45o7t6r20o9t' });
    expect(writes({ write: again, coverage: 'ends-broken', lostWrites: null })).toBe(
      'interrupted 0.36–0.71 s, failing when the measurement ended',
    );
  });

  test('says how long a loss was, and why one is not known', () => {
    const lost = { count: 25, of: 512, perSecond: 20, why: null };
    expect(writes({ lostWrites: lost })).toContain(
      ', 25 of 512 test writes lost (about 1.3 s of writes)',
    );
    const unknown = { count: null, of: 512, perSecond: 20, why: 'its key was deleted meanwhile' };
    expect(writes({ lostWrites: unknown })).toContain(
      ', lost writes not known (its key was deleted meanwhile)',
    );
    expect(writes({ lostWrites: { ...unknown, why: null } })).toMatch(/, lost writes not known$/);
  });

  test('gives no figure of writes where only reads were measured', () => {
    const facts = dataPlaneFacts(measured({ write: null, read: lane(), lostWrites: null }));
    expect(facts).toContainEqual(['writes', 'not measured']);
    expect(facts).toContainEqual(['reads', 'interrupted 0.36–0.71 s']);
  });

  test('says nothing of reads where only writes were measured', () => {
    const facts = dataPlaneFacts(measured({ read: null }));
    expect(facts.map(([about]) => about)).toStrictEqual(['writes', 'Redis']);
  });
});

test('without a measurement it says why there is none, and still what the witness saw', () => {
  expect(describeDataPlane(witnessOnly())).toBe(
    'writes: not measured (no measurement was asked for); Redis: moved once (MOVED)',
  );
  const witness = { ...measured().witness, word: 'SAME' as const, why: '' };
  expect(describeDataPlane(witnessOnly({ why: null, witness }))).toBe(
    'writes: not measured; Redis: not moved (SAME)',
  );
});

test('each word of the witness stands beside its meaning, with the reason where it is not good', () => {
  for (const word of WITNESS_WORDS) {
    const witness = { ...measured().witness, word, why: 'because of this' };
    const text = describeDataPlane(witnessOnly({ witness }));
    expect(text).toContain(`(${word})`);
    expect(text.endsWith(': because of this')).toBe(word !== 'MOVED');
  }
});

test('a word that is about a swap back says so, a plain move too', () => {
  const why = `${SINCE_SWAP_BACK}another server is the master`;
  const witness = { ...measured().witness, why };
  expect(describeDataPlane(measured({ witness }))).toMatch(
    /moved once \(MOVED\): since the swap back, another server/,
  );
});

test('bytes that the new master never had are named', () => {
  const witness = { ...measured().witness, lostBytesAtLeast: 780 };
  expect(describeDataPlane(measured({ witness }))).toMatch(
    /moved once \(MOVED\), at least 780 bytes of data lost$/,
  );
});

test('a range that is shown is never narrower than the one that was measured', () => {
  const lengths = fc.tuple(fc.double({ min: 0, max: 1e6, noNaN: true }), fc.nat(60_000));
  fc.assert(
    fc.property(lengths, ([minMs, extraMs]) => {
      const maxMs = minMs + extraMs + 1;
      const shown = formatRange({ minMs, maxMs });
      const [, least = '0', most] = /^(?:up to |([\d.]+)–)?([\d.]+) s$/.exec(shown) ?? [];
      expect(Number(most) * 1000).toBeGreaterThanOrEqual(maxMs - 1e-6);
      expect(Number(least) * 1000).toBeLessThanOrEqual(minMs + 1e-6);
    }),
  );
});

test.each([
  ['up to 0.01 s', 9.9, 10],
  ['0.01–0.02 s', 10, 11],
  ['0.02 s', 20, 20],
  ['9.99–10.00 s', 9_990, 9_999],
  ['9.9–10.0 s', 9_990, 10_000],
  ['up to 10.0 s', 99, 10_000],
])('a range is shown as %s, as exactly as its length is worth', (shown, minMs, maxMs) => {
  expect(formatRange({ minMs, maxMs })).toBe(shown);
});

test('the first of the longest spans counts, and none where there is none', () => {
  const spans = [1, 5, 5, 3].map((maxMs, index) => ({ maxMs, index }));
  expect(longestOf(spans)).toStrictEqual({ maxMs: 5, index: 1 });
  expect(longestOf([])).toBeNull();
});
