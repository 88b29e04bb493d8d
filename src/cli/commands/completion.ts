import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';

import { Argument } from 'commander';
import type { Command } from 'commander';

import type { Known, KnownKind } from '../../client.js';
import { visible } from '../../util.js';
import { wantedAt } from '../completion/words.js';
import type { Candidate, Wanted } from '../completion/words.js';
import { withClient } from '../context.js';
import type { Cli } from '../context.js';
import { isName } from '../instance-name.js';
import { findProject } from '../io.js';

/** Shells for which there is a script. */
const SHELLS = ['bash', 'zsh', 'fish'] as const;

/** A person waits: what has not answered by then is left out, in seconds. */
const TIME_LIMIT_SECONDS = 1.5;

/** `completion SHELL`: the script by which a shell completes our words. */
export function addCompletionCommand(program: Command, cli: Cli): void {
  program
    .command('completion')
    .description('print the script that completes commands, options, instances and ids in a shell')
    .addArgument(new Argument('<shell>', 'your shell').choices(SHELLS))
    .action((shell: (typeof SHELLS)[number]) =>
      cli.run(
        {},
        () => readFile(path.join(__dirname, `../completion/script.${shell}`), 'utf8'),
        (_, script) => {
          cli.io.out(script);
          return Promise.resolve(0);
        },
      ),
    );
  addCompleteCommand(program, cli);
}

/** `complete -- WORDS…`: what the scripts ask. Whatever goes wrong, it answers in time, and says nothing else. */
function addCompleteCommand(program: Command, cli: Cli): void {
  program
    .command('complete', { hidden: true })
    .option('--within <seconds>', 'time for all look-ups', Number, TIME_LIMIT_SECONDS)
    .argument('[words...]')
    .action((words: readonly string[], { within }: { readonly within: number }) =>
      cli.run(
        {},
        () => wantedAt(program, words),
        async (_, wanted) => {
          const found = await Promise.race([find(cli, wanted), pause(within * 1000, [])]);
          cli.io.words(found.map(({ word, about }) => [`${wanted.before}${word}`, about]));
          cli.io.end();
          return 0;
        },
      ),
    );
}

async function find(cli: Cli, { of, words, projectId }: Wanted): Promise<readonly Candidate[]> {
  if (of === 'words') return words;
  if (of === 'files') return [{ word: ':files', about: '' }];
  try {
    return toCandidates(await lookUp(cli, of, projectId));
  } catch {
    return [];
  }
}

/** Instances by the API's list, which is as it is now, where this environment has a key. */
async function lookUp(
  cli: Cli,
  kind: KnownKind,
  project: string | undefined,
): Promise<readonly Known[]> {
  const projectId = findProject(cli.io, project === undefined ? {} : { project });
  // Asked at the same time; where the API answers, no one waits for it.
  const byRuns = withClient(cli, {}, ({ known }) => known(kind, projectId));
  if (kind !== 'instances') return byRuns;
  byRuns.catch(() => undefined);
  const { listInstanceNames } = await import('../../doctor/index.js');
  const inApi = listInstanceNames({ env: cli.io.env, projectId: projectId ?? null });
  return inApi.catch(() => byRuns);
}

/** By name, where a command would take it; what several share, or what no shell should be given, by id. */
function toCandidates(known: readonly Known[]): Candidate[] {
  const names = known.map(({ name }) => name);
  return known.map(({ id, name }) =>
    name !== null && isName(name) && names.indexOf(name) === names.lastIndexOf(name)
      ? { word: name, about: id }
      : { word: id, about: visible(name ?? '') },
  );
}
