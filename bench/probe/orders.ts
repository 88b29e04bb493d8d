/** What the process of the faults is asked for, and what it answers. */

/** What can go wrong. */
export const FAULTS = [
  'black hole',
  'refused',
  'reset',
  'read-only',
  'FAILOVER',
  'NOREPLICAS',
] as const;

/** One of {@link FAULTS}. */
export type Fault = (typeof FAULTS)[number];

/** What a rig is asked for. */
export type Order =
  | { readonly do: 'fault'; readonly fault: Fault; readonly ms: number }
  | {
      readonly do: 'lose';
      readonly key: string;
      readonly ms: number;
      /** For so long after the move no answer arrives. */
      readonly answersLostMs: number;
    }
  | { readonly do: 'commandMs' };

/** When it began and ended, epoch milliseconds: not before the first and not after the second number. */
export interface Truth {
  readonly fromMs: readonly [number, number];
  readonly toMs: readonly [number, number];
}

/** Answers to the orders; `lost` counts writes that Redis had applied, `commandMs` what the probes' commands took it. */
export type RigAnswer = Truth | { readonly lost: number } | { readonly commandMs: number };
