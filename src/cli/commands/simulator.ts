import { InvalidArgumentError } from 'commander';
import type { Command } from 'commander';

import type {
  Habits,
  InstanceSpec,
  QuotaSpec,
  RedisHandle,
  Simulator,
} from '../../simulator/index.js';
import type { Cli } from '../context.js';
import { UsageError } from '../errors.js';
import { asUsage, check, collect, readFaults, repeatable, withFaultOptions } from '../faults.js';
import type { FaultOptions, GivenFaults } from '../faults.js';
import { untilInterrupted } from '../io.js';
import { withOutputOptions } from '../output.js';
import type { Output, OutputOptions } from '../output.js';
import { gather } from '../mistakes.js';
import { parseCount, parsePort, parseSeconds } from '../options.js';
import { PROJECT_ID } from '../../util.js';

interface Options extends OutputOptions, FaultOptions {
  readonly port: number;
  readonly project?: string;
  readonly redis: boolean;
  readonly jobSeconds?: number;
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
  readonly faults: GivenFaults;
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
  const { combined } = faults;
  return {
    ...{ faults, instances },
    habits: habits.reduce(merge, combined.habits),
    quota: { ...combined.quota, ...quota },
  };
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

/** @throws InvalidArgumentError */
function parseProject(text: string): string {
  if (PROJECT_ID.test(text)) return text;
  throw new InvalidArgumentError('Give 32 hex digits in lower case.');
}

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
    .addOption(repeatable('--habit <name=value>', 'how the service does something; repeatable'))
    .option('--quota <json>', 'calls that the gateway passes on per window (default: unlimited)')
    .option('--job-seconds <seconds>', 'how long a swap takes (default: 3)', parseSeconds)
    .option('--no-redis', 'keep the roles in memory, without Redis');
  withOutputOptions(withFaultOptions(command)).action((options: Options) =>
    cli.run(
      options,
      () => readGiven(options),
      async (output, given) => {
        const stop = untilInterrupted(cli.io);
        const simulator = await start(cli, output, options, given);
        try {
          for (const fault of given.faults.faults) simulator.faults.add(fault);
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
    instances: instances.map(({ instanceId, name, cacheMode, address, redis }) => ({
      ...{ instanceId, name, cacheMode, address, redis: entranceOf(redis) },
    })),
    account: { userName, domainName, password, agencyName, idpId, serviceAccountToken },
  };
}

/** What a caller of its Redis needs. */
function entranceOf({ access }: RedisHandle) {
  const { login, passwords, tls, ca } = access;
  return { login, passwords: Object.fromEntries(passwords), tls: tls !== null, ca };
}

/** Such as `, password of default: X, TLS`. */
function toEntrance({ passwords, tls }: ReturnType<typeof entranceOf>): string {
  const words = Object.entries(passwords).map(([user, word]) => `password of ${user}: ${word}`);
  return ['', ...words, ...(tls ? ['TLS'] : [])].join(', ');
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
      ({ instanceId, name, cacheMode, address, redis }) =>
        `  ${instanceId} ${name} ${cacheMode} ${address ?? '(no Redis)'}${toEntrance(redis)}`,
    ),
  ].join('\n');
}
