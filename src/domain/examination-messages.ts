/** What `verify` and `adopt` say: the run in question, what is true of it, and what to do next. */
import { isOutcome } from '../contract/index.js';

import { asSentence, doubtCommands, planCommand, withCommands } from './commands.js';
import { describeNode, describeRoles, onlyMaster } from './identity.js';
import type { MessageFacts } from './message-facts.js';
import type { Baseline } from './preflight-report.js';
import { jobsInDoubt, tellSwapTasks } from './tasks.js';

/** The message of an examination that came to an outcome; `words` tells a cause in words. */
export function composeExamination(facts: MessageFacts, words: Words): string[] {
  return [...headline(facts, words), 'This run itself sent nothing.', ...nextStep(facts)];
}

type Words = (cause: string) => string;
type Headline = (facts: MessageFacts, run: string, words: Words) => string[];

function headline(facts: MessageFacts, words: Words): string[] {
  const compose = HEADLINES[facts.outcome] ?? unknown;
  return compose(facts, `run ${facts.baseline?.runId ?? 'in question'}`, words);
}

const HEADLINES: Partial<Record<MessageFacts['outcome'], Headline>> = {
  SUCCEEDED: ({ before, after }, run) => [
    `Verified: ${run} switched over; the master moved from ${master(before)} to ${master(after)}.`,
  ],
  FAILED_UNCHANGED: ({ before, after, cause }, run, words) => [
    `Verified: ${run} did not switch: ${words(cause)}. The master is still ${master(after ?? before)}.`,
  ],
  COMPENSATED: ({ after }, run) => [
    `Verified: ${run} swapped and swapped back; the master is again ${master(after)}.`,
  ],
};

function unknown(facts: MessageFacts, run: string, words: Words): string[] {
  const { after, baseline, cause, obstacle } = facts;
  return [
    baseline !== null && leftNoDoubt(baseline)
      ? `What ${run} did, which ended ${baseline.ended}, cannot be confirmed any more: ${words(cause)}.`
      : `What ${run} did is still unknown: ${words(cause)}.`,
    ...contradiction(facts),
    ...tellSwapTasks(facts),
    ...(obstacle === null ? [] : [asSentence(`The last failure was: ${obstacle}`)]),
    ...(baseline === null ? [] : [baseline.putInWords]),
    `Last seen roles: ${after === null ? 'none' : describeRoles(after)}.`,
  ];
}

/** Whether the run in question left no doubt by its own word: its outcome stands, whatever is seen now. */
function leftNoDoubt({ ended }: Baseline): boolean {
  return isOutcome(ended) && ended !== 'UNKNOWN';
}

/** Which identifiers contradict each other, where that is the cause. */
export function contradiction({ cause, disagreement = null }: MessageFacts): string[] {
  return disagreement === null || !cause.endsWith('IDENTIFIERS_DISAGREE')
    ? []
    : [asSentence(`In detail: ${disagreement}`)];
}

function nextStep(facts: MessageFacts): string[] {
  const { outcome, request, baseline } = facts;
  // Another run may be in doubt as well, so this one cannot promise that switching is allowed.
  const look = withCommands('See whether switching is allowed', planCommand(request));
  if (outcome !== 'UNKNOWN') return ['The run in question leaves no doubt any more.', look];
  if (baseline === null) return [];
  if (leftNoDoubt(baseline)) return ['Its outcome stands, and it left no doubt.', look];
  return doubtCommands(request, {
    ...{ runId: baseline.runId, cause: facts.cause, jobIds: jobsInDoubt(facts) },
    mayHaveJob: baseline.sending !== 'not-applied',
  });
}

function master(roles: MessageFacts['before']): string {
  const node = roles === null ? null : onlyMaster(roles);
  return node === null ? 'an unclear master' : describeNode(node);
}
