/** What the Redis that answers at an address says of itself: `INFO` over a new connection. */
import type { Look, ProbeError } from '../contract/index.js';
import { entryOf, iso } from '../util.js';

import type { DataPlaneAccess } from './access.js';
import { openConnection } from './connection.js';
import type { Connection } from './connection.js';
import { DataPlaneFailure, toDataPlaneFailure } from './failure.js';

/** What a look showed, or why there is none, in plain words without a secret. */
export type LookResult =
  { readonly look: Look } | { readonly why: string; readonly error: ProbeError };

/** Each step of a look may take so long: connecting, TLS, login, each answer. */
const STEP_MS = 2_000;

/** Limits of what is done once, without measuring. */
export const PATIENT = { connectMs: STEP_MS, answerMs: STEP_MS } as const;

/**
 * Takes a look over a connection of its own: a kept one may still lead to the node that was the master. A step that
 * takes more than 2 s ends it. Never throws.
 *
 * @param signal gives up at once
 */
export async function takeLook(access: DataPlaneAccess, signal?: AbortSignal): Promise<LookResult> {
  try {
    signal?.throwIfAborted();
    const connection = await openConnection(access, { ...PATIENT, signal });
    return { look: await readLook(connection).finally(connection.close) };
  } catch (error) {
    if (signal?.aborted === true) return { why: 'The look was given up', error: 'timeout' };
    const { message, kind } = toDataPlaneFailure(error);
    return { why: message, error: kind };
  }
}

/** Two sections, asked one by one: Redis takes several only since 7.0. */
async function readLook(connection: Connection): Promise<Look> {
  const server = await readInfo(connection, 'server');
  const replication = await readInfo(connection, 'replication');
  return {
    at: iso(Date.now()),
    role: roleOf(replication),
    runId: nameIn(server, 'run_id'),
    uptimeSeconds: numberIn(server, 'uptime_in_seconds'),
    replid: nameIn(replication, 'master_replid'),
    replid2: unlessZeros(nameIn(replication, 'master_replid2')),
    offset: numberIn(replication, 'master_repl_offset'),
    secondOffset: unlessNegative(numberIn(replication, 'second_repl_offset')),
  };
}

/** Fields of a section of `INFO`: lines such as `role:master`. */
type Info = ReadonlyMap<string, string>;

/** A section of `INFO`. @throws DataPlaneFailure */
export async function readInfo(connection: Connection, section: string): Promise<Info> {
  const answer = await connection.ask('INFO', section);
  if (answer.type !== 'bytes')
    throw new DataPlaneFailure('INFO: not what Redis answers', 'protocol');
  const text = answer.bytes?.toString('latin1') ?? '';
  return new Map(
    text.split('\r\n').map((line) => {
      const colon = line.indexOf(':');
      return [line.slice(0, colon), line.slice(colon + 1)];
    }),
  );
}

const ROLES: Readonly<Record<string, Look['role']>> = { master: 'master', slave: 'replica' };

function roleOf(info: Info): Look['role'] {
  return entryOf(ROLES, info.get('role') ?? '') ?? unusable('role');
}

/** 40 hex digits everywhere so far; foreign text of any kind must not reach a history. */
function nameIn(info: Info, field: string): string {
  const name = info.get(field) ?? '';
  return /^[0-9a-zA-Z]{1,64}$/.test(name) ? name : unusable(field);
}

/** A whole number. @throws DataPlaneFailure where the field is none */
export function numberIn(info: Info, field: string): number {
  const digits = info.get(field) ?? '';
  return /^-?\d{1,15}$/.test(digits) ? Number(digits) : unusable(field);
}

function unusable(field: string): never {
  throw new DataPlaneFailure(`INFO: Redis shows no usable ${field}`, 'protocol');
}

function unlessZeros(name: string): string | null {
  return /^0+$/.test(name) ? null : name;
}

function unlessNegative(offset: number): number | null {
  return offset < 0 ? null : offset;
}

// How much room a test key has, and whether Redis may evict it.

/** What `INFO memory` shows. */
export interface Memory {
  readonly usedBytes: number;
  /** `null`: no limit. */
  readonly maxBytes: number | null;
  /** `maxmemory-policy`, such as `volatile-lru`; `null` where it is not shown. */
  readonly policy: string | null;
}

/** Reads it over a connection of its own; steps of 2 s. `why` holds no secret. Never throws. */
export async function readMemory(
  access: DataPlaneAccess,
): Promise<Memory | { readonly why: string }> {
  try {
    const connection = await openConnection(access, PATIENT);
    const info = await readInfo(connection, 'memory').finally(connection.close);
    const policy = info.get('maxmemory_policy') ?? '';
    return {
      usedBytes: numberIn(info, 'used_memory'),
      maxBytes: numberIn(info, 'maxmemory') || null,
      policy: /^[a-z-]{1,32}$/.test(policy) ? policy : null,
    };
  } catch (error) {
    return { why: toDataPlaneFailure(error).message };
  }
}
