/** What a run says of looks at Redis that did not work: why not, and what finds out more. */
import { describe, expect, test } from '@jest/globals';

import type { DataPlaneFindings } from '../../src/domain/preflight-report.js';
import { newRunState, preChecked } from '../../src/domain/run-state.js';
import type { RunState } from '../../src/domain/run-state.js';
import {
  firstLooked,
  judgingWord,
  lookedBeforePut,
  redisWatched,
  witnessWarnings,
} from '../../src/domain/witnessing.js';
import { LOOK, MOVED } from '../support/redis-looks.js';

import { BEFORE, INSTANCE_ID, NOW_MS, requestOf } from './support.js';

const REFUSED = 'AUTH: Redis refused user or password';
const UNSEEN: DataPlaneFindings = {
  ...{ offered: true, judges: true, binding: 'password', address: '192.0.2.1:6379', look: null },
  ...{ why: REFUSED, measures: false, periodMs: 50, write: true },
};
const SEEN: DataPlaneFindings = { ...UNSEEN, look: LOOK, why: null };

/** A run whose first look was so. */
function opened(dataPlane: DataPlaneFindings): RunState {
  const findings = { verdict: 'proceed' as const, request: requestOf(), before: BEFORE, dataPlane };
  const lists = { checks: [], knownSwapTaskIds: [], warnings: [], searchAttributes: [] };
  return [preChecked({ ...findings, ...lists }), firstLooked(dataPlane)].reduce(
    (state, each) => each(state, NOW_MS),
    newRunState({}, NOW_MS),
  );
}

/** It has watched Redis after its PUT, too. */
function watched(dataPlane: DataPlaneFindings, after: typeof LOOK | null): RunState {
  const seen = { look: after, why: after === null ? REFUSED : null, judges: true };
  return redisWatched('forward', { ...seen, isSteady: true, looks: 2 })(opened(dataPlane), NOW_MS);
}

describe('a look that did not work', () => {
  test('before the swap is reported with its reason, whatever was seen later', () => {
    for (const after of [null, MOVED])
      expect(watched(UNSEEN, after).dataPlane?.witness).toMatchObject({
        ...{ word: 'CANNOT_TELL', before: null, after },
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
    const seen = { look: LOOK, why: null, judges: true, isSteady: true, looks: 2 };
    const put = { kind: 'accepted' as const, jobId: 'job-1', requestId: null, sentAtMs: NOW_MS };
    const sent = { ...put, redis: { look: LOOK, afterMs: 0 } };
    const state = [lookedBeforePut('forward', sent, NOW_MS), redisWatched('forward', seen)].reduce(
      (last, each) => each(last, NOW_MS),
      opened(none),
    );
    expect(judgingWord(state)).toBe('SAME');
    expect(state.dataPlane?.binding).toBe('password');
  });
});
