import { afterAll, beforeAll } from '@jest/globals';
import { TestWorkflowEnvironment } from '@temporalio/testing';

import { resolveTimeSkippingServer, startTemporalServer } from '../../src/dev/index.js';
import type { TemporalServer, TemporalServerOptions } from '../../src/dev/index.js';

/** Fetching everything on a slow line takes minutes; once cached, a server is up within a second. */
const START_TIMEOUT_MS = 600_000;

/**
 * Gives the test file that calls it a Temporal server of its own (or that of `TEMPORAL_ADDRESS`), from
 * before its first test to after its last.
 *
 * @returns a getter, for use inside tests and hooks.
 * @throws PartUnavailableError, in `beforeAll`, where no server can be had: no suite is ever skipped.
 */
export function useTemporalServer(options?: TemporalServerOptions): () => TemporalServer {
  return useResource(
    'Temporal server',
    () => startTemporalServer(options),
    (server) => server.stop(),
  );
}

/**
 * Gives the test file that calls it a time-skipping test server with clients. One clock per server:
 * time moves on only while a test waits for a result and no activity runs.
 *
 * @returns a getter, for use inside tests and hooks.
 * @throws PartUnavailableError, in `beforeAll`, where no such server can be had.
 */
export function useTimeSkippingServer(): () => TestWorkflowEnvironment {
  return useResource('time-skipping server', startTimeSkippingServer, (environment) =>
    environment.teardown(),
  );
}

async function startTimeSkippingServer(): Promise<TestWorkflowEnvironment> {
  const { path } = await resolveTimeSkippingServer();
  const executable = { type: 'existing-path', path } as const;
  return TestWorkflowEnvironment.createTimeSkipping({ server: { executable } });
}

function useResource<T>(
  label: string,
  start: () => Promise<T>,
  stop: (resource: T) => Promise<void>,
): () => T {
  let resource: T | undefined;
  beforeAll(async () => {
    resource = await start();
  }, START_TIMEOUT_MS);
  afterAll(async () => {
    if (resource !== undefined) await stop(resource);
  });
  return () => {
    if (resource === undefined) throw new Error(`The ${label} runs only inside tests and hooks.`);
    return resource;
  };
}
