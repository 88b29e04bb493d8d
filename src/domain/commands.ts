/**
 * Commands that a person can paste into a shell as they are printed, and the texts that they stand in.
 * Every command line of the project is made here: quoted, with project and task queue, on a line of its own.
 *
 * Neither address nor namespace of Temporal stands in a command: both come from the environment or the
 * Temporal configuration file of whoever runs it, together with the credentials.
 */
import { DEFAULT_TASK_QUEUE, DEFAULT_TIMING } from '../contract/index.js';
import type { InstanceRef, Mode, SwitchoverRequest, Target, Timing } from '../contract/index.js';

import { mayReadingHelp } from './causes.js';

const PROGRAM = 'dcs-switchover';

/** What stands before a command on its line. */
const INDENT = '  ';

/** Where a command acts. */
export interface CommandPlace {
  readonly projectId?: string | null | undefined;
  /** Named in the command only where it is not the default. */
  readonly taskQueue?: string | null | undefined;
}

/** An instance, and the task queue of the workers that serve it. */
export type CommandTarget = Pick<InstanceRef, 'instanceId'> & CommandPlace;

/** Flags without their hyphens: `true` for one without a value; absent ones are left out. */
export type CommandFlags = Readonly<
  Record<string, string | number | boolean | readonly string[] | null | undefined>
>;

/** Commands that ask first. A printed one must run as it is pasted, without a terminal as well: it says yes itself. */
const ASKING = /^(?:freeze|maintenance (?:abort|cancel)|schedule (?:backfill|delete))(?: |$)/;

/**
 * One command line, quoted for a POSIX shell. Give a text that contains it by {@link withCommands}.
 *
 * @param words command and arguments, such as `['schedule', 'resume', id]`
 */
export function command(
  words: readonly string[],
  { projectId, taskQueue }: CommandPlace = {},
  flags: CommandFlags = {},
): string {
  const yes = ASKING.test(words.join(' '));
  const queue = taskQueue === DEFAULT_TASK_QUEUE ? null : taskQueue;
  const all = { project: projectId, ...flags, yes, 'task-queue': queue };
  return [PROGRAM, ...words.map(shellWord), ...Object.entries(all).flatMap(toFlag)].join(' ');
}

function toFlag([name, value]: readonly [string, CommandFlags[string]]): string[] {
  if (value === null || value === undefined || value === false) return [];
  if (value === true) return [`--${name}`];
  if (typeof value === 'object') return value.flatMap((item) => toFlag([name, item]));
  const word = shellWord(String(value));
  // Quoted or not: a value that begins like an option must not be taken for one.
  return [String(value).startsWith('-') ? `--${name}=${word}` : `--${name} ${word}`];
}

