import type { Evidence, RolesSnapshot, SwitchoverStatus } from '../contract/index.js';

import { allNodes } from './roles.js';

/** How many of the last evidence lines the UI shows. */
const SHOWN_EVIDENCE = 8;

/** The run as Markdown for the "current details" of the Temporal UI. */
export function toMarkdown(
  status: SwitchoverStatus,
  evidence: readonly Evidence[],
  warnings: readonly string[],
): string {
  const { phase, outcome, since, next, swapsSent, jobIds, before, after } = status;
  return [
    `**${outcome ?? phase}** since ${since}`,
    `**Next:** ${next}`,
    `**PUTs sent:** ${swapsSent}${jobIds.length === 0 ? '' : ` · **jobs:** ${jobIds.join(', ')}`}`,
    ...section('Before', before),
    ...section('Now', after),
    ...list('Warnings', warnings),
    ...list(
      'Seen and done',
      evidence.slice(-SHOWN_EVIDENCE).map(({ at, what }) => `${at} ${what}`),
    ),
  ].join('\n\n');
}

function section(title: string, roles: RolesSnapshot | undefined): string[] {
  if (roles === undefined) return [];
  const rows = allNodes(roles).map(
    ({ role, nodeId, availabilityZone, status }) =>
      `| ${role} | ${nodeId ?? '–'} | ${availabilityZone ?? '–'} | ${status ?? '–'} |`,
  );
  return [`**${title}**\n\n| role | node | AZ | status |\n|---|---|---|---|\n${rows.join('\n')}`];
}

function list(title: string, items: readonly string[]): string[] {
  return items.length === 0
    ? []
    : [`**${title}**\n\n${items.map((item) => `- ${item}`).join('\n')}`];
}
