/** Bad input is reported by field, problem and remedy, before anything is called. */
import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';

import { DEFAULT_TIMING, TIMING_BOUNDS } from '../../src/contract/index.js';
import type { InputProblem, SwitchoverInput, Timing } from '../../src/contract/index.js';
import { runBoundSeconds } from '../../src/domain/timing.js';
import { isSameRoles } from '../../src/domain/identity.js';
import { parseInput, readRoles, toRequest } from '../../src/schema/index.js';

const PROJECT_ID = '0ebd32bc6a0123456789abcdef012345';
const INSTANCE_ID = '5560df16-cebf-4473-95c4-d1b573c16e79';
const GOOD: SwitchoverInput = { projectId: PROJECT_ID, instanceId: INSTANCE_ID, toggle: true };
const MEGABYTE = 'x'.repeat(1_000_000);
const JOB = 'ff8080818822bbf70188235afc24141a';
const VERIFY = {
  mode: 'verify',
  toggle: undefined,
  examinedRunId: '5560df16-cebf-4473-95c4-d1b573c16e79',
};
const VERIFY_WITH_GOAL = { ...VERIFY, toggle: true };
const ADOPT = { mode: 'adopt', toggle: undefined, jobId: JOB };
const RESOLUTION = { outcome: 'SUCCEEDED', statement: 'seen in the console', resolvedBy: 'ann' };

const problemsOf = (raw: unknown): readonly InputProblem[] => {
  const parsed = parseInput(raw);
  return parsed.ok ? [] : parsed.problems;
};

/** The good input with fields replaced; `toggle` leaves where another goal is given. */
const inputOf = (fields: object): object => ({ ...GOOD, ...fields });

