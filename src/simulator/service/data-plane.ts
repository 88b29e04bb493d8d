import type { RedisAccess } from '../redis/access.js';
import type { RedisScript } from '../redis/script.js';

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
  /**
   * Does to Redis what a swap would, with another of its nodes, of which the API learns nothing; returns when all is
   * over.
   *
   * @throws Error when there is no Redis, a field is wrong, or Redis did not do so
   */
  disturb(script: RedisScript): Promise<void>;
}

/** What stands behind the API of one instance: real Redis servers, or a model of their roles. */
export interface DataPlane extends RedisHandle {
  /** `host:port` that always leads to the master; `null` without real Redis. */
  readonly address: string | null;
  /** Makes a node the master, unless scripted otherwise; returns when it is. @throws Error when it did not become one */
  promote(nodeId: string, script?: RedisScript): Promise<void>;
  roles(): Promise<readonly RedisRole[]>;
  close(): Promise<void>;
}

const thereIsNone = (): Promise<never> => Promise.reject(new Error('There is no Redis.'));

/** Roles without a Redis. */
export function createMemoryPlane(nodeIds: readonly string[], access: RedisAccess): DataPlane {
  let master = nodeIds[0];
  return {
    address: null,
    access,
    promote: (nodeId, script) => {
      if (script?.promotion !== 'none') master = nodeId;
      return Promise.resolve();
    },
    roles: () =>
      Promise.resolve(
        nodeIds.map((nodeId) => ({ nodeId, role: nodeId === master ? 'master' : 'slave' })),
      ),
    setPassword: thereIsNone,
    disturb: thereIsNone,
    close: () => Promise.resolve(),
  };
}
