import { DEFAULT_TIMING } from '../contract/index.js';
import type { Timing } from '../contract/index.js';

/** Time limits with every default filled in. */
export function toTiming(
  given: { readonly [K in keyof Timing]?: Timing[K] | undefined } | undefined,
): Timing {
  const set = Object.entries(given ?? {}).filter(([, value]) => value !== undefined);
  return { ...DEFAULT_TIMING, ...(Object.fromEntries(set) as Partial<Timing>) };
}