describe('a bad input is reported by its field', () => {
  it.each<[string, object, string, RegExp, RegExp]>([
    [
      'an upper-case project id',
      { projectId: PROJECT_ID.toUpperCase() },
      'projectId',
      /not a project id/,
      /lower case/,
    ],
    ['a short project id', { projectId: '0ebd' }, 'projectId', /not a project id/, /32 hex digits/],
    [
      'a project id as a path',
      { projectId: '../../etc/passwd' },
      'projectId',
      /not a project id/,
      /Copy it/,
    ],
    ['a missing project id', { projectId: undefined }, 'projectId', /is missing/, /Copy it/],
    ['a project id of null', { projectId: null }, 'projectId', /is missing/, /Copy it/],
    ['a project id that is a number', { projectId: 5 }, 'projectId', /string/, /Copy it/],
    [
      'an upper-case instance id',
      { instanceId: INSTANCE_ID.toUpperCase() },
      'instanceId',
      /lower case/,
      /UUID in lower case/,
    ],
    [
      'an instance id with a slash',
      { instanceId: `${INSTANCE_ID}/..` },
      'instanceId',
      /too long|not an instance id/,
      /UUID/,
    ],
    [
      'an encoded instance id',
      { instanceId: '%2e%2e%2f' },
      'instanceId',
      /not an instance id/,
      /UUID/,
    ],
    [
      'an instance id with a line break',
      { instanceId: `${INSTANCE_ID}\n` },
      'instanceId',
      /too long|not an instance id/,
      /UUID/,
    ],
    ['an empty instance id', { instanceId: '' }, 'instanceId', /not an instance id/, /UUID/],
    ['an unknown mode', { mode: 'force' }, 'mode', /not one of switch, plan, resolve/, /./],
    ['a target that is a text', { target: 'az1' }, 'target', /object/, /./],
    ['an empty target', { target: {} }, 'target', /exactly one field/, /availabilityZone, nodeId/],
    ['a target of nulls', { target: { nodeId: null } }, 'target', /exactly one field/, /nodeId/],
    [
      'a target with two fields',
      { target: { nodeId: 'abcdef01', availabilityZone: 'az1' } },
      'target',
      /exactly one field/,
      /Give one of/,
    ],
    [
      'a target with a bad AZ',
      { target: { availabilityZone: 'az 1' } },
      'target.availabilityZone',
      /not an AZ/,
      /./,
    ],
    [
      'a target with an upper-case node',
      { target: { nodeId: 'ABCDEF01' } },
      'target.nodeId',
      /lower case/,
      /./,
    ],
    [
      'a target with a misspelt field',
      { target: { availabilityzone: 'az1' } },
      'target.availabilityzone',
      /not a field/,
      /spelling/,
    ],
    [
      'a target that is expected to be the master',
      { target: { nodeId: 'abcdef01' }, expectedMasterNodeId: 'abcdef01' },
      'expectedMasterNodeId',
      /can never switch/,
      /Leave one/,
    ],
    [
      'no goal at all',
      { toggle: undefined },
      'target',
      /is missing/,
      /expectedMasterNodeId or toggle: true/,
    ],
    ['a toggle that is false', { toggle: false }, 'target', /is missing/, /toggle: true/],
    ['a toggle as a text', { toggle: 'true' }, 'toggle', /boolean/, /boolean/],
    [
      'an expected master with a path',
      { expectedMasterNodeId: '../x' },
      'expectedMasterNodeId',
      /not a node id/,
      /plan/,
    ],
    [
      'a region with a dot',
      { region: 'eu-west-1.evil.com' },
      'region',
      /not a region/,
      /eu-west-101/,
    ],
    ['an upper-case region', { region: 'EU-WEST-101' }, 'region', /not a region/, /eu-west-101/],
    [
      'an instant without a zone',
      { notAfter: '2026-11-24T02:00:00' },
      'notAfter',
      /zone/,
      /2026-11-24T02:00:00Z/,
    ],
    ['an instant as text', { notAfter: 'tomorrow' }, 'notAfter', /RFC 3339/, /Z or/],
    [
      'an instant that does not exist',
      { notAfter: '2026-02-30T00:00:00Z' },
      'notAfter',
      /RFC 3339/,
      /Z or/,
    ],
    ['an instant as a number', { notAfter: 1_700_000_000 }, 'notAfter', /./, /Z or/],
    [
      'an instant for the compensation without a zone',
      { compensateNotAfter: '2026-11-24' },
      'compensateNotAfter',
      /zone/,
      /Z or/,
    ],
    [
      'a compensation before the swap',
      { notAfter: '2026-01-01T02:00:00Z', compensateNotAfter: '2026-01-01T02:30:00+01:00' },
      'compensateNotAfter',
      /before notAfter/,
      /none/,
    ],
    [
      'an unknown compensation',
      { compensation: 'always' },
      'compensation',
      /not one of swap-back, none/,
      /./,
    ],
    [
      'a re-issue after a time in which the first PUT may still arrive',
      { reissue: 'once', timing: { settleSeconds: 29 } },
      'timing.settleSeconds',
      /may still arrive/,
      /at least 30/,
    ],
    ['an unknown re-issue', { reissue: 'twice' }, 'reissue', /not one of never, once/, /./],
    ['an unknown probe', { probe: 'on' }, 'probe', /not one of off, if-possible, require/, /./],
    [
      'a probe without a PUT',
      { ...VERIFY, probe: 'require' },
      'probe',
      /no meaning with mode "verify"/,
      /Leave/,
    ],
    ['an empty reason', { reason: '  ' }, 'reason', /empty/, /./],
    ['a reason with an escape', { reason: '\u001b[31mred' }, 'reason', /control characters/, /./],
    ['a reason with a direction mark', { reason: 'a\u202eb' }, 'reason', /control characters/, /./],
    ['a request id of a megabyte', { requestId: MEGABYTE }, 'requestId', /longer than 128/, /./],
    ['a reason of a megabyte', { reason: MEGABYTE }, 'reason', /longer than 1024/, /./],
    ['timing that is a number', { timing: 5 }, 'timing', /object/, /./],
    [
      'a fraction of a second',
      { timing: { settleSeconds: 1.5 } },
      'timing.settleSeconds',
      /whole number|int/,
      /whole seconds/,
    ],
    [
      'a duration as a text',
      { timing: { settleSeconds: '30' } },
      'timing.settleSeconds',
      /./,
      /whole seconds/,
    ],
    [
      'a misspelt duration',
      { timing: { settleSecond: 3 } },
      'timing.settleSecond',
      /not a field/,
      /spelling/,
    ],
    [
      'resolve without a resolution',
      { mode: 'resolve', toggle: undefined },
      'resolution',
      /is missing/,
      /statement/,
    ],
    [
      'verify without a run',
      { mode: 'verify', toggle: undefined },
      'examinedRunId',
      /is missing/,
      /history/i,
    ],
    ['adopt without a job', { mode: 'adopt', toggle: undefined }, 'jobId', /is missing/, /./],
    ['verify with a goal', VERIFY_WITH_GOAL, 'toggle', /no meaning with mode "verify"/, /Leave/],
    ['verify with a job', { ...VERIFY, jobId: JOB }, 'jobId', /no meaning with mode "verify"/, /./],
    [
      'verify with a window',
      { ...VERIFY, notAfter: '2026-11-24T03:00:00Z' },
      'notAfter',
      /no meaning with mode "verify"/,
      /./,
    ],
    [
      'an examined run of a switch',
      { examinedRunId: INSTANCE_ID },
      'examinedRunId',
      /no meaning/,
      /./,
    ],
    [
      'a job of a maintenance',
      { mode: 'plan', jobId: JOB },
      'jobId',
      /no meaning with mode "plan"/,
      /./,
    ],
    [
      'a run id that is none',
      { ...VERIFY, examinedRunId: 'latest' },
      'examinedRunId',
      /not a run id/,
      /history/,
    ],
    [
      'a job id that is a path',
      { ...ADOPT, jobId: '../../instances/0123456' },
      'jobId',
      /not a job id/,
      /./,
    ],
    ['a short job id', { ...ADOPT, jobId: 'a'.repeat(15) }, 'jobId', /not a job id/, /./],
    ['a long job id', { ...ADOPT, jobId: 'a'.repeat(65) }, 'jobId', /too long/, /./],
    [
      'resolve with a goal',
      { mode: 'resolve', resolution: RESOLUTION },
      'toggle',
      /no meaning with mode "resolve"/,
      /Leave it out/,
    ],
    [
      'a resolution without resolve',
      { resolution: RESOLUTION },
      'resolution',
      /no meaning with mode "switch"/,
      /resolve/,
    ],
    [
      'a resolution without a statement',
      { mode: 'resolve', toggle: undefined, resolution: { outcome: 'SUCCEEDED', resolvedBy: 'a' } },
      'resolution.statement',
      /is missing/,
      /./,
    ],
    [
      'a resolution of UNKNOWN',
      { mode: 'resolve', toggle: undefined, resolution: { ...RESOLUTION, outcome: 'UNKNOWN' } },
      'resolution.outcome',
      /not one of SUCCEEDED/,
      /./,
    ],
    ['an unknown field', { projectID: PROJECT_ID }, 'projectID', /not a field/, /spelling/],
    ['an unknown field that is false', { dryRun: false }, 'dryRun', /not a field/, /Remove it/],
    ['snake case', { not_after: '2026-01-01T00:00:00Z' }, 'not_after', /not a field/, /camelCase/],
  ])('%s', (_, fields, field, problem, remedy) => {
    const problems = problemsOf(inputOf(fields));
    expect(problems).toHaveLength(1);
    expect(problems[0]).toStrictEqual({
      field,
      problem: expect.stringMatching(problem) as unknown,
      remedy: expect.stringMatching(remedy) as unknown,
    });
  });

  it.each<[string, unknown]>([
    ['nothing', undefined],
    ['null', null],
    ['a text', 'switch'],
    ['a list', [GOOD]],
    ['a number', 1],
  ])('as a whole, where it is %s', (_, raw) => {
    expect(problemsOf(raw)).toMatchObject([{ field: 'input' }]);
  });

  it('all at once, not one after the other', () => {
    const fields = problemsOf({ projectId: 'x', region: 'x', colour: 'red' }).map((p) => p.field);
    expect(fields).toStrictEqual(['projectId', 'instanceId', 'region', 'colour']);
  });

  it.each(Object.entries(TIMING_BOUNDS))('timing.%s outside its bounds', (name, { min, max }) => {
    const field = `timing.${name}`;
    const timed = (value: number) => inputOf({ timing: { [name]: value } });
    expect(problemsOf(timed(min - 1))).toMatchObject([{ field, problem: `is below ${min}` }]);
    expect(problemsOf(timed(max + 1))).toMatchObject([{ field, problem: `is above ${max}` }]);
    expect(problemsOf(timed(min))).toStrictEqual([]);
    expect(problemsOf(timed(max))).toStrictEqual([]);
  });
});

