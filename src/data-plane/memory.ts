/** How much room a test key has, and whether Redis may evict it. */
import type { DataPlaneAccess } from './access.js';
import { openConnection } from './connection.js';
import { toDataPlaneFailure } from './failure.js';
import { numberIn, PATIENT, readInfo } from './look.js';

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
