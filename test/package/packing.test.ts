/** What `npm pack` does in a fresh clone, in which nothing has been built. */
import { spawnSync } from 'node:child_process';
import { cpSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';

import { afterEach, beforeEach, expect, test } from '@jest/globals';

const ROOT = path.join(__dirname, '../..');

let clone: string;
beforeEach(() => {
  clone = mkdtempSync(path.join(tmpdir(), 'dcs-switchover-clone-'));
});
afterEach(() => {
  rmSync(clone, { recursive: true });
});

/** Stands for the real build, which takes a minute. */
const BUILD = `
  require('node:fs').mkdirSync('dist/cli', { recursive: true });
  require('node:fs').writeFileSync('dist/cli.js', '');`;

/** Without what the npm that runs the tests reports its children: a clone knows only the project's own settings. */
function environment(): NodeJS.ProcessEnv {
  const entries = Object.entries(process.env);
  return Object.fromEntries(entries.filter(([name]) => !/^npm_config_/i.test(name)));
}

function pack(build: string) {
  for (const file of ['package.json', '.npmrc'])
    cpSync(path.join(ROOT, file), path.join(clone, file));
  mkdirSync(path.join(clone, 'scripts'));
  writeFileSync(path.join(clone, 'scripts/build.cjs'), build);
  return spawnSync('npm', ['pack', '--dry-run', '--json'], {
    cwd: clone,
    env: environment(),
    encoding: 'utf8',
  });
}

test('packing where nothing was built builds first', () => {
  const { stdout } = pack(BUILD);
  const [{ files }] = JSON.parse(stdout) as [{ files: readonly { readonly path: string }[] }];
  expect(files.map((file) => file.path)).toContain('dist/cli.js');
});

test('packing where the build fails, such as without its dependencies, fails and packs nothing', () => {
  const { status, stdout } = pack('process.exit(3)');
  expect(status).not.toBe(0);
  expect(stdout).not.toContain('package.json');
});
