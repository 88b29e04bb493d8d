/** How many questions an instance with many earlier runs costs, counted at the client of Temporal's service. */
import { describe, expect, test } from '@jest/globals';
import { ApplicationFailure } from '@temporalio/client';
import type { Client } from '@temporalio/client';
import {
  DefaultFailureConverter,
  defaultPayloadConverter,
  defaultFailureConverter,
} from '@temporalio/common';
import { MockActivityEnvironment } from '@temporalio/testing';

import type { ActivityDeps } from '../../src/activities/deps.js';
import { readEarlierRuns } from '../../src/activities/earlier-runs.js';
import { prepareResolution } from '../../src/activities/examination.js';
import { findEarlierRequest } from '../../src/client/switchover/start.js';
import { SWITCHOVER_WORKFLOW_TYPE } from '../../src/contract/index.js';
import type { Outcome } from '../../src/contract/index.js';
import type { RunHistoryFacts } from '../../src/domain/facts.js';
import type { ClientContext } from '../../src/temporal/rpc.js';
import { INSTANCE_ID, PROJECT_ID, requestOf } from '../domain/support.js';

const OWN = 'own-run';
const REF = { projectId: PROJECT_ID, instanceId: INSTANCE_ID };

/** By the numbers of the service's enumeration. */
const STATUS = { running: 1, completed: 2, failed: 3 } as const;

/** One earlier run. */
interface Past {
  readonly outcome: Outcome;
  readonly historyLength: number;
}

const COMPLETING: readonly Outcome[] = ['SUCCEEDED', 'NOOP'];

/** A client that lists the asking run and these before it, latest first, and counts what it is asked. */
function clientOf(past: readonly Past[]) {
  const asked: string[] = [];
  const open = { now: 0, most: 0 };
  const answer = async <T>(operation: string, value: T): Promise<T> => {
    asked.push(operation);
    open.now += 1;
    open.most = Math.max(open.most, open.now);
    await new Promise((resolve) => setTimeout(resolve, 1));
    open.now -= 1;
    return value;
  };
  const executions = [
    {
      execution: { runId: OWN },
      startTime: { seconds: 2_000_000, nanos: 0 },
      ...{ status: STATUS.running, type: { name: SWITCHOVER_WORKFLOW_TYPE }, historyLength: 0 },
    },
    ...past.map(({ outcome, historyLength }, index) => ({
      execution: { runId: `past-${index}` },
      startTime: { seconds: 1_000_000 - index, nanos: 0 },
      status: COMPLETING.includes(outcome) ? STATUS.completed : STATUS.failed,
      ...{ type: { name: SWITCHOVER_WORKFLOW_TYPE }, historyLength },
    })),
  ];
  const eventOf = ({ outcome }: Past) => {
    const reported = { outcome, mode: 'switch', requestId: null, swapsSent: 0 };
    if (COMPLETING.includes(outcome)) {
      const result = { payloads: [defaultPayloadConverter.toPayload(reported)] };
      return { workflowExecutionCompletedEventAttributes: { result } };
    }
    const failure = defaultFailureConverter.errorToFailure(
      ApplicationFailure.nonRetryable('it failed', outcome, reported),
      defaultPayloadConverter,
    );
    return { workflowExecutionFailedEventAttributes: { failure } };
  };
  const client = {
    options: {
      namespace: 'default',
      loadedDataConverter: {
        payloadConverter: defaultPayloadConverter,
        failureConverter: new DefaultFailureConverter(),
        payloadCodecs: [],
      },
    },
    withDeadline: (_: number, call: () => Promise<unknown>) => call(),
    workflowService: {
      listWorkflowExecutions: () => answer('list', { executions, nextPageToken: new Uint8Array() }),
      getWorkflowExecutionHistory: ({ execution }: { execution: { runId: string } }) => {
        const run = past[Number(execution.runId.replace('past-', ''))];
        if (run === undefined) throw new Error(`no one should ask for ${execution.runId}`);
        return answer('history', { history: { events: [eventOf(run)] } });
      },
    },
  } as unknown as Client;
  return { client, asked, mostAtOnce: () => open.most };
}

const many = (count: number, past: Past): Past[] => Array.from({ length: count }, () => past);

/** As the pre-check leaves one. */
const REFUSED: Past = { outcome: 'REFUSED', historyLength: 13 };
/** Refused right before its PUT, after waiting for a quota. */
const REFUSED_LATE: Past = { outcome: 'REFUSED', historyLength: 60 };
const SUCCEEDED: Past = { outcome: 'SUCCEEDED', historyLength: 31 };

