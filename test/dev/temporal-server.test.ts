import { readFile } from 'node:fs/promises';
import path from 'node:path';

import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';

import { resolveTemporalCli, startTemporalServer } from '../../src/dev/index.js';
import { pickFreePorts } from '../../src/free-ports.js';
import { createFakeMachine } from './fakes.js';
import type { FakeMachine } from './fakes.js';

let machine: FakeMachine;

beforeEach(async () => {
  machine = await createFakeMachine();
});

afterEach(() => machine.remove());

/** A CLI that notes each start as a server and then does what the script says. */
const addCli = (script: string): Promise<string> => {
  const answerVersion = '[ "$1" = --version ] && echo temporal version 1.9.1 && exit 0';
  const noteStart = `echo "$*" >> ${startsFile()}`;
  return machine.addProgram('temporal', [answerVersion, noteStart, script].join('\n'));
};
const startsFile = (): string => path.join(machine.root, 'starts');
const readStarts = async (): Promise<string[]> =>
  (await readFile(startsFile(), 'utf8')).trim().split('\n');

describe('startTemporalServer, where the dev server does not start', () => {
  it('tries other ports when someone took the first ones', async () => {
    await addCli('echo "bind: address already in use" >&2; exit 1');
    await expect(startTemporalServer({ env: machine.env })).rejects.toThrow(/already in use/);

    const starts = await readStarts();
    expect(starts).toHaveLength(3);
    expect(new Set(starts).size).toBe(3);
  });

  it('starts another one in place of one that lives and never answers', async () => {
    const { path: realCli } = await resolveTemporalCli();
    await addCli(
      `[ $(wc -l < ${startsFile()}) = 1 ] && echo up && exec sleep 600\nexec ${realCli} "$@"`,
    );
    const server = await startTemporalServer({ env: machine.env });
    await server.stop();

    expect(await readStarts()).toHaveLength(2);
  });

  it('reports any other reason at once', async () => {
    await addCli('echo "unknown flag" >&2; exit 1');
    await expect(startTemporalServer({ env: machine.env })).rejects.toThrow(
      /ended with 1: unknown flag/,
    );
    expect(await readStarts()).toHaveLength(1);
  });

  it('binds to loopback, headless unless asked, with our search attributes unless not', async () => {
    await addCli('exit 1');
    const { env } = machine;
    await startTemporalServer({ env }).catch(() => undefined);
    await startTemporalServer({ env, ui: true, searchAttributes: false }).catch(() => undefined);

    const [first, second] = await readStarts();
    expect(first).toMatch(/^server start-dev --ip 127\.0\.0\.1 --port \d+ .*--headless/);
    expect(first).toMatch(/DcsInstanceId=Keyword .*DcsStatus=Keyword .*DcsMaintenanceId=Keyword$/);
    expect(second).toMatch(/--ui-port \d+$/);
  });
});

describe('startTemporalServer with TEMPORAL_ADDRESS', () => {
  it('does not start another server when that one is down', async () => {
    await addCli('exit 1');
    const [port] = await pickFreePorts(1);
    const env = { ...machine.env, TEMPORAL_ADDRESS: `127.0.0.1:${port ?? 0}` };

    await expect(startTemporalServer({ env })).rejects.toThrow(
      /The Temporal server of TEMPORAL_ADDRESS=127\.0\.0\.1:\d+ does not answer/,
    );
    await expect(readStarts()).rejects.toThrow(/ENOENT/);
  });
});
