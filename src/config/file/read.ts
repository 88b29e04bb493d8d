import { readFileSync, statSync } from 'node:fs';

import { parseDocument } from 'yaml';

import type { Problems } from '../problems.js';

/** A thousand projects with rules; more is not a configuration. */
const MAX_FILE_BYTES = 1_048_576;

/** Aliases may be used, but not to blow a small file up. */
const MAX_ALIASES = 100;

/** Reads a JSON or YAML file (JSON is YAML); `null` after adding a problem. */
export function readConfigFile(file: string, problems: Problems): unknown {
  const text = readText(file, problems);
  if (text === null) return null;
  // Not 'silent', which would take the first of several documents without a word.
  // Only texts as keys: a mapping that became a key by a brace too many would be told, with what it holds.
  const document = parseDocument(text, { merge: false, stringKeys: true, logLevel: 'error' });
  const [problem] = [...document.errors, ...document.warnings];
  // The library's own words quote the file, which may hold what should not be there.
  if (problem !== undefined) {
    const [at] = problem.linePos ?? [];
    const where = at === undefined ? '' : ` at line ${at.line}, column ${at.col}`;
    problems.add(file, `is neither JSON nor YAML: ${problem.code}${where}`);
    return null;
  }
  try {
    const content = document.toJS({ maxAliasCount: MAX_ALIASES }) as unknown;
    // Whatever walks through it must come to an end.
    JSON.stringify(content);
    if (content === null) problems.add(file, 'is empty');
    return content;
  } catch {
    problems.add(
      file,
      'has an alias without anchor, one within its own anchor, or too many aliases',
    );
    return null;
  }
}

function readText(file: string, problems: Problems): string | null {
  try {
    const stats = statSync(file);
    if (!stats.isFile()) problems.add(file, 'is not a file');
    else if (stats.size > MAX_FILE_BYTES)
      problems.add(file, `has ${stats.size} bytes, more than ${MAX_FILE_BYTES}`);
    else return readFileSync(file, 'utf8');
  } catch (error) {
    const { code = 'unknown reason' } = error as NodeJS.ErrnoException;
    problems.add('DCS_SWITCHOVER_CONFIG', `${file} cannot be read (${code})`);
  }
  return null;
}
