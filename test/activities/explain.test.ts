/** What reaches the operator of an error: the words that are fit to be reported, else the name only. */
import { expect, test } from '@jest/globals';

import {
  explain,
  ProjectNotServedError,
  TooManyRefusedRunsError,
  VisibilityBehindError,
} from '../../src/activities/errors.js';
import { DcsHttpError } from '../../src/dcs/index.js';
import { TemporalRequestError, TemporalUnreachableError } from '../../src/temporal/errors.js';
import { INSTANCE_ID, PROJECT_ID } from '../domain/support.js';

const REF = { projectId: PROJECT_ID, instanceId: INSTANCE_ID };

test.each<[Error, RegExp]>([
  [new VisibilityBehindError('lock', 10_000), /does not show this run of lock after 10 s/],
  [
    new TooManyRefusedRunsError(REF, 300),
    /last 300 runs were refused or only looked.*\n[^]*dcs-switchover resolve 5560/,
  ],
  [
    new TemporalUnreachableError('h:1', 'n1', 'no-answer', 'list the runs'),
    /^Temporal does not answer in time \(list the runs\)$/,
  ],
  [new TemporalRequestError('list the runs', 3, 'bad'), /^Temporal: list the runs failed: bad$/],
  [new ProjectNotServedError(PROJECT_ID), /does not serve project 0ebd/],
])('%s is reported in its own words', (error, words) => {
  expect(explain(error)).toMatch(words);
});

test('a missing action is named where DCS refused, not where a proxy did', () => {
  const refusal = (bodyParsed: boolean): string =>
    explain(
      new DcsHttpError(
        {
          ...{ operation: 'requestSwap', method: 'PUT', route: '/swap', delivery: 'answered' },
          ...{ status: 403, bodyParsed },
        },
        'no',
      ),
    );
  expect(refusal(true)).toBe('PUT /swap: 403 no; the credential lacks dcs:instance:swap');
  expect(refusal(false)).toBe('PUT /swap: 403 no');
});

test.each([
  [new TypeError('secret=1'), 'TypeError'] as const,
  ['secret=1', 'unknown error'] as const,
])('anything else by its name only', (error, reported) => {
  expect(explain(error)).toBe(reported);
});
