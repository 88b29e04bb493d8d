import { InvalidArgumentError, Option } from 'commander';
import type { Command } from 'commander';

import type {
  FaultSpec,
  Habits,
  InstanceSpec,
  QuotaSpec,
  Simulator,
} from '../../simulator/index.js';
import type { Cli } from '../context.js';
import { UsageError } from '../errors.js';
import { readTextFile, untilInterrupted } from '../io.js';
import { withOutputOptions } from '../output.js';
import type { Output, OutputOptions } from '../output.js';
import { gather } from '../mistakes.js';
import { parseCount, parsePort, parseSeconds } from '../options.js';
import { PROJECT_ID, messageOf } from '../../util.js';

interface Options extends OutputOptions {
  readonly port: number;
  readonly project?: string;
  readonly redis: boolean;
  readonly jobSeconds?: number;
  /** Path of a file of faults. */
  readonly faults?: string;
  /** Single faults, as JSON. */
  readonly fault: readonly string[];
  /** Path of a file of instances. */
  readonly instancesFile?: string;
  /** Single instances, as JSON. */
  readonly instance: readonly string[];
  /** Single habits, as `name=value`. */
  readonly habit: readonly string[];
  /** How many default instances. */
  readonly instances?: number;
  /** Quotas of the gateway, as JSON. */
  readonly quota?: string;
}

/** What the texts of the options describe. */
interface Given {
  readonly faults: readonly FaultSpec[];
  readonly instances: readonly InstanceSpec[];
  readonly habits: Partial<Habits>;
  readonly quota: QuotaSpec;
}

/** Of a habit that is named twice the last counts. @throws UsageError */
async function readGiven(options: Options): Promise<Given> {
  const { parseHabit, parseQuota } = await import('../../simulator/index.js');
  const [faults, instances, habits, quota] = await gather(
    () => readFaults(options),
    () => readInstances(options),
    () => options.habit.map((text) => asUsage('--habit', () => parseHabit(text))),
    () => (options.quota === undefined ? {} : check('--quota', options.quota, parseQuota)),
  );
  const merge = (all: Partial<Habits>, one: Partial<Habits>) => ({ ...all, ...one });
  return { faults, instances, habits: habits.reduce(merge, {}), quota };
}

/** The faults to begin with: those of the file, then the single ones. @throws UsageError */
export async function readFaults({
  faults,
  fault = [],
}: Partial<Pick<Options, 'faults' | 'fault'>>): Promise<readonly FaultSpec[]> {
  const { parseFaults } = await import('../../simulator/index.js');
  return collect(faults, ['--faults', '--fault'], fault, parseFaults);
}

/** The instances to serve; one without any description. @throws UsageError */
async function readInstances(options: Options): Promise<readonly InstanceSpec[]> {
  const { parseInstances } = await import('../../simulator/index.js');
  const names = ['--instances-file', '--instance'] as const;
  const described = await collect(options.instancesFile, names, options.instance, parseInstances);
  if (described.length === 0) return Array.from({ length: options.instances ?? 1 }, () => ({}));
  if (options.instances === undefined) return described;
  throw new UsageError('Give --instances, or describe the instances; not both.');
}

async function collect<T>(
  path: string | undefined,
  [fileOption, option]: readonly [string, string],
  texts: readonly string[],
  parseAll: (value: unknown) => readonly T[],
): Promise<readonly T[]> {
  const fromFile =
    path === undefined
      ? []
      : check(`${fileOption} ${path}`, await readTextFile(fileOption, path), parseAll);
  const single = texts.flatMap((text, index) =>
    check(`${option} (no. ${index + 1})`, text, (value) => parseAll([value])),
  );
  return [...fromFile, ...single];
}

function check<T>(where: string, text: string, parse: (value: unknown) => T): T {
  return asUsage(where, () => parse(JSON.parse(text)));
}

function asUsage<T>(where: string, read: () => T): T {
  try {
    return read();
  } catch (error) {
    throw new UsageError(`${where}: ${messageOf(error)}`);
  }
}

/** @throws InvalidArgumentError */
function parseProject(text: string): string {
  if (PROJECT_ID.test(text)) return text;
  throw new InvalidArgumentError('Give 32 hex digits in lower case.');
}

/** Collects the values of an option that may be given several times. */
const repeat = (value: string, before: readonly string[]): readonly string[] => [...before, value];

