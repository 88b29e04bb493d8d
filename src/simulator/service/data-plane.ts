/** Role of a node by the word of Redis itself. */
export interface RedisRole {
  readonly nodeId: string;
  /** First element of the answer to `ROLE`: `master` or `slave`. */
  readonly role: string;
}

/** What stands behind the API of one instance: real Redis servers, or a model of their roles. */
export interface DataPlane {
  /** `host:port` that always leads to the master; `null` without real Redis. */
  readonly address: string | null;
  /** Makes a node the master; returns when it is. @throws Error when it did not become one */
  promote(nodeId: string): Promise<void>;
  roles(): Promise<readonly RedisRole[]>;
  close(): Promise<void>;
}

/** Roles without a Redis. */
export function createMemoryPlane(nodeIds: readonly string[]): DataPlane {
  let master = nodeIds[0];
  return {
    address: null,
    promote: (nodeId) => {
      master = nodeId;
      return Promise.resolve();
    },
    roles: () =>
      Promise.resolve(
        nodeIds.map((nodeId) => ({ nodeId, role: nodeId === master ? 'master' : 'slave' })),
      ),
    close: () => Promise.resolve(),
  };
}
