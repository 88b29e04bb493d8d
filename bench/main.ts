/** `npm run bench`: counts first, then ratios; see docs/benchmark.md. */
import { parseArgs } from 'node:util';

import {
  compareCounts,
  measureCounts,
  readCounts,
  showCounts,
  writeCounts,
} from './counts/index.js';
import { isExact, measureProbe, showProbe } from './probe/index.js';
import { holds, measureQuotas, showQuotas } from './quota/index.js';
import { measureRatios, showFigures } from './ratios/index.js';
import { measureSizes, showSizes } from './size/index.js';
import { describeMachine } from './support/machine.js';
import { areSectionsCurrent, writeSections } from './support/sections.js';

const OPTIONS = {
  counts: { type: 'boolean' },
  probe: { type: 'boolean' },
  quota: { type: 'boolean' },
  size: { type: 'boolean' },
  write: { type: 'boolean' },
} as const;

/** @returns exit code: 0, or 1 when a count differs from the committed table, a run was lost to a quota, or a probe was wrong */
export async function main(args: readonly string[]): Promise<number> {
  const { values } = parseArgs({ args: [...args], options: OPTIONS });
  if (values.quota === true) return (await showQuotaFigures()) ? 0 : 1;
  const isWriting = values.write === true;
  if (values.probe === true) return (await showProbeFigures(isWriting)) ? 0 : 1;
  if (values.size === true) {
    await showSizeFigures(isWriting);
    return 0;
  }
  const hasSameCounts = await checkCounts(isWriting);
  if (values.counts !== true) await showRatios(isWriting);
  return hasSameCounts ? 0 : 1;
}

async function showQuotaFigures(): Promise<boolean> {
  const figures = await measureQuotas(say);
  print(...showQuotas(figures));
  return figures.every(holds);
}

async function showProbeFigures(isWriting: boolean): Promise<boolean> {
  const figures = await measureProbe(say);
  const probe = showProbe(figures);
  print(...probe);
  if (isWriting) await writeSections({ probe });
  return isExact(figures);
}

async function showSizeFigures(isWriting: boolean): Promise<void> {
  const sizes = showSizes(await measureSizes(say));
  print(...sizes);
  if (isWriting) await writeSections({ sizes });
}

async function checkCounts(isWriting: boolean): Promise<boolean> {
  const found = await measureCounts();
  print(...showCounts(found));
  if (isWriting) {
    await writeCounts(found);
    await writeSections({ counts: showCounts(found) });
    return true;
  }
  const wanted = await readCounts();
  const differences = compareCounts(wanted, found);
  if (!(await areSectionsCurrent({ counts: showCounts(wanted) })))
    differences.push('docs/benchmark.md does not show bench/counts.json');
  if (differences.length === 0) return true;
  print('Counts differ from bench/counts.json:', ...differences);
  print('If that is wanted: npm run bench -- --counts --write');
  return false;
}

async function showRatios(isWriting: boolean): Promise<void> {
  const machine = await describeMachine();
  const figures = showFigures(await measureRatios(say));
  print(...machine, '', ...figures);
  if (isWriting) await writeSections({ machine, figures });
}

function say(what: string): void {
  process.stderr.write(`${what} …\n`);
}

function print(...lines: readonly string[]): void {
  process.stdout.write(`${lines.join('\n')}\n\n`);
}
