/** The promises of a maintenance that are about its starts, at their edges: what just keeps each, and what breaks it. */
import { describe, expect, test } from '@jest/globals';

import type { MaintenanceRequest } from '../../../src/contract/index.js';
import { auditMaintenance } from '../../../src/domain/maintenance/invariants.js';
import type { AskedFacts, AuditedMaintenance } from '../../../src/domain/maintenance/run-facts.js';
import { addStop, patchLeg } from '../../../src/domain/maintenance/state.js';

import { foundAgainst, rowsOf } from '../promise-cases.js';
import type { Case } from '../promise-cases.js';

import {
  askedOf,
  decidedBefore,
  endedOf,
  idOf,
  maintenanceOf,
  messagesOf,
  PASSING,
  planned,
  REQUEST,
  runOf,
  WINDOW,
} from './support.js';

const LATEST_START_MS = 9_760_000;
const RETURN = { soakSeconds: 60, withinSeconds: 600 };

const asked = (...switchovers: AskedFacts[]): AuditedMaintenance => runOf({ asked: switchovers });
const asks = (
  extra: Partial<MaintenanceRequest>,
  ...switchovers: AskedFacts[]
): AuditedMaintenance => runOf({ request: { ...REQUEST, ...extra }, asked: switchovers });
const changed = (names: readonly string[], ...switchovers: AskedFacts[]): AuditedMaintenance =>
  runOf({ messages: messagesOf(...names), asked: switchovers });

function judge(promise: string, cases: readonly Case<AuditedMaintenance>[]): void {
  test.each(rowsOf(promise, cases))('%s', (_, run, expected) => {
    expect(foundAgainst(promise, auditMaintenance(run))).toEqual(expected);
  });
}

test('a run that switches one instance after the other keeps every promise', () => {
  const second = askedOf(1, { order: 10, ended: endedOf({ order: 15 }) });
  expect(auditMaintenance(asked(askedOf(0), second))).toEqual([]);
});

describe('of which switchovers are started,', () => {
  judge('only-its-instances', [
    ['one of its own', asked(askedOf(3)), null],
    ['a plan', asks({ mode: 'plan' }), null],
    ['one of a plan', asks({ mode: 'plan' }, askedOf(0)), 'plan'],
    ['one of another', asked(askedOf(0), askedOf(4)), idOf(4)],
  ]);

  judge('each-instance-once', [
    ['one of each instance', asked(askedOf(0), askedOf(1, { order: 6 })), null],
    [
      'a second that was refused for the lock of the first',
      asked(askedOf(0), askedOf(0, { order: 6, refused: 7 })),
      null,
    ],
    [
      'a second after one refused for what passes',
      asked(askedOf(0, { ended: PASSING }), askedOf(0, { order: 11 })),
      null,
    ],
    ['a second one', asked(askedOf(0), askedOf(0, { order: 11 })), `${idOf(0)}, forward`],
  ]);

  judge('at-most-max-concurrent', [
    ['one after the other', asked(askedOf(0), askedOf(1, { order: 10 })), null],
    [
      'two at a time where two may be',
      asks({ maxConcurrent: 2 }, askedOf(0), askedOf(1, { order: 9 })),
      null,
    ],
    [
      'two at a time where one may be',
      asked(askedOf(0), askedOf(1, { order: 9 })),
      '2 were, 1 allowed',
    ],
    [
      'one where nothing is known of the request',
      runOf({ request: null, asked: [askedOf(0)] }),
      '0 allowed',
    ],
  ]);

  const failed = askedOf(0, { ended: endedOf({ outcome: 'FAILED_UNCHANGED', order: 8 }) });
  judge('budget-holds', [
    ['a start at the place of the failure', asked(failed, askedOf(1, { order: 8 })), null],
    [
      'a start after one failure where one may be',
      asks({ maxFailures: 1 }, failed, askedOf(1, { order: 9 })),
      null,
    ],
    [
      'a start of the return leg after one failure',
      asked(failed, askedOf(0, { order: 9, leg: 'return' })),
      null,
    ],
    ['a start after one failure too many', asked(failed, askedOf(1, { order: 9 })), idOf(1)],
    [
      'one where nothing is known of the request',
      { ...asked(failed, askedOf(1, { order: 9 })), request: null },
      idOf(1),
    ],
  ]);

  judge('canaries-first', [
    [
      'a start when the canary is done',
      asks({ canaryCount: 1 }, askedOf(0), askedOf(1, { order: 11 })),
      null,
    ],
    [
      'a start when the canary has failed in an earlier run',
      {
        ...asks({ canaryCount: 1 }, askedOf(1)),
        carried: patchLeg(maintenanceOf([planned(0), planned(1)]), idOf(0), 'forward', {
          ...{ state: 'ENDED', outcome: 'UNKNOWN', isFailure: true },
        }),
      },
      idOf(1),
    ],
    [
      'a start of the return leg before the canary is done',
      asks({ canaryCount: 1 }, failed, askedOf(1, { order: 9, leg: 'return' })),
      null,
    ],
    [
      'a start when the canary has failed',
      asks({ canaryCount: 1 }, failed, askedOf(1, { order: 9 })),
      idOf(1),
    ],
  ]);
});

