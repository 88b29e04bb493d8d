/** What Redis itself shows of a swap, where the worker's settings say how it is reached. Pure. */
import type { DataPlaneReport, WitnessWord } from '../contract/index.js';
import { longestOf } from '../domain/data-plane-text.js';

import { eachSwap, found, notSeen, sameOf, seconds } from './answer.js';
import type { Finding, Question } from './answer.js';
import type { Observations } from './observations.js';

const NO_ENTRY = 'Redis was not asked: the settings of the worker have no dataPlane entry for it';

/** One answer of what each swap showed; `null`: that swap does not say. */
const ofRedis =
  (look: (report: DataPlaneReport) => string | null, evidence: string, why: string) =>
  (seen: Observations): Finding => {
    const reports = eachSwap(seen, ({ dataPlane }) => dataPlane ?? null);
    if (reports.length === 0) return notSeen(NO_ENTRY);
    return sameOf(
      reports.map(look).filter((value) => value !== null),
      evidence,
      why,
    );
  };

/** What the address did, as the witness says; its other words leave that open. */
const ADDRESS: Readonly<Partial<Record<WitnessWord, string>>> = {
  MOVED: 'leads to the new master',
  SAME: 'leads to the old master',
  MOVED_AND_BACK: 'came back to the old master',
  MOVED_MORE_THAN_ONCE: 'moved, with another history in between',
  DEMOTED_IN_PLACE: 'leads to the demoted node',
  NOT_A_MASTER: 'leads to a node that is no master',
  OTHER_DATA: 'leads to other data',
};

const NO_WORD = 'no two looks could be compared';

function restarted({ witness: { word } }: DataPlaneReport): string | null {
  if (word === 'RESTARTED_OR_REPLACED') return 'yes, or it was replaced';
  return word === 'MOVED' || word === 'SAME' ? 'no' : null;
}

const IDLE = {
  ...{ 'closed-by-peer': 'is closed', silent: 'falls silent', 'still-works': 'still works' },
} as const;

/** Which commands the user of the settings may send; `null`: nothing worked, for whatever reason. */
function rights({ witness: { before }, read, write }: DataPlaneReport): string | null {
  const allowed = [before && 'INFO', read && 'reads', write && 'writes'].filter(
    (each) => each !== null,
  );
  return allowed.length === 0 ? null : allowed.join(', ');
}

/** The longest interruption of writes, as both swaps bound it. */
function interruption(seen: Observations): Finding {
  const lanes = eachSwap(seen, ({ dataPlane }) => dataPlane?.write ?? null);
  if (lanes.length === 0) return notSeen('no writes were measured');
  const longest = longestOf(lanes.flatMap(({ interruptions }) => interruptions));
  if (longest === null) return found('none', 'test writes during the swaps');
  const bounds = `between ${seconds(longest.minMs)} and ${seconds(longest.maxMs)} s`;
  return found('interrupted', `the longest of test writes, ${bounds}`);
}

/** In the order in which they are shown. */
export const REDIS_QUESTIONS: readonly Question[] = [
  {
    id: 'redis-address',
    question: 'address of the instance after a swap',
    ask: ofRedis(({ witness }) => ADDRESS[witness.word] ?? null, 'looks before and after', NO_WORD),
  },
  {
    id: 'redis-restart',
    question: 'whether a node is restarted by a swap',
    ask: ofRedis(restarted, 'uptime of the server that answers', NO_WORD),
  },
  {
    id: 'redis-connections',
    question: 'an open connection at a swap',
    ask: ofRedis(
      ({ idleConnection }) => (idleConnection === null ? null : IDLE[idleConnection.state]),
      'a connection that did nothing',
      'nothing was measured',
    ),
  },
  {
    id: 'redis-rights',
    question: 'what the user of Redis may do',
    ask: ofRedis(rights, 'what worked during a run', 'nothing worked that was asked of Redis'),
  },
  { id: 'redis-interruption', question: 'writes during a swap', ask: interruption },
];
