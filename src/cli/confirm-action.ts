import { DeclinedError, UsageError } from './cli-errors.js';
import type { CliIo } from './io.js';

/** Option of everything that asks first. */
export interface YesOption {
  readonly yes?: boolean;
}

/** Help of `--yes`, the same everywhere. */
export const YES_HELP = 'do not ask';

/**
 * Has somebody say yes, unless `--yes` did.
 *
 * @param effect what it would do, as a sentence; what is asked follows
 * @throws DeclinedError after any other answer; UsageError where nobody can be asked
 */
export async function confirmAction(
  io: CliIo,
  effect: string,
  question: string,
  { yes = false }: YesOption,
): Promise<void> {
  if (yes) return;
  if (!io.isInteractive)
    throw new UsageError(
      `${effect} This asks first, and nobody can be asked here: add --yes. Nothing was changed.`,
    );
  if (!isYes(await io.ask(`${effect} ${question} [y/N] `)))
    throw new DeclinedError('Nothing was changed: you did not say yes.');
}

/** Whether an answer agrees; only a plain yes does. */
export function isYes(answer: string): boolean {
  return ['y', 'yes'].includes(answer.trim().toLowerCase());
}