describe('an input is accepted', () => {
  it.each<[string, object]>([
    ['with a toggle', {}],
    ['with a target', { toggle: null, target: { availabilityZone: 'eu-west-101a' } }],
    [
      'with a target and a guard',
      { target: { nodeId: 'abcdef01' }, expectedMasterNodeId: 'abcdef02' },
    ],
    ['with a guard alone', { toggle: undefined, expectedMasterNodeId: 'abcdef02' }],
    ['with the instant in another zone', { notAfter: '2026-11-24T03:00:00+01:00' }],
    ['with a project id as a UUID', { projectId: INSTANCE_ID }],
    ['with a reason of several lines', { reason: 'patching\n\tAZ 1' }],
    ['with the other modes', { mode: 'plan' }],
    ['to verify a run', VERIFY],
    ['to adopt a job of the unresolved run', ADOPT],
    ['to adopt a job of a run', { ...ADOPT, examinedRunId: INSTANCE_ID, requestId: 'r-1' }],
    ['with a resolution', { mode: 'resolve', toggle: null, resolution: RESOLUTION }],
    [
      'with nulls everywhere',
      {
        mode: null,
        target: null,
        expectedMasterNodeId: null,
        region: null,
        notAfter: null,
        reason: null,
        requestedBy: null,
        requestId: null,
        changeId: null,
        compensation: null,
        compensateNotAfter: null,
        reissue: null,
        timing: null,
        resolution: null,
        examinedRunId: null,
        jobId: null,
      },
    ],
    [
      'with nulls inside',
      { timing: { settleSeconds: null }, target: { nodeId: 'abcdef01', availabilityZone: null } },
    ],
    ['with an instant that is over: a clock is not asked', { notAfter: '2001-01-01T00:00:00Z' }],
  ])('%s', (_, fields) => {
    expect(problemsOf(inputOf(fields))).toStrictEqual([]);
  });
});

