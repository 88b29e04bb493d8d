/**
 * Simulated accounts, each a project with credentials of its own, for tests of one worker that serves
 * them all. A run is judged by its account's ledger, and everything that people can read of it is
 * searched for secrets.
 */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';

import { afterAll, expect } from '@jest/globals';
import { historyToJSON } from '@temporalio/common/lib/proto-utils';

import { runCli } from '../../src/cli/program.js';
import { createDcsSwitchover } from '../../src/client.js';
import { makeSwitchoverWorkflowId } from '../../src/contract/index.js';
import type { SwitchoverInput, SwitchoverResult } from '../../src/contract/index.js';
import { startSimulator } from '../../src/simulator/index.js';
import type {
  CallRecord,
  SimulatedInstance,
  Simulator,
  SimulatorOptions,
} from '../../src/simulator/index.js';
import { createFakeIo } from '../cli/support/fake-io.js';

import { FAST, RPC_TIMEOUT_MS } from './rig.js';
import type { Rig } from './rig.js';

/** A run that has ended, and what its account saw of it. */
export interface AccountEnd {
  readonly outcome: string;
  readonly message: string;
  readonly result: SwitchoverResult;
  /** Arrivals of the PUT. */
  readonly puts: readonly CallRecord[];
  readonly hasMoved: boolean;
}

/** A run that has been started. */
export interface AccountRun {
  readonly instance: SimulatedInstance;
  readonly runId: string;
  readonly end: () => Promise<AccountEnd>;
}

/** How a run differs from a plain one. */
export interface RunOptions {
  /** @default a fresh one */
  readonly instance?: SimulatedInstance;
  /** Scripts faults before the run starts. */
  readonly prepare?: (instance: SimulatedInstance) => void;
  /** @default the rig's */
  readonly taskQueue?: string;
  readonly timing?: SwitchoverInput['timing'];
}

/** Starts a run. */
export type StartRun = (simulator: Simulator, options?: RunOptions) => Promise<AccountRun>;

/** What belongs to the accounts of a test file. */
export interface Accounts {
  /** Starts a simulator that ends with the file; its first secrets are remembered. */
  readonly open: (options?: SimulatorOptions) => Promise<Simulator>;
  /** Writes a file with this content, readable by the worker, and gives its path. */
  readonly file: (name: string, content: string) => string;
  readonly start: StartRun;
  /** The worker's log goes here. */
  readonly log: (line: string) => void;
  /** Further texts that no one may read anywhere. */
  readonly secret: (...texts: readonly string[]) => void;
}

/**
 * Short times; long enough for a run that is held while its credential ends. What a busy machine needs until then must
 * not be the patience with which the PUT is sent again.
 */
const TIMING = { ...FAST, jobTimeoutSeconds: 30, busyWaitSeconds: 120 };

/** Opens the accounts of a test file. */
export function useAccounts(rig: () => Rig): Accounts {
  const folder = mkdtempSync(path.join(tmpdir(), 'dcs-switchover-account-'));
  const simulators: Simulator[] = [];
  const secrets = new Set<string>();
  const logs: string[] = [];
  afterAll(async () => {
    await Promise.all(simulators.map((simulator) => simulator.close()));
    rmSync(folder, { recursive: true });
  });
  const secret = (...texts: readonly string[]): void => {
    for (const text of texts) secrets.add(text);
  };
  const expectNoSecret = (texts: readonly string[]): void => {
    for (const text of [...logs, ...texts]) {
      // Tokens and temporary keys of the simulator begin like this.
      expect(text).not.toMatch(/SIMTOKEN|SIM[0-9A-F]{18}|canonicalRequest|SDK-HMAC-SHA256/);
      for (const each of secrets) expect(text.includes(each)).toBe(false);
    }
  };
  return {
    secret,
    log: (line) => logs.push(line),
    open: async (options = {}) => {
      const timing = { jobInitMs: 100, jobRunMs: 900 };
      const clockOffsetMs = rig().clocks.apiMs;
      const simulator = await startSimulator({ instances: [], timing, clockOffsetMs, ...options });
      simulators.push(simulator);
      secret(simulator.accessKey, simulator.secretKey, simulator.account.password);
      return simulator;
    },
    file: (name, content) => {
      const file = path.join(folder, name);
      writeFileSync(file, content);
      return file;
    },
    start: async (simulator, { prepare, ...options } = {}) => {
      const instance = options.instance ?? (await simulator.addInstance({}));
      const masterBefore = instance.masterNodeId();
      prepare?.(instance);
      const { temporal, stack } = rig();
      const taskQueue = options.taskQueue ?? stack.taskQueue;
      const { switchover: client } = createDcsSwitchover({
        ...{ client: temporal, taskQueue, rpcTimeoutMs: RPC_TIMEOUT_MS },
      });
      const { projectId } = simulator;
      const { instanceId } = instance;
      const ref = { projectId, instanceId };
      const timing = { ...TIMING, ...options.timing };
      const { runId } = await client.start({ ...ref, toggle: true, timing });
      const end = async (): Promise<AccountEnd> => {
        const result = await client.result({ ...ref, mode: 'switch', runId });
        expectNoSecret([
          JSON.stringify(result),
          await historyText(rig(), ref, runId),
          ...(await cliTexts(rig(), ref, runId)),
        ]);
        const puts = simulator.ledger.puts(instanceId);
        const { outcome, message } = result;
        const hasMoved = instance.masterNodeId() !== masterBefore;
        // At most one accepted swap and its return leg, whatever happens to the account.
        const accepted = puts.filter(({ executed }) => executed).length;
        expect(accepted).toBeLessThanOrEqual(outcome === 'COMPENSATED' ? 2 : 1);
        if (hasMoved) expect(accepted).toBe(1);
        if (outcome === 'REFUSED') expect(puts).toHaveLength(0);
        return { outcome, message, result, puts, hasMoved };
      };
      return { instance, runId, end };
    },
  };
}

interface Ref {
  readonly projectId: string;
  readonly instanceId: string;
}

async function historyText({ temporal }: Rig, ref: Ref, runId: string): Promise<string> {
  const handle = temporal.workflow.getHandle(makeSwitchoverWorkflowId(ref), runId);
  const text = historyToJSON(await handle.fetchHistory());
  const payloads = [...text.matchAll(/"data":\s*"([^"]+)"/g)].map(([, data = '']) =>
    Buffer.from(data, 'base64').toString(),
  );
  return [text, ...payloads].join('\n');
}

/** What the command prints of the run, for people and for programs. */
async function cliTexts({ stack, temporal }: Rig, ref: Ref, runId: string): Promise<string[]> {
  const env = {
    TEMPORAL_ADDRESS: stack.temporal.address,
    TEMPORAL_NAMESPACE: temporal.options.namespace,
    HUAWEICLOUD_SDK_PROJECT_ID: ref.projectId,
  };
  const print = async (...args: readonly string[]): Promise<string> => {
    const io = createFakeIo({ env });
    await runCli(args, io);
    return `${io.stdout()}${io.stderr()}`;
  };
  const run = [ref.instanceId, '--run', runId];
  return Promise.all([
    print('wait', ...run),
    print('wait', ...run, '-o', 'json'),
    print('status', ...run),
  ]);
}
