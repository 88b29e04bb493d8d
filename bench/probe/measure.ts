/** What a probe says, compared with what happened. */
import { randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';

import type { Interruption } from '../../src/contract/index.js';
import { probeKey, startProbe } from '../../src/data-plane/index.js';
import type { RunningProbe } from '../../src/data-plane/index.js';

import { hasRecovered } from './address.js';
import type { Fault, Truth } from './orders.js';
import { withRig } from './start-rig.js';
import type { StartedRig } from './start-rig.js';

const PERIOD_MS = 50;
const TTL_MS = 600_000;
/** Fewer than a report has room for. */
const PER_PROBE = 10;
/** Clocks of two processes, and whole milliseconds in a report. */
const TOLERANCE_MS = 1;

/** One outage: what is known of its length, and what was said of it. */
export interface Compared {
  readonly isInside: boolean;
  /** Of the best single figure, `maxMs` less a period. */
  readonly errorMs: number;
  readonly widthMs: number;
}

/** Makes so many outages of a kind, of 0.3 to 1.2 s, and compares each. */
export function compareOutages(fault: Fault, count: number): Promise<readonly Compared[]> {
  return withRig(async (rig) => {
    const compared: Compared[] = [];
    while (compared.length < count)
      compared.push(
        ...(await compareSome(rig, fault, Math.min(PER_PROBE, count - compared.length))),
      );
    return compared;
  });
}

async function compareSome(rig: StartedRig, fault: Fault, count: number): Promise<Compared[]> {
  const probe = start(rig).probe;
  const truths: Truth[] = [];
  await until(() => probe.armedAtMs() !== null);
  for (let outage = 0; outage < count; outage += 1) {
    await sleep(300 + 100 * Math.random());
    truths.push(await rig.ask({ do: 'fault', fault, ms: 300 + 900 * Math.random() }));
    await until(() => hasRecovered(probe));
  }
  const { write } = await probe.stop();
  return truths.map((truth) => compare(truth, write?.interruptions ?? []));
}

function compare({ fromMs, toMs }: Truth, interruptions: readonly Interruption[]): Compared {
  const said = interruptions
    .filter(({ from, maxMs }) => Date.parse(from) < toMs[1] && Date.parse(from) + maxMs > fromMs[0])
    .sort((one, other) => other.maxMs - one.maxMs)[0];
  if (said === undefined) return { isInside: false, errorMs: fromMs[0] - toMs[1], widthMs: 0 };
  const [leastMs, mostMs] = [toMs[0] - fromMs[1], toMs[1] - fromMs[0]];
  return {
    isInside: said.minMs <= mostMs + TOLERANCE_MS && said.maxMs >= leastMs - TOLERANCE_MS,
    errorMs: said.maxMs - PERIOD_MS - (leastMs + mostMs) / 2,
    widthMs: said.maxMs - said.minMs,
  };
}

function start({ access }: StartedRig): { readonly probe: RunningProbe; readonly key: string } {
  const runId = randomUUID();
  const probe = startProbe(access, { runId, periodMs: PERIOD_MS, write: true, ttlMs: TTL_MS });
  return { probe, key: probeKey(runId) };
}

async function until(predicate: () => boolean): Promise<void> {
  while (!predicate()) await sleep(10);
}

/** Losses, and how many of them were counted right. */
export interface LossFigures {
  readonly losses: number;
  readonly exact: number;
  readonly mostLost: number;
}

/**
 * Promotes a replica before the address moves, so many times.
 *
 * @param answersLostMs for so long afterwards writes are applied, and no answer arrives
 */
export function compareLosses(count: number, answersLostMs: number): Promise<LossFigures> {
  return withRig(async (rig) => {
    const figures = { losses: count, exact: 0, mostLost: 0 };
    for (let loss = 0; loss < count; loss += 1) {
      const { probe, key } = start(rig);
      await until(() => probe.armedAtMs() !== null);
      await sleep(300);
      const ms = 200 + 800 * Math.random();
      const { lost } = await rig.ask<{ readonly lost: number }>({
        do: 'lose',
        key,
        ms,
        answersLostMs,
      });
      await until(() => hasRecovered(probe));
      const counted = (await probe.stop()).lostWrites?.count ?? null;
      // The last one may have been applied without an answer: then it is not lost, for no one was promised it.
      if (counted === lost || counted === lost - 1) figures.exact += 1;
      figures.mostLost = Math.max(figures.mostLost, lost);
    }
    return figures;
  });
}

/** What probes cost, a second of measuring. */
export interface CostFigures {
  readonly probes: number;
  readonly armed: number;
  /** Of the worker's process, a probe, in milliseconds. */
  readonly cpuMs: number;
  /** Of Redis, a probe, in milliseconds. */
  readonly redisMs: number;
  /** Of one outage that all of them met. */
  readonly inside: number;
}

/** Runs so many probes at once for a while, and then through one outage. */
export function measureCost(probes: number, seconds: number): Promise<CostFigures> {
  return withRig(async (rig) => {
    const idleMs = await cpuOf(() => sleep(seconds * 1000));
    const running = Array.from({ length: probes }, () => start(rig).probe);
    await until(() => running.every((probe) => probe.armedAtMs() !== null));
    const before = await rig.ask<{ readonly commandMs: number }>({ do: 'commandMs' });
    const usedMs = await cpuOf(() => sleep(seconds * 1000));
    const after = await rig.ask<{ readonly commandMs: number }>({ do: 'commandMs' });
    const truth = await rig.ask<Truth>({ do: 'fault', fault: 'refused', ms: 700 });
    await until(() => running.every((probe) => hasRecovered(probe)));
    const figures = await Promise.all(running.map((probe) => probe.stop()));
    const compared = figures.map(({ write }) => compare(truth, write?.interruptions ?? []));
    return {
      probes,
      armed: figures.filter(({ quality }) => quality.armedAt !== null).length,
      cpuMs: (usedMs - idleMs) / seconds / probes,
      redisMs: (after.commandMs - before.commandMs) / seconds / probes,
      inside: compared.filter(({ isInside }) => isInside).length,
    };
  });
}

async function cpuOf(use: () => Promise<unknown>): Promise<number> {
  const before = process.cpuUsage();
  await use();
  const { user, system } = process.cpuUsage(before);
  return (user + system) / 1000;
}
