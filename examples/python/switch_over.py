"""Switches one instance over and says how that ended.

    python switch_over.py PROJECT_ID INSTANCE_ID ZONE REQUEST_ID

Temporal is found by TEMPORAL_ADDRESS, TEMPORAL_NAMESPACE and the other variables of its SDKs. The result is
printed as JSON. Exit code: 0 the master is in ZONE, 3 refused, 6 unknown, 1 anything else.
"""

import asyncio
import json
import os
import sys

from temporalio.client import Client, WorkflowFailureError
from temporalio.common import WorkflowIDConflictPolicy
from temporalio.envconfig import ClientConfig
from temporalio.exceptions import ApplicationError, CancelledError, WorkflowAlreadyStartedError

TASK_QUEUE = os.environ.get("DCS_SWITCHOVER_TASK_QUEUE", "dcs-switchover")
FAILURES = ("REFUSED", "FAILED_UNCHANGED", "COMPENSATED", "UNKNOWN", "INVALID_INPUT")
EXIT_CODES = {"SUCCEEDED": 0, "NOOP": 0, "REFUSED": 3, "UNKNOWN": 6}


async def switch_over(client: Client, project_id, instance_id, zone, request_id) -> dict:
    """Starts the run and waits for its end; the answer has at least `outcome` and `message`."""
    run = await client.start_workflow(
        "dcsSwitchover",
        {
            "projectId": project_id,
            "instanceId": instance_id,
            "target": {"availabilityZone": zone},
            # Sent once more after a crash of ours, the same id does not switch once more.
            "requestId": request_id,
        },
        # The id is the lock: one open run per instance, no matter who starts it.
        id=f"dcs-switchover:{project_id}:{instance_id}",
        id_conflict_policy=WorkflowIDConflictPolicy.FAIL,
        task_queue=TASK_QUEUE,
        result_type=dict,
        # No retry policy and no timeout: a run with either is INVALID_INPUT.
    )
    try:
        return await run.result()
    except WorkflowFailureError as failure:
        return reported_by(failure.cause)


def reported_by(cause: BaseException) -> dict:
    """What a failed run says of itself."""
    if isinstance(cause, ApplicationError) and cause.type in FAILURES:
        details = cause.details[0] if cause.details else {}
        return {**details, "outcome": cause.type, "message": cause.message}
    if isinstance(cause, CancelledError):
        return {"outcome": "CANCELLED", "message": "Cancelled before anything was sent."}
    # Terminated, timed out or broken: its PUT may have left.
    message = f"The run reported no result ({cause}). Do not switch again before you know. Find out:"
    return {"outcome": "UNKNOWN", "message": f"{message}\n  dcs-switchover list --unresolved"}


async def main(project_id, instance_id, zone, request_id) -> int:
    client = await Client.connect(**ClientConfig.load_client_connect_config())
    try:
        result = await switch_over(client, project_id, instance_id, zone, request_id)
    except WorkflowAlreadyStartedError:
        print("Another run of this instance is open. Nothing was started.", file=sys.stderr)
        return 1
    print(json.dumps(result))
    if result["outcome"] == "REFUSED":
        failed = [check for check in result.get("checks", []) if check["passed"] is False]
        for check in failed:
            print(f"{check['id']}: {check['observed']}. {check['remedy']}", file=sys.stderr)
    elif result["outcome"] not in ("SUCCEEDED", "NOOP"):
        print(result["message"], file=sys.stderr)
    return EXIT_CODES.get(result["outcome"], 1)


if __name__ == "__main__":
    if len(sys.argv) != 5:
        sys.exit(__doc__)
    exit_code = asyncio.run(main(*sys.argv[1:]))
    sys.stdout.flush()
    # Not sys.exit: threads of the SDK may still run, and can abort an interpreter that is being taken down
    # (temporalio/sdk-python#300). The exit code would be lost.
    os._exit(exit_code)
