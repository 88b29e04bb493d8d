/** The ways to register the search attributes by hand, as commands that can be pasted. */
import { shellWord } from '../../domain/commands.js';
import { SEARCH_ATTRIBUTES_IN_USE } from '../../search-attributes.js';

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
      `or in the Cloud UI: Namespaces, ${namespace}, Edit, Custom Search Attributes: add ${inWords(names)}, type Keyword`,
    ],
  };
}

/** `a`, `a and b`, `a, b and c`. */
export function inWords(names: readonly string[]): string {
  const [last = '', ...others] = [...names].reverse();
  return others.length === 0 ? last : `${others.reverse().join(', ')} and ${last}`;
}

/** Command that takes away an attribute of a wrong type. */
export function removeCommand(namespace: string, name: string): string {
  return `temporal operator search-attribute remove --namespace ${shellWord(namespace)} --name ${name}`;
}
