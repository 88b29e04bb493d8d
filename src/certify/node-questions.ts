/** What a swap shows of the nodes: which identifiers move, and when. Pure. */
import { fieldsOf, isPresent, textOf } from '../util.js';

import { eachSwap, found, lagFinding, notSeen, sameOf } from './answer.js';
import type { Finding, Question } from './answer.js';
import { answered, jobOf, masterOf, nodesOf, roleChangeOf } from './observations.js';
import type { Observations, RoleChange } from './observations.js';

const NO_CHANGE = 'the lists showed no change of roles';

/** What happened to an identifier of the nodes when the master moved. */
type Move = 'stays' | 'follows the role' | 'is renewed';

function moveOf({ before, firstNew }: RoleChange, field: string): Move | null {
  const [was, is] = [fieldsOf(masterOf(before))[field], fieldsOf(masterOf(firstNew))[field]];
  if (!isPresent(was) || !isPresent(is)) return null;
  if (was === is) return 'follows the role';
  return nodesOf(before).some((row) => row[field] === is) ? 'stays' : 'is renewed';
}

const MOVE_EVIDENCE = 'that of the new master against those of before';

const identifier =
  (field: string) =>
  (seen: Observations): Finding =>
    sameOf(
      eachSwap(seen, (swap) => {
        const change = roleChangeOf(seen, swap);
        return change === null ? null : moveOf(change, field);
      }),
      MOVE_EVIDENCE,
      `${NO_CHANGE}, or no ${field}`,
    );

function nodeIds(seen: Observations): Finding {
  const finding = identifier('node_id')(seen);
  if (finding.value === null || finding.value === 'stays') return finding;
  const setting = identityOf(seen);
  return {
    ...finding,
    setting:
      setting === null
        ? 'No identifier stays with its node: a run cannot prove that the roles changed, and ends UNKNOWN.'
        : `DCS_NODE_IDENTITY=${setting}`,
  };
}

/** The first identifier that stays with its node, as the setting names it; `null`: none was seen to. */
export function identityOf(
  seen: Observations,
): 'node-id' | 'replication-id' | 'availability-zone' | null {
  if (identifier('node_id')(seen).value === 'stays') return 'node-id';
  if (identifier('replication_id')(seen).value === 'stays') return 'replication-id';
  return identifier('az_code')(seen).value === 'stays' ? 'availability-zone' : null;
}

function zones(seen: Observations): Finding {
  const nodes = answered(seen, 'nodes').flatMap(nodesOf);
  if (nodes.length === 0) return notSeen('no node was listed');
  const shown = nodes.filter((row) => textOf(row['az_code']) !== null).length;
  const setting =
    shown === 0 ? 'A target by --to-az or --avoid-az is REFUSED: use --to-node.' : null;
  return {
    ...found(shown === 0 ? 'absent' : 'present', `az_code of ${shown} of ${nodes.length} rows`),
    setting,
  };
}

function priorities(seen: Observations): Finding {
  const [first] = answered(seen, 'nodes');
  const replicas =
    first === undefined ? [] : nodesOf(first).filter((row) => row !== masterOf(first));
  const weights = replicas.map((row) => row['priority_weight']).filter(isPresent);
  if (weights.length === 0) return notSeen('no replica with a priority_weight was listed');
  const finding = found(
    weights.map(String).join(', '),
    'priority_weight of the replicas, at first',
  );
  const isNever = weights.every((weight) => Number(weight) === 0);
  return isNever
    ? {
        ...finding,
        setting: 'Give a replica a priority above 0, or the check replica-priority refuses.',
      }
    : finding;
}

function nodeOrder(seen: Observations): Finding {
  const places = answered(seen, 'nodes').flatMap((reading) => {
    const master = masterOf(reading);
    return master === null ? [] : [nodesOf(reading).indexOf(master)];
  });
  const moved = eachSwap(seen, (swap) => roleChangeOf(seen, swap));
  if (moved.length === 0) return notSeen(NO_CHANGE);
  const isByRole = new Set(places).size === 1;
  const value = isByRole ? 'by role' : 'not by role';
  return found(value, `place of the master in ${places.length} lists`);
}

function rolesDelay(seen: Observations): Finding {
  const lags = eachSwap(seen, (swap) => {
    const { open, ended } = jobOf(seen, swap);
    const change = roleChangeOf(seen, swap);
    if (ended === null || change === null) return null;
    const lastOpenMs = open.at(-1)?.sentAtMs ?? swap.notBeforeMs;
    return {
      atLeastMs: change.lastOld.sentAtMs - ended.answeredAtMs,
      atMostMs: change.firstNew.answeredAtMs - lastOpenMs,
    };
  });
  return lagFinding(lags, 'the new roles were listed after the end of the job', NO_CHANGE);
}

/** What the gateway says of a call that a region's API does not have. */
const NO_SUCH_API = 'APIGW.0101';

function asyncSwap({ swaps: [first] }: Observations): Finding {
  if (first === undefined) return notSeen('nothing was switched');
  if (first.jobId !== null) return found('served', 'the PUT was answered with a job');
  return first.message.includes(NO_SUCH_API)
    ? {
        ...found('missing', `the PUT was answered ${NO_SUCH_API}`),
        setting: 'Instances of this region cannot be switched by this API.',
      }
    : notSeen(`the run ended ${first.outcome} without an accepted PUT`);
}

/** In the order of the questions in which a first contact has to answer them. */
export const NODE_QUESTIONS: readonly Question[] = [
  { id: 'async-swap', question: 'does the region have async-swap?', ask: asyncSwap },
  { id: 'node-ids', question: 'node_id after a swap', ask: nodeIds },
  {
    id: 'replication-ids',
    question: 'replication_id after a swap',
    ask: identifier('replication_id'),
  },
  { id: 'addresses', question: 'node_ip after a swap', ask: identifier('node_ip') },
  { id: 'zones', question: 'az_code of nodes', ask: zones },
  { id: 'priorities', question: 'priority of the replicas', ask: priorities },
  { id: 'node-order', question: 'order of nodes', ask: nodeOrder },
  { id: 'roles-delay', question: 'new roles after the end of the job', ask: rolesDelay },
];
