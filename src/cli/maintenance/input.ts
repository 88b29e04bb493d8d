import type { Command } from 'commander';

import { DAYS_OF_WEEK } from '../../contract/index.js';
import type { MaintenanceInput } from '../../contract/index.js';
import { isRecord } from '../../util.js';
import type { Cli } from '../context.js';
import { readOfInstances } from '../instance-name.js';
import { findProject } from '../io.js';
import type { CliIo, ProjectOption } from '../io.js';
import {
  collectTiming,
  compensationOption,
  probeOption,
  numberOrText,
  readFields,
  withoutAbsent,
  withUsualTiming,
} from '../fields.js';
import type { Draft } from '../fields.js';

/** Objects of a draft of which options replace single fields. */
const LAID_OVER = ['selector', 'timing', 'returnLeg', 'hooks'];

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
  draft: Draft = {},
): MaintenanceInput {
  const given = readFields(options);
  const laid = Object.entries(given).map(([name, value]) => {
    if (name === 'window') return [name, toWindow(toDraft(value), draft[name])];
    return [name, LAID_OVER.includes(name) ? over(draft[name], value) : value];
  });
  const stated = { ...draft, ...(Object.fromEntries(laid) as Draft) };
  const input = withoutAbsent({
    ...stated,
    timing: withUsualTiming(io, stated['timing']),
    requestedBy: given['requestedBy'] ?? draft['requestedBy'] ?? io.userName() ?? undefined,
    maintenanceId: maintenanceId ?? draft['maintenanceId'],
    projectId: options.project ?? draft['projectId'] ?? findProject(io, options),
  });
  return input as unknown as MaintenanceInput;
}

/**
 * Reads what is asked of a maintenance, of which instances may be given by name.
 *
 * @param draft names the project where the options do not
 * @param read is called with the options whose instances are ids; once more where a name had to be looked up
 * @throws UsageError
 */
export function readOfMaintenance<T, O extends MaintenanceOptions>(
  cli: Cli,
  options: O,
  draft: Draft,
  read: (options: O) => T | Promise<T>,
): Promise<T> {
  const { instance = [], project = textOf(draft['projectId']), taskQueue } = options;
  const where = {
    ...(project === undefined ? {} : { project }),
    ...(taskQueue === undefined ? {} : { taskQueue }),
  };
  return readOfInstances(cli, instance, where, (ids) =>
    read(ids.length === 0 ? options : { ...options, instance: ids }),
  );
}

function textOf(value: unknown): string | undefined {
  return typeof value === 'string' ? value : undefined;
}

/** A window by options replaces one of the other kind; one of the same kind is changed where they say so. */
function toWindow(given: Draft, draft: unknown): Draft {
  const isFixed = 'opensAt' in given || 'closesAt' in given;
  const base = 'closesAt' in toDraft(draft) === isFixed ? toDraft(draft) : {};
  // Dates and days of week exclude each other: the later word replaces the earlier one.
  const replaced = 'dates' in given ? 'daysOfWeek' : 'daysOfWeek' in given ? 'dates' : null;
  const kept = Object.entries(base).filter(([name]) => name !== replaced);
  return { ...(Object.fromEntries(kept) as Draft), ...given };
}

function over(draft: unknown, given: unknown): Draft {
  return { ...toDraft(draft), ...toDraft(given) };
}

function toDraft(value: unknown): Draft {
  return isRecord(value) ? value : {};
}

/** Options of a maintenance; those that become fields of its input are read by {@link readFields}. */
export interface MaintenanceOptions extends ProjectOption {
  readonly file?: string;
  /** Instances by name or id. */
  readonly instance?: readonly string[];
  readonly taskQueue?: string;
}

/** Adds the options of a maintenance, by groups. Each stands for a field of the file and takes precedence over it. */
export function withMaintenanceOptions(command: Command): Command {
  command
    .optionsGroup('The maintenance:')
    .option('--file <path>', 'the input as JSON or YAML; options take precedence over it')
    .option('--reason <text>', 'reason, recorded with the maintenance')
    .option('--by <name>', 'requester (default: your user name)')
    .option('--change-id <id>', 'change ticket')
    .option('--region <name>', 'region of the instances (default: the worker’s)');
  for (const add of GROUPS) add(command);
  return command.optionsGroup('Options:');
}

const GROUPS: readonly ((command: Command) => unknown)[] = [
  (command) =>
    command
      .optionsGroup('Which instances, in this order or by all that is given:')
      .option('--instance <instance>', 'an instance by name or id; may be repeated', collect)
      .option('--tag <key=value>', 'all that carry this tag; may be repeated', collectTag)
      .option('--name <pattern>', 'all whose name fits; * stands for any characters')
      .option('--master-az <az>', 'all whose master is in this zone now')
      .option('--allow-empty', 'COMPLETED, not PARTIAL, where none fits'),
  (command) =>
    command
      .optionsGroup('Where the masters should be:')
      .option('--to-az <az>', 'in this availability zone')
      .option('--avoid-az <az>', 'not in this availability zone')
      .option('--to-node <id>', 'this node')
      .option(
        '--toggle',
        'swap each instance whose master is still the one read at planning; not safe to repeat',
      ),
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
      .addOption(compensationOption())
      .addOption(probeOption())
      .option('--timing <name=seconds>', 'a time limit of each switchover', collectTiming),
  (command) =>
    command
      .optionsGroup('Activities of your own around each switchover:')
      .option('--hook-queue <name>', 'their task queue')
      .option(
        '--hook-before <name>',
        'activity that is called before each: answers proceed, skip or abort',
      )
      .option('--hook-after <name>', 'activity that is called after each switchover')
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
