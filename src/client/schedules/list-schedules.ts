import { MAINTENANCE_WORKFLOW_TYPE } from '../../contract/index.js';

import { callTemporal } from '../../temporal/rpc.js';
import type { ClientContext } from '../../temporal/rpc.js';

/** Most schedules of plans that one call looks at. */
const MAX_SCHEDULES = 1000;

/** How many are read or changed at the same time: quick for people, gentle with the server. */
const AT_ONCE = 8;

/** Ids of the schedules of plans, in order. By visibility, which may lag a few seconds behind. */
export async function listScheduleIds(context: ClientContext): Promise<string[]> {
  const ids: string[] = [];
  await callTemporal(context, 'list the schedules', async () => {
    for await (const { scheduleId, action } of context.client.schedule.list()) {
      if (action?.workflowType === MAINTENANCE_WORKFLOW_TYPE) ids.push(scheduleId);
      if (ids.length >= MAX_SCHEDULES) return;
    }
  });
  return ids.sort();
}

/** Calls for each item, a few at a time; answers in the items' order. */
export async function mapGently<T, R>(
  items: readonly T[],
  call: (item: T) => Promise<R>,
): Promise<R[]> {
  const answers: R[] = [];
  for (let first = 0; first < items.length; first += AT_ONCE)
    answers.push(...(await Promise.all(items.slice(first, first + AT_ONCE).map(call))));
  return answers;
}
