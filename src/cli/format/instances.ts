/** The instances of a project, for people. */
import type { RunEntry } from '../../client.js';
import type { ProjectInstance } from '../../doctor/index.js';
import { printableLine } from '../../domain/text.js';

import type { Page } from './page.js';
import { SHORT_ID, table } from './table.js';
import type { Column } from './table.js';
import { stateCell } from './tones.js';
import type { Cell } from './tones.js';

/** An instance of the API's list, and what Temporal knows of it. */
export interface ListedInstance extends ProjectInstance {
  /** The run that is open; `null`: none is known. */
  readonly run: Pick<RunEntry, 'phase' | 'maintenanceId'> | null;
  /** Of its latest switchover that has ended; `null`: none is known. */
  readonly lastOutcome: RunEntry['outcome'];
  /** When that started, RFC 3339. */
  readonly lastAt: string | null;
}

/** Longest text of a cell. */
const MAX_CELL = 40;

const COLUMNS: readonly Column<ListedInstance>[] = [
  { title: 'NAME', rank: 0, min: 12, cell: ({ name }) => printableLine(name ?? '-', MAX_CELL) },
  { title: 'INSTANCE', rank: 1, cell: ({ instanceId }) => instanceId, ...SHORT_ID },
  { title: 'MODE', rank: 6, cell: ({ cacheMode }) => cacheMode ?? '-' },
  { title: 'MASTER IN', rank: 0, cell: ({ master }) => master?.availabilityZone ?? '-' },
  { title: 'STATUS', rank: 5, cell: ({ status }) => status ?? '-' },
  { title: 'BUSY WITH', rank: 3, min: 12, cell: describeBusy },
  { title: 'LAST', rank: 2, cell: describeLast },
  {
    title: 'ALLOWED',
    rank: 4,
    cell: ({ allowed }) => (allowed === null ? 'by tags' : allowed ? 'yes' : 'no'),
  },
];

/** Instances as a table, by name. */
export function formatInstances(instances: readonly ListedInstance[]): Page | string {
  if (instances.length === 0) return 'The project has no instance that the API lists.';
  return [table(COLUMNS, instances)];
}

function describeLast({ lastOutcome, lastAt }: ListedInstance): Cell {
  return lastOutcome === null ? '-' : stateCell(lastOutcome, ` ${(lastAt ?? '').slice(0, 10)}`);
}

/** Our own run first: that it is why the instance has a task needs no saying. */
function describeBusy({ run, busyWith }: ListedInstance): Cell {
  if (run === null) return busyWith ?? '-';
  const { phase, maintenanceId } = run;
  return stateCell(phase ?? 'open', maintenanceId === null ? '' : `, maintenance ${maintenanceId}`);
}
