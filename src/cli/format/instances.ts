/** The instances of a project, for people. */
import type { RunEntry } from '../../client.js';
import type { ProjectInstance } from '../../doctor/index.js';
import { printableLine } from '../../domain/text.js';

import { formatTable } from './text.js';

/** An instance of the API's list, and what Temporal knows of it. */
export interface ListedInstance extends ProjectInstance {
  /** The run that is open; `null`: none is known. */
  readonly run: Pick<RunEntry, 'phase' | 'maintenanceId'> | null;
  /** Of its latest switchover that has ended; `null`: none is known. */
  readonly lastOutcome: RunEntry['outcome'];
  /** When that started, RFC 3339. */
  readonly lastAt: string | null;
}

const COLUMNS = ['NAME', 'INSTANCE', 'MODE', 'MASTER IN', 'STATUS', 'BUSY WITH', 'LAST', 'ALLOWED'];

/** Longest text of a cell. */
const MAX_CELL = 40;

/** Instances as a table, by name. */
export function formatInstances(instances: readonly ListedInstance[]): string {
  if (instances.length === 0) return 'The project has no instance that the API lists.';
  return formatTable([COLUMNS, ...instances.map(toRow)]);
}

function toRow(instance: ListedInstance): string[] {
  const { name, instanceId, cacheMode, master, status, lastOutcome, lastAt, allowed } = instance;
  return [
    printableLine(name ?? '-', MAX_CELL),
    instanceId,
    cacheMode ?? '-',
    master?.availabilityZone ?? '-',
    status ?? '-',
    describeBusy(instance),
    lastOutcome === null ? '-' : `${lastOutcome} ${(lastAt ?? '').slice(0, 10)}`,
    allowed === null ? 'by tags' : allowed ? 'yes' : 'no',
  ];
}

/** Our own run first: that it is why the instance has a task needs no saying. */
function describeBusy({ run, busyWith }: ListedInstance): string {
  if (run === null) return busyWith ?? '-';
  return run.maintenanceId === null
    ? `switchover, ${run.phase ?? 'open'}`
    : `maintenance ${run.maintenanceId}, ${run.phase ?? 'open'}`;
}
