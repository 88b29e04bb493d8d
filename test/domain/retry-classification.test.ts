import fs from 'node:fs';
import path from 'node:path';

import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';

import { normaliseCode } from '../../src/dcs/answer.js';
import {
  CLASSIFICATION,
  STATE_CONFLICT_CODES,
  classifyRead,
  classifySwap,
  isThrottledByGateway,
} from '../../src/domain/retry-classification.js';
import type {
  FailureFacts,
  ReadVerdict,
  SwapVerdict,
} from '../../src/domain/retry-classification.js';

interface CodeRow {
  readonly status: number;
  readonly code: string;
  readonly class: string;
}

const codes: CodeRow[] = fs
  .readFileSync(path.join(__dirname, '../dcs/fixtures/error-codes.tsv'), 'utf8')
  .trim()
  .split('\n')
  .slice(1)
  .map((line) => {
    const [status = '', code = '', name = ''] = line.split('\t');
    return { status: Number(status), code, class: name };
  });

const answered = (facts: Partial<FailureFacts>): FailureFacts => ({
  delivery: 'answered',
  status: 400,
  code: null,
  bodyParsed: true,
  ...facts,
});

const verdictsOf = (facts: FailureFacts) => ({
  read: classifyRead(facts),
  swap: classifySwap(facts),
});

interface Verdicts {
  readonly read: ReadVerdict;
  readonly swap: SwapVerdict;
}

/** What a class of the reference means, where the status is no 5xx. */
const STOPPED: Verdicts = { read: 'STOP', swap: 'REJECTED' };
const BY_CLASS: Readonly<Record<string, Verdicts>> = {
  STATE: { read: 'WAIT', swap: 'NOT_APPLIED' },
  AUTH: { read: 'REFRESH_CREDENTIALS', swap: 'REFRESH_CREDENTIALS' },
  PARAM: STOPPED,
  QUOTA: STOPPED,
  UNSUPPORTED: STOPPED,
  FORBIDDEN: STOPPED,
  NOTFOUND: STOPPED,
  PERM: STOPPED,
};

const expectedOf = (row: CodeRow): Verdicts | undefined =>
  row.status >= 500
    ? { read: row.class === 'STATE' ? 'WAIT' : 'RETRY', swap: 'AMBIGUOUS' }
    : BY_CLASS[row.class];

describe('the published error codes', () => {
  it('are all here', () => {
    const numeric = codes.filter(({ code }) => /^\d+$/.test(code));
    expect({ rows: codes.length, numeric: numeric.length }).toStrictEqual({
      rows: 287,
      numeric: 117,
    });
  });

  it.each(codes)('$status $code ($class) is answered by its class', (row) => {
    const facts = answered({ status: row.status, code: normaliseCode(row.code) });
    expect(verdictsOf(facts)).toStrictEqual(expectedOf(row));
  });

  it.each(codes.filter(({ code }) => /^\d+$/.test(code)))(
    '$code has a DCS spelling of the same status and class',
    ({ status, code, class: name }) => {
      const twin = normaliseCode(code);
      expect(twin).toMatch(/^DCS\.\d{4}$/);
      expect(codes).toContainEqual({ status, code: twin, class: name });
      expect(normaliseCode(Number(code))).toBe(twin);
    },
  );

  it.each(codes.filter(({ code }) => code.startsWith('DCS.')))(
    '$code is already in its one spelling',
    ({ code }) => {
      expect(normaliseCode(code)).toBe(code);
    },
  );

  it('of the class STATE are those that count as state conflicts, and few others', () => {
    const listed = codes
      .filter((row) => row.class === 'STATE' && row.code.startsWith('DCS.'))
      .map(({ code }) => code);
    // Seen by the Terraform provider, absent from the published table.
    const unlisted = ['DCS.4121', 'DCS.4231', 'DCS.4975', 'CBC.99003651'];
    expect([...STATE_CONFLICT_CODES].sort()).toStrictEqual([...listed, ...unlisted].sort());
  });
});

describe('a code is normalised', () => {
  it.each<[string, unknown, string | null]>([
    ['a stray blank', 'DCS. 4855', 'DCS.4855'],
    ['the other prefix of the gateway', 'APIG.0308', 'APIGW.0308'],
    ['lower case', 'dcs.4049', 'DCS.4049'],
    ['an unknown family', '111999001', '111999001'],
    ['an unknown word', 'XYZ.1', 'XYZ.1'],
    ['an empty text', ' ', null],
    ['a missing value', undefined, null],
    ['an object', { code: 1 }, null],
    ['null', null, null],
  ])('%s', (_, raw, expected) => {
    expect(normaliseCode(raw)).toBe(expected);
  });

  it('to nothing where it is too long for one', () => {
    expect(normaliseCode('x'.repeat(65))).toBeNull();
    expect(normaliseCode('x'.repeat(1_000_000))).toBeNull();
  });
});

