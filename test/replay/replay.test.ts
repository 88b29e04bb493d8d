/** Recorded histories of every outcome must replay on the workflow code as it is now. */
import { readFileSync, readdirSync } from 'node:fs';
import path from 'node:path';

import { beforeAll, describe, expect, test } from '@jest/globals';
import { Worker } from '@temporalio/worker';

import { OUTCOMES } from '../../src/contract/index.js';
import { workflowBundlePath } from '../../src/worker.js';

import { installQuietRuntime } from '../support/quiet-runtime.js';

const FOLDER = path.join(__dirname, 'histories');
const histories = readdirSync(FOLDER).filter((file) => file.endsWith('.json'));

/** All of them take seconds; a loaded machine gets the rest. */
const REPLAY_TIMEOUT_MS = 180_000;
const bundle = readFileSync(workflowBundlePath(), 'utf8');

interface RecordedHistory {
  readonly events: readonly {
    readonly workflowExecutionStartedEventAttributes?: { readonly workflowId?: string };
  }[];
}

function read(file: string) {
  const history = JSON.parse(readFileSync(path.join(FOLDER, file), 'utf8')) as RecordedHistory;
  const { workflowId = '' } = history.events[0]?.workflowExecutionStartedEventAttributes ?? {};
  return { history, workflowId };
}

async function replay(file: string, code: string): Promise<void> {
  const { history, workflowId } = read(file);
  await Worker.runReplayHistory({ workflowBundle: { code } }, history, workflowId);
}

/** Of a worker with traces; its spans are not looked at here. */
const SINKS = { exporter: { export: { fn: () => undefined } } };

/** Replays all in one worker, which takes seconds to make: the error of each file, if there was one. */
async function replayAll(
  files: readonly string[],
  code: string = bundle,
): Promise<ReadonlyMap<string, Error | undefined>> {
  const ends = new Map<string, Error | undefined>();
  const runs = Worker.runReplayHistories(
    { workflowBundle: { code }, sinks: SINKS },
    files.map(read),
  );
  for await (const { error } of runs) ends.set(files[ends.size] ?? '', error);
  return ends;
}

// The negative tests make the SDK warn as it should; a green run stays quiet.
beforeAll(installQuietRuntime);

describe('recorded histories', () => {
  test.each([...OUTCOMES, 'CANCELLED', 'VERIFY', 'ADOPT'])('there is one of %s', (outcome) => {
    const prefix = outcome.toLowerCase().replaceAll('_', '-');
    expect(histories.filter((file) => file.startsWith(prefix))).not.toHaveLength(0);
  });

  test.each([
    ...['completed-all-done', 'drill-completed', 'continued-completed', 'continued-partial'],
    ...['planned', 'partial-aborted', 'partial-approval-missing'],
    ...['partial-cancelled', 'partial-instances-not-done', 'invalid-input'],
  ])('there is one of a maintenance: %s', (name) => {
    expect(histories.filter((file) => file.startsWith(`maintenance-${name}`))).not.toHaveLength(0);
  });

  describe('as the workflow is now', () => {
    let ends: ReadonlyMap<string, Error | undefined>;
    beforeAll(async () => {
      ends = await replayAll(histories);
    }, REPLAY_TIMEOUT_MS);

    test.each(histories)('%s replays', (file) => {
      expect([...ends.keys()]).toContain(file);
      expect(ends.get(file)).toBeUndefined();
    });
  });

  test(
    'replay as well in a worker that has been asked for traces since',
    async () => {
      const code = readFileSync(workflowBundlePath({ hasTraces: true }), 'utf8');
      const ends = await replayAll(histories, code);
      expect([...ends].filter(([, error]) => error !== undefined)).toEqual([]);
      expect(ends.size).toBe(histories.length);
    },
    REPLAY_TIMEOUT_MS,
  );

  test.each([
    ['another activity', (code: string) => code.replaceAll('requestSwap', 'requestSwapNow')],
    [
      'a further activity',
      (code: string) =>
        code.replace(
          /await (\(0, [\w$.]+\.checkFor\)\(modeOf\(input\)\)\.preflight\(call\))/,
          'await $1, await $1',
        ),
    ],
  ])('a workflow with %s is caught', async (_, change) => {
    const changed = change(bundle);
    expect(changed).not.toBe(bundle);
    await expect(replay('succeeded-roles-changed.json', changed)).rejects.toThrow(/TMPRL1100/);
  });

  test('a maintenance that starts more at a time than it did is caught', async () => {
    const changed = bundle.replace(
      'canaryCount, maxFailures, timesOf }',
      'canaryCount, maxFailures, timesOf, maxConcurrent: 9 }',
    );
    expect(changed).not.toBe(bundle);
    await expect(replay('maintenance-partial-aborted.json', changed)).rejects.toThrow(/TMPRL1100/);
  });
});
