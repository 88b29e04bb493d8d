import { activityInfo, cancellationSignal, metricMeter } from '@temporalio/activity';

import { addressOf } from '../data-plane/index.js';
import type {
  DataPlaneAccess,
  ProbeFigures,
  ProbeOptions,
  RunningProbe,
} from '../data-plane/index.js';
import { DcsError } from '../dcs/index.js';
import { notMeasured } from '../domain/measurement.js';
import type { MeasureCall, MeasureReport } from '../domain/measurement.js';
import { METRICS } from '../domain/telemetry.js';
import { MEASURE_SLACK_MS } from '../domain/timing.js';

import { CLOCK_ID, startExecutionClock } from './clock.js';
import type { ActivityDeps, ProjectEntry } from './deps.js';
import { explain } from './errors.js';
import { findRepetition } from './freeze.js';
import { createReader, readJudgedInstance } from './session.js';
import { turnWithin, withHeartbeats } from './turns.js';

/** Each takes up to 4 % of a core from whatever else the worker does. */
const MAX_PROBES = 16;

/** A probe keeps its place for as long as the run takes, which needs further ones for what it must do. */
const MIN_PLACES_PER_PROBE = 4;

/** The key of a probe that is killed lives for so long after the run, in milliseconds. */
const KEY_SPARE_MS = 3_600_000;

/** A quota that is spent is left to those who need it; in milliseconds. */
const TURN_WAIT_MS = 1_000;

type StartProbe = (access: DataPlaneAccess, options: ProbeOptions) => RunningProbe;

/** The probes of one worker. */
export interface Probes {
  readonly start: StartProbe;
  readonly isFull: () => boolean;
  /** Takes a place for one at this address; or says why there is none. */
  readonly take: (address: string) => { readonly free: () => void } | { readonly why: string };
}

/** To be called once for each worker. @param places activities that it runs at the same time */
export function createProbes(start: StartProbe, places = Infinity): Probes {
  const addresses = new Set<string>();
  const maxProbes = Math.min(MAX_PROBES, Math.floor(places / MIN_PLACES_PER_PROBE));
  const isFull = (): boolean => addresses.size >= maxProbes;
  return {
    start,
    isFull,
    take: (address) => {
      if (addresses.has(address)) return { why: `another probe of this worker is at ${address}` };
      if (isFull()) return { why: FULL };
      addresses.add(address);
      count(addresses.size);
      return {
        free: () => {
          addresses.delete(address);
          count(addresses.size);
        },
      };
    },
  };
}

const FULL = 'worker is full';

function count(probes: number): void {
  const { name, description } = METRICS.probes;
  metricMeter.createGauge(name, 'int', '', description).set(probes);
}

/**
 * Activity `measure`, `maximumAttempts: 1`: sends test commands to the Redis behind the instance until the workflow ends
 * it, and reports how long they failed. What a lost worker had seen is not gone on with: in between no one looked.
 *
 * Never throws for the network; whatever stands in the way is the report.
 */
export async function measure(
  deps: ActivityDeps,
  probes: Probes,
  call: MeasureCall,
): Promise<MeasureReport> {
  const repetition = findRepetition(activityInfo(), call.originalRunId);
  if (repetition !== null)
    return notMeasured(`what began before cannot be gone on with (${repetition})`);
  const project = deps.findProject(call.request.projectId);
  if (project === undefined) return notMeasured('this worker does not serve the project');
  // Before anything is asked: a worker with few places must give this one back at once.
  if (probes.isFull()) return notMeasured(FULL);
  const { aheadMs } = startExecutionClock();
  let strip = (): string => '';
  const beat = () => ({ strip: strip(), next: 'measure until the outcome is known' });
  return withHeartbeats(beat, async () => {
    const found = await findAccess(project, call);
    if ('why' in found) return notMeasured(found.why);
    const address = addressOf(found.access);
    const place = probes.take(address);
    if ('why' in place) return notMeasured(place.why);
    try {
      const probe = probes.start(found.access, found.options);
      ({ strip } = probe);
      return await watch(probe, { address, aheadMs });
    } finally {
      place.free();
    }
  });
}

interface FoundAccess {
  readonly access: DataPlaneAccess;
  readonly options: ProbeOptions;
}

/** The address and the password are read again: neither stands in a history. */
async function findAccess(
  project: ProjectEntry,
  { request: { instanceId }, originalRunId: runId }: MeasureCall,
): Promise<FoundAccess | { readonly why: string }> {
  const turn = turnWithin('planning', TURN_WAIT_MS);
  const reader = createReader(project.dcs, instanceId, cancellationSignal(), turn);
  try {
    const { value } = await readJudgedInstance(reader, project);
    const offer = await project.dataPlane?.offerFor({ ...value, instanceId });
    if (offer === undefined || offer === null)
      return { why: 'no dataPlane entry of this worker names the instance' };
    if ('why' in offer) return offer;
    const ttlMs = timeoutMs() + KEY_SPARE_MS;
    return { access: offer.access, options: { ...offer.measure, runId, ttlMs } };
  } catch (error) {
    if (cancellationSignal().aborted || !(error instanceof DcsError)) throw error;
    return { why: `the instance cannot be read: ${explain(error)}` };
  }
}

function timeoutMs(): number {
  return activityInfo().startToCloseTimeoutMs;
}

/** Why a measurement is over. */
type Ending = 'asked' | 'run-over' | 'shutdown' | 'too-long';

const WITHOUT_FIGURES: Readonly<Record<Exclude<Ending, 'asked'>, string>> = {
  'run-over': 'the run is over',
  shutdown: 'the worker that measured was shut down before the outcome was known',
  'too-long': 'the run took longer than a measurement may',
};

/** Lets the probe work until it is over. Only one that has seen the run to its outcome has figures. */
async function watch(
  probe: RunningProbe,
  worker: { readonly address: string; readonly aheadMs: number },
): Promise<MeasureReport> {
  const ending = await untilOver();
  if (ending === 'asked') return toReport(probe, await probe.stop(), worker);
  const strip = probe.strip();
  await probe.abandon();
  return notMeasured(WITHOUT_FIGURES[ending], strip);
}

/** The workflow asks by a cancellation; a run that has ended without asking has sent nothing, or was terminated. */
function untilOver(): Promise<Ending> {
  const signal = cancellationSignal();
  return new Promise((resolve) => {
    const timer = setTimeout(resolve, timeoutMs() - MEASURE_SLACK_MS, 'too-long' as const);
    const stop = (): void => {
      clearTimeout(timer);
      resolve(endingBy((signal.reason as Error).message));
    };
    if (signal.aborted) stop();
    else signal.addEventListener('abort', stop, { once: true });
  });
}

/** @param reason a word of the SDK */
function endingBy(reason: string): Ending {
  if (reason.includes('WORKER_SHUTDOWN')) return 'shutdown';
  return reason.includes('CANCELLED') ? 'asked' : 'run-over';
}

function toReport(
  probe: RunningProbe,
  { notMeasured: missing, ...figures }: ProbeFigures,
  { address, aheadMs }: { readonly address: string; readonly aheadMs: number },
): MeasureReport {
  const armedAtMs = probe.armedAtMs();
  const isEmpty = figures.write === null && figures.read === null;
  if (armedAtMs === null || isEmpty)
    return notMeasured(missing.join('; ') || 'Redis did not answer test commands before the end');
  const armed = { atMs: armedAtMs, aheadMs, clockId: CLOCK_ID };
  return { state: 'measured', address, figures, missing, armed };
}
