/** What the servers behind an instance's address have counted themselves: the truth about who asked them what. */
import type { SimulatedInstance } from '../../src/simulator/index.js';
import { redisCommandAs } from '../../src/simulator/redis/command.js';

/** `AUTH` that Redis refused, by the count of each of the instance's servers. */
export async function refusedLogins(instance: SimulatedInstance): Promise<number> {
  const counts = (await portsOf(instance)).map(async (port) => {
    const stats = await infoOf(instance, port, 'commandstats');
    return Number(/^cmdstat_auth:.*failed_calls=(\d+)/m.exec(stats)?.[1] ?? 0);
  });
  return (await Promise.all(counts)).reduce((sum, count) => sum + count, 0);
}

/** Both servers: the address is no port of theirs. */
async function portsOf(instance: SimulatedInstance): Promise<readonly number[]> {
  const address = Number(instance.address?.split(':')[1]);
  const seen = await infoOf(instance, address, 'replication');
  const own = /^tcp_port:(\d+)/m.exec(await infoOf(instance, address, 'server'))?.[1];
  const others = [...seen.matchAll(/^(?:slave\d+:.*?port=|master_port:)(\d+)/gm)];
  return [Number(own), ...others.map(([, port]) => Number(port))];
}

async function infoOf(
  { redis: { access } }: SimulatedInstance,
  port: number,
  section: string,
): Promise<string> {
  return String(await redisCommandAs(access.own, port, 'INFO', section));
}
