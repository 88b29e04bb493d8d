/** What the report of a maintenance says: the verified state first, then what is not done and why, then every instance. */
import type {
  Decision,
  Leg,
  MaintenanceItem,
  MaintenanceResult,
  ObservedMaster,
} from '../../contract/index.js';
import {
  describeFigures,
  describeTotalFigures,
  figuresOfItem,
} from '../../domain/maintenance/figures.js';
import { legState, nameOfItem } from '../../domain/maintenance/progress.js';
import { countOf, shortId } from '../../domain/text.js';
import { clip } from '../../util.js';
import {
  countPuts,
  describeCounts,
  describeState,
  describeWindow,
  hasTellingCause,
  isDoneItem,
  nextMaintenanceCommands,
  totalOf,
} from '../format/maintenance.js';
import type { ResultSource } from '../format/maintenance.js';
import { describePeriod, formatInstant, formatSpan } from '../format/text.js';

import { listSection, present, stateSpan, tableSection, toneOf } from './document.js';
import type { NextStep, ReportColumn, ReportDocument, Section, Span, Text } from './document.js';
import { askedFacts, plainLine, splitMessage } from './parts.js';
import { drawSwitchovers } from './maintenance-timeline.js';

/** The report of a maintenance. */
export function toMaintenanceDocument(
  result: MaintenanceResult,
  source: ResultSource,
): ReportDocument {
  const { outcome, cause, items, decisions, warnings, startedAt, endedAt } = result;
  const { happened, steps } = splitMessage(result.message);
  const [next = null, ...further] = [...steps, ...moreSteps(result, source)];
  const took = formatSpan(Date.parse(endedAt) - Date.parse(startedAt));
  return {
    title: `Maintenance ${source.name}`,
    state: { word: outcome, cause, tone: toneOf(outcome) },
    about: [
      ...askedFacts(result),
      ['Time', describePeriod(startedAt, endedAt, took)],
      ['Window', describeWindow(result.window)],
    ],
    happened,
    now: [
      ['Instances', describeInstances(result)],
      ['Interrupted', describeTotalFigures(items)],
      ['PUTs sent', result.mode === 'plan' ? 'none, only planned' : String(countPuts(items))],
    ],
    next,
    sections: present(
      further.length === 0
        ? null
        : { title: 'Further steps', blocks: [{ kind: 'steps', steps: further }] },
      listSection('Not done', result.mode === 'plan' ? [] : notDone(items)),
      listSection('Warnings', warnings),
      switchoversSection(result),
      instancesSection(items),
      listSection(
        'Decisions',
        decisions.map((decision) => describeDecision(decision, items)),
      ),
      identifiers(result, source),
    ),
    note: 'All times are UTC. Names under "Decisions" are claims: who may send them is up to the access control of Temporal.',
  };
}

function describeInstances({ counts }: MaintenanceResult): string {
  const total = totalOf(counts);
  return total === 0 ? 'none' : `${total}: ${describeCounts(counts)}`;
}

/** What the message does not lead to itself. */
function moreSteps(result: MaintenanceResult, source: ResultSource): NextStep[] {
  const commands = nextMaintenanceCommands(result, source);
  return commands.length === 0 ? [] : [{ purpose: 'Next', commands }];
}

/** Longest reason in the list; the whole is in the JSON. */
const MAX_REASON = 600;

function notDone(items: readonly MaintenanceItem[]): Text[] {
  const open = items.filter((item) => !isDoneItem(item));
  return [...open.filter(isUnknown), ...open.filter((item) => !isUnknown(item))].map(
    ({ instanceId, name, ...item }) => {
      const leg = item.return ?? item.forward;
      const way = leg.leg === 'return' ? 'return leg ' : '';
      const why = clip(plainLine(leg.reason ?? ''), MAX_REASON);
      const state = `${way}${describeState(leg)}${why === '' ? '' : `. ${why}`}`;
      return [{ code: instanceId }, name === null ? state : `${name}: ${state}`];
    },
  );
}

/** What no one knows comes first: it refuses the next switchover of its instance. */
function isUnknown(item: MaintenanceItem): boolean {
  return [item.forward, item.return].some((leg) => leg !== null && legState(leg) === 'UNKNOWN');
}

