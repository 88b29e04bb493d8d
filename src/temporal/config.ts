/**
 * How to reach Temporal, from the standard `TEMPORAL_*` variables and the profile file. Pure loading
 * and checking: opens no connection, so client, command and worker share it.
 */
import { existsSync, statSync } from 'node:fs';

import type { TLSConfig } from '@temporalio/client';
import { loadClientConfigProfile, toClientOptions } from '@temporalio/envconfig';
import type { ClientConfigProfile } from '@temporalio/envconfig';
import { tomlLoadClientConfigProfile } from '@temporalio/envconfig/lib/envconfig-toml';

import type { RemoteCodecSettings } from './data-converter.js';

import { isRecord, messageOf } from '../util.js';

import { TemporalConfigError } from './errors.js';

/** Temporal's own default. */
const DEFAULT_ADDRESS = 'localhost:7233';
const DEFAULT_NAMESPACE = 'default';

/** `host`, `host:port` or `[ipv6]:port`; a URL is a frequent mistake. */
const ADDRESS = /^(?:\[(?<ipv6>[0-9a-fA-F:.]+)\]|(?<host>[^\s:/[\]]+))(?::\d{1,5})?$/;
const LOOPBACK =
  /^(?:localhost|(?:.+\.)?localhost|127(?:\.\d{1,3}){3}|::1|::ffff:127(?:\.\d{1,3}){3})$/i;

/** What both the client's and the worker's connection understand. */
interface TemporalConnectionOptions {
  readonly address: string;
  readonly tls?: TLSConfig | boolean;
  readonly apiKey?: string;
  readonly metadata?: Record<string, string>;
}

/** A checked connection configuration. Holds secrets: log only the other fields. */
export interface TemporalConfig {
  readonly address: string;
  readonly namespace: string;
  readonly encryption: 'none' | 'tls' | 'mutual-tls';
  /** Whether the server is on this machine. */
  readonly isLoopback: boolean;
  readonly connectionOptions: TemporalConnectionOptions;
  /** The codec server that the configuration names; see `loadDataConverter`. */
  readonly codec: RemoteCodecSettings | null;
}

/**
 * Reads the connection configuration, environment before file.
 *
 * Stricter than the library where it would go astray in silence: a named file that is missing, a
 * `TEMPORAL_TLS` that is neither true nor false, half a certificate pair. An empty variable counts as
 * absent. Plain text to another machine has to be asked for by name (`TEMPORAL_TLS=false`, or
 * `disabled = true` in the file), and never carries an API key.
 *
 * @throws TemporalConfigError naming the setting and the remedy
 */
export function loadTemporalConfig(env: NodeJS.ProcessEnv): TemporalConfig {
  const variables = presentVariables(env);
  checkVariables(variables);
  const source = sourceOf(variables);
  const profile = loadProfile(source);
  checkCertificatePair(profile);
  const { connectionOptions, namespace = DEFAULT_NAMESPACE } = readFiles(profile);
  const codec = codecOf(source);
  checkHeaders(connectionOptions, codec);
  const address = connectionOptions.address ?? DEFAULT_ADDRESS;
  const isLoopback = LOOPBACK.test(hostOf(address));
  if (!isLoopback) checkPlainText(address, connectionOptions);
  return {
    address,
    namespace,
    encryption: encryptionOf(connectionOptions.tls),
    isLoopback,
    connectionOptions: { ...connectionOptions, address },
    codec,
  };
}

/** The library reads the codec's settings, but its profile leaves them out. */
function codecOf(source: ConfigSource): RemoteCodecSettings | null {
  const { codec } = tomlLoadClientConfigProfile(source);
  if (codec?.endpoint !== undefined) return { endpoint: codec.endpoint, auth: codec.auth ?? null };
  if (codec?.auth === undefined) return null;
  throw new TemporalConfigError(
    'TEMPORAL_CODEC_AUTH',
    'is set, but TEMPORAL_CODEC_ENDPOINT is not: payloads would stay readable',
    'Set both, or neither.',
  );
}

/**
 * Empty `TEMPORAL_GRPC_META_*` variables stay: there, empty means "remove". A line break at the end, as a mounted
 * secret often has, is not part of a value.
 */
