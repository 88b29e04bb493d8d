/** What has become known of a run that ended UNKNOWN, for whoever shows it. Needs no worker. */
import { isExaminingMode } from '../../contract/index.js';
import type { ResolvedSince } from '../../domain/resolved-since.js';
import { readResolvedSince } from '../../temporal/resolved-since.js';
import type { ClientContext } from '../../temporal/rpc.js';
import type { Asked, RunRef } from '../ref.js';

/**
 * How a run that ended UNKNOWN, or the one that it examined in vain, has been resolved since; `null` where it has not,
 * as far as that can be read.
 */
export async function resolvedSince(
  context: ClientContext,
  ref: RunRef & { readonly runId: string },
  { mode, examinedRunId }: Pick<Asked, 'mode' | 'examinedRunId'>,
): Promise<ResolvedSince | null> {
  // An examination leaves nothing unresolved itself.
  const subject = isExaminingMode(mode) ? examinedRunId : ref.runId;
  if (subject === null || mode === 'plan' || mode === 'resolve') return null;
  return readResolvedSince(context, ref, subject);
}
