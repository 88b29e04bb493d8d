/**
 * Plays schedules: those of the ledger of seeds, and as many random ones as are asked for.
 *
 *   npm run simulate -- [--runs N] [--seed S] [--path P] [--only KIND] [--survey] [--no-shrink] [--no-ledger]
 *   npm run simulate -- --schedule JSON [--trace]
 */
import { readFileSync } from 'node:fs';
import path from 'node:path';

import fc from 'fast-check';

import { kindOf, playAny, schedulesOf } from './any.js';
import type { AnySchedule, Kind } from './any.js';
import { Coverage, MAINTENANCE_PHASES, PHASES } from './coverage.js';
import { replaceSockets } from './dcs.js';
import { openSandbox } from './sandbox.js';
import type { Verdict } from './judge.js';

/** What is broken how often, with an example of each; nothing shrinks. */
class Survey {
  private readonly found = new Map<string, { times: number; readonly example: string }>();

  add(what: string, example: string): void {
    const known = this.found.get(what) ?? { times: 0, example };
    this.found.set(what, known);
    known.times += 1;
  }

  toString(): string {
    return [...this.found]
      .map(([what, { times, example }]) => `${times} × ${what}\n${example}`)
      .join('\n\n');
  }
}

function readOption(args: readonly string[], name: string): string | undefined {
  const at = args.indexOf(`--${name}`);
  return at < 0 ? undefined : args[at + 1];
}

function describe(schedule: AnySchedule, { violations, outcomes }: Verdict): string {
  const lines = violations.map(({ name, found, sentence }) => `  ${name}: ${found}. ${sentence}`);
  return [JSON.stringify(schedule), `outcomes: ${outcomes.join(', ')}`, ...lines].join('\n');
}

function print(text: string): void {
  process.stdout.write(`${text}\n`);
}

function printTables(coverage: Readonly<Record<Kind, Coverage>>): void {
  for (const [kind, table] of Object.entries(coverage))
    if (table.runs > 0) print(`${kind}, ${table.runs} schedules\n\n${table.toString()}\n`);
}

/** @returns exit code */
export async function main(args: readonly string[]): Promise<number> {
  replaceSockets();
  const sandbox = await openSandbox();
  const coverage = {
    switchover: new Coverage(PHASES),
    redis: new Coverage(PHASES),
    maintenance: new Coverage(MAINTENANCE_PHASES),
  };
  const survey = args.includes('--survey') ? new Survey() : null;
  const check = async (schedule: AnySchedule): Promise<void> => {
    const verdict = await playAny(schedule, sandbox).catch((error: unknown) => {
      throw new Error(
        `${JSON.stringify(schedule)}\n${error instanceof Error ? error.stack : String(error)}`,
      );
    });
    coverage[kindOf(schedule)].add(verdict);
    if (survey !== null) {
      for (const { name, found } of verdict.violations)
        survey.add(`${name}: ${found}`, describe(schedule, verdict));
      return;
    }
    if (verdict.violations.length > 0) throw new Error(describe(schedule, verdict));
  };
  const single = readOption(args, 'schedule');
  if (single !== undefined) {
    if (args.includes('--trace')) await playAny(JSON.parse(single) as AnySchedule, sandbox, print);
    await check(JSON.parse(single) as AnySchedule);
    printTables(coverage);
    return 0;
  }
  const ledger = JSON.parse(readFileSync(path.join(__dirname, 'seeds.json'), 'utf8')) as {
    schedule: AnySchedule;
  }[];
  if (!args.includes('--no-ledger')) for (const { schedule } of ledger) await check(schedule);
  const numRuns = Number(readOption(args, 'runs') ?? 500);
  const only = (readOption(args, 'only') ?? null) as Kind | null;
  const seed = readOption(args, 'seed');
  const from = readOption(args, 'path');
  const startedAt = process.cpuUsage();
  const details = await fc.check(fc.asyncProperty(schedulesOf(only), check), {
    numRuns,
    ...(seed === undefined ? {} : { seed: Number(seed) }),
    ...(from === undefined ? {} : { path: from }),
    endOnFailure: args.includes('--no-shrink'),
  });
  const cpuMs = process.cpuUsage(startedAt).user / 1_000;
  printTables(coverage);
  print(
    `${Object.values(coverage).reduce((sum, { runs }) => sum + runs, 0)} schedules, ${ledger.length} of the ledger, ${Math.round(cpuMs / 100) / 10} s of processor time`,
  );
  if (survey !== null) print(String(survey));
  if (!details.failed) return 0;
  const { counterexample, seed: failedSeed, counterexamplePath, errorInstance } = details;
  print(errorInstance instanceof Error ? errorInstance.message : JSON.stringify(counterexample));
  print(
    `found after ${details.numRuns} runs; again: npm run simulate -- --seed ${failedSeed} --path ${counterexamplePath ?? ''}`,
  );
  return 1;
}
