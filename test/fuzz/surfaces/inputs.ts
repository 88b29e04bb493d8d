/** Inputs of switchover, maintenance, schedule and freeze, and messages to a maintenance, before anyone acts on them. */
import fc from 'fast-check';

import {
  MESSAGE_SCHEMAS,
  parseFreeze,
  parseInput,
  parseMaintenanceInput,
  parseMessage,
  parseScheduleInput,
} from '../../../src/schema/index.js';
import type { Messages, Parsed } from '../../../src/schema/index.js';
import { isRecord } from '../../../src/util.js';
import { edits } from '../hostile.js';
import { edited, toValue } from '../recipe.js';
import type { Edit, Recipe } from '../recipe.js';
import { checkText, fail } from '../surface.js';
import type { Surface } from '../surface.js';

const ID = '5560df16-cebf-4473-95c4-d1b573c16e79';
const PROJECT = '0'.repeat(32);
const NOW_MS = Date.parse('2026-11-24T02:00:00Z');

const MAINTENANCE = {
  ...{ maintenanceId: 'drill', projectId: PROJECT, mode: 'run', again: true, allowEmpty: true },
  ...{
    selector: {
      tags: { env: 'prod', team: 'a' },
      namePattern: 'a*',
      masterAvailabilityZone: 'az1',
    },
  },
  ...{ target: { availabilityZone: 'az2' }, withinInstanceWindow: true, requireApproval: true },
  window: { timeZone: 'Europe/Zurich', start: '02:00', end: '04:00', daysOfWeek: ['SUNDAY'] },
  ...{ maxConcurrent: 1, canaryCount: 1, maxFailures: 1, compensation: 'none', probe: 'require' },
  returnLeg: { soakSeconds: 3_600, withinSeconds: 900 },
  hooks: { taskQueue: 'q', before: 'b', after: 'a', timeoutSeconds: 60 },
  ...{ region: 'eu-west-101', reason: 'r', requestedBy: 'ann', changeId: 'CHG-1' },
};

/** What would be accepted, by the name of what it is for. */
export const GOOD = {
  switchover: {
    ...{ projectId: PROJECT, instanceId: ID, mode: 'switch', region: 'eu-west-101' },
    ...{ target: { nodeId: 'node-1a2b3c4d' }, expectedMasterNodeId: '0a1b2c3d', toggle: false },
    ...{ notAfter: '2026-11-24T04:00:00Z', compensateNotAfter: '2026-11-24T05:00:00Z' },
    ...{ reason: 'drain', requestedBy: 'ann', requestId: 'r-1', changeId: 'CHG-1' },
    ...{ compensation: 'swap-back', reissue: 'never', probe: 'off', timing: { settleSeconds: 60 } },
  },
  resolve: {
    ...{ projectId: PROJECT, instanceId: ID, mode: 'resolve', examinedRunId: ID },
    resolution: { outcome: 'SUCCEEDED', statement: 'seen', resolvedBy: 'ann' },
  },
  adopt: { projectId: PROJECT, instanceId: ID, mode: 'adopt', jobId: 'job-4711-4711-4711' },
  maintenance: MAINTENANCE,
  fixedWindow: {
    ...{ maintenanceId: 'drill', projectId: PROJECT, instanceIds: [ID], toggle: true },
    window: { opensAt: '2026-11-24T02:00:00Z', closesAt: '2026-11-24T05:00:00Z' },
  },
  schedule: {
    ...{ scheduleId: 'weekly', note: 'n', maintenance: MAINTENANCE },
    schedule: { onWindow: true, leadSeconds: 60, jitterSeconds: 1, catchUpSeconds: 60 },
  },
  cron: {
    ...{ scheduleId: 'weekly', maintenance: MAINTENANCE },
    schedule: { cron: '0 2 * * SUN', timeZone: 'Europe/Zurich', at: '2026-12-01T00:00:00Z' },
  },
  freeze: { until: '2026-12-01T00:00:00Z', by: 'ann', reason: 'quarter end' },
  message: { by: 'ann', why: 'because', instanceId: ID },
} as const;

/** What would be accepted, and the changes that are made to it. */
export interface EditedInput {
  readonly of: keyof typeof GOOD;
  readonly edits: readonly Edit[];
}

/** Inputs after changes. */
export const editedInputs: fc.Arbitrary<EditedInput> = fc.record({
  of: fc.constantFrom(...(Object.keys(GOOD) as (keyof typeof GOOD)[])),
  edits,
});

/** What the case stands for. */
export function recipeOf({ of, edits }: EditedInput): Recipe {
  return edited(GOOD[of], edits);
}

/** More than a person reads at once. */
const MAX_PROBLEMS = 50;

const PARSERS: readonly ((raw: unknown) => Parsed<unknown>)[] = [
  parseInput,
  parseMaintenanceInput,
  (raw) => parseScheduleInput(raw, NOW_MS),
  (raw) => parseFreeze(raw, NOW_MS),
  ...(Object.keys(MESSAGE_SCHEMAS) as (keyof Messages)[]).map(
    (name) => (raw: unknown) => parseMessage(name, raw),
  ),
];

/** Every parser takes every input, whatever it was meant for. */
export const inputs: Surface<EditedInput> = {
  name: 'inputs',
  inputs: editedInputs,
  check: (input) => {
    const raw = toValue(recipeOf(input));
    for (const parse of PARSERS) checkParsed(parse(raw), raw);
  },
};

function checkParsed(parsed: Parsed<unknown>, raw: unknown): void {
  if (parsed.ok) {
    // It goes into a history, and its texts into messages.
    checkTexts(parsed.input);
    checkKept(raw, parsed.input);
    return;
  }
  const { problems } = parsed;
  if (problems.length === 0) fail('refused without a problem');
  if (problems.length > MAX_PROBLEMS) fail(`${problems.length} problems`);
  for (const { field, problem, remedy } of problems) {
    for (const text of [field, problem, remedy])
      if (typeof (text as unknown) !== 'string') fail('a problem that is no text');
    checkText('a field', field, 400);
    checkText('a problem', `${problem} ${remedy}`, 600);
  }
}

/** What was given and accepted is there: nothing that would narrow an input is passed over. */
function checkKept(raw: unknown, accepted: unknown): void {
  if (!isRecord(raw) || !isRecord(accepted)) return;
  const given = Object.values(raw).filter((value) => value !== null);
  if (given.length > Object.keys(accepted).length) fail('a field was passed over');
  for (const [name, value] of Object.entries(raw)) checkKept(value, accepted[name]);
}

function checkTexts(value: unknown): void {
  if (typeof value === 'string') checkText('an accepted text', value, 1_100);
  else if (typeof value === 'object' && value !== null)
    for (const [name, inner] of Object.entries(value)) {
      checkText('an accepted name', name, 1_100);
      checkTexts(inner);
    }
}
