/** The real stack, with a link on every connection: Temporal with its file, workers, simulator, Redis, clients. */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';

import { Client, Connection } from '@temporalio/client';

import { createDcsSwitchover } from '../../src/client.js';
import type { DcsSwitchover } from '../../src/client.js';
import { startTemporalServer } from '../../src/dev/index.js';
import { startLocalStack } from '../../src/dev/stack.js';
import type { LocalStack } from '../../src/dev/stack.js';
import { pickFreePorts } from '../../src/free-ports.js';
import type { SimulatedInstance, Simulator } from '../../src/simulator/index.js';
import { startLink } from '../support/link.js';
import type { Link } from '../support/link.js';

import type { Book } from './book.js';
import { openSlot } from './slot.js';
import type { Slot } from './slot.js';

/** Where an instance is; one whose Redis has died is replaced. */
export interface Place {
  readonly name: string;
  instance: SimulatedInstance;
}

/** Of everything that was ever an instance here: the master that it began with. */
export type FirstMasters = ReadonlyMap<string, string>;

export interface Site {
  readonly stack: LocalStack;
  readonly simulator: Simulator;
  readonly slots: readonly Slot[];
  readonly clientLink: Link;
  readonly redisLinks: readonly Link[];
  /** For single switchovers. */
  readonly places: readonly Place[];
  /** For maintenance runs. */
  readonly wards: readonly Place[];
  readonly firstMasters: FirstMasters;
  /** By the link of the clients. */
  readonly clients: DcsSwitchover;
  /** By no link: for the judge. */
  readonly temporal: Client;
  /** Puts another instance in the place of one that is lost. */
  readonly replace: (place: Place) => Promise<void>;
  /** Kills the Temporal server and starts it again later, on its port, with its file. */
  readonly restartTemporal: (downMs: number) => Promise<void>;
  readonly close: () => Promise<void>;
}

/** How many of each there are: three to six runs are in flight. */
const SLOTS = ['worker A', 'worker B', 'worker C'];
const PLACES = 4;
const WARDS = 2;

/** A swap takes a second; with Redis behind it a little more. */
const JOB = { jobInitMs: 100, jobRunMs: 900 };

/** Longest wait of a client of ours for one answer: faults are to be felt. */
const RPC_TIMEOUT_MS = 8_000;

/** Starts everything but the workers. @throws PartUnavailableError; nothing is left running */
export async function openSite(book: Book, signal: AbortSignal): Promise<Site> {
  const closers: (() => Promise<unknown>)[] = [];
  const close = async (): Promise<void> => {
    for (let closer = closers.pop(); closer !== undefined; closer = closers.pop())
      await closer().catch(() => undefined);
  };
  const closing = <T extends { close: () => Promise<unknown> }>(part: T): T => {
    closers.push(() => part.close());
    return part;
  };
  try {
    const folder = await mkdtemp(path.join(tmpdir(), 'dcs-chaos-'));
    closers.push(() => rm(folder, { recursive: true, force: true }));
    const dbFilename = path.join(folder, 'temporal.db');
    const [port = 0] = await pickFreePorts(1);
    const redisLinks: Link[] = [];
    const redisWay = async (redisPort: number): Promise<number> => {
      const link = closing(await startLink(`127.0.0.1:${redisPort}`));
      redisLinks.push(link);
      return Number(link.address.split(':')[1]);
    };
    const env = { ...process.env, TEMPORAL_ADDRESS: '' };
    const simulatorOptions = {
      redisWay,
      timing: JOB,
      instances: [],
      securityToken: 'canary-token',
    };
    const stack = closing(
      await startLocalStack({
        ...{ env, signal, temporal: { port, dbFilename }, simulator: simulatorOptions },
      }),
    );
    const { simulator, temporal: server, taskQueue } = stack;
    let running = server;
    closers.push(() => running.stop());
    const firstMasters = new Map<string, string>();
    const addInstance = async (): Promise<SimulatedInstance> => {
      const instance = await simulator.addInstance({});
      firstMasters.set(instance.instanceId, instance.masterNodeId());
      return instance;
    };
    const openPlaces = (count: number, what: string): Promise<Place[]> =>
      Promise.all(
        Array.from({ length: count }, async (_, index) => {
          return { name: `${what} ${index + 1}`, instance: await addInstance() };
        }),
      );
    const slots = await Promise.all(
      SLOTS.map(async (name) => closing(await openSlot({ name, stack, book, signal }))),
    );
    const clientLink = closing(await startLink(server.address));
    const { namespace } = server;
    const ours = closing(Connection.lazy({ address: clientLink.address }));
    const judges = closing(Connection.lazy({ address: server.address }));
    const clients = createDcsSwitchover({
      ...{ client: new Client({ connection: ours, namespace }), taskQueue },
      rpcTimeoutMs: RPC_TIMEOUT_MS,
    });
    return {
      ...{ stack, simulator, slots, clientLink, redisLinks, firstMasters, clients, close },
      places: await openPlaces(PLACES, 'instance'),
      wards: await openPlaces(WARDS, 'maintained instance'),
      temporal: new Client({ connection: judges, namespace }),
      replace: async (place) => {
        place.instance = await addInstance();
      },
      restartTemporal: async (downMs) => {
        await running.stop();
        await sleep(downMs, undefined, { signal });
        running = await startTemporalServer({ env, port, dbFilename });
      },
    };
  } catch (error) {
    await close();
    throw error;
  }
}
