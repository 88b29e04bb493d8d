import type { StartedRun } from '../client.js';
import { EXIT_CODES, EXIT_CODE_BY_OUTCOME } from '../contract/index.js';
import type { SwitchoverInput, SwitchoverResult } from '../contract/index.js';
import type { LocalStack } from '../dev/stack.js';
import { dataPlaneFacts } from '../domain/data-plane-text.js';
import type { SimulatedInstance } from '../simulator/index.js';

import type { Cli } from './context.js';
import { followRun } from './follow.js';
import { formatResult } from './format/run.js';
import { fields } from './format/page.js';
import type { Field, Page } from './format/page.js';
import { SHORT_ID, table } from './format/table.js';
import type { Output } from './output.js';

type RedisRoles = Awaited<ReturnType<SimulatedInstance['redisRoles']>>;

interface DemoReport {
  readonly result: SwitchoverResult;
  readonly run: StartedRun;
  /** As reported by each Redis itself, not of the API; `isReal` is false where roles are kept in memory. */
  readonly redis: {
    readonly isReal: boolean;
    readonly before: RedisRoles;
    readonly after: RedisRoles;
  };
  /** What the simulator counted, not what the worker says. */
  readonly puts: number;
  /** Of the run; `null` where it could not be opened any more. */
  readonly uiUrl: string | null;
}

/** Runs one switchover on a stack and shows what came of it, from every side. */
export async function runDemo(
  { io, connect }: Cli,
  output: Output,
  stack: LocalStack,
  {
    isKept,
  }: {
    /** Whether the stack outlives the demo, so that its Web UI can be opened. */
    readonly isKept: boolean;
  },
): Promise<number> {
  const [instance] = stack.simulator.instances;
  if (instance === undefined) throw new Error('The simulator serves no instance.');
  const { switchover, close } = await connect({ env: stack.clientEnv });
  try {
    const before = await instance.redisRoles();
    const input = demoInput(stack, instance, io.userName());
    // An answer from this very machine would be there before a measurement is ready to see the PUT.
    for (const route of READINGS)
      stack.simulator.faults.add({ route, instanceId: instance.instanceId, delayMs: ANSWER_MS });
    output.note(`Switching ${instance.name} over …`);
    const run = await switchover.start(input);
    const result = await followRun(io, output, switchover, run);
    const report: DemoReport = {
      result,
      run,
      redis: { isReal: stack.redisSource !== null, before, after: await instance.redisRoles() },
      puts: stack.simulator.ledger.puts(instance.instanceId).length,
      uiUrl: isKept ? runUrl(stack, run) : null,
    };
    output.data(report, formatReport);
    return exitCodeOf(result);
  } finally {
    await close();
  }
}

/** What the last look before a PUT reads, answered about as slowly as by a service that is not on this machine. */
const READINGS = ['listGroups', 'showInstance', 'listTasks'] as const;
const ANSWER_MS = 400;

/** The master shall move to where the first replica is. */
function demoInput(
  { simulator, redisSource }: LocalStack,
  instance: SimulatedInstance,
  userName: string | null,
): SwitchoverInput {
  const replica = instance.roles().find(({ role }) => role !== 'master');
  if (replica === undefined) throw new Error('The instance of the simulator has no replica.');
  return {
    projectId: simulator.projectId,
    instanceId: instance.instanceId,
    target: { availabilityZone: replica.availabilityZone },
    reason: 'demo',
    requestedBy: userName,
    ...(redisSource === null ? {} : { probe: 'require' }),
  };
}

function runUrl({ temporal }: LocalStack, { workflowId, runId }: StartedRun): string | null {
  if (temporal.uiUrl === null) return null;
  const parts = ['namespaces', temporal.namespace, 'workflows', workflowId, runId];
  return [temporal.uiUrl, ...parts.map(encodeURIComponent)].join('/');
}

function formatReport({ result, run, redis, puts, uiUrl }: DemoReport): Page {
  const roleAfter = (nodeId: string): string =>
    redis.after.find((node) => node.nodeId === nodeId)?.role ?? '-';
  const whose = redis.isReal
    ? 'Roles as Redis reports them (ROLE):'
    : 'Roles in the memory of the simulator (no Redis):';
  const { dataPlane } = result;
  const facts = dataPlane === undefined ? [] : dataPlaneFacts(dataPlane);
  // The witness's word stands above.
  const lanes = facts.filter(([about]) => about !== 'Redis');
  return [
    ...formatResult(result, run),
    table(
      [
        { title: 'NODE', rank: 1, cell: ({ nodeId }) => nodeId, ...SHORT_ID },
        { title: 'BEFORE', rank: 0, cell: ({ role }) => role },
        { title: 'AFTER', rank: 0, cell: ({ nodeId }) => roleAfter(nodeId) },
      ],
      redis.before,
      whose,
    ),
    fields(['PUTs counted by the simulator', String(puts)], ['in the Web UI', uiUrl]),
    ...(lanes.length === 0
      ? []
      : [fields(...lanes.map(([about, text]): Field => [`a client's ${about}`, text]))]),
  ];
}

/** A demo that did not switch has failed, whatever else it ended as. */
function exitCodeOf({ outcome }: SwitchoverResult): number {
  if (outcome === 'SUCCEEDED') return EXIT_CODES.success;
  return Math.max(EXIT_CODE_BY_OUTCOME[outcome], EXIT_CODES.other);
}
