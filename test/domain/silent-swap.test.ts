import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';

import { NOT_APPLIED, NOTHING_SENT, failureTypeOf, readSilence } from '../../src/domain/swap.js';
import type { SwapReport } from '../../src/domain/reports.js';
import type { SilentEnd } from '../../src/domain/swap.js';

const end = (overrides: Partial<SilentEnd>): SilentEnd => ({
  by: 'timeout',
  hasHeartbeat: false,
  failureType: '',
  failureMessage: '',
  ...overrides,
});

const UNFENCED = { kind: 'not-sent', reason: 'unfenced' };

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
        expect(readSilence({ ...each, hasHeartbeat: true })).toMatchObject({ kind: 'lost' });
      }),
    );
  });

  it('has sent nothing without its fence on record when the server gave it up or its run was ended', () => {
    expect(readSilence(end({ by: 'timeout' }))).toMatchObject(UNFENCED);
    expect(readSilence(end({ by: 'run-ended' }))).toMatchObject(UNFENCED);
  });

  it('may have sent when it failed as text that do not stand for "before the fence"', () => {
    fc.assert(
      fc.property(fc.string(), fc.string(), (failureType, failureMessage) => {
        const words = { failureType, failureMessage: `after all: ${failureMessage}` };
        fc.pre(failureType !== NOTHING_SENT && failureType !== NOT_APPLIED);
        expect(readSilence(end({ by: 'failure', ...words }))).toMatchObject({ kind: 'lost' });
      }),
    );
    // What a report that could not be encoded after its PUT looks like.
    expect(readSilence(end({ by: 'failure', failureType: 'CodecError' }))).toMatchObject({
      kind: 'lost',
    });
    expect(readSilence(end({ by: 'other' }))).toMatchObject({ kind: 'lost' });
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
    expect(readSilence(end({ by: 'failure', ...words }))).toMatchObject(UNFENCED);
  });

  it('was answered that its PUT was not applied where it says so, and is not to be repeated', () => {
    const said = readSilence(end({ by: 'failure', failureType: NOT_APPLIED }));
    expect(said).toMatchObject({ kind: 'rejected', requestId: null });
  });

  it.each<[SwapReport, string | null]>([
    [{ kind: 'not-sent', reason: 'drift', retryAfterMs: null, detail: '' }, NOTHING_SENT],
    [{ kind: 'not-sent', reason: 'fence', retryAfterMs: null, detail: '' }, NOTHING_SENT],
    [{ kind: 'not-sent', reason: 'guard', retryAfterMs: null, detail: '' }, null],
    [{ kind: 'not-sent', reason: 'own-swap', retryAfterMs: null, detail: '' }, null],
    [{ kind: 'rejected', detail: '', requestId: null }, NOT_APPLIED],
    [{ kind: 'ambiguous', detail: '', sentAtMs: 0 }, null],
    [{ kind: 'accepted', jobId: 'j', sentAtMs: 0, requestId: null }, null],
  ])('says of %j no more than holds without its report', (report, type) => {
    expect(failureTypeOf(report)).toBe(type);
  });
});
