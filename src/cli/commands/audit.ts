import type { Command } from 'commander';

import type { AuditReport } from '../../client.js';
import { EXIT_CODES } from '../../contract/index.js';

import type { Cli } from '../context.js';
import { UsageError } from '../errors.js';
import { readTextFile } from '../io.js';
import { toRunRef, runConnected, withPickOptions, withRunOptions } from '../options.js';
import type { PickOptions, RunOptions } from '../options.js';
import type { Output } from '../output.js';
import { countOf } from '../../domain/text.js';

/** Temporal ends a run whose history has 50 MiB; as JSON, its payloads in base64, that is up to twice as much. */
const MAX_HISTORY_BYTES = 100 * 1024 * 1024;

/** `audit INSTANCE|FILE`: whether what a run did, by its history, is what every run must do; works without a worker. */
export function addAuditCommand(program: Command, cli: Cli): void {
  const command = program
    .command('audit')
    .description(
      'check by its history whether a run kept every promise; an instance, or a saved history (.json); works without a worker',
    )
    .argument('<instance|file>', 'name or id of the instance, or a file that ends in .json');
  withRunOptions(withPickOptions(command)).action(
    (subject: string, options: RunOptions & PickOptions) => {
      const { env } = cli.io;
      if (!(subject as string | undefined)?.endsWith('.json'))
        return runConnected(
          cli,
          options,
          () => toRunRef(cli, subject, options),
          async ({ switchover: client }, output, ref) =>
            printAudit(output, await client.audit(ref, { secrets: await secretsOf(env) })),
        );
      return cli.run(
        options,
        async () => toJson(subject, await readTextFile('The history', subject, MAX_HISTORY_BYTES)),
        async (output, history) => {
          const { auditHistory } = await import('../../client.js');
          const secrets = await secretsOf(env);
          return printAudit(output, await auditHistory(history, { env, secrets }));
        },
      );
    },
  );
}

/** What the environment, and the files of Redis that it leads to, hold of which a history must hold nothing. */
export async function secretsOf(env: NodeJS.ProcessEnv): Promise<string[]> {
  const { SECRET_VARIABLES } = await import('../../config/credentials.js');
  const { WEBHOOK_VARIABLES } = await import('../../config/network.js');
  const { url, secret } = WEBHOOK_VARIABLES;
  const names = [...SECRET_VARIABLES, url, secret, 'TEMPORAL_API_KEY', 'TEMPORAL_CODEC_AUTH'];
  const values = names.map((name) => env[name] ?? '');
  const parts = [tokenOf(env['TEMPORAL_CODEC_AUTH'] ?? ''), ...pathsOf(env[url] ?? '')];
  return [...values, ...parts, ...(await passwordsOfRedis(env))].filter((each) => each !== '');
}

/** `Bearer TOKEN` may be shown without its first word. */
function tokenOf(header: string): string {
  return header.split(' ').at(-1) ?? '';
}

/** Shorter parts of a path are words that any text may hold. */
const SHORTEST_TOKEN = 12;

/** The whole path of a URL, and what of it may be a token by itself. */
function pathsOf(url: string): string[] {
  const path = URL.canParse(url) ? new URL(url).pathname.slice(1) : '';
  return [path, ...path.split('/')].filter(({ length }) => length >= SHORTEST_TOKEN);
}

/** None where the configuration, or a file that it names, is not here: a history may be judged anywhere. */
async function passwordsOfRedis(env: NodeJS.ProcessEnv): Promise<string[]> {
  if ((env['DCS_SWITCHOVER_CONFIG'] ?? '') === '') return [];
  const { loadWorkerConfig } = await import('../../config/index.js');
  const { readSecretFile } = await import('../../dcs/index.js');
  try {
    const entries = loadWorkerConfig(env).projects.flatMap(({ dataPlane }) => dataPlane);
    const files = new Set(entries.flatMap(({ passwordFile }) => passwordFile ?? []));
    return await Promise.all([...files].map((file) => readSecretFile(file).catch(() => '')));
  } catch {
    return [];
  }
}

/** Prints what was found; 0 where nothing was broken. */
export function printAudit(output: Output, found: AuditReport | readonly AuditReport[]): number {
  const reports = [found].flat();
  output.data(found, () => reports.map(format).join('\n'));
  const isKept = reports.every(({ violations }) => violations.length === 0);
  return isKept ? EXIT_CODES.success : EXIT_CODES.other;
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
  return [`${run} broke ${countOf(violations.length, 'promise')}:`, ...lines].join('\n');
}
