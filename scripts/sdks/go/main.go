// Switches one instance with the vendor's SDK and reads every answer; prints what the SDK made of them as JSON.
//
// Needs CLOUD_SDK_AK, CLOUD_SDK_SK, PROJECT_ID, INSTANCE_ID, and HUAWEICLOUD_SDK_REGION_DCS_CN_NORTH_4 with the
// endpoint.
package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"time"

	"github.com/huaweicloud/huaweicloud-sdk-go-v3/core/auth/basic"
	"github.com/huaweicloud/huaweicloud-sdk-go-v3/core/sdkerr"
	dcs "github.com/huaweicloud/huaweicloud-sdk-go-v3/services/dcs/v2"
	"github.com/huaweicloud/huaweicloud-sdk-go-v3/services/dcs/v2/model"
	region "github.com/huaweicloud/huaweicloud-sdk-go-v3/services/dcs/v2/region"
	sts "github.com/huaweicloud/huaweicloud-sdk-go-v3/services/sts/v1"
	stsmodel "github.com/huaweicloud/huaweicloud-sdk-go-v3/services/sts/v1/model"
)

const pollInterval = 100 * time.Millisecond

func credentialsOf(ak string) *basic.Credentials {
	return basic.NewCredentialsBuilder().
		WithAk(ak).
		WithSk(os.Getenv("CLOUD_SDK_SK")).
		WithProjectId(os.Getenv("PROJECT_ID")).
		Build()
}

func clientWith(ak string) *dcs.DcsClient {
	return dcs.NewDcsClient(
		dcs.DcsClientBuilder().
			WithRegion(region.ValueOf("cn-north-4")).
			WithCredential(credentialsOf(ak)).
			Build())
}

func callerIdentity() *stsmodel.GetCallerIdentityResponse {
	client := sts.NewStsClient(
		sts.StsClientBuilder().
			WithEndpoint(os.Getenv("HUAWEICLOUD_SDK_REGION_DCS_CN_NORTH_4")).
			WithCredential(credentialsOf(os.Getenv("CLOUD_SDK_AK"))).
			Build())
	return must(client.GetCallerIdentity(&stsmodel.GetCallerIdentityRequest{}))
}

// must ends the program where the SDK cannot read an answer.
func must[T any](answer T, err error) T {
	if err != nil {
		fmt.Fprintf(os.Stderr, "%T: %v\n", answer, err)
		os.Exit(1)
	}
	return answer
}

type refusal struct {
	Status  int    `json:"status"`
	Code    string `json:"error_code"`
	Message string `json:"error_msg"`
}

func refusalOf(client *dcs.DcsClient, instance string) refusal {
	_, err := client.ShowInstance(&model.ShowInstanceRequest{InstanceId: instance})
	var response *sdkerr.ServiceResponseError
	if !errors.As(err, &response) {
		fmt.Fprintf(os.Stderr, "not refused as expected: %v\n", err)
		os.Exit(1)
	}
	return refusal{response.StatusCode, response.ErrorCode, response.ErrorMessage}
}

func main() {
	client := clientWith(os.Getenv("CLOUD_SDK_AK"))
	id := os.Getenv("INSTANCE_ID")
	swap := must(client.ChangeMasterStandbyAsync(&model.ChangeMasterStandbyAsyncRequest{InstanceId: id}))
	job := must(client.ShowJobInfo(&model.ShowJobInfoRequest{JobId: *swap.JobId}))
	for job.Status.Value() != "SUCCESS" {
		time.Sleep(pollInterval)
		job = must(client.ShowJobInfo(&model.ShowJobInfoRequest{JobId: *swap.JobId}))
	}
	answers := map[string]any{
		"asyncSwap":       swap,
		"showJob":         job,
		"listInstances":   must(client.ListInstances(&model.ListInstancesRequest{})),
		"showInstance":    must(client.ShowInstance(&model.ShowInstanceRequest{InstanceId: id})),
		"showTags":        must(client.ShowTags(&model.ShowTagsRequest{InstanceId: id})),
		"listNodes":       must(client.ShowNodesInformation(&model.ShowNodesInformationRequest{InstanceId: id})),
		"listAllNodes":    must(client.BatchShowNodesInformation(&model.BatchShowNodesInformationRequest{})),
		"listGroups":      must(client.ListGroupReplicationInfo(&model.ListGroupReplicationInfoRequest{InstanceId: id})),
		"listTasks":       must(client.ListBackgroundTask(&model.ListBackgroundTaskRequest{InstanceId: id})),
		"listCenterTasks": must(client.ListCenterTask(&model.ListCenterTaskRequest{})),
		"callerIdentity":  callerIdentity(),
	}
	refusals := map[string]refusal{
		"unknownInstance": refusalOf(client, "00000000-0000-4000-8000-000000000000"),
		"unknownKey":      refusalOf(clientWith("STRANGER"), id),
	}
	if err := json.NewEncoder(os.Stdout).Encode(map[string]any{"answers": answers, "refusals": refusals}); err != nil {
		os.Exit(1)
	}
}
