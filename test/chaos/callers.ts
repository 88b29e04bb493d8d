/** Who starts, repeats, cancels, verifies and resolves switchovers, one caller for each instance. */
import { randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';

import { SwitchoverClientError } from '../../src/client.js';
import type { StartedRun } from '../../src/client.js';
import type { SwitchoverInput, SwitchoverResult, Timing } from '../../src/contract/index.js';

import { attempt } from './book.js';
import type { Book } from './book.js';
import type { Dice } from './dice.js';
import type { Place, Site } from './site.js';

/** What a client at work needs. */
export interface Desk {
  readonly site: Site;
  readonly book: Book;
  readonly dice: Dice;
  /** Aborted when no more is to be started. */
  readonly signal: AbortSignal;
}

/** Short, and long enough for a swap on a busy machine. */
export const CHAOS_TIMING: Partial<Timing> = {
  jobTimeoutSeconds: 30,
  settleSeconds: 3,
  verifySamples: 2,
  verifyIntervalSeconds: 0,
  verifyTimeoutSeconds: 15,
  busyWaitSeconds: 20,
  coolDownSeconds: 0,
};

/** With `reissue: "once"` the contract asks for this much. */
const REISSUE_SETTLE_SECONDS = 30;

const NOT_AFTER_MS = 120_000;
const WAIT_MS = 10_000;
const START_TRIES = 4;

/** Whether no more is to be started. */
export function isOver({ signal }: Desk): boolean {
  return signal.aborted;
}

/** Rests for a random while; at once over when everything ends. */
export async function rest({ dice, signal }: Desk, low: number, high: number): Promise<void> {
  await sleep(dice.between(low, high), undefined, { signal }).catch(() => undefined);
}

/** Works on one instance until the end; `place` may hold another one by then. */
export async function callFor(place: Place, desk: Desk): Promise<void> {
  let unresolved: StartedRun | null = null;
  while (!isOver(desk)) {
    await rest(desk, 200, 2_500);
    const { instanceId } = place.instance;
    if (unresolved !== null && unresolved.instanceId !== instanceId) unresolved = null;
    unresolved =
      unresolved === null || desk.dice.chance(0.15)
        ? await switchOnce(place, desk)
        : await settle(unresolved, desk);
  }
}

/** @returns the run where it is unresolved */
async function switchOnce(place: Place, desk: Desk): Promise<StartedRun | null> {
  const { dice } = desk;
  const input = inputFor(place, desk);
  const run = await startAgainAndAgain(input, desk);
  if (run === undefined) return null;
  const beside = [
    dice.chance(0.25) && repeatSoon(input, desk),
    dice.chance(0.12) && cancel(run, desk),
  ];
  const [result] = await Promise.all([awaitEnd(run, desk), ...beside]);
  if (result?.outcome === 'SUCCEEDED' && dice.chance(0.15)) await repeatSoon(input, desk);
  if (result?.outcome === 'UNKNOWN') return run;
  const runId = barringRun(result);
  return runId === undefined ? null : { ...run, runId };
}

function inputFor({ instance }: Place, { site, dice }: Desk): SwitchoverInput {
  const isReissued = dice.chance(0.04);
  const zone = instance.roles().find(({ role }) => role === 'replica')?.availabilityZone ?? '';
  return {
    projectId: site.simulator.projectId,
    instanceId: instance.instanceId,
    ...(dice.chance(0.6) ? { toggle: true } : { target: { availabilityZone: zone } }),
    ...(dice.chance(0.8) ? { requestId: randomUUID() } : {}),
    notAfter: new Date(Date.now() + NOT_AFTER_MS + WRONG_CLOCK_MS).toISOString(),
    ...(isReissued ? { reissue: 'once' } : {}),
    timing: {
      ...CHAOS_TIMING,
      ...(isReissued ? { settleSeconds: REISSUE_SETTLE_SECONDS } : {}),
    },
  };
}

/** A worker may be so far ahead. */
const WRONG_CLOCK_MS = 11 * 60_000;

/** As a caller should: a start that was not acknowledged is asked for again. */
async function startAgainAndAgain(
  input: SwitchoverInput,
  desk: Desk,
): Promise<StartedRun | undefined> {
  for (let tries = 0; tries < START_TRIES && !isOver(desk); tries += 1) {
    const run = await start(input, desk);
    if (run !== undefined) return run;
    await rest(desk, 500, 3_000);
  }
  return undefined;
}

async function start(
  input: SwitchoverInput,
  { site, book }: Desk,
): Promise<StartedRun | undefined> {
  const run = await attempt(book, 'start', () => site.clients.switchover.start(input));
  if (run !== undefined) book.started.push(run);
  return run;
}

async function repeatSoon(input: SwitchoverInput, desk: Desk): Promise<void> {
  await rest(desk, 0, 4_000);
  const run = await start(input, desk);
  if (run !== undefined) await awaitEnd(run, desk);
}

async function cancel(run: StartedRun, desk: Desk): Promise<void> {
  await rest(desk, 0, 5_000);
  const { site, book } = desk;
  book.cancelled.add(run.runId);
  await attempt(book, 'cancel', () => site.clients.switchover.cancel(run, { reason: 'chaos' }));
}

/** @returns `undefined` where it ended without a result, or is not over when everything ends */
async function awaitEnd(run: StartedRun, desk: Desk): Promise<SwitchoverResult | undefined> {
  const { site, book } = desk;
  const { switchover } = site.clients;
  const ended = new Set<StartedRun>();
  const wait = () =>
    switchover.result(run, { timeoutMs: WAIT_MS }).catch((error: unknown) => {
      if (!mayGoOn(error)) ended.add(run);
      throw error;
    });
  while (!isOver(desk) && !ended.has(run)) {
    const result = await attempt(book, 'wait', wait);
    if (result !== undefined) return result;
  }
  return undefined;
}

/** Only the waiting is over, or Temporal does not answer: the run itself may be open. */
function mayGoOn(error: unknown): boolean {
  if (!(error instanceof SwitchoverClientError)) return false;
  return error.category === 'wait-over' || error.category === 'unavailable';
}

/** The unresolved run for which it was refused. */
function barringRun(result: SwitchoverResult | undefined): string | undefined {
  const check = result?.checks.find(({ id, passed }) => id === 'previous-run-resolved' && !passed);
  return /^run ([0-9a-f-]{36})/.exec(check?.observed ?? '')?.[1];
}

/** @returns the run where it stays unresolved */
async function settle(run: StartedRun, desk: Desk): Promise<StartedRun | null> {
  const { site, book, dice } = desk;
  const { switchover } = site.clients;
  const { projectId, instanceId } = run;
  const ref = { projectId, instanceId };
  if (dice.chance(0.6)) {
    const timing = { ...CHAOS_TIMING };
    const result = await attempt(book, 'verify', () =>
      switchover.verify({ ...ref, examinedRunId: run.runId, timing }, { timeoutMs: 60_000 }),
    );
    return result === undefined || result.outcome === 'UNKNOWN' ? run : null;
  }
  const resolution = {
    outcome: 'FAILED_UNCHANGED',
    statement: 'looked at the roles',
    resolvedBy: 'operator of the chaos',
  } as const;
  const result = await attempt(book, 'resolve', () =>
    switchover.resolve(ref, resolution, { timeoutMs: 30_000 }),
  );
  return result === undefined ? run : null;
}
