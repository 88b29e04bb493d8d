/**
 * A service that switches instances over for others, on a Temporal connection of its own.
 *
 *   POST /instances/{id}/switchovers  {"zone": "…", "requestId": "…"}  → 202 {"runId": "…"}
 *   GET  /instances/{id}/switchovers/{runId}                           → 200 the result, 202 not yet
 *
 * Temporal is found by TEMPORAL_ADDRESS, TEMPORAL_NAMESPACE and the other variables of its SDKs. Settings besides:
 * DCS_SWITCHOVER_TASK_QUEUE, HUAWEICLOUD_SDK_PROJECT_ID, PORT. Whoever reaches the port may switch: put a login before it.
 */
import { createServer } from 'node:http';
import type { IncomingMessage } from 'node:http';
import type { AddressInfo } from 'node:net';
import { json } from 'node:stream/consumers';

import { Client, Connection } from '@temporalio/client';
import { loadClientConnectConfig } from '@temporalio/envconfig';
import type { SwitchoverResult } from 'dcs-switchover';
import {
  AlreadyRunningError,
  InvalidInputError,
  RunCancelledError,
  NotFoundError,
  WaitTimedOutError,
  createDcsSwitchover,
} from 'dcs-switchover/client';
import type { SwitchoverClient } from 'dcs-switchover/client';

/** Below the time after which callers and proxies give up. */
const WAIT_MS = 25_000;

type Answer = readonly [status: number, body: object];

async function start(
  switchover: SwitchoverClient,
  projectId: string,
  instanceId: string,
  request: IncomingMessage,
): Promise<Answer> {
  const { zone, requestId } = (await json(request)) as { zone: string; requestId: string };
  const target = { availabilityZone: zone };
  // Safe to repeat: the same requestId finds the run that it started.
  const { runId } = await switchover.start({ projectId, instanceId, target, requestId });
  return [202, { runId }];
}

/** Who asked learns the verified state: 200 where the master is in the zone, 409 where it is not. */
function tell({ outcome, cause, message, checks }: SwitchoverResult): Answer {
  if (outcome === 'SUCCEEDED' || outcome === 'NOOP') return [200, { outcome, message }];
  if (outcome === 'REFUSED') {
    const failed = checks.filter(({ passed }) => passed === false);
    return [409, { outcome, message, failed: failed.map(({ id, remedy }) => ({ id, remedy })) }];
  }
  // UNKNOWN: no one may send this again before `dcs-switchover verify` has found out.
  return [409, { outcome, cause, message }];
}

/** One class of error per situation. */
function tellError(error: unknown): Answer {
  if (error instanceof WaitTimedOutError) return [202, { message: error.message }];
  if (error instanceof InvalidInputError) return [400, { problems: error.problems }];
  if (error instanceof NotFoundError) return [404, { message: error.message }];
  if (error instanceof AlreadyRunningError || error instanceof RunCancelledError)
    return [409, { message: error.message }];
  return [502, { message: error instanceof Error ? error.message : 'Something went wrong.' }];
}

async function main(): Promise<void> {
  const { env } = process;
  const projectId = env.HUAWEICLOUD_SDK_PROJECT_ID ?? '';
  // TLS and API key as well, where the variables name them.
  const { connectionOptions, namespace = 'default' } = loadClientConnectConfig();
  const connection = await Connection.connect(connectionOptions);
  const temporal = new Client({ connection, namespace });
  const taskQueue = env.DCS_SWITCHOVER_TASK_QUEUE ?? 'dcs-switchover';
  const { switchover } = createDcsSwitchover({ client: temporal, taskQueue });

  const answer = async (request: IncomingMessage): Promise<Answer> => {
    const route = /^\/instances\/([0-9a-f-]+)\/switchovers(?:\/([0-9a-f-]+))?$/;
    const [, instanceId = '', runId] = route.exec(request.url ?? '') ?? [];
    if (instanceId === '') return [404, { message: 'No such path.' }];
    if (request.method === 'POST') return start(switchover, projectId, instanceId, request);
    const ref = { projectId, instanceId, ...(runId === undefined ? {} : { runId }) };
    return tell(await switchover.result(ref, { timeoutMs: WAIT_MS }));
  };
  const server = createServer((request, response) => {
    void answer(request)
      .catch(tellError)
      .then(([status, body]) => {
        response.writeHead(status, { 'content-type': 'application/json' });
        response.end(JSON.stringify(body));
      });
  });
  server.listen(Number(env.PORT ?? 0), '127.0.0.1', () => {
    console.log(`http://127.0.0.1:${String((server.address() as AddressInfo).port)}`);
  });
}

void main();
