/** Runs the simulator in a process of its own, which a test may kill. */
import { spawn } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdir, mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';

import { transformFile } from '@swc/core';

const SOURCE = path.join(__dirname, '../../src/simulator');

export interface OwnProcess {
  readonly kill: (signal: NodeJS.Signals) => void;
  /** The simulator's `instances[0].address`. */
  readonly address: string;
  readonly cleanUp: () => Promise<void>;
}

/** Starts it with a real Redis; resolves when it serves. */
export async function startInOwnProcess(redisServerPath: string): Promise<OwnProcess> {
  const directory = await mkdtemp(path.join(tmpdir(), 'simulator-process-'));
  await transpile(directory);
  const script = `
    require('./index.js').startSimulator({ redisServerPath: process.argv[1] })
      .then(({ instances }) => console.log(instances[0].address));`;
  const child = spawn(process.execPath, ['-e', script, redisServerPath], {
    cwd: directory,
    env: { ...process.env, NODE_PATH: path.join(__dirname, '../../node_modules') },
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const [line] = (await Promise.race([once(child.stdout, 'data'), endOf(child)])) as [Buffer];
  return {
    address: line.toString().trim(),
    kill: (signal) => child.kill(signal),
    cleanUp: async () => {
      child.kill('SIGKILL');
      await rm(directory, { recursive: true, force: true });
    },
  };
}

async function endOf(child: ChildProcess): Promise<never> {
  const [code] = (await once(child, 'exit')) as [number | null];
  throw new Error(`The process ended with ${String(code)} before it served.`);
}

async function transpile(target: string): Promise<void> {
  for (const name of await readdir(SOURCE, { recursive: true })) {
    const file = path.join(target, name.replace(/\.ts$/, '.js'));
    if (!name.endsWith('.ts')) continue;
    await mkdir(path.dirname(file), { recursive: true });
    const { code } = await transformFile(path.join(SOURCE, name), {
      jsc: { target: 'es2022', parser: { syntax: 'typescript' } },
      module: { type: 'commonjs' },
    });
    await writeFile(file, code);
  }
}
