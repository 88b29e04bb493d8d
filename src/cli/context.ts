import type { ConnectedDcsSwitchover, ConnectOptions, Firing, SchedulesClient } from '../client.js';

import { describeError, inFields } from './errors.js';
import type { UsageError } from './errors.js';
import { inFlags } from './fields.js';
import type { CliIo } from './io.js';
import { USAGE_HINT, readAsked } from './mistakes.js';
import { createOutput, encoderOf } from './output.js';
import type { Output, OutputOptions } from './output.js';
import { waitFor } from './waiting.js';

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
    options: OutputOptions & { readonly file?: string },
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
    run: async ({ output: format, color, file }, read, act) => {
      const encode = await encoderOf(format);
      try {
        const asked = await readAsked(mistakes, read);
        setExitCode(await act(createOutput(io, encode, { color }), asked));
      } catch (error) {
        // What stands in a file has the names that it has there.
        const data = describeError(error, file === undefined ? inFlags : inFields);
        setExitCode(data.exitCode);
        // Where the answer is data, the reason is data as well: scripts read one stream.
        if (encode !== null) io.out(encode({ error: data }));
        createOutput(io, null, { color }).note(
          mistakes.length === 0 ? data.message : `error: ${data.message}\n${USAGE_HINT}`,
        );
      }
    },
  };
}

/** Connects to Temporal for as long as `act` takes, to the workers of a queue where one is named. */
export async function withClient<T>(
  { io, connect }: Cli,
  { taskQueue }: { readonly taskQueue?: string },
  act: (client: ConnectedDcsSwitchover) => Promise<T>,
): Promise<T> {
  const { env } = io;
  const client = await waitFor(io, 'Connecting to Temporal', () =>
    connect(taskQueue === undefined ? { env } : { env, taskQueue }),
  );
  try {
    return await act(client);
  } finally {
    await client.close();
  }
}