describe('a status is answered by', () => {
  it.each<[number, boolean, ReadVerdict, SwapVerdict]>([
    // The statuses of the API page of async-swap, with a parsed error body.
    [400, true, 'STOP', 'REJECTED'],
    [401, true, 'REFRESH_CREDENTIALS', 'REFRESH_CREDENTIALS'],
    [403, true, 'STOP', 'REJECTED'],
    [404, true, 'STOP', 'REJECTED'],
    [500, true, 'RETRY', 'AMBIGUOUS'],
    // The same without one: something in between answered.
    [400, false, 'STOP', 'AMBIGUOUS'],
    [401, false, 'REFRESH_CREDENTIALS', 'AMBIGUOUS'],
    [403, false, 'STOP', 'AMBIGUOUS'],
    [404, false, 'STOP', 'AMBIGUOUS'],
    [500, false, 'RETRY', 'AMBIGUOUS'],
    // Others.
    [200, false, 'RETRY', 'AMBIGUOUS'],
    [204, false, 'RETRY', 'AMBIGUOUS'],
    [302, false, 'STOP', 'AMBIGUOUS'],
    [405, true, 'STOP', 'REJECTED'],
    [408, true, 'RETRY', 'AMBIGUOUS'],
    [409, true, 'STOP', 'NOT_APPLIED'],
    [409, false, 'STOP', 'AMBIGUOUS'],
    [425, true, 'RETRY', 'AMBIGUOUS'],
    [429, true, 'THROTTLED', 'NOT_APPLIED'],
    [429, false, 'THROTTLED', 'AMBIGUOUS'],
    [501, true, 'RETRY', 'AMBIGUOUS'],
    [502, false, 'RETRY', 'AMBIGUOUS'],
    [503, true, 'RETRY', 'AMBIGUOUS'],
    [504, false, 'RETRY', 'AMBIGUOUS'],
    [600, true, 'STOP', 'AMBIGUOUS'],
  ])('%i, error body parsed: %s → read %s, swap %s', (status, bodyParsed, read, swap) => {
    expect(verdictsOf(answered({ status, bodyParsed }))).toStrictEqual({ read, swap });
  });

  it.each<[FailureFacts['delivery'], ReadVerdict, SwapVerdict]>([
    ['never-sent', 'RETRY', 'NOT_APPLIED'],
    ['maybe-sent', 'RETRY', 'AMBIGUOUS'],
    ['answered', 'RETRY', 'AMBIGUOUS'],
  ])('none (%s) → read %s, swap %s', (delivery, read, swap) => {
    const facts = { delivery, status: null, code: null, bodyParsed: false };
    expect(verdictsOf(facts)).toStrictEqual({ read, swap });
  });

  it('the safe side where the code is one that no one has published', () => {
    const absent = 'DCS.9999';
    expect(codes.map(({ code }) => code)).not.toContain(absent);
    expect(verdictsOf(answered({ code: absent }))).toStrictEqual(STOPPED);
    expect(classifySwap(answered({ code: absent, status: 500 }))).toBe('AMBIGUOUS');
  });

  it('a last line that matches everything', () => {
    expect(CLASSIFICATION.at(-1)).toMatchObject({ read: 'STOP', swap: 'AMBIGUOUS' });
  });
});

describe('whatever the facts,', () => {
  const facts = fc.record<FailureFacts>({
    delivery: fc.constantFrom('never-sent', 'maybe-sent', 'answered'),
    status: fc.option(
      fc.oneof(fc.integer({ min: 100, max: 599 }), fc.constantFrom(400, 401, 409, 429, 500, 503)),
    ),
    code: fc.option(
      fc.oneof(
        fc.constantFrom(...codes.map(({ code }) => code), ...STATE_CONFLICT_CODES),
        fc.string(),
      ),
    ),
    bodyParsed: fc.boolean(),
  });
  const PROOFS: readonly SwapVerdict[] = ['NOT_APPLIED', 'REJECTED', 'REFRESH_CREDENTIALS'];

  it('a swap that is unresolved is never taken for one that did nothing', () => {
    fc.assert(
      fc.property(facts, (failure) => {
        const { delivery, status, bodyParsed } = failure;
        const isUnresolved =
          delivery !== 'never-sent' &&
          (delivery === 'maybe-sent' ||
            status === null ||
            status >= 500 ||
            status < 400 ||
            status === 408 ||
            !bodyParsed);
        return !isUnresolved || !PROOFS.includes(classifySwap(failure));
      }),
      { numRuns: 2_000 },
    );
  });

  it('a swap that was never sent was not applied', () => {
    fc.assert(
      fc.property(
        facts,
        (failure) => classifySwap({ ...failure, delivery: 'never-sent' }) === 'NOT_APPLIED',
      ),
    );
  });

  it('only a 401 refreshes the credentials', () => {
    fc.assert(
      fc.property(facts, (failure) => {
        const verdicts = [classifyRead(failure), classifySwap(failure)];
        return !verdicts.includes('REFRESH_CREDENTIALS') || failure.status === 401;
      }),
    );
  });
});

describe('a spent quota', () => {
  const spent = { status: 429, code: 'APIGW.0308' };

  it('is said by the gateway of the API itself', () => {
    expect(isThrottledByGateway(answered(spent))).toBe(true);
  });

  it.each<[string, Partial<FailureFacts>]>([
    ['in another status', { ...spent, status: 403 }],
    ['without its error body', { ...spent, bodyParsed: false }],
    ['with the code of a service behind it', { ...spent, code: 'DCS.4855' }],
    ['with a code that only ends so', { ...spent, code: 'X.APIGW.' }],
    ['without a code', { ...spent, code: null }],
  ])('is not, %s', (_, facts) => {
    expect(isThrottledByGateway(answered(facts))).toBe(false);
  });
});
