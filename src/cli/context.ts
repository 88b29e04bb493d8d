import type { ConnectedDcsSwitchover, ConnectOptions, Firing, SchedulesClient } from '../client.js';

import { describeError, inFields } from './errors.js';
import type { UsageError } from './errors.js';
import { inFlags } from './fields.js';
import { createOutput } from './io.js';
import type { CliIo, Output } from './io.js';
import { USAGE_HINT, readAsked } from './mistakes.js';

/** What every command is given. */
export interface Cli {
  readonly io: CliIo;
  /** Connects to Temporal; loads the client only when called. */
  readonly connect: (options: ConnectOptions) => Promise<ConnectedDcsSwitchover>;
  /** Firings to come, by calculation; connects to nothing. @throws InvalidInputError */
  readonly previewSchedule: (
    ...args: Parameters<SchedulesClient['preview']>
  ) => Promise<readonly Firing[]>;
  /**
   * Runs a command: reads and checks what is asked, and only where nothing at all is wrong with the command line does it.
   *
   * @param read opens nothing and starts nothing; what it throws is reported together with the mistakes of the options
   * @param act its number is the exit code
   */
  run<T>(
    options: { readonly json?: boolean; readonly file?: string },
    read: () => T | Promise<T>,
    act: (output: Output, asked: T) => Promise<number>,
  ): Promise<void>;
}

/** The parts of a {@link Cli} that tests replace. @internal */
export type CliDeps = Pick<Cli, 'connect' | 'previewSchedule'>;

/** Connects for real. */
export const CLI_DEPS: CliDeps = {
  connect: async (options) => {
    const { connectDcsSwitchover } = await import('../client.js');
    return connectDcsSwitchover(options);
  },
  previewSchedule: async (input, options) => {
    const { previewFirings } = await import('../client.js');
    return previewFirings(input, options);
  },
};

/**
 * A {@link Cli} that hands the exit code of the chosen command to `setExitCode`.
 *
 * @param mistakes what is wrong with the options of the chosen command, once that is known
 */
export function createCli(
  io: CliIo,
  deps: CliDeps,
  setExitCode: (code: number) => void,
  mistakes: readonly UsageError[] = [],
): Cli {
  return {
    io,
    ...deps,
    run: async ({ json = false, file }, read, act) => {
      try {
        const asked = await readAsked(mistakes, read);
        setExitCode(await act(createOutput(io, json), asked));
      } catch (error) {
        // What stands in a file has the names that it has there.
        const data = describeError(error, file === undefined ? inFlags : inFields);
        setExitCode(data.exitCode);
        // With --json the reason is data as well: scripts read one stream.
        if (json) io.out(`${JSON.stringify({ error: data })}\n`);
        createOutput(io, false).note(
          mistakes.length === 0 ? data.message : `error: ${data.message}\n${USAGE_HINT}`,
        );
      }
    },
  };
}
