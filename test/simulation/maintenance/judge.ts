/** The verdict on a maintenance: each history by the promises of the product, and by what the ledger knows. */
import { loadDataConverter } from '@temporalio/common/lib/internal-non-workflow';

import { auditRunFacts } from '../../../src/domain/invariants.js';
import type { Violation } from '../../../src/domain/invariants.js';
import { readRunFacts } from '../../../src/temporal/run-facts.js';

import type { FaultBook } from '../faults.js';
import type { Verdict } from '../judge.js';

import type { MaintenanceStage } from './stage.js';

/** Judges every run. */
export async function judgeMaintenance(stage: MaintenanceStage, book: FaultBook): Promise<Verdict> {
  const decoding = { options: { namespace: 'default', loadedDataConverter: loadDataConverter() } };
  const sentence = 'No workflow task fails, and every replay comes to the same.';
  const violations: Violation[] = stage.temporal.breaches.map((found) => ({
    ...{ name: 'workflow-task', sentence, found },
  }));
  const outcomes: string[] = [];
  for (const run of stage.temporal.runs()) {
    if (run.type === 'dcsMaintenance') {
      outcomes.push(JSON.stringify(run.notices.at(-1)?.data['cause'] ?? run.status));
      continue;
    }
    const facts = await readRunFacts(decoding, run.events);
    if (facts !== null) violations.push(...auditRunFacts(facts));
  }
  return { violations, outcomes, struck: book.struck, phases: [] };
}
