/** The list of a maintenance: every recorded history keeps it, and each invariant is broken by a history made for it. */
import { readFileSync, readdirSync } from 'node:fs';
import path from 'node:path';

import { beforeAll, describe, expect, test } from '@jest/globals';
import { historyFromJSON } from '@temporalio/common/lib/proto-utils';
import { loadDataConverter } from '@temporalio/common/lib/internal-non-workflow';

import { auditHistory } from '../../src/client.js';
import type { MaintenanceRequest, MaintenanceResult } from '../../src/contract/index.js';
import { auditMaintenance, MAINTENANCE_PROMISES } from '../../src/domain/maintenance/invariants.js';
import type {
  AskedFacts,
  AuditedMaintenance,
  MessageFacts,
} from '../../src/domain/maintenance/run-facts.js';
import { readMaintenanceFacts } from '../../src/temporal/maintenance-facts.js';

const FOLDER = path.join(__dirname, '../replay/histories');
const files = readdirSync(FOLDER).filter((file) => file.startsWith('maintenance-'));
const read = (file: string): unknown => JSON.parse(readFileSync(path.join(FOLDER, file), 'utf8'));

async function factsOf(file: string): Promise<AuditedMaintenance> {
  const decoding = { options: { namespace: 'default', loadedDataConverter: loadDataConverter() } };
  const facts = await readMaintenanceFacts(decoding, historyFromJSON(read(file)).events ?? []);
  if (facts === null) throw new Error(`${file} is no history of a maintenance`);
  return facts;
}

test.each(files)('%s keeps every promise', async (file) => {
  const { violations, sentences } = await auditHistory(read(file), { env: {} });
  expect(violations).toEqual([]);
  expect(sentences).toHaveLength(MAINTENANCE_PROMISES.length);
});

const REFUSED = {
  outcome: 'REFUSED',
  cause: 'CHECKS_FAILED',
  message: 'refused',
  swapsSent: 0,
  master: null,
} as const;

describe('an invariant is broken by', () => {
  let done: AuditedMaintenance;
  let first: AskedFacts;
  let request: MaintenanceRequest;
  beforeAll(async () => {
    done = await factsOf('maintenance-completed-all-done.json');
    const [one] = done.asked;
    if (one === undefined || done.request === null) throw new Error('it has switched nothing');
    first = one;
    request = done.request;
  });

  const asks = (changes: Partial<MaintenanceRequest>): AuditedMaintenance => ({
    ...done,
    request: { ...request, ...changes },
  });
  const says = (changes: Partial<MaintenanceResult>): AuditedMaintenance => ({
    ...done,
    result: { ...done.result, ...changes },
  });
  const asked = (...others: readonly Partial<AskedFacts>[]): AuditedMaintenance => ({
    ...done,
    asked: [...done.asked, ...others.map((other) => ({ ...first, order: 900, ...other }))],
  });
  const decided = (...names: readonly string[]): AuditedMaintenance => {
    const message = (name: string, order: number): MessageFacts => ({
      ...{ name, order: order - names.length, changed: true },
    });
    const decisions = names.map((name) => ({ what: WORDS[name] }));
    return { ...says({ decisions } as never), messages: names.map(message) };
  };
  const WORDS: Readonly<Record<string, string>> = {
    ...{ approve: 'approved', pause: 'paused', abort: 'aborted', reject: 'rejected' },
  };
  const failed = (): AskedFacts => ({
    ...first,
    order: 1,
    ended: { ...REFUSED, order: 2 },
  });

  const CASES: readonly (readonly [name: string, what: string, run: () => AuditedMaintenance])[] = [
    ['only-its-instances', 'one of another', () => asked({ instanceId: 'another' })],
    ['only-its-instances', 'one of a plan', () => asks({ mode: 'plan' })],
    ['each-instance-once', 'a second switchover', () => asked({})],
    ['at-most-max-concurrent', 'two at a time', () => asks({ maxConcurrent: 0 })],
    ['inside-the-window', 'a start when it is over', () => asked({ askedAtMs: 9e12 })],
    [
      'inside-the-window',
      'a PUT that may leave later',
      () => asked({ notAfterMs: (first.notAfterMs ?? 0) + 600_000 }),
    ],
    ['approved-first', 'a start without approval', () => asks({ requireApproval: true })],
    ['nothing-while-paused', 'a start after a pause', () => decided('pause')],
    ['nothing-after-a-stop', 'a start after an abort', () => decided('abort')],
    ['nothing-after-a-stop', 'a start after a rejection', () => decided('reject')],
    ['nothing-after-a-stop', 'a start after a cancellation', () => ({ ...done, cancelled: 0 })],
    ['nothing-in-a-freeze', 'a start after a freeze was found', () => ({ ...done, frozen: 0 })],
    [
      'budget-holds',
      'a start after one failure too many',
      () => ({ ...done, asked: [failed(), ...done.asked] }),
    ],
    [
      'canaries-first',
      'a start behind a canary that failed',
      () => ({ ...asks({ canaryCount: 1 }), asked: [{ ...failed(), instanceId: 'x' }, first] }),
    ],
    ['repeats-change-nothing', 'a second approval', () => decided('approve', 'approve')],
    ['repeats-change-nothing', 'a second pause', () => decided('pause', 'pause')],
    [
      'decisions-are-true',
      'a message that the result forgets',
      () => ({
        ...decided('approve'),
        ...says({ decisions: [] }),
        messages: decided('approve').messages,
      }),
    ],
    [
      'result-is-true',
      'an instance that is called otherwise',
      () =>
        says({
          items: (done.result?.items ?? []).map((item) => ({
            ...item,
            forward: { ...item.forward, outcome: 'NOOP' },
          })),
        }),
    ],
    ['result-is-true', 'a success that is called partial', () => says({ outcome: 'PARTIAL' })],
    ['ends-by-a-name', 'a crash', () => ({ ...done, ended: 'failed', failureType: 'TypeError' })],
    ['bounded', 'an end a week later', () => ({ ...done, closedAtMs: 9e12 })],
    ['no-secret', 'a known secret', () => ({ ...done, secrets: ['dcsMaintenance'] })],
  ];

  test.each(CASES)('%s: %s', (name, _, run) => {
    expect(auditMaintenance(run()).map((violation) => violation.name)).toContain(name);
  });

  test('each of them is broken by one of these', () => {
    const names = MAINTENANCE_PROMISES.map(({ name }) => name);
    expect([...new Set(CASES.map(([name]) => name))].toSorted()).toEqual(names.toSorted());
  });
});
