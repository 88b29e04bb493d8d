/** An instance as the API shows it now, without Temporal. */
import { toBusyWith, toRolesSnapshot } from '../activities/clock.js';
import { ConfigurationError, loadWorkerConfig } from '../config/index.js';
import type { ProjectConfig } from '../config/index.js';
import { EXIT_CODES } from '../contract/index.js';
import type { RolesSnapshot } from '../contract/index.js';
import type { InstanceDetails, JobInfo, NodeInfo, TaskInfo } from '../dcs/index.js';
import { isUnfinished } from '../domain/tasks.js';
import { timeoutSignal } from '../util.js';

import { exitCodeOf } from './check.js';
import type { CheckFinding } from './check.js';
import { isAuthenticationFailure, isOutOfReach, judgeRead } from './judge-read.js';
import { describeNotConfigured, openProject, projectsNamed } from './open-project.js';
import type { DcsReader } from './open-project.js';
import { checkCredential } from './project.js';
import { READ_DEADLINE_MS, READ_RULES, readAll } from './readings.js';
import type { DoctorReadings, ReadName } from './readings.js';

// Readings of an instance, put together for people.

/** Tasks that are shown; older ones say little about now. */
const MAX_TASKS = 10;

/** What the readings show; `null`: not read. */
interface InspectView {
  readonly instance: (InstanceDetails & { readonly busyWith: string | null }) | null;
  readonly roles: RolesSnapshot | null;
  /** Latest first. */
  readonly tasks: readonly (TaskInfo & { readonly isRunning: boolean })[] | null;
  readonly jobs: readonly JobInfo[];
}

/** Of several readings of one kind the first that was answered counts. */
function toView(all: readonly DoctorReadings[]): InspectView {
  const instance = firstOf(all, ({ showInstance }) => showInstance?.value);
  const nodes = nodesOf(all);
  return {
    instance: instance === null ? null : { ...instance, busyWith: toBusyWith(instance) },
    roles: nodes === null ? null : toRolesSnapshot(nodes),
    tasks: latestFirst(firstOf(all, ({ listTasks }) => listTasks?.value)),
    jobs: all.flatMap(({ showJob }) => showJob?.value ?? []),
  };
}

/** The nodes by `logical-nodes`, which shows priorities, else by `groups`. */
function nodesOf(all: readonly DoctorReadings[]): readonly NodeInfo[] | null {
  return (
    firstOf(all, ({ listNodes }) => listNodes?.value) ??
    firstOf(all, ({ listGroups }) => listGroups?.value)
  );
}

function firstOf<T>(
  all: readonly DoctorReadings[],
  pick: (readings: DoctorReadings) => T | null | undefined,
): T | null {
  return all.map(pick).find((value) => value !== null && value !== undefined) ?? null;
}

function latestFirst(tasks: readonly TaskInfo[] | null): InspectView['tasks'] {
  if (tasks === null) return null;
  return tasks
    .toSorted((a, b) => (b.createdAtMs ?? 0) - (a.createdAtMs ?? 0))
    .slice(0, MAX_TASKS)
    .map((task) => ({ ...task, isRunning: isUnfinished(task) }));
}

/** Longest time for all readings together, in milliseconds. */
const INSPECT_DEADLINE_MS = 40_000;

/** Jobs of running tasks that are looked up; more than one at a time is not documented. */
const MAX_JOBS = 3;

/** What to look at. */
export interface InspectOptions {
  readonly env: NodeJS.ProcessEnv;
  readonly instanceId: string;
  /** `null`: the only configured project. */
  readonly projectId: string | null;
  /** A job to look up beside those of running tasks. */
  readonly jobId: string | null;
}

/** The instance as it is now; what could not be read is `null` and named in `problems`. */
export interface InspectReport extends InspectView {
  readonly projectId: string;
  readonly region: string;
  readonly instanceId: string;
  readonly observedAt: string;
  readonly problems: readonly { readonly what: string; readonly fix: string | null }[];
  readonly exitCode: number;
}

/**
 * Reads instance, roles, tasks and the jobs of running tasks. Sends nothing.
 *
 * @throws ConfigurationError, DcsConfigurationError
 */
export async function inspectInstance(options: InspectOptions): Promise<InspectReport> {
  const config = loadWorkerConfig(options.env);
  const project = chooseProject(config.projects, options.projectId);
  const { projectId, region } = project;
  const opened = openProject(project, config, options.env);
  const credential = await checkCredential(opened);
  const isAllowed = credential.status === 'ok';
  const seen = isAllowed
    ? await look(opened.reader, options, project)
    : { findings: [], readings: [] };
  const failures = [credential, ...seen.findings].filter(({ status }) => status !== 'ok');
  return {
    ...{ projectId, region, instanceId: options.instanceId },
    observedAt: new Date().toISOString(),
    ...toView(seen.readings),
    problems: failures.map(({ id, found, fix }) => ({ what: `${id}: ${found}`, fix })),
    exitCode: failures.length === 0 ? EXIT_CODES.success : exitCodeOf(failures) || EXIT_CODES.other,
  };
}

