import type { Client } from '@temporalio/client';
import { defaultPayloadConverter } from '@temporalio/common';
import type { Payload } from '@temporalio/common';
import { temporal } from '@temporalio/proto';

const { CommandType } = temporal.api.enums.v1;

/** Longest time to wait for a task that the server is known to hand out. */
const POLL_TIMEOUT_MS = 10_000;

type Command = temporal.api.command.v1.ICommand;

/** An activity task that was taken. */
export interface TakenActivity {
  readonly type: string;
  complete(report: unknown): Promise<void>;
  /** Fails this attempt, so that the server schedules the next one. */
  fail(message: string): Promise<void>;
  heartbeat(details: unknown): Promise<void>;
}

/**
 * Plays workflow and worker over raw RPCs, one step at a time: gives a test exactly the history that
 * it needs, and a run that stops exactly where it wants.
 */
export interface FakeWorker {
  /** Answers the pending workflow task with these commands. */
  decide(...commands: Command[]): Promise<void>;
  /** Takes the pending workflow task and says nothing more, as a worker that is killed. */
  dropTask(): Promise<void>;
  /** Takes the pending workflow task and fails at it, as a worker that cannot read it. */
  failTask(): Promise<void>;
  /** Takes the next activity task, so that it counts as started. */
  takeActivity(): Promise<TakenActivity>;
  /** Schedules an activity, takes it and completes it: one step of the workflow. */
  perform(type: string, call: unknown, report: unknown): Promise<void>;
  /** Answers the next query with this value. */
  answerQuery(value: unknown): Promise<void>;
}

/** A fake worker of one queue, which must be the test's own. */
export function createFakeWorker(client: Client, taskQueue: string): FakeWorker {
  const service = client.workflowService;
  const { namespace } = client.options;
  const queue = { namespace, taskQueue: { name: taskQueue }, identity: 'fake' };
  const soon = <T>(call: () => Promise<T>): Promise<T> =>
    client.withDeadline(Date.now() + POLL_TIMEOUT_MS, call);
  const decide = async (...commands: Command[]): Promise<void> => {
    const { taskToken } = await soon(() => service.pollWorkflowTaskQueue(queue));
    await service.respondWorkflowTaskCompleted({ namespace, taskToken, commands });
  };
  const takeActivity = async (): Promise<TakenActivity> => {
    const { taskToken, activityType } = await soon(() => service.pollActivityTaskQueue(queue));
    return {
      type: activityType?.name ?? '',
      complete: async (report) => {
        const result = { payloads: [toPayload(report)] };
        await service.respondActivityTaskCompleted({ namespace, taskToken, result });
      },
      fail: async (message) => {
        const failure = { message, applicationFailureInfo: { type: 'DcsUnreadable' } };
        await service.respondActivityTaskFailed({ namespace, taskToken, failure });
      },
      heartbeat: async (value) => {
        const details = { payloads: [toPayload(value)] };
        await service.recordActivityTaskHeartbeat({ namespace, taskToken, details });
      },
    };
  };
  return {
    decide,
    dropTask: async () => {
      await soon(() => service.pollWorkflowTaskQueue(queue));
    },
    failTask: async () => {
      const { taskToken } = await soon(() => service.pollWorkflowTaskQueue(queue));
      const failure = { message: 'cannot decode' };
      await service.respondWorkflowTaskFailed({ namespace, taskToken, failure });
    },
    takeActivity,
    perform: async (type, call, report) => {
      await decide(schedule(type, call, taskQueue));
      await (await takeActivity()).complete(report);
    },
    answerQuery: async (value) => {
      const { taskToken } = await soon(() => service.pollWorkflowTaskQueue(queue));
      await service.respondQueryTaskCompleted({
        namespace,
        taskToken,
        completedType: temporal.api.enums.v1.QueryResultType.QUERY_RESULT_TYPE_ANSWERED,
        queryResult: { payloads: [toPayload(value)] },
      });
    },
  };
}

let activityCount = 0;

/** Command: schedules an activity. */
export function schedule(
  type: string,
  call: unknown,
  taskQueue: string,
  timeouts: temporal.api.command.v1.IScheduleActivityTaskCommandAttributes = {},
): Command {
  activityCount += 1;
  return {
    commandType: CommandType.COMMAND_TYPE_SCHEDULE_ACTIVITY_TASK,
    scheduleActivityTaskCommandAttributes: {
      activityId: String(activityCount),
      activityType: { name: type },
      taskQueue: { name: taskQueue },
      input: { payloads: [toPayload(call)] },
      startToCloseTimeout: seconds(60),
      scheduleToCloseTimeout: seconds(60),
      retryPolicy: { maximumAttempts: 1 },
      ...timeouts,
    },
  };
}

/** Command: starts a timer that no test waits for. */
export function startTimer(): Command {
  return {
    commandType: CommandType.COMMAND_TYPE_START_TIMER,
    startTimerCommandAttributes: { timerId: 't', startToFireTimeout: seconds(3600) },
  };
}

/** Command: completes the workflow. */
export function completeRun(value: unknown): Command {
  return {
    commandType: CommandType.COMMAND_TYPE_COMPLETE_WORKFLOW_EXECUTION,
    completeWorkflowExecutionCommandAttributes: { result: { payloads: [toPayload(value)] } },
  };
}

/** Command: fails the workflow as our workflow does, or as a stranger's might. */
export function failRun(type: string, message: string, ...details: unknown[]): Command {
  return {
    commandType: CommandType.COMMAND_TYPE_FAIL_WORKFLOW_EXECUTION,
    failWorkflowExecutionCommandAttributes: {
      failure: {
        message,
        applicationFailureInfo: {
          type,
          nonRetryable: true,
          details: { payloads: details.map(toPayload) },
        },
      },
    },
  };
}

/** Command: ends the workflow Cancelled. */
export function cancelRun(): Command {
  return {
    commandType: CommandType.COMMAND_TYPE_CANCEL_WORKFLOW_EXECUTION,
    cancelWorkflowExecutionCommandAttributes: {},
  };
}

/** Command: goes on as a new run of the same chain. */
export function continueAsNew(type: string, taskQueue: string, ...args: unknown[]): Command {
  return {
    commandType: CommandType.COMMAND_TYPE_CONTINUE_AS_NEW_WORKFLOW_EXECUTION,
    continueAsNewWorkflowExecutionCommandAttributes: {
      workflowType: { name: type },
      taskQueue: { name: taskQueue },
      input: { payloads: args.map(toPayload) },
    },
  };
}

/** A duration on the wire; the declared type wants a 64-bit object, the encoder does not. */
export function seconds(count: number): { readonly seconds: never } {
  return { seconds: count as never };
}

function toPayload(value: unknown): Payload {
  return defaultPayloadConverter.toPayload(value);
}
