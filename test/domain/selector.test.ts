/** A selector takes only what is known to fit, and drops only what is known not to. */
import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';

import { fitOf, unknownParts } from '../../src/domain/policy.js';
import type { SelectionSubject } from '../../src/domain/policy.js';

const PROD = [{ key: 'env', value: 'prod' }];
const AZ = 'eu-west-101a';
const SUBJECT: SelectionSubject = { name: 'orders-1', tags: PROD, masterAvailabilityZone: AZ };

describe('a selector by tag', () => {
  const selector = { tags: { env: 'prod' } };

  test.each([
    ['takes an instance that carries the tag', PROD, true],
    ['leaves out an instance without any tag', [], false],
    ['leaves out an instance with another value', [{ key: 'env', value: 'test' }], false],
    ['cannot say of an instance whose tags are not shown', null, null],
  ])('%s', (_, tags, expected) => {
    expect(fitOf(selector, { ...SUBJECT, tags })).toBe(expected);
  });

  test('names what it would have to know', () => {
    expect(unknownParts(selector, { ...SUBJECT, tags: null })).toEqual(['its tags']);
    expect(unknownParts(selector, SUBJECT)).toEqual([]);
  });
});

test('a selector by zone cannot say of a master whose zone is not shown', () => {
  const selector = { masterAvailabilityZone: AZ };
  expect(fitOf(selector, { ...SUBJECT, masterAvailabilityZone: null })).toBeNull();
});

test('a selector by name cannot say of an instance whose name is not shown', () => {
  expect(fitOf({ namePattern: 'orders-*' }, { ...SUBJECT, name: null })).toBeNull();
});

test('one part that does not fit decides, whatever else is not known', () => {
  const selector = { tags: { env: 'prod' }, namePattern: 'billing-*' };
  expect(fitOf(selector, { ...SUBJECT, tags: null })).toBe(false);
});

test('what is learnt later never turns a yes or a no around', () => {
  const selectors = fc.record(
    {
      tags: fc.option(fc.constantFrom({ env: 'prod' }, { env: 'test' }, {})),
      namePattern: fc.option(fc.constantFrom('*', 'orders-*', 'billing-*')),
      masterAvailabilityZone: fc.option(fc.constantFrom(AZ, 'eu-west-101b')),
    },
    { requiredKeys: [] },
  );
  const whole = fc.record({
    name: fc.constantFrom('orders-1', 'billing-1'),
    tags: fc.constantFrom(PROD, [], [{ key: 'env', value: 'test' }]),
    masterAvailabilityZone: fc.constantFrom(AZ, 'eu-west-101b'),
  });
  const hidden = fc.subarray(['name', 'tags', 'masterAvailabilityZone'] as const);
  fc.assert(
    fc.property(selectors, whole, hidden, (selector, subject, fields) => {
      const known = fitOf(selector, subject);
      const partly = { ...subject, ...Object.fromEntries(fields.map((field) => [field, null])) };
      const fit = fitOf(selector, partly);
      expect(known).not.toBeNull();
      expect([null, known]).toContain(fit);
      expect(fit === null).toBe(fit !== false && unknownParts(selector, partly).length > 0);
    }),
  );
});
