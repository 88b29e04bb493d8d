import type { RedisAccess } from '../redis/access.js';

/** Role of a node as reported by Redis itself. */
export interface RedisRole {
  readonly nodeId: string;
  /** First element of the answer to `ROLE`: `master` or `slave`. */
  readonly role: string;
}

/** Hands to interfere with the Redis of an instance. */
export interface RedisHandle {
  /** How it lets callers in. */
  readonly access: RedisAccess;
  /**
   * Replaces the password of a user; connections that are logged in stay so.
   *
   * @param user @default "default"
   * @throws Error when there is no Redis, or it asks no password of the user
   */
  setPassword(password: string, user?: string): Promise<void>;
}

/** What stands behind the API of one instance: real Redis servers, or a model of their roles. */
export interface DataPlane extends RedisHandle {
  /** `host:port` that always leads to the master; `null` without real Redis. */
  readonly address: string | null;
  /** Makes a node the master; returns when it is. @throws Error when it did not become one */
  promote(nodeId: string): Promise<void>;
  roles(): Promise<readonly RedisRole[]>;
  close(): Promise<void>;
}

/** Roles without a Redis. */
export function createMemoryPlane(nodeIds: readonly string[], access: RedisAccess): DataPlane {
  let master = nodeIds[0];
  return {
    address: null,
    access,
    promote: (nodeId) => {
      master = nodeId;
      return Promise.resolve();
    },
    roles: () =>
      Promise.resolve(
        nodeIds.map((nodeId) => ({ nodeId, role: nodeId === master ? 'master' : 'slave' })),
      ),
    setPassword: () => Promise.reject(new Error('There is no Redis.')),
    close: () => Promise.resolve(),
  };
}
