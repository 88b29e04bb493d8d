import type {
  AttributeState,
  CheckStatus,
  DoctorCheck,
  DoctorReport,
  InspectReport,
  SetupCommands,
  SetupReport,
} from '../../doctor/index.js';
import { oneLine } from '../../domain/text.js';
import { iso } from '../../util.js';

import { formatRoles } from './run.js';
import { fields } from './page.js';
import type { Fields, Page } from './page.js';
import { SHORT_ID, table } from './table.js';
import type { Column, Table } from './table.js';
import { formatAge, formatInstant, formatSeconds, withAge } from './text.js';
import { stateCell } from './tones.js';

/** Words of a status; a failure stands out without colours. */
const LABELS: Record<CheckStatus, string> = { ok: 'ok', warn: 'warn', fail: 'FAIL', skip: 'skip' };

/** The doctor's report for people. */
export function formatDoctor(report: DoctorReport): Page {
  const { checks, fixes, unknowable } = report;
  const projectIds = [...new Set(checks.map(({ projectId }) => projectId))];
  const steps = fixes.map((fix, index) => `  ${index + 1}. ${fix}`);
  return [
    ...projectIds.map((projectId) =>
      table(
        CHECK_COLUMNS,
        checks.filter((check) => check.projectId === projectId),
        projectId === null ? 'Environment and Temporal' : `Project ${projectId}`,
      ),
    ),
    checks.some(({ found }) => MADE_UP.test(found)) ? MADE_UP_TEXT : null,
    ['What cannot be known before the PUT:', ...unknowable.map((text) => `  - ${text}`)].join('\n'),
    // What there is to do stays in sight.
    fixes.length === 0 ? 'Nothing to fix.' : ['Fix, in this order:', ...steps].join('\n'),
  ];
}

