/** What is known of a run by the cause that it reported. */
import { describe, expect, test } from '@jest/globals';

import { describeCause, findRedisCause, mayReadingHelp } from '../../src/domain/causes.js';

/** What has happened, and stays: of our own swap or of another. */
const LASTING = ['CHANGED_LATER', 'FOREIGN_SWAP', 'OFF_TARGET'];
const CLEARED_BY_READING = [
  ...['JOB_STILL_RUNNING', 'ROLES_UNREADABLE', 'TASKS_UNREADABLE', 'UNATTRIBUTED_SWAP'],
  ...['IDENTIFIERS_DISAGREE', 'HEALTH_UNSTABLE', 'ROLES_UNSTABLE', 'CHANGE_WITHOUT_OUR_TASK'],
  ...['TARGET_UNCLEAR', 'NEW_MASTER_INACTIVE', 'NOT_HEALTHY', 'WITNESS_CONTRADICTS'],
  ...['NOT_SERVING', 'JOB_FAILED_ROLES_CHANGED', 'SUCCESS_WITHOUT_CHANGE', 'ROLES_NOT_HELD'],
  ...['NO_TRACE', 'JOB_FAILED', 'NOT_APPLIED', 'NOT_APPLIED_UNCONFIRMED'],
];

describe('a cause that Redis itself gives is found', () => {
  test.each([
    ['WITNESS_CONTRADICTS', 'WITNESS_CONTRADICTS'],
    ['NOT_SERVING', 'NOT_SERVING'],
    ['COMPENSATION_WITNESS_CONTRADICTS', 'WITNESS_CONTRADICTS'],
    ['COMPENSATION_NOT_SERVING', 'NOT_SERVING'],
    ['COMPENSATION_NO_TRACE', null],
    ['NOT_SERVING_ANY_MORE', null],
    ['ROLES_UNREADABLE', null],
    ['', null],
  ])('in %j: %s', (reported, cause) => {
    expect(findRedisCause(reported)).toBe(cause);
  });
});

describe('reading again', () => {
  test.each(CLEARED_BY_READING)('may help after %s, also of a swap back', (cause) => {
    expect(mayReadingHelp(cause)).toBe(true);
    expect(mayReadingHelp(`COMPENSATION_${cause}`)).toBe(true);
  });

  test.each(LASTING)('does not help after %s, nor of a swap back', (cause) => {
    expect(mayReadingHelp(cause)).toBe(false);
    expect(mayReadingHelp(`COMPENSATION_${cause}`)).toBe(false);
  });

  test.each([null, '', 'OF_A_LATER_VERSION'])('may help where the cause is %j', (cause) => {
    expect(mayReadingHelp(cause)).toBe(true);
  });
});

describe('the text of a cause', () => {
  test.each([...CLEARED_BY_READING, ...LASTING])('%s is there in plain words', (cause) => {
    const text = describeCause(cause);
    expect(text).not.toContain(cause);
    expect(text.split(' ').length).toBeGreaterThan(3);
    expect(describeCause(`COMPENSATION_${cause}`)).toMatch(`swap back was sent, but ${text}`);
  });

  test('of a version that is not known is the cause', () => {
    expect(describeCause('OF_A_LATER_VERSION')).toBe('OF_A_LATER_VERSION');
  });
});
