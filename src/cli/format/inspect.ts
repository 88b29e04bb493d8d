import type { InspectReport } from '../../doctor/index.js';

import { formatRoles } from './roles.js';
import { formatFields, formatTable } from './text.js';
import { formatSeconds } from './time.js';

/** An instance as the API shows it, for people. */
export function formatInspection(report: InspectReport): string {
  const { roles, tasks } = report;
  const sections = [
    formatHead(report),
    roles === null ? null : formatRoles(roles),
    tasks === null ? null : formatTasks(tasks),
    ...report.jobs.map(formatJob),
  ];
  return sections.filter((section) => section !== null).join('\n\n');
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
    createdAtMs === null ? '-' : new Date(createdAtMs).toISOString(),
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
    ...(beginTimeMs === null ? [] : [`begun ${new Date(beginTimeMs).toISOString()}`]),
    ...(took === null || took < 0 ? [] : [`took ${formatSeconds(took)}`]),
    ...(failReason === null ? [] : [`reason: ${failReason}`]),
  ];
  return `job ${jobId ?? '?'}: ${words.join(', ')}`;
}