/** A word as a POSIX shell takes it. Control characters become spaces: a command is one line, and a terminal must not obey it. */
export function shellWord(word: string): string {
  const line = word.replace(/\p{Cc}+/gu, ' ');
  return /^[\w%+:,./@-][\w%+:,./@=-]*$/.test(line) ? line : `'${line.replaceAll("'", `'\\''`)}'`;
}

/** A command about one instance. */
export function instanceCommand(verb: string, target: CommandTarget, flags?: CommandFlags): string {
  return command([verb, target.instanceId], target, flags);
}

/** A command about one run: the latest of the instance, unless its id is given. */
export function runCommand(
  verb: 'status' | 'wait' | 'cancel',
  run: CommandTarget & { readonly mode?: Mode | undefined; readonly runId?: string | undefined },
): string {
  return instanceCommand(verb, run, { plan: run.mode === 'plan', run: run.runId });
}

/** What makes a namespace that Temporal does not know: Temporal's own command line does. */
export function createNamespaceCommand(namespace: string): string {
  return `temporal operator namespace create --namespace ${shellWord(namespace)}`;
}

/** What says where the master should go, as flags. */
export function goalFlags({ target, expectedMasterNodeId, toggle }: Partial<Goal>): CommandFlags {
  return {
    ...targetFlags(target ?? null),
    'expect-master': expectedMasterNodeId,
    toggle,
  };
}

function targetFlags(target: Target | null): CommandFlags {
  if (target === null) return {};
  if ('availabilityZone' in target) return { 'to-az': target.availabilityZone };
  if ('nodeId' in target) return { 'to-node': target.nodeId };
  return { 'avoid-az': target.avoidAvailabilityZone };
}

/** The fields that say where the master should go. */
type Goal = Pick<SwitchoverRequest, 'target' | 'expectedMasterNodeId' | 'toggle'>;

/** What else a command carries on, so that the same is asked for again. */
type Terms = Pick<SwitchoverRequest, 'compensation' | 'reissue' | 'probe' | 'timing'>;

/** What is asked of an instance; whatever is absent is left out of the command. */
export type CommandRequest = CommandTarget &
  Partial<Goal> &
  Partial<Terms> &
  Partial<Pick<SwitchoverRequest, 'changeId' | 'reason'>>;

/** The command that looks whether a switchover to the same goal would be allowed now. */
export function planCommand(request: CommandRequest): string {
  return instanceCommand('plan', request, { ...goalFlags(request), ...termFlags(request) });
}

/**
 * The command that asks for the same switchover again, with the goal, change and reason of the request.
 * Its `requestId` is left out, because new work needs a new one; so is `notAfter`, which may be over.
 */
export function switchCommand(request: CommandRequest): string {
  const { changeId, reason } = request;
  return instanceCommand('switch', request, {
    ...goalFlags(request),
    ...termFlags(request),
    'change-id': changeId,
    reason,
  });
}

/** What differs from the defaults. */
function termFlags(terms: Partial<Terms>): CommandFlags {
  const { compensation, reissue, probe, timing = DEFAULT_TIMING } = terms;
  const own = Object.entries(DEFAULT_TIMING).flatMap(([name, seconds]) => {
    const asked = timing[name as keyof Timing];
    return asked === seconds ? [] : [`${name}=${asked}`];
  });
  return {
    compensation: compensation === 'swap-back' ? null : compensation,
    reissue: reissue === 'never' ? null : reissue,
    probe: probe === 'off' ? null : probe,
    timing: own,
  };
}

/** The command that starts a worker on a task queue, whatever queue the environment names. */
export function workerCommand(taskQueue: string): string {
  return `${PROGRAM} worker --task-queue ${shellWord(taskQueue)}`;
}

/** The command that finds out, by reading, what a run did. */
export function verifyCommand(target: CommandTarget, runId: string): string {
  return instanceCommand('verify', target, { 'examined-run': runId });
}

/** The command that waits for a job and then finds out what it did. */
export function adoptCommand(target: CommandTarget, runId: string, jobId = 'JOB_ID'): string {
  return instanceCommand('adopt', target, { job: jobId, 'examined-run': runId });
}

/** The command that records what a person knows. */
export function resolveCommand(target: CommandTarget, outcome = 'OUTCOME'): string {
  return instanceCommand('resolve', target, { outcome, statement: 'STATEMENT', by: 'NAME' });
}

/** A sentence that leads to commands, each on a line of its own. */
export function withCommands(purpose: string, ...commands: readonly string[]): string {
  return [`${purpose}:`, ...commands.map((line) => `${INDENT}${line}`)].join('\n');
}

/**
 * One text of sentences and {@link withCommands}s: sentences share a line, each step begins a new one, and what
 * follows a command does so, too.
 */
export function joinText(parts: readonly string[]): string {
  return parts
    .filter((part) => part !== '')
    .reduce((text, part) => {
      if (text === '') return part;
      const mustBreak = part.includes('\n') || isCommandLine(lastLine(text));
      return `${text}${mustBreak ? '\n' : ' '}${part}`;
    }, '');
}

/** A text that was not written here as a sentence: with one full stop, and none behind a command. */
export function asSentence(text: string): string {
  return /[.!?…]$/.test(text) || isCommandLine(lastLine(text)) ? text : `${text}.`;
}

/** A text without its commands and what leads to them, for places that have only one line. */
export function withoutCommands(text: string): string {
  const lines = text.split('\n');
  const isLead = (line: string, at: number): boolean =>
    line.endsWith(':') && isCommandLine(lines[at + 1] ?? '');
  const kept = lines.filter((line, at) => !isCommandLine(line) && !isLead(line, at));
  return kept.join(' ').trim();
}

/** The commands of a text, as printed. */
export function commandsOf(text: string): string[] {
  return text
    .split('\n')
    .filter(isCommandLine)
    .map((line) => line.trim());
}

/** A text as Markdown: in a sentence the UI would turn the `--` of a command into a dash. */
export function commandsAsCode(text: string): string {
  return text
    .split('\n')
    .map((line) => (isCommandLine(line) ? `${INDENT}${inlineCode(line.trim())}` : line))
    .join('\n');
}

/** A command as inline code of Markdown. */
export function inlineCode(line: string): string {
  return line.includes('`') ? `\`\` ${line} \`\`` : `\`${line}\``;
}

