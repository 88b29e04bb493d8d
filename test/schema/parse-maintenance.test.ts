/** A maintenance's input and messages: bad ones are reported by field, problem and remedy, before anything is called. */
import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';

import {
  DEFAULT_TIMING,
  MAINTENANCE_BOUNDS,
  MAINTENANCE_UPDATES,
} from '../../src/contract/index.js';
import type {
  InputProblem,
  MaintenanceInput,
  MaintenanceUpdate,
} from '../../src/contract/index.js';
import {
  parseMaintenanceInput,
  parseMessage,
  toMaintenanceRequest,
} from '../../src/schema/index.js';

const ID_1 = '5560df16-cebf-4473-95c4-d1b573c16e79';
const ID_2 = '6660df16-cebf-4473-95c4-d1b573c16e79';
const MEGABYTE = 'x'.repeat(1_000_000);
const LOCAL = { timeZone: 'Europe/Zurich', start: '23:00', end: '02:00' };

const GOOD: MaintenanceInput = {
  maintenanceId: 'drill-2026.12_a',
  projectId: '0ebd32bc6a0123456789abcdef012345',
  instanceIds: [ID_1],
  toggle: true,
  window: LOCAL,
};

const problemsOf = (raw: unknown): readonly InputProblem[] => {
  const parsed = parseMaintenanceInput(raw);
  return parsed.ok ? [] : parsed.problems;
};

const requestOf = (fields: Partial<MaintenanceInput> = {}) => {
  const parsed = parseMaintenanceInput({ ...GOOD, ...fields });
  if (!parsed.ok) throw new Error(JSON.stringify(parsed.problems));
  return toMaintenanceRequest(parsed.input, 'eu-west-101');
};

