/** Looks at the Redis behind an instance, as the worker's settings say how it is reached. */
import { setTimeout as delay } from 'node:timers/promises';

import { cancellationSignal } from '@temporalio/activity';

import type { SwitchoverRequest } from '../contract/index.js';
import { addressOf, probeKey, takeLook, tryCommands } from '../data-plane/index.js';
import type { DataPlaneOffer, DataPlaneSource } from '../data-plane/index.js';
import { judgeTried } from '../domain/checks/data-plane.js';
import type { TriedCommand } from '../domain/checks/data-plane.js';
import type { InstanceFacts } from '../domain/facts.js';
import type { DataPlaneFindings } from '../domain/preflight-report.js';
import type { TakenLook, WitnessCall, WitnessSighting } from '../domain/witness.js';
import { findRedisDrift, isSameServer, mayWordPass, whyNoJudge } from '../domain/witness.js';
import { timeoutSignal } from '../util.js';

import type { ExecutionClock } from './clock.js';
import type { ActivityDeps, ProjectEntry } from './deps.js';
import { tagsOrUnknown } from './session.js';
import type { InstanceReader } from './session.js';

/** One look, or why there is none. */
export interface LookAttempt extends Pick<
  DataPlaneFindings,
  'look' | 'why' | 'address' | 'binding' | 'judges'
> {
  readonly measure: DataPlaneOffer['measure'] | null;
  /** Tries what a measurement needs, on this key; `null`: there is no way to Redis, or it has refused the login. */
  readonly tryOut: ((key: string) => Promise<readonly TriedCommand[]>) | null;
}

/** Looks over a new connection; `null` where no entry of the settings names the instance. */
type Looker = (instance: InstanceFacts, signal: AbortSignal) => Promise<LookAttempt | null>;

/** A look that is not over by then is given up, in milliseconds: nothing waits longer for Redis. */
const LOOK_MS = 3_000;

/** The instance is asked for its tags once at the most, where a rule is about tags. */
export function createLooker(
  deps: Pick<ActivityDeps, 'takeLook' | 'tryCommands'>,
  { dataPlane = null }: Pick<ProjectEntry, 'dataPlane'>,
  reader: Pick<InstanceReader, 'instanceId' | 'tags'>,
): Looker {
  if (dataPlane === null) return () => Promise.resolve(null);
  const tagsOf = createTags(dataPlane, reader);
  return async (instance, signal) => {
    const { instanceId } = reader;
    const tags = await tagsOf(instance);
    const offer = await dataPlane.offerFor({ ...instance, instanceId, tags });
    if (offer === null) return null;
    // Another worker, or this one later, may have a way: whether it may judge is seen there.
    const mayLater = whyNoJudge(instance.cacheMode, 'password') === null;
    if ('why' in offer) return { ...NO_ACCESS, why: offer.why, judges: mayLater };
    const { access, binding, measure } = offer;
    const bounded = AbortSignal.any([signal, timeoutSignal(LOOK_MS)]);
    const taken = await (deps.takeLook ?? takeLook)(access, bounded);
    return {
      ...('look' in taken ? { look: taken.look, why: null } : { look: null, why: taken.why }),
      ...{ binding, measure, address: addressOf(access) },
      judges: whyNoJudge(instance.cacheMode, binding) === null,
      // What can only be refused once more is not tried: a few wrong logins may lock a user.
      tryOut:
        access.logins?.isRefused() === true
          ? null
          : (key) => (deps.tryCommands ?? tryCommands)(access, key, measure),
    };
  };
}

const NO_ACCESS: Omit<LookAttempt, 'why'> = {
  ...{ look: null, binding: 'none', measure: null, address: null, judges: false, tryOut: null },
};

function createTags(
  dataPlane: DataPlaneSource,
  { instanceId, tags }: Pick<InstanceReader, 'instanceId' | 'tags'>,
): (instance: InstanceFacts) => Promise<InstanceFacts['tags']> {
  let shown: Promise<InstanceFacts['tags']> | null = null;
  return (instance) => {
    const { name, areTagsRefused = false } = instance;
    if (instance.tags !== null || areTagsRefused || !dataPlane.asksForTags({ instanceId, name }))
      return Promise.resolve(instance.tags);
    shown ??= tagsOrUnknown(tags).catch(() => null);
    return shown;
  };
}

/** What the pre-check found of Redis itself; nothing where no one may look, or is asked to. */
interface FoundDataPlane {
  readonly dataPlane?: DataPlaneFindings;
  /** What a measurement needs; none was tried where none is asked for, or there is no way to Redis. */
  readonly tried: readonly TriedCommand[];
}

/** Looks at Redis, and where a measurement is asked for tries what that needs. */
export async function findDataPlane(
  looker: Looker,
  instance: InstanceFacts | null,
  { probe = 'off' }: Pick<SwitchoverRequest, 'probe'>,
  { runId, clock }: { readonly runId: string; readonly clock: Pick<ExecutionClock, 'elapsed'> },
): Promise<FoundDataPlane> {
  const lookedAfterMs = clock.elapsed().atLeastMs;
  const seen = instance === null ? null : await looker(instance, cancellationSignal());
  if (instance === null || (seen === null && probe === 'off')) return { tried: [] };
  const attempt = seen ?? { ...NO_ACCESS, why: NO_ENTRY };
  const tried = probe === 'off' ? [] : await tryMeasurement(attempt, runId);
  const dataPlane = { offered: seen !== null, lookedAfterMs, ...toFindings(attempt, tried) };
  return { tried, dataPlane };
}

