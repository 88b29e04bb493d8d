import type { InputProblem } from '../../contract/index.js';

import { findRunIdProblems } from '../check-input.js';
import { InvalidInputError } from '../errors.js';

import type { MaintenanceRef } from './client.js';

const MAINTENANCE_ID = /^[a-z0-9][a-z0-9._-]{0,63}$/;
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
  problems.push(...findRunIdProblems(runId));
  if (problems.length > 0) throw new InvalidInputError(problems);
}
