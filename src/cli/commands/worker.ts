import type { Command } from 'commander';

import type { Cli } from '../context.js';

/** `worker`: runs a worker until SIGTERM; JSON logs on stderr. */
export function addWorkerCommand(program: Command, cli: Cli): void {
  program
    .command('worker')
    .description('run a worker until SIGTERM or SIGINT; JSON logs on stderr')
    .option(
      '--task-queue <name>',
      'its queue (default: DCS_SWITCHOVER_TASK_QUEUE, else dcs-switchover)',
    )
    .addHelpText('after', '\nAll else is configured by the environment; see docs/configuration.md.')
    .action(({ taskQueue }: { readonly taskQueue?: string }) =>
      cli.run(
        {},
        () => (taskQueue === undefined ? {} : { DCS_SWITCHOVER_TASK_QUEUE: taskQueue }),
        async (_, queue) => {
          endWithParent();
          const { runWorker } = await import('../../worker.js');
          await runWorker({ env: { ...cli.io.env, ...queue } });
          return 0;
        },
      ),
    );
}

/** A worker that was started with a channel to its parent (`dev`, tests) must not outlive it. */
function endWithParent(): void {
  if (process.channel === undefined) return;
  process.channel.unref();
  process.once('disconnect', () => {
    process.kill(process.pid, 'SIGTERM');
  });
}
