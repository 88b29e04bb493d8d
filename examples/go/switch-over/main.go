// Switches one instance over and says how that ended.
//
//	switch-over PROJECT_ID INSTANCE_ID ZONE REQUEST_ID
//
// Temporal is found by TEMPORAL_ADDRESS, TEMPORAL_NAMESPACE and the other variables of its SDKs. The result is
// printed as JSON. Exit code: 0 the master is in ZONE, 3 refused, 6 unknown, 1 anything else.
package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"slices"

	enums "go.temporal.io/api/enums/v1"
	"go.temporal.io/api/serviceerror"
	"go.temporal.io/sdk/client"
	"go.temporal.io/sdk/contrib/envconfig"
	"go.temporal.io/sdk/temporal"
)

// Result has the fields that this program reads; schemas/switchover-result.schema.json has them all.
type Result struct {
	Outcome string  `json:"outcome"`
	Message string  `json:"message"`
	Checks  []Check `json:"checks"`
}

// Check is one pre-check; Passed is nil where it could not be made.
type Check struct {
	ID       string `json:"id"`
	Passed   *bool  `json:"passed"`
	Observed string `json:"observed"`
	Remedy   string `json:"remedy"`
}

var failures = []string{"REFUSED", "FAILED_UNCHANGED", "COMPENSATED", "UNKNOWN", "INVALID_INPUT"}

var exitCodes = map[string]int{"SUCCEEDED": 0, "NOOP": 0, "REFUSED": 3, "UNKNOWN": 6}

// switchOver starts the run and waits for its end.
func switchOver(ctx context.Context, temporalClient client.Client, projectID, instanceID, zone, requestID string) (Result, error) {
	input := map[string]any{
		"projectId":  projectID,
		"instanceId": instanceID,
		"target":     map[string]string{"availabilityZone": zone},
		// Sent once more after a crash of ours, the same id does not switch once more.
		"requestId": requestID,
	}
	options := client.StartWorkflowOptions{
		// The id is the lock: one open run per instance, no matter who starts it.
		ID:                       fmt.Sprintf("dcs-switchover:%s:%s", projectID, instanceID),
		WorkflowIDConflictPolicy: enums.WORKFLOW_ID_CONFLICT_POLICY_FAIL,
		// Without this the SDK hands out the open run as if it were ours, whatever that one was asked.
		WorkflowExecutionErrorWhenAlreadyStarted: true,
		TaskQueue:                                taskQueue(),
		// No retry policy and no timeout: a run with either is INVALID_INPUT.
	}
	run, err := temporalClient.ExecuteWorkflow(ctx, options, "dcsSwitchover", input)
	if err != nil {
		return Result{}, err
	}
	var result Result
	if err := run.Get(ctx, &result); err != nil {
		return reportedBy(err)
	}
	return result, nil
}

// reportedBy gives what a failed run says of itself.
func reportedBy(err error) (Result, error) {
	var execution *temporal.WorkflowExecutionError
	if !errors.As(err, &execution) {
		return Result{}, err // Not the run failed, but the call.
	}
	var failure *temporal.ApplicationError
	if errors.As(err, &failure) && slices.Contains(failures, failure.Type()) {
		var result Result
		if failure.HasDetails() {
			if err := failure.Details(&result); err != nil {
				return Result{}, err
			}
		}
		result.Outcome, result.Message = failure.Type(), failure.Message()
		return result, nil
	}
	if temporal.IsCanceledError(err) {
		return Result{Outcome: "CANCELLED", Message: "Cancelled before anything was sent."}, nil
	}
	// Terminated, timed out or broken: its PUT may have left.
	message := fmt.Sprintf("The run reported no result (%v). Do not switch again before you know. Find out:", err)
	return Result{Outcome: "UNKNOWN", Message: message + "\n  dcs-switchover list --unresolved"}, nil
}

func taskQueue() string {
	if name := os.Getenv("DCS_SWITCHOVER_TASK_QUEUE"); name != "" {
		return name
	}
	return "dcs-switchover"
}

func run(ctx context.Context, projectID, instanceID, zone, requestID string) (int, error) {
	options, err := envconfig.LoadDefaultClientOptions()
	if err != nil {
		return 1, err
	}
	temporalClient, err := client.DialContext(ctx, options)
	if err != nil {
		return 1, err
	}
	defer temporalClient.Close()
	result, err := switchOver(ctx, temporalClient, projectID, instanceID, zone, requestID)
	var alreadyStarted *serviceerror.WorkflowExecutionAlreadyStarted
	if errors.As(err, &alreadyStarted) {
		return 1, errors.New("another run of this instance is open; nothing was started")
	}
	if err != nil {
		return 1, err
	}
	if err := json.NewEncoder(os.Stdout).Encode(result); err != nil {
		return 1, err
	}
	code, isKnown := exitCodes[result.Outcome]
	if !isKnown {
		code = 1
	}
	if code == 3 {
		for _, check := range result.Checks {
			if check.Passed != nil && !*check.Passed {
				fmt.Fprintf(os.Stderr, "%s: %s. %s\n", check.ID, check.Observed, check.Remedy)
			}
		}
	} else if code != 0 {
		fmt.Fprintln(os.Stderr, result.Message)
	}
	return code, nil
}

func main() {
	if len(os.Args) != 5 {
		fmt.Fprintln(os.Stderr, "usage: switch-over PROJECT_ID INSTANCE_ID ZONE REQUEST_ID")
		os.Exit(2)
	}
	code, err := run(context.Background(), os.Args[1], os.Args[2], os.Args[3], os.Args[4])
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
	}
	os.Exit(code)
}
