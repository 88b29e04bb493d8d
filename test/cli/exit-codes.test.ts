/** Every error that the command may meet, its category, and the exit code that follows from it. */
import { readFileSync } from 'node:fs';
import path from 'node:path';

import { describe, expect, test } from '@jest/globals';
import ts from 'typescript';

import {
  DeclinedError,
  DetachedError,
  InterruptedError,
  UsageError,
  describeError,
} from '../../src/cli/errors.js';
import * as client from '../../src/client.js';
import type { ErrorCategory } from '../../src/client.js';
import { ConfigurationError } from '../../src/config/problems.js';
import { DcsConfigurationError, DcsCredentialsError } from '../../src/dcs/errors.js';
import { PartUnavailableError } from '../../src/dev/run.js';
import { RecordFolderError } from '../../src/doctor/record.js';

const ROOT = path.join(__dirname, '../..');
const RUN = { projectId: 'p1', instanceId: 'i1' };
const MAINTENANCE = { maintenanceId: 'm1' };
const ASKED = {
  goal: null,
  mode: 'switch',
  examinedRunId: null,
  requestId: null,
  requestedBy: null,
  reason: null,
  changeId: null,
} as const;

/** One error of each class of the client. */
const CLIENT_ERRORS: readonly (readonly [client.SwitchoverClientError, ErrorCategory, number])[] = [
  [new client.InvalidInputError([]), 'invalid-input', 2],
  [new client.DataConverterError('X', 'is wrong', 'Set it.'), 'configuration', 2],
  [new client.PayloadsEncodedError('read', false), 'configuration', 2],
  [new client.TemporalConfigError('X', 'is wrong', 'Set it.'), 'configuration', 2],
  [new client.NotFoundError(RUN, 'w1'), 'not-found', 1],
  [new client.NotFoundError(MAINTENANCE, 'w1'), 'not-found', 1],
  [new client.NotFoundError({ scheduleId: 's1' }), 'not-found', 1],
  [
    new client.AlreadyRunningError(RUN, {
      workflowId: 'w1',
      runId: 'r1',
      phase: 'PREFLIGHT',
      asked: ASKED,
    }),
    'conflict',
    1,
  ],
  [
    new client.AlreadyRunningError(MAINTENANCE, {
      workflowId: 'w1',
      runId: 'r1',
      requestedBy: null,
      differsIn: ['window'],
    }),
    'conflict',
    1,
  ],
  [new client.ForeignScheduleError('s1', 'other'), 'conflict', 1],
  [new client.ScheduleBusyError('s1'), 'conflict', 1],
  [new client.RunClosedError(RUN, 'r1'), 'ended', 1],
  [new client.RunClosedError(MAINTENANCE, 'r1'), 'ended', 1],
  [new client.NothingLeftError(MAINTENANCE, 'r1'), 'ended', 1],
  [new client.BackfillRefusedError('s1', 'a', 'b', null), 'unconfirmed', 1],
  [
    new client.RequestIdReusedError(RUN, 'q1', 'r1', { theirs: null, ours: 'toggle' }),
    'refused',
    3,
  ],
  [
    new client.MessageRefusedError(MAINTENANCE, 'pause', 'NOT_POSSIBLE_NOW', 'too late'),
    'refused',
    3,
  ],
  [new client.RunCancelledError(RUN, 'r1', 'No PUT was sent.'), 'cancelled', 7],
  [new client.RunCancelledError(MAINTENANCE, 'r1'), 'cancelled', 7],
  [
    new client.MaintenanceEndedOutsideError(MAINTENANCE, 'r1', 'RUN_TERMINATED', 'ended'),
    'no-result',
    6,
  ],
  [new client.CodecError('The codec', 'decode', 'failed', 'fails'), 'unavailable', 8],
  [new client.TemporalUnreachableError('h:1', 'n1', 'no-answer', 'start'), 'unavailable', 8],
  [new client.NoWorkerError(MAINTENANCE, 'q1', 'progress', 'none'), 'unavailable', 8],
  [new client.WaitTimedOutError(RUN, 'r1', 1_000), 'wait-over', 9],
  [new client.WaitTimedOutError(MAINTENANCE, 'r1', 1_000), 'wait-over', 9],
  [new client.TemporalRequestError('start', null, 'no'), 'failed', 1],
];

