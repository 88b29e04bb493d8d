/** The end of an end-to-end suite: the commands that it has shown have to work as they stand there. */
import path from 'node:path';

import { expect } from '@jest/globals';
import { historyToJSON } from '@temporalio/common/lib/proto-utils';

import { listBy } from '../../src/temporal/run-list.js';
import type { NamedRun } from '../../src/temporal/run-list.js';

import { SHOWN_BY } from './printed-elsewhere.js';
import { judgeCommands, printedCommands } from './printed.js';
import type { Surroundings } from './printed.js';
import { decodePayloads } from './rig.js';
import type { Rig } from './rig.js';
import { showed, shownTexts } from './shown.js';

declare global {
  /** Set by the environment of the suites: whether only some tests of the suite run. */
  var isFilteredSuite: boolean | undefined;
}

/** What of a rig its commands are judged by. */
interface Shown {
  /** See `Surroundings`. */
  readonly env?: NodeJS.ProcessEnv;
  readonly temporal: Rig['temporal'];
  readonly simulator: {
    readonly projectId: string;
    readonly instances: readonly { readonly instanceId: string }[];
  };
}

/** Judges all commands that the suite has shown, those in the histories of its runs as well. */
export async function expectCommandsToWork(rig: Shown): Promise<void> {
  const runs = await listBy(rig.temporal, '', Infinity);
  for (const { workflowId, runId } of runs) {
    const handle = rig.temporal.workflow.getHandle(workflowId, runId);
    showed(decodePayloads(JSON.parse(historyToJSON(await handle.fetchHistory()))));
  }
  const suite = path.basename(expect.getState().testPath ?? '', '.test.ts');
  const texts = shownTexts();
  expect(await judgeCommands(texts, surroundingsOf(rig, runs))).toEqual([]);
  const own = SHOWN_BY.filter(([, shownBy]) => shownBy === suite);
  const isShown = ([, , words]: (typeof own)[number]): boolean =>
    texts.some((text) => text.includes(words) && printedCommands(text).length > 0);
  if (globalThis.isFilteredSuite !== true) expect(own.filter((each) => !isShown(each))).toEqual([]);
}

/** What the suite has, with all rigs so far: its texts are kept together. */
const known = {
  queuesOf: new Map<string, Set<string>>(),
  ...{ projectIds: new Set<string>(), instanceIds: new Set<string>() },
  ...{ runIds: new Set<string>(), workflowIds: new Set<string>() },
};

function surroundingsOf({ simulator, env = {} }: Shown, runs: readonly NamedRun[]): Surroundings {
  const { queuesOf, projectIds, instanceIds, runIds, workflowIds } = known;
  projectIds.add(simulator.projectId);
  for (const { instanceId } of simulator.instances) instanceIds.add(instanceId);
  for (const { workflowId, runId, taskQueue = '' } of runs) {
    const [, projectId = '', instanceId = ''] = workflowId.split(':');
    queuesOf.set(instanceId, (queuesOf.get(instanceId) ?? new Set()).add(taskQueue));
    projectIds.add(projectId);
    instanceIds.add(instanceId);
    runIds.add(runId);
    workflowIds.add(workflowId);
  }
  return { ...known, env };
}
