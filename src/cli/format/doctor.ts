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
import { formatFields, formatSeconds, formatTable, joinSections } from './text.js';

/** Words of a status; a failure stands out without colours. */
const LABELS: Record<CheckStatus, string> = { ok: 'ok', warn: 'warn', fail: 'FAIL', skip: 'skip' };

/** Width of the longest status and of the longest id. */
const STATUS_WIDTH = 4;
const ID_WIDTH = 18;

/** The doctor's report for people. */
export function formatDoctor(report: DoctorReport): string {
  const { checks, fixes, unknowable } = report;
  const projectIds = [...new Set(checks.map(({ projectId }) => projectId))];
  const sections = projectIds.map((projectId) => formatSection(projectId, checks));
  const steps = fixes.map((fix, index) => `  ${index + 1}. ${fix}`);
  return [
    ...sections,
    fixes.length === 0 ? 'Nothing to fix.' : ['Fix, in this order:', ...steps].join('\n'),
    ['What cannot be known before the PUT:', ...unknowable.map((text) => `  - ${text}`)].join('\n'),
  ].join('\n\n');
}

function formatSection(projectId: string | null, checks: readonly DoctorCheck[]): string {
  const lines = checks.filter((check) => check.projectId === projectId).map(formatCheck);
  return [projectId === null ? 'Environment and Temporal' : `Project ${projectId}`, ...lines].join(
    '\n',
  );
}

function formatCheck({ id, status, found }: DoctorCheck): string {
  const text = status === 'skip' ? `(${found})` : found;
  return `  ${LABELS[status].padEnd(STATUS_WIDTH)}  ${id.padEnd(ID_WIDTH)}  ${oneLine(text)}`;
}

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
export function formatInspection(report: InspectReport): string {
  const { roles, tasks } = report;
  return joinSections(
    formatHead(report),
    roles === null ? null : formatRoles(roles),
    tasks === null ? null : formatTasks(tasks),
    ...report.jobs.map(formatJob),
  );
}

function formatHead({ instanceId, projectId, region, observedAt, instance }: InspectReport) {
  const product = [instance?.engine, instance?.engineVersion, instance?.cacheMode]
    .filter(Boolean)
    .join(' ');
  const state =
    instance === null
      ? 'could not be read'
      : [instance.status ?? '?', instance.busyWith ?? 'idle'].join(', ');
  return formatFields([
    ['instance', [instanceId, instance?.name].filter(Boolean).join(' ')],
    ['project', `${projectId}, region ${region}`],
    ['product', product === '' ? null : product],
    ['state', state],
    ['maintenance', windowOf(instance)],
    ['observed', observedAt],
  ]);
}

function windowOf(instance: InspectReport['instance']): string | null {
  const { maintainBegin = null, maintainEnd = null } = instance ?? {};
  return maintainBegin === null || maintainEnd === null
    ? null
    : `${maintainBegin} to ${maintainEnd} UTC, the vendor’s own window`;
}

function formatTasks(tasks: NonNullable<InspectReport['tasks']>): string {
  if (tasks.length === 0) return 'No tasks are listed.';
  const rows = tasks.map(({ createdAtMs, name, status, isRunning, userName, id, jobId }) => [
    createdAtMs === null ? '-' : iso(createdAtMs),
    name ?? '-',
    `${status ?? '?'}${isRunning ? ' (running)' : ''}`,
    userName ?? '-',
    id,
    jobId ?? '-',
  ]);
  return formatTable([['STARTED', 'TASK', 'STATUS', 'USER', 'ID', 'JOB'], ...rows]);
}

function formatJob({
  jobId,
  jobType,
  status,
  beginTimeMs,
  endTimeMs,
  failReason,
}: InspectReport['jobs'][number]) {
  const took = beginTimeMs === null || endTimeMs === null ? null : endTimeMs - beginTimeMs;
  const words = [
    jobType ?? 'of an unknown type',
    status ?? 'without a status',
    ...(beginTimeMs === null ? [] : [`begun ${iso(beginTimeMs)}`]),
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
export function formatSetup(report: SetupReport): string {
  const { address, namespace, attributes, byHand } = report;
  const rows = attributes.map(
    ({ name, state, type }) =>
      [
        name,
        state === 'wrong-type' ? `${STATE_TEXT[state]}: ${type ?? '?'}` : STATE_TEXT[state],
      ] as const,
  );
  return [
    `Search attributes of namespace ${namespace} on ${address}`,
    formatFields(rows),
    ...formatRemedy(report),
    ...(byHand.length === 0
      ? []
      : ['This server does not let us add them. By hand:', ...byHand.map((line) => `  ${line}`)]),
    REMINDER,
  ].join('\n');
}

function formatRemedy({ removals }: SetupReport): string[] {
  if (removals.length === 0) return [];
  return [
    'Not changed: runs need the type Keyword. Where nothing else uses the attribute, remove it, then run setup again:',
    ...removals.map((command) => `  ${command}`),
  ];
}

/** The commands by hand, for people. */
export function formatSetupCommands({ devServer, selfHosted, cloud }: SetupCommands): string {
  const section = (title: string, lines: readonly string[]): string =>
    [title, ...lines.map((line) => `  ${line}`)].join('\n');
  return [
    section('Dev server, at its start:', devServer),
    section(
      'Self-hosted server (the temporal command reads the same TEMPORAL_* variables):',
      selfHosted,
    ),
    section('Temporal Cloud (the administrator of the namespace):', cloud),
    REMINDER,
  ].join('\n\n');
}
