import { isExaminingMode, isOutcome } from '../contract/index.js';
import type { Check, RolesSnapshot, SwitchoverResult } from '../contract/index.js';

import { describeCause } from './causes.js';
import {
  asSentence,
  commandsOf,
  unresolvedCommands,
  instanceCommand,
  joinText,
  planCommand,
  switchCommand,
  withCommands,
} from './commands.js';
import { describeWitness } from './data-plane-text.js';
import type { RepeatedRun } from './facts.js';
import { describeNode, describeRoles, describeTarget, onlyMaster } from './identity.js';
import {
  describePuts,
  describeSwapTasks,
  mayHaveStarted,
  unresolvedJobs,
} from './message-facts.js';
import type { MessageFacts } from './message-facts.js';
import type { ExaminedRun } from './preflight-report.js';
import { isPresent } from '../util.js';

/** What a run says whose request an earlier one has done. */
function composeRepeat({ runId, outcome, cause, message, settledByRunId }: RepeatedRun): string {
  const since =
    settledByRunId === null
      ? `It ended ${outcome}.`
      : `It ended UNKNOWN; run ${settledByRunId} has settled it since: ${outcome} (${cause}).`;
  return [
    `Nothing was sent now: run ${runId} had this request id and the same goal. ${since}`,
    ...(message === '' ? [] : [`Its message: ${message}`]),
    'To switch once more, use a new request id.',
  ].join('\n');
}

/** The one text that alone tells a person what happened, the state now, and what to do next. */
export function composeMessage(facts: MessageFacts): string {
  const { repeat = null } = facts;
  if (repeat !== null) return composeRepeat(repeat);
  const parts =
    isExaminingMode(facts.request.mode) && facts.outcome !== 'REFUSED'
      ? composeExamination(facts)
      : [...HEADLINES[facts.outcome](facts), ...corrections(facts), ...nextStep(facts)];
  return joinText(parts);
}

function corrections({ correction = null }: MessageFacts): string[] {
  return correction === null ? [] : [correction];
}

/** A record where nothing is unresolved helps no one, and may be of another instance than was meant. */
const NOTHING_TO_RESOLVE =
  'There was nothing to resolve: no run of this instance was unresolved. Check the instance id.';

/** What a swap back has ended, as it was. */
const BAD_STATES: Readonly<Record<string, string>> = {
  NEW_MASTER_INACTIVE: 'the new master was not Active',
  NOT_HEALTHY: 'the instance did not become healthy in time',
};

const HEADLINES: Record<SwitchoverResult['outcome'], (facts: MessageFacts) => string[]> = {
  SUCCEEDED: (facts) => [
    `Switched over: the master moved from ${master(facts.before)} to ${master(facts.after)}.`,
    ...(facts.cause === 'JOB_FAILED_ROLES_CHANGED' ? ['The job itself says FAIL.'] : []),
  ],
  NOOP: ({ before, request }) => [
    `Nothing to do: the master ${master(before)} is already ${request.target === null ? 'there' : describeTarget(request.target)}. Nothing was sent.`,
  ],
  PLANNED: ({ before }) => [
    `Every check passed; nothing was sent. A switchover would demote ${master(before)}.`,
  ],
  RESOLVED: ({ request, isNothingUnresolved = false }) => [
    ...(isNothingUnresolved ? [NOTHING_TO_RESOLVE] : []),
    `Recorded, as stated by ${request.resolution?.resolvedBy ?? 'an unnamed operator'}: ${request.resolution?.outcome ?? 'no outcome'}.`,
    ...(isPresent(request.resolution?.statement)
      ? [`Statement: "${request.resolution.statement}".`]
      : []),
    'This run has read nothing of DCS and sent nothing.',
  ],
  REFUSED: ({ failed }) => [
    'Nothing was sent.',
    // Several are no sentence any more: each begins a line.
    failed
      .filter(({ passed }) => passed === false)
      .map(describeFailed)
      .join('\n'),
  ],
  FAILED_UNCHANGED: (facts) => [
    `Not switched: ${describeCause(facts.cause)}.`,
    ...witnessed(facts),
    ...why(facts),
    `PUTs: ${describePuts(facts)}${requests(facts)}. ${masterStill(facts)}`,
  ],
  COMPENSATED: (facts) => [
    `Switched over, then swapped back: ${BAD_STATES[facts.cause] ?? describeCause(facts.cause)}. The master is again ${master(facts.after)}.`,
  ],
  UNKNOWN: (facts) => [
    `Outcome unknown: ${describeCause(facts.cause)}.`,
    ...witnessed(facts),
    ...contradiction(facts),
    ...describeSwapTasks(facts),
    ...why(facts),
    `PUTs: ${describePuts(facts)}; jobs: ${facts.jobIds.join(', ') || 'none known'}${requests(facts)}.`,
    lastSeen(facts),
  ],
};

/** How the message of a refused run names a check that failed; what more there is to say follows. */
export const failedHeadline = (id: string): string => `Check ${id} failed`;

function describeFailed({ id, observed, requestId, remedy }: Check): string {
  const request = requestId === null ? '' : ` (request id ${requestId})`;
  const found =
    commandsOf(observed).length === 0
      ? asSentence(`${failedHeadline(id)}: ${observed}${request}`)
      : `${failedHeadline(id)}${request}: ${observed}`;
  return joinText([found, remedy]);
}

function masterStill({ cause, before, after }: MessageFacts): string {
  return cause === 'NOT_APPLIED_UNCONFIRMED' && after === null
    ? `The master was ${master(before)} before; no reading shows who it is now.`
    : `The master is still ${master(after ?? before)}.`;
}

function lastSeen({ after }: MessageFacts): string {
  return `Last seen roles: ${after === null ? 'none' : describeRoles(after)}.`;
}

