/**
 * What no one outside the vendor knows for certain of the real service: each uncertainty is a habit with a name,
 * which a simulator, and where sensible each instance, can have one way or another.
 */
import { duration, isPlainObject, oneOf, shapeOf } from './basics.js';
import type { SpecCheck } from './basics.js';

/** What happens to an identifier of a node when roles change. */
export type IdentifierHabit = 'stay' | 'follow-role' | 'renewed';
/** How the tags of an instance are shown; `null` and `absent-when-none` show the tags of a tagged one. */
export type TagsHabit = 'empty' | 'null' | 'absent-when-none' | 'absent';

/** The habits of one instance. */
export interface InstanceHabits {
  /** `follow-role`: the promoted node takes the master's address, and the old master that of the promoted node. */
  readonly addresses: 'fixed' | 'follow-role';
  /** `follow-role`: an id belongs to the role; `renewed`: both nodes of a swap get new ones. */
  readonly nodeIds: IdentifierHabit;
  /** As `nodeIds`, of `replication_id`. */
  readonly replicationIds: IdentifierHabit;
  /** Rows of `…/instances/{id}/tasks`: with the job's id, without any, or with one that is neither the job's nor the row's. */
  readonly taskRows: 'withJobId' | 'withoutJobId' | 'ownJobId';
  /** The `id` of a swap's row: the job's, or one of its own. */
  readonly taskIds: 'job' | 'own';
  /** How long after its acceptance a swap appears in the task lists. */
  readonly taskRowDelayMs: number;
  /** Whether rows of the task lists say how the task stands. */
  readonly taskStatus: 'present' | 'absent';
  /** How task lists are sorted. */
  readonly taskOrder: 'newest-first' | 'oldest-first' | 'shuffled';
  /** How nodes are sorted. */
  readonly nodeOrder: 'as-created' | 'reversed' | 'shuffled';
  /** How long node and group lists show the roles from before a change. */
  readonly staleRoleViewsMs: number;
  /** Whether nodes say where they are. */
  readonly availabilityZones: 'present' | 'absent';
  /** How ListInstances shows the tags of an instance. */
  readonly listedTags: TagsHabit;
  /** How ShowInstance shows them. */
  readonly shownTags: TagsHabit;
  /** `number`: a key of digits alone is a JSON number, wherever tags are shown. */
  readonly tagKeys: 'text' | 'number';
  /** Type of `no_password_access` in ListInstances. */
  readonly listedPasswordAccess: 'text' | 'boolean';
  /** Whether ListInstances says `cache_mode`. */
  readonly listedCacheMode: 'present' | 'absent';
  /** What of an instance shows that a swap is under way: its task, its status, or nothing. */
  readonly swapShownAs: 'task' | 'status' | 'nothing';
  /** `end_time` of a job that has not ended. */
  readonly openEndTime: 'null' | 'empty' | 'absent';
  /** `missing`: the region's API does not have the operation. */
  readonly asyncSwap: 'served' | 'missing';
}

/** The habits of the whole simulator: those of its instances, and those of gateway and lists. */
export interface Habits extends InstanceHabits {
  /** What the gateway says of an access key that it does not know. */
  readonly unknownKeyText: 'get-secret-key-failed' | 'ak-not-exist' | 'unauthorized';
  /** The answer for a job that no one knows. */
  readonly unknownJob: 'not-found' | 'bad-id';
  /** What `instance_num`, `count` and `task_count` count: all that match, or the rows of the page. */
  readonly listTotals: 'all' | 'page';
  /** How instances are sorted. */
  readonly instanceOrder: 'as-created' | 'newest-first' | 'shuffled';
  /** Largest `limit` of `instances-logical-nodes`. */
  readonly allNodesMaxLimit: '100' | '1000';
}

/** How much is known of what the real service does. */
export type Evidence = 'documented' | 'captured' | 'inferred' | 'unknown';

interface Habit<T> {
  /** Every value, or the check of a time. */
  readonly values: readonly T[] | typeof duration;
  readonly initial: T;
  /** Behind the initial value, or behind the other where that is the better known one. */
  readonly evidence: Evidence;
}

const habit = <T>(
  values: readonly T[] | typeof duration,
  initial: T,
  evidence: Evidence,
): Habit<T> => ({ values, initial, evidence });

const IDENTIFIERS = ['stay', 'follow-role', 'renewed'] as const;
const TAGS = ['empty', 'null', 'absent-when-none', 'absent'] as const;
const PRESENCE = ['present', 'absent'] as const;

