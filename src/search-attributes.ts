import type { Client } from '@temporalio/client';

import { SEARCH_ATTRIBUTES } from './contract/index.js';
import type { SearchAttributeName } from './contract/index.js';

/** Longest time to wait for the answer, in milliseconds. */
const PROBE_TIMEOUT_MS = 5_000;

/** Number of the type Keyword in Temporal's API (`IndexedValueType`). */
const KEYWORD = 2;

/**
 * Which of our search attributes the namespace has. Upserting one that is absent would fail the
 * workflow task for ever, so a server that does not tell counts as having none: runs go on, only
 * filters in the UI are missing.
 */
export async function probeSearchAttributes(client: Client): Promise<SearchAttributeName[]> {
  try {
    const { customAttributes } = await client.withDeadline(Date.now() + PROBE_TIMEOUT_MS, () =>
      client.connection.operatorService.listSearchAttributes({
        namespace: client.options.namespace,
      }),
    );
    const isKeyword = (name: SearchAttributeName): boolean =>
      (customAttributes as Record<string, number> | undefined)?.[name] === KEYWORD;
    return Object.values(SEARCH_ATTRIBUTES).filter(isKeyword);
  } catch {
    return [];
  }
}
