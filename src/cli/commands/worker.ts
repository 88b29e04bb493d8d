import type { Command } from 'commander';

import type { Cli } from '../cli.js';

/** `worker`: runs a worker until SIGTERM; JSON logs on stderr. */
export function addWorkerCommand(program: Command, cli: Cli): void {
  program
    .command('worker')
    .description('run a worker until SIGTERM or SIGINT; JSON logs on stderr')
    .addHelpText('after', '\nConfigured by the environment alone; see docs/configuration.md.')
    .action(() =>
      cli.run({}, async () => {
        endWithParent();
        const { runWorker } = await import('../../worker/index.js');
        await runWorker({ env: cli.io.env });
        return 0;
      }),
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