/** `TransportError` is the SDK's. */
const OTHER_ERRORS: readonly (readonly [unknown, number])[] = [
  [new UsageError('x'), 2],
  [new ConfigurationError(['x']), 2],
  [new DcsConfigurationError('x', 'is wrong'), 2],
  [new DcsCredentialsError('x'), 2],
  [new RecordFolderError('x'), 2],
  [new DeclinedError('x'), 7],
  [new InterruptedError('x'), 7],
  [new PartUnavailableError('x', [], 'y'), 8],
  [Object.assign(new Error('x'), { name: 'TransportError' }), 8],
  [new DetachedError('x'), 9],
  [new Error('no one foresaw it'), 1],
  [Object.assign(new Error('x'), { category: 'toString' }), 1],
  ['not an error', 1],
];

function clientErrorsOfTheSource(): string[] {
  return ts.sys
    .readDirectory(path.join(ROOT, 'src'), ['.ts'])
    .flatMap((file) => [
      ...readFileSync(file, 'utf8').matchAll(
        /(?<!abstract )class (\w+) extends (?:SwitchoverClientError|AboutError|SettingError)/g,
      ),
    ])
    .map(([, name = '']) => name);
}

test('a part of the SDK that is not installed is named with the remedy, without the stack of requires', () => {
  const error = new Error("Cannot find module '@temporalio/worker'\nRequire stack:\n- /a/b.js");
  const { message } = describeError(error);
  expect(message).toContain('needs @temporalio/worker. Install @temporalio/worker');
  expect(message).not.toContain('stack');
});

describe('an error of the client', () => {
  test.each(CLIENT_ERRORS.map((row) => [row[0].name, ...row] as const))(
    '%s has a category, which gives the exit code',
    (_, error, category, exitCode) => {
      expect(error.category).toBe(category);
      expect(describeError(error)).toMatchObject({ name: error.name, category, exitCode });
    },
  );

  test('is in this table, whatever its class', () => {
    const listed = new Set(CLIENT_ERRORS.map(([error]) => error.name));
    expect([...listed].sort()).toEqual(clientErrorsOfTheSource().sort());
  });
});

test('errors of one class say by their kind what they are about, to programs as well', () => {
  const kinds = [RUN, MAINTENANCE, { scheduleId: 's1' }].map(
    (ref) => describeError(new client.NotFoundError(ref, 'w1')).kind,
  );
  expect(kinds).toEqual(['switchover', 'maintenance', 'schedule']);
  const unreachable = new client.TemporalUnreachableError('h:1', 'n1', 'denied', 'start');
  expect(describeError(unreachable)).toMatchObject({ category: 'unavailable', kind: 'denied' });
  expect(describeError(new Error('x'))).not.toHaveProperty('kind');
});

test('what others throw has the exit code of its kind, and 1 where no one foresaw it', () => {
  const codes = OTHER_ERRORS.map(([error]) => describeError(error).exitCode);
  expect(codes).toEqual(OTHER_ERRORS.map(([, exitCode]) => exitCode));
});

test('the table of docs/callers.md has every category with its exit code', () => {
  const text = readFileSync(path.join(ROOT, 'docs/callers.md'), 'utf8');
  const written = [...text.matchAll(/^\| `([a-z-]+)` +\| (\d+) +\|/gm)].map(
    ([, category = '', code = '']) => `${category} ${code}`,
  );
  const meant = new Set(CLIENT_ERRORS.map(([, category, code]) => `${category} ${code}`));
  expect(written.sort()).toEqual([...meant].sort());
});
