/** A TCP forwarder on loopback that ails as networks do. */
import { once } from 'node:events';
import net from 'node:net';
import type { AddressInfo, Socket } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';

/**
 * What a link may suffer from, connections that stand included. `latency`: every byte is late. `reset`: connections
 * break, new ones with their first bytes. `black-hole`: nothing arrives, and no one is notified. `half-close`: who
 * connects hears no more; what it sends goes on. `slow-drip`: a few bytes at a time.
 */
export const AILMENTS = ['latency', 'reset', 'black-hole', 'half-close', 'slow-drip'] as const;

/** One of {@link AILMENTS}. */
export type Ailment = (typeof AILMENTS)[number];

export interface Link {
  /** Host and port to connect to instead of the target's. */
  readonly address: string;
  /** From now on; `null`: well again. */
  suffer(ailment: Ailment | null): void;
  close(): Promise<void>;
}

/** A connection as it begins. */
export interface Opening {
  /** What came first from whoever connects. */
  readonly bytes: Buffer;
  /** The port by which the target knows the connection; 0: it never stood. */
  readonly port: () => number;
}

const LATENCY_MS = 700;
const DRIP_BYTES = 32;
const DRIP_MS = 40;

/** More than a call of ours; whoever sends more waits. */
const MAX_HELD_BYTES = 1 << 20;

/** What ails a link now, and a signal of when that changes. */
interface Condition {
  readonly ailment: Ailment | null;
  readonly change: AbortController;
}

const begin = (ailment: Ailment | null): Condition => ({ ailment, change: new AbortController() });

/** Two connections that are one. */
interface Pair {
  readonly client: Socket;
  readonly upstream: Socket;
}

function reset({ client, upstream }: Pair): void {
  client.resetAndDestroy();
  upstream.resetAndDestroy();
}

/** Whoever connects takes it for the end of the answer. */
function hangUp({ client }: Pair): void {
  client.end();
}

/** What happens to standing connections at once. */
const AT_ONCE: Partial<Record<Ailment, (pair: Pair) => void>> = {
  reset,
  'half-close': hangUp,
};

interface Lane {
  readonly pair: Pair;
  readonly from: Socket;
  readonly to: Socket;
  readonly condition: () => Condition;
}

async function untilChange({ change }: Condition, ms?: number): Promise<void> {
  const { signal } = change;
  if (signal.aborted) return;
  if (ms !== undefined) await sleep(ms, undefined, { signal }).catch(() => undefined);
  else await once(signal, 'abort');
}

/** Brings bytes across, as well as the link can by then. */
async function carry({ pair, to, condition }: Lane, bytes: Buffer, atMs: number): Promise<void> {
  let left = bytes;
  while (left.length > 0 && !to.destroyed) {
    const now = condition();
    const lateMs = atMs + LATENCY_MS - Date.now();
    if (now.ailment === 'black-hole') await untilChange(now);
    else if (now.ailment === 'latency' && lateMs > 0) await untilChange(now, lateMs);
    else if (now.ailment === 'reset') {
      reset(pair);
      return;
    } else if (now.ailment === 'half-close' && to === pair.client) {
      hangUp(pair);
      return;
    } else {
      const isDripping = now.ailment === 'slow-drip';
      const some = isDripping ? left.subarray(0, DRIP_BYTES) : left;
      left = left.subarray(some.length);
      if (to.writable) to.write(some);
      if (isDripping) await untilChange(now, DRIP_MS);
    }
  }
}

/** Brings everything across, in order, to its end. What is held is lost with the connection, as on a network. */
function openLane(lane: Lane): void {
  const { from, to } = lane;
  let held = 0;
  let last = Promise.resolve();
  const queue = (task: () => Promise<void>): void => {
    last = last.then(task);
  };
  from.on('data', (bytes: Buffer) => {
    const atMs = Date.now();
    held += bytes.length;
    if (held > MAX_HELD_BYTES) from.pause();
    queue(async () => {
      await carry(lane, bytes, atMs);
      held -= bytes.length;
      from.resume();
    });
  });
  from.on('end', () => {
    queue(() => {
      to.end();
      return Promise.resolve();
    });
  });
  from.on('error', () => to.destroy());
  from.on('close', () => {
    if (!from.readableEnded) to.destroy();
  });
}

/**
 * @param target host and port of whom to forward to
 * @param onOpening of each connection, before anything is forwarded
 */
export async function startLink(
  target: string,
  onOpening: (opening: Opening) => void = () => undefined,
): Promise<Link> {
  const { hostname, port } = new URL(`tcp://${target}`);
  const pairs = new Set<Pair>();
  let condition = begin(null);
  const server = net.createServer({ allowHalfOpen: true }, (client) => {
    const upstream = net.connect({ port: Number(port), host: hostname, allowHalfOpen: true });
    const pair = { client, upstream };
    pairs.add(pair);
    for (const socket of [client, upstream])
      socket.setNoDelay(true).on('close', () => client.destroyed && pairs.delete(pair));
    let ownPort = 0;
    upstream.once('connect', () => (ownPort = upstream.localPort ?? 0));
    client.once('data', (bytes: Buffer) => {
      onOpening({ bytes, port: () => ownPort });
    });
    const now = (): Condition => condition;
    openLane({ pair, from: client, to: upstream, condition: now });
    openLane({ pair, from: upstream, to: client, condition: now });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    address: `127.0.0.1:${(server.address() as AddressInfo).port}`,
    suffer: (ailment) => {
      const { change } = condition;
      condition = begin(ailment);
      change.abort();
      const strike = ailment === null ? undefined : AT_ONCE[ailment];
      if (strike !== undefined) for (const pair of pairs) strike(pair);
    },
    close: async () => {
      condition.change.abort();
      for (const { client, upstream } of pairs) {
        client.destroy();
        upstream.destroy();
      }
      await new Promise((resolve) => server.close(resolve));
    },
  };
}
