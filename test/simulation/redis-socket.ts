/**
 * Connections to the Redis of a world: where the product would open a socket (`net.connect`), it gets one that answers in
 * virtual time. What is said over it, login and replies included, is the product's own.
 */
import { EventEmitter } from 'node:events';
import net from 'node:net';

import { activityInfo } from '@temporalio/activity';

import type { FaultBook } from './faults.js';
import type { RedisModel, RedisProcess, Shown } from './redis.js';
import { LEG_MS, send } from './wire.js';
import { hereIs } from './world.js';
import type { World } from './world.js';

/** One try to look, as the model knows it. Times are true ones, epoch milliseconds. */
export interface Sight {
  readonly runId: string;
  readonly activityId: string;
  readonly attempt: number;
  readonly begunAtMs: number;
  /** When the worker had it; `null`: never, or another connection than for a look. */
  answeredAtMs: number | null;
  /** What it showed; `null`: nothing. */
  shown: Shown | null;
}

/** Where connections of a world lead to. */
export interface RedisPlace {
  readonly world: World;
  readonly book: FaultBook;
  readonly redis: RedisModel;
  /** Every connection, the first first. */
  readonly sights: Sight[];
}

let place: RedisPlace | null = null;

/** Makes the Redis of a world the one that is connected to; `null`: there is none. */
export function connectTo(next: RedisPlace | null): void {
  place = next;
}

/** Must be called once: from then on no connection leaves this process. */
export function replaceConnections(): void {
  Object.assign(net, {
    connect: ({ signal }: { readonly signal?: AbortSignal }) => {
      if (place === null) throw new Error('there is no Redis in this world');
      return new RedisSocket(place, signal);
    },
  });
}

class RedisSocket extends EventEmitter {
  private isOpen = true;
  private isLoggedIn = false;
  private process: RedisProcess | null = null;
  private readonly sight: Sight;
  private readonly from = hereIs();

  constructor(
    private readonly place: RedisPlace,
    signal: AbortSignal | undefined,
  ) {
    super();
    this.sight = openSight(place);
    signal?.addEventListener('abort', () => {
      this.fail('ABORT_ERR');
    });
    const { world, book, redis } = place;
    send(world, book, {
      ...{ at: 'redis.connect', to: redis.machine, signal },
      execute: () => redis.answering() ?? Promise.reject(failure('EHOSTUNREACH')),
      answered: () => {
        throw failure('ECONNRESET');
      },
      cut: (how) => failure(how === 'refused' ? 'ECONNREFUSED' : 'ECONNRESET'),
    }).then(
      (process) => {
        this.process = process;
        if (this.isOpen) this.emit('connect');
      },
      (error: unknown) => {
        this.fail((error as NodeJS.ErrnoException).code ?? '');
      },
    );
  }

  /** One command, as RESP writes it: every second line is a word. */
  write(bytes: Buffer): void {
    const [name = '', ...words] = bytes
      .toString()
      .split('\r\n')
      .filter((_, index) => index > 0 && index % 2 === 0);
    const { world, redis } = this.place;
    world.after(LEG_MS, redis.machine, () => {
      const reply = this.process?.isGone === false ? this.answer(name, words) : null;
      world.after(LEG_MS, this.from, () => {
        if (reply === null) this.fail('ECONNRESET');
        else this.receive(reply, words);
      });
    });
  }

  destroy(): void {
    this.isOpen = false;
  }

  unref(): void {
    // Virtual time keeps no process alive.
  }

  resetAndDestroy(): void {
    this.destroy();
  }

  private receive(reply: string, words: readonly string[]): void {
    if (!this.isOpen) return;
    if (words.includes('replication')) this.sight.answeredAtMs = this.place.world.nowMs;
    this.emit('data', Buffer.from(reply));
  }

  private answer(name: string, words: readonly string[]): string {
    const { redis } = this.place;
    if (name === 'AUTH') {
      this.isLoggedIn = redis.lets(words.at(-1) ?? null);
      return this.isLoggedIn ? '+OK\r\n' : '-WRONGPASS no\r\n';
    }
    if (!this.isLoggedIn && !redis.lets(null)) return '-NOAUTH no\r\n';
    if (name === 'INFO') return this.inform(words[0] ?? '');
    if (name === 'PING') return '+PONG\r\n';
    return name === 'GET' ? '$-1\r\n' : ':1\r\n';
  }

  private inform(section: string): string {
    const { redis, world } = this.place;
    if (this.process === null) return '-ERR no\r\n';
    if (section === 'replication') this.sight.shown = redis.show(this.process);
    const lines = section === 'server' ? server(this.process, world) : replication(this.sight);
    const text = lines.map(([field, value]) => `${field}:${value}\r\n`).join('');
    return `$${text.length}\r\n${text}\r\n`;
  }

  private fail(code: string): void {
    if (!this.isOpen) return;
    this.isOpen = false;
    this.emit('error', failure(code));
    this.emit('close');
  }
}

function openSight({ world, sights }: RedisPlace): Sight {
  const { workflowExecution, activityId, attempt } = activityInfo();
  const sight = {
    ...{ runId: workflowExecution?.runId ?? '', activityId, attempt },
    ...{ begunAtMs: world.nowMs, answeredAtMs: null, shown: null },
  };
  sights.push(sight);
  return sight;
}

function failure(code: string): Error {
  return Object.assign(new Error(code), { code });
}

type Fields = readonly (readonly [field: string, value: string | number])[];

function server({ runId, startedAtMs }: RedisProcess, { nowMs }: World): Fields {
  return [
    ['run_id', runId],
    ['uptime_in_seconds', Math.floor((nowMs - startedAtMs) / 1_000)],
  ];
}

const NONE = '0'.repeat(40);

function replication({ shown }: Sight): Fields {
  if (shown === null) return [];
  const { role, history, offset } = shown;
  return [
    ['role', role === 'master' ? 'master' : 'slave'],
    ['master_replid', history.replid],
    ['master_replid2', history.replid2 ?? NONE],
    ['master_repl_offset', offset],
    ['second_repl_offset', history.secondOffset ?? -1],
  ];
}
