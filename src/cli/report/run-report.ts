/** What the report of one run says. */
import type { PutRecord, SwitchoverReport } from '../../client.js';
import { isCompletingOutcome } from '../../contract/index.js';
import type { Check, RolesSnapshot } from '../../contract/index.js';
import { instanceCommand, unresolvedStep } from '../../domain/commands.js';
import type { CommandTarget } from '../../domain/commands.js';
import { describeNode, onlyMaster } from '../../domain/identity.js';
import { describePuts } from '../../domain/message-facts.js';
import { resolvedMessage } from '../../domain/resolved-since.js';
import { describeInstance } from '../../domain/text.js';
import { iso, isPresent } from '../../util.js';
import { nameOf, nodeChanges, stateWord } from '../format/run.js';
import { describePeriod, formatInstant, formatSeconds } from '../format/text.js';

import { dataPlaneHead, dataPlaneSection } from './data-plane-section.js';
import { listSection, present, stateSpan, tableSection, toneOf } from './document.js';
import type { Fact, NextStep, ReportDocument, Section, Span, Text } from './document.js';
import { askedFacts, splitMessage } from './parts.js';
import { drawTimeline, phaseSpans } from './timeline.js';

/** The report of a run. @param target the instance as it was asked for: a result that validated nothing may not name it */
export function toRunDocument(report: SwitchoverReport, target: CommandTarget): ReportDocument {
  const { cause, timings } = report;
  const word = stateWord(report.outcome, report);
  const { happened, steps } = splitMessage(messageOf(report, target));
  const [next = lastStep(report, target), ...further] = steps;
  const instance = describeInstance(target.instanceId, report.instanceName);
  return {
    title: `${TITLES[report.mode]} of ${instance}`,
    state: { word, cause, tone: toneOf(word) },
    about: [
      ...askedFacts(report),
      ['Time', describePeriod(timings.startedAt, timings.endedAt, formatSeconds(timings.totalMs))],
      ...dataPlaneHead(report),
    ],
    happened,
    now: nowFacts(report),
    next,
    sections: present(
      further.length === 0
        ? null
        : { title: 'Further steps', blocks: [{ kind: 'steps', steps: further }] },
      listSection('Warnings', report.warnings),
      dataPlaneSection(report),
      timelineSection(report),
      rolesSection(report),
      tableSection('PUTs', PUT_COLUMNS, report.puts.map(putRow)),
      tableSection('Checks', ['Check', 'Result', 'Observed'], orderedChecks(report).map(checkRow)),
      tableSection(
        'Evidence',
        [{ title: '#', set: 'count' }, { title: 'At', set: 'whole' }, 'What'],
        report.evidence.map(({ at, what }, index) => [String(index + 1), formatInstant(at), what]),
      ),
      identifiers(report, target),
    ),
    note: 'All times are UTC, by the clock of Temporal or of the worker. Who asked is a claim: who may ask is up to the access control of Temporal.',
  };
}

const TITLES: Readonly<Record<SwitchoverReport['mode'], string>> = {
  switch: 'Switchover',
  plan: 'Dry run of a switchover',
  verify: 'Verification of a switchover',
  adopt: 'Adoption of a swap job',
  resolve: 'Statement about a switchover',
};

/** What it said, unless someone has found out since. */
function messageOf(report: SwitchoverReport, target: CommandTarget): string {
  const { message, resolved } = report;
  return resolved === undefined ? message : resolvedMessage(message, resolved, target, report);
}

/** Where the message leads to no command. */
function lastStep(
  { mode, run, outcome, cause }: SwitchoverReport,
  target: CommandTarget,
): NextStep {
  if (outcome === 'UNKNOWN') {
    const { purpose, command } = unresolvedStep(target, { runId: run.runId, cause });
    return { purpose, commands: [command] };
  }
  const command = instanceCommand('audit', target, { plan: mode === 'plan', run: run.runId });
  const rest = isCompletingOutcome(outcome) ? 'Nothing is left to do. ' : '';
  return { purpose: `${rest}Check by its history that it kept every promise`, commands: [command] };
}

function nowFacts(report: SwitchoverReport): Fact[] {
  const { before, after, swapsSent } = report;
  const roles = after ?? (swapsSent === 0 ? before : null);
  return [
    ['Master', roles === null ? unreadMaster(report) : describeMasterOf(roles)],
    ['Read at', roles === null ? null : formatInstant(roles.observedAt)],
    ['PUTs', describePuts(report)],
  ];
}

function unreadMaster({ before, swapsSent }: SwitchoverReport): string {
  if (swapsSent === 0) return 'not read';
  const was = before === null ? '' : `; before it: ${describeMasterOf(before)}`;
  return `not read after the PUT${was}`;
}

