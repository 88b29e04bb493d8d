import type { Command } from 'commander';

import type { Simulator } from '../../simulator/index.js';

import type { Cli } from '../cli.js';
import { untilInterrupted } from '../interrupt.js';
import { parseCount, parsePort, parseSeconds } from '../options.js';
import type { Output } from '../output.js';

interface Options {
  readonly port: number;
  readonly json?: boolean;
  readonly redis: boolean;
  readonly jobSeconds?: number;
  readonly instances: number;
}

/** Share of a job that it spends in INIT; the rest it is RUNNING. */
const INIT_SHARE = 0.1;

/** `simulator`: serves the DCS API locally until SIGTERM. */
export function addSimulatorCommand(program: Command, cli: Cli): void {
  program
    .command('simulator')
    .description('serve the DCS API on this machine, with real Redis behind it, until SIGTERM')
    .option('--port <number>', 'port; 0 = any free one', parsePort, 0)
    .option('--instances <count>', 'how many instances', parseCount, 1)
    .option('--job-seconds <seconds>', 'how long a swap takes (default: 3)', parseSeconds)
    .option('--no-redis', 'keep the roles in memory, without Redis')
    .option('--json', 'describe itself by one line of JSON on stdout')
    .action((options: Options) =>
      cli.run(options, async (output) => {
        const stop = untilInterrupted(cli.io);
        const simulator = await start(cli, output, options);
        try {
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

async function start(cli: Cli, output: Output, options: Options): Promise<Simulator> {
  const { startSimulator } = await import('../../simulator/index.js');
  const { resolveRedisServer } = await import('../../local/index.js');
  const redis = options.redis ? await resolveRedisServer(cli.io.env) : null;
  if (redis === null) output.note('No Redis: the roles are kept in memory.');
  const jobMs = options.jobSeconds === undefined ? null : options.jobSeconds * 1000;
  return startSimulator({
    port: options.port,
    instances: Array.from({ length: options.instances }, () => ({})),
    redisServerPath: redis?.path ?? null,
    ...(jobMs === null
      ? {}
      : { timing: { jobInitMs: jobMs * INIT_SHARE, jobRunMs: jobMs * (1 - INIT_SHARE) } }),
  });
}

type Description = ReturnType<typeof describe>;

/** The contract's first line. The keys are the simulator's own inventions, worth nothing elsewhere. */
function describe({ endpoint, projectId, region, accessKey, secretKey, instances }: Simulator) {
  return {
    ...{ endpoint, projectId, region, accessKey, secretKey },
    instances: instances.map(({ instanceId, cacheMode, address }) => ({
      instanceId,
      cacheMode,
      address,
    })),
  };
}

function toText({ endpoint, projectId, region, accessKey, secretKey, instances }: Description) {
  return [
    'Environment for a worker:',
    `  DCS_ENDPOINT=${endpoint}`,
    `  DCS_REGION=${region}`,
    `  HUAWEICLOUD_SDK_PROJECT_ID=${projectId}`,
    `  HUAWEICLOUD_SDK_AK=${accessKey}`,
    `  HUAWEICLOUD_SDK_SK=${secretKey}`,
    'Instances:',
    ...instances.map(
      ({ instanceId, cacheMode, address }) =>
        `  ${instanceId} ${cacheMode} ${address ?? '(no Redis)'}`,
    ),
  ].join('\n');
}