/** Commands as a block of code of Markdown. */
export function codeBlock(lines: readonly string[]): string {
  return `\`\`\`sh\n${lines.join('\n')}\n\`\`\``;
}

function isCommandLine(line: string): boolean {
  return line.startsWith(`${INDENT}${PROGRAM} `);
}

function lastLine(text: string): string {
  return text.slice(text.lastIndexOf('\n') + 1);
}

/** A command, and what it is for. */
export interface Step {
  readonly purpose: string;
  readonly command: string;
}

/** What not to do while a run is unresolved. */
export const UNRESOLVED_WARNING = 'Do not switch again before you know.';

/** What each outcome of a {@link resolveCommand} states. */
const OUTCOME_MEANS =
  'OUTCOME is SUCCEEDED if its swap moved the master, FAILED_UNCHANGED if none did, COMPENSATED if it was swapped back';

/** What leads to {@link resolveCommand}. */
const RESOLVE_PURPOSE = `If that stays UNKNOWN, record what you found (${OUTCOME_MEANS})`;

/** What leads to it where reading again does not help. */
const LASTING_PURPOSE =
  'Reading again will say the same. Find out in the console who swapped and where the master should be, ' +
  `then record it (${OUTCOME_MEANS})`;

/** What is known of an unresolved run. */
export interface UnresolvedPut {
  readonly runId: string;
  readonly jobIds: readonly string[];
  /** Whether a PUT of it may have started a job: without one there is none to wait for. */
  readonly mayHaveJob: boolean;
  /** Why it is unresolved; `null` where that is not known. */
  readonly cause: string | null;
  /** Whether someone has looked already, in vain. */
  readonly wasExamined?: boolean;
}

/** The first of {@link unresolvedSteps}. */
export function unresolvedStep(
  target: CommandTarget,
  { runId, cause, wasExamined = false }: Pick<UnresolvedPut, 'runId' | 'cause' | 'wasExamined'>,
): Step {
  if (!mayReadingHelp(cause)) return { purpose: LASTING_PURPOSE, command: resolveCommand(target) };
  const purpose = wasExamined ? 'Look again later' : 'Find out';
  return { purpose, command: verifyCommand(target, runId) };
}

/** What to do about an unresolved run, in this order: find out by reading, then by its job, then by hand. */
export function unresolvedSteps(target: CommandTarget, uncertainty: UnresolvedPut): Step[] {
  const { runId, mayHaveJob, cause } = uncertainty;
  const first = unresolvedStep(target, uncertainty);
  if (!mayReadingHelp(cause)) return [first];
  const jobId = uncertainty.jobIds.at(-1);
  const search = 'If you find its job in the console';
  const purpose = jobId === undefined ? search : 'If its job still runs, wait for it';
  const adopt = { purpose, command: adoptCommand(target, runId, jobId) };
  return [
    first,
    ...(mayHaveJob ? [adopt] : []),
    { purpose: RESOLVE_PURPOSE, command: resolveCommand(target) },
  ];
}

/** The same as parts of a text for {@link joinText}. */
export function unresolvedCommands(target: CommandTarget, uncertainty: UnresolvedPut): string[] {
  const steps = unresolvedSteps(target, uncertainty);
  return [UNRESOLVED_WARNING, ...steps.map((step) => withCommands(step.purpose, step.command))];
}
