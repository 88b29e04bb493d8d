/** One chaos: everything starts, clients work, faults strike, all heals, what is open ends, the judge judges. */
import { setMaxListeners } from 'node:events';
import { mkdir, rm, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';

import { historyToJSON } from '@temporalio/common/lib/proto-utils';

import { FREEZE_WORKFLOW_TYPE, SWITCHOVER_WORKFLOW_TYPE } from '../../src/contract/index.js';
import { timeoutSignal } from '../../src/util.js';

import { attempt, openBook } from './book.js';
import type { Book } from './book.js';
import { callFor } from './callers.js';
import { takeDice } from './dice.js';
import { judge } from './judge.js';
import type { Breach, Verdict } from './judge.js';
import { dealFaults } from './kinds.js';
import { freezeNowAndThen, maintain } from './operators.js';
import { listRuns, readFreezes, readRuns } from './read-runs.js';
import type { ListedRun } from './read-runs.js';
import { replayAll } from './replay.js';
import { openSite } from './site.js';
import type { Site } from './site.js';
import { strike } from './strikes.js';
import type { Evidence } from './witness.js';

export interface ChaosOptions {
  readonly minutes: number;
  readonly seed: number;
  /** Where the histories of what is worth a look are kept. */
  readonly folder: string;
  /** Ends everything early; nothing is judged then. */
  readonly signal: AbortSignal;
  readonly say: (line: string) => void;
}

/** What a chaos led to. */
export interface ChaosEnd {
  readonly options: Pick<ChaosOptions, 'minutes' | 'seed'>;
  readonly book: Book;
  readonly evidence: Evidence;
  readonly verdict: Verdict;
  readonly maintenances: readonly ListedRun[];
  /** When the last fault had healed, epoch milliseconds. */
  readonly healedAtMs: number;
}

/** Once all is well again, a run that is still open after so long is stuck. */
const DRAIN_MS = 240_000;

/** Clients give up what they wait for. */
const SAY_EVERY_MS = 30_000;

/** @throws whatever keeps the stack from starting; the reason of `signal` */
export async function runChaos(options: ChaosOptions): Promise<ChaosEnd> {
  const { minutes, seed, signal, say } = options;
  setMaxListeners(0, signal);
  const book = openBook();
  const site = await openSite(book, signal);
  try {
    await Promise.all(site.slots.map((slot) => slot.start()));
    say(`the stack is up: ${site.slots.length} workers, ${site.redisLinks.length} Redis nodes`);
    const begun = { ...book, startedAtMs: Date.now() };
    await rage(site, begun, options);
    signal.throwIfAborted();
    const healedAtMs = Date.now();
    say('all is healed; what is open may end');
    const listed = await drain(site, begun, signal);
    const evidence = await gather(site, begun, listed);
    say(`judging ${evidence.runs.length} runs`);
    const { accessKey, secretKey, securityToken } = site.simulator;
    const verdict = judge(evidence, [accessKey, secretKey, securityToken ?? secretKey]);
    const others = [...begun.breaches.map(withoutRun), ...findOther(begun, listed)];
    const replayed = await replayAll(site.temporal, listed);
    const breaches = [...verdict.breaches, ...others, ...replayed.map(withoutRun)];
    await keepHistories(site, options.folder, { ...verdict, breaches });
    return {
      ...{ options: { minutes, seed }, book: begun, evidence, healedAtMs },
      verdict: { ...verdict, breaches },
      maintenances: listed.filter(({ type }) => type === 'dcsMaintenance'),
    };
  } finally {
    await site.close();
  }
}

/** More than anyone looks at. */
const MAX_KEPT = 100;

/** Of runs that broke a promise, or ended UNKNOWN: Temporal's file goes with the chaos. */
async function keepHistories(site: Site, folder: string, verdict: Verdict): Promise<void> {
  const broken = verdict.breaches.flatMap(({ run }) => run ?? []);
  const unknown = verdict.runs.flatMap(({ run, why }) => (why === null ? [] : run));
  const kept = [...new Set([...broken, ...unknown])].slice(0, MAX_KEPT);
  await rm(folder, { recursive: true, force: true });
  await mkdir(folder, { recursive: true });
  for (const { workflowId, facts } of kept) {
    const handle = site.temporal.workflow.getHandle(workflowId, facts.runId);
    const json = historyToJSON(await handle.fetchHistory());
    await writeFile(path.join(folder, `${facts.runId}.json`), json);
  }
}

const withoutRun = (breach: { readonly name: string; readonly found: string }): Breach => ({
  ...breach,
  run: null,
});

/** Clients work and faults strike, for as long as was asked. */
async function rage(site: Site, book: Book, options: ChaosOptions): Promise<void> {
  const { minutes, seed, say } = options;
  const totalMs = minutes * 60_000;
  const over = AbortSignal.any([options.signal, timeoutSignal(totalMs)]);
  // Every client and every fault listens to it.
  setMaxListeners(0, over);
  const deskFor = (label: string) => ({ site, book, dice: takeDice(seed, label), signal: over });
  const clients = [
    ...site.places.map((place) => callFor(place, deskFor(place.name))),
    freezeNowAndThen(deskFor('freeze')),
    maintain(deskFor('maintenance')),
  ];
  const faults = dealFaults(takeDice(seed, 'faults'), totalMs).map(async (dealt, index) => {
    const leftMs = book.startedAtMs + dealt.atMs - Date.now();
    await sleep(Math.max(0, leftMs), undefined, { signal: over }).catch(() => undefined);
    if (over.aborted) return;
    const dice = takeDice(seed, `fault ${index}`);
    await strike(dealt, { site, book, dice, signal: over });
  });
  const progress = setInterval(() => {
    say(`${book.started.length} starts, ${book.faults.length} faults`);
  }, SAY_EVERY_MS);
  try {
    await Promise.all([...clients, ...faults]);
  } finally {
    clearInterval(progress);
  }
}

/** Waits until nothing is open any more; decides what no one has decided. */
async function drain(site: Site, book: Book, signal: AbortSignal): Promise<readonly ListedRun[]> {
  const untilMs = Date.now() + DRAIN_MS;
  await attempt(book, 'thaw', () => site.clients.freezes.thaw({ by: 'the end of the chaos' }));
  for (;;) {
    const listed = await listRuns(site.temporal);
    const open = listed.filter(
      ({ status, type }) => status === 'RUNNING' && type !== FREEZE_WORKFLOW_TYPE,
    );
    const isUndecided = open.filter(({ type }) => type !== SWITCHOVER_WORKFLOW_TYPE);
    for (const { workflowId } of isUndecided) await abort(site, book, workflowId);
    if (open.length === 0 || Date.now() > untilMs) return listed;
    await sleep(2_000, undefined, { signal });
  }
}

async function abort({ clients }: Site, book: Book, workflowId: string): Promise<void> {
  const maintenanceId = workflowId.replace(/^dcs-maintenance:/, '');
  const message = { by: 'the end of the chaos', why: 'it is over' };
  await attempt(book, 'abort maintenance', () =>
    clients.maintenance.abort({ maintenanceId }, message),
  );
}

async function gather(site: Site, book: Book, listed: readonly ListedRun[]): Promise<Evidence> {
  const { temporal, simulator, firstMasters } = site;
  const { puts, faults, cancelled } = book;
  return {
    runs: await readRuns(temporal, listed),
    freezes: await readFreezes(temporal, listed),
    arrivals: simulator.ledger.puts(),
    swaps: simulator.ledger.swaps,
    ...{ puts, faults, cancelled, firstMasters },
  };
}

/** What is no matter of one switchover: lost runs, maintenance runs that do not end. */
function findOther(book: Book, listed: readonly ListedRun[]): Breach[] {
  const known = new Set(listed.map(({ runId }) => runId));
  const lost = book.started.filter(({ runId }) => !known.has(runId));
  const stuck = listed.filter(
    ({ type, status }) => type === 'dcsMaintenance' && status === 'RUNNING',
  );
  return [
    ...lost.map(({ workflowId, runId }) => ({
      name: 'no-run-is-lost',
      found: `run ${runId} of ${workflowId} was acknowledged and is not there`,
      run: null,
    })),
    ...stuck.map(({ workflowId }) => ({
      name: 'every-run-ends',
      found: `${workflowId} is still open`,
      run: null,
    })),
  ];
}
