# coding: utf-8
"""Switches one instance with the vendor's SDK and reads every answer; prints what the SDK made of them as JSON.

Needs CLOUD_SDK_AK, CLOUD_SDK_SK, PROJECT_ID, INSTANCE_ID, and HUAWEICLOUD_SDK_REGION_DCS_CN_NORTH_4 with the endpoint.
"""
import json
import os
import time

from huaweicloudsdkcore.auth.credentials import BasicCredentials
from huaweicloudsdkcore.exceptions import exceptions
from huaweicloudsdkdcs.v2 import *
from huaweicloudsdkdcs.v2.region.dcs_region import DcsRegion
from huaweicloudsdksts.v1 import GetCallerIdentityRequest, StsClient

INSTANCE = os.environ["INSTANCE_ID"]


def credentials_of(ak):
    return BasicCredentials(ak, os.environ["CLOUD_SDK_SK"], os.environ["PROJECT_ID"])


def client_with(ak):
    return (
        DcsClient.new_builder()
        .with_credentials(credentials_of(ak))
        .with_region(DcsRegion.value_of("cn-north-4"))
        .build()
    )


def error_of(call):
    try:
        call()
    except exceptions.ClientRequestException as error:
        return {"status": error.status_code, "error_code": error.error_code, "error_msg": error.error_msg}
    raise SystemExit("a call that must be refused was not")


client = client_with(os.environ["CLOUD_SDK_AK"])
sts = (
    StsClient.new_builder()
    .with_credentials(credentials_of(os.environ["CLOUD_SDK_AK"]))
    .with_endpoint(os.environ["HUAWEICLOUD_SDK_REGION_DCS_CN_NORTH_4"])
    .build()
)
swap = client.change_master_standby_async(ChangeMasterStandbyAsyncRequest(instance_id=INSTANCE))
while True:
    job = client.show_job_info(ShowJobInfoRequest(job_id=swap.job_id))
    if job.status == "SUCCESS":
        break
    time.sleep(0.1)

answers = {
    "asyncSwap": swap,
    "showJob": job,
    "listInstances": client.list_instances(ListInstancesRequest()),
    "showInstance": client.show_instance(ShowInstanceRequest(instance_id=INSTANCE)),
    "showTags": client.show_tags(ShowTagsRequest(instance_id=INSTANCE)),
    "listNodes": client.show_nodes_information(ShowNodesInformationRequest(instance_id=INSTANCE)),
    "listAllNodes": client.batch_show_nodes_information(BatchShowNodesInformationRequest()),
    "listGroups": client.list_group_replication_info(ListGroupReplicationInfoRequest(instance_id=INSTANCE)),
    "listTasks": client.list_background_task(ListBackgroundTaskRequest(instance_id=INSTANCE)),
    "listCenterTasks": client.list_center_task(ListCenterTaskRequest()),
    "callerIdentity": sts.get_caller_identity(GetCallerIdentityRequest()),
}
stranger = client_with("STRANGER")
refusals = {
    "unknownInstance": error_of(
        lambda: client.show_instance(ShowInstanceRequest(instance_id="00000000-0000-4000-8000-000000000000"))
    ),
    "unknownKey": error_of(lambda: stranger.show_instance(ShowInstanceRequest(instance_id=INSTANCE))),
}
print(json.dumps({"answers": {name: answer.to_dict() for name, answer in answers.items()}, "refusals": refusals}))
