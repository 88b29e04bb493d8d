/**
 * Tries hostile input on every surface of the product: the kept cases, then new ones.
 *
 *   npm run fuzz -- [--minutes N] [--surface NAME] [--seed S] [--cases N]
 */
import { checkCase, readCorpus, tryCases } from './run.js';
import type { Surface } from './surface.js';
import { SURFACES } from './surfaces/index.js';

/** Cases between two looks at the clock. */
const ROUND = 200;

function readOption(args: readonly string[], name: string): string | undefined {
  const at = args.indexOf(`--${name}`);
  return at < 0 ? undefined : args[at + 1];
}

function print(text: string): void {
  process.stdout.write(`${text}\n`);
}

interface Plan {
  readonly seed: number;
  readonly untilMs: number;
  readonly cases: number;
}

async function problemOf<T>(surface: Surface<T>, input: T): Promise<string | null> {
  try {
    await checkCase(surface, input);
    return null;
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  }
}

/** @returns how many cases were tried; `null` after printing a find */
async function attack<T>(
  surface: Surface<T>,
  { seed, untilMs, cases }: Plan,
): Promise<number | null> {
  await surface.open?.();
  try {
    for (const { what, input } of readCorpus(surface.name)) {
      const problem = await problemOf(surface, input as T);
      if (problem === null) continue;
      print(`${surface.name}, ${what}: ${problem}`);
      return null;
    }
    let tried = 0;
    for (let round = 0; tried < cases && (tried === 0 || Date.now() < untilMs); round += 1) {
      const find = await tryCases(surface, { seed: seed + round, numRuns: Math.min(ROUND, cases) });
      tried += ROUND;
      if (find === null) continue;
      print(
        `${surface.name} (seed ${seed + round}): ${find.problem}\n${JSON.stringify(find.input)}`,
      );
      return null;
    }
    return tried;
  } finally {
    await surface.close?.();
  }
}

/** @returns exit code */
export async function main(args: readonly string[]): Promise<number> {
  const only = readOption(args, 'surface');
  const chosen = SURFACES.filter(({ name }) => only === undefined || name === only);
  const minutes = Number(readOption(args, 'minutes') ?? 1);
  const seed = Number(readOption(args, 'seed') ?? Date.now() % 2 ** 31);
  const cases = Number(readOption(args, 'cases') ?? Infinity);
  const eachMs = (minutes * 60_000) / chosen.length;
  print(`seed ${seed}`);
  let finds = 0;
  for (const surface of chosen) {
    const tried = await attack(surface, { seed, cases, untilMs: Date.now() + eachMs });
    if (tried === null) finds += 1;
    else print(`${surface.name}: ${tried} cases, nothing found`);
  }
  return finds === 0 ? 0 : 1;
}
