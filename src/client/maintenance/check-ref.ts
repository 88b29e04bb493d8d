import type { InputProblem } from '../../contract/index.js';

import { InvalidInputError } from '../errors.js';

import type { MaintenanceRef } from './maintenance-client.js';

const MAINTENANCE_ID = /^[a-z0-9][a-z0-9._-]{0,63}$/;
const RUN_ID = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/;
/** As the server writes it into the workflow id: UTC, whole seconds. */
const NOMINAL_TIME = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$/;

/**
 * Checks that a reference is made of the contract's ids, which become part of a workflow id.
 *
 * @throws InvalidInputError
 */
export function checkMaintenanceRef({ maintenanceId, nominalTime, runId }: MaintenanceRef): void {
  const problems: InputProblem[] = [];
  if (!MAINTENANCE_ID.test(maintenanceId))
    problems.push({
      field: 'maintenanceId',
      problem: 'is not 1 to 64 of a-z 0-9 . _ - with a letter or digit first',
      remedy: 'Copy it from what started the plan, without "dcs-maintenance:".',
    });
  if (nominalTime !== undefined && !NOMINAL_TIME.test(nominalTime))
    problems.push({
      field: 'nominalTime',
      problem: 'is not an instant like 2026-12-05T01:00:00Z',
      remedy: 'Copy it from the end of the workflow id.',
    });
  if (runId !== undefined && !RUN_ID.test(runId))
    problems.push({
      field: 'runId',
      problem: 'is not a run id (a UUID in lower case)',
      remedy: 'Copy it from the Temporal UI, or leave it out.',
    });
  if (problems.length > 0) throw new InvalidInputError(problems);
}
