/** What deploy/temporal-ui gives the Web UI is what docs/operations.md says of it. */
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { runInNewContext } from 'node:vm';

import { expect, test } from '@jest/globals';

import { SEARCH_ATTRIBUTES } from '../../src/contract/index.js';

const ROOT = path.join(__dirname, '../..');
const read = (file: string): string => readFileSync(path.join(ROOT, file), 'utf8');

interface Kept {
  readonly label?: string;
  readonly name?: string;
  readonly query?: string;
}

/** Pastes the script into the console of a browser that keeps this. */
function paste(kept: Map<string, string>): void {
  const localStorage = {
    getItem: (key: string) => kept.get(key) ?? null,
    setItem: (key: string, value: string) => kept.set(key, value),
  };
  const location = { pathname: '/namespaces/ops/workflows' };
  runInNewContext(read('deploy/temporal-ui/views.js'), { localStorage, location });
}

const of = (kept: Map<string, string>, key: string): Record<string, readonly Kept[]> =>
  JSON.parse(kept.get(key) ?? '{}') as Record<string, readonly Kept[]>;

test('the script adds the views that the page links to, and keeps those of the person', () => {
  const own = { name: 'mine', query: 'WorkflowId = "x"' };
  const others = { default: [own] };
  const saved = JSON.stringify({ ...others, ops: [own] });
  const kept = new Map([['saved-workflow-queries', saved]]);
  paste(kept);
  paste(kept);
  const { ops = [], ...rest } = of(kept, 'saved-workflow-queries');
  expect(rest).toEqual(others);
  const [first, ...added] = ops;
  expect(first).toEqual(own);
  const links = read('docs/operations.md').matchAll(
    /^- \[([^\]]+)\]\(http:\S+\/namespaces\/ops\/workflows\?query=(\S+)\): `(.+?)`/gm,
  );
  const linked = [...links].map(([, name, query = '', shown]) => {
    expect(decodeURIComponent(query)).toBe(shown);
    return { name, query: shown };
  });
  expect(added.map(({ name, query }) => ({ name, query }))).toEqual(linked);
  expect(linked).toHaveLength(4);
});

test('outcome, name and maintenance come before the id in its columns', () => {
  const kept = new Map<string, string>();
  paste(kept);
  const { ops = [] } = of(kept, 'namespace-workflow-table-columns');
  const labels = ops.map(({ label }) => label);
  const { status, instanceName, maintenanceId } = SEARCH_ATTRIBUTES;
  expect(labels).toEqual(['Status', status, instanceName, maintenanceId, 'Start', 'Workflow ID']);
});
