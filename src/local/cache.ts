import { mkdir, mkdtemp, readdir, rename, rm, stat } from 'node:fs/promises';
import path from 'node:path';

import { hasCode } from './errors.js';
import { wheelSetFor } from '../dev/fetch.js';

/** From `src/local` and from `dist/local` alike. */
const PACKAGE_ROOT = path.resolve(__dirname, '../..');

/** In the name of a folder that is being filled. */
const PARTIAL = '.partial-';
/** Nobody fills a folder for so long: fetching is bounded by minutes. */
const LEFTOVER_AGE_MS = 3_600_000;

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
 * it. What `target` held before is replaced. Callers hold the cache's lock; should two hold it after
 * all (both took over that of a process that died), the later one leaves what the first published.
 */
export async function publishDir(
  target: string,
  fill: (workDir: string) => Promise<void>,
): Promise<void> {
  await mkdir(path.dirname(target), { recursive: true });
  await removeLeftovers(target);
  const workDir = await mkdtemp(`${target}${PARTIAL}`);
  try {
    await fill(workDir);
    await rm(target, { recursive: true, force: true });
    await rename(workDir, target).catch((error: unknown) => {
      if (!hasCode(error, 'ENOTEMPTY') && !hasCode(error, 'EEXIST')) throw error;
    });
  } finally {
    await rm(workDir, { recursive: true, force: true });
  }
}

// Of runs that were killed while they fetched; each would keep up to 250 MB.
async function removeLeftovers(target: string): Promise<void> {
  const { dir, base } = path.parse(target);
  const names = await readdir(dir);
  for (const name of names.filter((entry) => entry.startsWith(base + PARTIAL))) {
    const leftover = path.join(dir, name);
    const { mtimeMs } = await stat(leftover);
    if (Date.now() - mtimeMs > LEFTOVER_AGE_MS) {
      await rm(leftover, { recursive: true, force: true });
    }
  }
}
