/** Random choices from a seed: one seed and label always make the same ones, whatever is drawn elsewhere. */
import { createHash } from 'node:crypto';

export interface Dice {
  /** From `low` to `high`. */
  readonly between: (low: number, high: number) => number;
  /** True in so many of 1. */
  readonly chance: (share: number) => boolean;
  readonly pick: <T>(list: readonly T[]) => T;
  /** In a random order. */
  readonly shuffle: <T>(list: readonly T[]) => T[];
}

/** Takes the dice of one actor; each has its own, because no one knows who is next. */
export function takeDice(seed: number, label: string): Dice {
  const state = createHash('sha256').update(`${seed} ${label}`).digest();
  let counter = 0;
  const next = (): number => {
    counter += 1;
    const hash = createHash('sha256').update(state).update(String(counter)).digest();
    return hash.readUInt32BE(0) / 2 ** 32;
  };
  const pick = <T>(list: readonly T[]): T => {
    const picked = list[Math.floor(next() * list.length)];
    if (picked === undefined) throw new Error('there is nothing to pick from');
    return picked;
  };
  return {
    between: (low, high) => low + next() * (high - low),
    chance: (share) => next() < share,
    pick,
    shuffle: (list) =>
      list
        .map((item) => ({ item, place: next() }))
        .sort((a, b) => a.place - b.place)
        .map(({ item }) => item),
  };
}
