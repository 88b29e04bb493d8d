/** What follows from each word of the witness, as docs/data-plane.md has it, and from a look before anything is sent. */
import { describe, expect, test } from '@jest/globals';

import { WITNESS_WORDS } from '../../src/contract/index.js';
import type { DataPlaneReport, Look, WitnessWord } from '../../src/contract/index.js';
import {
  compareLooks,
  CONTRADICTIONS,
  describeLook,
  findRedisDrift,
  holdsBack,
  isSameServer,
  isWordLasting,
  mayWordPass,
  whyNoJudge,
} from '../../src/domain/witness.js';
import { LOOK, MOVED } from '../support/redis-looks.js';

import { LAST_LOOKS } from './watched-run.js';

const DEMOTED: Look = { ...LOOK, role: 'replica' };

interface Consequences {
  readonly success: 'stays' | 'WITNESS_CONTRADICTS' | 'NOT_SERVING';
  readonly unchanged: Consequences['success'];
  readonly passes: boolean;
  readonly lasts: boolean;
  readonly holds: boolean;
}

const LOWERS = { success: 'WITNESS_CONTRADICTS', unchanged: 'WITNESS_CONTRADICTS' } as const;
const STAYS = { success: 'stays', unchanged: 'stays' } as const;
const OF_A_MOVE = { passes: false, lasts: true };
const MAY_PASS = { passes: true, lasts: false };

const CONSEQUENCES: Readonly<Record<WitnessWord, Consequences>> = {
  MOVED: { ...LOWERS, success: 'stays', ...OF_A_MOVE, holds: false },
  SAME: { ...LOWERS, unchanged: 'stays', ...MAY_PASS, holds: true },
  MOVED_AND_BACK: { ...LOWERS, ...OF_A_MOVE, holds: true },
  MOVED_MORE_THAN_ONCE: { ...LOWERS, ...OF_A_MOVE, holds: false },
  OTHER_DATA: { ...LOWERS, ...OF_A_MOVE, holds: false },
  DEMOTED_IN_PLACE: { ...LOWERS, ...MAY_PASS, holds: false },
  NOT_A_MASTER: { success: 'NOT_SERVING', unchanged: 'NOT_SERVING', ...MAY_PASS, holds: false },
  RESTARTED_OR_REPLACED: { ...STAYS, ...OF_A_MOVE, holds: false },
  CANNOT_TELL: { ...STAYS, passes: false, lasts: false, holds: true },
};

describe.each(WITNESS_WORDS)('the word %s', (word) => {
  const { success, unchanged, passes, lasts, holds } = CONSEQUENCES[word];
  const { SUCCEEDED, FAILED_UNCHANGED } = CONTRADICTIONS;

  test(`makes of SUCCEEDED: ${success}, and of FAILED_UNCHANGED: ${unchanged}`, () => {
    expect(SUCCEEDED[word] ?? 'stays').toBe(success);
    expect(FAILED_UNCHANGED[word] ?? 'stays').toBe(unchanged);
  });

  test(`${passes ? 'may' : 'does not'} change with a later look`, () => {
    const look = LAST_LOOKS[word];
    expect(compareLooks(LOOK, look, 60).word).toBe(word);
    expect(look !== null && mayWordPass(LOOK, look)).toBe(passes);
  });

  test(`${lasts ? 'stands' : 'does not stand'} where Redis cannot be seen later`, () => {
    expect(isWordLasting(word)).toBe(lasts);
  });

  test(`${holds ? 'holds' : 'does not hold'} a swap back`, () => {
    expect(holdsBack(word)).toBe(holds);
  });
});

test('a look that nothing can be compared with shows no other word later', () => {
  expect(mayWordPass(null, LOOK)).toBe(false);
});

test.each<[string | null, DataPlaneReport['binding'], string]>([
  ['ha', 'password', 'nothing'],
  ['ha', 'none', 'no password at'],
  ['cluster', 'password', 'mode cluster'],
  ['cluster', 'none', 'mode cluster'],
  [null, 'password', 'mode ?'],
])('of an instance of mode %s, bound by %s, Redis may not judge for: %s', (mode, binding, why) => {
  expect(whyNoJudge(mode, binding) ?? 'nothing').toContain(why);
});

describe('before a PUT', () => {
  test.each<[boolean, string, Look, Look]>([
    [true, 'at a later offset', LOOK, { ...LOOK, offset: 9_000, uptimeSeconds: 2e6 }],
    [false, 'in another role', LOOK, DEMOTED],
    [false, 'in the same role as another process', LOOK, MOVED],
    [false, 'as another process in another role', DEMOTED, MOVED],
  ])('it is the same server (%s) %s', (isSame, _, one, other) => {
    expect(isSameServer(one, other)).toBe(isSame);
    expect(isSameServer(other, one)).toBe(isSame);
  });

  test.each([
    ['another server answers', { judges: true, before: LOOK }, MOVED, 'process-, running'],
    ['it answers in another role', { judges: true, before: LOOK }, DEMOTED, 'replica, run_id'],
    ['nothing has changed', { judges: true, before: LOOK }, LOOK, 'nothing'],
    ['Redis may not judge', { judges: false, before: LOOK }, MOVED, 'nothing'],
    ['no look came before', { judges: true, before: null }, MOVED, 'nothing'],
  ])('where %s, who has failed over is named or no one has', (_, call, look, drift) => {
    expect(findRedisDrift(call, look) ?? 'nothing').toContain(drift);
  });

  test('who answers is described by role, the beginning of its run_id, and its age', () => {
    const look = { ...DEMOTED, runId: '0123456789abcdef', uptimeSeconds: 42 };
    expect(describeLook(look)).toMatch(/^replica, .*\b01234567, .*\b42 s$/);
  });
});
