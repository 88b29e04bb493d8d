import { createDcsSwitchover } from '../../src/client.js';
import { makeMaintenanceWorkflowId } from '../../src/contract/index.js';
import type { MaintenanceOutcome } from '../../src/contract/index.js';
import type { Site } from '../support/site.js';

import { countCalls, countHistory } from './count.js';
import type { Counts } from './count.js';
import { TIMING } from './scenarios.js';

/** A maintenance whose switchovers all succeed. */
export interface MaintenanceScenario {
  readonly name: string;
  readonly outcome: MaintenanceOutcome;
  readonly maintenanceId: string;
  readonly instances: number;
  readonly maxConcurrent: number;
}

/**
 * In the order of the table. One after the other: side by side, it depends on the machine how many ends a
 * workflow task hears of.
 */
export const MAINTENANCE_SCENARIOS: readonly MaintenanceScenario[] = [
  {
    ...{ name: 'maintenance of one instance', outcome: 'COMPLETED' },
    ...{ maintenanceId: 'bench-one', instances: 1, maxConcurrent: 1 },
  },
  {
    ...{ name: 'maintenance of five, one after the other', outcome: 'COMPLETED' },
    ...{ maintenanceId: 'bench-five', instances: 5, maxConcurrent: 1 },
  },
];

const HOUR_MS = 3_600_000;

/** Runs a maintenance on instances of its own and counts. @throws Error when it ends otherwise */
export async function countMaintenance(site: Site, scenario: MaintenanceScenario): Promise<Counts> {
  const { temporal, stack } = site;
  const { simulator, taskQueue } = stack;
  const { name, maintenanceId, instances, maxConcurrent } = scenario;
  const added = await Promise.all(
    Array.from({ length: instances }, () => simulator.addInstance({})),
  );
  const instanceIds = added.map(({ instanceId }) => instanceId);
  const { maintenance } = createDcsSwitchover({ client: temporal, taskQueue });
  const started = await maintenance.start({
    ...{ maintenanceId, projectId: simulator.projectId, instanceIds, maxConcurrent },
    ...{ toggle: true, timing: TIMING },
    window: { closesAt: new Date(Date.now() + HOUR_MS).toISOString() },
  });
  const { outcome } = await maintenance.result(started);
  if (outcome !== scenario.outcome)
    throw new Error(`"${name}" ended ${outcome} instead of ${scenario.outcome}`);
  return {
    ...{ outcome, name },
    ...countCalls(simulator.ledger.calls, instanceIds),
    ...(await countHistory(site, makeMaintenanceWorkflowId(maintenanceId), started.runId)),
  };
}
