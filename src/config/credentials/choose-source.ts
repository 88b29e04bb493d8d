import { existsSync } from 'node:fs';

import { defaultProfileFile, firstSet } from '../environment.js';
import type { Environment } from '../environment.js';
import type { Problems } from '../problems.js';

import { SOURCE_NAMES, SOURCE_VARIABLES } from './sources.js';
import type { SourceName } from './sources.js';

/**
 * Which source the environment means: the one that `DCS_CREDENTIALS` names, else the only one that is
 * set, else the vendor's profile file where it exists, else the access key variables (whose absence
 * the first reading tells). `null` after adding a problem.
 */
export function chooseSource(env: Environment, problems: Problems): SourceName | null {
  const named = env['DCS_CREDENTIALS'];
  if (named !== undefined) return byName(named, problems);
  const present = SOURCE_NAMES.flatMap((source) => {
    const variable = firstSet(env, SOURCE_VARIABLES[source]);
    return variable === undefined ? [] : [{ source, variable }];
  });
  const [first, second] = present;
  if (first === undefined) return hasDefaultProfile(env) ? 'profile' : 'environment';
  if (second === undefined) return first.source;
  problems.add(
    first.variable,
    `and ${second.variable} are both set, which are two sources of the credential: unset one, or choose with ` +
      `DCS_CREDENTIALS=${first.source} or DCS_CREDENTIALS=${second.source}`,
  );
  return null;
}

function byName(named: string, problems: Problems): SourceName | null {
  const source = SOURCE_NAMES.find((name) => name === named);
  if (source === undefined)
    problems.add('DCS_CREDENTIALS', `is none of ${SOURCE_NAMES.join(', ')}`);
  return source ?? null;
}

/** Whether the vendor's profile file is there. */
export function hasDefaultProfile(env: Environment): boolean {
  const file = defaultProfileFile(env);
  return file !== null && existsSync(file);
}
