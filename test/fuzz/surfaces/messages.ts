/**
 * What reaches a run by Temporal, past every check of our own clients: the argument of each workflow, updates,
 * signals, queries, and the answers of hooks. In the SDK's own sandbox, on the shipped bundle.
 */
import { coresdk } from '@temporalio/proto';
import type { Workflow } from '@temporalio/worker/lib/workflow/interface';
import fc from 'fast-check';
import Long from 'long';

import {
  FREEZE_WORKFLOW_ID,
  HOLDING_SIGNAL,
  MAINTENANCE_UPDATES,
  makeMaintenanceWorkflowId,
  makeSwitchoverWorkflowId,
  PROGRESS_QUERY,
  STATUS_QUERY,
} from '../../../src/contract/index.js';
import { planned, REQUEST } from '../../domain/maintenance/support.js';
import { activate, openSandbox } from '../../simulation/sandbox.js';
import type { Command, Completion, Job, Sandbox } from '../../simulation/sandbox.js';
import { hostileLeaf, hostileName } from '../hostile.js';
import { toJsonText } from '../recipe.js';
import type { Recipe } from '../recipe.js';
import { checkText, fail } from '../surface.js';
import type { Surface } from '../surface.js';

import { editedInputs, GOOD, recipeOf } from './inputs.js';
import type { EditedInput } from './inputs.js';

const RUN_ID = '33333333-3333-4333-8333-333333333333';
const NOW_MS = Date.parse('2026-11-24T02:00:00Z');

/** The workflows, and the id under which each is started. */
const WORKFLOWS = {
  dcsSwitchover: makeSwitchoverWorkflowId(GOOD.switchover),
  dcsMaintenance: makeMaintenanceWorkflowId('drill'),
  dcsFreeze: FREEZE_WORKFLOW_ID,
} as const;

const NAMES = [...Object.keys(MAINTENANCE_UPDATES), HOLDING_SIGNAL, PROGRESS_QUERY, STATUS_QUERY];

/** One message; the arguments are those of an edited input, or anything. */
interface Message {
  readonly how: 'update' | 'signal' | 'query';
  readonly name: string;
  readonly argument: EditedInput | { readonly any: Recipe };
}

/** A run, what it is started with, what reaches it, and what its hooks answer. */
interface Case {
  readonly type: keyof typeof WORKFLOWS;
  readonly input: Message['argument'];
  readonly messages: readonly Message[];
  readonly hook: Recipe;
}

const argument = fc.oneof(editedInputs, fc.record({ any: hostileLeaf }));

/** Names come through the service, which takes no empty ones and no halves of characters; the SDK repeats them as they are. */
const otherName = hostileName.filter(
  (name) => name !== '' && !/[\p{Cs}\p{Cc}\p{Bidi_Control}]/u.test(name),
);

const cases: fc.Arbitrary<Case> = fc.record({
  type: fc.constantFrom('dcsSwitchover', 'dcsMaintenance', 'dcsMaintenance', 'dcsFreeze'),
  input: argument,
  messages: fc.array(
    fc.record({
      how: fc.constantFrom('update', 'update', 'signal', 'query'),
      name: fc.oneof({ weight: 9, arbitrary: fc.constantFrom(...NAMES) }, otherName),
      argument,
    }),
    { maxLength: 4 },
  ),
  hook: fc.oneof(
    hostileLeaf,
    fc.record({ answer: fc.constantFrom('proceed', 'skip', 'abort'), reason: hostileLeaf }),
  ),
});

/** Where the sandbox is, once it is open. */
const opened: { sandbox: Sandbox | null } = { sandbox: null };