describe('the request', () => {
  const STARTED_MS = Date.UTC(2026, 0, 1);
  const requestOf = (fields: object = {}) => {
    const parsed = parseInput(inputOf(fields));
    if (!parsed.ok) throw new Error('not accepted');
    return toRequest(parsed.input, STARTED_MS, 'eu-west-101');
  };

  it('has every default filled in', () => {
    expect(requestOf()).toStrictEqual({
      examinedRunId: null,
      jobId: null,
      projectId: PROJECT_ID,
      instanceId: INSTANCE_ID,
      mode: 'switch',
      target: null,
      expectedMasterNodeId: null,
      toggle: true,
      region: 'eu-west-101',
      notAfterMs: STARTED_MS + 900_000,
      reason: null,
      requestedBy: null,
      requestId: null,
      changeId: null,
      compensation: 'swap-back',
      compensateNotAfterMs: STARTED_MS + 900_000 + runBoundSeconds(DEFAULT_TIMING) * 1000,
      reissue: 'never',
      probe: 'off',
      timing: DEFAULT_TIMING,
      resolution: null,
    });
  });

  it('keeps what was given', () => {
    const timing: Partial<Timing> = { settleSeconds: 45, coolDownSeconds: 0 };
    const labels = { reason: 'r', requestedBy: 'b', requestId: 'i', changeId: 'c' };
    const given = {
      ...labels,
      region: 'ap-southeast-1',
      compensation: 'none',
      reissue: 'once',
      probe: 'require',
    };
    const request = requestOf({
      ...given,
      timing,
      notAfter: '2026-01-01T03:00:00+01:00',
      compensateNotAfter: '2026-01-01T02:00:00Z',
    });
    expect(request).toMatchObject({ ...given, timing: { ...DEFAULT_TIMING, ...timing } });
    expect(request.notAfterMs).toBe(Date.UTC(2026, 0, 1, 2));
    expect(request.compensateNotAfterMs).toBe(Date.UTC(2026, 0, 1, 2));
  });

  it('takes null and undefined for the default', () => {
    expect(requestOf({ timing: { settleSeconds: null, verifySamples: undefined } }).timing).toEqual(
      DEFAULT_TIMING,
    );
  });
});

