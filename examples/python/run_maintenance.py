"""Switches instances over by a maintenance that someone has to approve, and says how that ended.

    python run_maintenance.py MAINTENANCE_ID PROJECT_ID APPROVER INSTANCE_ID…

Temporal is found by TEMPORAL_ADDRESS, TEMPORAL_NAMESPACE and the other variables of its SDKs. The result is
printed as JSON. Exit code: 0 every instance is done, 10 not every one, 1 anything else.
"""

import asyncio
import json
import os
import sys
from datetime import datetime, timedelta, timezone

from temporalio.client import Client, WorkflowFailureError, WorkflowUpdateFailedError
from temporalio.common import WorkflowIDConflictPolicy
from temporalio.envconfig import ClientConfig
from temporalio.exceptions import ApplicationError, WorkflowAlreadyStartedError

TASK_QUEUE = os.environ.get("DCS_SWITCHOVER_TASK_QUEUE", "dcs-switchover")


def input_of(maintenance_id: str, project_id: str, instance_ids: list[str]) -> dict:
    """The argument of the workflow; schemas/maintenance-input.schema.json has every field."""
    closes_at = datetime.now(timezone.utc) + timedelta(hours=1)
    return {
        "maintenanceId": maintenance_id,
        "projectId": project_id,
        "instanceIds": instance_ids,
        "toggle": True,
        "window": {"closesAt": closes_at.isoformat()},
        "requireApproval": True,
        "maxFailures": 1,
    }


async def run_maintenance(client: Client, maintenance: dict, approver: str) -> dict:
    """Starts the maintenance, approves it and waits for its end."""
    run = await client.start_workflow(
        "dcsMaintenance",
        maintenance,
        id=f"dcs-maintenance:{maintenance['maintenanceId']}",
        id_conflict_policy=WorkflowIDConflictPolicy.FAIL,
        task_queue=TASK_QUEUE,
        # Temporal's 10 s are short for a slow worker that replays a large maintenance.
        task_timeout=timedelta(seconds=60),
        result_type=dict,
    )
    # Usually another client's part. Sent twice, it changes nothing the second time.
    receipt = await run.execute_update("approve", {"by": approver}, result_type=dict)
    print(receipt["message"], file=sys.stderr)
    try:
        return await run.result()
    except WorkflowFailureError as failure:
        cause = failure.cause
        if isinstance(cause, ApplicationError) and cause.type == "PARTIAL":
            return cause.details[0]
        raise


async def main(maintenance_id, project_id, approver, *instance_ids) -> int:
    client = await Client.connect(**ClientConfig.load_client_connect_config())
    try:
        result = await run_maintenance(client, input_of(maintenance_id, project_id, instance_ids), approver)
    except WorkflowAlreadyStartedError:
        print("A maintenance of this id is open. Nothing was started.", file=sys.stderr)
        return 1
    except WorkflowUpdateFailedError as refused:
        # Of type INVALID_MESSAGE or NOT_POSSIBLE_NOW. The maintenance goes on as if nothing had been said.
        print(f"Not approved: {refused.cause}", file=sys.stderr)
        return 1
    except WorkflowFailureError as failure:
        print(f"The maintenance reported no result: {failure.cause}", file=sys.stderr)
        return 1
    print(json.dumps(result))
    for item in result["items"]:
        leg = item["forward"]
        shown = leg["outcome"] or leg["state"]
        print(f"{item['instanceId']}  {shown}  {leg['reason'] or ''}", file=sys.stderr)
    return 0 if result["outcome"] == "COMPLETED" else 10


if __name__ == "__main__":
    if len(sys.argv) < 5:
        sys.exit(__doc__)
    exit_code = asyncio.run(main(*sys.argv[1:]))
    sys.stdout.flush()
    # Not sys.exit: see switch_over.py.
    os._exit(exit_code)