const repeatable = (flags: string, description: string): Option =>
  new Option(flags, description).argParser(repeat).default([], 'none');

/** Share of a job that it spends in INIT; the rest it is RUNNING. */
const INIT_SHARE = 0.1;

/** `simulator`: serves the DCS API locally until SIGTERM. */
export function addSimulatorCommand(program: Command, cli: Cli): void {
  const command = program
    .command('simulator')
    .description('serve the DCS API on this machine, with real Redis behind it, until SIGTERM')
    .option('--port <number>', 'port; 0 = any free one', parsePort, 0)
    .option('--project <id>', 'id of its project (default: invented)', parseProject)
    .option('--instances <count>', 'how many instances (default: 1)', parseCount)
    .addOption(repeatable('--instance <json>', 'an instance of your own; repeatable'))
    .option('--instances-file <path>', 'JSON file with instances of your own')
    .addOption(repeatable('--fault <json>', 'a fault from the start on; repeatable'))
    .option('--faults <path>', 'JSON file with faults')
    .addOption(repeatable('--habit <name=value>', 'how the service does something; repeatable'))
    .option('--quota <json>', 'calls that the gateway passes on per window (default: unlimited)')
    .option('--job-seconds <seconds>', 'how long a swap takes (default: 3)', parseSeconds)
    .option('--no-redis', 'keep the roles in memory, without Redis');
  withOutputOptions(command).action((options: Options) =>
    cli.run(
      options,
      () => readGiven(options),
      async (output, { faults, ...given }) => {
        const stop = untilInterrupted(cli.io);
        const simulator = await start(cli, output, options, given);
        try {
          for (const fault of faults) simulator.faults.add(fault);
          output.data(describe(simulator), toText);
          await stop;
        } finally {
          await simulator.close();
        }
        return 0;
      },
    ),
  );
}

async function start(
  cli: Cli,
  output: Output,
  { port, project, redis, jobSeconds }: Options,
  given: Omit<Given, 'faults'>,
): Promise<Simulator> {
  const { startSimulator } = await import('../../simulator/index.js');
  const { resolveRedisServer } = await import('../../dev/index.js');
  const server = redis ? await resolveRedisServer(cli.io.env) : null;
  if (server === null) output.note('No Redis: the roles are kept in memory.');
  const jobMs = (jobSeconds ?? 0) * 1000;
  const timing = { jobInitMs: jobMs * INIT_SHARE, jobRunMs: jobMs * (1 - INIT_SHARE) };
  const redisServerPath = server?.path ?? null;
  return startSimulator({
    ...{ ...given, port, redisServerPath },
    ...(project === undefined ? {} : { projectId: project }),
    ...(jobSeconds === undefined ? {} : { timing }),
  });
}

type Description = ReturnType<typeof describe>;

/** The contract's first line. The secrets are the simulator's own inventions, worth nothing elsewhere. */
function describe({ account, instances, ...simulator }: Simulator) {
  const { endpoint, projectId, region, accessKey, secretKey } = simulator;
  const { userName, domainName, password, agencyName, idpId, serviceAccountToken } = account;
  return {
    ...{ endpoint, projectId, region, accessKey, secretKey },
    instances: instances.map(({ instanceId, name, cacheMode, address }) => ({
      ...{ instanceId, name, cacheMode, address },
    })),
    account: { userName, domainName, password, agencyName, idpId, serviceAccountToken },
  };
}

function toText({ account, instances, ...description }: Description) {
  return [
    'Environment for a worker:',
    `  DCS_ENDPOINT=${description.endpoint}`,
    `  DCS_REGION=${description.region}`,
    `  HUAWEICLOUD_SDK_PROJECT_ID=${description.projectId}`,
    `  HUAWEICLOUD_SDK_AK=${description.accessKey}`,
    `  HUAWEICLOUD_SDK_SK=${description.secretKey}`,
    'For IAM, the metadata service and the pod identity agent, at the same endpoint:',
    `  user ${account.userName} of ${account.domainName}, password ${account.password}`,
    `  agency ${account.agencyName}, also by pod identity at /v1/credentials`,
    `  identity provider ${account.idpId}, token of the service account ${account.serviceAccountToken}`,
    'Instances:',
    ...instances.map(
      ({ instanceId, name, cacheMode, address }) =>
        `  ${instanceId} ${name} ${cacheMode} ${address ?? '(no Redis)'}`,
    ),
  ].join('\n');
}
