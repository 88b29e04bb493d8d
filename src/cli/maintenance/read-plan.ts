import type { MaintenanceClient } from '../../client.js';
import type { MaintenanceInput } from '../../contract/index.js';

import { UsageError } from '../cli-errors.js';
import type { CliIo } from '../io.js';
import { readInputFile } from '../read-input-file.js';

import { toPlanInput } from './input.js';
import type { Draft } from './input.js';
import type { PlanOptions } from './plan-options.js';
import { parsePlanRef } from './ref.js';

/** Options of `maintenance plan` and `start`. */
export interface AskOptions extends PlanOptions {
  readonly restOf?: string;
}

/** The draft of a plan's file; empty without one. @throws UsageError */
export async function readDraft({ file, restOf }: AskOptions): Promise<Draft> {
  if (file !== undefined && restOf !== undefined)
    throw new UsageError('Give --file or --rest-of, not both.');
  const draft = file === undefined ? {} : await readInputFile(file);
  // "start" would only plan, or "plan" would mean to start: the command says which, nothing else.
  if ('mode' in draft)
    throw new UsageError(
      `--file ${file ?? ''}: remove mode; "maintenance plan" plans and "maintenance start" starts.`,
    );
  return draft;
}

/**
 * The input that `--rest-of` asks for: that of the ended plan, with the instances that are not done, and over
 * it what the options say.
 *
 * @throws UsageError, and whatever `restOf` throws
 */
export async function readRest(
  io: CliIo,
  client: Pick<MaintenanceClient, 'restOf'>,
  maintenanceId: string | undefined,
  options: AskOptions & { readonly restOf: string },
): Promise<MaintenanceInput> {
  const ref = parsePlanRef(options.restOf);
  const id = maintenanceId ?? nextRestId(ref.maintenanceId);
  const rest = await client.restOf(ref, id);
  return toPlanInput(io, id, options, { ...rest, mode: undefined });
}

/** `drain` → `drain-rest` → `drain-rest-2` → … @throws UsageError where that would be too long */
export function nextRestId(maintenanceId: string): string {
  const [, stem = maintenanceId, rest, count = '1'] =
    /^(.*?)(-rest(?:-(\d+))?)?$/.exec(maintenanceId) ?? [];
  const id = rest === undefined ? `${stem}-rest` : `${stem}-rest-${Number(count) + 1}`;
  if (id.length <= 64) return id;
  throw new UsageError(`Name the new plan: "${id}" would be longer than 64 characters.`);
}
