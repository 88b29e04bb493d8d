import { spawnSync } from 'node:child_process';
import { existsSync, readFileSync, readdirSync } from 'node:fs';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';

import { beforeAll, describe, expect, it } from '@jest/globals';

import { TooManyRefusedRunsError } from '../../src/activities/errors.js';
import { formatRunList } from '../../src/cli/format/lists.js';
import { formatMaintenanceResult } from '../../src/cli/format/maintenance-result.js';
import { formatResult, formatStatus } from '../../src/cli/format/run.js';
import {
  formatApplied,
  formatFreeze,
  formatFrozen,
  formatSchedules,
  formatThawed,
} from '../../src/cli/format/schedules.js';
import { describeChanges } from '../../src/cli/maintenance/live.js';
import { parseMaintenanceRef } from '../../src/cli/maintenance/ref.js';
import { readNow } from '../../src/cli/maintenance/resolved.js';
import { runCli } from '../../src/cli/program.js';
import { toMaintenanceDocument } from '../../src/cli/report/maintenance-report.js';
import { toMarkdownReport } from '../../src/cli/report/markdown.js';
import { toRunDocument } from '../../src/cli/report/run-report.js';
import * as client from '../../src/client.js';
import type { RunEntry } from '../../src/client.js';
import { OUTCOMES } from '../../src/contract/index.js';
import type {
  Check,
  MaintenanceCause,
  MaintenancePhase,
  MaintenanceResult,
  Mode,
  Phase,
} from '../../src/contract/index.js';
import { judgePollers } from '../../src/doctor/temporal-service.js';
import { evaluateExamination } from '../../src/domain/checks/examination.js';
import type { ExaminedRunFacts } from '../../src/domain/checks/examination.js';
import { evaluateChecks } from '../../src/domain/checks/index.js';
import { commandsOf, verifyCommand, withCommands } from '../../src/domain/commands.js';
import { toMarkdown } from '../../src/domain/details.js';
import type { PreflightFacts } from '../../src/domain/facts.js';
import { failedChecks } from '../../src/domain/facts.js';
import { toMaintenanceMarkdown } from '../../src/domain/maintenance/details.js';
import { composeResultMessage } from '../../src/domain/maintenance/result.js';
import type { MessageFacts } from '../../src/domain/message-facts.js';
import { composeMessage } from '../../src/domain/messages.js';
import type { ExaminedRun } from '../../src/domain/preflight-report.js';
import { resolvedMessage } from '../../src/domain/resolved-since.js';
import type { ResolvedSince } from '../../src/domain/resolved-since.js';
import { result } from '../client/support/facts.js';
import { maintenanceOf, planned } from '../domain/maintenance/support.js';
import {
  asMaster,
  asReplica,
  factsOf,
  master,
  replica,
  requestOf,
  rolesOf,
} from '../domain/support.js';
import { SHOWN_BY } from '../support/printed-elsewhere.js';
import { findProblem, printedCommands } from '../support/printed.js';
import { shellWords } from '../support/shell-words.js';

import { createFakeClient, statusOf } from './support/fake-client.js';
import { createFakeIo } from './support/fake-io.js';
import { plain } from './support/plain.js';
import { createFakeOperator } from './support/fake-operator.js';
import { maintenanceResult, progress, item, leg } from './support/maintenance-facts.js';

const [NODE_A, NODE_B] = [
  { ...master, nodeId: 'a'.repeat(32) },
  { ...replica, nodeId: 'b'.repeat(32) },
];
const BEFORE = rolesOf(NODE_A, NODE_B);
const SWAPPED = rolesOf(asReplica(NODE_A), asMaster(NODE_B));
const JOB_ID = 'c'.repeat(32);
const OTHER_JOB_ID = 'd'.repeat(32);

const RUN_ID = '33333333-3333-4333-8333-333333333333';
const QUEUE = "blue; echo 'x'";
const INSTANCE_ID = '5560df16-cebf-4473-95c4-d1b573c16e79';
const PROJECT_ID = '0ebd32bc6a0123456789abcdef012345';
const REF = { projectId: PROJECT_ID, instanceId: INSTANCE_ID, taskQueue: QUEUE };
const MAINTENANCE = { maintenanceId: 'drain-az1', taskQueue: QUEUE };

