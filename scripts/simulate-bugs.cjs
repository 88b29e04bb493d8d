'use strict';
// Seeds each bug of test/simulation/bugs/ into a copy of the package, and shows that the simulation finds it.
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
const copy = path.join(root, '.cache/seeded-bug');

const SWC = {
  jsc: { target: 'es2022', parser: { syntax: 'typescript' } },
  module: { type: 'commonjs' },
};

const args = process.argv.slice(2);
const runsAt = args.indexOf('--runs');
const runs = runsAt < 0 ? '3000' : args.splice(runsAt, 2)[1];

function prepare() {
  rmSync(copy, { recursive: true, force: true });
  mkdirSync(copy, { recursive: true });
  for (const name of ['src', 'dist', 'scripts', 'bench', 'test/simulation', 'package.json'])
    cpSync(path.join(root, name), path.join(copy, name), { recursive: true });
  symlinkSync(path.join(root, 'node_modules'), path.join(copy, 'node_modules'));
}

/** What a patch touches is compiled alone; the bundle is made again in any case. */
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
  await require(path.join(copy, 'dist/worker/bundle.js')).writeWorkflowBundles();
}

function simulate() {
  const script = path.join(copy, 'scripts/simulate.cjs');
  const { stdout } = spawnSync(
    process.execPath,
    [script, '--runs', runs, '--seed', '1', '--no-shrink'],
    { encoding: 'utf8', maxBuffer: 1e8 },
  );
  const [, found] = /found after (\d+) runs/.exec(stdout) ?? [];
  const names = [...stdout.matchAll(/^ {2}([a-z-]+): /gm)].map(([, name]) => name);
  return { found, names: [...new Set(names)] };
}

async function main() {
  const patches = readdirSync(bugs).filter(
    (name) => args.length === 0 || args.some((arg) => name.startsWith(arg)),
  );
  let missed = 0;
  for (const patch of patches) {
    prepare();
    await seed(patch);
    const { found, names } = simulate();
    if (found === undefined) missed += 1;
    console.log(
      `| ${patch.replace('.patch', '')} | ${found ?? `not in ${runs}`} | ${names.join(', ')} |`,
    );
  }
  rmSync(copy, { recursive: true, force: true });
  process.exit(missed === 0 ? 0 : 1);
}

main().catch((error) => {
  console.error(error);
  process.exit(1);
});
