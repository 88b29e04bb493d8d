/** The examples of examples/, run as their users would: each in a process of its own, by its own tools. */
import { execFile, spawn } from 'node:child_process';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { createInterface } from 'node:readline';

import ts from 'typescript';

import { resolveTemporalCli } from '../../src/dev/index.js';
import type { LocalStack } from '../../src/dev/stack.js';

import { showed } from './shown.js';

const ROOT = path.join(__dirname, '../..');
const EXAMPLES = path.join(ROOT, 'examples');

/** A switchover takes seconds; a loaded machine gets the rest. */
const RUN_TIMEOUT_MS = 120_000;

/** How a caller ended. */
export interface CallerEnd {
  readonly exitCode: number;
  readonly stdout: string;
  readonly stderr: string;
}

/** Runs an example by its name in its language, with arguments. */
export type Caller = (example: string, args: readonly string[]) => Promise<CallerEnd>;

/** A language, and how its examples are run on a stack. */
export type Language = 'Python' | 'Go' | 'Temporal CLI' | 'TypeScript';

/** What the examples need is there: how to run those of each language. */
export interface Callers extends Readonly<Record<Language, (stack: LocalStack) => Caller>> {
  /** Where Python finds the modules. */
  readonly pythonPath: string;
}

/** Fetches and builds what the examples need; takes a minute where nothing is cached. */
export function prepareCallers(): Callers {
  // eslint-disable-next-line @typescript-eslint/no-require-imports -- a script, not a module
  const { prepareCallers: prepare } = require('../../scripts/prepare-callers.cjs') as {
    prepareCallers: () => { pythonPath: string; goBin: string };
  };
  const { pythonPath, goBin } = prepare();
  return {
    pythonPath,
    Python: (stack) => (example, args) =>
      runCaller(
        'python3',
        [path.join(EXAMPLES, 'python', `${example.replaceAll('-', '_')}.py`), ...args],
        { ...stack.clientEnv, ...pythonEnv(pythonPath) },
      ),
    Go: (stack) => (example, args) => runCaller(path.join(goBin, example), args, stack.clientEnv),
    'Temporal CLI': (stack) => async (example, args) => {
      const cli = await resolveTemporalCli();
      const searchPath = `${path.dirname(cli.path)}${path.delimiter}${process.env['PATH'] ?? ''}`;
      const script = path.join(EXAMPLES, 'temporal-cli', `${example}.sh`);
      return runCaller('sh', [script, ...args], { ...stack.clientEnv, PATH: searchPath });
    },
    TypeScript: (stack) => (example, args) =>
      runCaller(process.execPath, [transpile(example), ...args], stack.clientEnv),
  };
}

function pythonEnv(pythonPath: string): NodeJS.ProcessEnv {
  return { PYTHONPATH: pythonPath, PYTHONDONTWRITEBYTECODE: '1' };
}

function runCaller(
  file: string,
  args: readonly string[],
  env: NodeJS.ProcessEnv,
): Promise<CallerEnd> {
  return new Promise((resolve, reject) => {
    const options = { env, cwd: ROOT, timeout: RUN_TIMEOUT_MS, encoding: 'utf8' } as const;
    execFile(file, args, options, (error, stdout, stderr) => {
      const code = error === null ? 0 : error.code;
      if (typeof code === 'number') resolve(showed({ exitCode: code, stdout, stderr }));
      else reject(new Error(`${file} did not end by itself: ${stderr}`, { cause: error }));
    });
  });
}

/** A running example that does not end by itself. */
export interface Service {
  /** The first line that it prints. */
  readonly firstLine: Promise<string>;
  stop(): void;
}

/** Starts examples/typescript/service.ts; its first line is its address. */
export function startService(env: NodeJS.ProcessEnv): Service {
  return startExample(process.execPath, [transpile('service')], env);
}

/** Starts examples/python/hook_worker.py; its first line is the first switchover it is notified of. */
export function startHookWorker(
  env: NodeJS.ProcessEnv,
  pythonPath: string,
  taskQueue: string,
): Service {
  const args = [path.join(EXAMPLES, 'python/hook_worker.py'), taskQueue];
  return startExample('python3', args, { ...env, ...pythonEnv(pythonPath) });
}

function startExample(file: string, args: readonly string[], env: NodeJS.ProcessEnv): Service {
  const child = spawn(file, args, { env, stdio: ['ignore', 'pipe', 'inherit'] });
  const firstLine = new Promise<string>((resolve, reject) => {
    createInterface({ input: child.stdout }).once('line', resolve);
    child.once('exit', (code) => {
      reject(new Error(`${path.basename(args[0] ?? file)} ended with ${String(code)}`));
    });
  });
  // It may be stopped before anyone waits for its first line.
  firstLine.catch(() => undefined);
  return { firstLine, stop: () => child.kill('SIGKILL') };
}

/** An example as JavaScript, inside this package; its types are checked where the packed package is. */
function transpile(example: string): string {
  const source = readFileSync(path.join(EXAMPLES, 'typescript', `${example}.ts`), 'utf8');
  const compilerOptions = { module: ts.ModuleKind.CommonJS, target: ts.ScriptTarget.ES2022 };
  const { outputText } = ts.transpileModule(source, { compilerOptions });
  const folder = path.join(ROOT, '.cache/callers/typescript');
  mkdirSync(folder, { recursive: true });
  const file = path.join(folder, `${example}.js`);
  writeFileSync(file, outputText);
  return file;
}
