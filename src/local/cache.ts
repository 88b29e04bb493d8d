import { mkdir, readdir, rename, rm } from 'node:fs/promises';
import path from 'node:path';

import { wheelSetFor } from './wheels.js';

/** From `src/local` and from `dist/local` alike. */
const PACKAGE_ROOT = path.resolve(__dirname, '../..');

/** Ends the name of a folder that is being filled. */
const PARTIAL = '.partial';

/** Where fetched parts are kept: `DCS_SWITCHOVER_CACHE_DIR`, else `.cache/parts` in the package. */
export function cacheDirOf(env: NodeJS.ProcessEnv): string {
  return path.resolve(env['DCS_SWITCHOVER_CACHE_DIR'] ?? path.join(PACKAGE_ROOT, '.cache/parts'));
}

/** Folder of the pinned wheels in a cache; their programs are in its `bin`. */
export function wheelsDirOf(cacheDir: string): string {
  return path.join(cacheDir, wheelSetFor(process.platform, process.arch).cacheKey);
}

/** Folder of a server that the Temporal SDK downloaded by itself. */
export function sdkDirOf(cacheDir: string, server: string): string {
  return path.join(cacheDir, `${process.platform}-${process.arch}-sdk-${server}`);
}

/**
 * Fills a folder beside `target` and moves it there in one step, so that no process ever sees half of
 * it. What `target` held before is replaced. Callers hold the cache's lock.
 */
export async function publishDir(
  target: string,
  fill: (workDir: string) => Promise<void>,
): Promise<void> {
  await removeLeftovers(target);
  const workDir = `${target}.${process.pid}${PARTIAL}`;
  await mkdir(workDir, { recursive: true });
  try {
    await fill(workDir);
    await rm(target, { recursive: true, force: true });
    await rename(workDir, target);
  } finally {
    await rm(workDir, { recursive: true, force: true });
  }
}

// Of runs that were killed while they fetched; each would keep up to 250 MB.
async function removeLeftovers(target: string): Promise<void> {
  const { dir, base } = path.parse(target);
  await mkdir(dir, { recursive: true });
  const names = await readdir(dir);
  const leftovers = names.filter((name) => name.startsWith(base) && name.endsWith(PARTIAL));
  await Promise.all(
    leftovers.map((name) => rm(path.join(dir, name), { recursive: true, force: true })),
  );
}
