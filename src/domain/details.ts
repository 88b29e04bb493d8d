import { isExaminingMode } from '../contract/index.js';
import type {
  DataPlaneReport,
  Evidence,
  InstanceRef,
  Mode,
  Phase,
  RolesSnapshot,
  SwitchoverStatus,
} from '../contract/index.js';
import { iso } from '../util.js';

import {
  codeBlock,
  commandsAsCode,
  instanceCommand,
  runCommand,
  UNRESOLVED_WARNING,
  unresolvedSteps,
} from './commands.js';
import type { CommandTarget } from './commands.js';
import { dataPlaneFacts } from './data-plane-text.js';
import { allNodes } from './identity.js';
import { mayHaveStarted } from './message-facts.js';
import type { RunState } from './run-state.js';
import { plainMarkdown } from './text.js';

/** How many of the last evidence lines the UI shows. */
const SHOWN_EVIDENCE = 8;

/** The run that the details are about, once its input has been validated. */
export interface DetailedRun extends InstanceRef, Pick<CommandTarget, 'taskQueue'> {
  readonly mode: Mode;
  readonly runId: string;
}

/** The answer of the query `status`. */
export function toStatus(state: RunState): SwitchoverStatus {
  const { step, outcome, instanceName, lockedUntil, before, after, dataPlane } = state;
  const { swapsSent, swapsPossiblySent, jobIds } = state;
  return {
    phase: step.phase,
    ...(outcome === null ? {} : { outcome }),
    ...(instanceName === null ? {} : { instanceName }),
    since: iso(step.sinceMs),
    next: step.next,
    ...(lockedUntil === null ? {} : { lockedUntil }),
    ...{ swapsSent, swapsPossiblySent, jobIds },
    ...(before === null ? {} : { before }),
    ...(after === null ? {} : { after }),
    // Before that it is not known what will have been measured.
    ...(outcome === null || dataPlane === null ? {} : { dataPlane }),
  };
}

/** The run as Markdown for the "current details" of the Temporal UI. */
export function toMarkdown(
  status: SwitchoverStatus,
  evidence: readonly Evidence[],
  warnings: readonly string[],
  run: DetailedRun | null = null,
): string {
  const { phase, outcome, instanceName, since, next, jobIds, before, after, dataPlane } = status;
  return [
    `**${outcome ?? phase}** since ${since}`,
    ...(instanceName === undefined ? [] : [`**Instance:** ${plainMarkdown(instanceName)}`]),
    `**Next:** ${commandsAsCode(next)}`,
    `**PUTs sent:** ${countPuts(status)}${jobIds.length === 0 ? '' : ` · **jobs:** ${jobIds.join(', ')}`}`,
    `**You may:** ${advise(phase, run)}`,
    ...commands(status, run),
    ...section('Before', before),
    ...section('Now', after),
    ...list('As Redis shows it', dataPlane === undefined ? [] : describeFacts(dataPlane)),
    ...list('Warnings', warnings),
    ...list(
      'Seen and done',
      evidence.slice(-SHOWN_EVIDENCE).map(({ at, what }) => `${at} ${what}`),
    ),
  ].join('\n\n');
}

/** `1`, or `1 (1 of them possibly)`. */
function countPuts({ swapsSent, swapsPossiblySent = 0 }: SwitchoverStatus): string {
  return `${swapsSent}${swapsPossiblySent === 0 ? '' : ` (${swapsPossiblySent} of them possibly)`}`;
}

const AFTER_THE_PUT =
  'wait. A cancellation is too late: the PUT cannot be taken back, so the run finishes and ends with the verified outcome. Never Terminate or Reset it.';

/** What a person may do now, by phase. */
const ADVICE: Readonly<Record<Phase, string>> = {
  PREFLIGHT: 'cancel: nothing has been sent.',
  SWAPPING:
    'cancel until the PUT passes its fence: then nothing is sent; afterwards the run finishes. Never Terminate or Reset it.',
  AWAITING_JOB: AFTER_THE_PUT,
  VERIFYING: AFTER_THE_PUT,
  RECONCILING: AFTER_THE_PUT,
  COMPENSATING: AFTER_THE_PUT,
  HOLDING:
    'look at the instance, and do not switch it by other means. The lock is kept on purpose: never Terminate the run to get rid of it.',
  ENDED: 'act on the message of the result.',
};

function advise(phase: Phase, run: DetailedRun | null): string {
  const isExamining = run !== null && isExaminingMode(run.mode);
  return isExamining && phase !== 'ENDED'
    ? 'cancel at any time: this run only reads.'
    : ADVICE[phase];
}

/** Commands to copy; none before the ids in them are known to be ids. */
function commands(status: SwitchoverStatus, run: DetailedRun | null): string[] {
  if (run === null) return [];
  const { phase } = status;
  const look = runCommand('status', run);
  if (phase === 'HOLDING') return [codeBlock([look]), ...afterwards(run, status)];
  if (phase === 'ENDED') return [codeBlock([instanceCommand('history', run)])];
  return [codeBlock([look, runCommand('cancel', run)])];
}

/** Each command as code: in a sentence the UI would turn its `--` into a dash. */
function afterwards(run: DetailedRun, status: SwitchoverStatus): string[] {
  const { jobIds } = status;
  const mayHaveJob = mayHaveStarted({ ...status, swapsAccepted: jobIds.length });
  const steps = unresolvedSteps(run, { runId: run.runId, jobIds, mayHaveJob, cause: null });
  return [
    `**Once it has ended:** ${UNRESOLVED_WARNING}`,
    ...steps.flatMap(({ purpose, command }) => [`${purpose}:`, codeBlock([command])]),
  ];
}

/** A list, because the UI sets the cells of a table without any room between them. */
function section(title: string, roles: RolesSnapshot | undefined): string[] {
  if (roles === undefined) return [];
  const rows = allNodes(roles).map(
    ({ role, nodeId, availabilityZone, status }) =>
      `**${role}** \`${nodeId ?? '–'}\` in ${availabilityZone ?? '–'}, ${status ?? 'no status reported'}`,
  );
  return list(title, rows);
}

function describeFacts(report: DataPlaneReport): string[] {
  return dataPlaneFacts(report).map(([about, text]) => `**${about}** ${plainMarkdown(text)}`);
}

function list(title: string, items: readonly string[]): string[] {
  return items.length === 0
    ? []
    : [`**${title}**\n\n${items.map((item) => `- ${commandsAsCode(item)}`).join('\n')}`];
}
