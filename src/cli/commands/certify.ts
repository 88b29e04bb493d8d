import { setTimeout as pause } from 'node:timers/promises';

import type { Command } from 'commander';

import type { Leg, SwapSeen, Witness } from '../../certify/index.js';
import type { SwitchoverClient } from '../../client.js';
import { EXIT_CODE_BY_OUTCOME, EXIT_CODES } from '../../contract/index.js';
import type { SwitchoverInput, SwitchoverResult } from '../../contract/index.js';
import { command, withCommands } from '../../domain/commands.js';
import { onlyMaster } from '../../domain/identity.js';
import { describeInstance } from '../../domain/text.js';

import { trackSwap } from '../certify-tracker.js';
import type { Cli } from '../context.js';
import { DeclinedError, describeError, UsageError } from '../errors.js';
import { followRun, printResult } from '../follow.js';
import type { AwaitedRun, Follower } from '../follow.js';
import { formatCertificate } from '../format/certify.js';
import { formatResult, formatRoles } from '../format/run.js';
import { readOfInstance, resolveInApi } from '../instance-name.js';
import { findProject } from '../io.js';
import type { CliIo } from '../io.js';
import {
  checkIds,
  findRequester,
  runConnected,
  withRunOptions,
  withWaitOptions,
} from '../options.js';
import type { RunOptions, WaitOptions } from '../options.js';
import type { Output } from '../output.js';

/** Options of `certify`. */
type Options = RunOptions &
  WaitOptions & { readonly yesThisInstance?: string; readonly out: string; readonly by?: string };

const HELP = `
Switches the instance twice, by ordinary runs of a worker, and watches what the
API shows meanwhile. Every time clients are disconnected. For an instance that
no one would miss, and that no one else works on. Needs Temporal, a worker, and
in this terminal the credential of the worker.`;

/** `certify INSTANCE`: first contact with a live account, there and back, with the answers. */
export function addCertifyCommand(program: Command, cli: Cli): void {
  const certify = program
    .command('certify')
    .description('switch a throw-away instance there and back, and say how its API behaves')
    .argument('<instance>', 'name or id of the instance')
    .option('--yes-this-instance <name>', 'its name: do not ask for it')
    .option('--out <dir>', 'new folder for profile and bug report', 'dcs-certify')
    .option('--by <name>', 'requester (default: your user name)');
  withRunOptions(withWaitOptions(certify))
    .addHelpText('after', HELP)
    .action((instance: string, options: Options) =>
      runConnected(
        cli,
        options,
        () => readAsked(cli, instance, options),
        ({ switchover: client }, output, instanceId) =>
          certifyInstance({ ...{ io: cli.io, output, client, options }, instanceId }),
      ),
    );
}

function readAsked(cli: Cli, instance: string, options: Options): Promise<string> {
  if (options.yesThisInstance === undefined && !cli.io.isInteractive)
    throw new UsageError(
      'This switches the instance twice. Not a terminal, so it cannot ask for the name of the instance. ' +
        'Nothing was sent. Give it by --yes-this-instance to go ahead.',
    );
  const read = async (instanceId: string): Promise<string> => {
    await checkIds({ instanceId, projectId: findProject(cli.io, options) });
    return instanceId;
  };
  return readOfInstance(cli, instance, options, read, resolveInApi);
}

/** What all steps work with. */
interface Certifying {
  readonly io: CliIo;
  readonly output: Output;
  readonly client: Pick<SwitchoverClient, 'start' | 'result' | 'status'>;
  readonly options: Options;
  readonly instanceId: string;
}

async function certifyInstance(context: Certifying): Promise<number> {
  const { claimFolder, openWitness } = await import('../../certify/index.js');
  const { io, output, options, instanceId } = context;
  await claimFolder(options.out, '--out');
  const projectId = options.project ?? null;
  const witness = await openWitness({ env: io.env, projectId, instanceId });
  output.note('Reading what the API shows before a swap …');
  await witness.survey();
  if (!witness.canRead()) return explainUnread(context);
  const plan = await runOnce(context, inputOf(context, { mode: 'plan', toggle: true }));
  if (plan.result.outcome !== 'PLANNED') return printResult(output, plan.run, plan.result);
  await confirmName(context, plan.result);
  return switchThereAndBack(context, witness, plan.result);
}

function explainUnread({ output, instanceId }: Certifying): number {
  output.note(
    withCommands(
      'The instance cannot be read with the credential of this terminal. Nothing was sent. Find out why',
      command(['doctor'], {}, { instance: instanceId }),
    ),
  );
  return EXIT_CODES.other;
}

function inputOf(
  { io, instanceId, options }: Certifying,
  goal: Partial<SwitchoverInput>,
): SwitchoverInput {
  const requestedBy = findRequester(io, options);
  return {
    ...{ projectId: findProject(io, options) ?? '', instanceId, reason: 'certify' },
    ...(requestedBy === undefined ? {} : { requestedBy }),
    // The return follows at once.
    timing: { coolDownSeconds: 0 },
    ...goal,
  };
}

interface Ended {
  readonly run: AwaitedRun;
  readonly result: SwitchoverResult;
}

/** Starts a run and follows it. */
async function runOnce(context: Certifying, input: SwitchoverInput): Promise<Ended> {
  const run = await start(context, input);
  return { run, result: await followStarted(context, run, context.client) };
}

