import type { Leg } from '../../contract/index.js';

/** Whether a leg's switchover is in doubt and keeps its lock until the doubt has aged. */
export function isHolding({ state, outcome }: Pick<Leg, 'state' | 'outcome'>): boolean {
  return state === 'RUNNING' && outcome === 'UNKNOWN';
}

/** State of a leg in a word: its outcome once that is known. */
export function legState(leg: Pick<Leg, 'state' | 'outcome'>): string {
  if (isHolding(leg)) return 'UNKNOWN, HOLDING';
  return leg.state === 'ENDED' ? (leg.outcome ?? 'UNKNOWN') : leg.state;
}
