/** Texts with commands that exist only in a workflow or against a server, and the end-to-end suite that shows them. */

/** By file of `src/`: the suite that shows what it composes, and words of it beside the command. */
export const SHOWN_BY: Readonly<Record<string, readonly [suite: string, words: string]>> = {
  'client/freeze.ts': ['maintenance-docs', 'End it'],
  'client/schedules/create-or-update.ts': [
    'maintenance-docs',
    'The selector has not been resolved yet',
  ],
  'client/switchover/result.ts': ['lock', 'No one has verified the roles since.'],
  'domain/run-texts.ts': ['lock', 'Terminate or Reset this run; cancel it instead'],
  'temporal/errors.ts': ['doctor', 'Set TEMPORAL_NAMESPACE, or create it'],
  'workflows/end.ts': ['checks', 'Look at the roles, then decide again'],
};