/** Asked with everything that a shell could misread. */
const REQUEST = requestOf({
  ...REF,
  toggle: false,
  target: { availabilityZone: 'az2' },
  reason: '$(reboot) `id` "quoted" it\'s --now; a|b & c > d\n# second line',
  changeId: '-- CHG 7',
});

const MODES: readonly Mode[] = ['switch', 'plan', 'resolve', 'verify', 'adopt'];

const BASELINE: ExaminedRun = {
  ...{ runId: RUN_ID, ended: 'UNKNOWN', purpose: 'forward', from: BEFORE, target: null },
  ...{ knownSwapTaskIds: [], sending: 'accepted', putSummary: 'PUT accepted.' },
  ...{ jobId: JOB_ID, taskId: null, job: null, sentBetweenMs: null },
};

const messageOf = (facts: Partial<MessageFacts>): string =>
  composeMessage({
    ...{ outcome: 'UNKNOWN', cause: 'NO_TRACE', request: REQUEST, failed: [] },
    ...{ swapsSent: 1, swapsAccepted: 0, jobIds: [], swapRequestIds: ['r-1'], obstacle: null },
    ...{ runId: RUN_ID, examined: null, before: BEFORE, after: SWAPPED },
    ...facts,
  });

/** What run and client say of an error that holds commands itself. */
const TOO_MANY = new TooManyRefusedRunsError(REF, 300).message;

const FACTS: readonly Partial<PreflightFacts>[] = [
  {},
  { unreadable: [{ value: TOO_MANY, requestId: 'r-2' }], runs: null },
  { freeze: { until: '2026-12-05T00:00:00Z', by: 'ann', reason: 'r' } },
  { roles: { value: { ...BEFORE, groups: [] }, requestId: null } },
  {
    runs: {
      closed: [
        {
          ...{ runId: RUN_ID, outcome: 'UNKNOWN', status: 'COMPLETED', mode: 'switch' },
          ...{ requestId: null, examinedRunId: null, repeatOfRunId: null, isProvedUnsent: false },
        },
      ],
      openRunId: RUN_ID,
      sameRequest: {
        goal: null,
        run: {
          ...{ runId: RUN_ID, outcome: 'SUCCEEDED', cause: 'ROLES_CHANGED', message: 'Done.' },
          ...{ settledByRunId: null, jobIds: [], swapRequestIds: [], before: null, after: null },
        },
      },
    },
  },
];

const BASELINES: readonly (ExaminedRunFacts | null)[] = [
  null,
  { kind: 'missing', why: 'there is no such run' },
  { kind: 'empty', why: 'it ended early', provedOutcome: null, otherUnresolved: null },
  {
    kind: 'empty',
    why: 'it ended early',
    provedOutcome: 'FAILED_UNCHANGED',
    otherUnresolved: null,
  },
  { kind: 'empty', why: 'it ended early', provedOutcome: null, otherUnresolved: RUN_ID },
  { kind: 'found', examined: { ...BASELINE, sending: 'not-applied' } },
  { kind: 'found', examined: BASELINE },
  { kind: 'found', examined: { ...BASELINE, jobId: null, knownSwapTaskIds: [OTHER_JOB_ID] } },
];

function checksOf(): Check[] {
  const asked = { ...REQUEST, requestId: 'r-1', jobId: OTHER_JOB_ID, mode: 'adopt' as const };
  return [
    ...FACTS.flatMap((facts) => evaluateChecks({ ...REQUEST, requestId: 'r-1' }, factsOf(facts))),
    ...BASELINES.flatMap((facts) => evaluateExamination(asked, facts, [])),
  ];
}

const messages = (): string[] => [
  ...OUTCOMES.filter((outcome) => outcome !== 'INVALID_INPUT').flatMap((outcome) =>
    MODES.flatMap((mode) =>
      [JOB_ID, null].flatMap((jobId) =>
        [BASELINE, { ...BASELINE, ended: 'SUCCEEDED' }, null].map((examined) =>
          messageOf({
            ...{ outcome, examined, request: { ...REQUEST, mode } },
            obstacle: jobId === null ? null : `Failover timed out. ${TOO_MANY}`,
            jobIds: jobId === null ? [] : [jobId],
          }),
        ),
      ),
    ),
  ),
  messageOf({
    ...{ outcome: 'SUCCEEDED' },
    repeat: {
      ...{ runId: RUN_ID, outcome: 'UNKNOWN', cause: 'NO_TRACE', message: messageOf({}) },
      ...{ settledByRunId: null, jobIds: [], swapRequestIds: [], before: null, after: null },
    },
  }),
];

