/** A schema takes what workers take, and refuses what they refuse for the shape of a field. */
import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import type { z } from 'zod';

import {
  MESSAGE_SCHEMAS,
  maintenanceInputSchema,
  parse as parseShape,
  parseInput,
  parseMaintenanceInput,
  parseMessage,
  scheduleSpecSchema,
  switchoverInputSchema,
} from '../../src/schema/index.js';
import { violationsOf } from '../support/contract-schema.js';

const PROJECT_ID = '0ebd32bc6a0123456789abcdef012345';
const UUID = '5560df16-cebf-4473-95c4-d1b573c16e79';

/** Values of a field: mostly left out or good; now and then `null`, or one that no one takes. */
const of = (good: readonly unknown[], ...bad: unknown[]) =>
  fc.oneof(
    { weight: 12, arbitrary: fc.constant(undefined) },
    { weight: 6, arbitrary: fc.constantFrom(...good) },
    { weight: 2, arbitrary: fc.constant(null) },
    { weight: 1, arbitrary: fc.constantFrom(...bad, 5.5, 'x'.repeat(1025)) },
  );
const texts = of(['a text'], '');
const instants = of(
  ['2026-11-24T02:00:00Z', '2026-11-24T03:00:00+01:00'],
  '2026-11-24',
  '2026-02-30T02:00:00Z',
);
const seconds = of([1, 10], -1, 1_000_000);
const flags = of([true, false], 'yes');
const zones = of(['eu-west-101b'], '-b', 'a/b');
const objects = (fields: Record<string, fc.Arbitrary<unknown>>) =>
  fc.oneof(
    { weight: 12, arbitrary: fc.constantFrom(undefined, null) },
    { weight: 8, arbitrary: fc.record({ ...fields }, { requiredKeys: [] }) },
    { weight: 1, arbitrary: fc.constantFrom('x', { unknownField: 1 }, [], {}) },
  );
const lists = (...values: unknown[]) =>
  fc.oneof(of([[values[0]]]), fc.array(fc.constantFrom(...values)));

const target = objects({
  availabilityZone: zones,
  nodeId: of(['abcdef0123'], 'ABC'),
  avoidAvailabilityZone: zones,
});
const timing = objects({
  jobTimeoutSeconds: seconds,
  settleSeconds: seconds,
  verifySamples: seconds,
});
const shared = {
  target,
  timing,
  toggle: flags,
  region: of(['eu-west-101'], 'EU'),
  compensation: of(['swap-back', 'none'], 'some'),
  probe: of(['off', 'if-possible', 'require'], 'on'),
  reason: texts,
  requestedBy: texts,
  changeId: texts,
};

/** Mostly good ids: a run of the test shall reach the other fields. */
const ids = (good: string) => fc.oneof({ weight: 8, arbitrary: fc.constant(good) }, of(['x']));

const switchovers = fc.record(
  {
    ...shared,
    projectId: ids(PROJECT_ID),
    instanceId: ids(UUID),
    mode: of(['switch', 'plan', 'resolve', 'verify', 'adopt'], 'other'),
    expectedMasterNodeId: of(['abcdef0123'], 'ABC'),
    notAfter: instants,
    compensateNotAfter: instants,
    reissue: of(['never', 'once'], 'twice'),
    resolution: objects({
      outcome: of(['SUCCEEDED'], 'REFUSED'),
      statement: texts,
      resolvedBy: texts,
    }),
    examinedRunId: of([UUID], 'x'),
    jobId: of(['ff8080818822bbf70188235afc24141a'], 'x'),
  },
  { requiredKeys: [] },
);

const windows = fc.oneof(
  { weight: 12, arbitrary: fc.constant({ closesAt: '2026-11-24T02:00:00Z' }) },
  objects({ opensAt: instants, closesAt: instants }),
  objects({
    timeZone: of(['Europe/Zurich'], '+1'),
    start: of(['22:00'], '24:00'),
    end: of(['04:00'], '4:00'),
    daysOfWeek: lists('MONDAY', 'Montag'),
    dates: lists('2026-11-24', '2026-11-31'),
    blackoutDates: lists('2026-12-24'),
  }),
);

