import type { Problems } from '../problems.js';

import { explainIssue, pathOf } from './explain-issue.js';
import { fileSchema } from '../file-schema.js';
import type { FileProject } from '../file-schema.js';
import { findSecretFields, secretRemedy } from './secret-fields.js';

/** The projects of a file's content; none after adding problems, each by file and field. */
export function validateFile(file: string, content: unknown, problems: Problems): FileProject[] {
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
const NEVER_EMPTY = ['projects', 'allow', 'deny', 'value'];

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
