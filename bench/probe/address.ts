/** A TCP address that outlives role changes, and fails as it is asked to. */
import { once } from 'node:events';
import net from 'node:net';
import type { AddressInfo, Socket } from 'node:net';

import type { RunningProbe } from '../../src/data-plane/index.js';
import { LOOPBACK } from '../../src/simulator/redis/command.js';

export interface Address {
  readonly port: number;
  /** Leads new connections to another port, and resets what stands. */
  readonly leadTo: (port: number) => void;
  /** `hole`: nothing passes; `deaf`: no answer passes; `reset`: connections are reset as they come. */
  mode: 'open' | 'hole' | 'deaf' | 'reset';
  /** Resets what stands. */
  readonly drop: () => void;
  /** Resets what stands, and refuses what comes. */
  readonly close: () => void;
  readonly open: () => Promise<void>;
}

/** Whether a probe has met an interruption, and seen its end. */
export function hasRecovered({ strip }: Pick<RunningProbe, 'strip'>): boolean {
  return /[rtxe](?:\d+[ou])+$/.test(strip());
}

/** Opens an address that leads to a port. */
export async function openAddress(first: number): Promise<Address> {
  const sockets = new Set<Socket>();
  const state = { mode: 'open' as Address['mode'], port: 0 };
  let target = first;
  const server = net.createServer((caller) => {
    if (state.mode === 'reset') caller.resetAndDestroy();
    else join(caller);
  });
  const join = (caller: Socket): void => {
    const redis = net.connect(target, LOOPBACK);
    pass(caller, redis, () => state.mode === 'hole');
    pass(redis, caller, () => state.mode === 'hole' || state.mode === 'deaf');
  };
  const pass = (from: Socket, to: Socket, isLost: () => boolean): void => {
    sockets.add(from);
    from.setNoDelay(true);
    from.on('data', (chunk) => {
      if (!isLost()) to.write(chunk);
    });
    from.on('error', () => undefined);
    from.on('close', () => {
      sockets.delete(from);
      to.destroy();
    });
  };
  const drop = (): void => {
    for (const socket of sockets) socket.resetAndDestroy();
  };
  const open = async (): Promise<void> => {
    server.listen(state.port, LOOPBACK);
    await once(server, 'listening');
    state.port = (server.address() as AddressInfo).port;
  };
  await open();
  return Object.assign(state, {
    drop,
    open,
    leadTo: (port: number) => {
      target = port;
      drop();
    },
    close: () => {
      server.close();
      drop();
    },
  });
}
