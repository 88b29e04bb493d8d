/** What a switchover needs of Temporal, in the order in which it fails. */
import { command, withCommands } from '../domain/commands.js';
import { loadTemporalConfig } from '../temporal/config.js';
import type { TemporalConfig } from '../temporal/config.js';
import { connectTemporal } from '../temporal/connection.js';
import type { TemporalConnection } from '../temporal/connection.js';
import {
  CodecError,
  DataConverterError,
  loadDataConverter,
  probeCodec,
} from '../temporal/data-converter.js';
import { TemporalConfigError, TemporalUnreachableError } from '../temporal/errors.js';
import { messageOf } from '../util.js';

import { fail, ok, skip, warn, within } from './check.js';
import type { CheckFinding } from './check.js';
import { description, namesOf, readAttributes, removeCommand } from './setup.js';
import {
  checkFreeze,
  checkNamespace,
  checkPollers,
  checkServerVersion,
} from './temporal-service.js';

/**
 * Whether runs can be filtered in the UI. Missing attributes never stop a run; workers look which exist
 * only when they start.
 */
async function checkAttributes(connection: TemporalConnection): Promise<CheckFinding> {
  const id = 'search-attributes';
  const attributes = await readAttributes(connection);
  const wrong = attributes.filter(({ state }) => state === 'wrong-type');
  const missing = namesOf(attributes, 'missing');
  if (wrong.length > 0) {
    const seen = wrong.map(({ name, type }) => `${name} is of type ${type ?? '?'}`).join(', ');
    const remove = wrong.map(({ name }) => removeCommand(connection.namespace, name));
    return warn(
      id,
      `${seen}, and would have to be Keyword; runs go without`,
      withCommands(
        'Where nothing else uses it, run these, then restart the workers',
        ...remove,
        command(['setup']),
      ),
    );
  }
  if (missing.length > 0)
    return warn(
      id,
      `${description(missing)} not registered: runs go on, but cannot be filtered by it`,
      withCommands('Run this, then restart the workers', command(['setup'])),
    );
  return ok(id, `${description(namesOf(attributes, 'present'))} registered as Keyword`);
}

/** Longest time for one text there and back, in milliseconds. */
const PROBE_TIMEOUT_MS = 5_000;

const SOURCES = { module: 'the configured module', server: 'the codec server' } as const;

const FIX = 'Correct the codec as your workers have it; see docs/encryption.md.';

/** Whether the configured codec loads and gives back what it was given; workers do not start without. */
async function checkCodec(env: NodeJS.ProcessEnv, config: TemporalConfig): Promise<CheckFinding> {
  const id = 'codec';
  try {
    const loaded = loadDataConverter(env, config);
    if (loaded === undefined) return skip(id, 'not configured; payloads are stored in clear text');
    const source = SOURCES[loaded.codec];
    const probe = probeCodec(loaded.dataConverter, config.namespace);
    await within(PROBE_TIMEOUT_MS, source, probe);
    return ok(id, `${source} encodes and decodes`);
  } catch (error) {
    if (error instanceof DataConverterError)
      return fail(id, error.message, error.remedy, 'configuration');
    const isOut = error instanceof CodecError && error.kind === 'no-answer';
    const found = error instanceof Error ? error.message : 'failed without words';
    return fail(id, found, FIX, isOut ? 'unreachable' : 'other');
  }
}

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
): Promise<CheckFinding[]> {
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
): Promise<CheckFinding[]> {
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

function readConfig(env: NodeJS.ProcessEnv): TemporalConfig | CheckFinding {
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

function reached({ address, encryption }: TemporalConfig): CheckFinding {
  return ok('temporal-reachable', `${address} answers (${ENCRYPTION[encryption]})`);
}

function notReached(error: unknown, { address, encryption }: TemporalConfig): CheckFinding {
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
): Promise<CheckFinding[]> {
  const checks: readonly (() => Promise<CheckFinding>)[] = [
    () => checkServerVersion(connection, usesVersioning),
    () => checkNamespace(connection),
    () => checkAttributes(connection),
    () => checkPollers(connection, taskQueue),
    () => checkFreeze(connection),
  ];
  const findings: CheckFinding[] = [];
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
async function orFailure(id: string, check: () => Promise<CheckFinding>): Promise<CheckFinding> {
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

function skipRest(why: string, from = 0): CheckFinding[] {
  return RPC_CHECKS.slice(from).map((id) => skip(id, why));
}
