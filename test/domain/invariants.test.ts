/** The list of invariants: every recorded history keeps it, and each invariant is broken by a history made for it. */
import { readFileSync, readdirSync } from 'node:fs';
import path from 'node:path';

import { beforeAll, describe, expect, test } from '@jest/globals';

import { auditHistory } from '../../src/client.js';
import type { WitnessWord } from '../../src/contract/index.js';
import { auditRunFacts, PROMISES } from '../../src/domain/invariants.js';
import type { AuditedRun } from '../../src/domain/invariants.js';
import type { PutFacts } from '../../src/domain/run-facts.js';
import { readRunFacts } from '../../src/temporal/run-facts.js';
import { historyFromJSON } from '@temporalio/common/lib/proto-utils';
import { loadDataConverter } from '@temporalio/common/lib/internal-non-workflow';

const FOLDER = path.join(__dirname, '../replay/histories');
const files = readdirSync(FOLDER).filter((file) => !file.startsWith('maintenance-'));
const read = (file: string): unknown => JSON.parse(readFileSync(path.join(FOLDER, file), 'utf8'));

async function factsOf(file: string): Promise<AuditedRun> {
  const decoding = { options: { namespace: 'default', loadedDataConverter: loadDataConverter() } };
  const facts = await readRunFacts(decoding, historyFromJSON(read(file)).events ?? []);
  if (facts === null) throw new Error(`${file} is no history of a switchover`);
  return facts;
}

/** Recorded by a version that took a worker lost before its fence for one that may have sent: needless. */
const BROKEN_THEN: Readonly<Record<string, readonly string[]>> = {
  'unknown-no-trace.json': ['no-needless-unknown', 'counts-are-true'],
};

test.each(files)('%s breaks no invariant that its version kept', async (file) => {
  const { violations } = await auditHistory(read(file), { env: {} });
  expect(violations.map(({ name }) => name)).toEqual(BROKEN_THEN[file] ?? []);
});

test('a history of something else is refused by name', async () => {
  const workflowType = { name: 'dcsFreeze' };
  const started = { eventId: '1', workflowExecutionStartedEventAttributes: { workflowType } };
  await expect(auditHistory({ events: [started] }, { env: {} })).rejects.toThrow(
    /is no history of dcsSwitchover or dcsMaintenance/,
  );
  await expect(auditHistory({ events: 'none' }, { env: {} })).rejects.toThrow(/is no history/);
});

test('the facts of a run say which checks it reported, and how long it was in which phase', async () => {
  const { result } = await factsOf('succeeded-roles-changed.json');
  expect(result?.checks?.map(({ id }) => id)).toContain('previous-run-resolved');
  expect(Object.keys(result?.timings?.phasesMs ?? {})).toContain('VERIFYING');
});

const NO_PUT: PutFacts = {
  ...{ purpose: 'forward', state: 'not-applied', sent: 0, executions: 0 },
  ...{ scheduledAtMs: 0, notAfterMs: null, hasLeft: false, redisVeto: null },
};

