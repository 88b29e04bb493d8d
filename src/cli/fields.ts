/** Options that fill the fields of an input, and what is wrong with a field in the words of its option. */
import { Option } from 'commander';
import type { Command } from 'commander';

import { PROBE_POLICIES } from '../contract/index.js';
import type {
  CompensationPolicy,
  InputProblem,
  MaintenanceInput,
  ReissuePolicy,
  ScheduleSpec,
  SwitchoverInput,
} from '../contract/index.js';

import { entryOf } from '../util.js';

import type { Line } from './errors.js';
import { findProject } from './io.js';
import type { CliIo, ProjectOption } from './io.js';

/** Fields of an input, as a file, an earlier maintenance or the options have them. */
export type Draft = Readonly<Record<string, unknown>>;

type KeyOf<T> = T extends unknown ? keyof T & string : never;

/** Fields of an input, and of the objects in it the whole path. */
type PathOf<T> = { [K in KeyOf<T>]: K | `${K}.${KeyOf<NonNullable<T[K]>>}` }[KeyOf<T>];

/** The option of each field that one can fill. */
const INPUT_FLAGS = {
  ...{ 'target.availabilityZone': '--to-az', 'target.nodeId': '--to-node' },
  ...{ 'target.avoidAvailabilityZone': '--avoid-az', timing: '--timing' },
  ...{ expectedMasterNodeId: '--expect-master', toggle: '--toggle', region: '--region' },
  ...{ notAfter: '--not-after', compensateNotAfter: '--compensate-not-after' },
  ...{ reason: '--reason', requestedBy: '--by', requestId: '--request-id' },
  ...{ changeId: '--change-id', compensation: '--compensation', reissue: '--reissue' },
  ...{ examinedRunId: '--examined-run', jobId: '--job', probe: '--probe' },
  ...{ 'resolution.outcome': '--outcome', 'resolution.statement': '--statement' },
  ...{ instanceIds: '--instance', 'selector.tags': '--tag', 'selector.namePattern': '--name' },
  ...{ 'selector.masterAvailabilityZone': '--master-az', allowEmpty: '--allow-empty' },
  ...{ window: '--window', 'window.timeZone': '--time-zone', 'window.daysOfWeek': '--days' },
  ...{ 'window.dates': '--dates', 'window.blackoutDates': '--blackout' },
  ...{ 'window.opensAt': '--opens-at', 'window.closesAt': '--closes-at' },
  ...{ withinInstanceWindow: '--within-instance-window', requireApproval: '--require-approval' },
  ...{ expectedDurationSeconds: '--expected-duration', again: '--again' },
  ...{ compensationReserveSeconds: '--compensation-reserve', maxConcurrent: '--max-concurrent' },
  ...{ canaryCount: '--canary', maxFailures: '--max-failures' },
  ...{ 'returnLeg.soakSeconds': '--soak', 'returnLeg.withinSeconds': '--return-within' },
  ...{ 'hooks.taskQueue': '--hook-queue', 'hooks.before': '--hook-before' },
  ...{ 'hooks.after': '--hook-after', 'hooks.timeoutSeconds': '--hook-timeout' },
} as const satisfies Partial<Record<PathOf<SwitchoverInput> | PathOf<MaintenanceInput>, string>>;

/** The same of a schedule, beside the fields of its maintenance. */
const SCHEDULE_FLAGS = {
  ...{ cron: '--cron', calendar: '--calendar', at: '--at', onWindow: '--on-window' },
  ...{ everySeconds: '--every', offsetSeconds: '--offset', timeZone: '--schedule-time-zone' },
  ...{ jitterSeconds: '--jitter', leadSeconds: '--lead', catchUpSeconds: '--catch-up' },
  pauseOnFailure: '--pause-on-failure',
} as const satisfies Partial<Record<keyof ScheduleSpec, string>>;

/** What the options of a command say of an input: only what was given. */
export function readFields(options: object): Draft {
  return readFlags(INPUT_FLAGS, options);
}

/** What they say of when a schedule fires. */
export function readScheduleFields(options: object): Draft {
  return readFlags(SCHEDULE_FLAGS, options);
}

