import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';

import { runCli } from '../../src/cli/program.js';
import { DAYS_OF_WEEK, MAINTENANCE_BOUNDS, TIMING_BOUNDS } from '../../src/contract/index.js';
import type { SwitchoverInput, Timing } from '../../src/contract/index.js';
import { switchCommand } from '../../src/domain/commands.js';
import { planCommandLine, startLine } from '../../src/domain/maintenance/commands.js';
import { parseInput, parseMaintenanceInput, toRequest } from '../../src/schema/index.js';
import { shellWords } from '../support/shell-words.js';

import { createFakeClient } from './support/fake-client.js';
import { createFakeIo } from './support/fake-io.js';
import { createFakeOperator } from './support/fake-operator.js';

const PROJECT = 'a'.repeat(32);

const text = (maxLength: number) =>
  fc
    .string({ minLength: 1, maxLength, unit: 'grapheme' })
    .map((value) => value.replace(/[\p{Cc}\p{Zl}\p{Zp}\u202A-\u202E\u2066-\u2069]/gu, '-').trim())
    .filter((value) => value !== '' && value.length <= maxLength);
const zone = fc.stringMatching(/^[A-Za-z0-9][A-Za-z0-9-]{0,20}$/);
const node = fc.stringMatching(/^[0-9a-f-]{8,40}$/);
const within = ({ min, max }: { readonly min: number; readonly max: number }) =>
  fc.integer({ min, max });
const bounded = (name: keyof typeof MAINTENANCE_BOUNDS) => within(MAINTENANCE_BOUNDS[name]);
const target = fc.oneof(
  fc.record({ availabilityZone: zone }),
  fc.record({ nodeId: node }),
  fc.record({ avoidAvailabilityZone: zone }),
);
const timing = fc.record(
  Object.fromEntries(Object.entries(TIMING_BOUNDS).map(([name, bounds]) => [name, within(bounds)])),
  { requiredKeys: [] },
) as fc.Arbitrary<Partial<Timing>>;
/** A tag key with "=" is none of DCS: no flag can carry it. */
const tags = fc.dictionary(
  text(20).map((key) => key.replaceAll('=', '-')),
  text(20),
  { minKeys: 1, maxKeys: 3 },
);
const dates = fc.subarray(['2099-12-05', '2099-12-12', '2099-12-24'], { minLength: 1 });
const days = fc.subarray([...DAYS_OF_WEEK], { minLength: 1 });
const localWindow = fc
  .record(
    {
      start: fc.constant('22:00'),
      end: fc.constantFrom('23:30', '04:00'),
      timeZone: fc.constantFrom('Europe/Zurich', 'UTC'),
      daysOfWeek: days,
      dates,
      blackoutDates: fc.constant(['2099-12-31']),
    },
    { requiredKeys: ['start', 'end', 'timeZone'] },
  )
  .map(({ dates: some, daysOfWeek, ...window }) => ({
    ...window,
    ...(some === undefined ? (daysOfWeek === undefined ? {} : { daysOfWeek }) : { dates: some }),
  }));
const fixedWindow = fc.record(
  {
    opensAt: fc.constant('2099-12-05T01:00:00+02:00'),
    closesAt: fc.constant('2099-12-05T05:00:00Z'),
  },
  { requiredKeys: ['closesAt'] },
);
const selection = fc.oneof(
  fc.record({
    instanceIds: fc.uniqueArray(fc.uuid({ version: 4 }), { minLength: 1, maxLength: 3 }),
  }),
  fc.record({
    selector: fc
      .record({ tags, namePattern: text(30), masterAvailabilityZone: zone }, { requiredKeys: [] })
      .filter((fields) => Object.keys(fields).length > 0),
  }),
);
const goal = fc.oneof(fc.record({ target }), fc.constant({ toggle: true }));

