/** What `verify` and `adopt` say: the examined run, what was verified, and what to do next. */
import { isOutcome } from '../contract/index.js';

import { describeCause } from './causes.js';
import { asSentence, unresolvedCommands, planCommand, withCommands } from './commands.js';
import { describeNode, describeRoles, onlyMaster } from './identity.js';
import type { MessageFacts } from './message-facts.js';
import type { ExaminedRun } from './preflight-report.js';
import { unresolvedJobs, describeSwapTasks } from './tasks.js';

/** The message of an examination that came to an outcome. */
export function composeExamination(facts: MessageFacts): string[] {
  return [...headline(facts), 'This run itself sent nothing.', ...nextStep(facts)];
}

type Headline = (facts: MessageFacts, run: string) => string[];

function headline(facts: MessageFacts): string[] {
  const compose = HEADLINES[facts.outcome] ?? unknown;
  return compose(facts, `run ${facts.examined?.runId ?? 'under examination'}`);
}

const HEADLINES: Partial<Record<MessageFacts['outcome'], Headline>> = {
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
  const { after, examined, cause, obstacle } = facts;
  return [
    examined !== null && leftNothingUnresolved(examined)
      ? `What ${run} did, which ended ${examined.ended}, cannot be confirmed any more: ${describeCause(cause)}.`
      : `What ${run} did is still unknown: ${describeCause(cause)}.`,
    ...contradiction(facts),
    ...describeSwapTasks(facts),
    ...(obstacle === null ? [] : [asSentence(`The last failure was: ${obstacle}`)]),
    ...(examined === null ? [] : [examined.putSummary]),
    `Last seen roles: ${after === null ? 'none' : describeRoles(after)}.`,
  ];
}

/** Whether the examined run left nothing unresolved by its own state: its outcome stands, whatever is observed now. */
function leftNothingUnresolved({ ended }: ExaminedRun): boolean {
  return isOutcome(ended) && ended !== 'UNKNOWN';
}

/** Which identifiers contradict each other, where that is the cause. */
export function contradiction({ cause, disagreement = null }: MessageFacts): string[] {
  return disagreement === null || !cause.endsWith('IDENTIFIERS_DISAGREE')
    ? []
    : [asSentence(`In detail: ${disagreement}`)];
}

function nextStep(facts: MessageFacts): string[] {
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
  });
}

function master(roles: MessageFacts['before']): string {
  const node = roles === null ? null : onlyMaster(roles);
  return node === null ? 'an unclear master' : describeNode(node);
}
