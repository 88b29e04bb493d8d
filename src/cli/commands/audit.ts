import type { Command } from 'commander';

import type { AuditReport } from '../../client.js';
import { EXIT_CODES } from '../../contract/index.js';

import type { Cli } from '../context.js';
import { UsageError } from '../errors.js';
import { readTextFile } from '../io.js';
import type { Output } from '../io.js';
import { toRunRef, runConnected, withPickOptions, withRunOptions } from '../options.js';
import type { PickOptions, RunOptions } from '../options.js';

/** Of these the history must hold nothing. */
const SECRET_VARIABLES = [
  'HUAWEICLOUD_SDK_SK',
  'HUAWEICLOUD_SDK_SECURITY_TOKEN',
  'TEMPORAL_API_KEY',
];

/** `audit INSTANCE|FILE`: whether what a run did, by its history, is what every run must do; works without a worker. */
export function addAuditCommand(program: Command, cli: Cli): void {
  const command = program
    .command('audit')
    .description(
      'check by its history whether a run kept every promise; an instance, or a saved history (.json); works without a worker',
    )
    .argument('<instance|file>', 'instance id, or a file that ends in .json');
  withRunOptions(withPickOptions(command)).action(
    (subject: string, options: RunOptions & PickOptions) => {
      const { env } = cli.io;
      const secrets = SECRET_VARIABLES.map((name) => env[name] ?? '').filter(
        (secret) => secret !== '',
      );
      if (!(subject as string | undefined)?.endsWith('.json'))
        return runConnected(
          cli,
          options,
          () => toRunRef(cli, subject, options),
          async ({ switchover: client }, output, ref) =>
            print(output, await client.audit(ref, { secrets })),
        );
      return cli.run(
        options,
        async () => toJson(subject, await readTextFile('The history', subject)),
        async (output, history) => {
          const { auditHistory } = await import('../../client.js');
          return print(output, await auditHistory(history, { env, secrets }));
        },
      );
    },
  );
}

function print(output: Output, report: AuditReport): number {
  output.data(report, format);
  return report.violations.length === 0 ? EXIT_CODES.success : EXIT_CODES.other;
}

function toJson(path: string, text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    throw new UsageError(`The history ${path}: is no JSON.`);
  }
}

function format({ runId, ended, outcome, violations, sentences }: AuditReport): string {
  const run = `Run ${runId} (${outcome ?? ended})`;
  if (violations.length === 0) return `${run} kept all ${sentences.length} promises.`;
  const lines = violations.map(({ name, sentence, found }) => `  ${name}: ${found}. ${sentence}`);
  return [`${run} broke ${violations.length} promise(s):`, ...lines].join('\n');
}
