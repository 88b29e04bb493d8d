/** What can be read of a run by someone who has Temporal but no codec. */
import { Client } from '@temporalio/client';
import { historyToJSON } from '@temporalio/common/lib/proto-utils';

/** A string that stands in a history, and the names of the fields on the way to it. */
export interface ReadableText {
  readonly path: string;
  readonly text: string;
}

/**
 * Every string of a run's history and of its description (memo, summary, search attributes), payloads
 * by their bytes.
 */
export async function readableTexts(
  { connection, options: { namespace } }: Client,
  workflowId: string,
  runId: string,
): Promise<readonly ReadableText[]> {
  const plain = new Client({ connection, namespace });
  const history = await plain.workflow.getHandle(workflowId, runId).fetchHistory();
  const description = await plain.workflowService.describeWorkflowExecution({
    namespace,
    execution: { workflowId, runId },
  });
  return [
    ...collect(JSON.parse(historyToJSON(history)), 'history'),
    ...collect(JSON.parse(JSON.stringify(description)), 'description'),
  ];
}

function collect(value: unknown, path: string): ReadableText[] {
  if (typeof value === 'string') return [{ path, text: textOf(path, value) }];
  if (typeof value !== 'object' || value === null) return [];
  return Object.entries(value).flatMap(([key, field]) =>
    collect(field, Array.isArray(value) ? path : `${path}.${key}`),
  );
}

/** Bytes stand in JSON as base64. */
function textOf(path: string, value: string): string {
  const isPayload = /\.(data|metadata\.\w+)$/.test(path);
  return isPayload ? Buffer.from(value, 'base64').toString('latin1') : value;
}
