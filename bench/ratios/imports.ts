import { execFile } from 'node:child_process';
import path from 'node:path';
import { promisify } from 'node:util';

import { measurePairs } from '../support/stats.js';

import { toFigure } from './figure.js';
import type { Figure } from './figure.js';

const ROUNDS = 12;
const ROOT = path.join(__dirname, '../..');

const SCRIPT = `
const startedAt = performance.now();
require(process.argv[1]);
const ms = performance.now() - startedAt;
process.report.excludeNetwork = true;
const native = process.report.getReport().sharedObjects.filter((file) => file.endsWith('.node'));
process.stdout.write(JSON.stringify({ ms, native }));
`;

interface Import {
  readonly ms: number;
  readonly native: readonly string[];
}

/** Time of `require` in a fresh process: of the client's entry point, against the worker's. */
export async function measureImports(): Promise<readonly Figure[]> {
  const native = { client: new Set<string>(), worker: new Set<string>() };
  const measure = async (entry: 'client' | 'worker'): Promise<number> => {
    const { ms, native: files } = await importOnce(`dcs-switchover/${entry}`);
    for (const file of files) native[entry].add(path.basename(file));
    return ms;
  };
  const pairs = await measurePairs(
    ROUNDS,
    () => measure('client'),
    () => measure('worker'),
  );
  const [client, worker] = [native.client.size, native.worker.size];
  return [
    toFigure('import of `./client`; of `./worker`', pairs, 'ms', { maxRatio: 0.6, digits: 0 }),
    {
      what: 'native modules loaded by `./client`; by `./worker`',
      ours: String(client),
      theirs: String(worker),
      ratio: '–',
      aim: { text: '0', isMet: client === 0 },
    },
  ];
}

async function importOnce(entry: string): Promise<Import> {
  const { stdout } = await promisify(execFile)(process.execPath, ['-e', SCRIPT, entry], {
    cwd: ROOT,
  });
  return JSON.parse(stdout) as Import;
}