describe('of when one is started,', () => {
  const at = (askedAtMs: number, extra: Partial<AskedFacts> = {}) =>
    askedOf(0, { askedAtMs, ...extra });
  judge('inside-the-window', [
    ['one when it opens', asked(at(WINDOW.opensAtMs)), null],
    ['one right before', asked(at(WINDOW.opensAtMs - 1)), `${idOf(0)} was started outside`],
    ['one before the latest safe start', asked(at(LATEST_START_MS - 1)), null],
    ['one at the latest safe start', asked(at(LATEST_START_MS)), 'outside'],
    [
      'one that may still leave a millisecond later',
      asked(askedOf(0, { notAfterMs: LATEST_START_MS + 1 })),
      'outside',
    ],
    ['one of an earlier run', asked(at(0, { order: -1 })), null],
    ['the very first event', asked(at(0, { order: 0 })), 'outside'],
    ['one that does not say until when', asked(at(0, { notAfterMs: null })), null],
    ['one where nothing is known of the request', runOf({ request: null, asked: [at(0)] }), null],
    ['one of an instance without a window', asked(askedOf(4)), 'outside'],
    [
      'one in the window of another',
      {
        ...asked(askedOf(0)),
        instances: [
          { instanceId: idOf(1), spans: [WINDOW] },
          { instanceId: idOf(0), spans: [] },
        ],
      },
      'outside',
    ],
  ]);

  const back = (askedAtMs: number): AuditedMaintenance =>
    asks({ returnLeg: RETURN }, askedOf(0, { leg: 'return', askedAtMs, notAfterMs: 20_600_000 }));
  judge('inside-the-window', [
    ['one of the return leg right after the soak', back(20_000_000), null],
    ['one of the return leg at its end', back(20_599_999), null],
    [
      'one of the return leg where none was asked for',
      asked(askedOf(0, { leg: 'return' })),
      'outside of it, return',
    ],
    ['one of the return leg before the end of the soak', back(19_999_999), 'outside of it, return'],
    ['one of the return leg when its time is over', back(20_600_000), 'outside of it, return'],
  ]);

  const approved = { requireApproval: true };
  const approvedAt = (order: number): AuditedMaintenance => ({
    ...asks(approved, askedOf(0)),
    messages: [{ name: 'approve', order, changed: true }],
  });
  judge('approved-first', [
    ['a start without approval where none was asked for', asked(askedOf(0)), null],
    ['a start after approval', approvedAt(4), null],
    ['a start at the place of the approval', approvedAt(5), null],
    ['a start before approval', approvedAt(6), idOf(0)],
    [
      'a start after approval in an earlier run',
      {
        ...asks(approved, askedOf(0)),
        carried: decidedBefore('paused', 'approved'),
      },
      null,
    ],
    [
      'a start after an earlier run without it',
      { ...asks(approved, askedOf(0)), carried: decidedBefore('paused') },
      idOf(0),
    ],
    ['a start in the first run', { ...asks(approved, askedOf(0)) }, idOf(0)],
    [
      'a start where nothing is known of the request',
      runOf({ request: null, asked: [askedOf(0)] }),
      null,
    ],
  ]);

  judge('nothing-while-paused', [
    ['a start after the resume', changed(['pause', 'resume'], askedOf(0)), null],
    ['a start before the pause', changed(['pause'], askedOf(0, { order: 0 })), null],
    ['a start after the pause', changed(['pause'], askedOf(0)), idOf(0)],
    [
      'a start in the pause of an earlier run',
      { ...asked(askedOf(0)), carried: decidedBefore('paused') },
      idOf(0),
    ],
  ]);

  const stopped = (
    cause: Parameters<typeof addStop>[1]['cause'],
    order = 0,
  ): AuditedMaintenance => ({
    ...asked(askedOf(0, { order, leg: 'return' })),
    carried: addStop(
      addStop(maintenanceOf([planned(0)]), { cause: 'BUDGET_SPENT', reason: 'two' }),
      {
        cause,
        reason: 'so',
      },
    ),
  });
  judge('nothing-after-a-stop', [
    ['a start before it', changed(['abort'], askedOf(0, { order: 0 })), null],
    ['a start at its very place', changed(['abort'], askedOf(0, { order: 1 })), null],
    ['a start after an abort', changed(['abort'], askedOf(0, { order: 2 })), idOf(0)],
    [
      'a start after a rejection',
      changed(['approve', 'reject'], askedOf(0, { order: 3 })),
      idOf(0),
    ],
    [
      'a start of the return leg after a cancellation',
      { ...asked(askedOf(0, { leg: 'return' })), cancelled: 4 },
      'return',
    ],
    ['a start at the cancellation', { ...asked(askedOf(0)), cancelled: 5 }, null],
    [
      'a start of the return leg after a rejection in an earlier run',
      stopped('APPROVAL_REJECTED'),
      'return',
    ],
    ['a start of the return leg after an abort in an earlier run', stopped('ABORTED'), 'return'],
    [
      'a start of the return leg after a cancellation in an earlier run',
      stopped('CANCELLED'),
      'return',
    ],
    ['a start of the return leg after a spent budget', stopped('CANARY_FAILED'), null],
    ['one that an earlier run started', stopped('ABORTED', -1), null],
  ]);

  judge('nothing-in-a-freeze', [
    ['a start before it was found', { ...asked(askedOf(0)), frozen: 6 }, null],
    ['a start at its very place', { ...asked(askedOf(0)), frozen: 5 }, null],
    ['a start after it was found', { ...asked(askedOf(0)), frozen: 4 }, idOf(0)],
    [
      'a start of the return leg after it was found',
      { ...asked(askedOf(0, { leg: 'return' })), frozen: 4 },
      null,
    ],
  ]);
});
