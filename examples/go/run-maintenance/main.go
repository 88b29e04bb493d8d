// Switches instances over by a maintenance that someone has to approve, and says how that ended.
//
//	run-maintenance MAINTENANCE_ID PROJECT_ID APPROVER INSTANCE_ID…
//
// Temporal is found by TEMPORAL_ADDRESS, TEMPORAL_NAMESPACE and the other variables of its SDKs. The result is
// printed as JSON. Exit code: 0 every instance is done, 10 not every one, 1 anything else.
package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"time"

	enums "go.temporal.io/api/enums/v1"
	"go.temporal.io/sdk/client"
	"go.temporal.io/sdk/contrib/envconfig"
	"go.temporal.io/sdk/temporal"
)

// Result has the fields that this program reads; schemas/maintenance-result.schema.json has them all.
type Result struct {
	Outcome string `json:"outcome"`
	Cause   string `json:"cause"`
	Message string `json:"message"`
	Items   []Item `json:"items"`
}

// Item is one instance.
type Item struct {
	InstanceID string `json:"instanceId"`
	Forward    Leg    `json:"forward"`
}

// Leg is one switchover of a maintenance; Outcome is nil where it did not end.
type Leg struct {
	State   string  `json:"state"`
	Outcome *string `json:"outcome"`
	Reason  *string `json:"reason"`
}

// Receipt is the answer of every update.
type Receipt struct {
	Changed bool   `json:"changed"`
	Message string `json:"message"`
}

// inputOf is the argument of the workflow; schemas/maintenance-input.schema.json has every field.
func inputOf(maintenanceID, projectID string, instanceIDs []string) map[string]any {
	return map[string]any{
		"maintenanceId":   maintenanceID,
		"projectId":       projectID,
		"instanceIds":     instanceIDs,
		"toggle":          true,
		"window":          map[string]any{"closesAt": time.Now().Add(time.Hour).Format(time.RFC3339)},
		"requireApproval": true,
		"maxFailures":     1,
	}
}

// runMaintenance starts the maintenance, approves it and waits for its end.
func runMaintenance(ctx context.Context, temporalClient client.Client, input map[string]any, approver string) (Result, error) {
	var result Result
	options := client.StartWorkflowOptions{
		ID:                       fmt.Sprintf("dcs-maintenance:%s", input["maintenanceId"]),
		WorkflowIDConflictPolicy: enums.WORKFLOW_ID_CONFLICT_POLICY_FAIL,
		// Without this the SDK hands out the open maintenance as if it were ours.
		WorkflowExecutionErrorWhenAlreadyStarted: true,
		TaskQueue:                                taskQueue(),
		// Temporal's 10 s are short for a slow worker that replays a large maintenance.
		WorkflowTaskTimeout: time.Minute,
	}
	run, err := temporalClient.ExecuteWorkflow(ctx, options, "dcsMaintenance", input)
	if err != nil {
		return result, err
	}
	if err := approve(ctx, temporalClient, run.GetID(), approver); err != nil {
		return result, err
	}
	err = run.Get(ctx, &result)
	var failure *temporal.ApplicationError
	if errors.As(err, &failure) && failure.Type() == "PARTIAL" {
		return result, failure.Details(&result)
	}
	return result, err
}

// approve is usually another client's part. Sent twice, it changes nothing the second time.
func approve(ctx context.Context, temporalClient client.Client, workflowID, approver string) error {
	update, err := temporalClient.UpdateWorkflow(ctx, client.UpdateWorkflowOptions{
		WorkflowID:   workflowID,
		UpdateName:   "approve",
		Args:         []any{map[string]string{"by": approver}},
		WaitForStage: client.WorkflowUpdateStageCompleted,
	})
	var receipt Receipt
	if err == nil {
		err = update.Get(ctx, &receipt)
	}
	if err != nil {
		// Of type INVALID_MESSAGE or NOT_POSSIBLE_NOW. The maintenance goes on as if nothing had been said.
		return fmt.Errorf("not approved: %w", err)
	}
	fmt.Fprintln(os.Stderr, receipt.Message)
	return nil
}

func taskQueue() string {
	if name := os.Getenv("DCS_SWITCHOVER_TASK_QUEUE"); name != "" {
		return name
	}
	return "dcs-switchover"
}

func run(ctx context.Context, maintenanceID, projectID, approver string, instanceIDs []string) (int, error) {
	options, err := envconfig.LoadDefaultClientOptions()
	if err != nil {
		return 1, err
	}
	temporalClient, err := client.DialContext(ctx, options)
	if err != nil {
		return 1, err
	}
	defer temporalClient.Close()
	result, err := runMaintenance(ctx, temporalClient, inputOf(maintenanceID, projectID, instanceIDs), approver)
	if err != nil {
		return 1, err
	}
	if err := json.NewEncoder(os.Stdout).Encode(result); err != nil {
		return 1, err
	}
	for _, item := range result.Items {
		shown, reason := item.Forward.State, ""
		if item.Forward.Outcome != nil {
			shown = *item.Forward.Outcome
		}
		if item.Forward.Reason != nil {
			reason = *item.Forward.Reason
		}
		fmt.Fprintf(os.Stderr, "%s  %s  %s\n", item.InstanceID, shown, reason)
	}
	if result.Outcome != "COMPLETED" {
		return 10, nil
	}
	return 0, nil
}

func main() {
	if len(os.Args) < 5 {
		fmt.Fprintln(os.Stderr, "usage: run-maintenance MAINTENANCE_ID PROJECT_ID APPROVER INSTANCE_ID…")
		os.Exit(2)
	}
	code, err := run(context.Background(), os.Args[1], os.Args[2], os.Args[3], os.Args[4:])
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
	}
	os.Exit(code)
}
