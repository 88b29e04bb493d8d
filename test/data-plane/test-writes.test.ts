import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';

import type { Connection } from '../../src/data-plane/connection.js';
import { DataPlaneFailure } from '../../src/data-plane/failure.js';
import { countLost, createMarkSet, createTestWrites } from '../../src/data-plane/test-writes.js';

/** A bitmap as Redis keeps it. */
function bitmapOf(marks: Iterable<number>): Buffer {
  const bitmap = Buffer.alloc(4_096);
  for (const mark of marks) bitmap[mark >> 3] = (bitmap[mark >> 3] ?? 0) | (0x80 >> (mark % 8));
  return bitmap;
}

const upTo = (count: number): number[] => Array.from({ length: count }, (_, index) => index + 1);

function count(kept: Iterable<number>, acknowledged: readonly number[], lastMarks: number[]) {
  const set = createMarkSet();
  acknowledged.forEach(set.add);
  return countLost(bitmapOf(kept), set, lastMarks, 20);
}

describe('lost writes', () => {
  it('are those before an interruption that were acknowledged and are gone', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 20_000 }).chain((total) =>
          fc.record({
            total: fc.constant(total),
            last: fc.integer({ min: 1, max: total }),
            lost: fc.integer({ min: 1, max: total }),
            unanswered: fc.array(fc.integer({ min: 1, max: total })),
          }),
        ),
        ({ total, last, lost, unanswered }) => {
          const acknowledged = upTo(total).filter(
            (mark) => mark === last || !unanswered.includes(mark),
          );
          const first = Math.max(1, last - lost + 1);
          const kept = [0, ...upTo(total).filter((mark) => mark < first || mark > last)];
          const gone = acknowledged.filter((mark) => mark >= first && mark <= last).length;
          expect(count(kept, acknowledged, [last])).toEqual({
            ...{ count: gone, of: acknowledged.length, perSecond: 20, why: null },
          });
        },
      ),
      { numRuns: 200 },
    );
  });

  it('are none where every acknowledged one is there, whatever else is', () => {
    expect(count([0, ...upTo(50)], upTo(40), [])).toMatchObject({ count: 0, of: 40, why: null });
  });

  it('are not counted where something else has removed them', () => {
    const all = upTo(40);
    const without = (...marks: number[]): number[] =>
      [0, ...all].filter((mark) => !marks.includes(mark));
    const why = expect.stringMatching(/not the last ones before an interruption/);
    expect(count(without(9, 10), all, [11])).toMatchObject({ count: null, why });
    expect(count(without(3, 9, 10), all, [10])).toMatchObject({ count: null, why });
    expect(count(without(9, 10), all, [10])).toMatchObject({ count: 2, why: null });
    expect(count(all, all, [])).toMatchObject({
      count: null,
      why: expect.stringMatching(/removed/),
    });
    expect(countLost(null, createMarkSet(), [], 20)).toMatchObject({
      count: null,
      why: expect.stringMatching(/is gone/),
    });
  });
});

describe('test writes', () => {
  it('make no key that they may not give an end', async () => {
    const asked: string[] = [];
    const connection: Connection = {
      ask: (...words) => {
        asked.push(words.join(' '));
        return Promise.reject(new DataPlaneFailure('PEXPIRE: not allowed', 'auth', true));
      },
      gone: new Promise(() => undefined),
      close: () => undefined,
    };
    const { task } = createTestWrites('key', 1_000);
    await expect(task.prepare(connection)).rejects.toThrow('PEXPIRE: not allowed');
    expect(asked).toEqual(['INFO default', 'PEXPIRE key 1000']);
  });
});
