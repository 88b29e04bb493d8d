/**
 * Chaos on the real stack.
 *
 *   npm run chaos -- [--minutes N] [--seed S] [--report FILE]
 */
import { randomInt } from 'node:crypto';
import { mkdir, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { parseArgs } from 'node:util';

import { runChaos } from './chaos.js';
import { renderReport } from './report.js';
import { summarize } from './summary.js';

const OPTIONS = {
  minutes: { type: 'string', default: '2' },
  seed: { type: 'string' },
  report: { type: 'string', default: '.cache/chaos.html' },
} as const;

/** Longer ones would fill the memory of the simulator's ledger. */
const MAX_MINUTES = 240;

/** @returns exit code: 0; 1 where a promise was broken; 2 for wrong arguments; 130 when it was interrupted */
export async function main(args: readonly string[]): Promise<number> {
  const { values } = parseArgs({ args: [...args], options: OPTIONS });
  const minutes = Number(values.minutes);
  const seed = values.seed === undefined ? randomInt(2 ** 31) : Number(values.seed);
  if (!(minutes > 0 && minutes <= MAX_MINUTES) || !Number.isSafeInteger(seed)) {
    say(`--minutes is more than 0 and at most ${MAX_MINUTES}, --seed a whole number`);
    return 2;
  }
  const interruption = new AbortController();
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const)
    process.once(signal, () => {
      interruption.abort();
    });
  say(`chaos of ${minutes} min, seed ${seed}`);
  try {
    const { signal } = interruption;
    const folder = `${values.report.replace(/\.html$/, '')}-histories`;
    const end = await runChaos({ minutes, seed, folder, signal, say });
    await mkdir(path.dirname(values.report), { recursive: true });
    await writeFile(values.report, renderReport(end));
    process.stdout.write(`${summarize(end).join('\n')}\nreport: ${values.report}\n`);
    return end.verdict.breaches.length === 0 ? 0 : 1;
  } catch (error) {
    if (!interruption.signal.aborted) throw error;
    say('interrupted: everything was ended, nothing was judged');
    return 130;
  }
}

function say(line: string): void {
  process.stderr.write(`${line}\n`);
}
