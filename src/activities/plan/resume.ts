/** What planning has read so far, as the next attempt finds it in the heartbeat of one that was lost. */
import { deflateRawSync, inflateRawSync } from 'node:zlib';

import { activityInfo } from '@temporalio/activity';

import { isRecord } from '../../util.js';

import type { Inspection } from './inspect.js';

/** Raised whenever an inspection changes its shape: what another version has kept is read again. */
const VERSION = 1;

/**
 * Longest text, in characters, that a heartbeat carries: the server warns from 512 KB on. An instance takes 300 to
 * 400 of them; what does not fit is read again.
 */
const MAX_LENGTH = 400_000;

/** Instances that are packed at a time: all of them at each heartbeat would cost a busy worker seconds. */
const PACK_SIZE = 25;

/** Instances that were read, in packs, for the heartbeat. */
export interface ReadSoFar {
  /** What an earlier attempt had read, by instance id. */
  readonly known: ReadonlyMap<string, Inspection>;
  readonly add: (inspection: Inspection) => void;
  /** Packs of inspections, for the heartbeat. */
  readonly packs: () => readonly string[];
  /** How many instances have been read, by all attempts. */
  readonly count: () => number;
}

/** Goes on from the heartbeat of a lost attempt of this activity; what cannot be understood of it is not there. */
export function resumeReading(): ReadSoFar {
  const packs: string[] = [...earlierPacks(activityInfo().heartbeatDetails)];
  const earlier = packs.flatMap(unpack);
  const known = new Map(earlier.map((inspection) => [inspection.instanceId, inspection]));
  let unpacked: Inspection[] = [];
  let length = packs.reduce((sum, pack) => sum + pack.length, 0);
  let count = known.size;
  const add = (inspection: Inspection): void => {
    count += 1;
    // What could not be read may be readable next time.
    if (inspection.unreadable !== null) return;
    unpacked.push(inspection);
    if (unpacked.length < PACK_SIZE) return;
    const packed = pack(unpacked);
    unpacked = [];
    if (length + packed.length > MAX_LENGTH) return;
    packs.push(packed);
    length += packed.length;
  };
  return {
    ...{ known, add, count: () => count },
    packs: () => (unpacked.length === 0 ? packs : [...packs, pack(unpacked)]),
  };
}

function earlierPacks(details: unknown): readonly string[] {
  const packs = isRecord(details) && details['version'] === VERSION ? details['packs'] : null;
  return Array.isArray(packs) ? packs.filter((each) => typeof each === 'string') : [];
}

/** The part of a heartbeat's details that the next attempt reads. */
export function toHeartbeat(read: ReadSoFar): Record<string, unknown> {
  return { version: VERSION, packs: read.packs() };
}

function pack(inspections: readonly Inspection[]): string {
  return deflateRawSync(JSON.stringify(inspections)).toString('base64');
}

function unpack(packed: string): Inspection[] {
  try {
    return JSON.parse(inflateRawSync(Buffer.from(packed, 'base64')).toString()) as Inspection[];
  } catch {
    return [];
  }
}
