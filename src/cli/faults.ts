/** Options that make the simulator misbehave: by name, as JSON, from a file. */
import { InvalidArgumentError, Option } from 'commander';
import type { Command } from 'commander';

import { combineFaults, isFaultName, NAMED_FAULTS } from '../simulator/faults/named.js';
import type { CombinedFaults, FaultName } from '../simulator/faults/named.js';
import type { FaultSpec } from '../simulator/index.js';
import { messageOf } from '../util.js';

import { UsageError } from './errors.js';
import { readTextFile } from './io.js';

/** Options that {@link withFaultOptions} adds. */
export interface FaultOptions {
  readonly faults: readonly FaultName[];
  /** Single faults, as JSON. */
  readonly fault: readonly string[];
  /** Path of a file of faults. */
  readonly faultsFile?: string;
}

/** What these options ask for. */
export interface GivenFaults {
  readonly names: readonly FaultName[];
  /** What the names set of the simulator, beside faults. */
  readonly combined: Omit<CombinedFaults, 'faults'>;
  /** Those of the names, then of the file, then the single ones. */
  readonly faults: readonly FaultSpec[];
}

const NAMES = Object.keys(NAMED_FAULTS);

function parseNames(text: string, earlier: readonly FaultName[]): readonly FaultName[] {
  const given = text.split(',').map((name) => name.trim());
  const known = given.filter(isFaultName);
  if (known.length < given.length)
    throw new InvalidArgumentError(`Give some of ${NAMES.join(', ')}.`);
  return [...new Set([...earlier, ...known])];
}

/** Adds {@link FaultOptions}, and what each name stands for below the help. */
export function withFaultOptions(command: Command): Command {
  const width = Math.max(...NAMES.map(({ length }) => length));
  const lines = Object.entries(NAMED_FAULTS).map(
    ([name, { about, outcome }]) => `  ${name.padEnd(width)}  ${about}: ${outcome}`,
  );
  return command
    .addOption(
      new Option('--faults <names>', 'what the service does wrong, see below; by commas')
        .argParser(parseNames)
        .default([], 'none'),
    )
    .addOption(repeatable('--fault <json>', 'a fault of your own; repeatable'))
    .option('--faults-file <path>', 'JSON file with faults of your own')
    .addHelpText(
      'after',
      ['', 'Faults by name, and how a switchover ends under each:', ...lines].join('\n'),
    );
}

/** @throws UsageError */
export async function readFaults({
  faults: names,
  fault,
  faultsFile,
}: FaultOptions): Promise<GivenFaults> {
  const { parseFaults } = await import('../simulator/index.js');
  const own = await collect(faultsFile, ['--faults-file', '--fault'], fault, parseFaults);
  const { faults, ...combined } = combineFaults(names);
  return { names, combined, faults: [...faults, ...own] };
}

/** What a file holds, then what single options say, as JSON. @throws UsageError that names the option */
export async function collect<T>(
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

/** Reads JSON. @throws UsageError that begins with `where` */
export function check<T>(where: string, text: string, parse: (value: unknown) => T): T {
  return asUsage(where, () => parse(JSON.parse(text)));
}

/** Whatever `read` throws is a mistake of the command line. @throws UsageError that begins with `where` */
export function asUsage<T>(where: string, read: () => T): T {
  try {
    return read();
  } catch (error) {
    throw new UsageError(`${where}: ${messageOf(error)}`);
  }
}

/** Collects the values of an option that may be given several times. */
const repeat = (value: string, before: readonly string[]): readonly string[] => [...before, value];

/** An option that may be given several times. */
export function repeatable(flags: string, description: string): Option {
  return new Option(flags, description).argParser(repeat).default([], 'none');
}
