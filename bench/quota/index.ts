/** `npm run bench -- --quota`: what becomes of runs behind a gateway that turns calls away. */
import { toTable } from '../support/table.js';

import { measureMaintenance, measureSingles } from './measure.js';
import type { QuotaFigures } from './measure.js';
import { MAINTENANCES, SINGLES } from './scenarios.js';

/** Measures every scenario, one after the other. @param onNext called with the name of each */
export async function measureQuotas(onNext: (name: string) => void): Promise<QuotaFigures[]> {
  const figures: QuotaFigures[] = [];
  for (const scenario of MAINTENANCES) {
    onNext(scenario.name);
    figures.push(await measureMaintenance(scenario));
  }
  for (const single of SINGLES) {
    onNext(single.name);
    figures.push(await measureSingles(single));
  }
  return figures;
}

/** Whether no run was lost, none ended UNKNOWN without a PUT, and no instance was switched twice. */
export function holds({ lost, needless, mostPutsOfAnInstance }: QuotaFigures): boolean {
  return lost === 0 && needless === 0 && mostPutsOfAnInstance <= 1;
}

/** The figures as a table. */
export function showQuotas(figures: readonly QuotaFigures[]): readonly string[] {
  const head = ['Scenario', 'Ended', 'Lost', 'Seconds', 'Calls', '429', 'Calls per run', 'PUTs'];
  return toTable(
    head,
    figures.map((each) => {
      const { name, ended, ends, lost, wallSeconds, calls, turnedAway, puts } = each;
      const runs = Object.values(ends).reduce((sum, count) => sum + count, 0);
      const reported = Object.entries(ends).map(([outcome, count]) => `${count} ${outcome}`);
      return [
        name,
        [ended, ...reported].filter(Boolean).join(', '),
        ...[lost, Math.round(wallSeconds), calls].map(String),
        `${turnedAway} (${Math.round((100 * turnedAway) / calls)} %)`,
        ((calls - turnedAway) / runs).toFixed(1),
        `${puts}, ${each.mostPutsOfAnInstance} per instance`,
      ];
    }),
  );
}
