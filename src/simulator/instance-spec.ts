import { expect, isPlainObject, isWhole, listOf, oneOf, shapeOf, text } from './basics.js';
import type { SpecCheck } from './basics.js';
import { instanceHabits } from './habits.js';
import type { InstanceHabits } from './habits.js';

/** One node of an instance to create. */
export interface NodeSpec {
  readonly availabilityZone: string;
  /** Promotion priority: 0 = never, 1 = first, 100 = last. @default 100 */
  readonly priority?: number;
  /** `Active` or `Inactive`. @default "Active" */
  readonly status?: string;
}

/** A tag of an instance. */
export interface InstanceTag {
  readonly key: string;
  readonly value: string;
}

/** An instance to create. */
export interface InstanceSpec {
  /** @default a new UUID */
  readonly instanceId?: string;
  /** @default "dcs-" and the beginning of the id */
  readonly name?: string;
  /** `single`, `ha`, `cluster`, `proxy` or `ha_rw_split`. @default "ha" */
  readonly cacheMode?: string;
  /** @default "Redis" */
  readonly engine?: string;
  /** @default "6.0" */
  readonly engineVersion?: string;
  /** @default none */
  readonly tags?: readonly InstanceTag[];
  /** Maintenance window, `HH:mm:ss` UTC. @default "18:00:00" */
  readonly maintainBegin?: string;
  /** @default "19:00:00" */
  readonly maintainEnd?: string;
  /** @default "RUNNING" */
  readonly status?: string;
  /** @default the simulator's */
  readonly habits?: Partial<InstanceHabits>;
  /** The first is the master. @default two nodes in two availability zones */
  readonly nodes?: readonly NodeSpec[];
}

const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/;

const matching = (what: string, pattern: RegExp): SpecCheck =>
  expect(what, (value) => typeof value === 'string' && pattern.test(value));

const timeOfDay = matching('a time of day like 18:00:00', /^([01]\d|2[0-3]):[0-5]\d:[0-5]\d$/);

const TAG: Record<keyof InstanceTag, SpecCheck> = { key: text, value: text };

const NODE: Record<keyof NodeSpec, SpecCheck> = {
  availabilityZone: matching('a word', /^\S+$/),
  priority: expect('a whole number from 0 to 100', (value) => {
    return isWhole(value, 0) && Number(value) <= 100;
  }),
  status: oneOf(['Active', 'Inactive']),
};

const INSTANCE: Record<keyof InstanceSpec, SpecCheck> = {
  instanceId: matching('a UUID in lower case', UUID),
  name: text,
  cacheMode: oneOf(['single', 'ha', 'cluster', 'proxy', 'ha_rw_split']),
  engine: text,
  engineVersion: text,
  tags: listOf(shapeOf(TAG, ['key', 'value'])),
  maintainBegin: timeOfDay,
  maintainEnd: timeOfDay,
  status: matching('a word', /^\S+$/),
  habits: instanceHabits,
  nodes: listOf(shapeOf(NODE, ['availabilityZone'])),
};

const checkInstance = shapeOf(INSTANCE);

/** @throws Error that names the unknown or wrong field */
export function assertInstanceSpec(spec: unknown, name = 'instance'): asserts spec is InstanceSpec {
  const problem = checkInstance(spec, name);
  if (problem !== null) throw new Error(problem);
}

/**
 * The instances of a parsed file: an array, or an object with the array `instances`.
 *
 * @throws Error that names the entry and its field, as in `instances[1].nodes[0].priority`
 */
export function parseInstances(value: unknown): readonly InstanceSpec[] {
  const list = isPlainObject(value) ? value['instances'] : value;
  if (!Array.isArray(list)) throw new Error('Instances are an array, or {"instances": […]}.');
  return list.map((spec: unknown, index) => {
    assertInstanceSpec(spec, `instances[${String(index)}]`);
    return spec;
  });
}

/** The nodes of an instance whose specification names none. */
export function defaultNodes(region: string, cacheMode: string): readonly NodeSpec[] {
  const master = { availabilityZone: `${region}a` };
  return cacheMode === 'single' ? [master] : [master, { availabilityZone: `${region}b` }];
}
