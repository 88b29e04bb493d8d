/** Registers our search attributes, or says how. */
import { EXIT_CODES } from '../contract/index.js';
import { shellWord } from '../domain/commands.js';
import { KEYWORD, listSearchAttributes, SEARCH_ATTRIBUTES_IN_USE } from '../temporal/connection.js';
import type { TemporalConnection } from '../temporal/connection.js';
import { TemporalRequestError, TemporalUnreachableError } from '../temporal/errors.js';
import { callTemporal, TEMPORAL_TIMEOUTS_MS } from '../temporal/rpc.js';
import type { TemporalCaller } from '../temporal/rpc.js';

// The ways to register the search attributes by hand, as commands that can be pasted.

/** Commands and steps by the kind of server. */
export interface SetupCommands {
  /** A dev server: given at its start. */
  readonly devServer: readonly string[];
  /** A server of one's own, while it runs. */
  readonly selfHosted: readonly string[];
  /** Temporal Cloud, where only the namespace's administrator may do it. */
  readonly cloud: readonly string[];
}

/** Hosts of Temporal Cloud: per namespace, and by region for API keys. */
const CLOUD_HOST = /\.(?:tmprl\.cloud|api\.temporal\.io)(?::\d+)?$/i;

/** Whether an address is one of Temporal Cloud. */
export function isTemporalCloud(address: string): boolean {
  return CLOUD_HOST.test(address);
}

/** Commands that register `names`. */
export function setupCommands(
  namespace: string,
  names: readonly string[] = SEARCH_ATTRIBUTES_IN_USE,
): SetupCommands {
  const word = shellWord(namespace);
  const pairs = names.map((name) => `--search-attribute ${name}=Keyword`).join(' ');
  return {
    devServer: [`temporal server start-dev ${pairs}`],
    // One command per attribute: of several names in one, the command adds only the first, and says OK.
    selfHosted: names.map(
      (name) =>
        `temporal operator search-attribute create --namespace ${word} --name ${name} --type Keyword`,
    ),
    cloud: [
      `tcld namespace search-attributes add --namespace ${word} ${pairs}`,
      `or in the Cloud UI: Namespaces, ${namespace}, Edit, Custom Search Attributes: add ${description(names)}, type Keyword`,
    ],
  };
}

/** `a`, `a and b`, `a, b and c`. */
export function description(names: readonly string[]): string {
  const [last = '', ...others] = [...names].reverse();
  return others.length === 0 ? last : `${others.reverse().join(', ')} and ${last}`;
}

/** Command that takes away an attribute of a wrong type. */
export function removeCommand(namespace: string, name: string): string {
  return `temporal operator search-attribute remove --namespace ${shellWord(namespace)} --name ${name}`;
}

/** Names of the types by their number in Temporal's API (`IndexedValueType`). */
const TYPE_NAMES = 'Unspecified Text Keyword Int Double Bool Datetime KeywordList'.split(' ');

/** One of our attributes as the namespace has it. */
export interface AttributeState {
  readonly name: string;
  readonly state: 'present' | 'added' | 'missing' | 'wrong-type';
  /** Type that it has; `null` when it is missing. */
  readonly type: string | null;
}

/** What {@link setupSearchAttributes} found and did. */
export interface SetupReport {
  readonly address: string;
  readonly namespace: string;
  readonly attributes: readonly AttributeState[];
  /** Commands for a person where the server does not let us; empty otherwise. */
  readonly byHand: readonly string[];
  /** Commands that take away attributes of a wrong type; for a person to judge. */
  readonly removals: readonly string[];
  readonly exitCode: number;
}

/** The states of our attributes. @throws TemporalUnreachableError, TemporalRequestError */
export async function readAttributes(connection: TemporalConnection): Promise<AttributeState[]> {
  const types = await listSearchAttributes(callerOf(connection));
  return SEARCH_ATTRIBUTES_IN_USE.map((name) => {
    const type = types[name];
    if (type === undefined) return { name, state: 'missing', type: null };
    const state = type === KEYWORD ? 'present' : 'wrong-type';
    return { name, state, type: TYPE_NAMES[type] ?? `type ${type}` };
  });
}

/**
 * Adds the attributes that are missing; may be repeated. One of a wrong type is left alone: the server
 * answers OK to its being added again and changes nothing, so its type has to be looked at.
 *
 * @throws TemporalUnreachableError, TemporalRequestError
 */
export async function setupSearchAttributes(connection: TemporalConnection): Promise<SetupReport> {
  const before = await readAttributes(connection);
  const missing = namesOf(before, 'missing');
  const isRefused = missing.length > 0 && !(await tryToAdd(connection, missing));
  const attributes = isRefused ? before : markAdded(await readAttributes(connection), missing);
  const isComplete = attributes.every(({ state }) => state === 'present' || state === 'added');
  const { address, namespace } = connection;
  return {
    address,
    namespace,
    attributes,
    byHand: isRefused ? byHand(address, namespace, missing) : [],
    removals: namesOf(attributes, 'wrong-type').map((name) => removeCommand(namespace, name)),
    exitCode: isComplete ? EXIT_CODES.success : EXIT_CODES.other,
  };
}

/** What every call of the diagnostics runs in. */
export function callerOf({ client }: TemporalConnection): TemporalCaller {
  return { client, rpcTimeoutMs: TEMPORAL_TIMEOUTS_MS.look };
}

/** Names of the attributes in a state. */
export function namesOf(
  attributes: readonly AttributeState[],
  state: AttributeState['state'],
): string[] {
  return attributes.filter((attribute) => attribute.state === state).map(({ name }) => name);
}

/** `false`: this server does not offer its operator API to us, as Temporal Cloud does not. */
async function tryToAdd(
  connection: TemporalConnection,
  names: readonly string[],
): Promise<boolean> {
  const { client, namespace, address } = connection;
  if (isTemporalCloud(address)) return false;
  const searchAttributes = Object.fromEntries(names.map((name) => [name, KEYWORD]));
  try {
    await callTemporal(callerOf(connection), 'add search attributes', () =>
      client.connection.operatorService.addSearchAttributes({ namespace, searchAttributes }),
    );
    return true;
  } catch (error) {
    if (isNotOffered(error)) return false;
    throw error;
  }
}

/** gRPC status `UNIMPLEMENTED`. */
const UNIMPLEMENTED = 12;

function isNotOffered(error: unknown): boolean {
  if (error instanceof TemporalUnreachableError) return error.kind === 'denied';
  return error instanceof TemporalRequestError && error.code === UNIMPLEMENTED;
}

function markAdded(
  attributes: readonly AttributeState[],
  added: readonly string[],
): AttributeState[] {
  return attributes.map((attribute) =>
    attribute.state === 'present' && added.includes(attribute.name)
      ? { ...attribute, state: 'added' }
      : attribute,
  );
}

function byHand(address: string, namespace: string, names: readonly string[]): readonly string[] {
  const { selfHosted, cloud } = setupCommands(namespace, names);
  return isTemporalCloud(address) ? cloud : selfHosted;
}