const refusals = (): string[] =>
  failedChecks(checksOf()).flatMap((check) => [
    check.remedy,
    messageOf({ outcome: 'REFUSED', failed: [check] }),
    plain(
      formatResult(
        {
          ...{ outcome: 'REFUSED', cause: 'CHECKS_FAILED', mode: 'switch', region: null },
          ...{ message: messageOf({ outcome: 'REFUSED', failed: [check] }), ...REF },
          ...{ swapsSent: 0, swapsAccepted: 0, jobIds: [], before: BEFORE, after: null },
          ...{ checks: [check], warnings: [], evidence: [] },
          timings: { startedAt: '', endedAt: '', totalMs: 0, phasesMs: {}, jobMs: null },
          ...{ reason: null, requestedBy: null, requestId: null, changeId: null },
        },
        { workflowId: 'w', runId: RUN_ID },
      ),
    ),
  ]);

const PHASES: readonly Phase[] = ['PREFLIGHT', 'SWAPPING', 'AWAITING_JOB', 'VERIFYING'].concat([
  ...['RECONCILING', 'COMPENSATING', 'HOLDING', 'ENDED'],
]) as Phase[];

const details = (): string[] =>
  PHASES.flatMap((phase) =>
    MODES.map((mode) =>
      toMarkdown(
        {
          ...{ phase, since: 's', next: messageOf({}), swapsSent: 1, jobIds: [JOB_ID] },
          ...{ before: BEFORE, after: SWAPPED },
        },
        [{ at: 'a', what: TOO_MANY }],
        [TOO_MANY],
        { ...REF, mode, runId: RUN_ID },
      ),
    ),
  );

const CAUSES = Object.keys({
  ...{ ALL_DONE: 1, PLAN_ONLY: 1, INSTANCES_NOT_DONE: 1, BUDGET_SPENT: 1, CANARY_FAILED: 1 },
  ...{ APPROVAL_REJECTED: 1, APPROVAL_MISSING: 1, WINDOW_OVER: 1, ABORTED: 1, HOOK_ABORTED: 1 },
  ...{ CANCELLED: 1, FROZEN: 1, MAINTENANCE_UNREADABLE: 1, NOTHING_SELECTED: 1 },
} satisfies Record<MaintenanceCause, 1>) as MaintenanceCause[];

const plannedState = maintenanceOf([planned(1), planned(2)], {
  returnLeg: { soakSeconds: 0, withinSeconds: 900 },
});

/** One moved and not brought back, one unresolved, one kept from starting by a text that holds commands. */
const PARTIAL_STATE = {
  ...plannedState,
  items: plannedState.items.flatMap((each) => [
    {
      ...each,
      forward: { ...each.forward, state: 'ENDED', outcome: 'SUCCEEDED', swapsSent: 1 } as const,
    },
    {
      ...each,
      forward: { ...each.forward, state: 'ENDED', outcome: 'UNKNOWN', runId: RUN_ID } as const,
    },
    { ...each, forward: { ...each.forward, state: 'NOT_STARTED', reason: TOO_MANY } as const },
  ]),
};

const maintenanceMessages = (): string[] =>
  (['PLANNED', 'PARTIAL', 'COMPLETED'] as const).flatMap((outcome) =>
    CAUSES.flatMap((cause) =>
      [PARTIAL_STATE, plannedState, maintenanceOf([])].flatMap((state) =>
        [null, TOO_MANY].map((obstacle) =>
          composeResultMessage({
            ...{ outcome, cause, state, obstacle, maintenanceName: 'drain-az1', taskQueue: QUEUE },
            projectId: PROJECT_ID,
            input: {
              ...{ maintenanceId: 'drain-az1', projectId: PROJECT_ID, again: true },
              selector: { namePattern: 'cart-*', tags: { team: "o'hara" } },
              ...{ target: { availabilityZone: 'az2' }, reason: REQUEST.reason },
              window: { closesAt: '2099-01-01T00:00:00Z' },
            },
          }),
        ),
      ),
    ),
  );