/** On another key than the measurement's, beside which an attempt that was given up may still run. */
async function tryMeasurement(
  { look, tryOut }: LookAttempt,
  runId: string,
): Promise<readonly TriedCommand[]> {
  if (tryOut === null || look?.role === 'replica') return [];
  return tryOut(probeKey(`${runId}-check`));
}

/** Names each field: what else an attempt holds must reach no report. */
function toFindings(
  { address, binding, judges, look, why, measure }: LookAttempt,
  tried: readonly TriedCommand[],
): Omit<DataPlaneFindings, 'offered' | 'lookedAfterMs'> {
  const possible = judgeTried(tried);
  const { periodMs, write } = measure ?? NO_MEASURE;
  return {
    ...{ address, binding, judges, look, periodMs, why: why ?? possible.why },
    measures: possible.measures,
    write: write && possible.write,
  };
}

const NO_ENTRY = 'the settings of the worker have no dataPlane entry for this instance';

const NO_MEASURE = { periodMs: 0, write: false };

/** A timer that keeps no process from its end. */
const UNHELD = { ref: false };

/** The look of a swap activity, beside its other readings. */
export interface LastLook {
  /** Begins to look. */
  readonly begin: (instance: InstanceFacts) => void;
  /** Why no PUT may leave by what Redis shows, as text; `null`: it may. A look that fails holds nothing back. */
  readonly drift: () => Promise<string | null>;
  /** What was seen; `null`: nothing, or not yet. */
  readonly taken: () => TakenLook | null;
}

/** @param call what Redis has to show again; absent: no one looks */
export function createLastLook(
  looker: Looker,
  call: WitnessCall | undefined,
  signal: AbortSignal,
  clock: Pick<ExecutionClock, 'elapsed'>,
): LastLook {
  let looking: Promise<void> = Promise.resolve();
  let taken: TakenLook | null = null;
  const look = async (instance: InstanceFacts): Promise<void> => {
    const afterMs = clock.elapsed().atLeastMs;
    // The way to Redis, its tags, names and files, may take longer than the look. One that comes late comes too late:
    // the PUT may have left by then.
    const attempt = await Promise.race([looker(instance, signal), delay(LOOK_MS, null, UNHELD)]);
    const seen = attempt?.look ?? null;
    taken = seen === null ? null : { look: seen, afterMs };
  };
  return {
    begin: (instance) => {
      if (call !== undefined) looking = look(instance);
    },
    drift: async () => {
      await looking;
      return call === undefined || taken === null ? null : findRedisDrift(call, taken.look);
    },
    taken: () => taken,
  };
}

/** Looks of one watch, compared with the one before the swap. */
export interface WitnessWatch {
  /** Looks once more. */
  readonly look: (instance: InstanceFacts | null) => Promise<void>;
  /** Whether waiting any longer may show something else. */
  readonly isDone: () => boolean;
  /** What was seen; `undefined`: no one looks. */
  readonly sighting: () => WitnessSighting | undefined;
}

/** So many looks in a row that fail, or that decide nothing, are enough. */
const PATIENCE_LOOKS = 3;

/** Starts the looks of a watch. @param call what they are compared with; absent: no one looks */
export function watchWitness(
  looker: Looker,
  call: WitnessCall | undefined,
  signal: AbortSignal,
): WitnessWatch {
  if (call === undefined) return NO_WITNESS;
  let seen: WitnessSighting = {
    ...{ look: null, judges: call.judges, isSteady: true, looks: 0, why: null },
  };
  let failures = 0;
  return {
    look: async (instance) => {
      const attempt = instance === null ? null : await looker(instance, signal);
      const { look = null, why = null } = attempt ?? {};
      failures = look === null ? failures + 1 : 0;
      if (look !== null) seen = next(seen, look, attempt?.judges === true);
      else if (failures >= PATIENCE_LOOKS) seen = { ...withoutPassing(seen, call), why };
      else seen = { ...seen, why };
    },
    // Without a look to compare with, no later one says anything.
    isDone: () => call.before === null || failures >= PATIENCE_LOOKS || isSettled(seen, call),
    sighting: () => seen,
  };
}

const NO_WITNESS: WitnessWatch = {
  look: () => Promise.resolve(),
  isDone: () => true,
  sighting: () => undefined,
};

function next(
  { look: last, looks }: WitnessSighting,
  look: TakenLook['look'],
  judges: boolean,
): WitnessSighting {
  const isSteady = last === null || (isSameServer(last, look) && last.replid === look.replid);
  return { look, judges, isSteady, looks: looks + 1, why: null };
}

/** The address may have followed the roles since, unseen: that it had not yet is no word for the end. */
function withoutPassing(seen: WitnessSighting, { before }: WitnessCall): WitnessSighting {
  const { look } = seen;
  return look !== null && mayWordPass(before, look)
    ? { ...seen, look: null, isSteady: true }
    : seen;
}

/** Two looks show the same, and no later one may show another word: the address may follow the roles late. */
function isSettled(
  { look, isSteady, looks, judges }: WitnessSighting,
  { before }: WitnessCall,
): boolean {
  if (look === null || !isSteady || looks < 2) return false;
  return !mayWordPass(before, look) || (!judges && looks >= PATIENCE_LOOKS);
}
