/** The looks of a watch: for how long they wait, and what they report. */
import { describe, expect, test } from '@jest/globals';

import { watchWitness } from '../../src/activities/looks.js';
import type { LookAttempt } from '../../src/activities/looks.js';
import type { Look } from '../../src/contract/index.js';
import type { InstanceFacts } from '../../src/domain/facts.js';
import { LOOK, MOVED } from '../support/redis-looks.js';

const INSTANCE: InstanceFacts = {
  ...{ name: 'cache', tags: [], status: 'RUNNING', cacheMode: 'ha', engine: 'Redis' },
  ...{ engineVersion: '7.0', busyWith: null },
};

const SILENT = null;

/** Looks as often as there are answers; then says what was seen, and after how many looks it was enough. */
async function watch(shown: readonly (Look | typeof SILENT)[], judges = true) {
  const answers = [...shown];
  const attempt = (): LookAttempt => {
    const look = answers.shift() ?? null;
    const why = look === null ? 'nothing answers' : null;
    return { look, why, judges, address: 'a:1', binding: 'password', measure: null, tryOut: null };
  };
  const call = { before: LOOK, judges: true };
  const looker = () => Promise.resolve(attempt());
  const witness = watchWitness(looker, call, new AbortController().signal);
  let doneAfter: number | null = null;
  for (let looks = 1; looks <= shown.length; looks += 1) {
    await witness.look(INSTANCE);
    if (witness.isDone()) doneAfter ??= looks;
  }
  return { doneAfter, sighting: witness.sighting() };
}

describe('a watch of Redis itself', () => {
  test('looks once more after a move, to see it twice', async () => {
    expect(await watch([MOVED, MOVED, MOVED])).toMatchObject({
      doneAfter: 2,
      sighting: { look: MOVED, isSteady: true, looks: 3, judges: true, why: null },
    });
  });

  test('waits as long as the old master answers, which may pass', async () => {
    expect((await watch([LOOK, LOOK, LOOK, LOOK, LOOK, MOVED, MOVED])).doneAfter).toBe(7);
  });

  test('does not wait long for what decides nothing', async () => {
    expect((await watch([LOOK, LOOK, LOOK, LOOK], false)).doneAfter).toBe(3);
  });

  test('does not wait long for a Redis that does not answer', async () => {
    expect(await watch([SILENT, SILENT, SILENT, SILENT])).toMatchObject({
      doneAfter: 3,
      sighting: { look: null, looks: 0, judges: true, why: 'nothing answers' },
    });
  });

  test('goes on where two servers answer in turn, and says so', async () => {
    expect(await watch([MOVED, LOOK, MOVED, LOOK])).toMatchObject({
      doneAfter: null,
      sighting: { isSteady: false },
    });
  });

  test('keeps the last look that worked', async () => {
    const { sighting } = await watch([MOVED, MOVED, SILENT]);
    expect(sighting).toMatchObject({ look: MOVED, why: 'nothing answers', looks: 2 });
  });
});