function readFlags(flags: Readonly<Record<string, string>>, options: object): Draft {
  const fields: Record<string, unknown> = {};
  for (const [path, flag] of Object.entries(flags)) {
    const value: unknown = Reflect.get(options, new Option(flag).attributeName());
    const [name = '', inner] = path.split('.');
    if (value !== undefined)
      fields[name] = inner === undefined ? value : { ...Object(fields[name]), [inner]: value };
  }
  return fields;
}

/** Fields without those that hold nothing. */
export function withoutAbsent(fields: Draft): Draft {
  return Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined));
}

/** Maps options to the workflow's argument, one to one; the contract's own validation comes later. */
export function toInput(io: CliIo, instanceId: string, options: ProjectOption): SwitchoverInput {
  const requestedBy = io.userName() ?? undefined;
  const projectId = findProject(io, options);
  const given = readFields(options);
  const timing = withUsualTiming(io, given['timing']);
  const input = { requestedBy, ...given, timing, projectId, instanceId };
  return withoutAbsent(input) as unknown as SwitchoverInput;
}

/** Variable of time limits that count where the command line does not say otherwise: `name=seconds`, by commas. */
export const TIMING_VARIABLE = 'DCS_SWITCHOVER_TIMING';

/** A timing with what {@link TIMING_VARIABLE} adds; `undefined` where neither says anything. */
export function withUsualTiming({ env }: CliIo, given: unknown): unknown {
  const texts = (env[TIMING_VARIABLE] ?? '').split(',').filter((text) => text !== '');
  if (texts.length === 0) return given;
  return { ...texts.reduce<Draft>((all, text) => collectTiming(text, all), {}), ...Object(given) };
}

/** Whether the input says where the master should go. */
export function hasGoal({ target, expectedMasterNodeId, toggle }: SwitchoverInput): boolean {
  return [target, expectedMasterNodeId, toggle].some((goal) => goal !== undefined);
}

/** Argument parser of the repeatable `--timing name=value`; what it cannot read, the contract refuses. */
export function collectTiming(
  text: string,
  earlier: Readonly<Record<string, unknown>> = {},
): Readonly<Record<string, unknown>> {
  const [name = '', ...rest] = text.split('=');
  return { ...earlier, [name]: numberOrText(rest.join('=')) };
}

/** Argument parser of a number of an input: anything else stays text, which the contract refuses by its field. */
export function numberOrText(text: string): number | string {
  return /^\d{1,15}$/.test(text) ? Number(text) : text;
}

const COMPENSATION_POLICIES = ['swap-back', 'none'] satisfies CompensationPolicy[];
const REISSUE_POLICIES = ['never', 'once'] satisfies ReissuePolicy[];

/** An option whose values help and completion know; the contract refuses others by its field. */
export function choiceOption(flags: string, help: string, choices: readonly string[]): Option {
  return new Option(flags, help).choices(choices).argParser((text: string) => text);
}

/** `--compensation`, the same for one instance and for many. */
export function compensationOption(): Option {
  return choiceOption(
    '--compensation <policy>',
    'after a verified bad state (default: swap-back)',
    COMPENSATION_POLICIES,
  );
}

/** `--probe`, the same for one instance and for many. */
export function probeOption(): Option {
  return choiceOption(
    '--probe <policy>',
    'measure the interruption at Redis itself (default: off)',
    PROBE_POLICIES,
  );
}

/** Adds the options that become fields of the input of `plan` and `switch`. */
export function withInputOptions(command: Command): Command {
  return command
    .option('--to-az <az>', 'the master should be in this availability zone')
    .option('--to-node <id>', 'the master should be this node')
    .option('--avoid-az <az>', 'the master should not be in this availability zone')
    .option('--expect-master <id>', 'only while this node is the master')
    .option('--toggle', 'swap whatever the roles are; not safe to repeat')
    .option(
      '--not-after <instant>',
      'last instant at which a PUT may leave (default: start + 900 s)',
    )
    .option('--reason <text>', 'reason, recorded with the run')
    .option('--by <name>', 'requester (default: your user name)')
    .option('--request-id <id>', 'your id of this request; the same id does the work once')
    .option('--change-id <id>', 'change ticket')
    .option('--region <name>', 'region of the instance (default: the worker’s)')
    .addOption(compensationOption())
    .option('--compensate-not-after <instant>', 'last instant at which a swap back may leave')
    .addOption(
      choiceOption(
        '--reissue <policy>',
        'one further PUT after one that left no trace (default: never)',
        REISSUE_POLICIES,
      ),
    )
    .addOption(probeOption())
    .option(
      '--timing <name=seconds>',
      'a time limit, such as settleSeconds=5; may be repeated',
      collectTiming,
    );
}

