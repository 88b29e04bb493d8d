/** How each fault strikes, and how it heals. Each ends with its time, or when everything ends. */
import { setTimeout as sleep } from 'node:timers/promises';

import type { WorkerProcess } from '../../src/dev/stack.js';
import type { FaultActions, FaultSpec, SimulatedInstance } from '../../src/simulator/index.js';
import { redisCommand } from '../../src/simulator/redis/command.js';
import type { Ailment, Link } from '../support/link.js';

import { noteFault } from './book.js';
import type { Book, StruckFault } from './book.js';
import type { Dice } from './dice.js';
import { runOnFullDisk } from './full-disk.js';
import type { DealtFault, Edge, Strike } from './kinds.js';
import type { Place, Site } from './site.js';
import { HEALTHY } from './slot.js';
import type { Slot, WorkerTraits } from './slot.js';

/** Where a fault strikes, and for how long. */
export interface Scene {
  readonly site: Site;
  readonly book: Book;
  readonly dice: Dice;
  readonly name: string;
  readonly forMs: number;
  readonly signal: AbortSignal;
}

/** False: there was nothing to strike. */
type Blow = (scene: Scene) => Promise<boolean>;

/** Lets a fault strike; resolves when it is healed. */
export async function strike({ kind, forMs }: DealtFault, rest: Omit<Scene, 'name' | 'forMs'>) {
  const scene = { ...rest, name: kind.name, forMs };
  const hit =
    'edge' in kind ? await ail(scene, kind.edge, kind.ailment) : await BLOWS[kind.strike](scene);
  if (!hit) rest.book.missed.push(kind.name);
}

const lasting = async ({ forMs, signal }: Scene): Promise<void> => {
  await sleep(forMs, undefined, { signal }).catch(() => undefined);
};

const heal = (fault: StruckFault): void => {
  fault.untilMs = Date.now();
};

async function ail(scene: Scene, edge: Edge, ailment: Ailment): Promise<boolean> {
  const { book, name } = scene;
  const { whom, links } = linksOf(scene, edge);
  // What a client does not hear changes no run.
  const fault = noteFault(book, { name, whom, isExcuse: edge !== 'client to Temporal' });
  for (const link of links) {
    latest.set(link, fault);
    link.suffer(ailment);
  }
  await lasting(scene);
  for (const link of links) if (latest.get(link) === fault) link.suffer(null);
  heal(fault);
  return true;
}

/** A fault that has ended does not heal a link that suffers from a later one. */
const latest = new WeakMap<Link, StruckFault>();

/** Now and then all workers are struck together, as by a network that fails. */
const TOGETHER = 0.25;

function linksOf({ site, dice }: Scene, edge: Edge): { whom: string; links: readonly Link[] } {
  const { slots, clientLink, redisLinks } = site;
  if (edge === 'client to Temporal') return { whom: 'the clients', links: [clientLink] };
  if (edge === 'simulator to Redis') return { whom: 'every node', links: redisLinks };
  const linkOf = (slot: Slot): Link => (edge === 'worker to DCS' ? slot.dcs : slot.temporal);
  if (dice.chance(TOGETHER)) return { whom: 'every worker', links: slots.map(linkOf) };
  const slot = dice.pick(slots);
  return { whom: slot.name, links: [linkOf(slot)] };
}

/** Ends a worker by `end`, and starts the next one after the time of the fault. */
const replacing =
  (
    end: (worker: WorkerProcess) => Promise<unknown>,
    traitsOf: (dice: Dice) => WorkerTraits = () => HEALTHY,
  ): Blow =>
  async (scene) => {
    const slot = pickSlot(scene);
    if (slot === null) return false;
    const traits = traitsOf(scene.dice);
    const isExcuse = traits === HEALTHY;
    await slot.strike(async (worker) => {
      const outage = noteFault(scene.book, {
        name: isExcuse ? scene.name : 'worker shut down',
        whom: slot.name,
      });
      await end(worker);
      await lasting(scene);
      await slot.start(traits);
      heal(outage);
    });
    const next = slot.free();
    if (isExcuse || next === null) return isExcuse;
    const fault = noteFault(scene.book, { name: scene.name, whom: slot.name, isExcuse });
    void next.exited.then(() => {
      heal(fault);
    });
    return true;
  };

function pickSlot({ site, dice }: Scene): Slot | null {
  const free = site.slots.filter((slot) => slot.free() !== null);
  return free.length === 0 ? null : dice.pick(free);
}

const killed = (worker: WorkerProcess): Promise<unknown> => {
  worker.kill('SIGKILL');
  return worker.exited;
};

const shutDown = (worker: WorkerProcess): Promise<unknown> => worker.stop();

const MINUTE_MS = 60_000;

/** Together they stay below the 15 min that the gateway lets pass. */
const WORKER_OFF_MS = 11 * MINUTE_MS;
const API_OFF_MS = 3 * MINUTE_MS;

const off = (dice: Dice, ms: number): number => (dice.chance(0.5) ? ms : -ms);

const frozen: Blow = async (scene) => {
  const slot = pickSlot(scene);
  if (slot === null) return false;
  await slot.strike(async (worker) => {
    const fault = noteFault(scene.book, { name: scene.name, whom: slot.name });
    worker.kill('SIGSTOP');
    await lasting(scene);
    worker.kill('SIGCONT');
    heal(fault);
  });
  return true;
};

