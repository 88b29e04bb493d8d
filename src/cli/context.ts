import type {
  ConnectedDcsSwitchover,
  ConnectedSwitchoverClient,
  ConnectOptions,
  Firing,
  SchedulesClient,
} from '../client.js';
import type { InputProblem } from '../contract/index.js';

import { createOutput } from './io.js';
import type { CliIo, Output } from './io.js';

/** What commands about maintenance runs, schedules and the freeze talk to. */
export type OperatorClient = Omit<ConnectedDcsSwitchover, 'switchover'>;

/** What every command is given. */
export interface Cli {
  readonly io: CliIo;
  /** Connects to Temporal; loads the client only when called. */
  readonly connect: (options: ConnectOptions) => Promise<ConnectedSwitchoverClient>;
  /** The same for maintenance runs, schedules and the freeze. */
  readonly connectOperator: (options: ConnectOptions) => Promise<OperatorClient>;
  /** Firings to come, by calculation; connects to nothing. @throws InvalidInputError */
  readonly previewSchedule: (
    ...args: Parameters<SchedulesClient['preview']>
  ) => Promise<readonly Firing[]>;
  /** Runs a command's action; its number is the exit code. */
  run(
    options: { readonly json?: boolean; readonly file?: string },
    action: (output: Output) => Promise<number>,
  ): Promise<void>;
}

/** The parts of a {@link Cli} that tests replace. @internal */
export type CliDeps = Pick<Cli, 'connect' | 'connectOperator' | 'previewSchedule'>;

/** Connects for real. */
export const CLI_DEPS: CliDeps = {
  connect: async (options) => {
    const { connectSwitchoverClient } = await import('../client.js');
    return connectSwitchoverClient(options);
  },
  connectOperator: async (options) => {
    const { connectDcsSwitchover } = await import('../client.js');
    return connectDcsSwitchover(options);
  },
  previewSchedule: async (input, options) => {
    const { previewFirings } = await import('../client/schedules/check.js');
    return previewFirings(input, options);
  },
};

/** A {@link Cli} that hands the exit code of the chosen command to `setExitCode`. */
export function createCli(io: CliIo, deps: CliDeps, setExitCode: (code: number) => void): Cli {
  return {
    io,
    ...deps,
    run: async ({ json = false, file }, action) => {
      const { describeError } = await import('./errors.js');
      try {
        setExitCode(await action(createOutput(io, json)));
      } catch (error) {
        // What stands in a file has the names that it has there.
        const data = describeError(error, file === undefined ? describeInFlags : null);
        setExitCode(data.exitCode);
        // With --json the reason is data as well: scripts read one stream.
        if (json) io.out(`${JSON.stringify({ error: data })}\n`);
        createOutput(io, false).note(data.message);
      }
    },
  };
}

/** Mistakes of an input in the words of the command line, where the input came from there. */

/** Option or argument by the field that it fills; of nested fields the whole path. */
const FLAGS: Readonly<Record<string, string>> = {
  ...{ projectId: '--project', instanceId: 'the instance id', runId: '--run' },
  ...{ 'target.availabilityZone': '--to-az', 'target.nodeId': '--to-node' },
  ...{ 'target.avoidAvailabilityZone': '--avoid-az', target: '--to-az, --to-node or --avoid-az' },
  ...{ expectedMasterNodeId: '--expect-master', toggle: '--toggle', region: '--region' },
  ...{ notAfter: '--not-after', compensateNotAfter: '--compensate-not-after' },
  ...{ reason: '--reason', requestedBy: '--requested-by', requestId: '--request-id' },
  ...{ changeId: '--change-id', compensation: '--compensation', reissue: '--reissue' },
  ...{ examinedRunId: '--examined-run', jobId: '--job' },
  ...{ 'resolution.outcome': '--outcome', 'resolution.statement': '--statement' },
  ...{ 'resolution.resolvedBy': '--by', by: '--by', why: '--why', until: '--until' },
  ...{
    maintenanceId: 'the maintenance id',
    scheduleId: 'the schedule id',
    nominalTime: '--firing',
  },
  ...{ instanceIds: '--instance', selector: '--tag, --name or --master-az' },
  ...{ 'selector.tags': '--tag', 'selector.namePattern': '--name' },
  ...{ 'selector.masterAvailabilityZone': '--master-az', allowEmpty: '--allow-empty' },
  ...{ window: 'the window', 'window.start': '--window', 'window.end': '--window' },
  ...{ 'window.timeZone': '--time-zone', 'window.daysOfWeek': '--days', 'window.dates': '--dates' },
  ...{ 'window.blackoutDates': '--blackout', 'window.opensAt': '--opens-at' },
  ...{ 'window.closesAt': '--closes-at', withinInstanceWindow: '--within-instance-window' },
  ...{ expectedDurationSeconds: '--expected-duration', requireApproval: '--require-approval' },
  ...{ compensationReserveSeconds: '--compensation-reserve', maxConcurrent: '--max-concurrent' },
  ...{ canaryCount: '--canary', maxFailures: '--max-failures', again: '--again' },
  ...{ 'returnLeg.soakSeconds': '--soak', 'returnLeg.withinSeconds': '--return-within' },
  ...{ hooks: '--hook-queue', 'hooks.taskQueue': '--hook-queue', 'hooks.before': '--hook-before' },
  ...{ 'hooks.after': '--hook-after', 'hooks.timeoutSeconds': '--hook-timeout' },
  ...{ 'schedule.cron': '--cron', 'schedule.calendar': '--calendar', 'schedule.at': '--at' },
  ...{ 'schedule.onWindow': '--on-window', 'schedule.everySeconds': '--every' },
  ...{ 'schedule.offsetSeconds': '--offset', 'schedule.timeZone': '--schedule-time-zone' },
  ...{ 'schedule.jitterSeconds': '--jitter', 'schedule.leadSeconds': '--lead' },
  ...{ 'schedule.catchUpSeconds': '--catch-up', 'schedule.pauseOnFailure': '--pause-on-failure' },
  ...{ schedule: '--on-window, --cron, --calendar, --every or --at', note: '--note' },
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

/** All of them, each on a line of its own, by the options that they are about. */
export function describeInFlags(problems: readonly InputProblem[]): string {
  const lines = problems.map(({ field: path, problem, remedy }) => {
    // The options of a schedule's maintenance are those of a maintenance.
    const field = path.replace(/^maintenance\./, '');
    const known = knownPath(field);
    if (known?.startsWith('window.') === true && problem.startsWith('is not a field'))
      return `${FLAGS[known] ?? field} does not go with the other kind of window. ${REMEDIES['window'] ?? remedy}`;
    const flag = known === null ? field.replace(/^timing\./, '--timing ') : FLAGS[known];
    return `${flag ?? field} ${problem}. ${known === null ? remedy : (REMEDIES[known] ?? remedy)}`;
  });
  // Two fields may come from one option, such as start and end of a window.
  const reported = [...new Set(lines)];
  return reported.length === 1
    ? `Invalid input, nothing was sent: ${reported.join('')}`
    : ['Invalid input, nothing was sent:', ...reported.map((line) => `  ${line}`)].join('\n');
}

/** The longest beginning of a path that an option stands for; `timing.x` is said by itself. */
function knownPath(field: string): string | null {
  const parts = field.split('.');
  for (let length = parts.length; length > 0; length -= 1) {
    const path = parts.slice(0, length).join('.');
    if (path in FLAGS) return path;
  }
  return null;
}
