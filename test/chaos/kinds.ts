/** What may go wrong, as data, and when it does: drawn from the seed before anything begins. */
import { AILMENTS } from '../support/link.js';
import type { Ailment } from '../support/link.js';

import type { Dice } from './dice.js';

/** Connections that run through a link of ours. */
export const EDGES = [
  'worker to Temporal',
  'worker to DCS',
  'client to Temporal',
  'simulator to Redis',
] as const;

/** One of {@link EDGES}. */
export type Edge = (typeof EDGES)[number];

/** Faults of processes, clocks, disks and of the service; what each is, stands in `strikes.ts`. */
export const STRIKES = [
  'Temporal server killed',
  'worker killed',
  'worker shut down',
  'worker frozen',
  'worker with a wrong clock',
  'worker with a full disk for its log',
  'command with a full disk for its report',
  'clock of the API wrong',
  'Redis node killed',
  'PUT lost before it was carried out',
  'answer to a PUT lost',
  'job fails',
  'new master not Active',
  'swap by another client',
  'instance busy',
] as const;

/** One of {@link STRIKES}. */
export type Strike = (typeof STRIKES)[number];

/** A kind of fault, and how long one lasts at least and at most. */
export type Kind = { readonly name: string; readonly forMs: readonly [number, number] } & (
  { readonly edge: Edge; readonly ailment: Ailment } | { readonly strike: Strike }
);

const AILING_MS: Record<Ailment, readonly [number, number]> = {
  latency: [4_000, 12_000],
  reset: [1_000, 6_000],
  'black-hole': [2_000, 15_000],
  'half-close': [1_000, 6_000],
  'slow-drip': [4_000, 12_000],
};

/** Of a kill: until there is another one. */
const STRIKING_MS: Record<Strike, readonly [number, number]> = {
  'Temporal server killed': [500, 8_000],
  'worker killed': [500, 8_000],
  'worker shut down': [500, 4_000],
  // From a pause to more than the swap activity may take.
  'worker frozen': [1_000, 50_000],
  'worker with a wrong clock': [500, 1_500],
  'worker with a full disk for its log': [500, 1_500],
  'command with a full disk for its report': [500, 1_500],
  'clock of the API wrong': [5_000, 20_000],
  'Redis node killed': [1_000, 6_000],
  'PUT lost before it was carried out': [8_000, 20_000],
  'answer to a PUT lost': [8_000, 20_000],
  'job fails': [8_000, 20_000],
  'new master not Active': [8_000, 20_000],
  'swap by another client': [3_000, 5_000],
  'instance busy': [3_000, 15_000],
};

/** Every kind of fault. */
export const KINDS: readonly Kind[] = [
  ...EDGES.flatMap((edge) =>
    AILMENTS.map((ailment) => {
      return { name: `${edge}: ${ailment}`, edge, ailment, forMs: AILING_MS[ailment] };
    }),
  ),
  ...STRIKES.map((strike) => ({ name: strike, strike, forMs: STRIKING_MS[strike] })),
];

/** A fault to come. Times since the beginning, milliseconds. */
export interface DealtFault {
  readonly kind: Kind;
  readonly atMs: number;
  readonly forMs: number;
}

/** Time between two faults. */
const GAP_MS = [1_000, 5_000] as const;

/** After so many faults nothing new strikes for a while: some runs are to meet none, and have to succeed. */
const BURST = 6;
const PAUSE_MS = 10_000;

/** At the end nothing new begins for so long. */
const CALM_MS = 5_000;

/** Most faults are short; some last longer than an activity may take. */
const LONG_SHARE = 0.25;
const SHORT = 0.3;

/** Deals kinds like cards: each comes once before any comes again, so that a short run meets nearly all. */
export function dealFaults(dice: Dice, totalMs: number): readonly DealtFault[] {
  const dealt: DealtFault[] = [];
  let deck: Kind[] = [];
  let atMs = 2_000;
  while (atMs < totalMs - CALM_MS) {
    if (deck.length === 0) deck = dice.shuffle(KINDS);
    const kind = deck.pop();
    if (kind === undefined) break;
    dealt.push({ kind, atMs, forMs: drawTime(dice, kind) });
    atMs += dice.between(...GAP_MS) + (dealt.length % BURST === 0 ? PAUSE_MS : 0);
  }
  return dealt;
}

function drawTime(dice: Dice, { forMs: [least, most] }: Kind): number {
  const isLong = dice.chance(LONG_SHARE);
  return dice.between(least, isLong ? most : least + SHORT * (most - least));
}