/** What Redis itself showed after the swap, so that no one has to log in there to find out. */
function witnessed({ dataPlane = null }: MessageFacts): string[] {
  if (dataPlane === null) return [];
  return [asSentence(`Redis itself: ${describeWitness(dataPlane.witness)}`)];
}

/** The obstacle, as a sentence. */
function why({ obstacle }: Pick<MessageFacts, 'obstacle'>): string[] {
  return obstacle === null ? [] : [asSentence(`The last failure was: ${obstacle}`)];
}

function nextStep(facts: MessageFacts): string[] {
  const { outcome, request, failed, runId, obstacle } = facts;
  switch (outcome) {
    case 'UNKNOWN':
      return unresolvedCommands(request, {
        ...{ runId, cause: facts.cause, jobIds: unresolvedJobs(facts) },
        mayHaveJob: mayHaveStarted(facts),
      });
    case 'FAILED_UNCHANGED':
      return [
        withCommands(
          `${obstacle === null ? 'It is' : 'Remedy that first; then it is'} safe to try again`,
          switchCommand(request),
        ),
      ];
    case 'COMPENSATED':
      return [
        withCommands(
          'Find out what was wrong with the other node before you switch again',
          planCommand(request),
        ),
      ];
    case 'REFUSED':
      if (failed.some(({ remedy }) => commandsOf(remedy).length > 0)) return [];
      return isExaminingMode(request.mode)
        ? [withCommands('The runs to choose from', instanceCommand('history', request))]
        : [withCommands('See whether it is allowed by now', planCommand(request))];
    case 'PLANNED':
      return [withCommands('Switch over, while that node is the master', guardedSwitch(facts))];
    case 'SUCCEEDED':
    case 'NOOP':
    case 'RESOLVED':
      return [];
  }
}

/** Guarded by the master that this dry run read, which makes a bare toggle needless. */
function guardedSwitch({ request, before }: MessageFacts): string {
  const nodeId = before === null ? null : (onlyMaster(before)?.nodeId ?? null);
  if (nodeId === null) return switchCommand(request);
  return switchCommand({ ...request, expectedMasterNodeId: nodeId, toggle: false });
}

function requests({ swapRequestIds }: MessageFacts): string {
  return swapRequestIds.length === 0 ? '' : `; request ids: ${swapRequestIds.join(', ')}`;
}

function master(roles: RolesSnapshot | null): string {
  const node = roles === null ? null : onlyMaster(roles);
  return node === null ? 'an unclear master' : describeNode(node);
}

// What `verify` and `adopt` say: the examined run, what was verified, and what to do next.

/** The message of an examination that came to an outcome. */
function composeExamination(facts: MessageFacts): string[] {
  return [
    ...examinedHeadline(facts),
    ...(facts.outcome === 'UNKNOWN' ? [] : witnessed(facts)),
    'This run itself sent nothing.',
    ...nextStepOfExamined(facts),
  ];
}

type Headline = (facts: MessageFacts, run: string) => string[];

function examinedHeadline(facts: MessageFacts): string[] {
  const compose = VERIFIED[facts.outcome] ?? unknown;
  return compose(facts, `run ${facts.examined?.runId ?? 'under examination'}`);
}

const VERIFIED: Partial<Record<MessageFacts['outcome'], Headline>> = {
  SUCCEEDED: ({ before, after }, run) => [
    `Verified: ${run} switched over; the master moved from ${master(before)} to ${master(after)}.`,
  ],
  FAILED_UNCHANGED: ({ before, after, cause }, run) => [
    `Verified: ${run} did not switch: ${describeCause(cause)}. The master is still ${master(after ?? before)}.`,
  ],
  COMPENSATED: ({ after }, run) => [
    `Verified: ${run} swapped and swapped back; the master is again ${master(after)}.`,
  ],
};

function unknown(facts: MessageFacts, run: string): string[] {
  const { examined, cause } = facts;
  return [
    examined !== null && leftNothingUnresolved(examined)
      ? `What ${run} did, which ended ${examined.ended}, cannot be confirmed any more: ${describeCause(cause)}.`
      : `What ${run} did is still unknown: ${describeCause(cause)}.`,
    ...witnessed(facts),
    ...contradiction(facts),
    ...describeSwapTasks(facts),
    ...why(facts),
    ...(examined === null ? [] : [examined.putSummary]),
    lastSeen(facts),
  ];
}

/** Whether the examined run left nothing unresolved by its own state: its outcome stands, whatever is observed now. */
function leftNothingUnresolved({ ended }: ExaminedRun): boolean {
  return isOutcome(ended) && ended !== 'UNKNOWN';
}

/** Which identifiers contradict each other, where that is the cause. */
function contradiction({ cause, disagreement = null }: MessageFacts): string[] {
  return disagreement === null || !cause.endsWith('IDENTIFIERS_DISAGREE')
    ? []
    : [asSentence(`In detail: ${disagreement}`)];
}

function nextStepOfExamined(facts: MessageFacts): string[] {
  const { outcome, request, examined } = facts;
  // Another run may be unresolved as well, so this one cannot promise that switching is allowed.
  const look = withCommands('See whether switching is allowed', planCommand(request));
  if (outcome !== 'UNKNOWN') return ['The examined run is resolved.', look];
  if (examined === null) return [];
  if (leftNothingUnresolved(examined))
    return ['Its outcome stands, and it left nothing unresolved.', look];
  return unresolvedCommands(request, {
    ...{ runId: examined.runId, cause: facts.cause, jobIds: unresolvedJobs(facts) },
    mayHaveJob: examined.sending !== 'not-applied',
    wasExamined: true,
  });
}
