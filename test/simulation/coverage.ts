/** What was reached: which faults met which outcomes, and in which phase they struck. An empty cell is a hole in the generator. */
import type { WitnessWord } from '../../src/contract/index.js';

import type { Struck } from './faults.js';
import type { Verdict } from './judge.js';
import type { RedisMove } from './redis.js';

/** Phases of a switchover. */
export const PHASES = [
  ...['PREFLIGHT', 'SWAPPING', 'RECONCILING', 'AWAITING_JOB', 'VERIFYING', 'COMPENSATING'],
  'HOLDING',
];

/** Phases of a maintenance. */
export const MAINTENANCE_PHASES = [
  ...['PLANNING', 'AWAITING_APPROVAL', 'AWAITING_WINDOW', 'SWITCHING', 'SOAKING', 'RETURNING'],
  'ENDED',
];

/** Cells that stay empty, and why. */
const EXPLAINED: Readonly<Record<string, string>> = {
  'heal in PREFLIGHT': 'no swap has left an Inactive master yet',
  'heal in SWAPPING': 'no swap has left an Inactive master yet',
};

/** What runs say of Redis where it does so, and how they end; the generator reaches each of these cells. */
const CLAIMED: Readonly<Record<RedisMove['move'], readonly WitnessWord[]>> = {
  ...{ swap: ['MOVED'], stays: ['SAME'], 'address-stays': ['DEMOTED_IN_PLACE'] },
  ...{ unpromoted: ['NOT_A_MASTER'], 'there-and-back': ['MOVED_AND_BACK'] },
  ...{ 'three-moves': ['MOVED_MORE_THAN_ONCE'], 'other-data': ['OTHER_DATA'] },
  ...{ restart: ['RESTARTED_OR_REPLACED'], 'restart-empty': ['RESTARTED_OR_REPLACED'] },
  ...{ away: ['CANNOT_TELL'], refuses: ['CANNOT_TELL'] },
};
const CLAIMED_OUTCOMES = ['SUCCEEDED', 'UNKNOWN', 'REFUSED'];

/** A table of counts. */
class Table {
  private readonly cells = new Map<string, number>();

  add(row: string, column: string): void {
    const key = `${row}\t${column}`;
    this.cells.set(key, (this.cells.get(key) ?? 0) + 1);
  }

  rows(): string[] {
    return this.names(0);
  }

  isEmpty(row: string, column: string): boolean {
    return !this.cells.has(`${row}\t${column}`);
  }

  print(title: string, columns: readonly string[] = this.names(1)): string {
    const rows = this.names(0).map((name) => [
      name.padEnd(20),
      ...columns.map((column) =>
        String(this.cells.get(`${name}\t${column}`) ?? '.').padStart(column.length),
      ),
    ]);
    return [[title.padEnd(20), ...columns], ...rows].map((row) => row.join('  ')).join('\n');
  }

  private names(part: 0 | 1): string[] {
    return [
      ...new Set([...this.cells.keys()].map((key) => key.split('\t')[part] ?? '')),
    ].toSorted();
  }
}

/** Counts over all schedules. */
export class Coverage {
  private readonly byOutcome = new Table();
  private readonly byPhase = new Table();
  private readonly byMove = new Table();
  private readonly byWord = new Table();
  runs = 0;

  constructor(private readonly columns: readonly string[]) {}

  add({ outcomes, struck, phases, words, moves }: Verdict): void {
    this.runs += 1;
    const names = struck.length === 0 ? ['(none)'] : struck.map(nameOf);
    for (const name of new Set(names))
      for (const outcome of outcomes) this.byOutcome.add(name, outcome);
    for (const fault of struck) this.byPhase.add(nameOf(fault), fault.phase);
    for (const phase of phases) this.byPhase.add('(reached)', phase);
    for (const move of moves) {
      for (const outcome of outcomes) this.byMove.add(move, outcome);
      for (const word of words) this.byWord.add(move, word);
    }
  }

  toString(): string {
    return [
      this.byOutcome.print('ended'),
      this.byPhase.print('struck in', this.columns),
      ...(this.byMove.rows().length === 0
        ? []
        : [
            this.byMove.print('Redis moved, ended'),
            this.byWord.print('Redis moved, says'),
            ...this.broken(),
          ]),
      ...this.holes(),
    ].join('\n\n');
  }

  private broken(): string[] {
    const empty = Object.entries(CLAIMED).flatMap(([move, words]) => [
      ...words.filter((word) => this.byWord.isEmpty(move, word)).map((word) => `${move}, ${word}`),
      ...CLAIMED_OUTCOMES.filter((outcome) => this.byMove.isEmpty(move, outcome)).map(
        (outcome) => `${move}, ${outcome}`,
      ),
    ]);
    return empty.length === 0 ? [] : [`claimed, and not reached: ${empty.join('; ')}`];
  }

  private holes(): string[] {
    const empty = this.byPhase
      .rows()
      .flatMap((row) => this.columns.map((phase) => [row, phase] as const))
      .filter(([row, phase]) => this.byPhase.isEmpty(row, phase))
      .map(([row, phase]) => `${row} in ${phase}`);
    const [known, open] = [true, false].map((isKnown) =>
      empty.filter((cell) => cell in EXPLAINED === isKnown),
    );
    return [
      ...(known ?? []).map((cell) => `${cell}: ${EXPLAINED[cell] ?? ''}`),
      ...(open?.length === 0 ? [] : [`not reached this time: ${open?.join(', ') ?? ''}`]),
    ];
  }
}

function nameOf(fault: Struck): string {
  if ('call' in fault) return `call ${fault.call}`;
  return fault.event === 'redis' ? `redis ${fault.move}` : fault.event;
}