function describeMasterOf(roles: RolesSnapshot): string {
  const master = onlyMaster(roles);
  return master === null ? 'not exactly one was read' : describeNode(master);
}

function timelineSection(report: SwitchoverReport): Section | null {
  const picture = drawTimeline(report);
  if (picture === null) return null;
  const rows = phaseSpans(report).map(({ phase, text, fromMs, tookMs }) => [
    phase,
    text,
    formatInstant(iso(fromMs)),
    formatSeconds(tookMs),
  ]);
  const columns = ['Phase', 'What it does', 'From', 'Took'].map((title) => ({ title }));
  const caption =
    rows.length === 0
      ? 'The run reported no phases.'
      : 'Phases in the order in which they began; one that was entered again stands once, with all of its time.';
  return {
    title: 'Timeline',
    blocks: [{ kind: 'picture', picture, caption, table: { kind: 'table', columns, rows } }],
  };
}

function rolesSection({ before, after }: SwitchoverReport): Section | null {
  const columns = ['Node', 'AZ', 'Before', 'After', 'Status'];
  const known = before ?? after;
  if (known === null) return null;
  const rows = nodeChanges(known, after ?? known).map(({ node, was, is }): Text[] => {
    const { availabilityZone, status } = is ?? node;
    return [
      { code: nameOf(node) },
      availabilityZone ?? '–',
      before === null ? 'not read' : (was?.role ?? '–'),
      after === null ? 'not read' : (is?.role ?? '–'),
      status ?? '–',
    ];
  });
  return tableSection('Roles', columns, rows);
}

const PUT_COLUMNS = ['Purpose', 'Result', { title: 'When', set: 'whole' }, 'Answer'] as const;

const PUT_STATES: Readonly<Record<PutRecord['state'], string>> = {
  accepted: 'accepted',
  'possibly-sent': 'possibly sent',
  'not-applied': 'not applied',
  'not-sent': 'not sent',
};

function putRow({ purpose, state, jobId, requestId, detail, ...put }: PutRecord): Text[] {
  const { scheduledAt, endedAt } = put;
  return [
    purpose === 'forward' ? 'forward swap' : 'swap back',
    stateSpan(PUT_STATES[state]),
    endedAt === null
      ? formatInstant(scheduledAt)
      : [formatInstant(scheduledAt), `to ${formatInstant(endedAt)}`],
    [
      ...(detail === null ? [] : [detail]),
      ...(jobId === null ? [] : [{ label: 'job', code: jobId }]),
      ...(requestId === null ? ['no request id'] : [requestIdSpan(requestId)]),
    ],
  ];
}

function requestIdSpan(requestId: string): Span {
  return { label: 'request id', code: requestId };
}

/** What failed comes first, then what could not be checked. */
function orderedChecks({ checks }: SwitchoverReport): Check[] {
  const rank = ({ passed }: Check): number => (passed === false ? 0 : passed === null ? 1 : 2);
  return [...checks].sort((one, other) => rank(one) - rank(other));
}

function checkRow({ id, severity, passed, observed, requestId, remedy }: Check): Text[] {
  const verdict = passed === null ? 'not checked' : passed ? 'passed' : 'failed';
  return [
    severity === 'info' ? [id, 'does not refuse'] : id,
    stateSpan(verdict),
    [
      observed,
      ...(remedy === '' ? [] : [remedy]),
      ...(isPresent(requestId) ? [requestIdSpan(requestId)] : []),
    ],
  ];
}

function identifiers(report: SwitchoverReport, { instanceId, projectId }: CommandTarget): Section {
  const { jobIds, swapRequestIds = [], run, region, requestId } = report;
  const code = (id: string | null | undefined): Text | null =>
    isPresent(id) ? { code: id } : null;
  const codes = (ids: readonly string[]): Text | null =>
    ids.length === 0 ? null : ids.map((id) => ({ code: id }));
  const facts: readonly Fact[] = [
    ['Instance', code(instanceId)],
    ['Name', report.instanceName ?? null],
    ['Project', code(projectId)],
    ['Region', region],
    ['Mode', report.mode],
    ['Run', code(run.runId)],
    ['Workflow', code(run.workflowId)],
    ['Jobs', codes(jobIds)],
    ['Request ids of the PUTs', codes(swapRequestIds)],
    ['Request of the caller', requestId],
    ['Examined run', code(report.examinedRunId)],
    ['Repeats run', code(report.repeatOfRunId)],
  ];
  return { title: 'Identifiers', blocks: [{ kind: 'facts', facts }] };
}
