/** Texts with commands that exist only in a workflow or against a server, and the end-to-end suite that shows them. */

/** A file of `src/`, the suite that shows what it composes, and words of it that stand there beside a command. */
export const SHOWN_BY: readonly (readonly [file: string, suite: string, words: string])[] = [
  ['cli/commands/certify.ts', 'certify', 'Nothing was sent. Find out why'],
  ['cli/playground.ts', 'dev', 'Then, for example'],
  ['cli/commands/list.ts', 'unresolved', 'Still holds the lock. See until when'],
  ['client/freeze.ts', 'maintenance-docs', 'End it'],
  ['client/maintenance/describe.ts', 'maintenance-client', 'abort or cancel it instead'],
  ['client/schedules/change.ts', 'schedules', 'See which there are'],
  [
    'client/schedules/create-or-update.ts',
    'maintenance-docs',
    'The selector has not been resolved yet',
  ],
  ['client/switchover/client.ts', 'cancel', 'See how it ends'],
  ['client/switchover/result.ts', 'lock', 'No one has verified the roles since.'],
  ['client/switchover/status.ts', 'input', 'See what is wrong'],
  ['client/switchover/status.ts', 'verify', 'It was cancelled before it had found out'],
  ['doctor/judge-read.ts', 'doctor', 'Record what DCS answers, and report it'],
  ['doctor/project.ts', 'doctor', 'Ask for details'],
  ['doctor/temporal.ts', 'doctor', 'Where nothing else uses it'],
  ['doctor/temporal.ts', 'doctor', 'Run this, then restart the workers'],
  ['doctor/temporal-service.ts', 'doctor', 'Start a worker with this environment'],
  ['domain/checks/data-plane.ts', 'checks', 'The doctor tries each step'],
  ['domain/run-texts.ts', 'lock', 'Terminate or Reset this run; cancel it instead'],
  ['temporal/errors.ts', 'doctor', 'Set TEMPORAL_NAMESPACE, or create it'],
  ['temporal/same-request.ts', 'repeats', 'without an outcome.'],
  ['workflows/end.ts', 'checks', 'Look at the roles, then decide again'],
  ['workflows/freeze.ts', 'freeze-in-force', 'Nothing is frozen: the input is invalid.'],
  ['workflows/freeze.ts', 'freeze-in-force', 'End it earlier'],
  ['workflows/maintenance/maintenance.ts', 'notifications', 'Without approval by'],
  ['workflows/notify.ts', 'notifications', 'Look at the webhook'],
];