const maintenance = fc
  .tuple(
    selection,
    goal,
    fc.record(
      {
        maintenanceId: fc.stringMatching(/^[a-z0-9][a-z0-9._-]{0,30}$/),
        projectId: fc.constant(PROJECT),
        window: fc.oneof(localWindow, fixedWindow),
        again: fc.constant(true),
        allowEmpty: fc.constant(true),
        withinInstanceWindow: fc.constant(true),
        requireApproval: fc.constant(true),
        expectedDurationSeconds: bounded('expectedDurationSeconds'),
        compensationReserveSeconds: bounded('compensationReserveSeconds'),
        maxConcurrent: bounded('maxConcurrent'),
        canaryCount: bounded('canaryCount'),
        maxFailures: bounded('maxFailures'),
        compensation: fc.constantFrom('swap-back', 'none'),
        probe: fc.constantFrom('off', 'if-possible', 'require'),
        timing: timing.filter((fields) => Object.keys(fields).length > 0),
        returnLeg: fc.record(
          {
            soakSeconds: bounded('returnLeg.soakSeconds'),
            withinSeconds: bounded('returnLeg.withinSeconds'),
          },
          { requiredKeys: ['soakSeconds'] },
        ),
        hooks: fc.record(
          {
            taskQueue: text(20),
            before: text(20),
            after: text(20),
            timeoutSeconds: bounded('hooks.timeoutSeconds'),
          },
          { requiredKeys: ['taskQueue', 'before'] },
        ),
        region: fc.constant('eu-west-101'),
        reason: text(60),
        changeId: text(20),
      },
      { requiredKeys: ['maintenanceId', 'projectId', 'window'] },
    ),
  )
  .map(([chosen, wanted, rest]) => ({ ...rest, ...chosen, ...wanted }))
  .filter((input) => parseMaintenanceInput(input).ok);

/** Fields that a printed command has to carry on, of everything that can be asked of one switchover. */
const switchover = fc
  .tuple(
    goal,
    fc.record(
      {
        expectedMasterNodeId: node,
        compensation: fc.constantFrom('swap-back', 'none'),
        timing: timing.map((fields) => ({ ...fields, settleSeconds: 60 })),
        reissue: fc.constantFrom('never', 'once'),
        probe: fc.constantFrom('off', 'if-possible', 'require'),
        reason: text(60),
        changeId: text(20),
      },
      { requiredKeys: ['timing'] },
    ),
  )
  .map(([wanted, rest]) => ({
    projectId: PROJECT,
    instanceId: '22222222-2222-4222-8222-222222222222',
    ...rest,
    ...wanted,
  }));

/** Runs command lines as a shell would, against clients that write down what they are asked. */
async function run(lines: readonly string[]) {
  const operator = createFakeOperator();
  const client = createFakeClient({}, operator);
  const io = createFakeIo({ env: {} });
  const exitCodes: number[] = [];
  for (const words of shellWords(lines)) exitCodes.push(await runCli(words, io, client));
  return { client, operator, exitCodes, stderr: io.stderr() };
}

describe('a printed command that starts work', () => {
  it('asks for the same maintenance again, field by field', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(maintenance, { minLength: 10, maxLength: 10 }), async (inputs) => {
        const { operator, stderr } = await run(inputs.map((input) => startLine(input)));
        expect(stderr).not.toContain('error');
        const asked = operator.argsOf('maintenance.start').map(([input]) => input);
        // Whoever runs it asks for it.
        expect(asked).toEqual(
          inputs.map((input) => ({ ...input, mode: 'run', requestedBy: 'alice' })),
        );
      }),
      { numRuns: 8 },
    );
  });

  it('looks at the same maintenance, field by field', async () => {
    await fc.assert(
      fc.asyncProperty(maintenance, async (input) => {
        const { operator, exitCodes } = await run([planCommandLine(input, { taskQueue: 'blue' })]);
        expect(exitCodes).not.toContain(2);
        expect(operator.argsOf('maintenance.start')).toEqual([
          [{ ...input, mode: 'plan', requestedBy: 'alice' }],
        ]);
        expect(operator.connections).toEqual([{ env: {}, taskQueue: 'blue' }]);
      }),
      { numRuns: 5 },
    );
  });

  it('asks for the same switchover again, as a worker understands it', async () => {
    const parse = (input: SwitchoverInput) => {
      const parsed = parseInput(input);
      if (!parsed.ok) throw new Error(JSON.stringify(parsed.problems));
      return toRequest(parsed.input, 0, 'eu-west-101');
    };
    await fc.assert(
      fc.asyncProperty(fc.array(switchover, { minLength: 10, maxLength: 10 }), async (inputs) => {
        const { client } = await run(inputs.map((input) => switchCommand(parse(input))));
        expect(client.started.map(parse)).toEqual(
          inputs.map((input) => ({ ...parse(input), requestedBy: 'alice' })),
        );
      }),
      { numRuns: 8 },
    );
  });
});