const DOUBTFUL: MaintenanceResult = maintenanceResult({
  ...{ outcome: 'PARTIAL', cause: 'ABORTED', projectId: PROJECT_ID },
  message: maintenanceMessages()[0] ?? '',
  items: [item(1, leg({ outcome: 'UNKNOWN', runId: RUN_ID, reason: messageOf({}) }))],
  warnings: [TOO_MANY],
});

const MAINTENANCE_PHASES = Object.keys({
  ...{ PLANNING: 1, AWAITING_APPROVAL: 1, AWAITING_WINDOW: 1, SWITCHING: 1, SOAKING: 1 },
  ...{ RETURNING: 1, ENDED: 1 },
} satisfies Record<MaintenancePhase, 1>) as MaintenancePhase[];

const maintenanceTexts = (): string[] => {
  const source = { name: 'drain-az1', workflowId: 'w', runId: RUN_ID, taskQueue: QUEUE };
  return [
    plain(formatMaintenanceResult(DOUBTFUL, source)),
    toMarkdownReport(toMaintenanceDocument(DOUBTFUL, source)),
    ...describeChanges(null, progress({ items: DOUBTFUL.items, next: messageOf({}) })),
    ...MAINTENANCE_PHASES.flatMap((phase) =>
      [true, false].map((isPaused) =>
        toMaintenanceMarkdown(
          progress({ phase, isPaused, outcome: phase === 'ENDED' ? 'PARTIAL' : null }),
          'drain-az1',
          { taskQueue: QUEUE },
        ),
      ),
    ),
  ];
};

const ASKED: client.Asked = {
  goal: 'switch',
  mode: 'switch',
  ...{ examinedRunId: null, requestId: null },
  ...{ requestedBy: null, reason: null, changeId: null },
};

/** One of every class that can be thrown at a caller. */
const errors = (): Error[] => [
  new client.AlreadyRunningError(REF, {
    ...{ workflowId: 'w', runId: RUN_ID, phase: 'HOLDING', asked: ASKED },
  }),
  new client.RequestIdReusedError(REF, 'r-1', RUN_ID, { theirs: null, ours: 'switch' }),
  new client.NotFoundError(REF, 'w'),
  new client.RunCancelledError(REF, RUN_ID, 'Nothing was sent.'),
  new client.RunClosedError(REF, RUN_ID),
  new client.WaitTimedOutError(REF, RUN_ID, 1_000),
  new client.AlreadyRunningError(MAINTENANCE, {
    ...{ workflowId: 'w', runId: RUN_ID, requestedBy: null, differsIn: ['target'] },
  }),
  new client.NotFoundError(MAINTENANCE, 'w'),
  new client.RunCancelledError(MAINTENANCE, RUN_ID),
  new client.MaintenanceEndedOutsideError(
    MAINTENANCE,
    RUN_ID,
    'RUN_TERMINATED',
    'it was terminated',
  ),
  new client.RunClosedError({ ...MAINTENANCE, nominalTime: '2026-12-05T01:00:00Z' }, RUN_ID),
  new client.WaitTimedOutError(MAINTENANCE, RUN_ID, 1_000),
  new client.MessageRefusedError(MAINTENANCE, 'approve', 'NOT_POSSIBLE_NOW', 'it has ended.'),
  new client.NoWorkerError(MAINTENANCE, QUEUE, 'progress', 'none seems to serve it'),
  new client.NothingLeftError(MAINTENANCE, RUN_ID, []),
  new client.NotFoundError({ scheduleId: 'nightly' }),
  new client.ForeignScheduleError('nightly', 'other'),
  new client.BackfillRefusedError('nightly', 'a', 'b', 1),
  new client.ScheduleBusyError('nightly'),
];

const FREEZE = { until: '2026-12-05T00:00:00Z', by: 'ann', reason: 'quarter end' };

/** A freeze, or a thaw, that has missed a schedule. */
const MISSED: client.FreezeReport = {
  ...{ freeze: FREEZE, changed: [], leftPaused: [] },
  failed: [{ scheduleId: 'nightly', detail: 'it is busy' }],
};

const schedules = (): string[] => [
  plain(formatSchedules([])),
  formatFrozen(MISSED, MAINTENANCE),
  formatFreeze(FREEZE, MAINTENANCE),
  formatThawed(MISSED),
  formatApplied({
    ...{ scheduleId: 'nightly', change: 'created', isPaused: true, next: [] },
    warnings: [],
  }),
];

