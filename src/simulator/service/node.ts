import { makeHexId, makePrivateIps, makeUuid } from '../ids.js';
import type { NodeSpec } from '../instance-spec.js';
import type { RoleView } from '../faults/spec.js';

/** A node of an instance. Its ids, address and zone stay with it; only roles move. */
export interface Node {
  readonly nodeId: string;
  readonly logicalNodeId: string;
  readonly replicationId: string;
  readonly monitoredObjectId: string;
  /** Address in the tenant's network, as the API shows it; invented even when real Redis runs behind. */
  readonly ip: string;
  readonly availabilityZone: string;
  priority: number;
  status: string;
}

/** Role of a node. The API's word for `replica` is `slave`. */
export type Role = 'master' | 'replica';

/** A node as a read shows it. */
export type NodeRow = Readonly<Node> & { readonly role: Role };

/** Weight of a node nobody has ranked: the last rank that may be promoted. */
const DEFAULT_PRIORITY = 100;

/** Invents the nodes of an instance. */
export function makeNodes(specs: readonly NodeSpec[]): Node[] {
  const ips = makePrivateIps(specs.length);
  return specs.map((spec, index) => ({
    nodeId: makeHexId(),
    logicalNodeId: makeHexId(),
    replicationId: makeUuid(),
    monitoredObjectId: makeHexId(),
    ip: ips[index] ?? '',
    availabilityZone: spec.availabilityZone,
    priority: spec.priority ?? DEFAULT_PRIORITY,
    status: spec.status ?? 'Active',
  }));
}

/** The replica that a swap promotes: lowest priority other than 0, then the order of creation. */
export function chooseNextMaster(rows: readonly NodeRow[]): NodeRow | null {
  const promotable = rows.filter(({ role, priority }) => role === 'replica' && priority !== 0);
  return promotable.sort((a, b) => a.priority - b.priority)[0] ?? null;
}

const withRoles = (rows: readonly NodeRow[], isMaster: (row: NodeRow) => boolean): NodeRow[] =>
  rows.map((row) => ({ ...row, role: isMaster(row) ? 'master' : 'replica' }));

const otherRow = (rows: readonly NodeRow[]): NodeRow | undefined =>
  chooseNextMaster(rows) ?? rows.find(({ role }) => role === 'replica');

const VIEWS: Record<RoleView, (rows: readonly NodeRow[]) => readonly NodeRow[]> = {
  swapped: (rows) => withRoles(rows, (row) => row === otherRow(rows)),
  'two-masters': (rows) =>
    withRoles(rows, (row) => row.role === 'master' || row === otherRow(rows)),
  'no-master': (rows) => withRoles(rows, () => false),
  // Node ids and roles stay, replication ids and addresses belong to the neighbour.
  'ids-disagree': (rows) =>
    rows.map((row, index) => {
      const { replicationId, ip } = rows[(index + 1) % rows.length] ?? row;
      return { ...row, replicationId, ip };
    }),
};

/** The rows as a read with a scripted false view shows them. */
export function viewRows(rows: readonly NodeRow[], view: RoleView | undefined): readonly NodeRow[] {
  return view === undefined ? rows : VIEWS[view](rows);
}
