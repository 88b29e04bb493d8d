/** What a run says of looks at Redis that did not work: why not, and what finds out more. */
import { describe, expect, test } from '@jest/globals';

import type { DataPlaneFindings } from '../../src/domain/preflight-report.js';
import {
  judgingWord,
  lookedBeforePut,
  redisWatched,
  witnessWarnings,
} from '../../src/domain/witnessing.js';
import { LOOK, MOVED } from '../support/redis-looks.js';

import { INSTANCE_ID, NOW_MS } from './support.js';
import {
  after,
  opened,
  REFUSED,
  SEEN,
  sightingOf,
  UNSEEN,
  watched,
  putAfter,
} from './watched-run.js';

describe('a look that did not work', () => {
  test('before the swap is reported with its reason, whatever was seen later', () => {
    for (const last of [null, MOVED])
      expect(watched(UNSEEN, last).dataPlane?.witness).toMatchObject({
        ...{ word: 'CANNOT_TELL', before: null, after: last },
        why: `the look before the swap did not work: ${REFUSED}`,
      });
  });

  test('leads to the doctor, unless the check of a refused run does', () => {
    for (const state of [watched(UNSEEN, null), watched(SEEN, null)]) {
      const [warning = ''] = witnessWarnings(state, 'SUCCEEDED');
      expect(warning).toContain(REFUSED);
      expect(warning).toMatch(new RegExp(`^  dcs-switchover doctor .*${INSTANCE_ID}$`, 'm'));
      expect(witnessWarnings(state, 'REFUSED').join()).not.toContain('dcs-switchover');
    }
    expect(witnessWarnings(watched(SEEN, MOVED), 'SUCCEEDED')).toEqual([]);
  });

  test('of a pre-check without a way to Redis takes no word from a worker that has one', () => {
    const none: DataPlaneFindings = { ...UNSEEN, address: null, binding: 'none' };
    const state = after(
      opened(none),
      lookedBeforePut('forward', putAfter(LOOK), NOW_MS),
      redisWatched('forward', sightingOf(LOOK)),
    );
    expect(judgingWord(state)).toBe('SAME');
    expect(state.dataPlane?.binding).toBe('password');
  });
});
