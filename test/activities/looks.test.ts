/** The looks of a watch: for how long they wait, and what they report. */
import { describe, expect, test } from '@jest/globals';

import { createLastLook, createLooker, watchWitness } from '../../src/activities/looks.js';
import type { LookAttempt } from '../../src/activities/looks.js';
import type { Look } from '../../src/contract/index.js';
import type { DataPlaneOffer } from '../../src/data-plane/index.js';
import type { InstanceFacts } from '../../src/domain/facts.js';
import { LOOK, MOVED, redisShowing } from '../support/redis-looks.js';

const INSTANCE: InstanceFacts = {
  ...{ name: 'cache', tags: [], status: 'RUNNING', cacheMode: 'ha', engine: 'Redis' },
  ...{ engineVersion: '7.0', busyWith: null },
};

const NOWHERE = {
  ...{ instanceId: 'i', name: null, tags: null, ip: null, port: null, domainName: null },
  ...{ isTls: null, needsNoPassword: null },
};

const SILENT = null;

/** Looks as often as there are answers; then says what was seen, and after how many looks it was enough. */
async function watch(
  shown: readonly (Look | typeof SILENT)[],
  judges = true,
  before: Look | null = LOOK,
) {
  const answers = [...shown];
  const attempt = (): LookAttempt => {
    const look = answers.shift() ?? null;
    const why = look === null ? 'nothing answers' : null;
    return { look, why, judges, address: 'a:1', binding: 'password', measure: null, tryOut: null };
  };
  const call = { before, judges: true };
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

  test('does not wait where there is no look to compare with, such as after a refused login', async () => {
    expect((await watch([SILENT, SILENT], true, null)).doneAfter).toBe(1);
    expect((await watch([LOOK, LOOK], true, null)).doneAfter).toBe(1);
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

  test('forgets that the address had not moved yet, where Redis does not answer any more', async () => {
    expect(await watch([LOOK, SILENT, SILENT, SILENT])).toMatchObject({
      doneAfter: 4,
      sighting: { look: null, looks: 1, judges: true, why: 'nothing answers' },
    });
    expect((await watch([LOOK, SILENT, SILENT])).sighting).toMatchObject({ look: LOOK });
  });

  test('does not forget a move, whatever comes later', async () => {
    const { sighting } = await watch([MOVED, MOVED, SILENT, SILENT, SILENT]);
    expect(sighting).toMatchObject({ look: MOVED, isSteady: true });
  });

  test('keeps the last look that worked', async () => {
    const { sighting } = await watch([MOVED, MOVED, SILENT]);
    expect(sighting).toMatchObject({ look: MOVED, why: 'nothing answers', looks: 2 });
  });
});

describe('the last look before a PUT', () => {
  test('holds nothing back for longer than 3 s, whatever is in its way', async () => {
    const never = new Promise<null>(() => undefined);
    const clock = { elapsed: () => ({ atLeastMs: 0, atMostMs: 0 }) };
    const call = { before: LOOK, judges: true };
    const last = createLastLook(() => never, call, new AbortController().signal, clock);
    last.begin(INSTANCE);
    expect(await last.drift()).toBeNull();
    expect(last.taken()).toBeNull();
  });
});

describe('a look', () => {
  const signal = new AbortController().signal;

  test.each([
    ['once, whatever they show', INSTANCE, 1],
    ['not at all where the API has refused them already', { ...INSTANCE, areTagsRefused: true }, 0],
  ] as const)('asks for tags %s', async (_, instance, calls) => {
    let asked = 0;
    const tags = () => {
      asked += 1;
      return Promise.reject(new Error('not allowed'));
    };
    const { dataPlane, ...deps } = redisShowing({ look: LOOK });
    const source = { ...dataPlane, asksForTags: () => true };
    const looker = createLooker(deps, { dataPlane: source }, { instanceId: 'i', tags });
    for (let look = 1; look <= 2; look += 1)
      expect(await looker({ ...instance, tags: null }, signal)).toMatchObject({ look: LOOK });
    expect(asked).toBe(calls);
  });

  test.each([false, true])(
    'with a login that was refused (%s) tries no command',
    async (isRefused) => {
      const { dataPlane, ...deps } = redisShowing({ look: LOOK });
      const limit = { mayTry: () => 'yes' as const, isRefused: () => isRefused };
      const logins = { ...limit, begin: () => () => undefined };
      const offer = (await dataPlane.offerFor(NOWHERE)) as DataPlaneOffer;
      const offerFor = () => Promise.resolve({ ...offer, access: { ...offer.access, logins } });
      const project = { dataPlane: { ...dataPlane, offerFor } };
      const reader = { instanceId: 'i', tags: () => Promise.reject(new Error('not asked')) };
      const attempt = await createLooker(deps, project, reader)(INSTANCE, signal);
      expect(attempt?.tryOut === null).toBe(isRefused);
    },
  );

  test.each([
    ['ha', true],
    ['cluster', false],
  ])('that has no way to Redis leaves open who may judge: %s', async (cacheMode, judges) => {
    const { dataPlane, ...deps } = redisShowing({ look: LOOK });
    const offerFor = () => Promise.resolve({ why: 'the file cannot be read' });
    const reader = { instanceId: 'i', tags: () => Promise.reject(new Error('not asked')) };
    const looker = createLooker(deps, { dataPlane: { ...dataPlane, offerFor } }, reader);
    const attempt = await looker({ ...INSTANCE, cacheMode }, signal);
    expect(attempt).toMatchObject({ look: null, binding: 'none', judges });
  });

  test('shows an IPv6 address in brackets', async () => {
    const { dataPlane, ...deps } = redisShowing({ look: LOOK });
    const offer = (await dataPlane.offerFor(NOWHERE)) as DataPlaneOffer;
    const access = { ...offer.access, host: 'fd00::7' };
    const project = {
      dataPlane: { ...dataPlane, offerFor: () => Promise.resolve({ ...offer, access }) },
    };
    const reader = { instanceId: 'i', tags: () => Promise.reject(new Error('not asked')) };
    const attempt = await createLooker(deps, project, reader)(INSTANCE, signal);
    expect(attempt?.address).toBe('[fd00::7]:6379');
  });
});
