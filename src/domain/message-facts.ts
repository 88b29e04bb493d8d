import type {
  Check,
  DataPlaneReport,
  RolesSnapshot,
  SwitchoverRequest,
  SwitchoverResult,
} from '../contract/index.js';

import { JOB_ID } from '../util.js';

import type { RepeatedRun } from './facts.js';
import type { ExaminedRun } from './preflight-report.js';
import type { NewSwapTask } from './reports.js';
import { describeSwapTask } from './tasks.js';

/** PUTs as a result counts them; results of earlier versions do not tell the possible ones apart. */
interface CountedPuts {
  readonly swapsSent: number;
  readonly swapsPossiblySent?: number | undefined;
  readonly swapsAccepted: number;
}

/** How many were sent, how many possibly, how many accepted: `1 possibly sent, 0 accepted`. */
export function describePuts({ swapsSent, swapsPossiblySent, swapsAccepted }: CountedPuts): string {
  return [...sent(swapsSent, swapsPossiblySent, swapsAccepted), `${swapsAccepted} accepted`].join(
    ', ',
  );
}

/** Whether one of them may have started a job. */
export function mayHaveStarted({
  swapsSent,
  swapsPossiblySent,
  swapsAccepted,
}: CountedPuts): boolean {
  return swapsAccepted > 0 || (swapsPossiblySent ?? swapsSent) > 0;
}

function sent(all: number, possibly: number | undefined, accepted: number): string[] {
  if (possibly === undefined)
    return [`${all} ${all > accepted ? 'sent or possibly sent' : 'sent'}`];
  if (possibly === 0) return [`${all} sent`];
  const certain = all - possibly;
  return [...(certain === 0 ? [] : [`${certain} sent`]), `${possibly} possibly sent`];
}

/** What a message is composed from. */
export interface MessageFacts extends CountedPuts {
  readonly outcome: SwitchoverResult['outcome'];
  readonly cause: string;
  readonly request: SwitchoverRequest;
  readonly failed: readonly Check[];
  /** Whether no earlier run was unresolved, as far as that was read. @default false */
  readonly isNothingUnresolved?: boolean;
  readonly jobIds: readonly string[];
  readonly swapRequestIds: readonly string[];
  /** The last failure that stood in the way, as text; `null` when none did. */
  readonly obstacle: string | null;
  /** Which identifiers of the nodes contradict each other, as text. */
  readonly disagreement?: string | null;
  /** What Redis itself showed; `null` where no one looked. */
  readonly dataPlane?: DataPlaneReport | null;
  /** The run that speaks. */
  readonly runId: string;
  /** The run that `verify` or `adopt` judged. */
  readonly examined: ExaminedRun | null;
  /** The run that has done this request already, where one has. */
  readonly repeat?: RepeatedRun | null;
  readonly before: RolesSnapshot | null;
  readonly after: RolesSnapshot | null;
  /** What was reported of the run before, and is no longer true, as a sentence. @default nothing */
  readonly correction?: string | null;
  /** Swap tasks that were not there before the examined swap. @default none */
  readonly newSwapTasks?: readonly NewSwapTask[];
}

// What a message says of swap tasks that are not known to be ours.

interface TaskTexts {
  readonly newSwapTasks?: readonly NewSwapTask[];
}

/** The swap tasks that stand in the way of a better outcome, by name. */
export function describeSwapTasks({ newSwapTasks = [] }: TaskTexts): string[] {
  return newSwapTasks
    .filter(({ owner }) => owner !== 'ours')
    .slice(0, MAX_DESCRIBED_TASKS)
    .map((task) => `There is ${describeSwapTask(task)}.`);
}

/** More than these help no one. */
const MAX_DESCRIBED_TASKS = 3;

/** The jobs of a run, else the only swap task that may be its own: a person may know that it is. */
export function unresolvedJobs({
  jobIds,
  newSwapTasks = [],
}: TaskTexts & { readonly jobIds: readonly string[] }): readonly string[] {
  const [task, ...others] = newSwapTasks;
  if (jobIds.length > 0 || task?.owner !== 'unattributed' || others.length > 0) return jobIds;
  const id = task.jobId ?? task.id;
  return JOB_ID.test(id) ? [id] : [];
}
