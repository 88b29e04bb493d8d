import type { AttributeState, SetupCommands, SetupReport } from '../../doctor/index.js';

import { formatFields } from './text.js';

const WORDS: Record<AttributeState['state'], string> = {
  present: 'registered already',
  added: 'added',
  missing: 'MISSING',
  'wrong-type': 'WRONG TYPE',
};

/** What a person has to remember after any change. */
const REMINDER = 'Workers look only when they start: restart them to have a new attribute used.';

/** What `setup` found and did, for people. */
export function formatSetup(report: SetupReport): string {
  const { address, namespace, attributes, byHand } = report;
  const rows = attributes.map(
    ({ name, state, type }) =>
      [name, state === 'wrong-type' ? `${WORDS[state]}: ${type ?? '?'}` : WORDS[state]] as const,
  );
  return [
    `Search attributes of namespace ${namespace} on ${address}`,
    formatFields(rows),
    ...formatRemedy(report),
    ...(byHand.length === 0
      ? []
      : ['This server does not let us add them. By hand:', ...byHand.map((line) => `  ${line}`)]),
    REMINDER,
  ].join('\n');
}

function formatRemedy({ removals }: SetupReport): string[] {
  if (removals.length === 0) return [];
  return [
    'Not changed: runs need the type Keyword. Where nothing else uses the attribute, remove it, then run setup again:',
    ...removals.map((command) => `  ${command}`),
  ];
}

/** The commands by hand, for people. */
export function formatSetupCommands({ devServer, selfHosted, cloud }: SetupCommands): string {
  const section = (title: string, lines: readonly string[]): string =>
    [title, ...lines.map((line) => `  ${line}`)].join('\n');
  return [
    section('Dev server, at its start:', devServer),
    section(
      'Self-hosted server (the temporal command reads the same TEMPORAL_* variables):',
      selfHosted,
    ),
    section('Temporal Cloud (the administrator of the namespace):', cloud),
    REMINDER,
  ].join('\n\n');
}
