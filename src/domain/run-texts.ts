/** What people see of a run in the Temporal UI before it has said a word itself, whoever starts it. Pure. */
import { isExaminingMode } from '../contract/index.js';
import type { Leg, SwitchoverInput } from '../contract/index.js';
import { isPresent } from '../util.js';

import { inlineCode, instanceCommand } from './commands.js';
import { describeGoal, toGoal } from './goal.js';
import { clipBytes, oneLine, shortId } from './text.js';

/** The fields of a start that people see. */
export interface RunTexts {
  /** Ids and texts only, for people and scripts that list runs; decisions read the input itself. */
  readonly memo: Record<string, unknown>;
  /** One line for lists. */
  readonly staticSummary: string;
  /** Who, why and what, as Markdown. */
  readonly staticDetails: string;
}

/** What the texts of a run say; what is absent is left out. */
export interface ToSay {
  readonly summary: string;
  readonly requestedBy?: string | null | undefined;
  readonly details: readonly (readonly [label: string, text: string | null | undefined])[];
  readonly memo: Readonly<Record<string, unknown>>;
}

/** Longest summary in bytes: the server refuses longer ones, and a codec needs room. */
const MAX_SUMMARY_BYTES = 160;

/** The texts of a run. */
export function toRunTexts({ summary, requestedBy, details, memo }: ToSay): RunTexts {
  const who = isPresent(requestedBy) ? `, asked by ${oneLine(requestedBy)}` : '';
  const lines = details.flatMap(([label, text]) =>
    isPresent(text) ? [`**${label}:** ${oneLine(text)}`] : [],
  );
  return {
    memo: Object.fromEntries(Object.entries(memo).filter(([, value]) => isPresent(value))),
    staticSummary: clipBytes(`${summary}${who}`, MAX_SUMMARY_BYTES),
    staticDetails: lines.join('\n\n'),
  };
}

/** The leg of a maintenance that a switchover is. */
interface LegOfMaintenance {
  readonly maintenance: string;
  readonly leg: Leg['leg'];
}

/** What a starter knows of a switchover beside its input. */
export interface KnownAtStart {
  /** Name of the instance; absent where the starter knows only its id. */
  readonly instanceName?: string | null | undefined;
  /** Absent where a person or a service starts it. */
  readonly part?: LegOfMaintenance;
}

/** The texts of a run of `dcsSwitchover`, in whatever mode. */
export function switchoverTexts(
  input: SwitchoverInput,
  { instanceName, part }: KnownAtStart = {},
): RunTexts {
  const { instanceId, target, expectedMasterNodeId, toggle, examinedRunId, jobId } = input;
  const { mode, requestId, requestedBy, changeId, reason, notAfter } = input;
  const goal = describeAsked(input);
  const leg = part?.leg === 'forward' ? 'the forward leg' : 'the return leg';
  return toRunTexts({
    summary: `${instanceName ?? shortId(instanceId)}: ${part ? `maintenance ${part.maintenance}, ` : ''}${goal}`,
    requestedBy,
    details: [
      ['What', goal],
      ['Instance', isPresent(instanceName) ? `${instanceName}, ${instanceId}` : instanceId],
      ['Maintenance', part && `${part.maintenance}, ${leg}`],
      ['Who', requestedBy],
      ['Why', reason],
      ['Change', changeId],
      ['Request', requestId],
      ['Not after', notAfter],
      ['Examined run', examinedRunId],
      ['Job', jobId],
      ['Look', inlineCode(instanceCommand('status', input, { plan: mode === 'plan' }))],
      ['Never', 'Terminate or Reset this run; cancel it instead'],
    ],
    memo: {
      ...{ mode: mode ?? 'switch', target, expectedMasterNodeId, toggle, examinedRunId, jobId },
      ...{ requestId, requestedBy, changeId, reason, maintenanceId: part?.maintenance },
      instanceName,
    },
  });
}

/** What a run is asked to do, as text, such as `switch so that the master is in AZ az2`. */
export function describeAsked(input: SwitchoverInput): string {
  const { examinedRunId, resolution, jobId } = input;
  const mode = input.mode ?? 'switch';
  const run = isPresent(examinedRunId) ? `run ${examinedRunId}` : 'the unresolved run';
  if (mode === 'resolve') return `record that ${run} ended ${resolution?.outcome ?? 'somehow'}`;
  if (!isExaminingMode(mode)) return describeGoal(toGoal(input), mode === 'plan' ? 'plan to ' : '');
  const follow = mode === 'adopt' ? `follow job ${jobId ?? 'unknown'} and ` : '';
  return `${follow}find out what ${run} did, by reading`;
}
