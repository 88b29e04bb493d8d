import { describe, expect, it } from '@jest/globals';

import { runBounded } from '../../src/dev/run.js';
import { pickFreePorts } from '../../src/free-ports.js';

const sh = (script: string, timeoutMs = 10_000): Promise<string> =>
  runBounded('/bin/sh', ['-c', script], { env: { PATH: '/usr/bin:/bin' }, timeoutMs });

describe('runBounded', () => {
  it('gives what was printed to either stream', async () => {
    const output = await sh('echo out; echo err >&2');
    expect(output.split('\n').sort()).toEqual(['', 'err', 'out']);
  });

  it('keeps the end of a long output', async () => {
    const output = await sh('yes noise | head -n 5000; echo the end');
    expect(output.length).toBeLessThanOrEqual(4_000);
    expect(output).toMatch(/the end\n$/);
  });

  it.each([
    ['echo why >&2; exit 4', 'exit code 4: why'],
    ['exit 4', 'exit code 4'],
    ['kill -9 $$', 'killed by SIGKILL'],
  ])('gives the reason of a failing "%s"', async (script, reason) => {
    await expect(sh(script)).rejects.toThrow(new Error(reason));
  });

  it('does not wait for a grandchild that holds the pipes', async () => {
    const startedAt = Date.now();
    await expect(sh('sleep 60; true', 200)).rejects.toThrow('did not end within 0.2 s');
    expect(Date.now() - startedAt).toBeLessThan(30_000);
  });

  it('says when the program cannot be started', async () => {
    await expect(runBounded('/nowhere/x', [], { env: {}, timeoutMs: 1_000 })).rejects.toThrow(
      /ENOENT/,
    );
  });
});

describe('pickFreePorts', () => {
  it('gives different ports', async () => {
    const ports = await pickFreePorts(20);
    expect(new Set(ports).size).toBe(20);
    expect(ports.every((port) => port > 0)).toBe(true);
  });
});
