import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';

import { NOTHING_SENT, hasSentNothing } from '../../src/domain/swap.js';
import type { SilentEnd } from '../../src/domain/swap.js';

const end = (overrides: Partial<SilentEnd>): SilentEnd => ({
  by: 'timeout',
  hasHeartbeat: false,
  failureType: '',
  failureMessage: '',
  ...overrides,
});

const anyEnd = fc.record<SilentEnd>({
  by: fc.constantFrom('timeout', 'run-ended', 'failure', 'other'),
  hasHeartbeat: fc.boolean(),
  failureType: fc.oneof(fc.string(), fc.constantFrom(NOTHING_SENT, 'NotFoundError', 'CodecError')),
  failureMessage: fc.oneof(
    fc.string(),
    fc.constant('Failed to parse activity args for activity requestSwap: no key'),
    fc.constant('not reported: the codec failed, see the worker log'),
  ),
});

describe('a swap activity that did not report', () => {
  it('may have sent wherever its fence is on record, however it ended', () => {
    fc.assert(
      fc.property(anyEnd, (each) => {
        expect(hasSentNothing({ ...each, hasHeartbeat: true })).toBe(false);
      }),
    );
  });

  it('has sent nothing without its fence on record when the server gave it up or its run was ended', () => {
    expect(hasSentNothing(end({ by: 'timeout' }))).toBe(true);
    expect(hasSentNothing(end({ by: 'run-ended' }))).toBe(true);
  });

  it('may have sent when it failed as text that do not stand for "before the fence"', () => {
    fc.assert(
      fc.property(fc.string(), fc.string(), (failureType, failureMessage) => {
        const words = { failureType, failureMessage: `after all: ${failureMessage}` };
        fc.pre(failureType !== NOTHING_SENT);
        expect(hasSentNothing(end({ by: 'failure', ...words }))).toBe(false);
      }),
    );
    // What a report that could not be encoded after its PUT looks like.
    expect(hasSentNothing(end({ by: 'failure', failureType: 'CodecError' }))).toBe(false);
    expect(hasSentNothing(end({ by: 'other' }))).toBe(false);
  });

  it.each<[string, Partial<SilentEnd>]>([
    ['says so itself', { failureType: NOTHING_SENT }],
    [
      'was given to a worker that does not have it',
      {
        failureType: 'NotFoundError',
        failureMessage:
          'Activity function requestSwap is not registered on this Worker, available activities: []',
      },
    ],
    [
      'could not be given its argument',
      {
        failureType: 'CodecError',
        failureMessage: 'Failed to parse activity args for activity requestSwap: no key',
      },
    ],
  ])('has sent nothing when it failed and %s', (_, words) => {
    expect(hasSentNothing(end({ by: 'failure', ...words }))).toBe(true);
  });
});
