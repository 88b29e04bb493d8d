import type {
  ConnectOptions,
  ConnectedDcsSwitchover,
  ConnectedSwitchoverClient,
  Firing,
  SchedulesClient,
} from '../client.js';

import type { CliIo } from './io.js';
import { createOutput } from './output.js';
import type { Output } from './output.js';

/** What commands about plans, schedules and the freeze talk to. */
export type OperatorClient = Omit<ConnectedDcsSwitchover, 'switchover'>;

/** What every command is given. */
export interface Cli {
  readonly io: CliIo;
  /** Connects to Temporal; loads the client only when called. */
  readonly connect: (options: ConnectOptions) => Promise<ConnectedSwitchoverClient>;
  /** The same for plans, schedules and the freeze. */
  readonly connectOperator: (options: ConnectOptions) => Promise<OperatorClient>;
  /** Firings to come, by calculation; connects to nothing. @throws InvalidInputError */
  readonly previewSchedule: (
    ...args: Parameters<SchedulesClient['preview']>
  ) => Promise<readonly Firing[]>;
  /** Runs a command's action; its number is the exit code. */
  run(
    options: { readonly json?: boolean; readonly file?: string },
    action: (output: Output) => Promise<number>,
  ): Promise<void>;
}

/** The parts of a {@link Cli} that tests replace. @internal */
export type CliDeps = Pick<Cli, 'connect' | 'connectOperator' | 'previewSchedule'>;

/** Connects for real. */
export const CLI_DEPS: CliDeps = {
  connect: async (options) => {
    const { connectSwitchoverClient } = await import('../client.js');
    return connectSwitchoverClient(options);
  },
  connectOperator: async (options) => {
    const { connectDcsSwitchover } = await import('../client.js');
    return connectDcsSwitchover(options);
  },
  previewSchedule: async (input, options) => {
    const { previewFirings } = await import('../client/schedules/preview.js');
    return previewFirings(input, options);
  },
};

/** A {@link Cli} that hands the exit code of the chosen command to `setExitCode`. */
export function createCli(io: CliIo, deps: CliDeps, setExitCode: (code: number) => void): Cli {
  return {
    io,
    ...deps,
    run: async ({ json = false, file }, action) => {
      const { describeError } = await import('./errors.js');
      const { describeInFlags } = await import('./flag-problems.js');
      try {
        setExitCode(await action(createOutput(io, json)));
      } catch (error) {
        // What stands in a file has the names that it has there.
        const data = describeError(error, file === undefined ? describeInFlags : null);
        setExitCode(data.exitCode);
        // With --json the reason is data as well: scripts read one stream.
        if (json) io.out(`${JSON.stringify({ error: data })}\n`);
        createOutput(io, false).note(data.message);
      }
    },
  };
}