/** What the command says beside results: started, detached, cancelled, triggered. */
async function commandTexts(): Promise<string[]> {
  const lines = [
    ['switch', INSTANCE_ID, '--toggle', '--no-wait'],
    ['cancel', INSTANCE_ID],
    ['status', INSTANCE_ID],
    ['maintenance', 'cancel', 'drain-az1', '--yes'],
    ['maintenance', 'progress', 'drain-az1'],
    ['schedule', 'trigger', 'nightly'],
    ['schedule', 'backfill', 'nightly', '--from', 'a', '--until', 'b', '--yes'],
    ['thaw'],
    ['--help'],
    ['schedule', 'pause', 'nightly', '--reason', 'a test'],
    [
      ...['maintenance', 'start', 'drain-az1', '--no-wait', '--toggle', '--require-approval'],
      ...['--instance', INSTANCE_ID, '--closes-at', '2099-01-01T00:00:00Z'],
    ],
  ];
  const texts: string[] = [];
  for (const words of lines) {
    const io = createFakeIo({ env: { HUAWEICLOUD_SDK_PROJECT_ID: PROJECT_ID } });
    const fakes = createFakeClient();
    await runCli([...words, '--task-queue', QUEUE], io, fakes);
    texts.push(io.stdout(), io.stderr());
  }
  return [...texts, await detached('switch'), await detached('maintenance')];
}

/** What Ctrl-C says. */
async function detached(what: 'switch' | 'maintenance'): Promise<string> {
  const io = createFakeIo({ env: { HUAWEICLOUD_SDK_PROJECT_ID: PROJECT_ID } });
  const never = (_ref: unknown, options?: client.ResultOptions): Promise<never> =>
    new Promise((_resolve, reject) => {
      options?.signal?.addEventListener('abort', () => {
        reject(options.signal?.reason as Error);
      });
      setTimeout(() => {
        io.interrupt();
      });
    });
  const operator = createFakeOperator({ maintenance: { result: never } });
  const fakes = createFakeClient({ result: never }, operator);
  const start = ['switch', INSTANCE_ID, '--toggle', '--task-queue', QUEUE];
  const wait = ['maintenance', 'wait', 'drain-az1', '--task-queue', QUEUE];
  await runCli(what === 'switch' ? start : wait, io, fakes);
  return io.stderr();
}

/** Reports of runs whose message leads to commands, and to none. */
const reports = (): string[] =>
  OUTCOMES.filter((outcome) => outcome !== 'INVALID_INPUT').flatMap((outcome) =>
    ['Done.', messageOf({ outcome, cause: 'NO_TRACE' })].map((message) => {
      const run = { workflowId: 'w', runId: RUN_ID };
      const report = { ...result({ outcome, cause: 'NO_TRACE', message }), run, puts: [] };
      return toMarkdownReport(toRunDocument(report, REF));
    }),
  );

/** Texts by the files that compose them. */
const SOURCES: Readonly<Record<string, () => readonly string[] | Promise<readonly string[]>>> = {
  'domain/messages.ts': messages,
  'domain/resolved-since.ts': () => [
    resolvedMessage('Unknown.', RESOLVED, REF, { mode: 'switch' }),
  ],
  'domain/checks/runs.ts domain/checks/intent.ts domain/checks/examination.ts activities/errors.ts':
    refusals,
  'domain/details.ts': details,
  'cli/maintenance/resolved.ts': readAgain,
  'cli/report/run-report.ts cli/report/write.ts cli/maintenance/ref.ts cli/commands/report.ts':
    reports,
  'domain/maintenance/result.ts domain/maintenance/unresolved-items.ts': maintenanceMessages,
  'domain/maintenance/details.ts cli/format/maintenance.ts cli/format/maintenance-result.ts':
    maintenanceTexts,
  'client/errors.ts client/maintenance/errors.ts client/schedules/client.ts client/ref.ts': () =>
    errors().map(({ message }) => message),
  'cli/format/schedules.ts': schedules,
  'cli/instance-name.ts cli/commands/instances.ts': notFound,
  'cli/format/run.ts': () => [plain(formatStatus({ ...statusOf(REF), lockedUntil: TOMORROW }))],
  'cli/format/lists.ts': () => [plain(formatRunList({ runs: [UNKNOWN_RUN], more: false }))],
  'cli/program.ts cli/follow.ts cli/maintenance/follow.ts cli/maintenance/ref.ts cli/schedule/manage.ts cli/maintenance/decide.ts':
    commandTexts,
  'doctor/temporal-service.ts': () =>
    [judgePollers('blue', { count: 0, newestAgeMs: null }, { count: 0, newestAgeMs: null })].map(
      ({ fix }) => fix ?? '',
    ),
};

