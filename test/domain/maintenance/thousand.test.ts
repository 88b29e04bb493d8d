/** Maintenance runs of a thousand instances: everything that Temporal carries as one payload has to fit into 2 MB. */
import { describe, expect, test } from '@jest/globals';

import { MAX_MAINTENANCE_INSTANCES } from '../../../src/contract/index.js';
import type { Leg } from '../../../src/contract/index.js';
import { applyDecision, judgeMessage } from '../../../src/domain/maintenance/decisions.js';
import { toMaintenanceMarkdown } from '../../../src/domain/maintenance/details.js';
import { toProgress } from '../../../src/domain/maintenance/progress.js';
import { toResult } from '../../../src/domain/maintenance/result.js';
import { addWarning, patchLeg } from '../../../src/domain/maintenance/state.js';
import type { MaintenanceState } from '../../../src/domain/maintenance/state.js';

import { idOf, planned, maintenanceOf } from './support.js';

/** The server refuses larger payloads, and ends the run that makes one; a codec needs some of it. */
const MAX_BYTES = 2_000_000;

const bytesOf = (value: unknown): number => Buffer.byteLength(JSON.stringify(value));

const indices = Array.from({ length: MAX_MAINTENANCE_INSTANCES }, (_, index) => index);
const returnLeg = { soakSeconds: 300, withinSeconds: 900 };
const master = { nodeId: 'a'.repeat(32), availabilityZone: 'eu-west-101a' };

/** As long as everything may be, with words of an alphabet other than Latin. */
function fullPlan(text: string): MaintenanceState {
  const named = indices.map((index) => planned(index, { name: text.slice(0, 64) }));
  let state = maintenanceOf(named, { returnLeg });
  for (const index of indices)
    for (const leg of ['forward', 'return'] as const)
      state = patchLeg(state, idOf(index), leg, ended(leg, index, text));
  for (const index of indices) state = addWarning(state, `The hook of ${idOf(index)}: ${text}`);
  return state;
}

const ended = (leg: Leg['leg'], index: number, reason: string) => ({
  ...{ leg, state: 'ENDED' as const, outcome: 'FAILED_UNCHANGED' as const, cause: 'JOB_FAILED' },
  ...{ reason, swapsSent: 1, master, isCleared: true },
  workflowId: `dcs-switchover:${'a'.repeat(32)}:${idOf(index)}`,
  runId: idOf(index),
  startedAt: '2026-01-01T00:00:00.000Z',
  endedAt: '2026-01-01T00:00:00.000Z',
});

/** Sends messages of full length until the maintenance takes no more. */
function withMessages(state: MaintenanceState, text: string): MaintenanceState {
  const message = { by: text.slice(0, 128), why: text.slice(0, 1024) };
  for (;;) {
    const name = state.decisions.length % 2 === 0 ? 'pause' : 'resume';
    const verdict = judgeMessage(name, message, state, '2026-01-01T00:00:00.000Z');
    if (!verdict.taken || verdict.decision === null) return state;
    state = applyDecision(state, verdict.decision);
  }
}

describe.each([
  ['plain', 'say "why" '],
  ['Chinese', '维护窗口'],
])('a full maintenance with %s words', (_, words) => {
  const text = words.repeat(300);
  const state = withMessages({ ...fullPlan(text), phase: 'SWITCHING' }, text);

  test('takes resume and abort all the same', () => {
    const isPaused = state.decisions.at(-1)?.what === 'paused';
    const paused = isPaused ? state : { ...state, decisions: state.decisions.slice(0, -1) };
    for (const name of ['resume', 'abort'] as const)
      expect(judgeMessage(name, { by: 'ada', why: 'a test' }, paused, '')).toMatchObject({
        ...{ taken: true, decision: { by: 'ada' } },
      });
  });

  test('goes on in a new run', () => {
    const instanceIds = indices.map(idOf);
    expect(bytesOf(state) + bytesOf({ instanceIds })).toBeLessThan(MAX_BYTES);
  });

  test('answers the query', () => {
    expect(bytesOf(toProgress('weekly', state, null))).toBeLessThan(MAX_BYTES);
  });

  test('ends with its result', () => {
    const ending = { outcome: 'PARTIAL' as const, cause: 'ABORTED' as const, message: text };
    const result = toResult(state, { maintenanceId: 'weekly', input: null }, ending, 0);
    expect(bytesOf(result)).toBeLessThan(MAX_BYTES);
  });
});

test('is shown in a text that does not grow with it, so that showing it stays cheap', () => {
  const state = maintenanceOf(indices.map((index) => planned(index)));
  const text = toMaintenanceMarkdown(toProgress('weekly', state, null), 'weekly');
  expect(text.split('\n').length).toBeLessThan(100);
  expect(bytesOf(text)).toBeLessThan(20_000);
});
