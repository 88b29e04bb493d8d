/** Commands about maintenance runs, for messages and for the Temporal UI. */
import type { MaintenanceInput, MaintenanceWindow } from '../../contract/index.js';
import { command, goalFlags, unresolvedStep } from '../commands.js';
import type { CommandFlags, CommandPlace, Step, UnresolvedPut } from '../commands.js';

/** Subcommands about one maintenance. */
export type MaintenanceVerb =
  | 'progress'
  | 'wait'
  | 'report'
  | 'cancel'
  | 'approve'
  | 'reject'
  | 'pause'
  | 'resume'
  | 'skip'
  | 'abort';

/** A command about a maintenance. */
export interface MaintenanceCommand {
  readonly verb: MaintenanceVerb;
  /** The tail of the workflow id: of a firing, with its nominal time. */
  readonly name: string;
  readonly runId?: string | undefined;
  readonly report?: string | undefined;
}

/** Reasons that hold whoever pastes the command; a better one may be put there. */
const REASONS: Partial<Record<MaintenanceVerb, string>> = {
  reject: 'rejected by hand',
  skip: 'left out by hand',
  abort: 'stopped by hand',
};

/** One command about one maintenance. */
export function maintenanceLine(
  { verb, name, runId, report }: MaintenanceCommand,
  { taskQueue }: CommandPlace = {},
): string {
  const { maintenanceId, firing } = parseMaintenanceName(name);
  const words = ['maintenance', verb, maintenanceId, ...(verb === 'skip' ? ['INSTANCE'] : [])];
  return command(words, { taskQueue }, { firing, run: runId, reason: REASONS[verb], report });
}

/** A firing's nominal time behind an id. Ids have no upper case, so its `T` is unmistakable. */
const FIRING = /^(.*)-(\d{4}-\d{2}-\d{2}T[0-9:.]+Z)$/;

/** What the tail of a maintenance's workflow id names. */
export function parseMaintenanceName(name: string): {
  readonly maintenanceId: string;
  readonly firing?: string;
} {
  const [, maintenanceId, firing] = FIRING.exec(name) ?? [];
  return maintenanceId === undefined || firing === undefined
    ? { maintenanceId: name }
    : { maintenanceId, firing };
}

/** The command that does what an ended maintenance left undone. */
export function remainderLine(name: string, { taskQueue }: CommandPlace = {}): string {
  return command(['maintenance', 'start'], { taskQueue }, { 'rest-of': name });
}

/** A switchover of a maintenance that is unresolved. */
export type UnresolvedLeg = Pick<UnresolvedPut, 'runId' | 'cause'> & {
  readonly instanceId: string;
};

/**
 * The one command that comes first where instances are unresolved: of several it names each with its own.
 *
 * @param count how many there are, if more than these switchovers have left so
 */
export function unresolvedLegsStep(
  legs: readonly UnresolvedLeg[],
  place: CommandPlace,
  count = legs.length,
): Step | null {
  const [first] = legs;
  if (count === 0) return null;
  if (count === 1 && first !== undefined)
    return unresolvedStep({ ...place, instanceId: first.instanceId }, first);
  return { purpose: 'Find out', command: command(['list'], place, { unresolved: true }) };
}

/** The command that starts a maintenance with this input, every field as a flag but who asks: whoever runs it. */
export function startLine(input: MaintenanceInput, place: CommandPlace = {}): string {
  return inputLine('start', input, place);
}

/** The command that looks what a maintenance with this input would do, and starts nothing. */
export function planCommandLine(input: MaintenanceInput, place: CommandPlace): string {
  return inputLine('plan', input, place);
}

function inputLine(
  verb: 'start' | 'plan',
  input: MaintenanceInput,
  { taskQueue }: CommandPlace,
): string {
  const { maintenanceId, projectId } = input;
  return command(['maintenance', verb, maintenanceId], { projectId, taskQueue }, toFlags(input));
}

function toFlags(input: MaintenanceInput): CommandFlags {
  const { selector, returnLeg, hooks, target, toggle } = input;
  return {
    instance: input.instanceIds,
    tag: pairs(selector?.tags),
    name: selector?.namePattern,
    'master-az': selector?.masterAvailabilityZone,
    'allow-empty': input.allowEmpty,
    ...goalFlags({ target: target ?? null, toggle: toggle ?? false }),
    ...windowFlags(input.window),
    again: input.again,
    'within-instance-window': input.withinInstanceWindow,
    'require-approval': input.requireApproval,
    'max-concurrent': input.maxConcurrent,
    canary: input.canaryCount,
    'max-failures': input.maxFailures,
    'expected-duration': input.expectedDurationSeconds,
    'compensation-reserve': input.compensationReserveSeconds,
    soak: returnLeg?.soakSeconds,
    'return-within': returnLeg?.withinSeconds,
    compensation: input.compensation,
    probe: input.probe,
    timing: pairs(input.timing),
    'hook-queue': hooks?.taskQueue,
    'hook-before': hooks?.before,
    'hook-after': hooks?.after,
    'hook-timeout': hooks?.timeoutSeconds,
    region: input.region,
    reason: input.reason,
    'change-id': input.changeId,
  };
}

function windowFlags(window: MaintenanceWindow): CommandFlags {
  if ('closesAt' in window) return { 'opens-at': window.opensAt, 'closes-at': window.closesAt };
  const { start, end, timeZone, daysOfWeek, dates, blackoutDates } = window;
  return {
    window: `${start}-${end}`,
    'time-zone': timeZone,
    days: list(daysOfWeek),
    dates: list(dates),
    blackout: list(blackoutDates),
  };
}

function list(items: readonly string[] | null | undefined): string | null {
  return items === null || items === undefined || items.length === 0 ? null : items.join(',');
}

function pairs(fields: Readonly<Record<string, unknown>> | null | undefined): string[] {
  return Object.entries(fields ?? {})
    .filter(([, value]) => value !== null && value !== undefined)
    .map(([name, value]) => `${name}=${String(value)}`);
}