function presentVariables(env: NodeJS.ProcessEnv): Record<string, string> {
  const entries = Object.entries(env).flatMap(([name, value]) =>
    value === undefined ? [] : [[name, value.replace(/(?<![\r\n])[\r\n]+$/, '')] as const],
  );
  return Object.fromEntries(
    entries.filter(([name, value]) => value !== '' || name.startsWith('TEMPORAL_GRPC_META_')),
  );
}

/** What the library reads: the environment and a file, or the environment alone. */
interface ConfigSource {
  readonly overrideEnvVars: Record<string, string>;
  readonly disableFile?: boolean;
}

/**
 * A default file that cannot be reached, such as below a home that this user may not enter, is as good as none.
 * A file that is named has to be readable.
 */
function sourceOf(env: Record<string, string>): ConfigSource {
  const source = { overrideEnvVars: env };
  try {
    tomlLoadClientConfigProfile(source);
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    const isUnreachable = typeof code === 'string' && UNREACHABLE_FILE.includes(code);
    const file = env['TEMPORAL_CONFIG_FILE'];
    if (isUnreachable && file === undefined) return { ...source, disableFile: true };
    if (isUnreachable)
      throw new TemporalConfigError(
        'TEMPORAL_CONFIG_FILE',
        `names a file that cannot be read (${file ?? ''}: ${code})`,
        'Give this user permission to read it, or correct the path.',
      );
  }
  return source;
}

const UNREACHABLE_FILE = ['EACCES', 'EPERM', 'ENOTDIR', 'EISDIR', 'ELOOP', 'ENAMETOOLONG'];

/** What cannot travel as a header: the call would wait for an answer that never comes. */
const isNoHeader = (value: string): boolean =>
  /\p{Cc}/u.test(value) || Buffer.from(value, 'latin1').toString('latin1') !== value;

/** @throws TemporalConfigError naming the setting, never its value */
function checkHeaders(
  { apiKey, metadata = {} }: LoadedOptions['connectionOptions'],
  codec: RemoteCodecSettings | null,
): void {
  const settings = Object.entries(metadata).map(
    ([name, value]) => [`TEMPORAL_GRPC_META_${name.toUpperCase()}`, value] as const,
  );
  const keys = [
    ['TEMPORAL_API_KEY', apiKey ?? ''],
    ['TEMPORAL_CODEC_AUTH', codec?.auth ?? ''],
  ] as const;
  for (const [setting, value] of [...keys, ...settings])
    if (isNoHeader(value))
      throw new TemporalConfigError(
        setting,
        'holds a line break or another character that no header can carry',
        'Correct it, in the environment or in the Temporal configuration file.',
      );
}

function checkVariables(env: Record<string, string>): void {
  const file = env['TEMPORAL_CONFIG_FILE'];
  if (file !== undefined && !existsSync(file))
    throw new TemporalConfigError(
      'TEMPORAL_CONFIG_FILE',
      `names a file that does not exist (${file})`,
      'Correct the path, or unset the variable.',
    );
  const problem = file === undefined ? null : fileProblem(file);
  if (problem !== null)
    throw new TemporalConfigError(
      'TEMPORAL_CONFIG_FILE',
      `${problem} (${file ?? ''})`,
      'Correct the path.',
    );
  const tls = env['TEMPORAL_TLS'];
  if (tls !== undefined && !['true', '1', 'false', '0'].includes(tls))
    throw new TemporalConfigError(
      'TEMPORAL_TLS',
      'is neither true nor false',
      'Write TEMPORAL_TLS=true or TEMPORAL_TLS=false.',
    );
}

/** Larger is no configuration, no certificate and no key, in bytes. */
const MAX_FILE_BYTES = 1_048_576;

/** The library reads whatever is there to its end; a device has none, and a pipe would hold the start up for ever. */
function fileProblem(file: string): string | null {
  const stats = statSync(file, { throwIfNoEntry: false });
  if (stats === undefined || stats.isDirectory()) return null;
  if (!stats.isFile()) return 'names something that is no file';
  return stats.size > MAX_FILE_BYTES ? 'names a file that is too large' : null;
}

