import { spawn } from 'node:child_process';

/** Enough for any version line or pip's last words; what comes before is dropped. */
const KEPT_OUTPUT_CHARS = 4_000;
const REASON_CHARS = 300;

/** Options of {@link runBounded}. */
export interface RunOptions {
  /** Environment of the child, complete. */
  readonly env: NodeJS.ProcessEnv;
  /** The child is killed after this time. */
  readonly timeoutMs: number;
}

/**
 * Runs a program to its end and gives what it printed (stdout and stderr, the last 4,000 characters).
 *
 * @throws Error whose message is a short reason: not startable, exit code with the last line printed,
 * or still running after `timeoutMs` (then it is killed).
 */
export function runBounded(
  file: string,
  args: readonly string[],
  { env, timeoutMs }: RunOptions,
): Promise<string> {
  return new Promise((resolve, reject) => {
    const child = spawn(file, args, { env, stdio: ['ignore', 'pipe', 'pipe'] });
    let output = '';
    for (const stream of [child.stdout, child.stderr]) {
      stream.setEncoding('utf8').on('data', (text: string) => {
        output = (output + text).slice(-KEPT_OUTPUT_CHARS);
      });
    }
    const timer = setTimeout(() => {
      child.kill('SIGKILL');
      // A grandchild may hold the pipes open: let go of them, or 'close' would wait for it.
      child.stdout.destroy();
      child.stderr.destroy();
      reject(new Error(`did not end within ${timeoutMs / 1_000} s`));
    }, timeoutMs);
    child.once('error', (error) => {
      clearTimeout(timer);
      reject(error);
    });
    child.once('close', (code, signal) => {
      clearTimeout(timer);
      if (code === 0) resolve(output);
      else reject(new Error(describeEnd(code, signal, output)));
    });
  });
}

function describeEnd(code: number | null, signal: string | null, output: string): string {
  const ending = code === null ? `killed by ${signal ?? 'a signal'}` : `exit code ${code}`;
  const lastLine = output.trim().split('\n').at(-1)?.trim().slice(0, REASON_CHARS) ?? '';
  return lastLine === '' ? ending : `${ending}: ${lastLine}`;
}