const pickPlace = ({ site, dice }: Scene): Place => dice.pick([...site.places, ...site.wards]);

const notePlace = ({ book, name }: Scene, { instance, name: whom }: Place): StruckFault =>
  noteFault(book, { name, whom, instanceId: instance.instanceId });

/** PUTs of one instance go wrong. */
const spoiling =
  (actions: FaultActions & Pick<FaultSpec, 'calls'>): Blow =>
  async (scene) => {
    const place = pickPlace(scene);
    const { instance } = place;
    const fault = notePlace(scene, place);
    const { instanceId } = instance;
    const scripted = scene.site.simulator.faults.add({
      route: 'asyncSwap',
      instanceId,
      ...actions,
    });
    await lasting(scene);
    scripted.remove();
    // The service has repaired what it could.
    for (const { nodeId } of instance.roles()) instance.setNodeStatus(nodeId, 'Active');
    heal(fault);
    return true;
  };

const BLOWS: Record<Strike, Blow> = {
  'Temporal server killed': async (scene) => {
    const { site, book, name, forMs } = scene;
    if (book.faults.some((fault) => fault.name === name && fault.untilMs === Infinity))
      return false;
    const fault = noteFault(book, { name, whom: 'Temporal' });
    await site.restartTemporal(forMs);
    heal(fault);
    return true;
  },
  'worker killed': replacing(killed),
  'worker shut down': replacing(shutDown),
  'worker frozen': frozen,
  'worker with a wrong clock': replacing(shutDown, (dice) => ({
    ...HEALTHY,
    clockMs: off(dice, WORKER_OFF_MS),
  })),
  'worker with a full disk for its log': replacing(shutDown, () => ({
    ...HEALTHY,
    hasFullDisk: true,
  })),
  'command with a full disk for its report': async (scene) => {
    const { site, book, name } = scene;
    const { instance } = pickPlace(scene);
    const fault = noteFault(book, { name, whom: 'the command', isExcuse: false });
    const env = { ...site.stack.clientEnv, TEMPORAL_ADDRESS: site.clientLink.address };
    const args = ['status', instance.instanceId, '-o', 'json'];
    const { code, said } = await runOnFullDisk(args, env, COMMAND_TIMEOUT_MS);
    if (code === 0 || code === null)
      book.breaches.push({ name, found: `exit code ${String(code)}, and it said: ${said}` });
    heal(fault);
    return true;
  },
  'clock of the API wrong': async (scene) => {
    const { site, book, dice, name } = scene;
    const fault = noteFault(book, { name, whom: 'the API', isExcuse: false });
    site.simulator.setClockOffset(off(dice, API_OFF_MS));
    await lasting(scene);
    site.simulator.setClockOffset(0);
    heal(fault);
    return true;
  },
  'Redis node killed': async (scene) => {
    const place = pickPlace(scene);
    const { instance } = place;
    const isMaster = scene.dice.chance(0.5);
    const pid = await findRedisProcess(instance, isMaster).catch(() => null);
    if (pid === null) return false;
    notePlace(scene, place);
    process.kill(pid, 'SIGKILL');
    await lasting(scene);
    // Only now the service notices; it is not repaired, another instance takes its place.
    const role = isMaster ? 'master' : 'replica';
    const node = instance.roles().find((each) => each.role === role);
    if (node !== undefined) instance.setNodeStatus(node.nodeId, 'Inactive');
    await scene.site.replace(place);
    return true;
  },
  'PUT lost before it was carried out': spoiling({ reset: 'before' }),
  'answer to a PUT lost': spoiling({ reset: 'after' }),
  'job fails': spoiling({ job: { outcome: 'FAIL', failReason: 'replica not in sync' } }),
  'new master not Active': spoiling({ job: { newMasterStatus: 'Inactive' }, calls: 1 }),
  'swap by another client': async (scene) => {
    const place = pickPlace(scene);
    const fault = notePlace(scene, place);
    await place.instance.swapBy('a-colleague').catch(() => undefined);
    await lasting(scene);
    heal(fault);
    return true;
  },
  'instance busy': async (scene) => {
    const place = pickPlace(scene);
    const fault = notePlace(scene, place);
    const { instance } = place;
    instance.setTask('BACKUPING');
    await lasting(scene);
    instance.setTask(null);
    heal(fault);
    return true;
  },
};

/** A command starts within a second; a loaded machine, a Temporal that is gone, get the rest. */
const COMMAND_TIMEOUT_MS = 90_000;

/** Process id of the Redis server of the master, or of its first replica. */
async function findRedisProcess(
  { address }: SimulatedInstance,
  isMaster: boolean,
): Promise<number | null> {
  const masterPort = Number(address?.split(':')[1] ?? 0);
  const [, , replicas] = (await redisCommand(masterPort, 'ROLE')) as [unknown, unknown, string[][]];
  const port = isMaster ? masterPort : Number(replicas[0]?.[1] ?? 0);
  const info = String(await redisCommand(port, 'INFO', 'server'));
  const pid = /process_id:(\d+)/.exec(info)?.[1];
  return pid === undefined ? null : Number(pid);
}
