/**
 * What a team would write: a worker of its own with our part and an activity of theirs, from the packed
 * package. Compiled and run by ../consumer.test.ts, as an ES module and as CommonJS.
 */
import { createRequire } from 'node:module';

import { Client } from '@temporalio/client';
import { NativeConnection, Worker } from '@temporalio/worker';
import type { MaintenanceInput, MaintenanceResult, SwitchoverResult } from 'dcs-switchover';
import { createDcsSwitchover, InvalidInputError, NoWorkerError } from 'dcs-switchover/client';
import type { DcsSwitchover } from 'dcs-switchover/client';
import { startSimulator } from 'dcs-switchover/simulator';
import { switchoverWorkerOptions } from 'dcs-switchover/worker';

const [address = ''] = process.argv.slice(2);

async function main(): Promise<void> {
  const simulator = await startSimulator({ instances: [{}, {}, {}] });
  const connection = await NativeConnection.connect({ address });
  const { projectId, region, endpoint, accessKey, secretKey } = simulator;
  const env = {
    HUAWEICLOUD_SDK_PROJECT_ID: projectId,
    HUAWEICLOUD_SDK_AK: accessKey,
    HUAWEICLOUD_SDK_SK: secretKey,
    DCS_REGION: region,
    DCS_ENDPOINT: endpoint,
  };
  const startWorker = async (taskQueue: string, isBound: boolean) => {
    const { options, bind } = await switchoverWorkerOptions({ connection, env });
    const greet = (name: string): Promise<string> => Promise.resolve(`Hello ${name}`);
    const activities = { ...options.activities, greet };
    const worker = await Worker.create({ ...options, taskQueue, activities });
    return isBound ? bind(worker) : worker;
  };
  const idOf = (index: number): string => simulator.instances[index]?.instanceId ?? '';
  const withWorker = async <T>(
    name: string,
    isBound: boolean,
    use: (dcs: DcsSwitchover) => Promise<T>,
  ): Promise<T> => {
    const taskQueue = `consumer-${name}-${String(process.pid)}`;
    const worker = await startWorker(taskQueue, isBound);
    const dcs = createDcsSwitchover({ client: new Client({ connection }), taskQueue });
    return worker.runUntil(() => use(dcs));
  };
  const play = (index: number, isBound: boolean): Promise<SwitchoverResult> =>
    withWorker(String(index), isBound, async ({ switchover }) => {
      const timing = { busyWaitSeconds: isBound ? 60 : 0 };
      const input = { projectId, instanceId: idOf(index), toggle: true, timing };
      return switchover.result(await switchover.start(input));
    });
  /** As the error asks: a worker that has just begun may not answer in time on a busy machine. */
  const insist = async <T>(call: () => Promise<T>): Promise<T> => {
    for (;;)
      try {
        return await call();
      } catch (error) {
        if (!(error instanceof NoWorkerError) || error.silence === 'failing') throw error;
      }
  };
  const runMaintenance = (): Promise<MaintenanceResult> =>
    withWorker('maintenance', true, async ({ maintenance }) => {
      const input: MaintenanceInput = {
        maintenanceId: `consumer-${String(process.pid)}`,
        ...{ projectId, instanceIds: [idOf(2)], toggle: true, requireApproval: true },
        window: { closesAt: new Date(Date.now() + 3_600_000).toISOString() },
      };
      const started = await maintenance.start(input);
      await insist(() => maintenance.approve(started, { by: 'consumer' }));
      return maintenance.result(started);
    });
  const [bound, unbound, maintenance] = await Promise.all([
    play(0, true),
    play(1, false),
    runMaintenance(),
  ]);
  const puts = simulator.ledger.puts().length;
  const isClass = new InvalidInputError([]) instanceof Error;
  // @ts-expect-error the types are those of the package, not `any`
  const wrong: number = bound.outcome;
  const loaded = Object.keys(createRequire(process.argv[1] ?? '').cache);
  console.log(JSON.stringify({ bound, unbound, maintenance, puts, isClass, wrong, loaded }));
  await connection.close();
  await simulator.close();
}

void main();
