/** What a maintenance keeps of the words of a switchover. */
import { describe, expect, test } from '@jest/globals';

import { commandsOf, joinText, withCommands } from '../../../src/domain/commands.js';
import {
  clipMessage,
  observedMaster,
  toLegEnding,
} from '../../../src/domain/maintenance/ending.js';
import { BEFORE, master, rolesOf, SWAPPED } from '../support.js';

const LINE = `dcs-switchover switch 1 --timing ${'a=1 '.repeat(90).trim()}`;

describe('a message that is too long to be kept', () => {
  test('loses its commands first: half of one would be another command', () => {
    const message = joinText(['Every check passed.', withCommands('Switch over', LINE, LINE)]);
    expect(commandsOf(message)).toHaveLength(2);
    expect(clipMessage(message)).toBe('Every check passed.');
  });

  test('is cut where it has none, and not within a character', () => {
    const clipped = clipMessage('😀'.repeat(1_000));
    expect(clipped).toMatch(/^(?:😀)+…$/u);
    expect(clipMessage(clipped)).toBe(clipped);
  });

  test('is kept whole where it fits', () => {
    const message = joinText(['Look.', withCommands('Look', 'dcs-switchover status 1')]);
    expect(clipMessage(message)).toBe(message);
  });
});

describe('of a switchover that has ended a maintenance keeps', () => {
  const NODE = { before: { nodeId: 'node-a', availabilityZone: 'az1' } };
  const AFTER = { nodeId: 'node-b', availabilityZone: 'az2' };
  const reported = (result: object) =>
    toLegEnding({ kind: 'reported', result } as Parameters<typeof toLegEnding>[0]);
  const sent = { outcome: 'SUCCEEDED', cause: 'ROLES_CHANGED', message: 'ok', swapsSent: 1 };

  test('its outcome, cause and message, where the master was and where it is', () => {
    expect(reported({ ...sent, before: BEFORE, after: SWAPPED })).toStrictEqual({
      ...{ ...sent, master: AFTER, from: NODE.before },
    });
  });

  test('the prior master as the present one where nothing was sent, and none where that is not known', () => {
    const refused = { outcome: 'REFUSED', before: BEFORE };
    expect(reported(refused).master).toStrictEqual(NODE.before);
    expect(reported({ ...refused, swapsSent: 1 }).master).toBeNull();
    expect(reported({ outcome: 'UNKNOWN' })).toStrictEqual({
      ...{ outcome: 'UNKNOWN', cause: null, message: '', swapsSent: 0, master: null, from: null },
    });
  });

  test('that its refusal passes by itself, only where nothing was sent', () => {
    const mayPass = (result: object): boolean =>
      'mayPass' in reported({ outcome: 'REFUSED', ...result });
    expect(reported({ outcome: 'REFUSED', mayPass: true })).toMatchObject({ mayPass: true });
    expect(mayPass({ mayPass: true, swapsSent: 1 })).toBe(false);
    expect(mayPass({ mayPass: false })).toBe(false);
    expect(mayPass({})).toBe(false);
  });

  test.each(['PLANNED', 'RESOLVED', 'ELSE', undefined])(
    'UNKNOWN for the outcome %s, with which none of its switchovers may end',
    (outcome) => {
      expect(reported({ outcome }).outcome).toBe('UNKNOWN');
    },
  );

  test.each(['SUCCEEDED', 'NOOP', 'REFUSED', 'FAILED_UNCHANGED', 'COMPENSATED', 'UNKNOWN'])(
    '%s as it is',
    (outcome) => {
      expect(reported({ outcome }).outcome).toBe(outcome);
    },
  );

  test('what a run without a result proves: nothing, unless it was cancelled or its input refused', () => {
    const nothing = { cause: null, swapsSent: 0, master: null };
    expect(toLegEnding({ kind: 'cancelled' })).toMatchObject({ ...nothing, outcome: 'CANCELLED' });
    expect(toLegEnding({ kind: 'invalid-input', problems: [], message: 'bad' })).toStrictEqual({
      ...{ ...nothing, outcome: 'INVALID_INPUT', message: 'bad' },
    });
    const lost = {
      kind: 'no-result',
      cause: 'RUN_TERMINATED',
      detail: 'it was terminated',
    } as const;
    expect(toLegEnding(lost)).toStrictEqual({
      ...{ ...nothing, outcome: 'UNKNOWN', cause: 'RUN_TERMINATED' },
      message: 'Outcome unknown: it was terminated, and nothing shows whether its PUT has left.',
    });
  });

  test('a master only where there is exactly one, of a known id', () => {
    expect(observedMaster(rolesOf(master, { ...master, nodeId: 'b' }))).toBeNull();
    expect(observedMaster(rolesOf({ ...master, nodeId: null }))).toBeNull();
    const zoneless = rolesOf({ ...master, availabilityZone: null });
    expect(observedMaster(zoneless)).toStrictEqual({ nodeId: 'node-a', availabilityZone: null });
  });
});