export const messages: Surface<Case> = {
  name: 'messages',
  inputs: cases,
  open: async () => {
    opened.sandbox ??= await openSandbox();
  },
  check: async ({ type, input, messages, hook }) => {
    const { sandbox } = opened;
    if (sandbox === null) return fail('not opened');
    const workflowId = WORKFLOWS[type];
    const workflow = await sandbox({
      ...{ workflowId, type, runId: RUN_ID, originalRunId: RUN_ID, firstRunId: RUN_ID },
      ...{ startedAtMs: NOW_MS, continuedFromRunId: null, parent: null, memo: {} },
    });
    try {
      const tell = messages.map(toJob).filter((job) => !('queryWorkflow' in job));
      const ask = messages.map(toJob).filter((job) => 'queryWorkflow' in job);
      let completion = await act(workflow, [init(type, workflowId, input), ...tell]);
      await act(workflow, ask);
      for (let turn = 0; turn < 3; turn += 1) {
        const answers = completion.commands.flatMap((command) => answerOf(command, hook));
        if (answers.length === 0) return;
        completion = await act(workflow, [...answers, ...tell]);
        await act(workflow, ask);
      }
    } finally {
      await workflow.dispose();
    }
  },
};

async function act(workflow: Workflow, jobs: readonly Job[]): Promise<Completion> {
  if (jobs.length === 0) return { commands: [], flags: [], notices: [] };
  const completion = await activate(workflow, {
    ...{ runId: RUN_ID, jobs: jobs.map(toProto), historyLength: 3 },
    timestamp: { seconds: Long.fromNumber(NOW_MS / 1000), nanos: 0 },
  });
  for (const command of completion.commands) checkStrings(command);
  return completion;
}

function toProto(job: Job): Job {
  return coresdk.workflow_activation.WorkflowActivationJob.create(job);
}

/** Of a command's own fields; what stands in payloads is JSON and may hold anything. */
function checkStrings(value: unknown): void {
  if (typeof value === 'string') checkText('a field of a command', value, 20_000);
  else if (typeof value === 'object' && value !== null && !ArrayBuffer.isView(value))
    for (const [name, inner] of Object.entries(value))
      if (name !== 'stackTrace') checkStrings(inner);
}

function payload(recipe: Recipe) {
  return {
    metadata: { encoding: Buffer.from('json/plain') },
    data: Buffer.from(toJsonText(recipe)),
  };
}

function toPayload(given: Message['argument']) {
  return payload('any' in given ? given.any : recipeOf(given));
}

function init(type: string, workflowId: string, input: Message['argument']): Job {
  return {
    initializeWorkflow: {
      ...{ workflowType: type, workflowId, arguments: [toPayload(input)], attempt: 1 },
      ...{ randomnessSeed: Long.fromNumber(7), startTime: { seconds: NOW_MS / 1000, nanos: 0 } },
      ...{ firstExecutionRunId: RUN_ID, originalExecutionRunId: RUN_ID },
      continuedFromExecutionRunId: '',
    },
  } as unknown as Job;
}

function toJob({ how, name, argument }: Message, at: number): Job {
  const input = [toPayload(argument)];
  const id = `m-${at}`;
  if (how === 'signal') return { signalWorkflow: { signalName: name, input } };
  if (how === 'query') return { queryWorkflow: { queryId: id, queryType: name, arguments: input } };
  return { doUpdate: { id, protocolInstanceId: id, name, input, runValidator: true } };
}

/** The maintenance is made, with hooks; each hook answers what the case says. What else there is stays open. */
function answerOf({ scheduleActivity: scheduled }: Command, hook: Recipe): Job[] {
  if (!scheduled) return [];
  const { seq, activityType } = scheduled;
  const result =
    activityType === 'planMaintenance' ? PLANNED : activityType === 'before' ? hook : undefined;
  if (result === undefined) return [];
  return [
    { resolveActivity: { seq: seq ?? 0, result: { completed: { result: payload(result) } } } },
  ];
}

const PLANNED = {
  verdict: 'planned',
  request: {
    ...REQUEST,
    hooks: { taskQueue: 'q', before: 'before', after: null, timeoutSeconds: 60 },
  },
  window: { opensAtMs: NOW_MS - 1_000, closesAtMs: NOW_MS + 3_600_000 },
  instances: [0, 1].map((index) =>
    planned(index, { spans: [{ opensAtMs: NOW_MS - 1_000, closesAtMs: NOW_MS + 3_600_000 }] }),
  ),
  ...{ searchAttributes: [], freeze: null, warnings: [] },
};