/** A name that no instance has, and a list without a key. */
async function notFound(): Promise<string[]> {
  const texts: string[] = [];
  for (const args of [['status', 'absent'], ['instances']]) {
    const io = createFakeIo({ env: ENV });
    await runCli(args, io, createFakeClient());
    texts.push(io.stderr());
  }
  return texts;
}

/** A maintenance of which one of two switchovers has been resolved since. */
async function readAgain(): Promise<string[]> {
  const unknown = (runId: string) => leg({ outcome: 'UNKNOWN', runId });
  const left = RUN_ID.replace(/.$/, '0');
  const items = [item(1, unknown('r1')), item(2, unknown(left))];
  const commands = ['r1', left].map((runId) => verifyCommand({ ...REF, taskQueue: QUEUE }, runId));
  const message = withCommands('Find out', ...commands);
  const status = (ref: client.RunRef) =>
    Promise.resolve({ ...statusOf(REF), ...(ref.runId === 'r1' ? { resolved: RESOLVED } : {}) });
  return [(await readNow({ status }, maintenanceResult({ message, items }))).message];
}

const RESOLVED: ResolvedSince = {
  ...{ how: 'examined', outcome: 'SUCCEEDED', runId: RUN_ID, endedAs: 'SUCCEEDED' },
  ...{ at: null, by: null, statement: null },
};

const TOMORROW = new Date(Date.now() + 86_400_000).toISOString();

const UNKNOWN_RUN: RunEntry = {
  ...{ runId: RUN_ID, workflowId: 'w', taskQueue: 'q', projectId: PROJECT_ID, instanceId: 'i' },
  ...{
    instanceName: null,
    startedAt: '2026-11-24T02:00:00Z',
    closedAt: null,
    mode: 'switch',
    problem: null,
  },
  ...{ requestedBy: null, changeId: null, outcome: 'UNKNOWN', cause: null, phase: null },
  ...{ from: null, to: null, maintenanceId: null, examinedRunId: null },
  ...{ swapsSent: 1, swapsAccepted: 0 },
};

const NEEDS_PROJECT = /^(?:switch|plan|status|wait|cancel|verify|adopt|resolve|history)$/;

/** What knows no project leaves it to the environment. */
const ENV = { HUAWEICLOUD_SDK_PROJECT_ID: PROJECT_ID };