const look = (client: Client, requestId: string | null = null): Promise<RunHistoryFacts> =>
  new MockActivityEnvironment().run(() =>
    readEarlierRuns(client, REF, { ownRunId: OWN, requestId }),
  );

describe('290 runs that their pre-check refused', () => {
  const refused = many(290, REFUSED);

  test('cost a start one question, with a request id as well', async () => {
    for (const requestId of [null, 'r-1']) {
      const { client, asked } = clientOf(refused);
      await expect(look(client, requestId)).resolves.toEqual({
        ...{ closed: [], openRunId: null, sameRequest: null },
      });
      expect(asked).toEqual(['list']);
    }
  });

  test('cost four where a run that has switched lies behind them, and a request id is looked for', async () => {
    const { client, asked } = clientOf([...refused, SUCCEEDED]);
    const { closed } = await look(client, 'r-1');
    expect(closed).toMatchObject([{ runId: 'past-290', outcome: 'SUCCEEDED' }]);
    expect(asked.length).toBeLessThanOrEqual(4);
  });

  test('cost the client one before it starts', async () => {
    const { client, asked } = clientOf(refused);
    const context: ClientContext = { client, taskQueue: 'q', rpcTimeoutMs: 1_000 };
    await expect(findEarlierRequest(context, REF, 'r-1')).resolves.toBeNull();
    expect(asked).toEqual(['list']);
  });

  test('cost a resolution one', async () => {
    const { client, asked } = clientOf(refused);
    expect(await resolve(client)).toMatchObject({ verdict: 'resolved', warnings: [] });
    expect(asked).toEqual(['list']);
  });
});

describe('290 runs that were refused right before their PUT', () => {
  test('cost two questions each at the most, several at a time', async () => {
    const { client, asked, mostAtOnce } = clientOf([...many(290, REFUSED_LATE), SUCCEEDED]);
    await look(client, 'r-1');
    expect(asked.length).toBeLessThanOrEqual(1 + 2 * 291);
    expect(mostAtOnce()).toBeLessThanOrEqual(16);
    expect(mostAtOnce()).toBeGreaterThan(1);
  });

  test('cost no second reading where twice as many lie before', async () => {
    const [one, two] = [clientOf(many(145, REFUSED_LATE)), clientOf(many(290, REFUSED_LATE))];
    await look(one.client, 'r-1');
    await look(two.client, 'r-1');
    expect(two.asked.length - 1).toBe(2 * (one.asked.length - 1));
  });
});

describe('more than 300 runs that were refused right before their PUT', () => {
  const IN_DOUBT: Past = { outcome: 'UNKNOWN', historyLength: 40 };

  test.each([
    ['one that succeeded', SUCCEEDED],
    ['one unresolved', IN_DOUBT],
  ])('lead back to %s all the same', async (_, decides) => {
    const { client } = clientOf([...many(700, REFUSED_LATE), decides]);
    const { closed } = await look(client);
    expect(closed).toHaveLength(701);
    expect(closed.at(-1)).toMatchObject({ runId: 'past-700', outcome: decides.outcome });
  });

  test('leave nothing unresolved where no run came before them', async () => {
    await expect(look(clientOf(many(301, REFUSED_LATE)).client)).resolves.toMatchObject({
      ...{ openRunId: null, sameRequest: null },
    });
  });
});

test('a list that is full of refused runs does not say that none before them is unresolved', async () => {
  const { client } = clientOf(many(9_999, REFUSED));
  await expect(look(client)).rejects.toThrow(/last 10000 runs were refused or only looked/);
});

const resolve = (client: Client) => {
  const deps = { temporal: client, searchAttributes: [] } as unknown as ActivityDeps;
  const call = { runId: OWN } as Parameters<typeof prepareResolution>[2];
  const request = requestOf({ mode: 'resolve' });
  return new MockActivityEnvironment().run(() => prepareResolution(deps, request, call));
};

test('a resolution is recorded where no earlier run can be read', async () => {
  const { client } = clientOf(many(3, REFUSED_LATE));
  const { options } = client;
  const mute = {
    options,
    withDeadline: () => Promise.reject(new Error('no answer')),
  } as unknown as Client;
  expect(await resolve(mute)).toMatchObject({
    verdict: 'resolved',
    warnings: [expect.stringContaining('could not be read in time')],
  });
});
