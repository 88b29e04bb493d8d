"""Answers the hooks of maintenance runs: may this instance be switched now, and what became of it?

    python hook_worker.py TASK_QUEUE

A maintenance names the queue and the activities: {"hooks": {"taskQueue": "…", "before": "may-switch", "after": "was-switched"}}.
Instances whose ids stand in KEEP_OUT, separated by commas, are left out of every maintenance.
"""

import asyncio
import os
import sys

from temporalio import activity
from temporalio.client import Client
from temporalio.envconfig import ClientConfig
from temporalio.worker import Worker

KEEP_OUT = os.environ.get("KEEP_OUT", "").split(",")


@activity.defn(name="may-switch")
async def may_switch(call: dict) -> dict:
    """Asked before each switchover. After a failure or any other answer the instance is not started."""
    if call["instanceId"] in KEEP_OUT:
        return {"answer": "skip", "reason": "a batch job runs on it"}
    # {"answer": "abort", "reason": "…"} would end all further starts of the maintenance.
    return {"answer": "proceed"}


@activity.defn(name="was-switched")
async def was_switched(call: dict) -> None:
    """Called after each ended switchover. Nothing that happens in here changes the maintenance's outcome."""
    print(call["instanceId"], call["outcome"], flush=True)


async def main(task_queue: str) -> None:
    client = await Client.connect(**ClientConfig.load_client_connect_config())
    await Worker(client, task_queue=task_queue, activities=[may_switch, was_switched]).run()


if __name__ == "__main__":
    if len(sys.argv) != 2:
        sys.exit(__doc__)
    asyncio.run(main(sys.argv[1]))
