import { buildEmptyBundle } from '../support/empty-bundle.js';

import { measureColdStart } from './cold-start.js';
import { measureCpu } from './cpu.js';
import type { Figure } from './figure.js';
import { measureHeap } from './heap.js';
import { measureImports } from './imports.js';
import { measureLateness } from './lateness.js';
import { measureWall } from './wall.js';

export { showFigures } from './figure.js';

/** Measures every ratio, one after the other; some minutes. */
export async function measureRatios(tell: (what: string) => void): Promise<readonly Figure[]> {
  const emptyBundle = await buildEmptyBundle();
  const measurements = {
    cpu: () => measureCpu(emptyBundle),
    heap: () => measureHeap(emptyBundle),
    'cold start': measureColdStart,
    imports: measureImports,
    lateness: measureLateness,
    'wall time': measureWall,
  };
  const figures: Figure[] = [];
  for (const [name, measure] of Object.entries(measurements)) {
    tell(name);
    figures.push(...(await measure()));
  }
  return figures;
}