/** What a reading found that had no id to ask for. */
const MADE_UP = /is allowed \(4\d\d/;

const MADE_UP_TEXT = 'Allowed with a 404: it was asked for a made-up id, which is not there.';

const CHECK_COLUMNS: readonly Column<DoctorCheck>[] = [
  { title: '', rank: 0, cell: ({ status }) => stateCell(LABELS[status]) },
  { title: '', rank: 0, cell: ({ id }) => id },
  {
    title: '',
    rank: 0,
    wraps: true,
    cell: ({ status, found }) => oneLine(status === 'skip' ? `(${found})` : found),
  },
];

/** What was saved, and the request to look at it before anyone else does. */
export function formatRecorded(files: readonly string[]): string {
  if (files.length === 0) return 'Nothing was recorded: DCS was not called.';
  return [
    'Recorded, with ids, addresses, names and unknown texts replaced:',
    ...files.map((file) => `  ${file}`),
    'Look at every file before you share it.',
  ].join('\n');
}

/** An instance as the API shows it, for people. */
export function formatInspection(report: InspectReport, nowMs = Date.now()): Page {
  const { roles, tasks } = report;
  return [
    formatHead(report),
    roles === null ? null : formatRoles(roles),
    tasks === null ? null : formatTasks(tasks, nowMs),
    ...report.jobs.map((job) => formatJob(job, nowMs)),
  ];
}

function formatHead(report: InspectReport): Fields {
  const { instanceId, projectId, region, observedAt, instance } = report;
  const product = [instance?.engine, instance?.engineVersion, instance?.cacheMode]
    .filter(Boolean)
    .join(' ');
  const state =
    instance === null
      ? 'could not be read'
      : [instance.status ?? '?', instance.busyWith ?? 'idle'].join(', ');
  return fields(
    ['instance', [instanceId, instance?.name].filter(Boolean).join(' ')],
    ['project', `${projectId}, region ${region}`],
    ['product', product === '' ? null : product],
    ['state', state],
    ['maintenance', windowOf(instance)],
    ['observed', formatInstant(observedAt)],
  );
}

function windowOf(instance: InspectReport['instance']): string | null {
  const { maintainBegin = null, maintainEnd = null } = instance ?? {};
  return maintainBegin === null || maintainEnd === null
    ? null
    : `${maintainBegin} to ${maintainEnd} UTC, the vendor’s own window`;
}

type Task = NonNullable<InspectReport['tasks']>[number];

function formatTasks(tasks: readonly Task[], nowMs: number): Table | string {
  return tasks.length === 0 ? 'No tasks are listed.' : table(taskColumns(nowMs), tasks);
}

const taskColumns = (nowMs: number): readonly Column<Task>[] => [
  {
    title: 'STARTED (UTC)',
    rank: 5,
    cell: ({ createdAtMs: at }) => (at === null ? '-' : formatInstant(iso(at))),
  },
  {
    title: 'WHEN',
    rank: 1,
    cell: ({ createdAtMs: at }) => (at === null ? '-' : formatAge(iso(at), nowMs)),
  },
  { title: 'TASK', rank: 0, cell: ({ name }) => name ?? '-' },
  {
    title: 'STATUS',
    rank: 0,
    cell: ({ status, isRunning }) => `${status ?? '?'}${isRunning ? ' (running)' : ''}`,
  },
  { title: 'USER', rank: 2, cell: ({ userName }) => userName ?? '-' },
  { title: 'ID', rank: 4, cell: ({ id }) => id, ...SHORT_ID },
  { title: 'JOB', rank: 3, cell: ({ jobId }) => jobId ?? '-', ...SHORT_ID },
];

function formatJob(job: InspectReport['jobs'][number], nowMs: number): string {
  const { jobId, jobType, status, beginTimeMs, endTimeMs, failReason } = job;
  const took = beginTimeMs === null || endTimeMs === null ? null : endTimeMs - beginTimeMs;
  const words = [
    jobType ?? 'of an unknown type',
    status ?? 'without a status',
    ...(beginTimeMs === null ? [] : [`begun ${withAge(iso(beginTimeMs), nowMs)}`]),
    ...(took === null || took < 0 ? [] : [`took ${formatSeconds(took)}`]),
    ...(failReason === null ? [] : [`reason: ${failReason}`]),
  ];
  return `job ${jobId ?? '?'}: ${words.join(', ')}`;
}

const STATE_TEXT: Record<AttributeState['state'], string> = {
  present: 'registered already',
  added: 'added',
  missing: 'MISSING',
  'wrong-type': 'WRONG TYPE',
};

/** What a person has to remember after any change. */
const REMINDER = 'Workers look only when they start: restart them to have a new attribute used.';

/** What `setup` found and did, for people. */
export function formatSetup(report: SetupReport): Page {
  const { address, namespace, attributes, byHand, removals } = report;
  const rows = attributes.map(
    ({ name, state, type }) =>
      [
        name,
        state === 'wrong-type' ? `${STATE_TEXT[state]}: ${type ?? '?'}` : STATE_TEXT[state],
      ] as const,
  );
  return [
    `Search attributes of namespace ${namespace} on ${address}`,
    fields(...rows),
    linesUnder(
      'Not changed: runs need the type Keyword. Where nothing else uses the attribute, remove it, then run setup again:',
      removals,
    ),
    linesUnder('This server does not let us add them. By hand:', byHand),
    REMINDER,
  ];
}

function linesUnder(title: string, lines: readonly string[]): string | null {
  return lines.length === 0 ? null : [title, ...lines.map((line) => `  ${line}`)].join('\n');
}

/** The commands by hand, for people. */
export function formatSetupCommands({ devServer, selfHosted, cloud }: SetupCommands): Page {
  return [
    linesUnder('Dev server, at its start:', devServer),
    linesUnder(
      'Self-hosted server (the temporal command reads the same TEMPORAL_* variables):',
      selfHosted,
    ),
    linesUnder('Temporal Cloud (the administrator of the namespace):', cloud),
    REMINDER,
  ];
}