describe('a bad maintenance is reported by its field', () => {
  it.each<[string, object, string, RegExp]>([
    ['an upper-case id', { maintenanceId: 'Drill' }, 'maintenanceId', /not 1 to 64 of/],
    ['an id that begins with a hyphen', { maintenanceId: '-a' }, 'maintenanceId', /not 1 to 64/],
    ['an id with a colon', { maintenanceId: 'a:b' }, 'maintenanceId', /not 1 to 64/],
    ['an id of 65', { maintenanceId: 'a'.repeat(65) }, 'maintenanceId', /longer than 64/],
    ['no id', { maintenanceId: null }, 'maintenanceId', /is missing/],
    ['a megabyte of id', { maintenanceId: MEGABYTE }, 'maintenanceId', /longer/],
    ['no project', { projectId: null }, 'projectId', /is missing/],
    ['an unknown mode', { mode: 'dry' }, 'mode', /not one of run, plan/],
    ['no instances', { instanceIds: null }, 'instanceIds', /is missing/],
    ['an empty list', { instanceIds: [] }, 'instanceIds', /is empty/],
    ['a wrong instance id', { instanceIds: [ID_1, 'x'] }, 'instanceIds.1', /not an instance id/],
    ['an instance twice', { instanceIds: [ID_1, ID_2, ID_1] }, 'instanceIds', /twice/],
    ['ids and selector', { selector: { namePattern: '*' } }, 'instanceIds', /both given/],
    ['an empty selector', { instanceIds: null, selector: {} }, 'selector', /every instance/],
    [
      'a selector of no tags',
      { instanceIds: null, selector: { tags: {} } },
      'selector',
      /every instance/,
    ],
    [
      'a misspelt selector',
      { instanceIds: null, selector: { name: 'a' } },
      'selector.name',
      /not a field/,
    ],
    ['no goal', { toggle: null }, 'target', /is missing/],
    ['toggle false', { toggle: false }, 'target', /is missing/],
    ['two goals', { target: { nodeId: '0123456789' } }, 'target', /both given/],
    ['an empty target', { toggle: null, target: {} }, 'target', /exactly one/],
    [
      'a node for several instances',
      { toggle: null, target: { nodeId: '0123456789' }, instanceIds: [ID_1, ID_2] },
      'target.nodeId',
      /one instance/,
    ],
    [
      'a node for a selector',
      {
        ...{ toggle: null, target: { nodeId: '0123456789' } },
        ...{ instanceIds: null, selector: { namePattern: '*' } },
      },
      'target.nodeId',
      /one instance/,
    ],
    ['no window', { window: null }, 'window', /./],
    ['an empty window', { window: {} }, 'window', /./],
    ['a window of text', { window: 'tonight' }, 'window', /./],
    ['an unknown zone', { window: { ...LOCAL, timeZone: 'Mars/Base' } }, 'window.timeZone', /zone/],
    ['a wrong start', { window: { ...LOCAL, start: '24:00' } }, 'window.start', /time/],
    ['a window of no length', { window: { ...LOCAL, end: '23:00' } }, 'window.end', /equal|same/],
    ['no end', { window: { timeZone: 'UTC', start: '01:00' } }, 'window.end', /missing/],
    [
      'a day in lower case',
      { window: { ...LOCAL, daysOfWeek: ['monday'] } },
      'window.daysOfWeek.0',
      /not one of MONDAY/,
    ],
    ['no days', { window: { ...LOCAL, daysOfWeek: [] } }, 'window.daysOfWeek', /empty/],
    [
      'days and dates',
      { window: { ...LOCAL, daysOfWeek: ['MONDAY'], dates: ['2026-12-05'] } },
      'window.dates',
      /daysOfWeek/,
    ],
    [
      'a date that is none',
      { window: { ...LOCAL, dates: ['2026-02-30'] } },
      'window.dates.0',
      /not a date/,
    ],
    [
      'a wrong blackout date',
      { window: { ...LOCAL, blackoutDates: ['24.12.2026'] } },
      'window.blackoutDates.0',
      /not a date/,
    ],
    [
      'a field of both kinds of window',
      { window: { ...LOCAL, closesAt: '2026-12-05T01:00:00Z' } },
      'window.closesAt',
      /not a field/,
    ],
    [
      'an end without zone',
      { window: { closesAt: '2026-12-05T01:00:00' } },
      'window.closesAt',
      /RFC 3339/,
    ],
    [
      'an end before the start',
      { window: { opensAt: '2026-12-05T02:00:00Z', closesAt: '2026-12-05T01:00:00Z' } },
      'window.closesAt',
      /not after/,
    ],
    [
      'a soak below the cool-down',
      { returnLeg: { soakSeconds: 299 } },
      'returnLeg.soakSeconds',
      /cool-down/,
    ],
    ['a return leg without soak', { returnLeg: {} }, 'returnLeg.soakSeconds', /is missing/],
    ['hooks without a queue', { hooks: { before: 'ask' } }, 'hooks.taskQueue', /is missing/],
    ['hooks that call nothing', { hooks: { taskQueue: 'q' } }, 'hooks', /no activity/],
    ['a wrong region', { region: 'Mars' }, 'region', /not a region/],
    ['a reason with a forged line', { reason: 'a\u2028b' }, 'reason', /control/],
    ['a field of a switchover', { notAfter: '2026-12-05T01:00:00Z' }, 'notAfter', /not a field/],
    ['fractions', { maxConcurrent: 1.5 }, 'maxConcurrent', /whole/],
    ['a timing out of bounds', { timing: { verifySamples: 0 } }, 'timing.verifySamples', /below 1/],
  ])('%s', (_, fields, field, problem) => {
    const problems = problemsOf({ ...GOOD, ...fields });
    expect(problems.map((each) => each.field)).toContain(field);
    const [found] = problems.filter((each) => each.field === field);
    expect(found?.problem).toMatch(problem);
    expect(found?.remedy).toMatch(/\S{3}/);
    expect(JSON.stringify(problems).length).toBeLessThan(5_000);
  });

  it.each([undefined, null, 'text', 5, [], [GOOD]])('%p is no input', (raw) => {
    expect(problemsOf(raw).length).toBeGreaterThan(0);
  });

  it('of a number out of bounds names the bound, at both ends of each', () => {
    for (const [name, { min, max }] of Object.entries(MAINTENANCE_BOUNDS)) {
      const inputOf = (value: number): object => {
        const [outer = '', inner] = name.split('.');
        if (inner === undefined) return { ...GOOD, [outer]: value };
        const rest = { returnLeg: { soakSeconds: 600 }, hooks: { taskQueue: 'q', before: 'b' } };
        return { ...GOOD, [outer]: { ...rest[outer as 'hooks'], [inner]: value } };
      };
      const about = (value: number) =>
        problemsOf(inputOf(value)).filter(
          ({ field, problem }) => field === name && /below \d|above/.test(problem),
        );
      expect([name, about(min - 1), about(max + 1)]).toEqual([
        name,
        [expect.objectContaining({ problem: `is below ${min}` })],
        [expect.objectContaining({ problem: `is above ${max}` })],
      ]);
      expect([...about(min), ...about(max)].map(({ problem }) => problem).join()).not.toContain(
        ' above ',
      );
    }
  });

  it('has no problem for a good one, with nulls for what is absent', () => {
    expect(problemsOf(GOOD)).toEqual([]);
    expect(problemsOf({ ...GOOD, selector: null, window: { ...LOCAL, dates: null } })).toEqual([]);
  });

  it('survives whatever comes', () => {
    fc.assert(
      fc.property(fc.anything(), fc.anything(), (window, selector) => {
        const problems = problemsOf({ ...GOOD, window, selector, instanceIds: null });
        expect(problems.every(({ field, remedy }) => field !== '' && remedy !== '')).toBe(true);
      }),
    );
  });
});

