/* eslint jest/no-export: off -- what tests are declared with */
import { it } from '@jest/globals';

import { resolveRedisServer } from '../../src/dev/index.js';

/** Fetching a Redis, and starting several. */
const SLOW_MS = 120_000;

/** Where no Redis can be had the behaviour stays unchecked, which is said, and not accepted in CI. */
export function itWithRedis(title: string, check: (path: string) => Promise<void>): void {
  // eslint-disable-next-line jest/expect-expect -- the caller's check has them
  it(
    // eslint-disable-next-line jest/valid-title -- the caller's
    title,
    async () => {
      const server = await resolveRedisServer();
      if (server !== null) await check(server.path);
      else if (process.env['CI']) throw new Error('CI must have a Redis.');
      else process.stderr.write(`Not checked, no Redis on this machine: ${title}\n`);
    },
    SLOW_MS,
  );
}
