/** `npm run bench -- --probe`: how exact and how dear a probe of the data plane is. */
import { spreadOf } from '../support/stats.js';
import { toTable } from '../support/table.js';

import { compareLosses, compareOutages, measureCost } from './measure.js';
import type { Compared, CostFigures, LossFigures } from './measure.js';
import { FAULTS } from './orders.js';
import type { Fault } from './orders.js';

/** Of each kind; together more than 200. */
const OUTAGES = 34;
/** Kinds at a time: each has three processes and mostly waits. */
const AT_ONCE = 3;
const LOSSES = 20;
const ANSWERS_LOST_MS = 300;
const COST_SECONDS = 10;
const MANY = 50;

interface ProbeBench {
  readonly outages: readonly (readonly [Fault, readonly Compared[]])[];
  readonly losses: readonly (readonly [string, LossFigures])[];
  readonly costs: readonly CostFigures[];
}

/** @param onNext called with what is measured next */
export async function measureProbe(onNext: (what: string) => void): Promise<ProbeBench> {
  const outages: (readonly [Fault, readonly Compared[]])[] = [];
  for (let first = 0; first < FAULTS.length; first += AT_ONCE) {
    const faults = FAULTS.slice(first, first + AT_ONCE);
    onNext(`${OUTAGES} outages each: ${faults.join(', ')}`);
    outages.push(
      ...(await Promise.all(
        faults.map(async (fault) => [fault, await compareOutages(fault, OUTAGES)] as const),
      )),
    );
  }
  onNext(`${2 * LOSSES} losses`);
  const [clean, unanswered] = await Promise.all([
    compareLosses(LOSSES, 0),
    compareLosses(LOSSES, ANSWERS_LOST_MS),
  ]);
  onNext(`one probe, then ${MANY} at once`);
  const costs = [await measureCost(1, COST_SECONDS), await measureCost(MANY, COST_SECONDS)];
  const losses = [
    ['lost by a promotion', clean],
    [`and ${ANSWERS_LOST_MS} ms without answers`, unanswered],
  ] as const;
  return { outages, losses, costs };
}

/** Whether the truth was where it was said to be, in 99 of 100. */
export function isExact({ outages }: ProbeBench): boolean {
  const all = outages.flatMap(([, compared]) => compared);
  return all.filter(({ isInside }) => isInside).length >= 0.99 * all.length;
}

/** The figures as tables. */
export function showProbe({ outages, losses, costs }: ProbeBench): readonly string[] {
  return [
    ...toTable(
      ['Fault', 'outages', 'inside', 'error', 'most', 'width'],
      outages.map(([fault, compared]) => [fault, ...showCompared(compared)]),
    ),
    '',
    ...toTable(
      ['Acknowledged test writes', 'times', 'exact', 'most lost'],
      losses.map(([name, { losses: times, exact, mostLost }]) => [
        name,
        ...[times, exact, mostLost].map(String),
      ]),
    ),
    '',
    ...toTable(
      ['Probes', 'armed', 'inside', 'CPU each', 'of Redis each'],
      costs.map(({ probes, armed, inside, cpuMs, redisMs }) => [
        ...[probes, armed, inside].map(String),
        // Milliseconds a second, as a share.
        `${(cpuMs / 10).toFixed(2)} %`,
        `${(redisMs / 10).toFixed(3)} %`,
      ]),
    ),
  ];
}

function showCompared(compared: readonly Compared[]): readonly string[] {
  const errors = spreadOf(compared.map(({ errorMs }) => errorMs));
  const most = Math.max(Math.abs(errors.min), Math.abs(errors.max));
  const width = spreadOf(compared.map(({ widthMs }) => widthMs)).median;
  const inside = compared.filter(({ isInside }) => isInside).length;
  return [
    ...[compared.length, inside].map(String),
    ...[errors.median, most, width].map((ms) => `${ms.toFixed(0)} ms`),
  ];
}