async function start({ client, options }: Certifying, input: SwitchoverInput): Promise<AwaitedRun> {
  return { ...(await client.start(input)), taskQueue: options.taskQueue };
}

/** @param follower looks at it in place of the client */
function followStarted(
  { io, output, options }: Certifying,
  run: AwaitedRun,
  follower: Follower,
): Promise<SwitchoverResult> {
  return followRun(io, output, follower, run, options.waitTimeout);
}

/** @throws UsageError for the wrong name in the option, DeclinedError for one that was typed */
async function confirmName(
  { io, output, options, instanceId }: Certifying,
  { before, instanceName = null }: SwitchoverResult,
): Promise<void> {
  const name = instanceName ?? instanceId;
  const given = options.yesThisInstance;
  if (given === name) return;
  if (given !== undefined)
    throw new UsageError(
      `The instance is named ${name}, not ${given}. Nothing was sent.`,
      '--yes-this-instance',
    );
  if (before !== null) output.note([formatRoles(before)]);
  const answer = await io.ask(
    `${describeInstance(instanceId, instanceName)} will be switched there and, after success, back: clients are ` +
      'disconnected twice, for up to 30 s each. It must be an instance that no one would miss. One reading with an ' +
      'invented key is made as well.\nType its name to go ahead:',
  );
  if (answer.trim() !== name)
    throw new DeclinedError('Not switched: that is not its name. Nothing was sent.');
}

async function switchThereAndBack(
  context: Certifying,
  witness: Witness,
  plan: SwitchoverResult,
): Promise<number> {
  const legs: EndedLeg[] = [];
  const ended = await goThereAndBack(context, witness, legs, plan).catch((error: unknown) => {
    if (legs.length === 0) throw error;
    return { error };
  });
  // A run that was started cannot be made again: what it has answered is kept, however it was waited for.
  if (!('error' in ended)) await witness.finish();
  await report(context, witness, legs);
  if (!('error' in ended)) return EXIT_CODE_BY_OUTCOME[ended.outcome];
  const { message, exitCode } = describeError(ended.error);
  context.output.note(message);
  return exitCode;
}

/** @returns the result of the last run. @param legs gets what was seen */
async function goThereAndBack(
  context: Certifying,
  witness: Witness,
  legs: EndedLeg[],
  { before }: SwitchoverResult,
): Promise<SwitchoverResult> {
  const there = await switchOnce(context, witness, legs, { leg: 'there', roles: before });
  return there.outcome === 'SUCCEEDED'
    ? switchOnce(context, witness, legs, { leg: 'back', roles: there.after })
    : there;
}

/** A run, and what was seen of its swap. */
interface EndedLeg {
  readonly run: AwaitedRun;
  readonly swap: SwapSeen;
}

/** Where a leg begins. */
interface LegPlan {
  readonly leg: Leg;
  readonly roles: SwitchoverResult['before'];
}

/**
 * One ordinary run that demotes the master that was seen, watched.
 *
 * @param legs gets what was seen of it, however waiting for it ends
 */
async function switchOnce(
  context: Certifying,
  witness: Witness,
  legs: EndedLeg[],
  { leg, roles }: LegPlan,
): Promise<SwitchoverResult> {
  const expectedMasterNodeId = roles === null ? null : (onlyMaster(roles)?.nodeId ?? null);
  const tracker = trackSwap(witness.nowMs);
  const watched = witness.watch(leg, tracker.progress);
  const keep = (run: AwaitedRun, result: SwitchoverResult | null): void => {
    legs.push({ run, swap: { leg, ...tracker.seen(result) } });
  };
  let run: AwaitedRun | null = null;
  try {
    const probe = witness.project.dataPlane.length > 0 ? 'if-possible' : 'off';
    const input = inputOf(context, { mode: 'switch', expectedMasterNodeId, probe });
    run = await start(context, input);
    const result = await followStarted(context, run, tracker.watching(context.client));
    tracker.ended(result.jobIds);
    await waitForRest(context.output, watched);
    keep(run, result);
    if (result.outcome !== 'SUCCEEDED') context.output.note(formatResult(result, run));
    return result;
  } catch (error) {
    if (run !== null) keep(run, null);
    if (legs.length > 0) context.output.note('Stopped; writing what was answered so far …');
    tracker.abandon();
    await watched;
    throw error;
  }
}

/** No one should wonder for longer what is waited for, in milliseconds. */
const SILENCE_MS = 2_000;

async function waitForRest(output: Output, watched: Promise<void>): Promise<void> {
  const isDone = await Promise.race([watched.then(() => true), pause(SILENCE_MS, false)]);
  if (!isDone) output.note('The run has ended; waiting up to 30 s for what the API shows late …');
  await watched;
}

async function report(
  { output, options, instanceId }: Certifying,
  witness: Witness,
  legs: readonly EndedLeg[],
): Promise<void> {
  const { answersOf, writeFindings } = await import('../../certify/index.js');
  const seen = witness.observations(legs.map(({ swap }) => swap));
  const { projectId } = witness.project;
  const answers = answersOf(seen);
  const written = await writeFindings(options.out, seen, { projectId, answers });
  const swaps = legs.map(({ swap: { leg, outcome, cause }, run }) => ({
    ...{ leg, outcome, cause, runId: run.runId },
  }));
  output.data({ projectId, instanceId, swaps, answers, written }, formatCertificate);
}
