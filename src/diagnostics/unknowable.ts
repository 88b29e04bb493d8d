import { SWAP_ACTION } from './dcs/actions.js';

/** What no reading tells. Each entry is one sentence for people. */
export const UNKNOWABLE: readonly string[] = [
  `Whether the credential may swap (${SWAP_ACTION}): no reading asks for it. Without it the PUT is rejected, nothing moves, and the run ends FAILED_UNCHANGED.`,
  'Which replica is promoted where there are several: the API takes no target. A run with a target is REFUSED unless every promotable replica satisfies it.',
  'How long the job takes, and how long connections are interrupted: it was not measured on this account.',
  'Whether the id of the task equals the job id, how soon the task is listed, and which identifiers follow a node: where the service differs from what is assumed, a run ends UNKNOWN rather than wrong.',
];
