import type { FaultSpec, Habits, InstanceSpec, QuotaSpec } from '../simulator/index.js';

import { UsageError } from './cli-errors.js';
import { readTextFile } from './read-input-file.js';

/** Options of `simulator` that carry JSON. */
export interface SimulatorInputs {
  /** Path of a file of faults. */
  readonly faults?: string;
  /** Single faults, as JSON. */
  readonly fault: readonly string[];
  /** Path of a file of instances. */
  readonly instancesFile?: string;
  /** Single instances, as JSON. */
  readonly instance: readonly string[];
  /** Single habits, as `name=value`. */
  readonly habit: readonly string[];
  /** How many default instances. */
  readonly instances?: number;
  /** Quotas of the gateway, as JSON. */
  readonly quota?: string;
}

/** The faults to begin with: those of the file, then the single ones. @throws UsageError */
export async function readFaults({
  faults,
  fault = [],
}: Partial<Pick<SimulatorInputs, 'faults' | 'fault'>>): Promise<readonly FaultSpec[]> {
  const { parseFaults } = await import('../simulator/index.js');
  return collect(faults, ['--faults', '--fault'], fault, parseFaults);
}

/** The habits that are named; of one named twice the last. @throws UsageError */
export async function readHabits({ habit }: SimulatorInputs): Promise<Partial<Habits>> {
  const { parseHabit } = await import('../simulator/index.js');
  const read = (text: string): Partial<Habits> => asUsage('--habit', () => parseHabit(text));
  return habit.reduce<Partial<Habits>>((all, text) => ({ ...all, ...read(text) }), {});
}

/** The instances to serve; one without any description. @throws UsageError */
export async function readInstances(inputs: SimulatorInputs): Promise<readonly InstanceSpec[]> {
  const { parseInstances } = await import('../simulator/index.js');
  const names = ['--instances-file', '--instance'] as const;
  const described = await collect(inputs.instancesFile, names, inputs.instance, parseInstances);
  if (described.length === 0) {
    return Array.from({ length: inputs.instances ?? 1 }, () => ({}));
  }
  if (inputs.instances === undefined) return described;
  throw new UsageError('Give --instances, or describe the instances; not both.');
}

/** The quotas of the gateway; none without the option. @throws UsageError */
export async function readQuota({ quota }: SimulatorInputs): Promise<QuotaSpec> {
  const { parseQuota } = await import('../simulator/index.js');
  if (quota === undefined) return {};
  return check('--quota', quota, parseQuota);
}

async function collect<T>(
  path: string | undefined,
  [fileOption, option]: readonly [string, string],
  texts: readonly string[],
  parseAll: (value: unknown) => readonly T[],
): Promise<readonly T[]> {
  const fromFile =
    path === undefined
      ? []
      : check(`${fileOption} ${path}`, await readTextFile(fileOption, path), parseAll);
  const single = texts.flatMap((text, index) =>
    check(`${option} (no. ${index + 1})`, text, (value) => parseAll([value])),
  );
  return [...fromFile, ...single];
}

function check<T>(where: string, text: string, parse: (value: unknown) => T): T {
  return asUsage(where, () => parse(JSON.parse(text)));
}

function asUsage<T>(where: string, read: () => T): T {
  try {
    return read();
  } catch (error) {
    throw new UsageError(`${where}: ${error instanceof Error ? error.message : String(error)}`);
  }
}