const INSTANCE_HABITS: { readonly [Name in keyof InstanceHabits]: Habit<InstanceHabits[Name]> } = {
  // FAQ of the vendor: "the standby node … takes the original IP address".
  addresses: habit(['follow-role', 'fixed'], 'follow-role', 'documented'),
  // An acceptance test of the Terraform provider picks a replica's id and ignores its later change.
  nodeIds: habit(IDENTIFIERS, 'stay', 'inferred'),
  replicationIds: habit(IDENTIFIERS, 'stay', 'inferred'),
  // The models of the vendor's SDKs have no `job_id` here; the Terraform provider reads one.
  taskRows: habit(['withoutJobId', 'withJobId', 'ownJobId'], 'withoutJobId', 'documented'),
  // The task centre's rows have an `id` and a `job_id`, so the two are not the same.
  taskIds: habit(['own', 'job'], 'own', 'inferred'),
  taskRowDelayMs: habit(duration, 0, 'unknown'),
  // A documented sample shows it one level up, likely by mistake.
  taskStatus: habit(PRESENCE, 'present', 'documented'),
  taskOrder: habit(['newest-first', 'oldest-first', 'shuffled'], 'newest-first', 'inferred'),
  nodeOrder: habit(['shuffled', 'as-created', 'reversed'], 'shuffled', 'captured'),
  staleRoleViewsMs: habit(duration, 0, 'unknown'),
  availabilityZones: habit(PRESENCE, 'present', 'captured'),
  listedTags: habit(TAGS, 'null', 'captured'),
  shownTags: habit(TAGS, 'absent-when-none', 'documented'),
  tagKeys: habit(['text', 'number'], 'text', 'documented'),
  // A string for the Go SDK and in captured answers; a boolean in one documented sample.
  listedPasswordAccess: habit(['text', 'boolean'], 'text', 'captured'),
  listedCacheMode: habit(PRESENCE, 'absent', 'captured'),
  swapShownAs: habit(['task', 'status', 'nothing'], 'task', 'unknown'),
  openEndTime: habit(['null', 'empty', 'absent'], 'null', 'unknown'),
  // Since 2024-01-19; manuals of some regions are older.
  asyncSwap: habit(['served', 'missing'], 'served', 'documented'),
};

/** Every habit: its values, which is the initial one, and what is known. */
export const HABITS: { readonly [Name in keyof Habits]: Habit<Habits[Name]> } = {
  ...INSTANCE_HABITS,
  unknownKeyText: habit(
    ['get-secret-key-failed', 'ak-not-exist', 'unauthorized'],
    'get-secret-key-failed',
    'captured',
  ),
  unknownJob: habit(['not-found', 'bad-id'], 'not-found', 'unknown'),
  listTotals: habit(['all', 'page'], 'all', 'unknown'),
  instanceOrder: habit(['as-created', 'newest-first', 'shuffled'], 'as-created', 'unknown'),
  // A comment of the SDKs says 100, the page 1000.
  allNodesMaxLimit: habit(['100', '1000'], '100', 'documented'),
};

const checkOf = ({ values }: Habit<unknown>): SpecCheck =>
  typeof values === 'function' ? values : oneOf(values as readonly string[]);

const checksOf = (habits: object): Record<string, SpecCheck> =>
  Object.fromEntries(
    Object.entries(habits as Record<string, Habit<unknown>>).map(([name, one]) => [
      name,
      checkOf(one),
    ]),
  );

const checkHabits = shapeOf(checksOf(HABITS));

/** Checks the habits of one instance. */
export const instanceHabits: SpecCheck = shapeOf(checksOf(INSTANCE_HABITS));

/** Every habit, the initial ones where nothing is said. @throws Error that names a wrong one */
export function resolveHabits(habits: Partial<Habits>): Habits {
  const problem = checkHabits(habits, 'habits');
  if (problem !== null) throw new Error(problem);
  const initial = Object.entries(HABITS).map(([name, { initial: value }]) => [name, value]);
  return { ...(Object.fromEntries(initial) as Habits), ...withoutUndefined(habits) };
}

/** An object without the fields that are `undefined`. */
export function withoutUndefined<T extends object>(value: T): T {
  return Object.fromEntries(Object.entries(value).filter(([, one]) => one !== undefined)) as T;
}

/**
 * A habit as a command line names it: `addresses=fixed`, `taskRowDelayMs=500`.
 *
 * @throws Error that names the unknown habit, or the values of a known one
 */
export function parseHabit(text: string): Partial<Habits> {
  const [, name = '', value = ''] = /^(\w+)=(.+)$/s.exec(text) ?? [];
  if (name === '') throw new Error(`"${text}" is no habit: write it as name=value.`);
  const known = Object.hasOwn(HABITS, name) ? HABITS[name as keyof Habits] : null;
  const isTime = typeof known?.values === 'function';
  const habits: unknown = { [name]: isTime && /^\d+$/.test(value) ? Number(value) : value };
  const problem = checkHabits(habits, 'habits');
  if (problem !== null) throw new Error(problem);
  return isPlainObject(habits) ? habits : {};
}