/** The project that is meant. @throws ConfigurationError where none or several may be */
export function chooseProject(
  projects: readonly ProjectConfig[],
  projectId: string | null,
): ProjectConfig {
  const [first, ...others] = projectsNamed(projects, projectId);
  if (first === undefined)
    throw new ConfigurationError([describeNotConfigured(projectId, projects)]);
  if (others.length > 0)
    throw new ConfigurationError(['several projects are configured: name one with --project']);
  return first;
}

interface InspectedTasks {
  readonly readings: readonly DoctorReadings[];
  readonly findings: readonly CheckFinding[];
}

/** Instance, roles and tasks first; then the jobs of running tasks. */
async function look(
  reader: DcsReader,
  { instanceId, jobId }: InspectOptions,
  project: ProjectConfig,
): Promise<InspectedTasks> {
  const signal = timeoutSignal(INSPECT_DEADLINE_MS);
  const read = async (reads: readonly ReadName[], job: string | null): Promise<DoctorReadings> =>
    readAll(reader, { instanceId, jobId: job }, { reads, stopsAt: isHopeless, signal });
  const main = await read(['showInstance', 'listNodes', 'listTasks'], null);
  if (isStopped(main)) return { readings: [main], findings: judge([main], project) };
  const needsGroups = nodesOf([main]) === null;
  const groups = needsGroups ? [await read(['listGroups'], null)] : [];
  const jobs: DoctorReadings[] = [];
  const running = (main.listTasks?.value ?? []).filter(isUnfinished).slice(0, MAX_JOBS);
  const found = await jobIdsOf(running, (query) => askCentre(reader, { ...query, signal }));
  for (const id of new Set([...(jobId === null ? [] : [jobId]), ...found]))
    jobs.push(await read(['showJob'], id));
  const readings = [main, ...groups, ...jobs];
  return { readings, findings: judge(readings, project) };
}

function isHopeless(error: unknown): boolean {
  return isAuthenticationFailure(error) || isOutOfReach(error);
}

function isStopped(readings: DoctorReadings): boolean {
  return READ_RULES.some(({ read }) => isHopeless(readings[read]?.error ?? null));
}

interface Since {
  readonly sinceMs: number | null;
}

/** The jobs of tasks: by the rows, else by the task centre, which names a job for each of its rows. */
async function jobIdsOf(
  tasks: readonly TaskInfo[],
  readCentre: (query: Since) => Promise<readonly TaskInfo[]>,
): Promise<string[]> {
  const silent = tasks.filter(({ jobId }) => jobId === null);
  const [begunMs = null] = silent.map(({ createdAtMs }) => createdAtMs).sort(earliestFirst);
  const centre = silent.length === 0 ? [] : await readCentre({ sinceMs: begunMs });
  const jobOf = ({ id, jobId }: TaskInfo): string | null =>
    jobId ?? centre.find((row) => row.id === id)?.jobId ?? null;
  return tasks.map(jobOf).filter((id) => id !== null);
}

/** One that does not show when it began may be the earliest. */
const earliestFirst = (a: number | null, b: number | null): number => (a ?? 0) - (b ?? 0);

/** What the task centre does not say, perhaps because a permission is missing, is no problem: the task itself is shown. */
async function askCentre(
  reader: DcsReader,
  { sinceMs, signal }: Since & { readonly signal: AbortSignal },
): Promise<readonly TaskInfo[]> {
  const either = AbortSignal.any([signal, timeoutSignal(READ_DEADLINE_MS)]);
  try {
    return (await reader.listCenterTasks({ sinceMs, signal: either })).value;
  } catch {
    return [];
  }
}

/** What went wrong. That `logical-nodes` does not answer is none where `groups` does. */
function judge(
  all: readonly DoctorReadings[],
  { endpoint, projectId }: ProjectConfig,
): CheckFinding[] {
  const hasRoles = nodesOf(all) !== null;
  return all.flatMap((readings) =>
    READ_RULES.flatMap((rule) => {
      const result = readings[rule.read];
      const isCovered = hasRoles && (rule.read === 'listNodes' || rule.read === 'listGroups');
      if (result === undefined || isCovered) return [];
      return [judgeRead({ rule, isAbsentId: false, endpoint, projectId }, result)];
    }),
  );
}
