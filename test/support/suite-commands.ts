/** The end of an end-to-end suite: the commands that it has shown have to work as they stand there. */
import path from 'node:path';

import { expect } from '@jest/globals';
import { historyToJSON } from '@temporalio/common/lib/proto-utils';

import { JUDGED_SUITES, SHOWN_BY } from './printed-elsewhere.js';
import { judgeCommands, printedCommands } from './printed.js';
import type { Surroundings } from './printed.js';
import { decodePayloads } from './rig.js';
import type { Rig } from './rig.js';
import { showed, shownTexts } from './shown.js';

interface Run {
  readonly workflowId: string;
  readonly runId: string;
  readonly taskQueue: string;
}

declare global {
  /** Set by the environment of the suites: whether only some tests of the suite run. */
  var isFilteredSuite: boolean | undefined;
}

/** Judges all commands that the suite has shown, those in the histories of its runs as well. */
export async function expectCommandsToWork(rig: Rig): Promise<void> {
  const suite = path.basename(expect.getState().testPath ?? '', '.test.ts');
  if (!JUDGED_SUITES.includes(suite)) return;
  const runs = await listRuns(rig);
  for (const { workflowId, runId } of runs) {
    const handle = rig.temporal.workflow.getHandle(workflowId, runId);
    showed(decodePayloads(JSON.parse(historyToJSON(await handle.fetchHistory()))));
  }
  const texts = shownTexts();
  expect(await judgeCommands(texts, surroundingsOf(rig, runs))).toEqual([]);
  const own = Object.values(SHOWN_BY).filter(([shownBy]) => shownBy === suite);
  const isShown = ([, words]: (typeof own)[number]): boolean =>
    texts.some((text) => text.includes(words) && printedCommands(text).length > 0);
  if (globalThis.isFilteredSuite !== true) expect(own.filter((each) => !isShown(each))).toEqual([]);
}

async function listRuns({ temporal }: Rig): Promise<readonly Run[]> {
  const runs: Run[] = [];
  for await (const { workflowId, runId, taskQueue } of temporal.workflow.list())
    runs.push({ workflowId, runId, taskQueue });
  return runs;
}

function surroundingsOf({ simulator }: Rig, runs: readonly Run[]): Surroundings {
  const queuesOf = new Map<string, Set<string>>();
  const partsOf = ({ workflowId }: Run): readonly string[] => workflowId.split(':');
  for (const run of runs) {
    const [, , instanceId = ''] = partsOf(run);
    queuesOf.set(instanceId, (queuesOf.get(instanceId) ?? new Set()).add(run.taskQueue));
  }
  const ownIds = simulator.instances.map(({ instanceId }) => instanceId);
  return {
    queuesOf,
    projectIds: new Set([simulator.projectId, ...runs.map((run) => partsOf(run)[1] ?? '')]),
    instanceIds: new Set([...ownIds, ...queuesOf.keys()]),
    runIds: new Set(runs.map(({ runId }) => runId)),
    workflowIds: new Set(runs.map(({ workflowId }) => workflowId)),
  };
}
