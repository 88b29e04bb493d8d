/** The client and the maintenance say the same of a run that has ended. */
import { describe, expect, it } from '@jest/globals';
import {
  ApplicationFailure,
  CancelledFailure,
  TerminatedFailure,
  TimeoutFailure,
} from '@temporalio/common';

import { toLegEnding } from '../../src/domain/maintenance/ending.js';
import {
  causeOfStatus,
  endingOfFailure,
  endingOfValue,
  isSwitchoverResult,
} from '../../src/domain/run-ending.js';

const failed = (type: string, ...details: unknown[]): ApplicationFailure =>
  ApplicationFailure.create({ type, message: 'as it says', details });

const RESULT = { outcome: 'REFUSED', cause: 'CHECK_FAILED', message: 'busy', swapsSent: 0 };

const of = (failure: Error | undefined) => endingOfFailure(failure, isSwitchoverResult);

describe('a run that failed', () => {
  it.each<[string, Error | undefined, string, string]>([
    ['terminated', new TerminatedFailure('by ops'), 'RUN_TERMINATED', 'TERMINATED'],
    [
      'timed out',
      new TimeoutFailure('late', undefined, 'START_TO_CLOSE'),
      'RUN_TIMED_OUT',
      'TIMED_OUT',
    ],
    ['failed by a bug', failed('TypeError'), 'RUN_FAILED', 'FAILED'],
    ['failed without a reason', undefined, 'RUN_FAILED', 'FAILED'],
    [
      'failed under the name of an outcome, without a result',
      failed('SUCCEEDED'),
      'RUN_FAILED',
      'FAILED',
    ],
    [
      'failed by an input of which it says nothing',
      failed('INVALID_INPUT'),
      'RUN_FAILED',
      'FAILED',
    ],
    [
      'failed by a bug that says something like it',
      failed('TypeError', { problems: [] }),
      'RUN_FAILED',
      'FAILED',
    ],
    [
      'failed with a result of another outcome',
      failed('REFUSED', { outcome: 'NOOP' }),
      'RUN_FAILED',
      'FAILED',
    ],
  ])('%s is no result, for a maintenance UNKNOWN', (_, failure, cause, status) => {
    expect(of(failure)).toMatchObject({ kind: 'no-result', cause });
    expect(toLegEnding(of(failure))).toMatchObject({ outcome: 'UNKNOWN', cause, master: null });
    expect(causeOfStatus(status)).toBe(cause);
  });

  it('with its result has that', () => {
    const ending = of(failed('REFUSED', RESULT));
    expect(ending).toEqual({ kind: 'reported', result: RESULT });
    expect(toLegEnding(ending)).toMatchObject({ outcome: 'REFUSED', message: 'busy' });
  });

  it('because its input was invalid says what is wrong with it', () => {
    const problems = [{ field: 'target', problem: 'is missing', remedy: 'Give one.' }];
    const ending = of(failed('INVALID_INPUT', { problems }));
    expect(ending).toMatchObject({ kind: 'invalid-input', problems });
    expect(toLegEnding(ending)).toMatchObject({ outcome: 'INVALID_INPUT', message: 'as it says' });
  });

  it('because it was cancelled sent nothing', () => {
    const ending = of(new CancelledFailure('cancelled'));
    expect(ending).toEqual({ kind: 'cancelled' });
    expect(toLegEnding(ending)).toMatchObject({ outcome: 'CANCELLED', swapsSent: 0 });
  });
});

describe('a run that completed', () => {
  it.each([[undefined], [null], ['done'], [[RESULT]], [{ outcome: 'DONE' }]])(
    'with %j has no result of ours: a maintenance goes on with UNKNOWN',
    (value) => {
      const ending = endingOfValue(value, isSwitchoverResult);
      expect(ending).toMatchObject({ kind: 'no-result', cause: 'RUN_FAILED' });
      expect(toLegEnding(ending).outcome).toBe('UNKNOWN');
    },
  );

  it('with a result that no switchover of a maintenance may have proves nothing to it', () => {
    const planned = { ...RESULT, outcome: 'PLANNED' };
    expect(toLegEnding(endingOfValue(planned, isSwitchoverResult)).outcome).toBe('UNKNOWN');
  });
});
