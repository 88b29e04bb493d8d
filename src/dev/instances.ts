import { randomBytes } from 'node:crypto';

import type { InstanceSpec, NodeSpec } from '../simulator/index.js';

/** Region of the simulated service, and prefix of its availability zones. */
export const REGION = 'xx-simulated-1';

const NAMES = [
  ...['orders-cache', 'sessions', 'product-catalogue', 'search-index', 'carts', 'rate-limits'],
  ...['user-profiles', 'geo-index', 'leaderboard', 'feature-flags', 'price-lists', 'log-index'],
];

interface Kind {
  readonly cacheMode: string;
  /** Last letters of the zones of its nodes; the first is the master's. */
  readonly zones: readonly string[];
  readonly team: string;
}

/** In turn; the last one is of a mode that the API does not swap, so that a refusal can be seen. */
const KINDS: readonly Kind[] = [
  { cacheMode: 'ha', zones: ['a', 'b'], team: 'shop' },
  { cacheMode: 'ha', zones: ['b', 'a'], team: 'shop' },
  { cacheMode: 'ha_rw_split', zones: ['a', 'b', 'c'], team: 'shop' },
  { cacheMode: 'cluster', zones: ['a', 'b'], team: 'search' },
];

/**
 * Instances to play with, by names that are easy to type; always the same ones for the same count, but for the
 * passwords of their Redis.
 */
export function playgroundInstances(count: number): readonly InstanceSpec[] {
  return Array.from({ length: count }, (_, index) => {
    const round = Math.floor(index / NAMES.length);
    const name = NAMES[index % NAMES.length] ?? '';
    const { cacheMode, zones = [], team = '' } = KINDS[index % KINDS.length] ?? {};
    return {
      name: round === 0 ? name : `${name}-${round + 1}`,
      ...(cacheMode === undefined ? {} : { cacheMode }),
      nodes: zones.map((letter): NodeSpec => ({ availabilityZone: REGION + letter })),
      tags: [{ key: 'team', value: team }],
      redis: { password: randomBytes(18).toString('base64url') },
    };
  });
}
