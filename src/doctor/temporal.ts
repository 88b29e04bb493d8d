/** What a switchover needs of Temporal, in the order in which it fails. */
import { connectTemporal } from '../temporal/connection.js';
import type { TemporalConnection } from '../temporal/connection.js';
import { TemporalConfigError, TemporalUnreachableError } from '../client/errors.js';
import { loadTemporalConfig } from '../temporal/config.js';
import type { TemporalConfig } from '../temporal/config.js';
import { DataConverterError } from '../data-converter/index.js';
import { fail, ok, skip } from './check.js';
import type { Finding } from './check.js';

import { checkCodec } from '../diagnostics/temporal/codec.js';
import { checkNamespace, checkServerVersion } from '../diagnostics/temporal/server.js';
import { checkAttributes } from '../diagnostics/temporal/attributes.js';
import { checkFreeze } from '../diagnostics/temporal/freeze.js';
import { checkPollers } from './temporal-service.js';

/** What the checks of Temporal look for, beside its address. */
export interface TemporalExpectations {
  readonly taskQueue: string;
  /** Whether the configuration asks for worker versioning, which newer servers have. */
  readonly usesVersioning: boolean;
}

const RPC_CHECKS = [
  'temporal-version',
  'temporal-namespace',
  'search-attributes',
  'workers',
  'freeze',
] as const;

/** All checks of Temporal; never throws. */
export async function checkTemporal(
  env: NodeJS.ProcessEnv,
  expectations: TemporalExpectations,
): Promise<Finding[]> {
  const config = readConfig(env);
  if ('status' in config)
    return [config, skip('codec', NOT_CONFIGURED), ...skipRest(NOT_CONFIGURED)];
  const codec = await checkCodec(env, config);
  return [...(await checkServer(env, config, expectations)), codec];
}

const NOT_CONFIGURED = 'Temporal is not configured';

async function checkServer(
  env: NodeJS.ProcessEnv,
  config: TemporalConfig,
  expectations: TemporalExpectations,
): Promise<Finding[]> {
  try {
    // None of these calls carries a payload, and a broken module must not hide what they find.
    const connection = await connectTemporal({ ...env, DCS_SWITCHOVER_DATA_CONVERTER: '' });
    try {
      return [reached(config), ...(await checkConnected(connection, expectations))];
    } finally {
      await connection.close();
    }
  } catch (error) {
    if (error instanceof DataConverterError)
      return ['temporal-reachable', ...RPC_CHECKS].map((id) => skip(id, 'see the codec'));
    return [notReached(error, config), ...skipRest('Temporal is not reached')];
  }
}

function readConfig(env: NodeJS.ProcessEnv): TemporalConfig | Finding {
  try {
    return loadTemporalConfig(env);
  } catch (error) {
    if (!(error instanceof TemporalConfigError)) throw error;
    return fail('temporal-reachable', error.message, error.remedy, 'configuration');
  }
}

const ENCRYPTION: Record<TemporalConfig['encryption'], string> = {
  none: 'plain text',
  tls: 'TLS',
  'mutual-tls': 'TLS with a client certificate',
};

function reached({ address, encryption }: TemporalConfig): Finding {
  return ok('temporal-reachable', `${address} answers (${ENCRYPTION[encryption]})`);
}

function notReached(error: unknown, { address, encryption }: TemporalConfig): Finding {
  const found = `${address} (${ENCRYPTION[encryption]}): ${messageOf(error)}`;
  const remedy =
    error instanceof TemporalUnreachableError
      ? error.remedy
      : 'Check TEMPORAL_ADDRESS and the TEMPORAL_TLS variables.';
  return fail('temporal-reachable', found, remedy, 'unreachable');
}

/** In this order, until the server no longer answers or the namespace cannot be used. */
async function checkConnected(
  connection: TemporalConnection,
  { taskQueue, usesVersioning }: TemporalExpectations,
): Promise<Finding[]> {
  const checks: readonly (() => Promise<Finding>)[] = [
    () => checkServerVersion(connection, usesVersioning),
    () => checkNamespace(connection),
    () => checkAttributes(connection),
    () => checkPollers(connection, taskQueue),
    () => checkFreeze(connection),
  ];
  const findings: Finding[] = [];
  for (const [index, check] of checks.entries()) {
    const id = RPC_CHECKS[index] ?? '';
    const finding = await orFailure(id, check);
    findings.push(finding);
    if (finding.kind === 'unreachable' || (id === 'temporal-namespace' && finding.kind !== null))
      return [...findings, ...skipRest('see above', index + 1)];
  }
  return findings;
}

/** One failing call must not hide what the others find. */
async function orFailure(id: string, check: () => Promise<Finding>): Promise<Finding> {
  try {
    return await check();
  } catch (error) {
    const isUnreachable =
      error instanceof TemporalUnreachableError && error.kind !== 'namespace-not-found';
    const remedy =
      error instanceof TemporalUnreachableError
        ? error.remedy
        : 'Check what these credentials may do in the namespace.';
    return fail(id, messageOf(error), remedy, isUnreachable ? 'unreachable' : 'other');
  }
}

function skipRest(why: string, from = 0): Finding[] {
  return RPC_CHECKS.slice(from).map((id) => skip(id, why));
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
