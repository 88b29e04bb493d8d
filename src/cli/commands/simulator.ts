import { Option } from 'commander';
import type { Command } from 'commander';

import type { Habits, InstanceSpec, QuotaSpec, Simulator } from '../../simulator/index.js';

import type { Cli } from '../context.js';
import { untilInterrupted } from '../interrupt.js';
import { parseCount, parsePort, parseSeconds } from '../options.js';
import type { Output } from '../output.js';
import { readFaults, readHabits, readInstances, readQuota } from '../simulator-inputs.js';
import type { SimulatorInputs } from '../simulator-inputs.js';

interface Options extends SimulatorInputs {
  readonly port: number;
  readonly json?: boolean;
  readonly redis: boolean;
  readonly jobSeconds?: number;
}

/** Collects the values of an option that may be given several times. */
const repeat = (value: string, before: readonly string[]): readonly string[] => [...before, value];

const repeatable = (flags: string, description: string): Option =>
  new Option(flags, description).argParser(repeat).default([], 'none');

/** Share of a job that it spends in INIT; the rest it is RUNNING. */
const INIT_SHARE = 0.1;

/** `simulator`: serves the DCS API locally until SIGTERM. */
export function addSimulatorCommand(program: Command, cli: Cli): void {
  program
    .command('simulator')
    .description('serve the DCS API on this machine, with real Redis behind it, until SIGTERM')
    .option('--port <number>', 'port; 0 = any free one', parsePort, 0)
    .option('--instances <count>', 'how many instances (default: 1)', parseCount)
    .addOption(repeatable('--instance <json>', 'an instance of your own; repeatable'))
    .option('--instances-file <path>', 'JSON file with instances of your own')
    .addOption(repeatable('--fault <json>', 'a fault from the start on; repeatable'))
    .option('--faults <path>', 'JSON file with faults')
    .addOption(repeatable('--habit <name=value>', 'how the service does something; repeatable'))
    .option('--quota <json>', 'calls that the gateway passes on per window (default: unlimited)')
    .option('--job-seconds <seconds>', 'how long a swap takes (default: 3)', parseSeconds)
    .option('--no-redis', 'keep the roles in memory, without Redis')
    .option('--json', 'describe itself by one line of JSON on stdout')
    .action((options: Options) =>
      cli.run(options, async (output) => {
        const stop = untilInterrupted(cli.io);
        // Read first: a mistake in them is told before anything starts.
        const faults = await readFaults(options);
        const instances = await readInstances(options);
        const habits = await readHabits(options);
        const quotas = await readQuota(options);
        const given = { specs: instances, habits, quotas };
        const simulator = await start(cli, output, { ...options, ...given });
        try {
          for (const fault of faults) simulator.faults.add(fault);
          const description = describe(simulator);
          output.data(description, () => toText(description));
          await stop;
        } finally {
          await simulator.close();
        }
        return 0;
      }),
    );
}

/** What the JSON of the options describes. */
interface Given {
  readonly specs: readonly InstanceSpec[];
  readonly habits: Partial<Habits>;
  readonly quotas: QuotaSpec;
}

async function start(cli: Cli, output: Output, options: Options & Given): Promise<Simulator> {
  const { startSimulator } = await import('../../simulator/index.js');
  const { resolveRedisServer } = await import('../../dev/index.js');
  const redis = options.redis ? await resolveRedisServer(cli.io.env) : null;
  if (redis === null) output.note('No Redis: the roles are kept in memory.');
  const jobMs = options.jobSeconds === undefined ? null : options.jobSeconds * 1000;
  return startSimulator({
    port: options.port,
    instances: options.specs,
    habits: options.habits,
    quota: options.quotas,
    redisServerPath: redis?.path ?? null,
    ...(jobMs === null
      ? {}
      : { timing: { jobInitMs: jobMs * INIT_SHARE, jobRunMs: jobMs * (1 - INIT_SHARE) } }),
  });
}

type Description = ReturnType<typeof describe>;

/** The contract's first line. The secrets are the simulator's own inventions, worth nothing elsewhere. */
function describe({ account, instances, ...simulator }: Simulator) {
  const { endpoint, projectId, region, accessKey, secretKey } = simulator;
  const { userName, domainName, password, agencyName } = account;
  return {
    ...{ endpoint, projectId, region, accessKey, secretKey },
    instances: instances.map(({ instanceId, name, cacheMode, address }) => ({
      ...{ instanceId, name, cacheMode, address },
    })),
    account: { userName, domainName, password, agencyName },
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
    'For IAM and the metadata service, at the same endpoint:',
    `  user ${account.userName} of ${account.domainName}, password ${account.password}`,
    `  agency ${account.agencyName}`,
    'Instances:',
    ...instances.map(
      ({ instanceId, name, cacheMode, address }) =>
        `  ${instanceId} ${name} ${cacheMode} ${address ?? '(no Redis)'}`,
    ),
  ].join('\n');
}
