/**
 * What a team would write: a worker of its own with our part and an activity of theirs, from the packed
 * package. Compiled and run by ../consumer.test.ts, as an ES module and as CommonJS.
 */
import { Client } from '@temporalio/client';
import { NativeConnection, Worker } from '@temporalio/worker';
import { createSwitchoverClient, InvalidInputError } from 'dcs-switchover/client';
import type { SwitchoverResult } from 'dcs-switchover';
import { startSimulator } from 'dcs-switchover/simulator';
import { switchoverWorkerOptions } from 'dcs-switchover/worker';

const [address = ''] = process.argv.slice(2);

async function main(): Promise<void> {
  const simulator = await startSimulator({ instances: [{}, {}] });
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
  const play = async (index: number, isBound: boolean): Promise<SwitchoverResult> => {
    const taskQueue = `consumer-${String(index)}-${String(process.pid)}`;
    const worker = await startWorker(taskQueue, isBound);
    const client = createSwitchoverClient({ client: new Client({ connection }), taskQueue });
    const instanceId = simulator.instances[index]?.instanceId ?? '';
    const timing = { busyWaitSeconds: isBound ? 60 : 0 };
    return worker.runUntil(async () =>
      client.result(await client.start({ projectId, instanceId, toggle: true, timing })),
    );
  };
  const bound = await play(0, true);
  const unbound = await play(1, false);
  const puts = simulator.ledger.puts().length;
  const isClass = new InvalidInputError([]) instanceof Error;
  // @ts-expect-error the types are those of the package, not `any`
  const wrong: number = bound.outcome;
  console.log(JSON.stringify({ bound, unbound, puts, isClass, wrong }));
  await connection.close();
  await simulator.close();
}

void main();
