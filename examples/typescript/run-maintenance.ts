/**
 * Switches instances over by a maintenance that someone has to approve, and says how that ended.
 *
 *   node run-maintenance.js MAINTENANCE_ID PROJECT_ID APPROVER INSTANCE_ID…
 *
 * Temporal is found by TEMPORAL_ADDRESS, TEMPORAL_NAMESPACE and the other variables of its SDKs. The result is
 * printed as JSON. Exit code: 0 every instance is done, 10 not every one, 1 anything else.
 */
import { MessageRefusedError, connectDcsSwitchover } from 'dcs-switchover/client';
import type { DcsSwitchover } from 'dcs-switchover/client';
import type { MaintenanceInput, MaintenanceResult } from 'dcs-switchover';

const HOUR_MS = 3_600_000;

async function runMaintenance(
  { maintenance }: DcsSwitchover,
  input: MaintenanceInput,
  approver: string,
): Promise<MaintenanceResult> {
  // Safe to repeat: an open maintenance with the same input is joined.
  const started = await maintenance.start(input);
  // Usually another client's part. Sent twice, it changes nothing the second time.
  const { message } = await maintenance.approve(started, { by: approver });
  console.error(message);
  return maintenance.result(started);
}

async function main(args: readonly string[]): Promise<number> {
  const [maintenanceId = '', projectId = '', approver = '', ...instanceIds] = args;
  const client = await connectDcsSwitchover();
  try {
    const { outcome, items } = await runMaintenance(
      client,
      {
        ...{ maintenanceId, projectId, instanceIds, toggle: true },
        window: { closesAt: new Date(Date.now() + HOUR_MS).toISOString() },
        requireApproval: true,
        maxFailures: 1,
      },
      approver,
    );
    console.log(JSON.stringify({ outcome, items }));
    for (const { instanceId, forward } of items)
      console.error(`${instanceId}  ${forward.outcome ?? forward.state}  ${forward.reason ?? ''}`);
    return outcome === 'COMPLETED' ? 0 : 10;
  } catch (error) {
    // INVALID_MESSAGE or NOT_POSSIBLE_NOW: the maintenance goes on as if nothing had been said.
    if (!(error instanceof MessageRefusedError)) throw error;
    console.error(error.message);
    return 1;
  } finally {
    await client.close();
  }
}

main(process.argv.slice(2)).then(
  (exitCode) => {
    process.exitCode = exitCode;
  },
  (error: unknown) => {
    console.error(error instanceof Error ? error.message : error);
    process.exitCode = 1;
  },
);
