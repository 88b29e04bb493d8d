import { chmod, mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';

/** A machine of our own making: a PATH folder and a cache folder, both empty at first. */
export interface FakeMachine {
  readonly root: string;
  readonly binDir: string;
  readonly cacheDir: string;
  readonly env: NodeJS.ProcessEnv;
  /** Puts a shell script on PATH (or at `dir`) and gives its path. */
  readonly addProgram: (name: string, script: string, dir?: string) => Promise<string>;
  /** Adds a `python3` that takes 300 ms to "install" programs that print these versions. */
  readonly addPython: (versions?: Readonly<Record<string, string>>) => Promise<void>;
  /** How often that `python3` was called, and with which arguments. */
  readonly pipCalls: () => Promise<readonly string[]>;
  readonly remove: () => Promise<void>;
}

const SYSTEM_PATH = '/usr/bin:/bin';
const REAL_PARTS: Readonly<Record<string, string>> = {
  temporal: 'temporal version 1.9.1',
  'temporal-test-server': 'Usage: <command> <port>',
  'redis-server': 'Redis server v=6.2.14 sha=0',
};

/** A script that prints one line. */
export const sayScript = (text: string): string => `echo '${text}'`;

/** Makes an empty machine in a temporary folder. */
export async function createFakeMachine(): Promise<FakeMachine> {
  const root = await mkdtemp(path.join(tmpdir(), 'parts-'));
  const binDir = path.join(root, 'bin');
  const cacheDir = path.join(root, 'cache');
  const callsFile = path.join(root, 'pip-calls');
  await mkdir(binDir);

  const addProgram = async (name: string, script: string, dir = binDir): Promise<string> => {
    const file = path.join(dir, name);
    await mkdir(dir, { recursive: true });
    // The scripts find their tools by a PATH of their own: the machine's PATH stays empty.
    await writeFile(file, `#!/bin/sh\nPATH=${SYSTEM_PATH}\n${script}\n`);
    await chmod(file, 0o755);
    return file;
  };
  const addPython = async (versions = REAL_PARTS): Promise<void> => {
    const install = Object.entries(versions).map(
      ([name, text]) => `printf '#!/bin/sh\\necho "${text}"\\n' > "$target/bin/${name}"`,
    );
    const findTarget = 'while [ "$1" != --target ]; do shift; done; target=$2';
    const lines = [`echo "$*" >> ${callsFile}`, findTarget, 'sleep 0.3', 'mkdir "$target/bin"'];
    await addProgram('python3', [...lines, ...install].join('\n'));
  };
  const pipCalls = async (): Promise<readonly string[]> => {
    const text = await readFile(callsFile, 'utf8').catch(() => '');
    return text.split('\n').filter((line) => line !== '');
  };
  return {
    root,
    binDir,
    cacheDir,
    env: { PATH: binDir, DCS_SWITCHOVER_CACHE_DIR: cacheDir },
    addProgram,
    addPython,
    pipCalls,
    remove: () => rm(root, { recursive: true, force: true }),
  };
}
