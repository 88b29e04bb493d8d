/** The built command, writing to what takes nothing. */
import { spawn } from 'node:child_process';
import { open } from 'node:fs/promises';
import { join } from 'node:path';

import { expect, test } from '@jest/globals';

const CLI = join(__dirname, '../../dist/cli.js');

/** Device of Linux that fails every write as a full disk does. */
const FULL = '/dev/full';

function endOf(child: ReturnType<typeof spawn>): Promise<{ code: number | null; said: string }> {
  let said = '';
  child.stderr?.on('data', (chunk: Buffer) => (said += chunk.toString()));
  return new Promise((resolve, reject) => {
    child.on('error', reject);
    child.on('close', (code) => {
      resolve({ code, said });
    });
  });
}

test.each([[['--version']], [['setup', '--print']], [['plan', '--help']]])(
  'output of %j that a full disk does not take ends with exit 1 and a word',
  async (args) => {
    const full = await open(FULL, 'w');
    try {
      const child = spawn(process.execPath, [CLI, ...args], { stdio: ['ignore', full.fd, 'pipe'] });
      const { code, said } = await endOf(child);
      expect(said).toMatch(/ENOSPC|no space/i);
      expect(code).toBe(1);
    } finally {
      await full.close();
    }
  },
);

test('output that its reader no longer wants ends with exit 0 and no word', async () => {
  const child = spawn(process.execPath, [CLI, 'setup', '--print'], {
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  child.stdout.destroy();
  expect(await endOf(child)).toEqual({ code: 0, said: '' });
});