describe('an invariant is broken by', () => {
  let succeeded: AuditedRun;
  let put: PutFacts;
  beforeAll(async () => {
    succeeded = await factsOf('succeeded-roles-changed.json');
    put = succeeded.puts.at(-1) ?? NO_PUT;
  });

  const end = (outcome: string, changes: Partial<AuditedRun> = {}): AuditedRun =>
    ({ ...succeeded, result: { ...succeeded.result, outcome }, ...changes }) as AuditedRun;
  const unresolved = (): PutFacts => ({ ...put, state: 'possibly-sent' });
  const back = (): PutFacts => ({ ...put, purpose: 'compensate' });

  const witnessed = (word: WitnessWord, judges: boolean): AuditedRun => {
    const sighting = { look: null, judges, isSteady: true, looks: 1, why: null };
    const observation = { ...succeeded.observation, witness: sighting };
    const dataPlane = { witness: { word } };
    const result = { ...succeeded.result, dataPlane };
    return { ...succeeded, observation, result } as unknown as AuditedRun;
  };

  const CASES: readonly (readonly [name: string, what: string, run: () => AuditedRun])[] = [
    ['one-forward-swap', 'two accepted', () => ({ ...succeeded, puts: [put, put] })],
    ['one-swap-back', 'two swaps back', () => end('UNKNOWN', { puts: [put, back(), back()] })],
    ['one-swap-back', 'a swap back of nothing', () => end('UNKNOWN', { puts: [back()] })],
    [
      'no-put-after-an-unresolved-one',
      'a second try',
      () => end('UNKNOWN', { puts: [unresolved(), put] }),
    ],
    ['only-a-switch-sends', 'a verification', () => ({ ...succeeded, mode: 'verify' })],
    ['only-a-switch-sends', 'a refusal', () => ({ ...succeeded, mayProceed: false })],
    ['one-execution', 'a retry', () => ({ ...succeeded, puts: [{ ...put, executions: 2 }] })],
    ['nothing-after-a-reset', 'a PUT', () => ({ ...succeeded, resetAtMs: 0 })],
    ['in-time', 'a late PUT', () => ({ ...succeeded, puts: [{ ...put, notAfterMs: 0 }] })],
    [
      'success-is-proved',
      'unchanged roles',
      () => end('SUCCEEDED', { observation: { ...succeeded.observation, change: 'unchanged' } }),
    ],
    ['success-is-proved', 'a swap of no one', () => ({ ...succeeded, puts: [] })],
    ['compensation-is-proved', 'no swap back', () => end('COMPENSATED')],
    [
      'unchanged-is-proved',
      'an unresolved PUT',
      () => end('FAILED_UNCHANGED', { puts: [unresolved()] }),
    ],
    ['unchanged-is-proved', 'changed roles', () => end('FAILED_UNCHANGED')],
    ['the-witness-agrees', 'a success that Redis does not show', () => witnessed('SAME', true)],
    [
      'a-veto-holds',
      'a PUT that was held back',
      () => ({ ...succeeded, puts: [{ ...put, redisVeto: 'Redis said SAME' }] }),
    ],
    ['nothing-sent-is-true', 'a refusal after a PUT', () => end('REFUSED')],
    ['nothing-sent-is-true', 'a cancellation', () => ({ ...succeeded, ended: 'cancelled' })],
    ['no-needless-unknown', 'nothing to be unknown', () => end('UNKNOWN', { puts: [] })],
    ['counts-are-true', 'a PUT more', () => ({ ...succeeded, puts: [put, back()] })],
    [
      'ends-by-a-name',
      'a crash',
      () => ({ ...succeeded, ended: 'failed', failureType: 'TypeError' }),
    ],
    ['ends-by-a-name', 'no result', () => ({ ...succeeded, result: null })],
    ['bounded', 'a year', () => ({ ...succeeded, closedAtMs: succeeded.startedAtMs + 3.2e10 })],
    ['no-secret', 'a known one', () => ({ ...succeeded, text: 'ab-c-d', secrets: ['b-c'] })],
    ['no-secret', 'a header', () => ({ ...succeeded, text: `"X-Auth-Token":"${'t'.repeat(40)}"` })],
  ];

  test.each(CASES)('%s: %s', (name, _, run) => {
    expect(auditRunFacts(run()).map((violation) => violation.name)).toContain(name);
  });

  test('nothing of a swap that went well, whose PUT was accepted', () => {
    expect(put.state).toBe('accepted');
    expect(auditRunFacts(succeeded)).toEqual([]);
  });

  test('nothing of a run that was reset after its time, and refused to send', () => {
    const refused = { ...unresolved(), notAfterMs: 0, hasLeft: false };
    const broken = auditRunFacts(end('UNKNOWN', { resetAtMs: 0, puts: [refused] }));
    expect(broken.map(({ name }) => name)).not.toContain('in-time');
  });

  test('nothing of a run that a reset has made of an unresolved one, and that was refused to send', () => {
    const copied = { ...unresolved(), scheduledAtMs: 1_000 };
    const refused = { ...unresolved(), scheduledAtMs: 3_000, hasLeft: false };
    const broken = auditRunFacts(end('UNKNOWN', { resetAtMs: 2_000, puts: [copied, refused] }));
    expect(broken.map(({ name }) => name)).not.toContain('no-put-after-an-unresolved-one');
  });

  test('a history for each one of the list', () => {
    expect(new Set(CASES.map(([name]) => name))).toEqual(new Set(PROMISES.map(({ name }) => name)));
  });
});

describe('of a run that a reset has made,', () => {
  interface Recorded {
    readonly events: readonly Record<string, unknown>[];
  }

  /** A recorded run whose history up to one of its workflow tasks is that of another, which was reset. */
  const resetAt = (file: string, workflowTask: number): Recorded => {
    const { events } = read(file) as Recorded;
    const at =
      events
        .flatMap(({ eventType }, index) =>
          eventType === 'EVENT_TYPE_WORKFLOW_TASK_COMPLETED' ? [index] : [],
        )
        .at(workflowTask) ?? 0;
    const failed = {
      ...{ eventId: '0', eventTime: events[at - 1]?.['eventTime'] },
      eventType: 'EVENT_TYPE_WORKFLOW_TASK_FAILED',
      workflowTaskFailedEventAttributes: { baseRunId: 'the-base', newRunId: 'the-new-one' },
    };
    return { events: [...events.slice(0, at), failed, ...events.slice(at)] };
  };

  test.each([
    ['after its PUT is not called broken: the PUT is that of the earlier run', -1, []],
    ['before its PUT is called broken: that PUT is a second one', 1, ['nothing-after-a-reset']],
  ])('one that was reset %s', async (_, workflowTask, broken) => {
    const history = resetAt('succeeded-roles-changed.json', workflowTask);
    const { runId, violations } = await auditHistory(history, { env: {} });
    expect(runId).toBe('the-new-one');
    expect(violations.map(({ name }) => name)).toEqual(broken);
  });
});