/** Option or argument by the field that it fills; of nested fields the whole path. */
const FLAGS: Readonly<Record<string, string>> = {
  ...INPUT_FLAGS,
  ...Object.fromEntries(
    Object.entries(SCHEDULE_FLAGS).map(([name, flag]) => [`schedule.${name}`, flag]),
  ),
  ...{ projectId: '--project', instanceId: 'the instance id', runId: '--run' },
  ...{ maintenanceId: 'the maintenance id', scheduleId: 'the schedule id' },
  // Where it is missing as a whole, so are all of its options.
  ...{ resolution: '--outcome', 'resolution.resolvedBy': '--by' },
  ...{ nominalTime: '--firing', by: '--by', why: '--reason', from: '--from', until: '--until' },
  ...{ target: '--to-az, --to-node or --avoid-az', selector: '--tag, --name or --master-az' },
  ...{ window: 'the window', 'window.start': '--window', 'window.end': '--window' },
  ...{ hooks: '--hook-queue', note: '--note' },
  schedule: '--on-window, --cron, --calendar, --every or --at',
};

/** Remedies that name fields or JSON, in the words of the options. */
const REMEDIES: Readonly<Record<string, string>> = {
  projectId: 'Give 32 hex digits in lower case, or set HUAWEICLOUD_SDK_PROJECT_ID.',
  target: 'Give one of --to-az, --to-node and --avoid-az; or --expect-master or --toggle.',
  'target.availabilityZone': 'Write it like eu-west-101a.',
  'target.avoidAvailabilityZone': 'Write it like eu-west-101a.',
  'selector.masterAvailabilityZone': 'Write it like eu-west-101a.',
  'target.nodeId': 'Copy the node id that the command plan shows.',
  instanceIds: 'Give either --instance or a choice by --tag, --name and --master-az.',
  'selector.tags': 'Write it like team=cart.',
  schedule: 'Give one of --on-window, --cron, --calendar, --every and --at.',
  'schedule.calendar': 'Write it like {"dayOfWeek":["SATURDAY"],"hour":[2]}.',
  selector: 'Give --tag, --name or --master-az; --name "*" means every one.',
  window: 'Give --window with --time-zone, or --closes-at.',
  'window.start': 'Write it like 22:00-04:00.',
  'window.end': 'Write it like 22:00-04:00.',
  'window.daysOfWeek': 'Write it like SAT,SUN.',
  'window.dates': 'Write them like 2026-12-05,2026-12-12.',
  'window.blackoutDates': 'Write them like 2026-12-24,2026-12-31.',
  hooks: 'Give --hook-queue, and --hook-before or --hook-after.',
};

/** A mistake of an input, by the option that it is about. */
export function inFlags({ field: path, problem, remedy }: InputProblem): Line {
  // The options of a schedule's maintenance are those of a maintenance.
  const field = path.replace(/^maintenance\./, '');
  const known = knownPath(field);
  const about = field.startsWith('timing.')
    ? field.replace('timing.', '--timing ')
    : (entryOf(FLAGS, known) ?? field);
  const isOfOtherWindow = known.startsWith('window.') && problem.startsWith('is not a field');
  const found = isOfOtherWindow ? 'does not go with the other kind of window' : problem;
  const cure = entryOf(REMEDIES, isOfOtherWindow ? 'window' : known) ?? remedy;
  return { about, text: `${about} ${found}. ${cure}` };
}

/** The longest beginning of a path that an option stands for, else the path. */
function knownPath(field: string): string {
  const parts = field.split('.');
  const paths = parts.map((_, index) => parts.slice(0, parts.length - index).join('.'));
  return paths.find((path) => Object.hasOwn(FLAGS, path)) ?? field;
}
