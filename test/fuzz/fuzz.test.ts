/** Hostile input on every surface: what once broke a promise, and some cases more, always the same ones. */
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';

import { checkCase, readCorpus, tryCases } from './run.js';
import { SURFACES } from './surfaces/index.js';

/** `npm run fuzz` makes new ones. */
const SEED = 4711;
const CASES = 100;

describe.each(SURFACES.map((surface) => [surface.name, surface] as const))(
  '%s',
  (name, surface) => {
    beforeAll(() => surface.open?.());
    afterAll(() => surface.close?.());

    for (const { what, input } of readCorpus(name))
      test(`${what} breaks no promise`, async () => {
        await expect(checkCase(surface, input)).resolves.toBeUndefined();
      });

    test(`none of ${CASES} cases breaks a promise`, async () => {
      // The text is the find: what is broken, and the case to be kept in the corpus.
      expect(await tryCases(surface, { seed: SEED, numRuns: CASES })).toBeNull();
    });
  },
);
