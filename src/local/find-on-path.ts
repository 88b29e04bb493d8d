import { constants } from 'node:fs';
import { access, stat } from 'node:fs/promises';
import path from 'node:path';

/**
 * The first executable file of this name in the folders of `env.PATH`.
 *
 * @throws Error saying that there is none.
 */
export async function findOnPath(name: string, env: NodeJS.ProcessEnv): Promise<string> {
  const folders = (env['PATH'] ?? '').split(path.delimiter).filter((folder) => folder !== '');
  for (const folder of folders) {
    const candidate = path.resolve(folder, name);
    if (await isExecutableFile(candidate)) return candidate;
  }
  throw new Error(`no ${name} in any folder of PATH`);
}

/** Whether a path names a file that this user may run. */
export async function isExecutableFile(file: string): Promise<boolean> {
  try {
    await access(file, constants.X_OK);
    return (await stat(file)).isFile();
  } catch {
    return false;
  }
}
