import type { Client } from '@temporalio/client';

import { SEARCH_ATTRIBUTES } from './contract/index.js';
import type { SearchAttributeName } from './contract/index.js';

/** Longest time to wait for the answer, in milliseconds. */
const PROBE_TIMEOUT_MS = 5_000;

/** Number of the type Keyword in Temporal's API (`IndexedValueType`). */
export const KEYWORD = 2;

/** The attributes that runs and plans set. */
export const SEARCH_ATTRIBUTES_IN_USE: readonly SearchAttributeName[] =
  Object.values(SEARCH_ATTRIBUTES);

/**
 * The custom search attributes of the client's namespace, each with the number of its type.
 *
 * @throws whatever the gRPC layer throws, within 5 s
 */
export async function listSearchAttributes(
  client: Client,
): Promise<Readonly<Record<string, number>>> {
  const { customAttributes } = await client.withDeadline(Date.now() + PROBE_TIMEOUT_MS, () =>
    client.connection.operatorService.listSearchAttributes({
      namespace: client.options.namespace,
    }),
  );
  return customAttributes;
}

/**
 * Which of our search attributes the namespace has. Upserting one that is absent would fail the
 * workflow task for ever, so a server that does not tell counts as having none: runs go on, only
 * filters in the UI are missing.
 */
export async function probeSearchAttributes(client: Client): Promise<SearchAttributeName[]> {
  try {
    const types = await listSearchAttributes(client);
    return Object.values(SEARCH_ATTRIBUTES).filter((name) => types[name] === KEYWORD);
  } catch {
    return [];
  }
}
