import type { ConnectedSwitchoverClient, RunRef } from '../client.js';
import type { MaintenanceInput, SwitchoverInput } from '../contract/index.js';

import type { Cli, OperatorClient } from './context.js';
import { readProject, toConnectOptions } from './options.js';
import type { PickOptions, QueueOptions, RunOptions } from './options.js';

/** Connects, and closes the connection whatever happens. */
export async function withClient<T>(
  cli: Cli,
  options: RunOptions,
  use: (client: ConnectedSwitchoverClient) => Promise<T>,
): Promise<T> {
  const client = await cli.connect(toConnectOptions(cli.io, options));
  try {
    return await use(client);
  } finally {
    await client.close();
  }
}

/** The same for plans, schedules and the freeze. */
export async function withOperator<T>(
  cli: Cli,
  options: QueueOptions,
  use: (client: OperatorClient) => Promise<T>,
): Promise<T> {
  const client = await cli.connectOperator(toConnectOptions(cli.io, options));
  try {
    return await use(client);
  } finally {
    await client.close();
  }
}

/** Refuses a bad input before anything is opened. @throws InvalidInputError */
export async function checkBeforeConnecting(input: SwitchoverInput): Promise<void> {
  const { checkInput } = await import('../client.js');
  checkInput(input);
}

/** The run that `INSTANCE` and the options pick, checked before anything is opened. */
export async function toRunRef(
  cli: Cli,
  instanceId: string,
  options: RunOptions & PickOptions,
): Promise<RunRef> {
  const { checkRunRef } = await import('../client.js');
  const ref: RunRef = {
    projectId: readProject(cli.io, options),
    instanceId,
    mode: options.plan === true ? 'plan' : 'switch',
    runId: options.run,
    taskQueue: options.taskQueue,
  };
  checkRunRef(ref);
  return ref;
}

/** Ids of commands that go straight to DCS; what is absent is not checked. */
interface Ids {
  readonly instanceId: string | undefined;
  readonly projectId?: string | undefined;
  readonly jobId?: string | undefined;
}

/** Fits wherever an id is not given. */
const STAND_IN = '00000000-0000-0000-0000-000000000000';

/** Refuses bad ids before anything is opened. @throws InvalidInputError */
export function checkIds({ instanceId, projectId, jobId }: Ids): Promise<void> {
  const ids = { instanceId: instanceId ?? STAND_IN, projectId: projectId ?? STAND_IN };
  return checkBeforeConnecting({ ...ids, mode: 'adopt', jobId: jobId ?? STAND_IN });
}

/** Refuses a bad plan before anything is opened. @throws InvalidInputError */
export async function checkPlanBeforeConnecting(input: MaintenanceInput): Promise<void> {
  const { checkMaintenanceInput } = await import('../client.js');
  checkMaintenanceInput(input);
}
