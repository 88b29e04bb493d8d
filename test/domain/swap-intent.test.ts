import { describe, expect, it } from '@jest/globals';

import type { LostReport, NotSentReason, SwapReport } from '../../src/domain/reports.js';
import {
  concludeSending,
  countSent,
  isTry,
  isUnpassedFence,
  mayPass,
  sharpen,
} from '../../src/domain/swap.js';

const notSent = (reason: NotSentReason): SwapReport => ({
  kind: 'not-sent',
  reason,
  retryAfterMs: null,
  detail: 'd',
});

const accepted: SwapReport = { kind: 'accepted', jobId: 'j', requestId: null, sentAtMs: 1 };
const ambiguous: SwapReport = { kind: 'ambiguous', detail: 'd', sentAtMs: 1 };
const rejected: SwapReport = { kind: 'rejected', detail: 'd' };
const lost: LostReport = { kind: 'lost', detail: 'd' };
const notApplied: SwapReport = {
  kind: 'not-applied',
  retryAfterMs: null,
  wasUnauthorized: false,
  detail: 'd',
};

interface Meaning {
  readonly mayPass: boolean;
  readonly isTry: boolean;
  readonly sent: number;
  /** How the sending ends where this is the only report, and after an earlier try. */
  readonly first: string;
  readonly later: string;
}

const nothing = (reason: NotSentReason, passes: boolean): Meaning => ({
  mayPass: passes,
  isTry: false,
  sent: 0,
  first: `nothing-tried ${reason}`,
  later: `not-applied ${reason}`,
});

const ROWS: readonly (readonly [string, SwapReport | LostReport, Meaning])[] = [
  [
    'accepted',
    accepted,
    { mayPass: false, isTry: true, sent: 1, first: 'accepted null', later: 'accepted null' },
  ],
  [
    'ambiguous',
    ambiguous,
    { mayPass: false, isTry: true, sent: 1, first: 'ambiguous null', later: 'ambiguous null' },
  ],
  [
    'lost',
    lost,
    { mayPass: false, isTry: true, sent: 1, first: 'ambiguous null', later: 'ambiguous null' },
  ],
  [
    'rejected',
    rejected,
    { mayPass: false, isTry: true, sent: 1, first: 'not-applied null', later: 'not-applied null' },
  ],
  [
    'not applied',
    notApplied,
    { mayPass: true, isTry: true, sent: 1, first: 'not-applied null', later: 'not-applied null' },
  ],
  [
    'guard',
    notSent('guard'),
    { mayPass: false, isTry: false, sent: 1, first: 'ambiguous null', later: 'ambiguous null' },
  ],
  [
    'fence',
    notSent('fence'),
    { mayPass: false, isTry: false, sent: 0, first: 'ambiguous null', later: 'ambiguous null' },
  ],
  ['unfenced', notSent('unfenced'), nothing('unfenced', true)],
  ['not connected', notSent('not-connected'), { ...nothing('not-connected', true), isTry: true }],
  ['throttled', notSent('throttled'), nothing('throttled', true)],
  ['busy', notSent('busy'), nothing('busy', true)],
  ['unreadable', notSent('unreadable'), nothing('unreadable', true)],
  ['draining', notSent('draining'), nothing('draining', true)],
  ['drift', notSent('drift'), nothing('drift', false)],
  ['too late', notSent('too-late'), nothing('too-late', false)],
  ['cancelled', notSent('cancelled'), nothing('cancelled', false)],
];

describe('a report of the swap activity', () => {
  it.each(ROWS)('%s', (_, report, expected) => {
    const end = (hasTried: boolean): string => {
      const { kind, reason } = concludeSending(report, hasTried);
      return `${kind} ${String(reason)}`;
    };
    expect({
      mayPass: mayPass(report),
      isTry: isTry(report),
      sent: countSent(report),
      first: end(false),
      later: end(true),
    }).toStrictEqual(expected);
  });

  it.each(ROWS)('%s: only what reported itself may be re-issued', (_, report) => {
    const isSilent =
      report.kind === 'lost' ||
      (report.kind === 'not-sent' && ['guard', 'fence'].includes(report.reason));
    expect(concludeSending(report, true).hasReported).toBe(!isSilent);
  });

  it('of a fence that was not passed means that this only execution sent nothing', () => {
    expect(sharpen(notSent('fence'))).toEqual({ ...notSent('unfenced'), isVouched: true });
    const others = ROWS.map(([, report]) => report).filter((report) => !isUnpassedFence(report));
    expect(others.map(sharpen)).toEqual(others);
  });

  it('hands its job and its words on', () => {
    expect(concludeSending(accepted, false)).toMatchObject({ jobId: 'j', detail: '' });
    expect(concludeSending(lost, false)).toMatchObject({ jobId: null, detail: 'd' });
  });
});