function switchoversSection(result: MaintenanceResult): Section | null {
  const picture = drawSwitchovers(result);
  if (picture === null) return null;
  const caption =
    'Each bar is one switchover, from its start to its end; those above one another went on at the same time.';
  // In words the same stands beside each instance.
  const table = { kind: 'table', columns: [], rows: [] } as const;
  return { title: 'Timeline', blocks: [{ kind: 'picture', picture, caption, table }] };
}

/** A line for each leg: a return leg stands under its forward leg. */
function instancesSection(items: readonly MaintenanceItem[]): Section | null {
  const has = {
    return: items.some((item) => item.return !== null),
    figures: items.some((item) => figuresOfItem(item) !== null),
  };
  const rows = items.flatMap((item) => {
    const { forward, return: back } = item;
    return [
      legRow(item, forward, item.master, has),
      ...(back === null ? [] : [legRow(item, back, forward.master, has)]),
    ];
  });
  const columns: readonly ReportColumn[] = [
    { title: 'Instance', set: 'id' },
    ...(has.return ? [{ title: 'Leg' }] : []),
    { title: 'State' },
    ...(has.figures ? [{ title: 'Interrupted', set: 'whole' } as const] : []),
    { title: 'Master', set: 'whole' },
    { title: 'Started, took, PUTs', set: 'whole' },
    { title: 'Run', set: 'id' },
  ];
  return tableSection('Instances', columns, rows);
}

function legRow(
  { instanceId, name }: MaintenanceItem,
  leg: Leg,
  before: ObservedMaster | null,
  has: { readonly return: boolean; readonly figures: boolean },
): Text[] {
  const { runId } = leg;
  const state = legState(leg);
  return [
    [{ code: instanceId }, ...(name === null ? [] : [name])],
    ...(has.return ? [leg.leg] : []),
    hasTellingCause(leg) ? [stateSpan(state), { code: leg.cause }] : stateSpan(state),
    ...(has.figures ? [describeCost(leg)] : []),
    describeMove(before, leg.master),
    describeWork(leg),
    runId === null ? '' : { code: runId },
  ];
}

/** The interruption, and under it what was lost. */
function describeCost({ figures }: Leg): Text {
  return figures === undefined ? 'not measured' : describeFigures(figures).split(', ');
}

function describeWork({ startedAt, endedAt, swapsSent }: Leg): Text {
  if (startedAt === null) return '–';
  const took =
    endedAt === null ? '' : `${formatSpan(Date.parse(endedAt) - Date.parse(startedAt))}, `;
  return [formatInstant(startedAt), `${took}${countOf(swapsSent, 'PUT')}`];
}

/** Zones, and under them as much of the nodes' ids as tells them apart; one only, where no other was read. */
function describeMove(before: ObservedMaster | null, after: ObservedMaster | null): Text {
  const read = [before, after].filter((master) => master !== null);
  if (read.length === 0) return 'not read';
  const spans: Span[] = [
    read.map(({ availabilityZone }) => availabilityZone ?? '?').join(' → '),
    { code: read.map(({ nodeId }) => shortId(nodeId)).join(' → ') },
  ];
  return spans;
}

function describeDecision(
  { what, by, why, at, instanceId }: Decision,
  items: readonly MaintenanceItem[],
): Text {
  const because = why === null ? '' : `: ${plainLine(why)}`;
  return instanceId === undefined
    ? `${formatInstant(at)} ${what} by ${by}${because}`
    : [
        `${formatInstant(at)} ${what}`,
        { code: nameOfItem(items, instanceId) },
        `by ${by}${because}`,
      ];
}

function identifiers(
  { projectId, region }: MaintenanceResult,
  { workflowId, runId }: ResultSource,
): Section {
  return {
    title: 'Identifiers',
    blocks: [
      {
        kind: 'facts',
        facts: [
          ['Project', { code: projectId }],
          ['Region', region],
          ['Workflow', { code: workflowId }],
          ['Run', runId === null ? null : { code: runId }],
        ],
      },
    ],
  };
}
