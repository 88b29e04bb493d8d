/** The file that `DCS_SWITCHOVER_CONFIG` names: several projects, validated as a whole. */
import { readFileSync, statSync } from 'node:fs';
import path from 'node:path';

import { parseDocument } from 'yaml';
import type { z } from 'zod';

import { nameOfField } from '../domain/text.js';

import { fileSchema, toProjectConfig } from './file-schema.js';
import type { FileProject } from './file-schema.js';
import type { Environment, Problems } from './problems.js';
import { PROJECT_VARIABLES } from './project.js';
import { isTooDeep } from './yaml.js';
import type { GivenProject } from './project.js';

/** A thousand projects with rules; more is not a configuration. */
const MAX_FILE_BYTES = 1_048_576;

/** Aliases may be used, but not to blow a small file up. */
const MAX_ALIASES = 100;

/** Reads the JSON or YAML file (JSON is YAML) that a variable names; `null` after adding a problem. */
export function readConfigFile(file: string, variable: string, problems: Problems): unknown {
  const text = readText(file, variable, problems);
  if (text === null) return null;
  if (isTooDeep(text)) {
    problems.add(file, 'has lists or mappings in one another, deeper than any of its fields');
    return null;
  }
  // Not 'silent', which would take the first of several documents silently.
  // Only texts as keys: a mapping that became a key by a brace too many would be reported, with what it holds.
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

function readText(file: string, variable: string, problems: Problems): string | null {
  try {
    const stats = statSync(file);
    if (!stats.isFile()) problems.add(file, 'is not a file');
    else if (stats.size > MAX_FILE_BYTES)
      problems.add(file, `has ${stats.size} bytes, more than ${MAX_FILE_BYTES}`);
    else return readFileSync(file, 'utf8');
  } catch (error) {
    const { code = 'unknown reason' } = error as NodeJS.ErrnoException;
    problems.add(variable, `${file} cannot be read (${code})`);
  }
  return null;
}

/** Names under which people write secrets, without case and separators, and what to do instead. */
const REMEDIES: readonly (readonly [RegExp, string])[] = [
  [
    /^(?:ak|accesskey(?:id)?|hwaccesskey|sk|secret(?:access)?key|secret)$/,
    'name files in accessKeyFile and secretKeyFile, or set HUAWEICLOUD_SDK_AK and HUAWEICLOUD_SDK_SK',
  ],
  [
    /^(?:securitytoken|sessiontoken)$/,
    'name a file in securityTokenFile, or set HUAWEICLOUD_SDK_SECURITY_TOKEN',
  ],
  [/^(?:password|passwd|pwd|iampassword)$/, 'name a file in passwordFile'],
  [/^(?:token|authtoken|xauthtoken|apikey|privatekey)$/, 'use a credential source instead'],
];

/** Looks for secrets at any depth; what stands there is never repeated. */
function findSecretFields(
  value: unknown,
  problems: Problems,
  whereOf: (path: readonly PropertyKey[]) => string,
  path: readonly PropertyKey[] = [],
): void {
  if (typeof value !== 'object' || value === null) return;
  for (const [name, inner] of Object.entries(value)) {
    const here = [...path, Array.isArray(value) ? Number(name) : name];
    const remedy = Array.isArray(value) ? null : secretRemedy(name);
    if (remedy === null) findSecretFields(inner, problems, whereOf, here);
    else problems.add(whereOf(here), `would be a secret in a file that is no secret: ${remedy}`);
  }
}

/** What to do instead of a field of this name; `null` when the name is not one of a secret. */
function secretRemedy(name: string): string | null {
  const plain = name.toLowerCase().replace(/[^a-z]/g, '');
  return REMEDIES.find(([pattern]) => pattern.test(plain))?.[1] ?? null;
}

type RawIssue = z.core.$ZodRawIssue;

/** What is wrong with a field, for issues without words of their own; never repeats a text's content. */
function explainIssue(issue: RawIssue): string {
  if (issue.code === 'invalid_type') return wrongType(issue.input, issue.expected);
  if (issue.code === 'invalid_union') return `is none of ${namesOf(issue.options)}`;
  if (issue.code === 'too_small') return `is less than ${issue.minimum}`;
  if (issue.code !== 'too_big') return 'is not valid';
  if (issue.origin === 'array') return `has more than ${issue.maximum} entries`;
  return `is more than ${issue.maximum}`;
}

function namesOf(options: unknown): string {
  return ((options as readonly string[] | undefined) ?? []).join(', ');
}

function wrongType(input: unknown, expected: string): string {
  if (input === undefined) return 'is missing';
  if (input === null) return 'is empty: fill it, or leave it out';
  if (expected === 'string' && typeof input !== 'object')
    return `is read as a ${typeof input}: put it in quotes`;
  return `is not of type ${EXPECTED[expected] ?? expected}`;
}

const EXPECTED: Readonly<Record<string, string>> = {
  int: 'whole number',
  array: 'list',
  object: 'mapping with fields',
  string: 'text',
};

/** A path as a person writes it: `projects[0].credentials.source`. */
function pathOf(path: readonly PropertyKey[]): string {
  return path
    .map((part, index) =>
      typeof part === 'number'
        ? `[${part}]`
        : `${index === 0 ? '' : '.'}${nameOfField(String(part))}`,
    )
    .join('');
}

/** The projects of a file's content; none after adding problems, each by file and field. */
function validateFile(file: string, content: unknown, problems: Problems): FileProject[] {
  const whereOf = (path: readonly PropertyKey[]): string =>
    path.length === 0 ? file : `${file}: ${pathOf(path)}`;
  findSecretFields(content, problems, whereOf);
  const parsed = fileSchema.safeParse(dropNulls(content), { error: explainIssue });
  if (parsed.success) {
    findDuplicates(parsed.data.projects, problems, whereOf);
    return parsed.data.projects;
  }
  for (const issue of parsed.error.issues) {
    if (issue.code !== 'unrecognized_keys') problems.add(whereOf(issue.path), issue.message);
    else
      for (const key of issue.keys.filter((name) => secretRemedy(name) === null))
        problems.add(whereOf([...issue.path, key]), 'is not a field here: check its spelling');
  }
  return [];
}

/**
 * Of these an empty one may be a list whose entries got lost, or the value of a tag that a template did not
 * fill in, and nothing must be allowed by that.
 */
const NEVER_EMPTY = ['projects', 'allow', 'deny', 'value', 'allowedNetworks'];

/** `null`, which is how YAML reads an empty field, means absent. */
function dropNulls(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(dropNulls);
  if (typeof value !== 'object' || value === null) return value;
  const kept = Object.entries(value).filter(
    ([name, field]) => field !== null || NEVER_EMPTY.includes(name),
  );
  return Object.fromEntries(kept.map(([name, field]) => [name, dropNulls(field)]));
}

function findDuplicates(
  projects: readonly FileProject[],
  problems: Problems,
  whereOf: (path: readonly PropertyKey[]) => string,
): void {
  const seen = new Map<string, number>();
  for (const [index, { projectId }] of projects.entries()) {
    const first = seen.get(projectId);
    if (first === undefined) seen.set(projectId, index);
    else
      problems.add(
        whereOf(['projects', index, 'projectId']),
        `is that of projects[${first}] as well: describe each project once`,
      );
  }
}

/** The projects of the file; those that are wrong are left out after adding problems. */
export function projectsFromFile(
  file: string,
  env: Environment,
  problems: Problems,
): GivenProject[] {
  refuseBothPlaces(file, env, problems);
  const content = readConfigFile(file, 'DCS_SWITCHOVER_CONFIG', problems);
  if (content === null) return [];
  const projects = validateFile(file, content, problems);
  if (projects.length > 0) checkDefaultProject(file, projects, env, problems);
  const folder = path.dirname(path.resolve(file));
  return projects.flatMap((project, index) => {
    const where = `${file}: projects[${index}]`;
    return toProjectConfig(project, { where, folder, env, problems }) ?? [];
  });
}

/** Which of two places wins is nothing that a person should have to remember at night. */
function refuseBothPlaces(file: string, env: Environment, problems: Problems): void {
  for (const [variable, field] of Object.entries(PROJECT_VARIABLES))
    if (env[variable] !== undefined)
      problems.add(
        variable,
        `is set beside DCS_SWITCHOVER_CONFIG (${file}), which has projects[].${field} for it: leave one of the two out`,
      );
}

/** The command takes this variable for its default project; a worker beside it has to serve that one. */
function checkDefaultProject(
  file: string,
  projects: readonly FileProject[],
  { HUAWEICLOUD_SDK_PROJECT_ID: projectId }: Environment,
  problems: Problems,
): void {
  if (projectId === undefined || projects.some((project) => project.projectId === projectId))
    return;
  problems.add(
    'HUAWEICLOUD_SDK_PROJECT_ID',
    `names a project that is none of projects[].projectId in ${file}: leave it out, or add the project`,
  );
}
