import { sleep } from '../basics.js';

import type { FixedAddress } from './fixed-address.js';
import { failOver, replicate } from './replication.js';
import type { Command } from './replication.js';
import type { RedisScript } from './script.js';

/** The servers of an instance at a change of roles, by their ports. */
export interface Stage {
  readonly command: Command;
  readonly fixed: FixedAddress;
  readonly from: number;
  readonly to: number;
  /** All of the instance. */
  readonly ports: readonly number[];
  /** Kills the server at a port, and starts it there again. */
  restart(port: number, how: 'with-data' | 'empty'): Promise<void>;
  /** Aborted when the simulator closes. */
  readonly signal: AbortSignal;
}

/** What follows a change of roles. */
export interface Aftermath {
  /** Resolves when the address leads where it is to lead, and all servers follow the master. */
  readonly settled: Promise<void>;
}

/**
 * Changes the roles as scripted; returns when the new master is one, whatever the address does from then on.
 *
 * @throws Error when it did not become one
 */
export async function changeRoles(stage: Stage, script: RedisScript): Promise<Aftermath> {
  const { command, from, to } = stage;
  const { promotion = 'failover' } = script;
  if (promotion === 'abrupt') await command(to, 'REPLICAOF', 'NO', 'ONE');
  const outage = failToAnswer(stage, script);
  // Whoever settles hears of it; before that no one listens.
  outage.catch(() => undefined);
  if (promotion === 'failover') await failOver(command, from, to);
  return { settled: settle(stage, script, outage) };
}

/** The time for which the address leads to the old master, then nowhere. */
async function failToAnswer({ fixed, signal }: Stage, script: RedisScript): Promise<void> {
  await sleep(script.loseMs ?? 0, signal);
  if (script.blackholeMs !== undefined) {
    fixed.fallSilent();
    await sleep(script.blackholeMs, signal);
    fixed.resume();
  }
  if (script.refuseMs === undefined) return;
  await fixed.refuse();
  await sleep(script.refuseMs, signal);
  await fixed.listen();
}

async function settle(stage: Stage, script: RedisScript, outage: Promise<void>): Promise<void> {
  const { command, fixed, from, to, ports } = stage;
  const { addressStays = false, oldConnections = 'dropped' } = script;
  const isMoved = script.promotion !== 'none';
  const [master, replica] = isMoved ? [to, from] : [from, to];
  // The master has moved, whatever becomes of those that follow it: the next failover asks for what it needs.
  const followMaster = (): Promise<void> =>
    replicate(
      command,
      master,
      ports.filter((port) => port !== master),
    ).catch(() => undefined);
  await outage;
  if (script.readOnlyMs !== undefined) {
    await followMaster();
    fixed.leadTo(replica, oldConnections);
    await sleep(script.readOnlyMs, stage.signal);
  }
  const end = addressStays ? from : to;
  fixed.leadTo(end, oldConnections);
  await followMaster();
  if (script.restartMaster === undefined) return;
  await stage.restart(end, script.restartMaster);
  await followMaster();
}

/** Whether the address is where it is to be as soon as the roles have changed. */
export function settlesAtOnce({
  loseMs,
  blackholeMs,
  refuseMs,
  readOnlyMs,
  restartMaster,
}: RedisScript): boolean {
  const times = [loseMs, blackholeMs, refuseMs, readOnlyMs];
  return restartMaster === undefined && times.every((time) => time === undefined);
}
