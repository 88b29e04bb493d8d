import type { SwitchoverClient } from '../client.js';
import type { RolesSnapshot, SwitchoverInput } from '../contract/index.js';
import { describeNode, onlyMaster, promotableReplicas } from '../domain/identity.js';

import { DeclinedError, UsageError } from './errors.js';
import { followRun, printResult } from './follow.js';
import { formatRoles } from './format/result.js';
import type { CliIo, Output } from './io.js';
import type { WaitOptions } from './options.js';

/** Option of everything that asks first. */
export interface YesOption {
  readonly yes?: boolean;
}

/** Help of `--yes`, the same everywhere. */
export const YES_HELP = 'do not ask';

/**
 * Has someone say yes, unless `--yes` did.
 *
 * @param effect what it would do, as a sentence; what is asked follows
 * @throws DeclinedError after any other answer; UsageError where no one can be asked
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
      `${effect} Not a terminal, so this cannot ask for confirmation. Nothing was changed. Add --yes to go ahead.`,
    );
  if (!isYes(await io.ask(`${effect} ${question} [y/N] `)))
    throw new DeclinedError('Nothing was changed: you did not say yes.');
}

/** Whether an answer agrees; only a plain yes does. */
function isYes(answer: string): boolean {
  return ['y', 'yes'].includes(answer.trim().toLowerCase());
}

/**
 * Finds out who would be demoted and has it confirmed. The answer is guarded by the master that was
 * shown, so that what was agreed to is what happens.
 *
 * @returns the guarded input, or the exit code of a maintenance that does not allow it
 * @throws DeclinedError when the person says no
 */
export async function confirmByPlan(
  io: CliIo,
  output: Output,
  client: Pick<SwitchoverClient, 'start' | 'result' | 'status'>,
  input: SwitchoverInput,
  { yes = false, waitTimeout }: WaitOptions & { readonly yes?: boolean },
): Promise<{ readonly input: SwitchoverInput } | { readonly exitCode: number }> {
  // The request id belongs to the switch alone, or a repeated plan would show old roles.
  const run = await client.start({ ...input, requestId: null, mode: 'plan', toggle: true });
  const plan = await followRun(io, client, run, waitTimeout);
  const masterNodeId = plan.before === null ? null : (onlyMaster(plan.before)?.nodeId ?? null);
  if (plan.outcome !== 'PLANNED' || plan.before === null || masterNodeId === null)
    return { exitCode: printResult(output, run, plan) };
  output.note(formatRoles(plan.before));
  const question = `${describeDemotion(plan.before)} Switch over now? [y/N] `;
  if (!yes && !isYes(await io.ask(question)))
    throw new DeclinedError('Not switched: you did not say yes. Nothing was sent.');
  return { input: { ...input, expectedMasterNodeId: masterNodeId } };
}

function describeDemotion(roles: RolesSnapshot): string {
  const master = onlyMaster(roles);
  const candidates = promotableReplicas(roles).map(describeNode);
  const promoted =
    candidates.length === 1
      ? `${candidates.join('')} will be promoted.`
      : `the service will promote one of ${candidates.join(', ')}.`;
  return `${master === null ? 'The master' : describeNode(master)} will be demoted; ${promoted}`;
}
