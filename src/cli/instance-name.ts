/** Which instance an argument means: an id as it is, a name after it was looked up. */
import { command, withCommands } from '../domain/commands.js';

import { withClient } from './context.js';
import type { Cli } from './context.js';
import { UsageError } from './errors.js';
import { findProject } from './io.js';
import type { ProjectOption } from './io.js';
import { gather } from './mistakes.js';
import { waitFor } from './waiting.js';

/** Whatever has the length and the characters of an id is meant as one, also where it is mistyped. */
const ID = /^[0-9a-f-]{30,}$/i;

/**
 * As DCS takes names, and with spaces; other texts are no names, and the contract says what is wrong with them. No shell
 * and no terminal obeys anything of it.
 */
const NAME = /^\p{L}[\p{L}\p{M}\p{N} _.-]{2,62}[\p{L}\p{M}\p{N}_.-]$/u;

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

/** Fits wherever an id is not known, or not given. */
export const STAND_IN = '00000000-0000-0000-0000-000000000000';

/**
 * Reads what is asked of an instance that is given by id or name, so that a name that is not found is reported together
 * with all that is wrong besides.
 *
 * @param read is called once more with the id that a name stands for
 * @param resolve @default {@link resolveInstance}
 * @throws UsageError
 */
export async function readOfInstance<T>(
  cli: Cli,
  text: string,
  options: Options,
  read: (instanceId: string) => T | Promise<T>,
  resolve: typeof resolveInstance = resolveInstance,
): Promise<T> {
  const tried = readName(cli, text, options) === null ? text : STAND_IN;
  const [found, asked] = await gather(
    () => resolve(cli, text, options),
    () => read(tried),
  );
  return found === tried ? asked : read(found);
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
  return isName(text) && projectId !== undefined ? { projectId, name: text } : null;
}

/** Whether a command takes this text for the name of an instance. */
export function isName(text: string): boolean {
  return NAME.test(text) && !ID.test(text) && text !== PLACEHOLDER;
}

/** `null` where this environment has no key, or the list cannot be read with it. */
async function findInApi({ io }: Cli, named: Named): Promise<readonly string[] | null> {
  const { listInstanceNames } = await import('../doctor/index.js');
  const { projectId, name } = named;
  try {
    const listed = await waitFor(io, 'Asking DCS', () =>
      listInstanceNames({ env: io.env, projectId }),
    );
    return listed.filter((each) => each.name === name).map(({ id }) => id);
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