describe('a request', () => {
  it('has every default of the contract', () => {
    expect(requestOf()).toEqual({
      ...{ maintenanceId: GOOD.maintenanceId, projectId: GOOD.projectId, mode: 'run' },
      ...{ target: null, toggle: true, region: 'eu-west-101', allowEmpty: false },
      ...{ expectedDurationSeconds: 120, compensationReserveSeconds: 120 },
      ...{ requireApproval: false, maxConcurrent: 1, canaryCount: 0, maxFailures: 0 },
      ...{
        compensation: 'swap-back',
        probe: 'off',
        timing: DEFAULT_TIMING,
        returnLeg: null,
        hooks: null,
      },
      ...{ reason: null, requestedBy: null, changeId: null },
    });
  });

  it('has what was given, and the defaults of what came with it', () => {
    const given = {
      ...{ toggle: null, target: { availabilityZone: 'az1' }, region: 'ap-south-1' },
      ...{
        maxConcurrent: 7,
        probe: 'if-possible' as const,
        timing: { coolDownSeconds: 0 },
        returnLeg: { soakSeconds: 0 },
      },
      hooks: { taskQueue: 'q', before: 'ask' },
    };
    expect(requestOf(given)).toMatchObject({
      ...{ toggle: false, target: { availabilityZone: 'az1' }, region: 'ap-south-1' },
      ...{ maxConcurrent: 7, timing: { ...DEFAULT_TIMING, coolDownSeconds: 0 } },
      returnLeg: { soakSeconds: 0, withinSeconds: 900 },
      hooks: { taskQueue: 'q', before: 'ask', after: null, timeoutSeconds: 300 },
    });
  });
});

describe('a message', () => {
  const fieldsOf = (update: MaintenanceUpdate, raw: unknown): string[] => {
    const parsed = parseMessage(update, raw);
    return parsed.ok ? [] : parsed.problems.map(({ field }) => field);
  };

  it.each<[MaintenanceUpdate, boolean]>([
    ['approve', false],
    ['pause', false],
    ['resume', false],
    ['reject', true],
    ['abort', true],
    ['skip', true],
  ])('%s says who; and why: %p', (update, needsWhy) => {
    const rest = update === 'skip' ? { instanceId: ID_1 } : {};
    expect(fieldsOf(update, { by: 'ann', why: 'because', ...rest })).toEqual([]);
    expect(fieldsOf(update, { by: 'ann', ...rest })).toEqual(needsWhy ? ['why'] : []);
    expect(fieldsOf(update, { why: 'because', ...rest })).toEqual(['by']);
    expect(fieldsOf(update, { by: ' ', why: 'w', ...rest })).toEqual(['by']);
    expect(fieldsOf(update, { by: 'a'.repeat(129), why: 'w', ...rest })).toEqual(['by']);
    expect(fieldsOf(update, { by: 'ann', why: 'w'.repeat(1025), ...rest })).toEqual(['why']);
    expect(fieldsOf(update, { by: 'ann', why: 'w', comment: 'c', ...rest })).toEqual(['comment']);
    expect(fieldsOf(update, 'ann')).toEqual(['input']);
  });

  it('skip names an instance by its id', () => {
    expect(fieldsOf('skip', { by: 'ann', why: 'w' })).toEqual(['instanceId']);
    expect(fieldsOf('skip', { by: 'ann', why: 'w', instanceId: 'x' })).toEqual(['instanceId']);
  });

  it('is known for every update of the contract', () => {
    for (const update of Object.values(MAINTENANCE_UPDATES))
      expect(fieldsOf(update, {})).toContain('by');
  });
});
