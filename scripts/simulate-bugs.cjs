'use strict';
// Seeds each bug of test/simulation/bugs/ into a copy of the package, shows that the simulation finds it, and sets its
// row of the table in docs/reliability.md. Ends with 1 where one is not found, or no longer applies.
//
//   npm run simulate:bugs -- [--runs N] [NAME…]
const { execFileSync, spawnSync } = require('node:child_process');
const {
  cpSync,
  mkdirSync,
  readFileSync,
  readdirSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} = require('node:fs');
const path = require('node:path');
const { transformSync } = require('@swc/core');

const root = path.join(__dirname, '..');
const bugs = path.join(root, 'test/simulation/bugs');
const copy = path.join(root, `.cache/seeded-bug-${process.pid}`);
const page = path.join(root, 'docs/reliability.md');

const SWC = {
  jsc: { target: 'es2022', parser: { syntax: 'typescript' } },
  module: { type: 'commonjs' },
};

const args = process.argv.slice(2);
const runsAt = args.indexOf('--runs');
const runs = runsAt < 0 ? '2000' : args.splice(runsAt, 2)[1];

function prepare() {
  rmSync(copy, { recursive: true, force: true });
  mkdirSync(copy, { recursive: true });
  for (const name of ['src', 'dist', 'scripts', 'bench', 'test/simulation', 'package.json'])
    cpSync(path.join(root, name), path.join(copy, name), { recursive: true });
  symlinkSync(path.join(root, 'node_modules'), path.join(copy, 'node_modules'));
}

/** Where workflow code is: the rest is no part of the bundle. */
const BUNDLED = /^src\/(domain|workflows|contract|util)/;

/** What a patch touches is compiled alone; the bundle is made again where that may be in it. */
async function seed(patch) {
  // A folder inside of a repository is none: without this, git would apply nothing and say so to no one.
  const env = { ...process.env, GIT_CEILING_DIRECTORIES: path.dirname(copy) };
  execFileSync('git', ['apply', '-p1', path.join(bugs, patch)], { cwd: copy, env });
  const files = [...readFileSync(path.join(bugs, patch), 'utf8').matchAll(/^\+\+\+ b\/(.+)$/gm)];
  for (const [, file] of files) {
    const { code } = transformSync(readFileSync(path.join(copy, file), 'utf8'), {
      ...SWC,
      filename: file,
    });
    writeFileSync(path.join(copy, file.replace(/^src/, 'dist').replace(/\.ts$/, '.js')), code);
  }
  if (files.some(([, file]) => BUNDLED.test(file)))
    await require(path.join(copy, 'dist/worker/bundle.js')).writeWorkflowBundles();
}

/** A folder is named after the kind of schedules that can find what lies in it. */
const kindOf = (patch) => (patch.includes('/') ? patch.split('/')[0] : 'switchover');

/** Plays schedules in a package; gives its exit code and what it printed. */
function play(folder, ...how) {
  const script = path.join(folder, 'scripts/simulate.cjs');
  const options = { encoding: 'utf8', maxBuffer: 1e8 };
  return spawnSync(process.execPath, [script, '--no-shrink', '--no-ledger', ...how], options);
}

/** What is found with the bug in it, unless the schedule breaks the same promises without it as well. */
function simulate(patch) {
  const { stdout } = play(copy, '--only', kindOf(patch), '--runs', runs, '--seed', '1');
  const [, found] = /found after (\d+) runs/.exec(stdout) ?? [];
  const [schedule] = /^\{"seed".*$/m.exec(stdout) ?? [];
  if (schedule !== undefined && play(root, '--schedule', schedule).status !== 0)
    return { missed: `not in ${found - 1}`, names: [] };
  const names = [...stdout.matchAll(/^ {2}([a-z-]+): /gm)].map(([, name]) => name);
  return { found, missed: `not in ${runs}`, names: [...new Set(names)] };
}

const HEAD = ['| Seeded bug | Schedules | Broken promises |', '| --- | --- | --- |'];

/** Sets the row of one bug between the marks, and drops those of bugs that are gone; prettier sets the columns. */
async function writeRow(name, row) {
  const [begin, end] = ['<!-- seeded bugs -->', '<!-- /seeded bugs -->'];
  const [before, rest] = readFileSync(page, 'utf8').split(begin);
  const [table, after] = rest.split(end);
  const rows = new Map(
    table.split('\n').flatMap((line) => (isRow(line) ? [[nameOf(line), line]] : [])),
  );
  rows.set(name, row);
  const lines = [...HEAD, ...[...rows.keys()].sort().map((key) => rows.get(key))];
  const { format, resolveConfig } = require('prettier');
  const options = { ...(await resolveConfig(page)), filepath: page };
  const text = `${before}${begin}\n\n${lines.join('\n')}\n\n${end}${after}`;
  writeFileSync(page, await format(text, options));
}

const nameOf = (line) => line.split('|')[1].trim();

function isRow(line) {
  return line.startsWith('|') && readPatches().includes(`${nameOf(line)}.patch`);
}

/** By their paths in the folder. */
function readPatches() {
  const names = readdirSync(bugs, { recursive: true }).map((name) => name.replaceAll('\\', '/'));
  return names.filter((name) => name.endsWith('.patch')).sort();
}

/** What becomes of one bug: how many schedules it takes, or why it is not found. */
async function tryBug(patch) {
  prepare();
  try {
    await seed(patch);
  } catch {
    return { missed: 'does not apply', names: [] };
  }
  return simulate(patch);
}

async function main() {
  const patches = readPatches().filter(
    (name) => args.length === 0 || args.some((arg) => name.startsWith(arg)),
  );
  let missed = 0;
  for (const patch of patches) {
    const { found, missed: why, names } = await tryBug(patch);
    if (found === undefined) missed += 1;
    const name = patch.replace('.patch', '');
    const row = `| ${name} | ${found ?? why} | ${names.join(', ')} |`;
    console.log(row);
    await writeRow(name, row);
  }
  rmSync(copy, { recursive: true, force: true });
  console.log(`${patches.length - missed} of ${patches.length} are found`);
  process.exit(missed === 0 ? 0 : 1);
}

main().catch((error) => {
  console.error(error);
  process.exit(1);
});
