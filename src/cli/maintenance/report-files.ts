import { access, constants, mkdir, writeFile } from 'node:fs/promises';
import path from 'node:path';

import type { MaintenanceResult } from '../../contract/index.js';

import { UsageError } from '../cli-errors.js';
import { formatPlanReport } from '../format/plan-report.js';
import type { PlanSource } from '../format/plan-result.js';

/** Makes sure that a report can be written before anything is started for it. @throws UsageError */
export async function prepareReportFolder(folder: string): Promise<void> {
  try {
    await mkdir(folder, { recursive: true });
    await access(folder, constants.W_OK);
  } catch (error) {
    throw new UsageError(`--report: ${error instanceof Error ? error.message : String(error)}`);
  }
}

/**
 * Writes a plan's end as Markdown and as JSON, for a change ticket. One plan's files are the same however
 * often they are written; two runs of one id do not overwrite each other.
 *
 * @returns their paths
 */
export async function writeReport(
  folder: string,
  result: MaintenanceResult,
  source: PlanSource,
): Promise<string[]> {
  // Colons are not allowed in file names everywhere.
  const startedAt = result.startedAt.replace(/\.\d+/, '').replaceAll(':', '');
  const base = path.join(folder, `${source.name.replaceAll(':', '')}.${startedAt}`);
  const texts = [
    [`${base}.md`, formatPlanReport(result, source)],
    [`${base}.json`, `${JSON.stringify(withRun(result, source), null, 2)}\n`],
  ] as const;
  for (const [file, text] of texts) await writeFile(file, text);
  return texts.map(([file]) => file);
}

/** A result as data: with the run that it came from, as `--json` and the report have it. */
export function withRun(
  result: MaintenanceResult,
  { workflowId, runId }: PlanSource,
): MaintenanceResult & { readonly run: Pick<PlanSource, 'workflowId' | 'runId'> } {
  return { ...result, run: { workflowId, runId } };
}