const maintenanceInputs = fc.record(
  {
    ...shared,
    maintenanceId: ids('patch-2026.11'),
    projectId: ids(PROJECT_ID),
    mode: of(['run', 'plan'], 'switch'),
    instanceIds: fc.oneof({ weight: 4, arbitrary: fc.constant([UUID]) }, lists(UUID, 'x')),
    selector: objects({
      tags: fc.oneof(of([{ env: 'prod' }]), fc.constantFrom({ env: null }, { env: 5 })),
      namePattern: texts,
      masterAvailabilityZone: zones,
    }),
    window: windows,
    requireApproval: flags,
    maxConcurrent: seconds,
    maxFailures: seconds,
    returnLeg: objects({ soakSeconds: seconds, withinSeconds: seconds }),
    hooks: objects({ taskQueue: texts, before: texts, after: texts, timeoutSeconds: seconds }),
  },
  { requiredKeys: [] },
);

const schedules = fc.record(
  {
    onWindow: flags,
    cron: of(['0 2 * * SUN'], '', 'x'.repeat(129)),
    calendar: objects({
      month: lists(1, 13),
      dayOfMonth: lists(31, 0),
      dayOfWeek: lists('SUNDAY', 'SUN'),
      hour: lists(23, 24),
      minute: lists(0, -1),
    }),
    everySeconds: of([60], 59),
    offsetSeconds: of([0], -1),
    at: instants,
    timeZone: texts,
    jitterSeconds: of([0], 86_401),
    leadSeconds: of([3600], -1),
    catchUpSeconds: of([10], 9),
    pauseOnFailure: flags,
  },
  { requiredKeys: [] },
);

const given = (good: string) => fc.oneof({ weight: 8, arbitrary: fc.constant(good) }, texts);
const messages = fc.record({ by: given('ann'), why: given('drill') });
const skips = fc.record({ by: given('ann'), why: given('drill'), instanceId: given(UUID) });

const CASES: readonly [
  string,
  fc.Arbitrary<object>,
  z.ZodType,
  (raw: unknown) => { ok: boolean },
][] = [
  ['switchover-input', switchovers, switchoverInputSchema, parseInput],
  ['maintenance-input', maintenanceInputs, maintenanceInputSchema, parseMaintenanceInput],
  ['schedule-spec', schedules, scheduleSpecSchema, (raw) => parseShape(scheduleSpecSchema, raw)],
  ['maintenance-message', messages, MESSAGE_SCHEMAS.approve, (raw) => parseMessage('approve', raw)],
  [
    'maintenance-message-with-why',
    messages,
    MESSAGE_SCHEMAS.abort,
    (raw) => parseMessage('abort', raw),
  ],
  ['skip-message', skips, MESSAGE_SCHEMAS.skip, (raw) => parseMessage('skip', raw)],
];

/** As it travels: fields that are `undefined` are not there. */
const asJson = (value: object): unknown => JSON.parse(JSON.stringify(value));

describe.each(CASES)('%s', (name, inputs, shape, parse) => {
  test('takes what workers take', () => {
    fc.assert(
      fc.property(inputs, (input) => {
        const raw = asJson(input);
        fc.pre(parse(raw).ok);
        expect(violationsOf(name, raw)).toEqual([]);
      }),
      { numRuns: 100, maxSkipsPerRun: 1000 },
    );
  });

  test('refuses what has a field of a wrong shape', () => {
    fc.assert(
      fc.property(inputs, (input) => {
        const raw = asJson(input);
        fc.pre(!parseShape(shape, raw).ok);
        expect(violationsOf(name, raw)).not.toEqual([]);
      }),
      { numRuns: 500 },
    );
  });
});

test('a target has exactly one field; null is none', () => {
  const input = (target: object) => ({ projectId: PROJECT_ID, instanceId: UUID, target });
  const [availabilityZone, nodeId] = ['eu-west-101b', 'abcdef0123'];
  expect(violationsOf('switchover-input', input({ availabilityZone, nodeId: null }))).toEqual([]);
  expect(violationsOf('switchover-input', input({ availabilityZone, nodeId }))).not.toEqual([]);
  expect(violationsOf('switchover-input', input({}))).not.toEqual([]);
});