describe('whatever comes in,', () => {
  const sizeOf = (problems: readonly InputProblem[]): number => JSON.stringify(problems).length;

  it('a megabyte gives a short answer, wherever it stands', () => {
    const fields = ['projectId', 'instanceId', 'region', 'notAfter', 'reason', 'mode', 'toggle'];
    const inputs = [
      ...fields.map((field) => inputOf({ [field]: MEGABYTE })),
      inputOf({ [MEGABYTE]: 1 }),
      inputOf({ target: { [MEGABYTE]: 1 } }),
      inputOf({ target: { availabilityZone: MEGABYTE } }),
      inputOf({ timing: { [MEGABYTE]: MEGABYTE } }),
      inputOf({ timing: { settleSeconds: MEGABYTE } }),
      inputOf(Object.fromEntries(Array.from({ length: 50_000 }, (_, i) => [`field${i}`, i]))),
      MEGABYTE,
    ];
    for (const input of inputs) {
      const problems = problemsOf(input);
      expect(problems.length).toBeGreaterThan(0);
      expect(sizeOf(problems)).toBeLessThan(4_000);
    }
  });

  it('values are never repeated, and names only without control characters', () => {
    const secret = 'hunter2-canary';
    const input = { projectId: secret, instanceId: secret, mode: secret, 'a\u001b[2J\nb': secret };
    const text = JSON.stringify(problemsOf(input));
    expect(text).not.toContain(secret);
    expect(text).toContain('a?[2J?b');
  });

  const names = fc.constantFrom(...Object.keys(GOOD), 'target', 'timing', 'resolution', 'mode');
  const anything = fc.oneof(
    fc.jsonValue({ maxDepth: 6 }),
    fc.dictionary(fc.oneof(names, fc.string()), fc.jsonValue()),
    fc.jsonValue().map((value) => inputOf({ target: value, timing: value, reason: value })),
  );

  it('nothing is thrown, and the answer stays small', () => {
    fc.assert(
      fc.property(anything, (raw) => {
        const problems = problemsOf(raw);
        const complete = problems.every(({ field, problem, remedy }) =>
          [field, problem, remedy].every((text) => text !== '' && text.length < 300),
        );
        return complete && sizeOf(problems) < 8_000;
      }),
      { numRuns: 2_000 },
    );
  });

  it('nesting, however deep, does no harm', () => {
    const deep = JSON.parse(`${'{"target":'.repeat(5_000)}1${'}'.repeat(5_000)}`) as unknown;
    expect(() => problemsOf(deep)).not.toThrow();
  });

  it('prototypes stay as they are', () => {
    const raw = JSON.parse(`{"__proto__":{"toggle":true},"projectId":"${PROJECT_ID}"}`) as unknown;
    expect(problemsOf(raw).length).toBeGreaterThan(0);
    expect({}).not.toHaveProperty('toggle');
  });
});

it('an undefined field counts as absent, at any depth', () => {
  const input = { projectId: PROJECT_ID, instanceId: INSTANCE_ID, toggle: true };
  const withUndefined = { ...input, reason: undefined, timing: { settleSeconds: undefined } };
  expect(parseInput(withUndefined)).toEqual(parseInput({ ...input, timing: {} }));
});

describe('recorded roles', () => {
  const node = {
    ...{ nodeId: 'abcdef01', replicationId: null, ip: '10.0.0.1', role: 'master' },
    ...{ availabilityZone: 'az1', status: 'Active', priority: null },
  };
  const roles = { observedAt: '2026-11-24T02:00:00Z', groups: [{ groupId: 'g1', nodes: [node] }] };

  it('are read as they were recorded, without what a later version adds', () => {
    const later = { ...roles, groups: [{ groupId: 'g1', nodes: [{ ...node, added: 1 }] }] };
    expect(readRoles(roles)).toEqual(roles);
    expect(readRoles(later)).toEqual(roles);
  });

  it('that cannot be read are the same as no other', () => {
    const strange = {
      ...roles,
      groups: [{ groupId: 'g1', nodes: [{ ...node, role: 'witness' }] }],
    };
    expect(isSameRoles(readRoles(strange), readRoles(roles))).toBe(false);
  });
});