function loadProfile(source: ConfigSource): ClientConfigProfile {
  try {
    const profile = loadClientConfigProfile(source);
    checkTypes(profile);
    return profile;
  } catch (error) {
    throw new TemporalConfigError(
      source.overrideEnvVars['TEMPORAL_CONFIG_FILE'] === undefined
        ? 'temporal.toml'
        : 'TEMPORAL_CONFIG_FILE',
      `cannot be used: ${firstLine(error)}`,
      'It needs a table [profile.default], or the one that TEMPORAL_PROFILE names.',
    );
  }
}

/** The library takes a file's word for what is a text. @throws TypeError, naming the field, never its value */
function checkTypes(value: object): void {
  for (const [name, inner] of Object.entries(value) as [string, unknown][]) {
    if (ArrayBuffer.isView(inner)) continue;
    if (isRecord(inner)) checkTypes(inner);
    else if (!['undefined', 'string', 'boolean'].includes(typeof inner))
      throw new TypeError(`${name} is no text`);
  }
}

function checkCertificatePair({ tls }: ClientConfigProfile): void {
  if ((tls?.clientCert === undefined) === (tls?.clientKey === undefined)) return;
  const missing = tls?.clientCert === undefined ? 'CERT' : 'KEY';
  throw new TemporalConfigError(
    `TEMPORAL_TLS_CLIENT_${missing}_PATH`,
    'is missing: a client certificate needs its key, and the other way round',
    'Give both, or neither.',
  );
}

interface LoadedOptions {
  readonly namespace?: string | undefined;
  readonly connectionOptions: Omit<TemporalConnectionOptions, 'address'> & {
    readonly address?: string;
  };
}

/** The library types these options by a package that a client need not have; hence the annotation. */
function readFiles(profile: ClientConfigProfile): LoadedOptions {
  const { serverCACert, clientCert, clientKey } = profile.tls ?? {};
  try {
    for (const source of [serverCACert, clientCert, clientKey]) {
      const problem = source !== undefined && 'path' in source ? fileProblem(source.path) : null;
      if (problem !== null) throw new Error(`it ${problem}`);
    }
    const { namespace, connectionOptions } = toClientOptions(profile);
    const given: Readonly<Record<string, unknown>> = { ...connectionOptions };
    const set = Object.entries(given).filter(([, value]) => value !== undefined);
    return { namespace, connectionOptions: Object.fromEntries(set) };
  } catch (error) {
    throw new TemporalConfigError(
      'TEMPORAL_TLS_*_PATH',
      `cannot be read: ${firstLine(error)}`,
      'Correct the path of the certificate or key.',
    );
  }
}

function hostOf(address: string): string {
  const groups = ADDRESS.exec(address)?.groups;
  const host = groups?.['ipv6'] ?? groups?.['host'];
  if (host !== undefined) return host;
  throw new TemporalConfigError(
    'TEMPORAL_ADDRESS',
    'is not of the form host:port',
    'Write it like temporal.example.com:7233, without a scheme.',
  );
}

function checkPlainText(
  address: string,
  { tls, apiKey }: LoadedOptions['connectionOptions'],
): void {
  if (tls === undefined)
    throw new TemporalConfigError(
      'TEMPORAL_TLS',
      `is not set, so ${address} would be reached in plain text`,
      'Set TEMPORAL_TLS=true; or TEMPORAL_TLS=false where the network is trusted.',
    );
  if (tls === false && apiKey !== undefined)
    throw new TemporalConfigError(
      'TEMPORAL_TLS',
      `is false, so the API key would travel to ${address} in plain text`,
      'Set TEMPORAL_TLS=true, or unset TEMPORAL_API_KEY.',
    );
}

function encryptionOf(tls: TLSConfig | boolean | undefined): TemporalConfig['encryption'] {
  if (tls === undefined || tls === false) return 'none';
  return tls !== true && tls.clientCertPair ? 'mutual-tls' : 'tls';
}

/** The TOML parser shows the lines around a mistake, which may hold a key: only its first line is reported. */
function firstLine(error: unknown): string {
  const message = messageOf(error);
  return message.split('\n', 1)[0] ?? '';
}
