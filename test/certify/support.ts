/** Swaps made by a client of the test, watched by the witness of `certify`: all but the runs themselves. */
import { openWitness } from '../../src/certify/index.js';
import type {
  Leg,
  Observations,
  SwapProgress,
  SwapSeen,
  Witness,
} from '../../src/certify/index.js';
import { createDcsClient, DcsError, environmentCredentials } from '../../src/dcs/index.js';
import type { DcsClient } from '../../src/dcs/index.js';
import { startSimulator } from '../../src/simulator/index.js';
import type { Habits, Simulator, SimulatorOptions } from '../../src/simulator/index.js';
import { timeoutSignal } from '../../src/util.js';

/** So slow that a busy machine reads several times while a job goes on. */
export const TIMES = { jobInitMs: 300, jobRunMs: 2_500, lateMs: 3_000, staleMs: 4_000 };

const STEP_MS = 120;

/** Ids that are always the same, so that a shuffled list is never sorted by chance. */
const idOf = (count: number): string =>
  `5560df16-cebf-4473-95c4-${String(count).padStart(12, '0')}`;

/** A simulator with one instance to switch, neighbours of different age, and old tasks. */
export async function startAccount(
  habits: Partial<Habits>,
  options: SimulatorOptions = {},
): Promise<Simulator> {
  const { jobInitMs, jobRunMs } = TIMES;
  const simulator = await startSimulator({
    timing: { jobInitMs, jobRunMs },
    ...options,
    habits,
    instances: [{ name: 'throw-away', instanceId: idOf(0) }],
  });
  for (let count = 1; count <= 4; count += 1) {
    // Their age is a time in milliseconds.
    await new Promise((resolve) => setTimeout(resolve, 3));
    const tags = count === 2 ? [{ key: '2024', value: 'x' }] : [];
    await simulator.addInstance({ instanceId: idOf(count), tags });
  }
  for (let day = 1; day <= 6; day += 1)
    simulator.instances[0]?.addTask({
      ...{ id: `${day}`.repeat(32), name: 'modify' },
      created_at: `2026-01-0${day}T00:00:00.000Z`,
    });
  return simulator;
}

/** What a worker of this account has in its environment. */
export function environmentOf(simulator: Simulator): NodeJS.ProcessEnv {
  return {
    DCS_ENDPOINT: simulator.endpoint,
    DCS_REGION: simulator.region,
    HUAWEICLOUD_SDK_PROJECT_ID: simulator.projectId,
    HUAWEICLOUD_SDK_AK: simulator.accessKey,
    HUAWEICLOUD_SDK_SK: simulator.secretKey,
  };
}

/** Everything that a contact shows, there and back. */
export async function contact(simulator: Simulator): Promise<Observations> {
  const env = environmentOf(simulator);
  const instanceId = simulator.instances[0]?.instanceId ?? '';
  const { endpoint, projectId } = simulator;
  const client = createDcsClient({ endpoint, projectId, credentials: environmentCredentials(env) });
  const witness = await openWitness({ env, projectId: null, instanceId, stepMs: () => STEP_MS });
  await witness.survey();
  const there = await swapOnce(client, witness, instanceId, 'there');
  const back = there.jobId === null ? [] : [await swapOnce(client, witness, instanceId, 'back')];
  await witness.finish();
  return witness.observations([there, ...back]);
}

async function swapOnce(
  client: DcsClient,
  witness: Witness,
  instanceId: string,
  leg: Leg,
): Promise<SwapSeen> {
  const notBeforeMs = witness.nowMs();
  const { jobId, message } = await put(client, instanceId);
  const notAfterMs = witness.nowMs();
  const progress: SwapProgress = {
    ...{ jobId, notBeforeMs, notAfterMs, mayHaveLeft: true },
    endedAtMs: notAfterMs,
  };
  await witness.watch(leg, () => progress);
  const outcome = jobId === null ? 'FAILED_UNCHANGED' : 'SUCCEEDED';
  return { leg, outcome, cause: null, message, jobId, notBeforeMs, notAfterMs };
}

async function put(
  client: DcsClient,
  instanceId: string,
): Promise<{ readonly jobId: string | null; readonly message: string }> {
  const swap = await client.openSwap(instanceId, { signal: timeoutSignal(60_000) });
  try {
    const { value } = await swap.send();
    return { jobId: value.jobId, message: '' };
  } catch (error) {
    if (!(error instanceof DcsError)) throw error;
    return { jobId: null, message: error.message };
  } finally {
    swap.close();
  }
}
