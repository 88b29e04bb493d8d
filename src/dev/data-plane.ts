/** How workers of a stack reach the Redis behind the simulator: the file that says so, and the passwords beside it. */
import { mkdir, writeFile } from 'node:fs/promises';
import path from 'node:path';

import { DEFAULT_USER } from '../simulator/index.js';
import type { SimulatedInstance, Simulator } from '../simulator/index.js';

/**
 * Writes the worker's file of projects, with an entry for each instance whose Redis asks for a password.
 *
 * @param folder of this user alone
 * @returns its path; `null` where no Redis asks for one
 */
export async function writeProjectsFile(
  folder: string,
  { projectId, region, endpoint, instances }: Simulator,
): Promise<string | null> {
  const own = path.join(folder, 'redis');
  await mkdir(own, { recursive: true, mode: 0o700 });
  const entries = await Promise.all(instances.map((instance) => writeEntry(own, instance)));
  const dataPlane = entries.filter((entry) => entry !== null);
  if (dataPlane.length === 0) return null;
  const file = path.join(folder, 'projects.json');
  const projects = [{ projectId, region, endpoint, dataPlane }];
  await writeFile(file, JSON.stringify({ projects }, null, 2));
  return file;
}

async function writeEntry(
  folder: string,
  { instanceId, name, address, redis }: SimulatedInstance,
): Promise<object | null> {
  const { passwords, ca } = redis.access;
  const password = passwords.get(DEFAULT_USER);
  if (address === null || password === undefined) return null;
  const passwordFile = path.join(folder, name);
  await writeFile(passwordFile, password, { mode: 0o600 });
  const match = { instanceId };
  if (ca === null) return { match, passwordFile };
  const caFile = `${passwordFile}.ca.crt`;
  await writeFile(caFile, ca);
  return { match, passwordFile, tls: { caFile } };
}
