/** Which instances of a project may be switched at all: the worker's word, above every request. */

/** Names instances: by id, by name (`*` stands for any text), or by tag (`null`: any value). */
export type InstanceRule =
  | { readonly instanceId: string }
  | { readonly name: string }
  | { readonly tag: { readonly key: string; readonly value: string | null } };

/** What a project's owner allows; a request cannot widen it. */
export interface InstancePolicy {
  /** Only instances that one of these names may be switched; `null`: every one. */
  readonly allow: readonly InstanceRule[] | null;
  /** Instances that must not be switched; wins over `allow`. */
  readonly deny: readonly InstanceRule[];
  /** Least cool-down between two swaps of an instance, in seconds; raises the request's own. */
  readonly coolDownFloorSeconds: number;
}

/** Everything may be switched, with the cool-down that the request asks for. */
export const OPEN_POLICY: InstancePolicy = { allow: null, deny: [], coolDownFloorSeconds: 0 };
