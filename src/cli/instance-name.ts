/** Which instance an argument means: an id as it is, a name after it was looked up. */
import type { listInstanceNames } from '../doctor/index.js';
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
  return resolveBy((projectId) => listInApi(cli, projectId), cli, text, options, THE_ID);
}

/** What a name is reported as that leads to no one instance: the argument. */
const THE_ID = 'the instance id';

async function resolveBy(
  listNames: ListNames,
  cli: Cli,
  text: string,
  options: Options,
  about: string,
): Promise<string> {
  const named = readName(cli, text, options);
  if (named === null) return text;
  const listed = pick(named, await listNames(named.projectId));
  const ids = listed ?? (await findByRuns(cli, named, options));
  return onlyOne(named, ids, listed === null ? 'by-runs' : 'in-api', about);
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

/**
 * The same of several instances, whose names are looked up in one list.
 *
 * @param read is called once more with the ids that names stand for
 * @throws UsageError
 */
export async function readOfInstances<T>(
  cli: Cli,
  texts: readonly string[],
  options: Options,
  read: (instanceIds: readonly string[]) => T | Promise<T>,
): Promise<T> {
  const isNamed = (text: string): boolean => readName(cli, text, options) !== null;
  const tried = texts.map((text, at) => (isNamed(text) ? standIn(at) : text));
  let listed: ReturnType<ListNames> | undefined;
  const listOnce: ListNames = (projectId) => (listed ??= listInApi(cli, projectId));
  const [asked, ...found] = await gather<readonly [T, ...string[]]>(
    () => read(tried),
    ...texts.map((text) => () => resolveBy(listOnce, cli, text, options, `--instance ${text}`)),
  );
  return texts.some(isNamed) ? read(found) : asked;
}

/** Another one for each place: an instance that is named twice is a mistake of its own. */
function standIn(at: number): string {
  const digits = String(at);
  return STAND_IN.slice(0, -digits.length) + digits;
}

/** The same as {@link resolveInstance} for commands that go straight to DCS. @throws UsageError */
export async function resolveInApi(
  cli: Cli,
  text: string,
  options: ProjectOption,
): Promise<string> {
  const named = readName(cli, text, options);
  if (named === null) return text;
  return onlyOne(named, pick(named, await listInApi(cli, named.projectId)), 'in-api', THE_ID);
}

interface Named {
  readonly projectId: string;
  readonly name: string;
}

/** The name that was given for this id, for the texts of a run; empty where the id was. */
export function nameGiven(text: string, instanceId: string): { readonly instanceName?: string } {
  return text === instanceId ? {} : { instanceName: text };
}

/** `null`: it is no name, or of no project, and stays as it is. */
function readName({ io }: Cli, text: string, options: ProjectOption): Named | null {
  const projectId = findProject(io, options);
  return isName(text) && projectId !== undefined ? { projectId, name: text } : null;
}

/** Whether a command takes this text for the name of an instance; one that is missing is reported by others. */
export function isName(text: string | undefined): boolean {
  return text !== undefined && NAME.test(text) && !ID.test(text) && text !== PLACEHOLDER;
}

/** The instances of a project; `null` where this environment has no key, or the list cannot be read with it. */
type ListNames = (
  projectId: string,
) => Promise<Awaited<ReturnType<typeof listInstanceNames>> | null>;

async function listInApi({ io }: Cli, projectId: string): ReturnType<ListNames> {
  const doctor = await import('../doctor/index.js');
  try {
    return await waitFor(io, 'Asking DCS', () =>
      doctor.listInstanceNames({ env: io.env, projectId }),
    );
  } catch {
    return null;
  }
}

function pick({ name }: Named, listed: Awaited<ReturnType<ListNames>>): readonly string[] | null {
  return listed?.filter((each) => each.name === name).map(({ id }) => id) ?? null;
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
  about: string,
): string {
  const [id, ...others] = ids ?? [];
  if (id !== undefined && others.length === 0) return id;
  if (id !== undefined)
    throw new UsageError(
      `Several instances of project ${projectId} are named ${name}: give the id of one.\n${[id, ...others].map((each) => `  ${each}`).join('\n')}`,
      about,
    );
  const searched = SEARCHED[where][ids === null ? 'notAsked' : 'asked'];
  throw new UsageError(
    `No instance of project ${projectId} is named ${name}. Searched: ${searched}.\n` +
      withCommands(
        'Give its id. See them all, with a key of DCS',
        command(['instances'], { projectId }),
      ),
    about,
  );
}
