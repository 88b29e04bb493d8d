import { readFile, writeFile } from 'node:fs/promises';
import path from 'node:path';

import { format } from 'prettier';

import { withSite } from '../support/site.js';
import { toTable } from '../support/table.js';

export { compareCounts } from './compare.js';

import { countRun } from './count.js';
import type { Counts } from './count.js';
import { MAINTENANCE_SCENARIOS, countMaintenance } from './maintenances.js';
import { JOB, MEASURED, SCENARIOS } from './scenarios.js';

const TABLE = path.join(__dirname, '../counts.json');

/** Runs every scenario once and counts what each costs: those without a Redis all at the same time. */
export async function measureCounts(): Promise<readonly Counts[]> {
  const counts = await withSite({ timing: JOB }, async (site) => {
    await site.startWorker();
    return Promise.all([
      ...SCENARIOS.map((scenario) => countRun(site, scenario)),
      ...MAINTENANCE_SCENARIOS.map((scenario) => countMaintenance(site, scenario)),
    ]);
  });
  const [first, ...others] = counts;
  const measured = await countMeasured();
  return [...(first === undefined ? [] : [first]), measured, ...others];
}

/** Its figures stand in its history, and a busy machine interrupts a probe more often. */
const FIGURES_TOLERANCE = 0.25;

/** Alone on its machine, so that its probe is ready before its PUT. */
function countMeasured(): Promise<Counts> {
  const instances = [{ name: 'measured', redis: { password: 'of-the-bench' } }];
  return withSite(
    { timing: JOB, instances },
    async (site) => {
      await site.startWorker();
      const counts = await countRun(site, MEASURED, site.stack.simulator.instances[0]);
      return { ...counts, bytesTolerance: FIGURES_TOLERANCE };
    },
    { redis: true },
  );
}

/** The committed table. */
export async function readCounts(): Promise<readonly Counts[]> {
  return JSON.parse(await readFile(TABLE, 'utf8')) as readonly Counts[];
}

/** Makes these counts the committed table. */
export async function writeCounts(counts: readonly Counts[]): Promise<void> {
  const text = await format(JSON.stringify(counts), { parser: 'json', printWidth: 100 });
  await writeFile(TABLE, text);
}

/** The counts as a Markdown table. */
export function showCounts(counts: readonly Counts[]): readonly string[] {
  const head = [
    ...['Outcome', 'PUTs', 'polls', 'instance', 'nodes', 'tasks', 'HTTP calls'],
    ...['activities', 'events', 'KiB'],
  ];
  return toTable(head, counts.map(showRun));
}

function showRun(counts: Counts): string[] {
  const { outcome, name, puts, calls, activities, historyEvents, historyBytes } = counts;
  const of = (route: string): number => calls[route] ?? 0;
  const total = Object.values(calls).reduce((sum, count) => sum + count, 0);
  const numbers = [puts, of('showJob'), of('showInstance'), of('listNodes'), of('listTasks')];
  return [
    `\`${outcome}\`: ${name}`,
    ...[...numbers, total, activities, historyEvents].map(String),
    (historyBytes / 1024).toFixed(1),
  ];
}