describe('a command that the product prints', () => {
  const printed = new Map<string, readonly string[]>();
  beforeAll(async () => {
    for (const [files, compose] of Object.entries(SOURCES)) {
      const commands = [...new Set((await compose()).flatMap(printedCommands))];
      // A shell that does not take them as they are ends here, with an error.
      const words = shellWords(commands);
      commands.forEach((line, at) => printed.set(line, words[at] ?? []));
      if (commands.length === 0) throw new Error(`no command in the texts of ${files}`);
    }
  });

  it('is found in every file that composes one', () => {
    const root = path.resolve(__dirname, '../../src');
    const files = readdirSync(root, { recursive: true, encoding: 'utf8' });
    const makes =
      /[^a-zA-Z.](?:withCommands|command|(?:instance|run|plan|switch|verify|adopt|resolve|unresolved|maintenance)Commands?|unresolvedSteps?|unresolvedLegsStep|maintenanceLine|remainderLine|startLine|planCommandLine)\(/;
    const makers = files.filter((file) => {
      if (!file.endsWith('.ts') || /(?:^|\/)commands\.ts$/.test(file)) return false;
      if (file.startsWith('simulator')) return false;
      const text = readFileSync(path.join(root, file), 'utf8');
      return (
        /from '.*(?:\/commands|run-ref|plan-ref|maintenance-ref)\.js'/.test(text) &&
        makes.test(text)
      );
    });
    const known = [
      ...Object.keys(SOURCES).flatMap((names) => names.split(' ')),
      ...SHOWN_BY.map(([file]) => file),
    ];
    expect(makers.filter((file) => !known.includes(file))).toEqual([]);
  });

  it('stands beside words by which the suite that shows it is known to have shown it', () => {
    const textOf = (file: string) =>
      readFileSync(path.resolve(__dirname, '../../src', file), 'utf8');
    for (const [file, suite, words] of SHOWN_BY) {
      expect(textOf(file)).toContain(words);
      expect(existsSync(path.resolve(__dirname, `../e2e/${suite}.test.ts`))).toBe(true);
    }
  });

  it('is taken by the command, and only once its placeholders are filled in', async () => {
    const problems: unknown[] = [];
    for (const [line, words] of printed) {
      const problem = await findProblem(line, words, ENV);
      if (problem !== null) problems.push({ line, problem });
    }
    expect(problems).toEqual([]);
  });

  it('names project, task queue and goal', () => {
    const lines = [...printed].filter(([, [verb = '']]) => NEEDS_PROJECT.test(verb));
    const isOfInstance = ([, words]: readonly [string, readonly string[]]) =>
      words[1] !== 'INSTANCE';
    const missing = lines.filter(isOfInstance).filter(([, words]) => {
      const [verb = ''] = words;
      const options = verb === 'switch' ? ['--project', '--task-queue'] : ['--project'];
      const hasGoal = verb !== 'switch' || words.some((word) => /^--(?:to-|toggle)/.test(word));
      return !hasGoal || options.some((option) => !words.includes(option));
    });
    expect(missing).toEqual([]);
  });

  it('names the task queue wherever that decides who does the work', () => {
    const starts = /^dcs-switchover (?:switch|plan|verify|adopt|resolve|thaw|maintenance start)\b/;
    const lines = [...printed].filter(([line]) => starts.test(line));
    expect(lines.filter(([, words]) => !words.includes('--task-queue'))).toEqual([]);
    expect(lines.length).toBeGreaterThan(10);
  });

  it('runs in a shell that finds the built program on its path', async () => {
    const folder = await mkdtemp(path.join(tmpdir(), 'printed-'));
    try {
      const program = path.resolve(__dirname, '../../dist/cli.js');
      const script = `#!/bin/sh\nexec '${process.execPath}' '${program}' "$@"\n`;
      await writeFile(path.join(folder, 'dcs-switchover'), script, { mode: 0o755 });
      const env = { ...process.env, PATH: `${folder}:${process.env['PATH'] ?? ''}` };
      const inShell = (line: string) => spawnSync('sh', ['-c', line], { env, encoding: 'utf8' });
      const createOrUpdate = [...printed.keys()].find((line) => line.includes('schedule ensure'));
      expect(inShell(createOrUpdate ?? '').stdout).toContain(
        'Usage: dcs-switchover schedule ensure',
      );
      const adopt = [...printed.keys()].find((line) => line.includes('--job JOB_ID'));
      expect(inShell(adopt ?? '')).toMatchObject({
        status: 2,
        stderr: expect.stringContaining('JOB_ID only stands for the id of the job'),
      });
    } finally {
      await rm(folder, { recursive: true });
    }
  });

  it('names a firing by its option, in whichever way its maintenance was named', () => {
    const firing = '2026-12-05T01:00:00Z';
    const ref = parseMaintenanceRef(`dcs-maintenance:nightly-${firing}`);
    const texts = [
      new client.RunClosedError(ref, RUN_ID).message,
      new client.WaitTimedOutError(ref, RUN_ID, 1_000).message,
      toMaintenanceMarkdown(progress({ phase: 'AWAITING_APPROVAL' }), `nightly-${firing}`),
    ];
    const lines = texts.flatMap(printedCommands);
    expect(lines.length).toBeGreaterThan(5);
    for (const line of lines)
      expect(line).toMatch(/ maintenance [a-z]+ nightly .*--firing 2026-12-05T01:00:00Z\b/);
  });

  it('stays whole where a text is clipped or joined into one line', () => {
    const line = messageOf({});
    expect(commandsOf(line).length).toBeGreaterThan(0);
    for (const text of describeChanges(null, progress({ next: line })))
      expect(printedCommands(text)).toEqual([]);
  });
});
