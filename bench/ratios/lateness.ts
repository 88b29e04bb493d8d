import { pollDelayMs } from '../../src/domain/polling.js';
import { withSite } from '../support/site.js';
import type { Site } from '../support/site.js';
import { meanOf } from '../support/stats.js';

import type { Figure } from './figure.js';

/** Far away: the deadline changes nothing here. */
const DEADLINE_MS = 600_000;

/** What is compared with: the first poll after 2 s, then every 10 s. */
const FIXED = { firstMs: 2_000, stepMs: 10_000 };

const INIT_MS = 100;

const AIM = { ratio: 0.2, meanMs: 700, polls: 5 };

/** Job durations, evenly spread over the ratio of their bounds, in milliseconds. */
function spreadBetween(fromMs: number, toMs: number, count: number): readonly number[] {
  return Array.from(
    { length: count },
    (_, index) => fromMs * (toMs / fromMs) ** ((index + 0.5) / count),
  );
}

/** Late by, and polls, for one job duration. */
interface Notice {
  readonly lateMs: number;
  readonly polls: number;
}

function noticeOf(jobMs: number, nextDelayMs: (elapsedMs: number) => number): Notice {
  let nowMs = 0;
  for (let polls = 0; ; polls += 1) {
    if (polls > 0 && nowMs >= jobMs) return { lateMs: nowMs - jobMs, polls };
    nowMs += nextDelayMs(nowMs);
  }
}

const ourDelayMs = (elapsedMs: number): number => pollDelayMs(elapsedMs, DEADLINE_MS - elapsedMs);
const fixedDelayMs = (elapsedMs: number): number =>
  elapsedMs === 0 ? FIXED.firstMs : FIXED.stepMs;

/** How late the end of a job is noticed: computed from the cadence, and by real runs. */
export async function measureLateness(): Promise<readonly Figure[]> {
  const real = spreadBetween(1_000, 8_000, 16);
  return [
    computed('jobs of 1–8 s', spreadBetween(1_000, 8_000, 400)),
    computed('jobs of 8–30 s', spreadBetween(8_000, 30_000, 400)),
    toFigure('jobs of 1–8 s, real runs', real, await withSite({}, (site) => runAll(site, real))),
  ];
}

function computed(what: string, jobsMs: readonly number[]): Figure {
  const notices = jobsMs.map((jobMs) => noticeOf(jobMs, ourDelayMs));
  return toFigure(`${what}, computed`, jobsMs, notices);
}

function toFigure(what: string, jobsMs: readonly number[], ours: readonly Notice[]): Figure {
  const fixed = jobsMs.map((jobMs) => noticeOf(jobMs, fixedDelayMs));
  const [oursMs, fixedMs] = [ours, fixed].map((all) => meanOf(all.map(({ lateMs }) => lateMs)));
  const ratio = (oursMs ?? NaN) / (fixedMs ?? NaN);
  const mostPolls = Math.max(...ours.map(({ polls }) => polls));
  const isMet = ratio <= AIM.ratio && (oursMs ?? NaN) <= AIM.meanMs && mostPolls <= AIM.polls;
  return {
    what: `end of the job noticed late by, on average, ${what}; polls at 2 s, then every 10 s`,
    ours: `${show(oursMs)}, ${meanPolls(ours)} polls (at most ${mostPolls})`,
    theirs: `${show(fixedMs)}, ${meanPolls(fixed)} polls`,
    ratio: ratio.toFixed(2),
    aim: { text: '≤ 0.2 ×, ≤ 0.7 s, ≤ 5 polls', isMet },
  };
}

function show(ms = NaN): string {
  return `${(ms / 1000).toFixed(2)} s`;
}

function meanPolls(notices: readonly Notice[]): string {
  return meanOf(notices.map(({ polls }) => polls)).toFixed(1);
}

async function runAll(site: Site, jobsMs: readonly number[]): Promise<readonly Notice[]> {
  await site.startWorker();
  return Promise.all(jobsMs.map((jobMs) => runOne(site, Math.round(jobMs))));
}

async function runOne({ stack, client }: Site, jobMs: number): Promise<Notice> {
  const { simulator } = stack;
  const { projectId, ledger } = simulator;
  const { instanceId } = await simulator.addInstance({});
  const job = { initMs: INIT_MS, runMs: jobMs - INIT_MS };
  simulator.faults.add({ route: 'asyncSwap', instanceId, job });
  await client.result(await client.start({ projectId, instanceId, toggle: true }));
  const polls = ledger.calls.filter(
    (call) => call.route === 'showJob' && call.instanceId === instanceId,
  );
  const acceptedAt = ledger.swaps.find((swap) => swap.instanceId === instanceId)?.at ?? NaN;
  return { lateMs: (polls.at(-1)?.at ?? NaN) - acceptedAt - jobMs, polls: polls.length };
}
