import type { Command } from 'commander';

import { DAYS_OF_WEEK } from '../../contract/index.js';
import type { MaintenanceInput } from '../../contract/index.js';
import { isRecord } from '../../util.js';
import type { CliIo } from '../io.js';
import { findProject } from '../options.js';
import { collectTiming, numberOrText, toTarget } from '../switch-input.js';

/** Fields of an input that comes from a file, or from an earlier maintenance. */
export type InputDraft = Readonly<Record<string, unknown>>;

/**
 * The input of a maintenance: the fields of the draft, and over them what the options say. Maps one to one; the
 * contract's own validation comes later.
 *
 * @param maintenanceId `undefined`: the draft names it
 */
export function toMaintenanceInput(
  io: CliIo,
  maintenanceId: string | undefined,
  options: MaintenanceOptions,
  draft: InputDraft = {},
): MaintenanceInput {
  const id = maintenanceId ?? draft['maintenanceId'];
  const input = withoutAbsent({
    ...draft,
    ...withoutAbsent(fieldsOf(options, draft)),
    maintenanceId: id,
    projectId: options.project ?? draft['projectId'] ?? findProject(io, options),
    requestedBy: options.requestedBy ?? draft['requestedBy'] ?? io.userName() ?? undefined,
  });
  return input as unknown as MaintenanceInput;
}

/** What the options say, field by field; objects are laid over those of the draft. */
function fieldsOf(options: MaintenanceOptions, draft: InputDraft): InputDraft {
  const { toggle, again, withinInstanceWindow, requireApproval } = options;
  const { maxConcurrent, maxFailures } = options;
  const { compensation, region, reason, changeId, allowEmpty } = options;
  const { tag: tags, name: namePattern, masterAz: masterAvailabilityZone } = options;
  return {
    instanceIds: options.instance,
    selector: over(draft['selector'], { tags, namePattern, masterAvailabilityZone }),
    target: toTarget(options),
    window: toWindow(options, draft['window']),
    expectedDurationSeconds: options.expectedDuration,
    compensationReserveSeconds: options.compensationReserve,
    canaryCount: options.canary,
    timing: over(draft['timing'], options.timing ?? {}),
    returnLeg: over(draft['returnLeg'], {
      soakSeconds: options.soak,
      withinSeconds: options.returnWithin,
    }),
    hooks: over(draft['hooks'], {
      taskQueue: options.hookQueue,
      before: options.hookBefore,
      after: options.hookAfter,
      timeoutSeconds: options.hookTimeout,
    }),
    ...{ toggle, again, withinInstanceWindow, requireApproval, maxConcurrent, maxFailures },
    ...{ compensation, region, reason, changeId, allowEmpty },
  };
}

/** A window by options replaces one of the other kind; one of the same kind is changed where they say so. */
function toWindow(options: MaintenanceOptions, draft: unknown): InputDraft | undefined {
  const { window: span, timeZone, days: daysOfWeek, dates, blackout: blackoutDates } = options;
  const local = withoutAbsent({ ...span, timeZone, daysOfWeek, dates, blackoutDates });
  const fixed = withoutAbsent({ opensAt: options.opensAt, closesAt: options.closesAt });
  const isFixed = Object.keys(fixed).length > 0;
  if (!isFixed && Object.keys(local).length === 0) return undefined;
  const base = isRecord(draft) && 'closesAt' in draft === isFixed ? draft : {};
  // Dates and days of week exclude each other: the later word replaces the earlier one.
  const replaced = dates !== undefined ? 'daysOfWeek' : daysOfWeek !== undefined ? 'dates' : null;
  const kept = Object.entries(base).filter(([name]) => name !== replaced);
  return { ...Object.fromEntries(kept), ...local, ...fixed };
}

function over(draft: unknown, fields: InputDraft): InputDraft | undefined {
  const given = withoutAbsent(fields);
  if (Object.keys(given).length === 0) return undefined;
  return { ...(isRecord(draft) ? draft : {}), ...given };
}

function withoutAbsent(fields: InputDraft): InputDraft {
  return Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined));
}

/** Options that become fields of a maintenance's input. */
export interface MaintenanceOptions {
  readonly file?: string;
  readonly project?: string;
  readonly instance?: readonly string[];
  readonly tag?: Readonly<Record<string, unknown>>;
  readonly name?: string;
  readonly masterAz?: string;
  readonly allowEmpty?: boolean;
  readonly toAz?: string;
  readonly toNode?: string;
  readonly avoidAz?: string;
  readonly toggle?: boolean;
  readonly window?: { readonly start: string; readonly end: string };
  readonly timeZone?: string;
  readonly days?: readonly string[];
  readonly dates?: readonly string[];
  readonly blackout?: readonly string[];
  readonly opensAt?: string;
  readonly closesAt?: string;
  readonly again?: boolean;
  readonly withinInstanceWindow?: boolean;
  readonly expectedDuration?: number | string;
  readonly compensationReserve?: number | string;
  readonly requireApproval?: boolean;
  readonly maxConcurrent?: number | string;
  readonly canary?: number | string;
  readonly maxFailures?: number | string;
  readonly soak?: number | string;
  readonly returnWithin?: number | string;
  readonly compensation?: string;
  readonly timing?: Readonly<Record<string, unknown>>;
  readonly hookQueue?: string;
  readonly hookBefore?: string;
  readonly hookAfter?: string;
  readonly hookTimeout?: number | string;
  readonly region?: string;
  readonly reason?: string;
  readonly requestedBy?: string;
  readonly changeId?: string;
}

