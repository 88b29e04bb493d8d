import type { Decision, Leg, MaintenanceResult, MaintenanceItem } from '../../contract/index.js';

import { commandsOf } from '../../domain/commands.js';

import { describeInstances, describeTime } from './maintenance-result.js';
import {
  countPuts,
  describeMaster,
  describeState,
  describeWhy,
  describeWindow,
  isDoneItem,
  nextMaintenanceCommands,
} from './maintenance.js';
import type { ResultSource } from './maintenance.js';
import { escapeMarkdown, formatInstant, formatSpan, inlineCode, markdownTable } from './text.js';

/**
 * A maintenance's end as Markdown for a change ticket: the verified state first, then what is not done and why, then every
 * instance, who decided what, and what to do next.
 */
export function formatMaintenanceReport(result: MaintenanceResult, source: ResultSource): string {
  const { outcome, message, items, decisions, warnings } = result;
  const open = items.filter((item) => !isDoneItem(item));
  const next = [...commandsOf(message), ...nextMaintenanceCommands(result, source)];
  const isPlanOnly = result.mode === 'plan';
  const sections = [
    `# Maintenance ${escapeMarkdown(source.name)}: ${outcome}`,
    escapeMarkdown(message),
    formatFacts(result, source),
    open.length === 0 || isPlanOnly ? null : `## Not done\n\n${open.map(formatOpen).join('\n')}`,
    next.length === 0 ? null : `## Next\n\n\`\`\`sh\n${next.join('\n')}\n\`\`\``,
    items.length === 0 ? null : `## Instances\n\n${formatInstances(items)}`,
    decisions.length === 0 ? null : `## Decisions\n\n${decisions.map(formatDecision).join('\n')}`,
    warnings.length === 0
      ? null
      : `## Warnings\n\n${warnings.map((text) => `- ${escapeMarkdown(text)}`).join('\n')}`,
    'All times are UTC. Names under "Decisions" are claims: who may send them is up to the access control of Temporal.',
  ];
  return `${sections.filter((section) => section !== null).join('\n\n')}\n`;
}

function formatFacts(result: MaintenanceResult, source: ResultSource): string {
  const { counts, items, outcome, cause, region } = result;
  const fields: readonly (readonly [string, string | null])[] = [
    ['Outcome', `${outcome} (${cause})`],
    ['Change', textOrNull(result.changeId)],
    ['Requested by', textOrNull(result.requestedBy)],
    ['Reason', textOrNull(result.reason)],
    ['Time', describeTime(result)],
    ['Window', describeWindow(result.window)],
    ['Instances', describeInstances(counts)],
    ['PUTs sent', result.mode === 'plan' ? 'none, only planned' : String(countPuts(items))],
    ['Project', inlineCode(result.projectId) + (region === null ? '' : `, region ${region}`)],
    ['Workflow', inlineCode(source.workflowId)],
    ['Run', source.runId === null ? null : inlineCode(source.runId)],
  ];
  return markdownTable(
    ['', ''],
    fields.filter((field): field is [string, string] => field[1] !== null),
  );
}

function textOrNull(text: string | null): string | null {
  return text === null ? null : escapeMarkdown(text);
}

/** Longest reason in the list; the whole is in the JSON beside it. */
const MAX_REASON = 600;

function formatOpen(item: MaintenanceItem): string {
  const name = item.name === null ? '' : ` ${escapeMarkdown(item.name)}`;
  const leg = item.return ?? item.forward;
  const way = leg.leg === 'return' ? 'return leg ' : '';
  const why = escapeMarkdown(describeWhy(item, MAX_REASON));
  return `- ${inlineCode(item.instanceId)}${name}: ${way}${escapeMarkdown(describeState(leg))}${why === '' ? '' : `. ${why}`}`;
}

function formatInstances(items: readonly MaintenanceItem[]): string {
  const hasReturn = items.some((item) => item.return !== null);
  const legHeading = ['State', 'Master after', 'Start', 'Took', 'PUTs', 'Run'];
  const heading = [
    ...['Instance', 'Name', 'Master before', ...legHeading],
    ...(hasReturn ? legHeading.map((title) => `Back: ${title.toLowerCase()}`) : []),
  ];
  const cells = items.map((item) => [
    inlineCode(item.instanceId),
    item.name === null ? '' : escapeMarkdown(item.name),
    escapeMarkdown(describeMaster(item.master)),
    ...legCells(item.forward),
    ...(hasReturn ? legCells(item.return) : []),
  ]);
  return markdownTable(heading, cells);
}

function legCells(leg: Leg | null): string[] {
  if (leg === null) return ['', '', '', '', '', ''];
  const { startedAt, endedAt, runId } = leg;
  const took =
    startedAt === null || endedAt === null
      ? ''
      : formatSpan(Date.parse(endedAt) - Date.parse(startedAt));
  return [
    escapeMarkdown(describeState(leg)),
    escapeMarkdown(describeMaster(leg.master)),
    startedAt === null ? '' : formatInstant(startedAt),
    took,
    startedAt === null ? '' : String(leg.swapsSent),
    runId === null ? '' : inlineCode(runId),
  ];
}

function formatDecision({ what, by, why, at, instanceId }: Decision): string {
  const which = instanceId === undefined ? '' : ` ${inlineCode(instanceId)}`;
  const because = why === null ? '' : `: ${escapeMarkdown(why)}`;
  return `- ${formatInstant(at)} ${what}${which} by ${escapeMarkdown(by)}${because}`;
}
