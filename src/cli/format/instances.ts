/** The instances of a project, for people. */
import type { RunEntry } from '../../client.js';
import type { CheckId } from '../../contract/index.js';
import type { ProjectInstance } from '../../doctor/index.js';
import { printableLine } from '../../domain/text.js';

import type { Page } from './page.js';
import { stateWord } from './run.js';
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
  /** How it has been resolved since, where it was unresolved. */
  readonly resolved?: RunEntry['resolved'];
}

/** Longest text of a cell. */
const MAX_CELL = 40;

const COLUMNS: readonly Column<ListedInstance>[] = [
  { title: 'NAME', rank: 0, min: 12, cell: ({ name }) => printableLine(name ?? '-', MAX_CELL) },
  { title: 'INSTANCE', rank: 1, cell: ({ instanceId }) => instanceId, ...SHORT_ID },
  {
    title: 'MODE',
    rank: 6,
    cell: ({ cacheMode }) => cacheMode ?? 'not shown',
    isNeeded: ({ cacheMode }) => cacheMode !== null,
  },
  { title: 'MASTER IN', rank: 0, cell: ({ master }) => master?.availabilityZone ?? '-' },
  { title: 'STATUS', rank: 5, cell: ({ status }) => status ?? '-' },
  { title: 'BUSY WITH', rank: 4, min: 12, cell: describeBusy },
  { title: 'LAST', rank: 3, min: 12, cell: describeLast },
  { title: 'ALLOWED', rank: 2, cell: describeAllowed },
];

/** Instances as a table, by name. */
export function formatInstances(instances: readonly ListedInstance[]): Page | string {
  if (instances.length === 0) return 'The project has no instance that the API lists.';
  return [table(COLUMNS, instances)];
}

/** Checks about our own runs in words that are not longer than the others. */
const SHORT_REASONS: Partial<Record<CheckId, string>> = {
  'previous-run-resolved': 'unresolved',
  'no-open-run': 'open run',
};

/** Never a yes that the pre-check would refuse by what is shown here. */
function describeAllowed({ allowed, refusedNow, cacheMode }: ListedInstance): string {
  if (allowed === false) return 'no';
  const [first] = refusedNow;
  if (first !== undefined) return `no: ${SHORT_REASONS[first.id] ?? first.id}`;
  if (allowed === null) return 'by tags';
  // The list of the API leaves modes out: then only the pre-check can say yes.
  return cacheMode === null ? 'rules only' : 'yes';
}

function describeLast({ lastOutcome, lastAt, ...run }: ListedInstance): Cell {
  if (lastOutcome === null) return '-';
  return stateCell(stateWord(lastOutcome, run), ` ${(lastAt ?? '').slice(0, 10)}`);
}

/** Our own run first: that it is why the instance has a task needs no saying. */
function describeBusy({ run, busyWith }: ListedInstance): Cell {
  if (run === null) return busyWith ?? '-';
  const { phase, maintenanceId } = run;
  return stateCell(phase ?? 'open', maintenanceId === null ? '' : `, maintenance ${maintenanceId}`);
}
