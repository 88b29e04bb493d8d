import { DcsCredentialsError, DcsError } from '../../dcs/index.js';
import { fail, ok } from '../../doctor/check.js';
import type { Finding } from '../../doctor/check.js';
import { within } from '../within.js';

import type { OpenProject } from '../../doctor/open-project.js';

/** Longest time for a source that has to ask somebody, in milliseconds. */
const OBTAIN_TIMEOUT_MS = 8_000;

/** Whether the source gives a credential; which source is told, never its content. */
export async function checkCredential({ credential }: OpenProject): Promise<Finding> {
  const id = 'credential';
  const { description, obtain } = credential;
  try {
    await within(OBTAIN_TIMEOUT_MS, `the credential source (${description})`, obtain());
    return ok(id, `obtained; source: ${description}`);
  } catch (error) {
    const found = `source ${description}: ${error instanceof Error ? error.message : String(error)}`;
    const fix = 'Correct the source of the credential; see docs/configuration.md.';
    if (error instanceof DcsCredentialsError) return fail(id, found, fix, 'configuration');
    const isUnreachable = error instanceof DcsError && error.delivery !== 'answered';
    return fail(id, found, fix, isUnreachable ? 'unreachable' : 'other');
  }
}