/** Adds {@link MaintenanceOptions}, by groups. Each stands for a field of the file and takes precedence over it. */
export function withMaintenanceOptions(command: Command): Command {
  command
    .optionsGroup('The plan:')
    .option('--file <path>', 'the input as JSON or YAML; options take precedence over it')
    .option('--reason <text>', 'reason, recorded with the maintenance')
    .option('--requested-by <name>', 'requester (default: your user name)')
    .option('--change-id <id>', 'change ticket')
    .option('--region <name>', 'region of the instances (default: the worker’s)');
  for (const add of GROUPS) add(command);
  return command.optionsGroup('Options:');
}

const GROUPS: readonly ((command: Command) => unknown)[] = [
  (command) =>
    command
      .optionsGroup('Which instances, in this order or by all that is given:')
      .option('--instance <id>', 'an instance; may be repeated', collect)
      .option('--tag <key=value>', 'all that carry this tag; may be repeated', collectTag)
      .option('--name <pattern>', 'all whose name fits; * stands for any characters')
      .option('--master-az <az>', 'all whose master is in this zone now')
      .option('--allow-empty', 'it is as good as done where none fits'),
  (command) =>
    command
      .optionsGroup('Where the masters shall be:')
      .option('--to-az <az>', 'in this availability zone')
      .option('--avoid-az <az>', 'not in this availability zone')
      .option('--to-node <id>', 'this node')
      .option('--toggle', 'swap each one whose master is still the one observed at its start'),
  (command) =>
    command
      .optionsGroup('The window, in local time or as instants:')
      .option('--window <HH:MM-HH:MM>', 'from start to end; may cross midnight', parseWindow)
      .option('--time-zone <name>', 'IANA name, such as Europe/Zurich')
      .option('--days <list>', 'days on which it starts, such as SAT,SUN (default: all)', parseDays)
      .option('--dates <list>', 'dates on which it starts, such as 2026-12-05', parseList)
      .option('--blackout <list>', 'dates on which nothing runs', parseList)
      .option('--opens-at <instant>', 'RFC 3339 with zone (default: at once)')
      .option('--closes-at <instant>', 'RFC 3339 with zone')
      .option('--within-instance-window', 'and only within each instance’s own window'),
  (command) =>
    command
      .optionsGroup('How it goes on:')
      .option('--again', 'do the work again under an id that was used before')
      .option('--require-approval', 'start nothing before it is approved')
      .option('--max-concurrent <count>', 'switchovers at a time (default: 1)', numberOrText)
      .option('--canary <count>', 'the first ones, which must succeed (default: 0)', numberOrText)
      .option(
        '--max-failures <count>',
        'failures allowed before it stops (default: 0)',
        numberOrText,
      )
      .option('--expected-duration <seconds>', 'of one switchover (default: 120)', numberOrText)
      .option('--compensation-reserve <seconds>', 'for a swap back (default: 120)', numberOrText)
      .option('--soak <seconds>', 'drill: bring all back after this long', numberOrText)
      .option('--return-within <seconds>', 'time for the return leg (default: 900)', numberOrText)
      .option('--compensation <policy>', 'after a verified bad state: swap-back (default) or none')
      .option('--timing <name=seconds>', 'a time limit of each switchover', collectTiming),
  (command) =>
    command
      .optionsGroup('Activities of your own around each switchover:')
      .option('--hook-queue <name>', 'their task queue')
      .option('--hook-before <name>', 'asked before: proceed, skip or abort')
      .option('--hook-after <name>', 'notified afterwards')
      .option('--hook-timeout <seconds>', 'for one call (default: 300)', numberOrText),
];

function collect(value: string, earlier: readonly string[] = []): readonly string[] {
  return [...earlier, value];
}

function collectTag(
  text: string,
  earlier: Readonly<Record<string, unknown>> = {},
): Readonly<Record<string, unknown>> {
  const at = text.indexOf('=');
  // No text: the contract refuses it, by its field.
  if (at < 1) return { ...earlier, [text]: false };
  return { ...earlier, [text.slice(0, at)]: text.slice(at + 1) };
}

function parseList(text: string): readonly string[] {
  return text.split(',').map((part) => part.trim());
}

function parseWindow(text: string): { start: string; end: string } {
  const [start = '', ...rest] = text.split('-');
  return { start, end: rest.join('-') };
}

/** At least three letters: two would leave it open which day is meant. Whatever is none stays as it is. */
function parseDays(text: string): readonly string[] {
  return parseList(text).map((part) => {
    const found = DAYS_OF_WEEK.find((day) => day.startsWith(part.toUpperCase()));
    return part.length < 3 || found === undefined ? part : found;
  });
}
