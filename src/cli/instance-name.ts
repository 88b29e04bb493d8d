/** Which instance an argument means: an id as it is, a name after it was looked up. */
import { command, withCommands } from '../domain/commands.js';

import { withClient } from './context.js';
import type { Cli } from './context.js';
import { UsageError } from './errors.js';
import { findProject } from './io.js';
import type { ProjectOption } from './io.js';

/** Whatever has the length and the characters of an id is meant as one, also where it is mistyped. */
const ID = /^[0-9a-f-]{30,}$/i;

/** As DCS takes names; other texts are no names, and the contract says what is wrong with them. */
const NAME = /^\p{L}[\p{L}\p{N}_.-]{3,63}$/u;

/** What a printed command has where only a person knows the instance. */
const PLACEHOLDER = 'INSTANCE';

interface Options extends ProjectOption {
  readonly taskQueue?: string;
}

/**
 * The id of an instance that is given by id or by its exact name, in the project of the command. A name is looked up
 * in the API's list, which is as it is now, where this environment has a key; else by the runs that Temporal knows.
 *
 * @throws UsageError where no instance or several have the name; what keeps Temporal from answering
 */
export async function resolveInstance(cli: Cli, text: string, options: Options): Promise<string> {
  const named = readName(cli, text, options);
  if (named === null) return text;
  const listed = await findInApi(cli, named);
  const ids = listed ?? (await findByRuns(cli, named, options));
  return onlyOne(named, ids, listed === null ? 'by-runs' : 'in-api');
}

/** The same for commands that go straight to DCS. @throws UsageError */
export async function resolveInApi(
  cli: Cli,
  text: string,
  options: ProjectOption,
): Promise<string> {
  const named = readName(cli, text, options);
  return named === null ? text : onlyOne(named, await findInApi(cli, named), 'in-api');
}

interface Named {
  readonly projectId: string;
  readonly name: string;
}

/** `null`: it is no name, or of no project, and stays as it is. */
function readName({ io }: Cli, text: string, options: ProjectOption): Named | null {
  const projectId = findProject(io, options);
  const isName = NAME.test(text) && !ID.test(text) && text !== PLACEHOLDER;
  return isName && projectId !== undefined ? { projectId, name: text } : null;
}

/** `null` where this environment has no key, or the list cannot be read with it. */
async function findInApi({ io: { env } }: Cli, named: Named): Promise<readonly string[] | null> {
  const { findInstanceIds } = await import('../doctor/index.js');
  try {
    return await findInstanceIds({ env, ...named });
  } catch {
    return null;
  }
}

function findByRuns(cli: Cli, named: Named, options: Options): Promise<readonly string[] | null> {
  return withClient(cli, options, ({ switchover }) => switchover.findInstances(named));
}

/** Where a name was looked for, and what it means that nothing could be asked. */
const SEARCHED = {
  'in-api': {
    asked: 'the list of the API',
    notAsked: 'nothing, the list of the API could not be read from here',
  },
  'by-runs': {
    asked: 'the runs that Temporal knows; the list of the API could not be read from here',
    notAsked:
      'nothing, DcsInstanceName is not registered, and the list of the API could not be read from here',
  },
} as const;

function onlyOne(
  { name, projectId }: Named,
  ids: readonly string[] | null,
  where: keyof typeof SEARCHED,
): string {
  const [id, ...others] = ids ?? [];
  if (id !== undefined && others.length === 0) return id;
  if (id !== undefined)
    throw new UsageError(
      `Several instances of project ${projectId} are named ${name}: give the id of one.\n${[id, ...others].map((each) => `  ${each}`).join('\n')}`,
      'the instance id',
    );
  const searched = SEARCHED[where][ids === null ? 'notAsked' : 'asked'];
  throw new UsageError(
    `No instance of project ${projectId} is named ${name}. Searched: ${searched}.\n` +
      withCommands(
        'Give its id. See them all, with a key of DCS',
        command(['instances'], { projectId }),
      ),
    'the instance id',
  );
}
