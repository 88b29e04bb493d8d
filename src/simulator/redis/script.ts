import { duration, flag, oneOf, shapeOf } from '../basics.js';
import type { SpecCheck } from '../basics.js';

const OLD_CONNECTIONS = ['dropped', 'kept', 'silent'] as const;

/** What becomes of the connections that stand when the address moves: `silent` ones are neither answered nor reset. */
export type OldConnections = (typeof OLD_CONNECTIONS)[number];

/** What happens to an instance's Redis when its roles change; the times follow one another in this order. */
export interface RedisScript {
  /**
   * How the replica becomes the master: without losing a write, at once as by Sentinel, or not at all.
   *
   * @default "failover"
   */
  readonly promotion?: 'failover' | 'abrupt' | 'none';
  /** Both are masters, the address leads to the old one, and what it takes is lost; only of an abrupt promotion. */
  readonly loseMs?: number;
  /** Nothing at the address answers, and nothing is reset. */
  readonly blackholeMs?: number;
  /** The address refuses connections. */
  readonly refuseMs?: number;
  /** The address leads to a replica. */
  readonly readOnlyMs?: number;
  /** The address leads to the old master from then on. @default false */
  readonly addressStays?: boolean;
  /** @default "dropped" */
  readonly oldConnections?: OldConnections;
  /** Last, the server at the address is killed and started again, with its data or without. @default neither */
  readonly restartMaster?: 'with-data' | 'empty';
}

const REDIS: Record<keyof RedisScript, SpecCheck> = {
  promotion: oneOf(['failover', 'abrupt', 'none']),
  loseMs: duration,
  blackholeMs: duration,
  refuseMs: duration,
  readOnlyMs: duration,
  addressStays: flag,
  oldConnections: oneOf(OLD_CONNECTIONS),
  restartMaster: oneOf(['with-data', 'empty']),
};

const checkShape = shapeOf(REDIS);

/** Checks what happens to an instance's Redis. */
export const redisScript: SpecCheck = (value, name) => {
  const problem = checkShape(value, name);
  const { promotion, loseMs } = (value ?? {}) as RedisScript;
  if (problem !== null || loseMs === undefined || promotion === 'abrupt') return problem;
  return `${name}.loseMs belongs to the promotion abrupt`;
};

/** @throws Error that names the unknown or wrong field */
export function assertRedisScript(script: unknown): asserts script is RedisScript {
  const problem = redisScript(script, 'redis');
  if (problem !== null) throw new Error(problem);
}
