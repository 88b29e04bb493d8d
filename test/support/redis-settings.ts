/** Settings of a worker that is to ask the Redis behind the instances of a simulator. */
import { writeFileSync } from 'node:fs';
import path from 'node:path';

import type { Simulator } from '../../src/simulator/index.js';

/** An entry of `projects[].dataPlane`, with what its files are to hold. */
export interface RedisEntry {
  readonly match: { readonly name: string } | { readonly instanceId: string };
  readonly password: string;
  readonly user?: string;
  readonly address?: string;
}

/** Writes the worker's file, and those that it names. @returns what its environment needs besides */
export function writeRedisSettings(
  folder: string,
  { projectId, region, endpoint }: Simulator,
  ...entries: readonly RedisEntry[]
): NodeJS.ProcessEnv {
  const write = (name: string, text: string): string => {
    const file = path.join(folder, name);
    writeFileSync(file, text);
    return file;
  };
  const dataPlane = entries.map(({ password, user, ...entry }, at) => ({
    ...entry,
    passwordFile: write(`password-${at}`, password),
    ...(user === undefined ? {} : { usernameFile: write(`user-${at}`, user) }),
  }));
  const projects = [{ projectId, region, endpoint, dataPlane }];
  const config = write('projects.json', JSON.stringify({ projects }));
  return { DCS_SWITCHOVER_CONFIG: config, DCS_REGION: '', DCS_ENDPOINT: '' };
}
